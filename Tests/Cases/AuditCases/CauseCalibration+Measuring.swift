import Foundation
import Verification

extension CauseCalibration {
  /// Random passes with one, two and three mistakes and with mistakes of whole examples, `count` of each.
  public static func cases(_ count: Int) -> [AuditCase] {
    (1...3).flatMap { RandomCases.cases(count, mistakes: $0, seed: 1000) }
      + RandomCases.casesOfExamples(count, seed: 1000)
  }

  /// The counts on wrong passes.
  public static func measured(on cases: [AuditCase]) -> CauseCalibration {
    var counts: [CauseID: [Basis: Count]] = [:]
    for auditCase in cases {
      guard let report = try? Audit.report(on: auditCase.run, of: auditCase.network) else {
        continue
      }
      for claim in Claim.all(in: report, on: auditCase) {
        var count = counts[claim.cause.id]?[claim.cause.basis] ?? Count(0, 0)
        count.claims += 1
        count.right += claim.isRight ? 1 : 0
        counts[claim.cause.id, default: [:]][claim.cause.basis] = count
      }
    }
    return CauseCalibration(counts)
  }

  /// One mistake at one place, as a report claims it.
  public struct Claim: Sendable {
    /// What is claimed.
    public let cause: Cause
    /// Whether it is so.
    public let isRight: Bool

    /// Every claim of a report; a cause that stands beside several quantities is one claim.
    public static func all(in report: AuditReport, on auditCase: AuditCase) -> [Claim] {
      let expectations = auditCase.expectations
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

  /// As in "signFlipped".
  private static func swiftName(_ cause: CauseID) -> String {
    let words = cause.rawValue.split(separator: "-")
    return words[0] + words.dropFirst().map(\.capitalized).joined()
  }

  /// The counts as Swift source, measured on so many passes of each sort.
  public func source(passes: Int) -> String {
    let causes = CauseID.allOfAudits.compactMap { cause -> String? in
      guard let cells = counts[cause] else { return nil }
      let entries = Basis.allCases.compactMap { basis in
        cells[basis].map { ".\(basis.rawValue): Count(\($0.right), \($0.claims))" }
      }
      return "    .\(Self.swiftName(cause)): [\n      " + entries.joined(separator: ", ")
        + ",\n    ],"
    }
    return """
      // Written by `cases audit --calibrate \(passes)`: how often each cause was right, of how many claims.

      extension CauseCalibration {
        /// The counts that confidences come from.
        public static let stored = CauseCalibration([
      \(causes.joined(separator: "\n"))
        ])
      }
      """
  }
}
