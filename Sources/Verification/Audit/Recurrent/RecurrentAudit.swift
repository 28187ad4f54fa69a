import Findings
import Plumbline

/// The judgement of a simple recurrence: h(t) = f(x(t) Wxh + h(t-1) Whh + bh), with an output at every step or at the last.
struct RecurrentAudit {
  private var network: RecurrentNetwork
  private let arrays: RecurrentArrays
  private let comparison: Comparison
  private var items: [AuditReport.Item] = []
  private let recognizer: Recognizer
  private var costWords: String
  private var ownCost: Double?
  private let undecided: String?

  /// `nil` if the file is not of a recurrence.
  init?(_ recognizer: Recognizer) throws(Problem) {
    guard RecurrentArrays.areThere(in: recognizer.matched) else { return nil }
    var best:
      (network: RecurrentNetwork, arrays: RecurrentArrays, words: String, score: Int, cost: Double)?
    let given = recognizer.matched.cost?.value.scalars[0]
    for arrays in RecurrentArrays.all(recognizer.matched) {
      for activation in [Activation.tanh, .relu, .sigmoid, .linear] {
        for output in [Nonlinearity.softmax, .linear, .elementwise(.sigmoid)] {
          for readsAll in arrays.targets.shape[0] == arrays.steps ? [true] : [false] {
            // The cost may be another loss than the one that is named.
            let asked = recognizer.request.loss
            let customary = ProgramLoss.Kind.customary(after: output)
            let kinds =
              (asked.map { [$0] } ?? []) + (given != nil || asked == nil ? [customary] : [])
            for kind in kinds where kind.takes(output) && kind.isPossible(arrays.targets) {
              var network = RecurrentNetwork(
                activation: activation, output: output,
                loss: ProgramLoss(kind: kind, scale: 1), readsAll: readsAll)
              let states = try network.states(arrays)
              let fits = arrays.states.map { states.relativeDistance(to: $0) < 1e-3 } ?? false
              let sum = try network.cost(arrays)
              for (scale, words) in Self.scales(arrays) {
                let isCost = given.map { abs($0 - sum * scale) <= 1e-4 * abs($0) } ?? false
                let score = (fits ? 2 : 0) + (isCost ? 4 : 0)
                guard score > best?.score ?? -1 else { continue }
                network.loss.scale = scale
                best = (network, arrays, words, score, sum * scale)
              }
            }
          }
        }
      }
    }
    // Without a cost or states that fit, the shapes may be those of dense layers.
    guard let best, best.score > 0 || RecurrentArrays.isNamed(recognizer.matched) else {
      return nil
    }
    self.recognizer = recognizer
    network = best.network
    arrays = best.arrays
    costWords = best.words
    ownCost = best.cost
    comparison = Comparison(tolerance: 1e-5, examples: Double(arrays.steps))
    undecided =
      given != nil && best.score < 4
      ? "Your cost is \(given ?? 0), and no loss that this audit knows gives that value: summed over all steps, it is \(best.cost). Save the cost of this very "
        + "sequence, the labels of every step and the initial hidden state."
      : nil
  }

  private static func scales(_ arrays: RecurrentArrays) -> [(Double, String)] {
    let (steps, outputs) = (Double(arrays.targets.shape[0]), Double(arrays.targets.shape[1]))
    return [
      (1, "the sum over the steps"), (1 / steps, "the mean over the steps"),
      (0.5, "half the sum over the steps"), (0.5 / steps, "half the mean over the steps"),
      (1 / (steps * outputs), "the mean over steps and outputs"),
    ]
  }

  // MARK: The judgement

  /// - Throws: ``/Findings/Problem`` for arrays that are too large.
  func report() throws(Problem) -> AuditReport {
    var audit = self
    if given == nil {
      // Nothing but the gradients tells the scale: the one under which most are right.
      var most = try rightCount()
      for (scale, words) in Self.scales(arrays).dropFirst() {
        var other = self
        other.network.loss.scale = network.loss.scale * scale
        other.costWords = words
        other.ownCost = ownCost.map { $0 * scale }
        let count = try other.rightCount()
        if count > most { (audit, most) = (other, count) }
      }
    }
    try audit.judge()
    return audit.report(of: recognizer)
  }

  /// The file's cost.
  private var given: Double? { recognizer.matched.cost?.value.scalars[0] }

  private func rightCount() throws(Problem) -> Int {
    let right = try network.gradients(arrays)
    return arrays.gradients.count { name, own in
      right[name].map { comparison.agree(own, $0) } ?? false
    }
  }

  private func report(of recognizer: Recognizer) -> AuditReport {
    var names = arrays.names
    if let cost = recognizer.matched.cost { names[cost.name] = "cost" }
    let used = Set(names.keys)
    var report = AuditReport(
      items: items,
      cost: (given, ownCost ?? .nan),
      remarks: recognizer.request.loss.flatMap { asked in
        given == nil || asked == network.loss.kind
          ? nil : [network.loss.kind.remark(inPlaceOf: asked, costWords)]
      } ?? [],
      reading: AuditReport.Reading(
        names: names, ignored: recognizer.saved.arrays.map(\.name).filter { !used.contains($0) },
        notJudged: RecurrentParameter.allCases.filter {
          arrays.parameters[$0] != nil && arrays.gradients[$0] == nil
        }.map { "d\($0.rawValue)" },
        layout: arrays.isTurned ? "columns" : "rows", loss: network.loss.kind.rawValue,
        costScale: costWords,
        network:
          "recurrence over \(arrays.steps) steps, \(network.activation.title), \(network.output.title)"
      ),
      undecided: undecided)
    if given == nil { report.assumedCost = "\(network.loss.kind.rawValue), \(costWords)" }
    return report
  }

  private mutating func judge() throws(Problem) {
    let truth = try network.gradients(arrays)
    var explained: RecurrentNetwork.WrongGradients?
    var wrong: [(own: Tensor<Double>, right: Tensor<Double>)] = []
    for parameter in RecurrentParameter.backward {
      guard let own = arrays.gradients[parameter], let right = truth[parameter] else {
        continue
      }
      let quantity = Quantity(
        named: "d\(parameter.rawValue)", parameter.isBias ? .biasGradient : .weightGradient,
        parameter.isOutput ? 2 : 1)
      func add(_ verdict: Verdict, _ cause: Cause? = nil) {
        items.append(
          AuditReport.Item(
            quantity: quantity, verdict: verdict,
            relativeError: own.shape == right.shape ? own.relativeDistance(to: right) : 1,
            cause: cause))
      }
      if comparison.agree(own, right) {
        add(.pass)
      } else {
        wrong.append((own, right))
        if explained == nil, !parameter.isOutput { explained = try explanation(insteadOf: truth) }
        if let explained, let value = explained.gradients[parameter], comparison.agree(own, value) {
          add(.fail, Cause(id: explained.id, explanation: "\(quantity) \(explained.words)"))
        } else {
          let part = parameter.isOutput ? try partOfSteps(own, parameter, quantity) : nil
          add(
            .fail,
            part ?? comparison.plainCause(of: own, right: right, at: quantity)
              ?? UnknownMistake.cause(quantity))
        }
      }
    }
    guard items.count > 1, items.contains(where: { $0.cause?.id == .unknown }),
      wrong.allSatisfy({ $0.own.shape == $0.right.shape && $0.own.isFinite }),
      let change = ChangedAfterwards.Change(
        wrong.flatMap(\.own.scalars), wrong.flatMap(\.right.scalars),
        tolerance: comparison.tolerance)
    else { return }
    for index in items.indices where items[index].verdict == .fail {
      items[index].cause = ChangedAfterwards.cause(change, items[index].quantity)
    }
  }

  /// The cause of a gradient of the output's parameters that is right over some of the steps.
  private func partOfSteps(
    _ own: Tensor<Double>, _ parameter: RecurrentParameter, _ quantity: Quantity
  ) throws(Problem) -> Cause? {
    guard let errors = try network.outputErrors(arrays),
      PartOfBatch.tells(own.count, of: arrays.steps, comparison)
    else { return nil }
    let states = try network.states(arrays)
    let found = PartOfBatch.ranges(of: arrays.steps).first { steps in
      let part = errors.sliced(axis: 0, steps)
      let value =
        parameter.isBias
        ? part.sum(alongAxes: [0])
        : matmul(states.sliced(axis: 0, steps), part, transposingFirst: true)
      return own.shape == value.shape && comparison.agree(own, value)
    }
    return found.map { steps in
      Cause(
        id: TimeStepsMissing.id,
        explanation: "\(quantity) \(TimeStepsMissing.words(only: steps, of: arrays.steps))")
    }
  }

  /// The mistake under which a wrong gradient of the recurrence comes out, and all others but for one at most, which may have its own.
  private func explanation(
    insteadOf truth: [RecurrentParameter: Tensor<Double>]
  ) throws(Problem) -> RecurrentNetwork.WrongGradients? {
    let given = arrays.gradients.filter { !$0.key.isOutput }
    func fitting(_ gradients: [RecurrentParameter: Tensor<Double>]) -> Set<RecurrentParameter> {
      Set(
        given.filter { name, own in
          gradients[name].map { comparison.agree(own, $0) } ?? false
        }.keys)
    }
    let right = fitting(truth)
    return try network.mistakes(arrays) { mistake in
      let found = fitting(mistake.gradients)
      return found.count >= given.count - 1 && !found.isSubset(of: right)
    }
  }
}
