import Plumbline

/// All values and derivatives of one cost; the arrays begin with layer 1.
struct Derivatives {
  /// The cost without penalties, and the sum of the terms that it is computed from.
  var cost: Double
  let sum: Double
  /// Pre-activations, arguments of the functions, and activations.
  let z: [Tensor<Double>], argument: [Tensor<Double>], a: [Tensor<Double>]
  var dz: [Tensor<Double>]
  var da: [Tensor<Double>]
  var dw: [Tensor<Double>], db: [Tensor<Double>]
  var dscale: [Int: Tensor<Double>], dshift: [Int: Tensor<Double>]

  /// The derivatives of the same terms with the scale of another loss.
  func scaled(from loss: ProgramLoss, to other: ProgramLoss) -> Derivatives {
    guard loss != other else { return self }
    let factor = other.steepness(atSum: sum) / loss.steepness(atSum: sum)
    var result = self
    result.cost = other.value(ofSum: sum)
    for path in [\Derivatives.dz, \.da, \.dw, \.db] {
      result[keyPath: path] = result[keyPath: path].map { $0 * factor }
    }
    for path in [\Derivatives.dscale, \.dshift] {
      result[keyPath: path] = result[keyPath: path].mapValues { $0 * factor }
    }
    return result
  }
}

/// The engine's own run of a program's network.
struct ProgramPass {
  let network: ProgramNetwork
  /// The examples `[examples, features]` and their targets `[examples, outputs]`.
  let inputs: Tensor<Double>, targets: Tensor<Double>
  /// Masks that activations are multiplied by, scale included, by layer.
  var masks: [Int: Tensor<Double>] = [:]

  /// (z - mean) / √(variance + ε).
  static func normalized<T: TensorProtocol>(
    _ z: T, _ normalization: ProgramNetwork.Normalization
  ) -> T {
    let axes = normalization.axes
    let centred = z - z.mean(alongAxes: axes, keepingAxes: true)
    return centred
      * pow(
        centred.squared().mean(alongAxes: axes, keepingAxes: true) + normalization.epsilon, -0.5)
  }

  /// The argument of a layer's function, from its pre-activations and the activations before; and the activation.
  static func activation<T: TensorProtocol>(
    of layer: ProgramNetwork.Layer, _ z: T, scale: T?, shift: T?, skipped: T?, mask: Tensor<Double>?
  ) -> (argument: T, activation: T) {
    var argument = z
    if let normalization = layer.normalization {
      argument = normalized(z, normalization)
      if let scale, let shift { argument = argument * scale + shift }
    }
    if layer.argumentFactor != 1 { argument = argument * layer.argumentFactor }
    var result: T
    switch (layer.skip, skipped) {
    case (.some(let skip), .some(let skipped)) where skip.isInside:
      argument = skipped + argument * skip.branchScale
      result = layer.function(argument)
    case (.some(let skip), .some(let skipped)):
      result = skipped + layer.function(argument) * skip.branchScale
    default: result = layer.function(argument)
    }
    if let mask { result = result * result.constant(Tensor(converting: mask)) }
    return (argument, result)
  }

  /// Every derivative of the cost without its penalties, from one tape.
  func derivatives(at parameters: ProgramParameters) -> Derivatives {
    let tape = Tape<Double>()
    let x = tape.constant(inputs)
    let w = parameters.weights.map { tape.variable($0) }
    let b = parameters.biases.map { tape.variable($0) }
    let scales = parameters.scales.mapValues { tape.variable($0) }
    let shifts = parameters.shifts.mapValues { tape.variable($0) }
    var (z, argument, a): ([Variable<Double>], [Variable<Double>], [Variable<Double>]) = (
      [], [], []
    )
    for (index, layer) in network.layers.enumerated() {
      let preactivation = matmul(a.last ?? x, w[index]) + b[index]
      let skipped = layer.skip.map { $0.source == 0 ? x : a[$0.source - 1] }
      let result = Self.activation(
        of: layer, preactivation, scale: scales[index + 1], shift: shifts[index + 1],
        skipped: skipped, mask: masks[index + 1])
      z.append(preactivation)
      argument.append(result.argument)
      a.append(result.activation)
    }
    let last = network.layerCount - 1
    let sum = network.loss.kind.sum(
      a[last], network.layers[last].function, of: argument[last], targets: tape.constant(targets))
    let cost = network.loss.cost(ofSum: sum)
    // Before the reverse pass, which releases what it has used.
    let value = (cost.scalar, sum.scalar)
    let values = (z.map(\.value), argument.map(\.value), a.map(\.value))
    let gradients = tape.gradients(of: cost, keeping: z + a)
    func gradient(_ variable: Variable<Double>) -> Tensor<Double> {
      gradients.reaches(variable) ? gradients[variable] : .zeros(variable.shape)
    }
    var result = Derivatives(
      cost: value.0, sum: value.1, z: values.0, argument: values.1, a: values.2,
      dz: z.map(gradient),
      // Stable losses skip the last activation, whose gradient is computed elsewhere, by the loss's own formula.
      da: a.map(gradient), dw: w.map(gradient),
      db: zip(b, network.layers).map { bias, layer in
        layer.hasSharedBias ? gradient(bias).sum().reshaped(to: [1]) : gradient(bias)
      },
      dscale: scales.mapValues(gradient), dshift: shifts.mapValues(gradient))
    for (layer, other) in network.ties {
      let both = result.dw[layer - 1] + result.dw[other - 1].transposed()
      result.dw[layer - 1] = both
      result.dw[other - 1] = both.transposed()
    }
    return result
  }
}
