import Findings
import Networks
import Plumbline

extension LossFunction {
  /// The loss that is customary after an output activation.
  public static func customary(after output: Activation) -> LossFunction {
    switch output {
    case .softmax: .crossEntropy
    case .sigmoid: .binaryCrossEntropy
    default: .meanSquaredError
    }
  }

  /// The loss of the output `activations`, which are `activation` of `preactivations`. Softmax and sigmoid are taken
  /// together with the logarithm, and the cross-entropy of a linear output reads it as logits.
  ///
  /// - Parameter targets: Of the shape of the outputs: shares of classes, or values for the squared error.
  func callAsFunction<T: TensorProtocol>(
    _ activations: T, _ activation: Activation, of preactivations: T, targets: T
  ) -> T {
    switch (self, activation) {
    case (.crossEntropy, .softmax), (.crossEntropy, .linear), (.binaryCrossEntropy, .sigmoid):
      self(preactivations, targets)
    case (.crossEntropy, _): -(targets * log(activations)).sum(alongAxes: [-1]).mean()
    case (.binaryCrossEntropy, _):
      Plumbline.binaryCrossEntropy(probabilities: activations, targets: targets)
    default: self(activations, targets)
    }
  }

  /// Targets for `count` examples and `outputs` numbers each as `[examples, outputs]`: class numbers become rows with
  /// a single one.
  ///
  /// - Parameter areColumns: Whether examples are the columns of `value`.
  /// - Throws: ``Problem`` where they do not fit, or are no shares and the loss compares shares.
  public func targets(
    _ value: Tensor<Double>, examples count: Int, outputs: Int, areColumns: Bool = false
  ) throws(Problem) -> Tensor<Double> {
    if value.count == count * outputs && (outputs > 1 || self.targets != .classes) {
      if value.shape == (areColumns ? [outputs, count] : [count, outputs]) {
        return try shares(areColumns ? value.transposed() : value)
      }
      if outputs == 1 { return try shares(value.reshaped(to: [count, 1])) }
    }
    guard value.count == count, outputs > 1 else {
      throw Problem(
        location: "Y",
        problem: "has shape \(value.shape) for \(count) examples and \(outputs) outputs",
        remedy: "save one target or one class number for each example")
    }
    if let wrong = value.scalars.first(where: {
      !($0 >= 0 && $0 < Double(outputs)) || $0 != $0.rounded()
    }) {
      throw Problem(
        location: "Y", problem: "holds the label \(wrong), outside 0 to \(outputs - 1)",
        remedy: "number classes from 0 to one less than the outputs of the network")
    }
    return value.reshaped(to: [count]).oneHot(classes: outputs)
  }

  /// The targets, which are shares of classes unless the loss is the squared error.
  private func shares(_ targets: Tensor<Double>) throws(Problem) -> Tensor<Double> {
    let isShare: (Double) -> Bool =
      switch self.targets {
      case .reals: { $0.isFinite }
      case .counts: { $0.isFinite && $0 >= 0 }
      case .classes, .shares: { (0...1).contains($0) }
      }
    if let wrong = targets.scalars.first(where: { !isShare($0) }) {
      throw Problem(
        location: "Y", problem: "holds the target \(wrong), outside 0 to 1",
        remedy: "give 0, 1 or a share between them for each output, or another loss")
    }
    return targets
  }
}

/// The cost of any network on given examples as a function of its parameters, in training: with the masks of one key,
/// with the statistics of the batch, and with penalties on its weights.
public struct NetworkCost: DifferentiableFunction {
  /// The network.
  public let network: Network
  /// How its output is compared with the targets.
  public let loss: LossFunction
  /// λ1 and λ2 in λ1/m Σ|w| + λ2/(2m) Σw² over the weights, which are the parameters of two axes or more; m is the
  /// number of examples.
  public let l1: Double, l2: Double
  /// The examples, first axis, and their targets `[examples, outputs]`.
  public let inputs: Tensor<Double>, targets: Tensor<Double>

  private let layout: ParameterLayout
  private let key: Key

  /// The cost of `network` on examples.
  ///
  /// - Parameter key: Of the masks of dropout and stochastic depth.
  public init(
    _ network: Network, loss: LossFunction, l1: Double = 0, l2: Double = 0, inputs: Tensor<Double>,
    targets: Tensor<Double>, key: Key = Key(seed: 0)
  ) {
    self.network = network
    self.loss = loss
    self.l1 = l1
    self.l2 = l2
    self.inputs = inputs
    self.targets = targets
    self.key = key
    layout = ParameterLayout(of: network)
  }

  /// The cost for the values of all parameters, in the order of the network's layout.
  public func callAsFunction<T: TensorProtocol>(_ parameters: [T]) -> T {
    let pass = Pass(layout: layout, values: parameters, mode: .training, key: key)
    func constant(_ tensor: Tensor<Double>) -> T {
      parameters[0].constant(Tensor(converting: tensor))
    }
    let result = network(constant(inputs), pass)
    let outputs = result.reshaped(to: targets.shape)
    let reading = network.description.output
    var cost = loss(reading(outputs), reading.activation, of: outputs, targets: constant(targets))
    let m = Double(inputs.shape[0])
    for weight in parameters where weight.shape.rank >= 2 {
      if l1 != 0 { cost = cost + abs(weight).sum() * (l1 / m) }
      if l2 != 0 { cost = cost + weight.squared().sum() * (l2 / (2 * m)) }
    }
    return cost
  }
}

extension OutputFunction {
  /// The activation that it is for the loss.
  fileprivate var activation: Activation { Activation(rawValue: rawValue) ?? .linear }
}

extension DenseNetworkDescription {
  /// The same network in the library's form, with what `options` add: initialization, normalization, dropout.
  ///
  /// - Throws: What is wrong with an option, by its name.
  public func described(
    _ options: DenseNetworkOptions = DenseNetworkOptions()
  ) throws(Problem) -> NetworkDescription {
    var options = options
    options.isResidual = isResidual
    options.branchScale = isResidual ? branchScale : nil
    let last = activations[layerCount - 1]
    options.output = OutputFunction(rawValue: last.rawValue) ?? .linear
    let isUniform = Set(activations.dropLast()).count <= 1
    options.activation = isUniform && activations[0].isElementwise ? activations[0] : .relu
    var result = try NetworkDescription(widths: widths, options: options)
    if !isUniform {
      var layer = 0
      result.layers = withActivations(result.layers, of: &layer, isHe: options.scheme == .he)
    }
    if options.output == .linear, last.isElementwise, last != .linear {
      result.layers.append(LayerDescription(last))
    }
    return result
  }

  /// The layers with each one's own activation, and He's initialization for it.
  private func withActivations(
    _ layers: [LayerDescription], of layer: inout Int, isHe: Bool
  ) -> [LayerDescription] {
    var result: [LayerDescription] = []
    for description in layers {
      var description = description
      switch description.form {
      case var dense as DenseForm:
        if isHe && layer + 1 < layerCount {
          dense.initializer = .he(for: activations[layer])
        }
        description.form = dense
        layer += 1
      case is Activation: description.form = activations[layer - 1]
      case var block as ResidualForm:
        block.branch = withActivations(block.branch, of: &layer, isHe: isHe)
        description.form = block
      default: break
      }
      result.append(description)
    }
    return result
  }
}
