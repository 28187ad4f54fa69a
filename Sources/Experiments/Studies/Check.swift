import Console
import Foundation

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
  /// The part of the tolerance that is allowed for sampling; `nil` for a tolerance that is stated.
  public let samplingTolerance: Double?
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
    /// That it is smaller, and all of its interval.
    case below
    /// That it is not shown to be larger: the interval reaches down to the prediction. Few measurements make it true of anything, so that
    /// it is for what is not to be found, such as a difference; that something is small is ``below``.
    case notAbove = "not-above"
  }

  /// What comes of a check.
  public enum Verdict: String, Sendable {
    /// The measurement lies as predicted.
    case holds
    /// It does not.
    case fails = "does not hold"
    /// It does, but so would many others: a tolerance above ``largestSamplingTolerance`` is needed for sampling.
    case undecided = "too few draws to tell"
  }

  /// The largest part of a prediction that may be allowed for sampling, 15 %.
  ///
  /// A law is told from its neighbors, and from its control, only by measurements that are sharper than their distance. So a check that needs more
  /// does not hold, however near the measurement comes: it takes more draws, a logarithm, or an estimator that spreads
  /// less.
  public static let largestSamplingTolerance = 0.15

  /// A check that a median lies above or below a bound, or not above it, as decided by its interval.
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
    (standardError, tolerance, samplingTolerance) = (0, 0, nil)
    low = median.coverage >= 0.9 ? bounded(median.low) : nil
    high = median.coverage >= 0.9 ? bounded(median.high) : nil
  }

  /// A check that the median of values, such as one of each seed, lies above or below a bound, or not above it, as decided by its interval.
  public init(_ quantity: String, _ relation: Relation, _ bound: Double, medianOf values: [Double])
  {
    self.init(quantity, relation, bound, median: MedianInterval(of: values))
  }

  /// A check that the probability of what was counted lies above or below a bound, or not above it, as decided by its interval.
  public init(_ quantity: String, _ relation: Relation, _ bound: Double, share: BinomialInterval) {
    self.init(
      quantity, relation, bound,
      median: MedianInterval(
        median: share.share, low: share.low, high: share.high, coverage: share.coverage,
        count: share.trials))
  }

  /// A check that a number without a sampling error, such as the p of a test, lies above or below a bound.
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

  /// A check of a number without a sampling error.
  ///
  /// - Parameters:
  ///   - quantity: What is computed, as a phrase.
  ///   - predicted: Its value by the law.
  ///   - value: Its value.
  ///   - tolerance: The largest relative deviation, by the order of what the law or the computation leaves out.
  public init(_ quantity: String, predicted: Double, exactly value: Double, tolerance: Double) {
    self.init(
      quantity, predicted: predicted, measured: value, standardError: 0, tolerance: tolerance)
  }

  /// A check of a law about a mean: sampling is allowed a margin that a true law exceeds in one of 16,000 checks, ``SampleMean/margin``, up to
  /// ``largestSamplingTolerance``.
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
    let sampling = predicted == 0 ? 0 : measured.margin / abs(predicted)
    self.init(
      quantity, predicted: predicted, measured: measured.mean,
      standardError: measured.standardError, tolerance: neglected + sampling,
      samplingTolerance: sampling)
  }

  /// A check of a quantity with a known standard error.
  public init(
    _ quantity: String, predicted: Double, measured: Double, standardError: Double,
    tolerance: Double
  ) {
    self.init(
      quantity, predicted: predicted, measured: measured, standardError: standardError,
      tolerance: tolerance, samplingTolerance: nil)
  }

  private init(
    _ quantity: String, predicted: Double, measured: Double, standardError: Double,
    tolerance: Double, samplingTolerance: Double?
  ) {
    self.quantity = quantity
    self.predicted = predicted
    self.measured = measured
    self.standardError = standardError
    self.tolerance = tolerance
    self.samplingTolerance = samplingTolerance
    relation = .equal
    (low, high) = (nil, nil)
  }

  /// The relative deviation from the prediction: 0 if both are 0, and infinite if only the prediction is.
  public var deviation: Double {
    measured == predicted ? 0 : abs(measured - predicted) / abs(predicted)
  }

  /// Whether the measurement lies as predicted, and could have shown otherwise.
  public var holds: Bool { verdict == .holds }

  /// What comes of the check.
  public var verdict: Verdict {
    let isAsPredicted =
      switch relation {
      case .equal: deviation <= tolerance
      case .above: low.map { $0 > predicted } ?? false
      case .below: high.map { $0 < predicted } ?? false
      case .notAbove: low.map { $0 <= predicted } ?? false
      }
    guard isAsPredicted else { return .fails }
    return samplingTolerance ?? 0 <= Self.largestSamplingTolerance ? .holds : .undecided
  }

  /// The prediction in readable form: a number, or a bound.
  public var prediction: String {
    // Rounded to four digits, and without the zeros at the end.
    let bound = NumberFormat.plain(
      Double(NumberFormat.significant(predicted)) ?? predicted)
    return switch relation {
    case .equal: number(predicted)
    case .above: "above \(bound)"
    case .below: "below \(bound)"
    case .notAbove: "not above \(bound)"
    }
  }

  /// A value to as many digits as the tolerance tells apart, and at least four.
  private func number(_ value: Double) -> String {
    let digits = tolerance > 0 && tolerance < 1 ? Int((1 - log10(tolerance)).rounded(.up)) : 4
    return NumberFormat.significant(value, digits: min(max(4, digits), 16))
  }

  /// A share in percent to two digits, however small.
  private func percent(_ share: Double) -> String {
    share == 0 || share >= 0.01
      ? NumberFormat.percent(share) : NumberFormat.significant(100 * share, digits: 2) + "%"
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
      table.add(check.cells)
    }
    return table
  }

  /// What is printed of a check: quantity, prediction, measurement, its standard error, deviation, tolerance and verdict.
  var cells: [String] {
    let isEqual = relation == .equal
    return [
      quantity, prediction,
      isEqual
        ? number(measured) : measurement { NumberFormat.significant($0, digits: 3) },
      isEqual && standardError > 0 ? NumberFormat.significant(standardError, digits: 2) : "",
      isEqual ? percent(deviation) : "", isEqual ? percent(tolerance) : "",
      verdict == .holds ? verdict.rawValue : verdict.rawValue.uppercased(),
    ]
  }
}
