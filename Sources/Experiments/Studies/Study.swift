import Plots

/// A published result that a small machine can check: a claim, predictions made before the measurement, and
/// tolerances. One file in `Research/` each.
public protocol Study: Sendable {
  /// The name of the command.
  static var name: String { get }
  /// The claim in one sentence.
  static var claim: String { get }
  /// Who published it.
  static var source: String { get }
  /// What the quick and the full form cost on two cores, in words.
  static var cost: (quick: String, full: String) { get }

  /// Predicts and measures. The same findings every time: the seeds are fixed.
  static func findings(_ effort: Effort) throws -> Findings
}

/// How much a study samples.
public enum Effort: Sendable {
  /// Enough to see the claim.
  case quick
  /// Enough for the stated tolerances with room.
  case full

  /// One of two numbers.
  public func choose(quick: Int, full: Int) -> Int { self == .quick ? quick : full }
}

/// A prediction beside its measurement.
public struct Check: Codable, Sendable, Hashable {
  /// What is measured, in words.
  public let quantity: String
  /// What the claim says, and what came out.
  public let predicted: Double, measured: Double
  /// The standard error of the measurement from sampling; 0 for an exact one.
  public let standardError: Double
  /// The largest relative deviation that is accepted.
  public let tolerance: Double

  /// A check of a sampled quantity.
  public init(_ quantity: String, predicted: Double, measured: SampleMean, tolerance: Double) {
    self.init(
      quantity, predicted: predicted, measured: measured.mean,
      standardError: measured.standardError, tolerance: tolerance)
  }

  /// A check of a quantity with a known standard error.
  public init(
    _ quantity: String, predicted: Double, measured: Double, standardError: Double,
    tolerance: Double
  ) {
    self.quantity = quantity
    self.predicted = predicted
    self.measured = measured
    self.standardError = standardError
    self.tolerance = tolerance
  }

  /// The relative deviation from the prediction.
  public var deviation: Double { abs(measured - predicted) / abs(predicted) }

  /// Whether the deviation is within the tolerance.
  public var holds: Bool { deviation <= tolerance }
}

/// What a study found.
public struct Findings: Sendable {
  /// The predictions beside the measurements.
  public let checks: [Check]
  /// What was measured, drawn.
  public let figure: FigureGrid

  /// These findings.
  public init(checks: [Check], figure: FigureGrid) {
    self.checks = checks
    self.figure = figure
  }

  /// Whether every check holds.
  public var hold: Bool { checks.allSatisfy(\.holds) }

  /// The checks as comma-separated values.
  public var csv: String {
    let header = "quantity,predicted,measured,standard_error,tolerance,deviation,holds"
    let rows = checks.map { check in
      let name = check.quantity.replacing("\"", with: "\"\"")
      return "\"\(name)\",\(check.predicted),\(check.measured),\(check.standardError),"
        + "\(check.tolerance),\(check.deviation),\(check.holds)"
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// The report as one HTML file.
  public func html(study: any Study.Type, figure: String) -> String {
    HTMLReport(
      title: study.name,
      [
        .paragraph(study.claim), .paragraph("Source: " + study.source), .figure(svg: figure),
        .table(
          header: ["quantity", "predicted", "measured", "standard error", "tolerance", "holds"],
          rows: checks.map { check in
            [
              check.quantity, "\(check.predicted)", "\(check.measured)", "\(check.standardError)",
              "\(check.tolerance)", "\(check.holds)",
            ]
          }), .paragraph(hold ? "The claim holds." : "The claim does not hold."),
      ]
    ).text
  }
}
