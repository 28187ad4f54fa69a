/// How often each cause was right where it was named: measured on random wrong passes, apart from the acceptance zoo.
///
/// A claim is one mistake at one place in one report, and is right where that mistake was planted at that place. The
/// confidence of a claim is the share of right claims of its cell, by Laplace's rule with the cause's own share as
/// the prior: (right + 2 p) / (claims + 2), p = (right of the cause + 1) / (claims of the cause + 2).
///
/// `plumb audit --calibrate 200` measures it and prints ``CauseCalibration/stored`` as source.
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

    init(_ right: Int, _ claims: Int) {
      self.right = right
      self.claims = claims
    }
  }

  /// What the claims of one cause on one basis came to.
  public private(set) var counts: [CauseID: [Basis: Count]] = [:]

  /// Nothing measured.
  init(_ counts: [CauseID: [Basis: Count]] = [:]) { self.counts = counts }

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

  // MARK: Measuring

  /// Random passes with one, two and three mistakes, `count` of each.
  public static func cases(_ count: Int) -> [ZooCase] {
    (1...3).flatMap { RandomZoo.cases(count, mistakes: $0, seed: 1000) }
  }

  /// The counts on wrong passes.
  public static func measured(on animals: [ZooCase]) -> CauseCalibration {
    var calibration = CauseCalibration()
    for animal in animals {
      guard let report = try? Audit.report(on: animal.run, of: animal.network) else { continue }
      for claim in Claim.all(in: report, on: animal) {
        var count = calibration.counts[claim.cause.id]?[claim.cause.basis] ?? Count(0, 0)
        count.claims += 1
        count.right += claim.isRight ? 1 : 0
        calibration.counts[claim.cause.id, default: [:]][claim.cause.basis] = count
      }
    }
    return calibration
  }

  /// One mistake at one place, as a report claims it.
  public struct Claim: Sendable {
    /// What is claimed.
    public let cause: Cause
    /// Whether it is so.
    public let isRight: Bool

    /// Every claim of a report; a cause that stands beside several quantities is one claim.
    public static func all(in report: AuditReport, on animal: ZooCase) -> [Claim] {
      let expectations = animal.expectations
      var explanations: Set<String> = []
      return report.items.compactMap { item in
        guard let cause = item.cause, cause.id != .unknown,
          cause.id == .inherited || explanations.insert(cause.explanation).inserted
        else { return nil }
        let here = expectations.filter { $0.quantity == item.quantity }
        let isRight =
          cause.id == .inherited ? here.isEmpty : here.contains { $0.cause == cause.id }
        return Claim(cause: cause, isRight: isRight)
      }
    }
  }

  /// The counts as Swift source, measured on so many passes of each sort.
  public func source(passes: Int) -> String {
    let causes = CauseID.allCases.compactMap { cause -> String? in
      guard let cells = counts[cause] else { return nil }
      let entries = Basis.allCases.compactMap { basis in
        cells[basis].map { ".\(basis.rawValue): Count(\($0.right), \($0.claims))" }
      }
      return "    .\(cause): [\n      " + entries.joined(separator: ", ") + ",\n    ],"
    }
    return """
      // Written by `plumb audit --calibrate \(passes)`: how often each cause was right, of how many claims.

      extension CauseCalibration {
        /// The counts that confidences come from.
        public static let stored = CauseCalibration([
      \(causes.joined(separator: "\n"))
        ])
      }
      """
  }
}
