import Findings
import Networks
import Plumbline

/// Why a gradient is wrong: by itself, by what arrives at its layer, or by a layer after it.
extension DescribedJudgement {
  /// What one gradient alone tells before anything else: that it is not finite, zero, of another shape or transposed.
  func ownCause(_ one: Compared) -> Cause? {
    if let cause = one.shapeCause, one.own.isFinite { return cause }
    return comparison.plainCause(
      of: one.own, right: one.right, at: one.quantity, isMultiple: false)
  }

  /// Where nothing else explains a gradient: the values of another one, or those that another one should have.
  func copied(_ one: Compared) -> Cause? {
    guard one.own.count > 1,
      let copied = compared.first(where: { other in
        guard other.quantity != one.quantity, other.own.shape == one.own.shape else { return false }
        return other.isRight && other.own == one.own
          || one.own.count > 3 && comparison.agree(one.own, other.right)
      })
    else { return nil }
    return Cause(
      id: one.quantity.kind == .biasGradient ? BiasFromWrongQuantity.id : WrongLayerInput.id,
      explanation: copied.isRight
        ? "\(one.quantity) holds the values of \(copied.quantity)."
        : "\(one.quantity) holds the values that \(copied.quantity) should have.")
  }

  /// The ratio that all wrong gradients have in common, where it has a meaning or several show it.
  func commonRatio(_ wrong: [Int]) -> Double? {
    let ratios = wrong.map { comparison.factor(of: compared[$0].own, to: compared[$0].right) }
    guard let first = ratios.first.flatMap({ $0 }), wrong.count > 1,
      ratios.allSatisfy({ $0.map { comparison.isSame($0, first) } ?? false })
    else { return nil }
    return first
  }

  /// What a constant ratio says, the number of positions of a layer included.
  func cause(
    ofRatio ratio: Double, _ one: Compared, named quantity: Quantity? = nil
  ) -> Cause {
    let quantity = quantity ?? one.quantity
    let cause = comparison.mistakes(ratio: ratio, at: quantity).first?.cause
    if let cause, cause.id != ConstantFactor.id { return cause }
    let positions = positions(of: one.layer)
    for (count, what) in positions where count > 1 {
      for (factor, words) in [
        (1 / count, "divided by the \(count.text) \(what): it is their sum"),
        (count, "not divided by the \(count.text) \(what)"),
        (
          1 / (count * comparison.examples), "divided by the \(count.text) \(what) and the examples"
        ),
      ] where comparison.isSame(ratio, factor) {
        return Cause(
          id: ConstantFactor.id, factor: ratio,
          explanation: "\(quantity) is \(ratio.text) times what it should be: it is \(words).")
      }
    }
    return cause ?? UnknownMistake.cause(quantity)
  }

  /// The numbers of cells or steps over which the gradients of a layer's parameters are summed.
  private func positions(of layer: Int) -> [(Double, String)] {
    guard layers.indices.contains(layer) else { return [] }
    var shape = network.description.input
    for index in 0...layer {
      var part = network.description
      part.layers = Array(part.layers.prefix(index + 1))
      guard let built = try? part.network() else { return [] }
      shape = built.outputShape
    }
    switch shape.rank {
    case 3: return [(Double(shape[1] * shape[2]), "positions of the image")]
    case 2: return [(Double(shape[0]), "steps")]
    default:
      let isSequence = layers[layer].form is any RecurrentForm
      return isSequence && network.description.input.rank == 2
        ? [(Double(network.description.input[0]), "steps")] : []
    }
  }

  struct Substitution {
    let explained: [Int]
    let layer: Int
    /// The index of the gate at which the mistake is made; `nil` for none or all of them.
    var gate: Int?
    let cause: (Quantity) -> Cause
  }

  /// The wrong rule around the first divergence under which the wrong gradients come out and the right ones stay.
  func substitution(
    _ wrong: [Int], _ between: [ObservedLayer]
  ) throws(Problem) -> Substitution? {
    let first = wrong[0]
    // The mistake is after the last gradient that is right, or in its layer.
    // A gradient that is 0 by cancellation is so whatever arrives there.
    // One that is right in the same layer may be so by chance, as that of a bias whose sum is unchanged.
    let before =
      compared[..<first].last {
        $0.isRight && $0.noise == 0 && $0.holder != compared[first].holder
      }?.layer ?? layers.count - 1
    let lowest = compared[first].layer
    guard lowest <= before else { return nil }
    var best: Substitution?
    func consider(
      _ cost: DescribedCost, _ layer: Int, _ id: CauseID, _ words: String, gate: Int? = nil
    ) -> Bool {
      consider(cost.gradients(attempt.parameters), layer, id, words, gate: gate)
    }
    func consider(
      _ gradients: [Tensor<Double>], _ layer: Int, _ id: CauseID, _ words: String, gate: Int? = nil
    ) -> Bool {
      let gradients = attempt.mapping.gradients(gradients, of: values, layout)
      func agrees(_ index: Int) -> Bool {
        comparison.agree(
          compared[index].own, gradients[compared[index].parameter.name]!,
          noise: compared[index].noise)
      }
      guard agrees(first),
        compared.indices.allSatisfy({
          !compared[$0].isRight || compared[$0].isAtKink || agrees($0)
        })
      else { return false }
      let explained = wrong.filter(agrees)
      guard explained.count > best?.explained.count ?? 0 else { return false }
      best = Substitution(explained: explained, layer: layer, gate: gate) {
        Cause(id: id, explanation: "\($0) " + words)
      }
      return explained.count == wrong.count
    }
    func changed(_ change: (inout DescribedCost) -> Void) -> DescribedCost {
      var cost = attempt.cost
      change(&cost)
      return cost
    }
    if compared[..<first].allSatisfy({ !$0.isRight }) {
      let (output, loss) = (attempt.cost.output, attempt.cost.loss)
      if output != .linear,
        consider(
          changed { $0.skipsOutputDerivative = true }, layers.count - 1, OutputDerivativeMissing.id,
          "lacks the derivative of the output's \(output.title): dZ = dA * \(output.formula).")
      {
        return best
      }
      for other in ProgramLoss.Kind.plain
      where other != loss.kind && other.takes(output) && other.isPossible(attempt.cost.targets) {
        for factor in [1, 0.5] {
          let isWhole = consider(
            changed { $0.loss = ProgramLoss(kind: other, scale: loss.scale * factor) },
            layers.count - 1, GradientOfAnotherLoss.id,
            "is the gradient of the \(other.rawValue), but the cost is the \(loss.kind.rawValue).")
          if isWhole { return best }
        }
      }
    }
    if compared[..<first].allSatisfy({ !$0.isRight }) {
      for mistaken in outputMistakes() {
        let isWhole = consider(
          changed { $0.outputGradient = mistaken.gradient }, layers.count - 1, mistaken.cause.id,
          mistaken.cause.explanation)
        if isWhole { return best }
      }
    }
    for index in (lowest...before).reversed() where layers.indices.contains(index) {
      guard between[index].isKnown else { continue }
      let site = between[index].site
      for candidate in wrongRules.flatMap({ $0.layers(site) }) {
        var description = network.description
        description.layers.replaceSubrange(index...index, with: candidate.layers)
        guard let network = try? description.network(),
          ParameterLayout(of: network).entries.map(\.shape) == layout.entries.map(\.shape)
        else { continue }
        let cost = DescribedCost(
          network: network, output: attempt.cost.output, loss: attempt.cost.loss,
          inputs: attempt.cost.inputs, targets: attempt.cost.targets)
        if consider(cost, index, candidate.id, candidate.words, gate: candidate.gate) {
          return best
        }
      }
    }
    let mistakes = try TapeMistakes(attempt.cost, attempt.parameters)
    for candidate in mistakes.candidates(in: lowest...before) {
      if consider(candidate.gradients, candidate.layer, candidate.id, candidate.words) {
        return best
      }
    }
    return best
  }

  /// The gradients of what the network outputs that mistakes at the output and in the loss give.
  private func outputMistakes() -> [(gradient: Tensor<Double>, cause: Cause)] {
    let cost = attempt.cost
    let z = cost.outputs(attempt.parameters)
    let units = z.shape[1]
    let layer = ProgramNetwork.Layer(inputs: units, outputs: units, function: cost.output)
    let a = cost.output(z)
    let right = cost.gradient(ofOutputs: z)
    let context = BackwardContext(
      network: ProgramNetwork(layers: [layer], loss: cost.loss),
      parameters: ProgramParameters(weights: [.identity(units)], biases: [.zeros([units])]),
      inputs: z, targets: cost.targets, masks: [:], given: [:], z: [z], argument: [z], a: [a],
      lastPreactivationGradient: right, comparison: comparison)
    return FunctionStep.fromLoss(context).compactMap { hypothesis in
      guard hypothesis.mistakeCount == 1, hypothesis.value.isFinite,
        hypothesis.value.relativeDistance(to: right) > 1e-9,
        let mistake = hypothesis.mistakes.first(where: { $0.cause != nil }),
        var cause = mistake.cause
      else { return nil }
      // The sentence is about the layer's output; the quantity is put before it again.
      cause.explanation =
        "is computed from a wrong gradient of the output: "
        + cause.explanation.replacing("dA1", with: "dA").replacing("dZ1", with: "dZ")
      return (hypothesis.value, cause)
    }
  }

  /// What is wrong with the gradient of one parameter, where what arrives at its layer is right.
  func localCause(
    _ one: Compared, _ between: [ObservedLayer]
  ) -> Cause? {
    if let ratio = comparison.factor(of: one.own, to: one.right) {
      return cause(ofRatio: ratio, one)
    }
    guard let layer = holder(of: one, between), layer.isKnown,
      let index = layout.entries.indices.first(where: { index in
        attempt.mapping.sources[index].pieces.map(\.array) == [one.parameter.name]
      })
    else { return nil }
    // The gradient in the shape that the parameter has here.
    func laid(_ value: Tensor<Double>) -> Tensor<Double> {
      var arrays = values
      arrays[one.parameter.name] = value
      return attempt.mapping.parameters(arrays, layout)[index]
    }
    let site = ParameterSite(
      form: layer.form, input: layer.input, output: layer.value, gradient: layer.gradient,
      parameter: attempt.parameters[index], right: laid(one.right), loss: attempt.cost.loss,
      comparison: comparison)
    return site.cause(of: laid(one.own), at: one.quantity)
  }
}
