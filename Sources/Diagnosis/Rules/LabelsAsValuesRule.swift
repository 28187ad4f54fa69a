import Findings

extension Finding.Cause {
  /// Class numbers are fitted as quantities.
  public static let labelsReadAsValues: Self = "labels-read-as-values"
}

/// Family 6: classes on one output under the squared error, which takes class 2 to be twice class 1.
struct LabelsAsValuesRule: DiagnosisRule {
  /// When it is asked.
  var turn = Turn.learned

  /// Before all others, of a run that learns; of two values, for which a class is what is wanted, before a run that does not is said to be
  /// too short or too small; and last, of a run that failed to learn for another reason, which has been reported by then.
  enum Turn { case learned, stuck, last }

  private static let ownCauses = [
    Finding.CauseMeaning(.data, .labelsReadAsValues, "class numbers are fitted as quantities")
  ]

  var causes: [Finding.CauseMeaning] { turn == .learned ? Self.ownCauses : [] }

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .labelsReadAsValues else { return [] }
    let values =
      evidence.targets.levels ?? evidence.outcome.classesAsValues.map { (0..<$0).map(Double.init) }
    return values.map { values in
      [
        Treatment(
          "one output per class", options: evidence.classOptions(values.count),
          isDecisive: false, .classes(values)
        )
      ]
    } ?? []
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    // Real targets that look like labels, on an output without a function: with one, a squared error of classes is deliberate.
    // Only if nothing else keeps the network from learning: whatever does comes first.
    let standing = evidence.standing
    let isItsTurn =
      switch turn {
      case .learned: standing == .learned
      case .stuck:
        earlier.isEmpty && (standing == .stalled || standing == .baseRate) && !evidence.isSlow
          && evidence.seesRelation
      case .last: standing == .stalled
      }
    let levels =
      evidence.facts.endings.isEmpty && isItsTurn ? evidence.targets.levels?.count : nil
    if turn != .learned, evidence.outcome.classesAsValues != nil { return [] }
    if turn == .stuck, levels != 2 { return [] }
    if turn == .last, levels ?? 0 < 3 { return [] }
    guard let count = evidence.outcome.classesAsValues ?? levels else { return [] }
    let range = evidence.data.targetRange ?? []
    let numbers =
      evidence.outcome.classesAsValues == nil && range.count == 2
      ? String(format: "%.4g to %.4g", range[0], range[1]) : "0 to \(count - 1)"
    return [
      Finding(
        family: .data, cause: .labelsReadAsValues,
        symptom: "\(count) classes are fitted as the numbers \(numbers) on one output",
        explanation:
          isOfOne(evidence)
          ? "the loss of distances is least for an answer that is always the more frequent number, and the network gives it"
          : count > 2
            ? "the loss treats the numbers as quantities, so class 2 is nearer to class 1 than to class 0"
            : "the loss treats the numbers as quantities, so an answer far on the right side counts as wrong",
        location: Finding.Location(set: "train", step: 0),
        evidence: [Finding.Number("classes", Double(count))],
        remedy: (count > 2
          ? "give the network one output per class"
          : "let the network predict the probability of one of them")
          + " (\(evidence.classOptions(count))\(isRare(evidence) ? " \(Setting.classWeights) balanced" : ""))"
      )
    ]
  }

  /// Whether one of two numbers is so frequent that a network which always names it is nearly right.
  private func isRare(_ evidence: Evidence) -> Bool {
    evidence.targets.levels?.count == 2 && evidence.targets.levelShare ?? 0 > 0.9
  }

  /// Whether a loss that does not square errors is least for the more frequent number alone, and the network has found that.
  private func isOfOne(_ evidence: Evidence) -> Bool {
    turn == .stuck && evidence.settings.loss.rawValue == "mae"
      && evidence.standing == .baseRate
  }
}
