import Console

/// A prediction next to its measurement.
public struct Check: Codable, Sendable, Hashable {
  /// What is measured, in words.
  public let quantity: String
  /// The predicted and the measured value.
  public let predicted: Double, measured: Double
  /// The standard error of the measurement from sampling; 0 for an exact one.
  public let standardError: Double
  /// The largest relative deviation that is accepted.
  public let tolerance: Double
  /// How the measurement must relate to the prediction.
  public let relation: Relation
  /// The ends of the measurement's interval; `nil` for none.
  public let low: Double?, high: Double?

  /// What a prediction says about a measurement.
  public enum Relation: String, Codable, Sendable {
    /// It is equal, up to the tolerance.
    case equal
    /// It is larger, as is all of its interval.
    case above
    /// It is not larger: the interval reaches down to the prediction.
    case notAbove = "not-above"
  }

  /// A check that a median lies above a bound, or does not lie above it, as decided by its interval.
  ///
  /// An interval with a coverage below 0.9 decides nothing, and then no check holds. Infinite values (of
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

  /// A check that a number without a sampling error, such as the p of a test, lies above a bound, or does not lie above it.
  public init(_ quantity: String, _ relation: Relation, _ bound: Double, exactly value: Double) {
    self.init(
      quantity, relation, bound,
      median: MedianInterval(median: value, low: value, high: value, coverage: 1, count: 1))
  }

  /// A check of a sampled quantity.
  public init(_ quantity: String, predicted: Double, measured: SampleMean, tolerance: Double) {
    self.init(
      quantity, predicted: predicted, measured: measured.mean,
      standardError: measured.standardError, tolerance: tolerance)
  }

  /// A check of a law about a mean: sampling is allowed a margin that a true law exceeds in one of 16,000 checks,
  /// ``SampleMean/margin``.
  ///
  /// - Parameters:
  ///   - quantity: What is measured, as a phrase.
  ///   - predicted: The mean by the law.
  ///   - measured: The mean over the samples, with its standard error.
  ///   - neglected: The relative size of what the law leaves out; 0 for an exact one.
  public init(
    _ quantity: String, law predicted: Double, measured: SampleMean,
    neglecting neglected: Double = 0
  ) {
    self.init(
      quantity, predicted: predicted, measured: measured,
      tolerance: predicted == 0
        ? 0 : neglected + measured.margin / abs(predicted))
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

  /// The relative deviation from the prediction: 0 if both are 0, and infinite if only the prediction is.
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

  /// The prediction in readable form: a number, or a bound.
  public var prediction: String {
    switch relation {
    case .equal: NumberFormat.significant(predicted)
    case .above: "above \(predicted)"
    case .notAbove: "not above \(predicted)"
    }
  }

  /// The measurement in readable form, with its interval if it has one.
  public func measurement(_ text: (Double) -> String) -> String {
    guard let low, let high else { return text(measured) }
    return "\(text(measured)) (\(text(low)) to \(text(high)))"
  }
}

extension Check {
  /// Predictions next to measurements, as printed.
  public static func table(_ checks: [Check]) -> Table {
    var table = Table([
      Table.Column("quantity", .left), "predicted", "measured", "± (1 s.e.)", "off by", "tolerance",
      Table.Column("verdict", .left),
    ])
    for check in checks {
      func number(_ value: Double) -> String { NumberFormat.significant(value) }
      let isEqual = check.relation == .equal
      table.add(
        check.quantity, check.prediction,
        isEqual
          ? number(check.measured)
          : check.measurement { NumberFormat.significant($0, digits: 3) },
        isEqual ? NumberFormat.significant(check.standardError, digits: 2) : "",
        isEqual ? NumberFormat.percent(check.deviation) : "",
        isEqual ? NumberFormat.percent(check.tolerance) : "",
        check.holds ? "holds" : "DOES NOT HOLD")
    }
    return table
  }
}
