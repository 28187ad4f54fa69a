import Plumbline

/// The answer of a check.
public enum Verdict: String, Sendable, Hashable, Codable, CaseIterable, Comparable {
  /// The gradient is right.
  case pass
  /// The function has a kink here, and the gradient is one of those allowed.
  case kink
  /// The gradient is wrong.
  case fail

  /// By severity.
  public static func < (left: Verdict, right: Verdict) -> Bool {
    allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
  }
}

/// ‖a - b‖ / (‖a‖ + ‖b‖): the distance of two vectors by which a gradient is usually judged.
public struct NormalizedDistance: Sendable, Hashable {
  /// From 0 for equal vectors to 1 for opposite ones; 0 where both are zero.
  public let value: Double

  /// The distance of pairs of entries.
  public init(_ pairs: some Sequence<(Double, Double)>) {
    let pairs = Array(pairs)
    // Scaled, so that no square overflows or vanishes.
    let unit = pairs.reduce(0) { Swift.max($0, abs($1.0), abs($1.1)) }
    guard pairs.allSatisfy({ $0.0.isFinite && $0.1.isFinite }) else {
      value = .infinity
      return
    }
    guard unit > 0 else {
      value = 0
      return
    }
    var (difference, first, second) = (0.0, 0.0, 0.0)
    for (a, b) in pairs {
      let (x, y) = (a / unit, b / unit)
      difference += (x - y) * (x - y)
      first += x * x
      second += y * y
    }
    value = difference.squareRoot() / (first.squareRoot() + second.squareRoot())
  }

  /// The verdict by the usual thresholds, for central differences in double precision with a step of about 1e-7.
  public var meaning: String {
    switch value {
    case ...1e-7: "below 1e-7: right"
    case ...1e-5: "between 1e-7 and 1e-5: right more often than not; look at single entries"
    case ...1e-3: "between 1e-5 and 1e-3: doubtful; a kink or a mistake in few entries"
    default: "above 1e-3: wrong, or at a kink"
    }
  }
}

extension GradientCheck {
  /// The findings of the check.
  public struct Report: Sendable {
    /// All evidence against the gradient; empty if all oracles agree.
    public internal(set) var failures: [Failure]
    /// The order of the Taylor remainder.
    public let slope: Double?
    /// The largest difference between the gradient and central differences outside kinks, relative to the size of
    /// the gradient's largest entry.
    public let largestRelativeError: Double
    /// What was found for each input.
    public internal(set) var tensors: [TensorReport]
    /// The comparison of the gradient along one random direction in all inputs.
    public let projection: Projection
    /// Inputs whose gradient is zero at the point and that were compared at a point nearby where it is not.
    public internal(set) var moved: [String] = []
    /// Inputs whose gradient is zero at both points: nothing was compared.
    public internal(set) var unchecked: [String] = []

    /// Whether the gradient is right, or right as far as a kink lets it be.
    public var passes: Bool { failures.isEmpty }

    /// The worst verdict of all inputs.
    public var verdict: Verdict {
      failures.isEmpty ? tensors.map(\.verdict).max() ?? .pass : .fail
    }

    /// The distance of gradient and central differences over all checked entries that are judged, kinks included.
    public var distance: NormalizedDistance {
      NormalizedDistance(judged.flatMap(\.entries).lazy.map { ($0.claimed, $0.difference) })
    }

    /// The inputs that are judged.
    private var judged: [TensorReport] { tensors.filter { !$0.isSurrogate } }

    /// The same over the entries at which the function has one slope.
    public var distanceWithoutKinks: NormalizedDistance {
      NormalizedDistance(
        judged.flatMap(\.entries).lazy.filter { $0.verdict != .kink }
          .map { ($0.claimed, $0.difference) })
    }

    /// The share of all entries that were compared one by one.
    public var checkedShare: Double {
      let all = tensors.reduce(0) { $0 + $1.count }
      return all == 0 ? 1 : Double(tensors.reduce(0) { $0 + $1.entries.count }) / Double(all)
    }
  }

  /// What was found for one input.
  public struct TensorReport: Sendable {
    /// The input's name.
    public let name: String
    /// The number of its entries.
    public let count: Int
    /// The entries that were compared one by one: all of them, or a sample.
    public let entries: [EntryReport]
    /// The gradient along a random direction in only this input, if not every entry was compared.
    public let projection: Projection?
    /// The kinks at its entries.
    public let kinks: [Kink]
    /// The evidence against its gradient.
    public internal(set) var failures: [Failure]
    /// Whether its gradient is meant to differ from the derivative: it is compared and not judged.
    public var isSurrogate = false

    /// The ratio of its gradient to what the oracles give, if it is the same for all entries that were compared; `nil` if it is
    /// not, and for a gradient that is 0.
    public var ratio: Double? {
      let pairs = entries.map { ($0.claimed, $0.difference) }.filter {
        $0.0.isFinite && $0.1.isFinite
      }
      let square = pairs.reduce(0) { $0 + $1.1 * $1.1 }
      let largest = pairs.reduce(0) { Swift.max($0, abs($1.0)) }
      guard pairs.count == entries.count, square > 0, largest > 0 else { return nil }
      let ratio = pairs.reduce(0) { $0 + $1.0 * $1.1 } / square
      return pairs.allSatisfy { abs($0.0 - ratio * $0.1) <= 1e-6 * largest } ? ratio : nil
    }

    /// The worst verdict of its entries.
    public var verdict: Verdict {
      isSurrogate ? .pass : failures.isEmpty ? (kinks.isEmpty ? .pass : .kink) : .fail
    }

    /// The distance of gradient and central differences over the checked entries.
    public var distance: NormalizedDistance {
      NormalizedDistance(entries.lazy.map { ($0.claimed, $0.difference) })
    }
  }

  /// One entry.
  public struct EntryReport: Sendable, Hashable {
    /// Its index in row-major order.
    public let entry: Int
    /// What the gradient says.
    public let claimed: Double
    /// The central difference, with the requested step if there is one. Without a fixed step: where a kink
    /// is too near for accurate differences, the slope by dual numbers; at a kink, the mean of the two slopes.
    public let difference: Double
    /// Whether they agree.
    public let verdict: Verdict
  }

  /// The gradient along one direction, computed in three ways.
  public struct Projection: Sendable, Hashable {
    /// What the gradient says.
    public let claimed: Double
    /// What central differences and dual numbers say.
    public let difference: Double, dual: Double
    /// The order of the Taylor remainder; `nil` if the remainder is rounding only, and at a kink.
    public let order: Double?
    /// The decisions that differ between the two sides of the point.
    public let crossings: [Crossing]
  }

  /// The objection of one oracle to the gradient.
  public struct Failure: Sendable, Hashable, CustomStringConvertible {
    /// The oracle.
    public let oracle: Oracle
    /// The input and its entry; `nil` for a statement about a direction.
    public let position: Position?
    /// The input that the direction is confined to, if it is.
    public var input: Int?
    /// What the gradient says and what the oracle says (for the Taylor slope: 2 and the order found).
    public let claimed: Double, found: Double
    /// The largest difference that would have been accepted.
    public let allowance: Double
    /// Further remarks.
    public var remark = ""

    /// A sentence.
    public var description: String {
      let direction =
        input.map { "along a random direction in input \($0)" } ?? "along a random direction"
      let position = position.map { "entry \($0.entry) of input \($0.input)" } ?? direction
      return
        "\(oracle.rawValue), \(position): claimed \(claimed), found \(found), allowed \(allowance)"
        + (remark.isEmpty ? "" : "; " + remark)
    }
  }

  /// An entry of an input.
  public struct Position: Sendable, Hashable {
    /// The number of the input, and of the entry in row-major order.
    public let input: Int, entry: Int
  }

  /// One of the three ways to compute a derivative.
  public enum Oracle: String, Sendable, CaseIterable {
    /// Central differences, entry by entry.
    case difference = "central difference"
    /// Dual numbers, along a random direction.
    case dual = "dual numbers"
    /// The order of the Taylor remainder, along the same direction.
    case taylorSlope = "Taylor slope"
  }
}
