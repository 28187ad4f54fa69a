/// How often each cause was right where it was named: measured on random wrong passes, apart from the acceptance zoo.
///
/// A claim is one mistake at one place in one report, and is right where that mistake was planted at that place. The
/// confidence of a claim is the share of right claims of its cell, by Laplace's rule with the cause's own share as
/// the prior: (right + 2 p) / (claims + 2), p = (right of the cause + 1) / (claims of the cause + 2).
///
/// `swift run -c release cases audit --calibrate 200` measures it and prints ``CauseCalibration/stored`` as source.
public struct CauseCalibration: Sendable, Hashable {
  /// What a claim rests on.
  public enum Basis: String, Sendable, Hashable, CaseIterable, Codable {
    /// The layer's dZ is given and one mistake explains the value; several together or several equally well.
    case given, givenOneOfSeveral
    /// The layer's dZ is inferred from gradients of parameters, likewise.
    case inferred, inferredOneOfSeveral

    /// The basis of a claim.
    init(isGiven: Bool, isAlone: Bool) {
      self =
        isGiven
        ? isAlone ? .given : .givenOneOfSeveral : isAlone ? .inferred : .inferredOneOfSeveral
    }

    /// Whether the layer's dZ is given.
    var isGiven: Bool { self == .given || self == .givenOneOfSeveral }
    /// Whether one mistake explains the value, and no other as well.
    var isAlone: Bool { self == .given || self == .inferred }
  }

  /// Claims, and how many of them were right.
  public struct Count: Sendable, Hashable {
    /// Both numbers.
    public var right: Int, claims: Int

    package init(_ right: Int, _ claims: Int) {
      self.right = right
      self.claims = claims
    }
  }

  /// What the claims of one cause on one basis came to.
  public let counts: [CauseID: [Basis: Count]]

  /// Counts; none by default.
  package init(_ counts: [CauseID: [Basis: Count]] = [:]) { self.counts = counts }

  /// The probability that a claim is right; 0 for `unknown`, which claims nothing.
  public func confidence(in cause: CauseID, on basis: Basis) -> Double {
    if cause == .unknown { return 0 }
    let cells = counts[cause] ?? [:]
    let right = cells.values.reduce(0) { $0 + $1.right }
    let claims = cells.values.reduce(0) { $0 + $1.claims }
    let prior = Double(right + 1) / Double(claims + 2)
    let cell = cells[basis] ?? Count(0, 0)
    return (Double(cell.right) + 2 * prior) / Double(cell.claims + 2)
  }
}
