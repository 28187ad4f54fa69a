import Findings
import Plumbline

enum ChangedAfterwards: KnownCause {
  static let id = CauseID.changedAfterwards
  static let meaning =
    "the right gradients, changed before they were saved: cut off, their signs alone, or an optimizer's step"

  /// The cause of a gradient that was changed so.
  static func cause(_ change: Change, _ quantity: Quantity) -> Cause {
    Cause(id: id, explanation: change.explanation(quantity))
  }

  /// What was done to every gradient, value by value.
  enum Change {
    /// Cut off at a bound on both sides.
    case clipped(at: Double)
    /// A constant times the sign.
    case signs(times: Double)
    /// g / (|g| + ε) times a constant.
    case divided

    /// What the gradients have in common; `nil` for nothing.
    ///
    /// - Parameters:
    ///   - own: The values in the file, of all gradients.
    ///   - right: What they should be.
    init?(_ own: [Double], _ right: [Double], tolerance: Double) {
      let bound = own.map(Swift.abs).max() ?? 0
      let size = right.map(Swift.abs).max() ?? 0
      guard own.count > 5, bound > 0, size > 0, bound.isFinite else { return nil }
      func agrees(_ value: (Double) -> Double) -> Bool {
        zip(own, right).allSatisfy { Swift.abs($0 - value($1)) <= tolerance * bound }
      }
      let isCut = right.map { Swift.abs($0) > (1 + tolerance) * bound }
      if isCut.contains(true), isCut.contains(false),
        agrees({ Swift.min(Swift.max($0, -bound), bound) })
      {
        self = .clipped(at: bound)
        return
      }
      let moving = zip(own, right).filter { $0.1 != 0 }
      guard moving.count > 5, moving.allSatisfy({ $0.0 * $0.1 > 0 }) else { return nil }
      if moving.allSatisfy({ Swift.abs(Swift.abs($0.0) - bound) <= tolerance * bound }) {
        self = .signs(times: bound)
        return
      }
      // 1/|own| = a + b/|g|, by its two ends.
      let ends = moving.map { (Swift.abs($0.0), Swift.abs($0.1)) }.sorted { $0.1 < $1.1 }
      let (small, large) = (ends[0], ends[ends.count - 1])
      guard large.1 > 1.01 * small.1 else { return nil }
      let b = (1 / small.0 - 1 / large.0) / (1 / small.1 - 1 / large.1)
      let a = 1 / large.0 - b / large.1
      // A mere factor is another mistake.
      guard b > 0, a * large.1 > 0.01 * b, agrees({ $0 / (a * Swift.abs($0) + b) }) else {
        return nil
      }
      self = .divided
    }

    fileprivate func explanation(_ quantity: Quantity) -> String {
      switch self {
      case .clipped(let bound):
        "\(quantity) is right but for values beyond \(bound.text), which were cut off, as by np.clip. Save the gradients before that."
      case .signs(let factor):
        "\(quantity) holds the signs of the right values alone\(factor == 1 ? "" : ", times \(factor.text)"). Save the gradients before that."
      case .divided:
        "\(quantity) is the right gradient g divided by its own size, g / (|g| + ε), as in a first step of Adam or RMSprop. Save the gradients, "
          + "not the steps."
      }
    }
  }
}

extension CauseID {
  /// The right gradients, changed before they were saved.
  public static let changedAfterwards: Self = "changed-afterwards"
}
