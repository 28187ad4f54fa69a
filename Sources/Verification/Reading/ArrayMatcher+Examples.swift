import Findings
import Plumbline

extension ArrayMatcher {
  /// X or Y: if there are several, the one with the plainest name.
  mutating func example(
    _ role: ArrayName.Role, _ name: String
  ) throws(Problem) -> SavedArray {
    let others: Set<String> = ["test", "val", "valid", "dev", "validation", "old", "prev", "new"]
    var candidates = entries.filter {
      $0.name.role == role && !$0.name.isGradient && isFree($0)
        && others.isDisjoint(with: $0.name.key)
    }
    if role == .target { candidates = asideOutputs(candidates) }
    if candidates.isEmpty { candidates = byContext(role) }
    /// A plain letter ranks before a word, and a single word before several.
    func rank(_ entry: (array: SavedArray, name: ArrayName)) -> Int {
      2 * entry.name.key.count + (entry.array.name.lowercased() == name.lowercased() ? 0 : 1)
    }
    if let best = candidates.min(by: { rank($0) < rank($1) }) {
      let same = candidates.filter { rank($0) == rank(best) }
      guard same.count == 1 || rank(best) > 0 else {
        throw saved.problem(
          "array \(same[1].array.name)",
          "\(name) is there twice: \(same.map(\.array.name).joined(separator: " and "))",
          "save each array under one name")
      }
      return take(best)
    }
    if let text = saved.unreadable.first(where: {
      ArrayName($0.name, among: []).role == role
    }) {
      throw text.reason
    }
    throw saved.problem(
      "array \(name)", "there is no such array, only \(Self.list(saved))",
      "save it too: np.savez(file, X=X, Y=Y, **parameters, **gradients)\(role == .target ? ", with Y=X for an autoencoder" : ""); for an array with "
        + "another name use \(Setting.name) THEIRS=\(name)"
    )
  }

  /// The targets among the candidates: next to t or y_true, a plain y is what the network outputs.
  private mutating func asideOutputs(
    _ candidates: [(array: SavedArray, name: ArrayName)]
  ) -> [(array: SavedArray, name: ArrayName)] {
    func isPlain(_ entry: (array: SavedArray, name: ArrayName)) -> Bool {
      entry.array.name.lowercased() == "y" && !entry.array.isInteger
    }
    let told = candidates.filter { entry in
      // A single number called T is a temperature.
      guard entry.array.value.count > 1 else { return false }
      let words = ArrayName.words(of: entry.array.name)
      return words == ["t"] || words.contains { ["true", "target", "targets"].contains($0) }
    }
    guard !told.isEmpty, candidates.contains(where: isPlain) else { return candidates }
    for index in entries.indices where isPlain(entries[index]) && isFree(entries[index]) {
      entries[index].name = ArrayName("y_out", among: [])
    }
    return told
  }

  /// An activation called A0 is the input, and one that has the other words of the inputs' name is the targets.
  private func byContext(_ role: ArrayName.Role) -> [(array: SavedArray, name: ArrayName)] {
    let values = entries.filter {
      $0.name.role == .activation && !$0.name.isGradient && isFree($0) && $0.array.value.count > 1
    }
    if role == .input { return values.filter { $0.name.key == ["0"] } }
    let inputs = entries.filter { $0.name.role == .input && !$0.name.key.isEmpty }
    return values.filter { value in inputs.contains { $0.name.key == value.name.key } }
  }
}
