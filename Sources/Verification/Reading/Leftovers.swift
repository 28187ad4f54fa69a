/// What a program's variables hold besides the step that is to be judged, as in `plumbline.audit(locals())`: counters of loops, the last example
/// next to all of them, what one step of a sequence adds to a sum, values between the layers.
///
/// A file that cannot be read as it is, is read without them; its cost must confirm the result.
enum Leftovers {
  /// Smaller files, each with less left in it; none where there is nothing to leave out.
  ///
  /// - Parameter given: Arrays that the user has named, which stay.
  static func reductions(of saved: SavedArrays, keeping given: Set<String>) -> [SavedArrays] {
    let names = Set(saved.arrays.map { ArrayName.words(of: $0.name) })
    let entries = saved.arrays.filter { !given.contains($0.name) }.map {
      Entry(array: $0, name: ArrayName($0.name, among: names))
    }
    let passing = counters(entries).union(twins(entries)).union(parts(entries))
    let between = passing.union(valuesBetween(entries.filter { !passing.contains($0.array.name) }))
    var smaller: [SavedArrays] = []
    for dropped in [passing, between] where dropped.count > (smaller.isEmpty ? 0 : passing.count) {
      smaller.append(saved.without(dropped))
    }
    return smaller
  }

  private struct Entry {
    let array: SavedArray, name: ArrayName
    var words: [String] { ArrayName.words(of: array.name) }
  }

  /// Whole numbers with a name that loops and extents have.
  private static func counters(_ entries: [Entry]) -> Set<String> {
    let called: Set<String> = [
      "i", "j", "k", "l", "n", "m", "t", "d", "h", "c", "b", "s", "v", "e", "p", "it", "iter",
      "iteration", "epoch", "epochs", "step", "steps", "idx", "index", "num", "batch", "layers",
    ]
    return Set(
      entries.filter { entry in
        guard entry.array.value.count == 1, let word = entry.words.first, entry.words.count == 1
        else { return false }
        let value = entry.array.value.scalars[0]
        return called.contains(word) && value == value.rounded()
          && (word != "j" || entry.array.name == "j")
      }.map(\.array.name))
  }

  /// Of arrays whose names differ only in capitals all but the largest, and of several gradients of one parameter all but one: that of a dictionary, or
  /// the sum of the others.
  private static func twins(_ entries: [Entry]) -> Set<String> {
    var dropped: Set<String> = []
    for same in Dictionary(grouping: entries, by: { $0.array.name.lowercased() }).values {
      guard let largest = same.max(by: { $0.array.value.count < $1.array.value.count }) else {
        continue
      }
      dropped.formUnion(
        same.filter { $0.array.value.count < largest.array.value.count }.map(\.array.name))
    }
    struct Parameter: Hashable {
      let role: ArrayName.Role?, key: [String]
    }
    let gradients = entries.filter {
      $0.name.isGradient && [.weight, .bias].contains($0.name.role)
        && !dropped.contains($0.array.name)
    }
    let byParameter = Dictionary(grouping: gradients) {
      Parameter(role: $0.name.role, key: $0.name.key.sorted())
    }
    for same in byParameter.values where same.count > 1 {
      let sums = same.filter { !$0.words.contains("delta") }
      let kept = (sums.isEmpty ? same : sums).max { $0.words.count < $1.words.count }
      dropped.formUnion(same.map(\.array.name).filter { $0 != kept?.array.name })
    }
    return dropped
  }

  /// What one step adds to an array that is called the same without the step.
  private static func parts(_ entries: [Entry]) -> Set<String> {
    let steps: Set<String> = ["t", "step", "i", "k", "next", "last", "cur", "current", "tmp"]
    let names = Set(entries.map(\.words))
    return Set(
      entries.filter { entry in
        guard entry.words.count > 1, let last = entry.words.last, steps.contains(last) else {
          return false
        }
        return names.contains(entry.words.dropLast())
      }.map(\.array.name)
        + entries.filter { entry in
          // dhnext, hnext: what goes on to another step.
          guard let word = entry.words.last else { return false }
          return word.count > 4 && word.hasSuffix("next") || entry.words.count > 1 && word == "next"
        }.map(\.array.name))
  }

  /// Values between the layers and their gradients: what is neither examples nor a parameter nor a mask nor a number.
  private static func valuesBetween(_ entries: [Entry]) -> Set<String> {
    let between: Set<ArrayName.Role> = [.preactivation, .activation, .delta, .error]
    func gradient(of entry: Entry) -> Bool {
      entries.contains {
        $0.name.isGradient && $0.name.role == entry.name.role
          && $0.name.key.sorted() == entry.name.key.sorted()
          && $0.array.value.shape == entry.array.value.shape
      }
    }
    /// What a loop over the parameters has left: one of their shape without a gradient.
    func isCopy(_ entry: Entry) -> Bool {
      !entry.name.isGradient && [.weight, .bias].contains(entry.name.role) && !gradient(of: entry)
        && entries.contains {
          $0.name.role == entry.name.role && !$0.name.isGradient
            && $0.array.value.shape == entry.array.value.shape && gradient(of: $0)
        }
    }
    return Set(
      entries.filter { entry in
        guard entry.array.value.count > 1 else { return false }
        if let role = entry.name.role { return between.contains(role) || isCopy(entry) }
        return !entry.name.isGradient && !gradient(of: entry)
      }.map(\.array.name))
  }
}
