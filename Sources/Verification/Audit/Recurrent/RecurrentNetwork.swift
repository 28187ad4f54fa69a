import Findings
import Networks
import Plumbline

/// A simple recurrence with an output at every step or at the last, as a network that is described.
struct RecurrentNetwork: Sendable {
  let activation: Activation, output: Nonlinearity
  var loss: ProgramLoss
  /// Whether there is an output at every step, and not only at the last.
  let readsAll: Bool

  /// What enters the description: the one sequence, and the values of its parameters.
  private struct Described {
    let cost: DescribedCost
    let form: CellForm<SimpleCell>
    let values: [Tensor<Double>]
    /// The parameters in the order of the values; `nil` for a bias that the recurrence does not have.
    let parameters: [RecurrentParameter?]

    func named(_ gradients: [Tensor<Double>]) -> [RecurrentParameter: Tensor<Double>] {
      var named: [RecurrentParameter: Tensor<Double>] = [:]
      for (parameter, gradient) in zip(parameters, gradients) {
        if let parameter { named[parameter] = gradient }
      }
      return named
    }
  }

  private func described(
    _ arrays: RecurrentArrays, _ replaced: [LayerDescription]? = nil
  ) throws(Problem) -> Described {
    let w = arrays.parameters
    let (hidden, outputs) = (arrays.start.count, arrays.targets.shape[1])
    var simple = SimpleRecurrenceForm()
    (simple.units, simple.bias) = (hidden, true)
    simple.output = readsAll ? .sequence : .last
    var form = CellForm(SimpleCell(activation), of: simple)
    form.start.h = arrays.start
    let network = try NetworkDescription(
      input: Shape(arrays.inputs.shape.extents),
      layers: (replaced ?? [LayerDescription(form)]) + [LayerDescription(.dense(outputs: outputs))]
    ).network()
    let none = Tensor<Double>.zeros([hidden])
    return Described(
      cost: DescribedCost(
        network: network, output: output, loss: loss,
        inputs: arrays.inputs.reshaped(to: Shape([1] + arrays.inputs.shape.extents)),
        targets: arrays.targets),
      form: form,
      values: [
        w[.inputWeight]!, w[.recurrentWeight]!, w[.hiddenBias] ?? none, none, w[.outputWeight]!,
        w[.outputBias] ?? .zeros([outputs]),
      ],
      parameters: [
        .inputWeight, .recurrentWeight, w[.hiddenBias] == nil ? nil : .hiddenBias, nil,
        .outputWeight, w[.outputBias] == nil ? nil : .outputBias,
      ])
  }

  /// The states after each step, `[steps, hidden]`.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are too large.
  func states(_ arrays: RecurrentArrays) throws(Problem) -> Tensor<Double> {
    let described = try described(arrays)
    var form = described.form
    form.output = .sequence
    let network = try NetworkDescription(
      input: described.cost.network.description.input, layers: [LayerDescription(form)]
    ).network()
    let pass = Pass(layout: ParameterLayout(of: network), values: Array(described.values.prefix(4)))
    return network(described.cost.inputs, pass).reshaped(to: [arrays.steps, arrays.start.count])
  }

  /// The cost at these arrays.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are too large.
  func cost(_ arrays: RecurrentArrays) throws(Problem) -> Double {
    let described = try described(arrays)
    return described.cost.value(described.values)
  }

  /// The gradients of the cost.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are too large.
  func gradients(
    _ arrays: RecurrentArrays
  ) throws(Problem) -> [RecurrentParameter: Tensor<Double>] {
    let described = try described(arrays)
    return described.named(described.cost.gradients(described.values))
  }

  /// The gradient of the outputs before their function at each step, `[steps, outputs]`; `nil` where there is one output.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are too large.
  func outputErrors(_ arrays: RecurrentArrays) throws(Problem) -> Tensor<Double>? {
    guard readsAll else { return nil }
    let described = try described(arrays)
    return described.cost.gradient(ofOutputs: described.cost.outputs(described.values))
  }

  /// The gradients that a mistake gives.
  struct WrongGradients {
    let id: CauseID
    let words: String
    let gradients: [RecurrentParameter: Tensor<Double>]
  }

  /// Calls `isFound` with the gradients of one mistake after another, the likeliest first, until it returns true.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are too large.
  func mistakes(
    _ arrays: RecurrentArrays, isFound: (WrongGradients) -> Bool
  ) throws(Problem) -> WrongGradients? {
    let right = try described(arrays)
    let site = LayerSite(
      form: right.form, input: right.cost.inputs, output: try states(arrays))
    for wrong in WrongRecurrenceRule.layers(site) {
      let described = try described(arrays, wrong.layers)
      let found = WrongGradients(
        id: wrong.id, words: wrong.words,
        gradients: described.named(described.cost.gradients(described.values)))
      if isFound(found) { return found }
    }
    for candidate in try TapeMistakes(right.cost, right.values).candidates(in: 0...0) {
      let found = WrongGradients(
        id: candidate.id, words: candidate.words, gradients: right.named(candidate.gradients))
      if isFound(found) { return found }
    }
    return nil
  }
}
