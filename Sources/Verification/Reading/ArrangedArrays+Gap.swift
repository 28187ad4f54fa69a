import Datasets
import Plumbline

extension ArrangedArrays {
  /// The array that does not fit where all the others do in one layout; `nil` if more than one of them is wrong in each.
  static func onlyGap(
    _ matched: MatchedArrays, _ layout: ArrayLayout?
  ) -> (array: String, words: String)? {
    let (x, y) = (matched.input, matched.target)
    let weights = matched.layers.map(\.weight)
    guard ([x, y] + weights).allSatisfy({ $0.value.shape.rank == 2 }), weights.count > 1 else {
      return nil
    }
    let ways = [
      (ArrayLayout.columns, examples: 1, input: 1), (.rows, 0, 0), (.torch, 0, 1),
    ].filter { way in layout.map { $0 == way.0 } ?? true }
    let gaps = ways.map { _, examples, input -> [(array: String, words: String)] in
      var gaps: [(String, String)] = []
      if x.value.shape[examples] != y.value.shape[examples] {
        gaps.append(
          (
            y.name,
            "has shape \(y.value.shape) and so \(y.value.shape[examples]) examples, but \(x.name) \(x.value.shape) has "
              + "\(x.value.shape[examples])"
          ))
      }
      var before = (x.name, x.value.shape[1 - examples], "features")
      for weight in weights {
        if weight.value.shape[input] != before.1 {
          gaps.append(
            (
              weight.name,
              "has shape \(weight.value.shape) and so \(weight.value.shape[input]) inputs, but \(before.0) has \(before.1) \(before.2)"
            ))
        }
        before = (weight.name, weight.value.shape[1 - input], "outputs")
      }
      if y.value.shape[1 - examples] != before.1, y.value.shape[1 - examples] != 1 {
        gaps.append(
          (
            y.name,
            "has shape \(y.value.shape) and so \(y.value.shape[1 - examples]) outputs, but \(before.0) has \(before.1)"
          ))
      }
      return gaps
    }
    guard let fewest = gaps.min(by: { $0.count < $1.count }), fewest.count == 1 else { return nil }
    return fewest[0]
  }
}
