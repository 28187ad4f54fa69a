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
  /// How the measurement has to lie to the prediction.
  public let relation: Relation
  /// The ends of the measurement's interval; `nil` for none.
  public let low: Double?, high: Double?

  /// What a prediction says about a measurement.
  public enum Relation: String, Codable, Sendable {
    /// That it is equal, up to the tolerance.
    case equal
    /// That it is larger, and all of its interval.
    case above
    /// That it is not larger: the interval reaches down to the prediction.
    case notAbove = "not-above"
  }

  /// A check that a median lies above a bound, or does not, as far as its interval tells.
  ///
  /// An interval that covers with a probability below 0.9 tells nothing, and then no check holds. Infinite values (of
  /// runs that diverged) become the largest finite number, since JSON has none.
  public init(_ quantity: String, _ relation: Relation, _ bound: Double, median: MedianInterval) {
    self.quantity = quantity
    self.relation = relation
    predicted = bound
    func bounded(_ value: Double) -> Double {
      min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
    }
    measured = bounded(median.median)
    (standardError, tolerance) = (0, 0)
    low = median.coverage >= 0.9 ? bounded(median.low) : nil
    high = median.coverage >= 0.9 ? bounded(median.high) : nil
  }

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
    relation = .equal
    (low, high) = (nil, nil)
  }

  /// The relative deviation from the prediction: 0 where both are 0, and infinite where the prediction alone is.
  public var deviation: Double {
    measured == predicted ? 0 : abs(measured - predicted) / abs(predicted)
  }

  /// Whether the measurement lies as predicted.
  public var holds: Bool {
    switch relation {
    case .equal: deviation <= tolerance
    case .above: low.map { $0 > predicted } ?? false
    case .notAbove: low.map { $0 <= predicted } ?? false
    }
  }

  /// The prediction as people read it: a number, or a bound.
  public var prediction: String {
    switch relation {
    case .equal: "\(predicted)"
    case .above: "above \(predicted)"
    case .notAbove: "not above \(predicted)"
    }
  }

  /// The measurement as people read it, with its interval where it has one.
  public func measurement(_ text: (Double) -> String) -> String {
    guard let low, let high else { return text(measured) }
    return "\(text(measured)) (\(text(low)) to \(text(high)))"
  }
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
              check.quantity, check.prediction, check.measurement { "\($0)" },
              check.relation == .equal ? "\(check.standardError)" : "",
              check.relation == .equal ? "\(check.tolerance)" : "", "\(check.holds)",
            ]
          }), .paragraph(hold ? "The claim holds." : "The claim does not hold."),
      ]
    ).text
  }
}
