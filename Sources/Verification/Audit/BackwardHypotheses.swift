import Plumbline

/// The values that each step of a network's backward pass can have, right and wrong, from given upstream values.
///
/// Gradients are those of the mean cost, whatever scale the person's own have: hypotheses are linear in the
/// upstream gradient.
struct BackwardHypotheses {
  let network: DenseNetworkDescription
  let run: CanonicalRun
  /// Pre-activations and activations as the person's program has them, from layer 1; `inputs` stands before.
  let z: [Tensor<Double>], a: [Tensor<Double>]
  /// The right gradient of the last pre-activation, by the stable formula.
  let lastPreactivationGradient: Tensor<Double>
  /// The person's loss as a multiple of the network's.
  let lossScale: Double

  private var last: Int { network.layerCount }
  private var targets: Tensor<Double> { run.targets }
  private var count: Double { Double(targets.shape[0]) }

  /// What enters a layer.
  func entering(_ layer: Int) -> Tensor<Double> { layer == 1 ? run.inputs : a[layer - 2] }
  func weight(_ layer: Int) -> Tensor<Double> { run.parameters[2 * layer - 2] }
  func bias(_ layer: Int) -> Tensor<Double> { run.parameters[2 * layer - 1] }

  // MARK: The gradient of the output

  /// What people add to a probability before they divide by it.
  private static let guards = [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3]

  /// dA of the last layer.
  func outputGradients() -> [Hypothesis] {
    let output = a[last - 1]
    let quantity = Quantity(.activationGradient, last)
    let perElement = lossScale / Double(targets.count)
    switch network.loss {
    case .binaryCrossEntropy:
      let yes = targets / output * perElement
      let no = (1 - targets) / (1 - output) * perElement
      return [
        Hypothesis(value: no - yes),
        Hypothesis(
          value: -(yes + no),
          findings: [
            Finding(
              quantity, .signFlipped,
              "\(quantity) has a plus where a minus belongs: dA = -(Y/A - (1 - Y)/(1 - A)).")
          ]),
        Hypothesis(
          value: -yes,
          findings: [
            Finding(
              quantity, .constantFactor,
              "\(quantity) lacks the second term: dA = -(Y/A - (1 - Y)/(1 - A)).")
          ]),
      ]
        + Self.guards.map { small in
          Hypothesis(
            value: ((1 - targets) / (1 - output + small) - targets / (output + small)) * perElement,
            findings: [.guarded(quantity)])
        }
    case .crossEntropy:
      if network.activation(last) == .linear {
        return [Hypothesis(value: (softmax(output) - targets) * (lossScale / count))]
      }
      return [Hypothesis(value: -(targets / output) * (lossScale / count))]
        + Self.guards.map { small in
          Hypothesis(
            value: -(targets / (output + small)) * (lossScale / count),
            findings: [.guarded(quantity)])
        }
    case .meanSquaredError:
      return [Hypothesis(value: (output - targets) * (2 * perElement))]
    default: return []
    }
  }

  /// dZ of the last layer from the loss, where dA is not known: through every dA, and directly.
  func lastPreactivationGradients() -> [Hypothesis] {
    let quantity = Quantity(.preactivationGradient, last)
    var all = [Hypothesis(value: lastPreactivationGradient)]
    for output in outputGradients() where output.value.isFinite {
      all += preactivationGradients(last, from: output).filter {
        $0.mistakes > 0 || !$0.findings.isEmpty
      }
    }
    let difference = (a[last - 1] - targets) * (lossScale / count)
    let activation = network.activation(last)
    for derivative in derivatives(last, activation)
    where !derivative.isKink && activation != .linear {
      all.append(
        Hypothesis(
          value: lastPreactivationGradient * derivative.value,
          findings: [
            Finding(
              quantity, .extraActivationDerivative,
              "\(quantity) is multiplied with the derivative of \(activation.rawValue) once more: after this loss "
                + "A - Y holds it already.")
          ]))
    }
    if activation != .linear {
      all.append(
        Hypothesis(
          value: difference,
          findings: [
            Finding(
              quantity, .outputDerivativeMissing,
              "\(quantity) is A - Y, which lacks the derivative of the output's activation: "
                + "dZ = dA * \(Self.formula(activation)).")
          ]))
    }
    return all.map { hypothesis in
      var hypothesis = hypothesis
      hypothesis.upstream = hypothesis.upstream ?? difference
      return hypothesis
    }
  }

  // MARK: Through an activation

  private struct Derivative {
    let value: Tensor<Double>
    /// `nil` where it is right, or a choice at a kink.
    let cause: CauseID?
    let isKink: Bool
    let words: String
    var isRight: Bool { cause == nil && !isKink }
  }

  /// f'(z), and what is written in its place.
  private func derivatives(_ layer: Int, _ activation: Activation) -> [Derivative] {
    guard activation.isElementwise else {
      let output = a[layer - 1]
      return [
        Derivative(
          value: output * (1 - output), cause: .derivativeOfWrongActivation, isKink: false,
          words: "a (1 - a), the derivative of a sigmoid")
      ]
    }
    let (z, a) = (z[layer - 1], activation(z[layer - 1]))
    func slope(_ function: Activation, _ x: Tensor<Double>) -> Tensor<Double> {
      function(x.dual(tangent: .ones(x.shape))).tangent()
    }
    let right = slope(activation, z)
    var all = [Derivative(value: right, cause: nil, isKink: false, words: "")]
    if activation.kinks.contains(0) && z.scalars.contains(0) {
      let isZero = compare(z, .equal, Tensor(0))
      for side in [1, 0.5, 0] {
        all.append(
          Derivative(
            value: select(isZero, Tensor(side), right), cause: nil, isKink: true,
            words: "\(side) at 0"))
      }
    }
    for other in Activation.elementwise where other != .linear {
      let isSame = other == activation
      func add(_ value: Tensor<Double>, _ words: String, isPlaceWrong: Bool) {
        let cause: CauseID = isSame ? .derivativeTakenAtActivation : .derivativeOfWrongActivation
        if !isSame || isPlaceWrong {
          all.append(Derivative(value: value, cause: cause, isKink: false, words: words))
        }
      }
      add(slope(other, z), "the derivative of \(other.rawValue)", isPlaceWrong: false)
      add(
        slope(other, a), "the derivative of \(other.rawValue) as a function of z, taken at A",
        isPlaceWrong: true)
      if let (formula, words) = Self.derivativeByOutput(other) {
        add(formula(a), words("A"), isPlaceWrong: false)
        add(formula(z), words("Z"), isPlaceWrong: true)
      }
    }
    return all
  }

  /// A derivative written by the activation's value, as in a (1 - a).
  private static func derivativeByOutput(
    _ activation: Activation
  ) -> ((Tensor<Double>) -> Tensor<Double>, (String) -> String)? {
    switch activation {
    case .tanh: ({ 1 - $0.squared() }, { "1 - \($0)²" })
    case .sigmoid: ({ $0 * (1 - $0) }, { "\($0) (1 - \($0))" })
    case .softplus: ({ 1 - exp(-$0) }, { "1 - exp(-\($0))" })
    case .elu: ({ minimum($0, Tensor(0)) + 1 }, { "min(\($0), 0) + 1" })
    default: nil
    }
  }

  /// The right derivative as people write it.
  static func formula(_ activation: Activation) -> String {
    switch activation {
    case .tanh: "(1 - A²)"
    case .sigmoid: "A (1 - A)"
    case .relu: "(Z > 0)"
    case .leakyRelu: "where(Z > 0, 1, 0.01)"
    case .elu: "where(Z > 0, 1, A + 1)"
    case .softplus: "1 / (1 + exp(-Z))"
    default: "\(activation.rawValue)'(Z)"
    }
  }

  /// dZ of a layer from its dA; `isMasked` where that has passed dropout's mask already.
  func preactivationGradients(
    _ layer: Int, from upstream: Hypothesis, isMasked: Bool = false
  ) -> [Hypothesis] {
    let quantity = Quantity(.preactivationGradient, layer)
    let activation = network.activation(layer)
    let mask = isMasked ? nil : run.masks[layer]
    let incoming = mask.map { upstream.value * $0 } ?? upstream.value
    func hypothesis(_ value: Tensor<Double>, _ finding: Finding?) -> Hypothesis {
      Hypothesis(
        value: value, findings: upstream.findings + (finding.map { [$0] } ?? []),
        upstream: upstream.value)
    }
    if network.endsBlock(layer) {
      let scale = network.branchScale
      let right = hypothesis(incoming * scale, nil)
      guard scale != 1 else { return [right] }
      return [
        right,
        hypothesis(
          incoming,
          Finding(
            quantity, .constantFactor, factor: 1 / scale,
            "\(quantity) lacks the factor on the block's branch, \(Comparison.text(scale)).")),
      ]
    }
    guard activation != .softmax else {
      let output = a[layer - 1]
      let weighted = incoming * output
      return [
        hypothesis(weighted - output * weighted.sum(alongAxes: [-1], keepingAxes: true), nil),
        hypothesis(
          incoming,
          Finding(
            quantity, .outputDerivativeMissing,
            "\(quantity) lacks the derivative of softmax; with cross-entropy dZ = A - Y.")),
        hypothesis(
          weighted * (1 - output),
          Finding(
            quantity, .derivativeOfWrongActivation,
            "\(quantity) uses A (1 - A), the derivative of a sigmoid; softmax couples the units: with cross-entropy "
              + "dZ = A - Y.")),
      ]
    }
    let derivatives = derivatives(layer, activation)
    var all = [hypothesis(incoming * derivatives[0].value, nil)]
    if activation != .linear {
      let id: CauseID =
        layer == last
        ? .outputDerivativeMissing
        : activation == .relu ? .maskMissing : .missingActivationDerivative
      all.append(
        hypothesis(
          incoming,
          Finding(
            quantity, id,
            "\(quantity) lacks the derivative of \(activation.rawValue): dZ = dA * \(Self.formula(activation))."
          )))
    }
    if activation != .linear && !activation.kinks.contains(0) {
      all.append(
        hypothesis(
          incoming * derivatives[0].value.squared(),
          Finding(
            quantity, .extraActivationDerivative,
            "\(quantity) is multiplied with the derivative of \(activation.rawValue) twice.")))
    }
    for derivative in derivatives {
      let finding: Finding? =
        if derivative.isKink { .kink(quantity) } else {
          derivative.cause.map { cause in
            Finding(
              quantity, cause,
              "\(quantity) uses \(derivative.words) where the layer is \(activation.rawValue): "
                + "dZ = dA * \(Self.formula(activation)).")
          }
        }
      if !derivative.isRight { all.append(hypothesis(incoming * derivative.value, finding)) }
      guard derivative.isRight, let mask else { continue }
      all.append(
        hypothesis(
          upstream.value * derivative.value,
          Finding(
            quantity, .maskMissing,
            "\(quantity) lacks dropout's mask: what is off forward passes nothing back.")))
      all.append(
        hypothesis(
          upstream.value * derivative.value * compare(mask, .greater, Tensor(0)),
          Finding(
            quantity, .dropoutScaleMissing,
            "\(quantity) has dropout's mask without its scale: divide by the probability of keeping a unit."
          )))
    }
    return all
  }

  // MARK: Through a product

  /// dA of a layer from dZ of the next, and for a block's input from the gradient of the block's output.
  func activationGradients(
    _ layer: Int, from next: Tensor<Double>, nextUpstream: Tensor<Double>?,
    blockOutput: Tensor<Double>?
  ) -> [Hypothesis] {
    let quantity = Quantity(.activationGradient, layer)
    let weight = weight(layer + 1)
    let skip = network.blockStarts.contains(layer + 1) ? blockOutput : nil
    func whole(_ branch: Tensor<Double>) -> Tensor<Double> { skip.map { branch + $0 } ?? branch }
    let branch = matmul(next, weight, transposingSecond: true)
    var all = [Hypothesis(value: whole(branch))]
    func add(_ value: Tensor<Double>, _ id: CauseID, _ words: String, factor: Double? = nil) {
      all.append(
        Hypothesis(value: value, findings: [Finding(quantity, id, factor: factor, words)]))
    }
    if let skip {
      let start =
        "A residual block adds its input to its branch, so \(quantity) is the branch's gradient plus that of the block's output"
      add(branch, .skipGradientDropped, "\(start): the second term is missing.")
      add(branch + 2 * skip, .skipGradientCountedTwice, "\(start), once: here it is added twice.")
      add(
        skip, .zeroGradient,
        "\(start): the first term is missing, as if the branch had no gradient.")
      if network.branchScale != 1 {
        add(
          branch + network.branchScale * skip, .constantFactor,
          "\(start): the factor of the branch does not belong to the second.",
          factor: network.branchScale)
        add(
          branch * (1 / network.branchScale) + skip, .constantFactor,
          "\(start): the branch's factor \(Comparison.text(network.branchScale)) is missing in the first.",
          factor: 1 / network.branchScale)
        add(
          branch * network.branchScale + skip, .constantFactor,
          "\(start): the branch's factor \(Comparison.text(network.branchScale)) is in the first twice.",
          factor: network.branchScale)
      }
      add(skip - branch, .signFlipped, "\(start): the first term has the wrong sign.", factor: -1)
    }
    if weight.shape[0] == weight.shape[1] && weight.shape[0] > 1 {
      add(
        whole(matmul(next, weight)), .weightsNotTransposed,
        "\(quantity) multiplies with W\(layer + 1) as in the forward pass; backward it takes the transpose."
      )
    }
    if let nextUpstream {
      add(
        whole(matmul(nextUpstream, weight, transposingSecond: true)), .missingActivationDerivative,
        "\(quantity) is computed from dA\(layer + 1) where dZ\(layer + 1) belongs: the derivative of the activation "
          + "between them is missing.")
    }
    for other in 1...last where other != layer + 1 && self.weight(other).shape == weight.shape {
      add(
        whole(matmul(next, self.weight(other), transposingSecond: true)), .wrongLayerInput,
        "\(quantity) multiplies with W\(other) where W\(layer + 1) belongs.")
    }
    return all
  }

  /// The change of dA of a layer by a step of the weights behind it: W too is changed while gradients still need it.
  func staleDirection(_ layer: Int, from next: Tensor<Double>) -> Tensor<Double>? {
    run.quantities[Quantity(.weightGradient, layer + 1)].map {
      matmul(next, $0, transposingSecond: true)
    }
  }
}
