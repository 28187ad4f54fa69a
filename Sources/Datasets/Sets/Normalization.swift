import Findings
import Plumbline

/// A shift and a scale that give training data mean 0 and standard deviation 1.
///
/// It is fitted on training data and then applied unchanged to all other inputs of the network. x
/// becomes (x - mean) / standard deviation. The standard deviation is that of the population
/// (divided by the number of values, not one less). If all values are equal it is set to 1, so
/// a constant becomes 0.
public struct Normalization: Sendable, Hashable {
  /// Whether all features share one mean and standard deviation.
  public enum Scope: String, Sendable, Hashable, Codable, CaseIterable {
    /// One pair of statistics for all features together: preserves an image's contrasts.
    case global
    /// One pair for each feature.
    case perFeature = "per_feature"

    /// The name in options: `per-feature`.
    public var optionName: String { rawValue.replacing("_", with: "-") }
  }

  /// Whether all features share one mean and standard deviation.
  public let scope: Scope
  /// The means: one value, or one per feature.
  public let mean: [Double]
  /// The standard deviations, all above 0: one for each mean.
  public let standardDeviation: [Double]

  /// Statistics that are known: one value each for a global scope, one for each feature otherwise.
  package init(scope: Scope, mean: [Double], standardDeviation: [Double]) {
    self.scope = scope
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The statistics of a training set, whose features are read as Float.
  ///
  /// - Throws: ``/Findings/Problem`` if there are no examples.
  /// - Complexity: O(number of features), two passes.
  public init(fitting training: LabelledSet, scope: Scope) throws(Problem) {
    guard training.exampleCount > 0 else {
      throw Problem(
        .inconsistent, subject: training.name, location: "examples",
        problem: "there are no examples to compute statistics from", remedy: "give training data")
    }
    let features: Tensor<Float> = training.featureMatrix()
    self.init(fitting: features, scope: scope)
  }

  /// The statistics of training examples, `[examples]` and the shape of one; traps without any.
  ///
  /// Two passes in Double in the order of the data, so the result is the same on every machine.
  /// - Complexity: O(number of features), two passes.
  public init<Scalar: TensorScalar>(fitting features: Tensor<Scalar>, scope: Scope) {
    guard features.shape.rank > 0, features.count > 0 else {
      fatalError("statistics of features of shape \(features.shape)")
    }
    let values = Tensor<Double>(converting: features).scalars
    let width = scope == .global ? 1 : features.count / features.shape[0]
    // The sum of n equal Floats is exact in Double up to n = 2²⁹ (24 bits and 29 more), so the mean
    // of equal values is that value and their deviation exactly 0.
    let count = Double(values.count / width)
    var mean = [Double](repeating: 0, count: width)
    Self.forEach(values, width) { column, value in mean[column] += value }
    for column in mean.indices { mean[column] /= count }
    var squares = [Double](repeating: 0, count: width)
    Self.forEach(values, width) { column, value in
      let deviation = value - mean[column]
      squares[column] += deviation * deviation
    }
    self.scope = scope
    self.mean = mean
    standardDeviation = squares.indices.map { column in
      let isRepresentable = (0x1p-900...0x1p900).contains(squares[column])
      let deviation =
        isRepresentable
        ? (squares[column] / count).squareRoot()
        : Self.deviation(
          stride(from: column, to: values.count, by: width).lazy.map { values[$0] - mean[column] })
      return deviation > 0 ? deviation : 1
    }
  }

  /// The root mean square of numbers whose squares are not finite or vanish: in units of the largest.
  private static func deviation(_ values: some Sequence<Double>) -> Double {
    var largest = 0.0
    for value in values { largest = max(largest, abs(value)) }
    guard largest > 0, largest.isFinite else { return 0 }
    var (sum, count) = (0.0, 0.0)
    for value in values {
      sum += (value / largest) * (value / largest)
      count += 1
    }
    return largest * (sum / count).squareRoot()
  }

  /// The set with every feature shifted and scaled, as Float; targets and shape are unchanged.
  ///
  /// - Throws: ``/Findings/Problem`` if the number of features is not that of the training data, or a
  ///   normalized value is too large for a Float.
  /// - Complexity: O(number of features).
  public func applied(to set: LabelledSet) throws(Problem) -> LabelledSet {
    guard scope == .global || set.featureCount == mean.count else {
      throw Problem(
        .inconsistent, subject: set.name, location: "example shape \(set.exampleShape)",
        problem: "\(set.featureCount) features, but the normalization was fitted on \(mean.count)",
        remedy: "apply it to data with the shape of the training data")
    }
    let features: Tensor<Float> = set.featureMatrix()
    let values = applied(to: features).scalars
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw Problem(
        .outOfRange, subject: set.name,
        location: "example \(index / set.featureCount), feature \(index % set.featureCount)",
        problem: "the normalized value is \(values[index])",
        remedy: "remove the example or replace the value with one on the scale of the training data"
      )
    }
    return LabelledSet(
      name: set.name, features: NumericArray([set.exampleCount] + set.exampleShape, values),
      targets: set.targets, provenance: "\(set.provenance); normalized (\(scope.rawValue))",
      featureNames: set.featureNames)
  }

  /// Features, examples first, shifted and scaled; traps if the number of features differs.
  ///
  /// - Complexity: O(number of features).
  public func applied<Scalar: TensorScalar>(to features: Tensor<Scalar>) -> Tensor<Scalar> {
    var values = Tensor<Double>(converting: features).scalars
    guard values.count.isMultiple(of: mean.count) else {
      fatalError("\(mean.count) means are applied to features of shape \(features.shape)")
    }
    for start in stride(from: 0, to: values.count, by: mean.count) {
      for column in mean.indices {
        values[start + column] = (values[start + column] - mean[column]) / standardDeviation[column]
      }
    }
    return Tensor(converting: Tensor<Double>(features.shape, values))
  }

  /// Undoes the shift and scale of values, `[examples]` and the shape of one; traps if the number of columns
  /// differs.
  ///
  /// - Complexity: O(number of values).
  public func undone<Scalar: TensorScalar>(from scaled: Tensor<Scalar>) -> Tensor<Scalar> {
    var values = Tensor<Double>(converting: scaled).scalars
    guard values.count.isMultiple(of: mean.count) else {
      fatalError("\(mean.count) means are added to values of shape \(scaled.shape)")
    }
    for index in values.indices {
      let column = index % mean.count
      values[index] = values[index] * standardDeviation[column] + mean[column]
    }
    return Tensor(converting: Tensor<Double>(scaled.shape, values))
  }

  private static func forEach(
    _ values: [Double], _ width: Int, _ body: (_ column: Int, _ value: Double) -> Void
  ) {
    for start in stride(from: 0, to: values.count, by: width) {
      for column in 0..<width { body(column, values[start + column]) }
    }
  }
}

extension Normalization: Codable {
  private enum CodingKeys: String, CodingKey {
    case scope, mean
    case standardDeviation = "standard_deviation"
  }

  /// Reads the statistics, and rejects those that could not have been fitted.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    scope = try container.decode(Scope.self, forKey: .scope)
    mean = try container.decode([Double].self, forKey: .mean)
    standardDeviation = try container.decode([Double].self, forKey: .standardDeviation)
    guard !mean.isEmpty, scope == .perFeature || mean.count == 1,
      mean.allSatisfy({ $0.isFinite })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .mean, in: container,
        debugDescription: "\(mean.count) means for scope \(scope.rawValue), or one is not finite")
    }
    guard standardDeviation.count == mean.count,
      standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 })
    else {
      throw DecodingError.dataCorruptedError(
        forKey: .standardDeviation, in: container,
        debugDescription:
          "\(standardDeviation.count) standard deviations for \(mean.count) means, "
          + "or one is not above 0"
      )
    }
  }
}
