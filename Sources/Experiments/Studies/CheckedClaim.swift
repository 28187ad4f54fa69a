import Console
import Plots

/// The results of a ``ClaimStudy``: predictions next to measurements, and a figure of the measurements.
public struct CheckedClaim: StudyResult {
  /// The predictions next to the measurements.
  public let checks: [Check]
  private let study: any ClaimStudy.Type
  private let isControl: Bool
  private let drawing: FigureGrid

  /// The result of a study.
  public init(of study: some ClaimStudy, checks: [Check], figure: FigureGrid) {
    self.study = type(of: study)
    isControl = study.isControl
    self.checks = checks
    drawing = figure
  }

  /// Whether every check holds.
  public var claimHolds: Bool? { checks.allSatisfy(\.holds) }

  /// The checks.
  public var summary: [Check] { checks }

  /// The checks as comma-separated values, one per line.
  public var csv: String {
    let header =
      "quantity,predicted,measured,standard_error,tolerance,deviation,holds,relation,low,high"
    let rows = checks.map { check in
      let name = check.quantity.replacing("\"", with: "\"\"")
      func cell(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
      return "\"\(name)\",\(check.predicted),\(check.measured),\(check.standardError),"
        + "\(check.tolerance),\(check.relation == .equal ? "\(check.deviation)" : ""),\(check.holds),"
        + "\(check.relation.rawValue),"
        + "\(cell(check.low)),\(cell(check.high))"
    }
    return ([header] + rows).joined(separator: "\n") + "\n"
  }

  /// The data of the figure's panels.
  public var figureData: String? { drawing.csv() }

  /// The measurements.
  public func figure(command: String) -> FigureGrid { drawing }

  /// Claim, source, the table of checks, and the verdict.
  public var text: String {
    "claim: \(study.claim)\nsource: \(study.source)\n"
      + (isControl ? "control: \(study.control)\n" : "")
      + "\n\(Check.table(checks).text())\n\(verdict)\n"
  }

  /// The same as a page.
  public func page(figure: String, command: String) -> HTMLReport? {
    HTMLReport(
      title: study.name,
      [
        .verdict(verdict), .figure(self.figure(command: command), wide: figure),
        .paragraph(study.claim),
        .paragraph("Source: " + study.source),
        .table(
          header: [
            "quantity", "predicted", "measured", "standard error", "off by", "tolerance", "verdict",
          ],
          rows: checks.map { check in
            check.cells.dropLast() + [check.verdict.rawValue]
          }), .code(command),
      ])
  }

  private var verdict: String {
    switch (claimHolds == true, isControl) {
    case (true, false): "The claim holds."
    case (false, false): "The claim does not hold."
    case (false, true): "The claim does not hold, as it should not: \(study.control)."
    case (true, true):
      "The claim holds although it was deliberately broken, so its checks are worthless: \(study.control)."
    }
  }
}
