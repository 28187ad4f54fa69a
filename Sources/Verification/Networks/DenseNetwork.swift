import Plumbline

/// The network of an audit, with every pre-activation and activation at hand, and masks that were given.
struct DenseNetwork: Layer, CustomReflectable {
  /// What it is.
  let description: DenseNetworkDescription
  /// Masks that the activations of layers are multiplied with, by layer: inverted dropout, scale included.
  let masks: [Int: Tensor<Double>]

  private let layers: [Dense]

  /// A network with weights from `initializer` and zero biases.
  init(
    _ description: DenseNetworkDescription, initializer: Initializer = .he(),
    masks: [Int: Tensor<Double>] = [:]
  ) {
    self.description = description
    self.masks = masks
    layers = zip(description.widths, description.widths.dropFirst()).map {
      Dense($0, $1, initializer: initializer)
    }
  }

  /// The layers under their numbers.
  var customMirror: Mirror {
    Mirror(
      self, children: layers.enumerated().map { (label: "\($0 + 1)", value: $1) })
  }

  /// What the layers compute: pre-activations Z1, Z2, ... and activations A1, A2, ....
  struct Values<T: TensorProtocol> {
    /// Pre-activations and activations, the first of them of layer 1.
    let preactivations: [T], activations: [T]
  }

  /// All values for an input `[examples, features]`.
  func values<T: TensorProtocol>(_ input: T, _ pass: Pass<T>) -> Values<T> {
    var (z, a): ([T], [T]) = ([], [])
    var blockInput = input
    for layer in 1...description.layerCount {
      let entering = a.last ?? input
      if description.blockStarts.contains(layer) { blockInput = entering }
      let preactivation = layers[layer - 1](entering, pass)
      var activation = description.activation(layer)(preactivation)
      if description.endsBlock(layer) {
        activation = blockInput + activation * description.branchScale
      }
      if let mask = masks[layer] {
        activation = activation * activation.constant(Tensor(converting: mask))
      }
      z.append(preactivation)
      a.append(activation)
    }
    return Values(preactivations: z, activations: a)
  }

  /// The output.
  func callAsFunction<T: TensorProtocol>(_ input: T, _ pass: Pass<T>) -> T {
    values(input, pass).activations[description.layerCount - 1]
  }

  /// The cost without penalties, from the last layer's values; targets are `[examples, outputs]`.
  func cost<T: TensorProtocol>(_ values: Values<T>, targets: T) -> T {
    let last = description.layerCount - 1
    return description.loss(
      values.activations[last], description.activations[last], of: values.preactivations[last],
      targets: targets)
  }

  /// λ1/m Σ|w| + λ2/(2m) Σw² over the weights of `pass`; `nil` without penalties.
  func penalty<T: TensorProtocol>(_ pass: Pass<T>, examples: Int) -> T? {
    let weights = layers.map { pass[$0.weight] }
    var terms: [T] = []
    let m = Double(examples)
    if description.l1 != 0 {
      terms += weights.map { abs($0).sum() * (description.l1 / m) }
    }
    if description.l2 != 0 {
      terms += weights.map { $0.squared().sum() * (description.l2 / (2 * m)) }
    }
    return terms.first.map { first in terms.dropFirst().reduce(first) { $0 + $1 } }
  }
}

/// The cost of an audit's network on given examples, with every derivative.
struct DenseNetworkCost {
  /// The network.
  let network: DenseNetwork
  /// The examples `[examples, features]` and their targets `[examples, outputs]`.
  let inputs: Tensor<Double>, targets: Tensor<Double>

  private let layout: ParameterLayout

  /// The cost of `network` on examples.
  init(_ network: DenseNetwork, inputs: Tensor<Double>, targets: Tensor<Double>) {
    self.network = network
    self.inputs = inputs
    self.targets = targets
    layout = ParameterLayout(of: network)
  }

  /// The penalties on parameters W1, b1, W2, ....
  static func penalty(
    _ parameters: [Tensor<Double>], _ network: DenseNetworkDescription, examples: Double
  ) -> Double {
    stride(from: 0, to: parameters.count, by: 2).reduce(0) { sum, place in
      let weight = parameters[place]
      return sum + network.l1 / examples * abs(weight).sum().scalar
        + network.l2 / (2 * examples) * weight.squared().sum().scalar
    }
  }

  /// Every derivative of the cost, from one tape.
  func derivatives(at parameters: [Tensor<Double>]) -> Derivatives {
    let tape = Tape<Double>()
    let variables = parameters.map { tape.variable($0) }
    let pass = Pass(layout: layout, values: variables)
    let values = network.values(tape.constant(inputs), pass)
    var cost = network.cost(values, targets: tape.constant(targets))
    if let penalty = network.penalty(pass, examples: inputs.shape[0]) { cost = cost + penalty }
    let (z, a) = (values.preactivations, values.activations)
    let result = (cost.scalar, z.map(\.value), a.map(\.value))
    let gradients = tape.gradients(of: cost, keeping: z + a)
    return Derivatives(
      cost: result.0, z: result.1, a: result.2, dz: z.map { gradients[$0] },
      // The stable losses skip the last activation; its gradient is the loss's own formula, elsewhere.
      da: a.map { gradients.reaches($0) ? gradients[$0] : .zeros($0.shape) },
      dw: stride(from: 0, to: variables.count, by: 2).map { gradients[variables[$0]] },
      db: stride(from: 1, to: variables.count, by: 2).map { gradients[variables[$0]] })
  }
}

/// All values and derivatives of one cost; the arrays begin with layer 1.
struct Derivatives {
  let cost: Double
  let z: [Tensor<Double>], a: [Tensor<Double>]
  let dz: [Tensor<Double>]
  var da: [Tensor<Double>]
  let dw: [Tensor<Double>], db: [Tensor<Double>]

  /// Those of a multiple of the cost.
  func scaled(by factor: Double) -> Derivatives {
    Derivatives(
      cost: cost * factor, z: z, a: a, dz: dz.map { $0 * factor }, da: da.map { $0 * factor },
      dw: dw.map { $0 * factor }, db: db.map { $0 * factor })
  }
}
