/// How often each cause was right when it was reported: measured on random wrong passes, separate from the acceptance cases.
///
/// A claim is one mistake at one position in one report, and is right if that mistake was planted at that position. The
/// confidence of a claim is the share of right claims of its cell, by Laplace's rule with the cause's own share as
/// the prior: (right + 2 p) / (claims + 2), p = (right of the cause + 1) / (claims of the cause + 2).
///
/// `swift run -c release cases audit --calibrate 200` measures it and prints ``CauseCalibration/stored`` as source.
public struct CauseCalibration: Sendable, Hashable {
  /// What a claim rests on.
  public typealias Basis = CauseBasis

  /// The number of claims, and how many of them were right.
  public struct Count: Sendable, Hashable {
    /// Both numbers.
    public var right: Int, claims: Int

    package init(_ right: Int, _ claims: Int) {
      self.right = right
      self.claims = claims
    }
  }

  /// The counts for the claims of one cause on one basis.
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

extension Cause {
  /// The measured share of such claims that were right, see ``CauseCalibration``.
  public var confidence: Double { CauseCalibration.stored.confidence(in: id, on: basis) }
}
