import Findings
import Foundation

extension GridReport {
  /// What the intervals support, under each condition: how each arm changes between a shallow and the largest depth, how
  /// it compares with the reference there; and whether the experiment's claim holds.
  public var sentences: [String] {
    if results.span == nil,
      results.predictions.contains(where: \.comparesDepths) || !hasReference
    {
      return ["A single depth shows no dependence on depth: nothing is claimed."]
    }
    return results.conditions.flatMap(sentences(under:))
      + [verdictSentence ?? fewSeeds.map { "Nothing is claimed: \($0)." }].compactMap(\.self)
      + pairingNotes
  }

  /// The remark that there are too few seeds to claim anything; `nil` if there are enough.
  private var fewSeeds: String? {
    guard let coverage = results.cells.map(\.loss.coverage).min(),
      coverage < MedianInterval.claimedCoverage
    else { return nil }
    let seeds = fewestSeeds
    return
      "intervals of \(seeds) \(seeds == 1 ? "seed" : "seeds") cover the true median with probability \(percent(coverage)), "
      + "but a claim needs 90 % (\(Setting.reportSeeds) 5)"
  }

  private var hasReference: Bool { results.reference != nil && results.arms.count > 1 }

  private func sentences(under condition: Condition) -> [String] {
    let prefix = condition.settings.isEmpty ? "" : "\(condition): "
    var sentences: [String] = []
    if let span = results.span {
      sentences = results.arms.compactMap { arm -> String? in
        guard let growth = results.growth(of: arm, condition),
          let deep = results[arm, span.deep, condition],
          let shallow = results[arm, span.shallow, condition]
        else { return nil }
        let change = "\(arm.rawValue): from depth \(span.shallow) to \(span.deep) training loss "
        let figures =
          "\(number(shallow.loss.median)) to \(number(deep.loss.median)), training error "
          + "\(percent(shallow.error.median)) to \(percent(deep.error.median))"
        return prefix + change + Self.verb(growth.lossDifference)
          + " (\(figures); paired difference in loss "
          + interval(growth.lossDifference) + ")."
      }
    }
    guard let reference = results.reference, let depth = results.depths.max() else {
      return sentences
    }
    for arm in results.arms where arm != reference {
      guard let cell = results[arm, depth, condition],
        let other = results[reference, depth, condition]
      else { continue }
      let comparison = results.comparison(of: cell, with: other)
      sentences.append(
        "\(prefix)\(prefix.isEmpty ? "At" : "at") depth \(depth) \(arm.rawValue) is \(Self.relation(comparison.errorDifference)) "
          + "\(reference.rawValue) in training error (paired difference "
          + "\(points(comparison.errorDifference))).")
    }
    return sentences
  }

  /// Whether the predictions hold; `nil` if there are none.
  var verdictSentence: String? {
    guard !results.predictions.isEmpty, let depth = results.depths.max() else { return nil }
    switch results.claimHolds {
    case true?:
      let words = results.predictions.map { $0.words(deepest: depth) }
      let everywhere = results.conditions.count > 1 ? " under every condition" : ""
      return "The claim holds: \(words.joined(separator: ", and "))\(everywhere)."
    case false?:
      // An interval may also be too wide to tell.
      return "These runs do not show that the claim holds" + (fewSeeds.map { ": \($0)." } ?? ".")
    case nil:
      var seen: Set<String> = []
      let arms = results.predictions.flatMap(\.arms).filter { seen.insert($0).inserted }
      let depths = results.predictions.contains(where: \.comparesDepths) ? " at two depths" : ""
      return "The claim needs the arms \(arms.joined(separator: " and "))\(depths): not requested."
    }
  }

  private static func verb(_ difference: MedianInterval) -> String {
    switch difference.sign {
    case .positive: "rises"
    case .negative: "falls"
    case .undecided: "shows no change that these seeds can detect"
    }
  }

  private static func relation(_ difference: MedianInterval) -> String {
    switch difference.sign {
    case .positive: "above"
    case .negative: "below"
    case .undecided: "not distinguishable from"
    }
  }

  private func interval(_ value: MedianInterval) -> String {
    "\(signed(value.low)) ... \(signed(value.high)), \(percent(value.coverage)) interval"
  }

  private func points(_ value: MedianInterval) -> String {
    String(
      format: "%+.2f ... %+.2f percentage points, ", 100 * value.low, 100 * value.high)
      + "\(percent(value.coverage)) interval"
  }

  private func number(_ value: Double) -> String {
    value.isFinite ? String(format: "%.3g", value) : "diverged"
  }

  private func signed(_ value: Double) -> String {
    value.isFinite ? String(format: "%+.3g", value) : (value > 0 ? "+infinite" : "-infinite")
  }

  func percent(_ value: Double) -> String { String(format: "%.3g %%", 100 * value) }
}
