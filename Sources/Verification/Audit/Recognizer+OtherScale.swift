import Plumbline

extension Recognizer {
  /// The loss and scale in words of which every gradient is right; `nil` if there is none, or the cost in the file is theirs.
  ///
  /// People descend half the sum of the squares and print its mean: then one factor at the output is all that is wrong.
  func otherScale(than audit: Audit, _ report: AuditReport, _ recognition: Recognition) -> String? {
    guard report.verdict == .fail, recognition.run.cost != nil, recognition.network.penalty.isNone,
      let first = report.firstDivergence, !first.quantity.kind.isForward,
      first.quantity.layer == audit.last, report.reading.notJudged.isEmpty
    else { return nil }
    let (network, run) = (recognition.network, recognition.run)
    let function = network.layers[audit.last - 1].function
    let usual = [network.loss.kind, .squaredError, .customary(after: function)]
    for (index, kind) in usual.enumerated() where usual.firstIndex(of: kind) == index {
      guard kind.takes(function), kind.isPossible(run.targets) else { continue }
      let scales = ProgramLoss.scales(
        kind, examples: run.inputs.shape[0], outputs: run.targets.shape[1])
      for (scale, words) in scales {
        let loss = ProgramLoss(kind: kind, scale: scale)
        guard loss != network.loss else { continue }
        var other = recognition
        other.network.loss = loss
        other.run.cost = nil
        var judged = self.audit(other)
        guard judged.mayBeRightAtOutput else { continue }
        judged.judge()
        if judged.items.values.allSatisfy({ $0.verdict < .fail }) {
          return "\(kind.rawValue), \(words)"
        }
      }
    }
    return nil
  }
}

extension Audit {
  /// Whether the last layer's gradients are near what they should be, so that it is worth judging all of them: kinks change a part of them
  /// at most.
  fileprivate var mayBeRightAtOutput: Bool {
    let kinds = [Quantity.Kind.weightGradient, .biasGradient].map { Quantity($0, last) }
    return kinds.allSatisfy { quantity in
      run.quantities[quantity].map { $0.relativeDistance(to: right(quantity)) < 0.2 } ?? true
    }
  }
}
