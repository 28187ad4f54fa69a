import Datasets
import Plumbline

/// Labelled data made in a test.
enum SmallSets {
  /// Examples of normal features with these labels.
  static func classes(
    _ labels: [Int], count: Int? = nil, features: Int = 3, name: String = "train", seed: Int = 1,
    shift: Double = 0
  ) -> LabelledSet {
    let values = Key(seed: seed)["features"].normal(labels.count * features).map { $0 + shift }
    return LabelledSet(
      name: name, features: NumericArray([labels.count, features], values), divisor: 1,
      targets: .classes(labels, count: count ?? (labels.max() ?? 0) + 1, names: nil),
      provenance: "test")
  }

  /// Labels drawn with these shares.
  static func labels(_ count: Int, shares: [Double], seed: Int) -> [Int] {
    let total = shares.reduce(0, +)
    return Key(seed: seed)["labels"].uniform(count).map { draw in
      var rest = draw * total
      for (label, share) in shares.enumerated() {
        if rest < share { return label }
        rest -= share
      }
      return shares.count - 1
    }
  }

  /// Examples with given rows.
  static func rows(
    _ rows: [[Double]], _ labels: [Int], name: String = "train"
  ) -> LabelledSet {
    LabelledSet(
      name: name, features: NumericArray([rows.count, rows[0].count], rows.flatMap { $0 }),
      divisor: 1, targets: .classes(labels, count: max(2, (labels.max() ?? 0) + 1), names: nil),
      provenance: "test")
  }
}
