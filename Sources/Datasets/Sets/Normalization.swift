/// A shift and a scale that give training data mean 0 and standard deviation 1.
///
/// It is fitted on training data and then applied, unchanged, to whatever else the network sees. x
/// becomes (x - mean) / standard deviation. The standard deviation is that of the population
/// (divided by the number of values, not one less). Where all values are equal it is taken as 1, so
/// a constant becomes 0.
public struct Normalization: Sendable, Hashable {
  /// Whether all features share one mean and standard deviation.
  public enum Scope: String, Sendable, Hashable, Codable {
    /// One pair of statistics for all features together: keeps an image's contrasts.
    case global
    /// One pair for each feature.
    case perFeature = "per_feature"
  }

  /// Whether all features share one mean and standard deviation.
  public let scope: Scope
  /// The means: one value, or one per feature.
  public let mean: [Double]
  /// The standard deviations, all above 0: as many as there are means.
  public let standardDeviation: [Double]

  /// Statistics that are known: one value each for a global scope, one for each feature otherwise.
  package init(scope: Scope, mean: [Double], standardDeviation: [Double]) {
    self.scope = scope
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The statistics of these training data.
  ///
  /// Two passes in Double in the order of the data, so the result is the same on every machine.
  /// - Throws: ``DatasetError`` when there are no examples.
  /// - Complexity: O(number of features), two passes.
  public init(fitting training: Dataset, scope: Scope) throws(DatasetError) {
    guard training.exampleCount > 0 else {
      throw DatasetError(
        .inconsistent, file: training.name, place: "examples",
        problem: "statistics were asked of no examples", remedy: "give training data")
    }
    let width = scope == .global ? 1 : training.featureCount
    var sum = [Double](repeating: 0, count: width)
    Self.accumulate(training.features, width) { column, value in sum[column] += value }
    // The sum of n equal Floats is exact in Double up to n = 2²⁹ (24 bits and 29 more), so the mean
    // of equal values is that value and their deviation exactly 0.
    let count = Double(training.features.count / width)
    let mean = sum.map { $0 / count }
    var squares = [Double](repeating: 0, count: width)
    Self.accumulate(training.features, width) { column, value in
      let deviation = value - mean[column]
      squares[column] += deviation * deviation
    }
    self.scope = scope
    self.mean = mean
    standardDeviation = squares.map { square in
      let deviation = (square / count).squareRoot()
      return deviation > 0 ? deviation : 1
    }
  }

  /// The data set with every feature shifted and scaled; labels and shape stay.
  ///
  /// - Throws: ``DatasetError`` when the number of features is not that of the training data, or a
  ///   normalized value is too large for a Float.
  /// - Complexity: O(number of features).
  public func applied(to dataset: Dataset) throws(DatasetError) -> Dataset {
    guard scope == .global || dataset.featureCount == mean.count else {
      throw DatasetError(
        .inconsistent, file: dataset.name, place: "example shape \(dataset.exampleShape)",
        problem:
          "\(dataset.featureCount) features, but the normalization was fitted on \(mean.count)",
        remedy: "apply it to data of the training data's shape")
    }
    var features = dataset.features
    if scope == .global {
      let (mean, deviation) = (mean[0], standardDeviation[0])
      for place in features.indices {
        features[place] = Float((Double(features[place]) - mean) / deviation)
      }
    } else {
      for start in stride(from: 0, to: features.count, by: mean.count) {
        for column in mean.indices {
          let value = Double(features[start + column])
          features[start + column] = Float((value - mean[column]) / standardDeviation[column])
        }
      }
    }
    return try Dataset(
      name: dataset.name, features: features, exampleShape: dataset.exampleShape,
      labels: dataset.labels, classCount: dataset.classCount,
      provenance: "\(dataset.provenance); normalized (\(scope.rawValue))")
  }

  private static func accumulate(
    _ features: [Float], _ width: Int, _ body: (_ column: Int, _ value: Double) -> Void
  ) {
    if width == 1 {
      for value in features { body(0, Double(value)) }
    } else {
      for start in stride(from: 0, to: features.count, by: width) {
        for column in 0..<width { body(column, Double(features[start + column])) }
      }
    }
  }
}

extension Normalization: Codable {
  private enum CodingKeys: String, CodingKey {
    case scope, mean
    case standardDeviation = "standard_deviation"
  }

  /// Reads the statistics, and refuses those that could not have been fitted.
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
