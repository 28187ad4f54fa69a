import Plumbline
import Training

extension Examples {
  /// So many examples and features at most are ranked: it takes a few milliseconds then. A larger set shows relations through the
  /// tails too, and where more features have them, as pixels do, they are what the features are like.
  private static var mostExamples: Int { 8192 }
  private static var mostFeatures: Int { 32 }

  /// The examples with the ranks of these features in place of their values, from -1 to 1: what a reference can tell from them whatever
  /// their tails. The examples themselves where these or the features are many.
  ///
  /// - Complexity: O(examples · log examples) for each of the features.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func ranking(_ chosen: [Int]) -> Examples {
    guard (1...Self.mostFeatures).contains(chosen.count), (2...Self.mostExamples).contains(count)
    else { return self }
    let width = features.count / count
    var values = features.scalars
    for feature in chosen where feature < width {
      let sorted = (0..<count).map { values[$0 * width + feature] }.sorted()
      for index in stride(from: feature, to: values.count, by: width) {
        // Equal values have the same rank, the middle of theirs.
        let value = values[index]
        let below = sorted.partitioningIndex { $0 >= value }
        let notAbove = sorted.partitioningIndex { $0 > value }
        values[index] = Scalar(Double(below + notAbove) / Double(count) - 1)
      }
    }
    return Examples(
      features: Tensor(features.shape, values), targets: targets, pictures: pictures)
  }
}

extension Array {
  /// The index of the first element of which the predicate is true, if it is true of all after that one.
  fileprivate func partitioningIndex(where isAfter: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
