import Plumbline

/// What a program's backward pass has at hand: its network, its parameters and its own forward values.
struct BackwardContext: Sendable {
  let network: ProgramNetwork
  let parameters: ProgramParameters
  let inputs: Tensor<Double>, targets: Tensor<Double>
  /// Masks with their scale, by layer.
  let masks: [Int: Tensor<Double>]
  /// Gradients that were given, in the scale of the cost.
  let given: [Quantity: Tensor<Double>]
  /// Pre-activations, what the functions are taken of, and activations, from layer 1.
  let z: [Tensor<Double>], argument: [Tensor<Double>], a: [Tensor<Double>]
  /// The right gradient of the last pre-activation, by the stable formula.
  let lastPreactivationGradient: Tensor<Double>
  let comparison: Comparison
  /// Arrays that were read as nothing else, by name.
  var spare: [String: Tensor<Double>] = [:]

  var last: Int { network.layerCount }
  var examples: Double { comparison.examples }
  /// What enters a layer.
  func entering(_ layer: Int) -> Tensor<Double> { layer == 1 ? inputs : a[layer - 2] }
  func weight(_ layer: Int) -> Tensor<Double> { parameters.weights[layer - 1] }
  func bias(_ layer: Int) -> Tensor<Double> { parameters.biases[layer - 1] }
}

/// From the loss to dA of the last layer.
struct OutputStep {
  let context: BackwardContext

  var quantity: Quantity { Quantity(.activationGradient, context.last) }
  var output: Tensor<Double> { context.a[context.last - 1] }
  var targets: Tensor<Double> { context.targets }
  var loss: ProgramLoss { context.network.loss }
  var function: Nonlinearity { context.network.function(context.last) }

  func hypothesis(_ value: Tensor<Double>, _ id: CauseID, _ words: String) -> Hypothesis {
    Hypothesis(value: value, mistakes: [Mistake(quantity, id, words)])
  }

  /// The right gradient of a loss by the output, with the scale of the person's.
  func gradient(of kind: ProgramLoss.Kind, guardedBy small: Double = 0) -> Tensor<Double> {
    ProgramLoss(kind: kind, scale: loss.scale)
      .gradient(output, function, targets: targets, guardedBy: small)
  }

  /// What people add to a probability before they divide by it.
  private static let guards = [1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3]

  /// dA right, with small numbers in its divisions, and with every mistake.
  func hypotheses() -> [Hypothesis] {
    let divides = loss.kind.takesShares && function != .linear
    return [Hypothesis(value: gradient(of: loss.kind))]
      + (divides ? Self.guards : []).map {
        Hypothesis(value: gradient(of: loss.kind, guardedBy: $0), mistakes: [.guarded(quantity)])
      } + knownCauses.flatMap { $0.outputGradients(self) }
  }
}

/// From dA of a layer to its dZ.
struct FunctionStep {
  let context: BackwardContext
  let layer: Int
  /// dA, with the mistakes in it.
  let upstream: Hypothesis
  /// Dropout's mask, where dA has not passed it yet.
  let mask: Tensor<Double>?

  var quantity: Quantity { Quantity(.preactivationGradient, layer) }
  var isLast: Bool { layer == context.last }
  var function: Nonlinearity { context.network.function(layer) }
  /// dA after the mask.
  var incoming: Tensor<Double> { mask.map { upstream.value * $0 } ?? upstream.value }
  /// What the function is taken of, and its value.
  var argument: Tensor<Double> { context.argument[layer - 1] }
  var output: Tensor<Double> {
    // The person's own, where no mask or skip came between.
    context.masks[layer] == nil && context.network.layers[layer - 1].skip == nil
      ? context.a[layer - 1] : function(argument)
  }
  /// The right derivative; `nil` for softmax.
  var derivative: Tensor<Double>? { function.derivative(at: argument) }
  var normalization: ProgramNetwork.Normalization? {
    context.network.layers[layer - 1].normalization
  }
  var argumentFactor: Double { context.network.layers[layer - 1].argumentFactor }
  var branchScale: Double { context.network.layers[layer - 1].skip?.branchScale ?? 1 }

  /// dZ from the gradient of what the function is taken of.
  func hypothesis(
    _ value: Tensor<Double>, _ mistake: Mistake? = nil, scale: Double? = nil,
    meanIsConstant: Bool = false, varianceIsConstant: Bool = false, hasScale: Bool = true,
    isDivided: Bool = true, handicap: Double = 0
  ) -> Hypothesis {
    var dz = value * ((scale ?? branchScale) * argumentFactor)
    if let normalization {
      dz = throughNormalization(
        dz, normalization, meanIsConstant, varianceIsConstant, hasScale, isDivided)
    }
    return Hypothesis(
      value: dz, mistakes: upstream.mistakes + (mistake.map { [$0] } ?? []),
      upstream: upstream.value, handicap: handicap)
  }

  func hypothesis(
    _ value: Tensor<Double>, _ id: CauseID, _ words: String, handicap: Double = 0
  ) -> Hypothesis {
    hypothesis(value, Mistake(quantity, id, words), handicap: handicap)
  }

  private func throughNormalization(
    _ gradient: Tensor<Double>, _ normalization: ProgramNetwork.Normalization,
    _ meanIsConstant: Bool, _ varianceIsConstant: Bool, _ hasScale: Bool, _ isDivided: Bool
  ) -> Tensor<Double> {
    let z = context.z[layer - 1]
    let axes = normalization.axes
    let normalized = ProgramPass.normalized(z, normalization)
    let deviation = sqrt(z.variance(alongAxes: axes, keepingAxes: true) + normalization.epsilon)
    let scale = hasScale ? context.parameters.scales[layer] : nil
    let dx = scale.map { gradient * $0 } ?? gradient
    var dz = dx
    if !meanIsConstant { dz = dz - dx.mean(alongAxes: axes, keepingAxes: true) }
    if !varianceIsConstant {
      dz = dz - normalized * (dx * normalized).mean(alongAxes: axes, keepingAxes: true)
    }
    return isDivided ? dz / deviation : dz
  }

  /// The gradient of what the function is taken of, right.
  func right() -> Tensor<Double> {
    if let derivative { return incoming * derivative }
    let weighted = incoming * output
    return weighted - output * weighted.sum(alongAxes: [-1], keepingAxes: true)
  }

  /// dZ right, with the choices at a kink, and with every mistake.
  func hypotheses() -> [Hypothesis] {
    var all = [hypothesis(right())]
    if let derivative, function.hasKink, argument.scalars.contains(0) {
      let isZero = compare(argument, .equal, Tensor(0))
      all += [1, 0.5, 0].map { side in
        hypothesis(incoming * select(isZero, Tensor(side), derivative), .kink(quantity))
      }
    }
    return all + knownCauses.flatMap { $0.throughFunction(self) }
  }

  /// The hypotheses on dZ of the last layer straight from the loss, where dA is not known.
  static func fromLoss(_ context: BackwardContext) -> [Hypothesis] {
    let output = OutputStep(context: context)
    let right = output.gradient(of: context.network.loss.kind)
    var all = [
      Hypothesis(
        value: context.lastPreactivationGradient, upstream: right.isFinite ? right : nil)
    ]
    for arrival in output.hypotheses() where arrival.value.isFinite {
      let step = FunctionStep(context: context, layer: context.last, upstream: arrival, mask: nil)
      all += step.hypotheses().filter { !$0.mistakes.isEmpty && $0.mistakeCount <= 2 }
    }
    return all
  }
}

/// From dZ of a layer's next to its dA.
struct WeightsStep {
  let context: BackwardContext
  let layer: Int
  /// dZ of the next layer, and dA where it is known.
  let next: Tensor<Double>, nextUpstream: Tensor<Double>?
  /// The gradients that arrive by skips; `nil` if there are none.
  let skip: Tensor<Double>?

  var quantity: Quantity { Quantity(.activationGradient, layer) }
  var weight: Tensor<Double> { context.weight(layer + 1) }
  /// The part through the weights.
  var branch: Tensor<Double> { matmul(next, weight, transposingSecond: true) }
  /// A part together with what arrives by skips.
  func whole(_ branch: Tensor<Double>) -> Tensor<Double> { skip.map { branch + $0 } ?? branch }

  func hypothesis(
    _ value: Tensor<Double>, _ id: CauseID, factor: Double? = nil, _ words: String
  ) -> Hypothesis {
    Hypothesis(value: value, mistakes: [Mistake(quantity, id, factor: factor, words)])
  }

  /// dA right, and with every mistake.
  func hypotheses() -> [Hypothesis] {
    [Hypothesis(value: whole(branch))] + knownCauses.flatMap { $0.throughWeights(self) }
  }
}

/// From dZ of a layer to the gradients of its parameters.
struct ParameterStep {
  let context: BackwardContext
  let layer: Int
  /// dZ, and dA where it is known.
  let dz: Tensor<Double>, upstream: Tensor<Double>?

  var comparison: Comparison { context.comparison }
  var examples: Double { comparison.examples }
  var network: ProgramNetwork { context.network }
  var input: Tensor<Double> { context.entering(layer) }

  /// What the penalty adds to dW and to db; `nil` for nothing.
  var weightPenalty: Tensor<Double>? {
    network.penalty.counts(layer) ? network.penalty.gradient(of: context.weight(layer)) : nil
  }
  var biasPenalty: Tensor<Double>? {
    network.penalty.counts(layer) && network.penalty.countsBiases
      ? network.penalty.gradient(of: context.bias(layer)) : nil
  }

  func data(_ dz: Tensor<Double>) -> Tensor<Double> { matmul(input, dz, transposingFirst: true) }
  /// dW and db, right.
  var weightGradient: Tensor<Double> { weightPenalty.map { data(dz) + $0 } ?? data(dz) }
  var biasGradient: Tensor<Double> {
    let sum = summed(dz)
    return biasPenalty.map { sum + $0 } ?? sum
  }
  /// Over the examples, and where one number is the bias of every unit over these too.
  private func summed(_ dz: Tensor<Double>) -> Tensor<Double> {
    network.layers[layer - 1].hasSharedBias
      ? dz.sum().reshaped(to: [1]) : dz.sum(alongAxes: [0])
  }

  /// What rounding may leave of sums whose terms cancel.
  var weightNoise: Double {
    matmul(abs(input), abs(dz), transposingFirst: true).norm * comparison.rounding
  }
  var biasNoise: Double { summed(abs(dz)).norm * comparison.rounding }

  func hypothesis(
    _ kind: Quantity.Kind, _ value: Tensor<Double>, _ id: CauseID, factor: Double? = nil,
    _ words: String
  ) -> Hypothesis {
    Hypothesis(
      value: value, mistakes: [Mistake(Quantity(kind, layer), id, factor: factor, words)])
  }
}
