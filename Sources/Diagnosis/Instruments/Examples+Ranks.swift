import Plumbline
import Training

extension Examples {
  /// The examples with the ranks of these features in place of their values, from -1 to 1: what a reference can tell from them whatever
  /// their tails.
  ///
  /// - Complexity: O(examples · log examples) for each of them.
  func ranking(_ chosen: [Int]) -> Examples {
    guard !chosen.isEmpty, count > 1 else { return self }
    let width = features.count / count
    var values = features.scalars
    for feature in chosen where feature < width {
      let own = (0..<count).map { values[$0 * width + feature] }
      let order = own.indices.sorted { (own[$0], $0) < (own[$1], $1) }
      var first = 0
      while first < count {
        // Equal values have the same rank, the middle of theirs.
        var last = first
        while last + 1 < count, own[order[last + 1]] == own[order[first]] { last += 1 }
        let rank = Double(first + last) / Double(count - 1) - 1
        for position in first...last {
          values[order[position] * width + feature] = Scalar(rank)
        }
        first = last + 1
      }
    }
    return Examples(
      features: Tensor(features.shape, values), targets: targets, pictures: pictures)
  }
}
