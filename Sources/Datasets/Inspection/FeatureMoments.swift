/// Mean, spread and range of every feature of a set, and of the examples themselves.
///
/// Features are scaled as training takes them. Sums run in Double, in the order of the data and
/// around the first example, so the result is the same on every machine and a constant has spread 0.
/// No square overflows: see ``unit(of:)``.
struct FeatureMoments {
  /// The means, one for each feature.
  let means: [Double]
  /// The population standard deviations, one for each feature.
  let spreads: [Double]
  /// The smallest values.
  let minima: [Double]
  /// The largest values.
  let maxima: [Double]
  /// The mean of each example's features: the brightness of a picture.
  let exampleMeans: [Double]
  /// The standard deviation of each example's features: the contrast of a picture.
  let exampleSpreads: [Double]

  /// The statistics of a set with at least one example.
  ///
  /// - Complexity: O(number of features), with memory for a few hundred examples.
  init(_ data: LabelledSet) {
    let width = data.featureCount
    // Origin, sums, squares, minima and maxima, one row each: read and written by pointers, so that the loop over the
    // features becomes vector instructions.
    var columns = [Double](repeating: 0, count: 5 * width)
    var isFirst = true
    var (exampleMeans, exampleSpreads) = ([Double](), [Double]())
    let unit = Self.unit(of: data)
    data.forEachBlock { block in
      let values = unit == 1 ? block : block.map { $0 * unit }
      values.withUnsafeBufferPointer { values in
        columns.withUnsafeMutableBufferPointer { columns in
          guard let values = values.baseAddress, let origin = columns.baseAddress else { return }
          let (sums, squares) = (origin + width, origin + 2 * width)
          let (minima, maxima) = (origin + 3 * width, origin + 4 * width)
          if isFirst {
            for row in [origin, minima, maxima] { row.update(from: values, count: width) }
            isFirst = false
          }
          for start in stride(from: 0, to: block.count, by: width) {
            let row = values + start
            for column in 0..<width {
              let value = row[column]
              let shifted = value - origin[column]
              sums[column] += shifted
              squares[column] += shifted * shifted
              minima[column] = value < minima[column] ? value : minima[column]
              maxima[column] = value > maxima[column] ? value : maxima[column]
            }
            var (sum, square) = (0.0, 0.0)
            for column in 0..<width {
              let local = row[column] - row[0]
              sum += local
              square += local * local
            }
            let mean = sum / Double(width)
            exampleMeans.append(row[0] + mean)
            exampleSpreads.append(Self.spread(square / Double(width), mean))
          }
        }
      }
    }
    func row(_ index: Int) -> ArraySlice<Double> { columns[index * width..<(index + 1) * width] }
    let count = Double(data.exampleCount)
    means = zip(row(0), row(1)).map { ($0 + $1 / count) / unit }
    spreads = zip(row(1), row(2)).map { Self.spread($1 / count, $0 / count) / unit }
    (minima, maxima) = (row(3).map { $0 / unit }, row(4).map { $0 / unit })
    self.exampleMeans = exampleMeans.map { $0 / unit }
    self.exampleSpreads = exampleSpreads.map { $0 / unit }
  }

  /// The factor by which values of this size are multiplied before their differences are squared, so that nothing overflows: 1
  /// unless they are huge, like some programs' placeholders for missing values; otherwise a power of two, so that no relevant digit
  /// is rounded.
  static func unit(ofLargest largest: Double) -> Double {
    let (limit, reduction) = (0x1p480, 0x1p-600)
    return largest > limit ? reduction : 1
  }

  private static func unit(of data: LabelledSet) -> Double {
    guard data.features.elementType == .float64 else { return 1 }
    var largest = 0.0
    data.forEachBlock { for value in $0 where abs(value) > largest { largest = abs(value) } }
    return unit(ofLargest: largest)
  }

  private static func spread(_ meanSquare: Double, _ mean: Double) -> Double {
    max(0, meanSquare - mean * mean).squareRoot()
  }
}

extension LabelledSet {
  /// Calls `body` with the scaled features of a few hundred examples at a time, row-major: all
  /// features of a large set as Double would need eight times the memory of its bytes.
  func forEachBlock(_ body: ([Double]) -> Void) {
    let blockSize = max(1, (1 << 18) / max(1, featureCount))
    for start in stride(from: 0, to: exampleCount, by: blockSize) {
      let rows = features.selectingRows(start..<min(start + blockSize, exampleCount)).doubles()
      body(divisor == 1 ? rows : rows.map { $0 / divisor })
    }
  }

  /// A feature as people name it: `feature 3`, or `feature [1, 9]` of a picture.
  package func featureName(_ position: Int) -> String {
    if let featureNames, featureNames.indices.contains(position) { return featureNames[position] }
    guard exampleShape.count > 1 else { return "feature \(position)" }
    var rest = position
    let indices = exampleShape.reversed().map { dimension in
      defer { rest /= dimension }
      return rest % dimension
    }
    return "feature [" + indices.reversed().map(String.init).joined(separator: ", ") + "]"
  }
}
