import Foundation
import Verification

extension CauseCalibration {
  /// Random passes with one, two and three mistakes and with mistakes of whole examples, `count` of each.
  public static func cases(_ count: Int) -> [AuditCase] {
    (1...3).flatMap { RandomCases.cases(count, mistakes: $0, seed: 1000) }
      + RandomCases.casesOfExamples(count, seed: 1000)
  }

  /// The counts on wrong passes and on wrong steps of other networks.
  public static func measured(
    on cases: [AuditCase], and steps: [RandomStep]
  ) -> CauseCalibration {
    let claims =
      cases.flatMap { auditCase in
        (try? Audit.report(on: auditCase.run, of: auditCase.network))
          .map { Claim.all(in: $0, on: auditCase) } ?? []
      } + steps.flatMap { step in (try? step.report()).map { Claim.all(in: $0, on: step) } ?? [] }
    var counts: [CauseID: [Basis: Count]] = [:]
    for claim in claims {
      var count = counts[claim.cause.id]?[claim.cause.basis] ?? Count(0, 0)
      count.claims += 1
      count.right += claim.isRight ? 1 : 0
      counts[claim.cause.id, default: [:]][claim.cause.basis] = count
    }
    return CauseCalibration(counts)
  }

  /// One mistake at one location, as a report claims it.
  public struct Claim: Sendable {
    /// What is claimed.
    public let cause: Cause
    /// Whether it is so.
    public let isRight: Bool

    /// Every claim of a report; a cause that stands next to several quantities is one claim.
    public static func all(in report: AuditReport, on auditCase: AuditCase) -> [Claim] {
      let expectations = auditCase.expectations
      return all(in: report) { quantity, cause in
        let here = expectations.filter { $0.quantity == quantity }
        return cause == .inherited ? here.isEmpty : here.contains { $0.isNamed(cause) }
      }
    }

    /// Every claim of a report on a step with one mistake, which may show in several quantities. What is inherited from it is not counted.
    public static func all(in report: AuditReport, on step: RandomStep) -> [Claim] {
      all(in: report) { $1 == step.cause }.filter { $0.cause.id != .inherited }
    }

    private static func all(
      in report: AuditReport, isRight: (Quantity, CauseID) -> Bool
    ) -> [Claim] {
      var explanations: Set<String> = []
      return report.items.compactMap { item in
        guard let cause = item.cause, cause.id != .unknown,
          cause.id == .inherited || explanations.insert(cause.explanation).inserted
        else { return nil }
        return Claim(cause: cause, isRight: isRight(item.quantity, cause.id))
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
        /// The counts from which confidences are computed.
        public static let stored = CauseCalibration([
      \(causes.joined(separator: "\n"))
        ])
      }
      """
  }
}
