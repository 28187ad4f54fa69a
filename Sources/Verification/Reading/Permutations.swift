/// The orders of a few items.
enum Permutations {
  /// All orders of `0 ..< count`, the given one first; there are `count`! of them.
  static func all(_ count: Int) -> [[Int]] {
    (0..<count).reduce([[]]) { partial, _ in
      partial.flatMap { head in (0..<count).filter { !head.contains($0) }.map { head + [$0] } }
    }
  }
}
