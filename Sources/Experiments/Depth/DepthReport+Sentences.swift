import Foundation

extension DepthReport {
  /// What may be said, by the intervals: how each arm changes between a shallow and the largest depth, how it
  /// compares with plain there, and whether the study's claim holds.
  public var sentences: [String] {
    guard let span = results.span else {
      return ["One depth alone shows no dependence on depth: nothing is claimed."]
    }
    var sentences = results.arms.compactMap { arm -> String? in
      guard let growth = results.growth(of: arm), let deep = results[arm, span.deep],
        let shallow = results[arm, span.shallow]
      else { return nil }
      let change = "\(arm.rawValue): from depth \(span.shallow) to \(span.deep) training loss "
      let figures =
        "\(number(shallow.loss.median)) to \(number(deep.loss.median)), training error "
        + "\(percent(shallow.error.median)) to \(percent(deep.error.median))"
      return change + Self.verb(growth.lossDifference) + " (\(figures); paired difference in loss "
        + interval(growth.lossDifference) + ")."
    }
    if results.arms.contains(.plain) {
      for arm in results.arms where arm != .plain {
        guard let cell = results[arm, span.deep], let plain = results[.plain, span.deep] else {
          continue
        }
        let comparison = results.comparison(of: cell, with: plain)
        sentences.append(
          "At depth \(span.deep) \(arm.rawValue) is \(Self.relation(comparison.errorDifference)) plain in "
            + "training error (paired difference \(points(comparison.errorDifference))).")
      }
    }
    switch results.claimHolds {
    case true?:
      sentences.append(
        "The claim holds: plain training loss rises with depth, and residual nets are below plain at depth "
          + "\(span.deep).")
    case false?:
      // An interval may as well be too wide to tell.
      sentences.append("These runs do not show that the claim holds.")
    case nil:
      sentences.append("The claim needs the arms plain and residual at two depths: not asked.")
    }
    return sentences + pairingNotes
  }

  private static func verb(_ difference: MedianInterval) -> String {
    switch difference.sign {
    case .positive: "rises"
    case .negative: "falls"
    case .undecided: "changes by no amount that these seeds tell from 0"
    }
  }

  private static func relation(_ difference: MedianInterval) -> String {
    switch difference.sign {
    case .positive: "above"
    case .negative: "below"
    case .undecided: "not told from"
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
