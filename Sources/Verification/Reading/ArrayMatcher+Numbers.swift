import Findings
import Plumbline

extension ArrayMatcher {
  /// Scale and shift of a normalization that are called by the first letters of their names, as g with be.
  mutating func takePlainNormalization() {
    func index(_ words: [String]) -> Int? {
      entries.firstIndex { entry in
        words.contains(entry.array.name.lowercased().filter(\.isLetter))
          && !entry.name.isGradient && entry.array.value.count > 1
          && gradient(of: entry)?.array.value.count == entry.array.value.count
      }
    }
    guard !entries.contains(where: { $0.name.role == .scale }),
      let scale = index(["g", "gain", "lng", "bng", "lngain", "bngain"]),
      let shift = index(["be", "beta", "bt", "lnb", "bnb", "shift", "lnbias", "bnbias"]),
      entries[scale].array.value.count == entries[shift].array.value.count
    else { return }
    for (index, role) in [(scale, ArrayName.Role.scale), (shift, .shift)] {
      let gradient = gradient(of: entries[index])
      entries[index].name.role = role
      if let gradient,
        let other = entries.firstIndex(where: { $0.array.name == gradient.array.name })
      {
        entries[other].name.role = role
        entries[other].name.key = entries[index].name.key
      }
    }
  }

  /// Numbers and weights that belong to a loss.
  var lossHints: LossHints {
    var hints = LossHints()
    let words: Set<String> = ["weight", "weights", "w"]
    let owners: Set<String> = [
      "sample", "samples", "class", "classes", "example", "examples", "loss", "label", "labels",
    ]
    for entry in entries where !entry.name.isGradient {
      let parts = ArrayName.words(of: entry.array.name)
      if entry.array.value.count == 1 {
        hints.numbers[parts.joined()] = entry.array.value.scalars[0]
      } else if parts.contains(where: words.contains), parts.contains(where: owners.contains),
        entry.array.value.isFinite, isFree(entry)
      {
        hints.weights.append(entry.array.value)
      }
    }
    return hints
  }

  private static let squares: Set<String> = [
    "l2", "reg", "lambda", "lambd", "lam", "lmbda", "lmbd", "wd", "weightdecay", "l2reg",
    "reglambda",
    "l2lambda", "decay", "regstrength", "regularization", "lambdareg", "regl2", "lambda2",
  ]
  private static let absolutes: Set<String> = ["l1", "l1reg", "l1lambda", "regl1", "lambda1"]
  private static let kept: Set<String> = [
    "keepprob", "keep", "pkeep", "keepprobability", "keeprate",
  ]
  private static let dropped: Set<String> = [
    "dropout", "dropprob", "dropoutrate", "droprate", "pdrop", "drop", "dropoutprob",
  ]

  /// Whether an array may be the terms of a cost before its summation: one number for each target.
  private func isForEachExample(_ array: SavedArray) -> Bool {
    entries.contains {
      $0.name.role == .target && !$0.name.isGradient && $0.array.value.count == array.value.count
    }
  }

  /// Single numbers by what they are.
  struct Numbers {
    var cost: SavedArray?
    var isCostGuessed = false
    /// λ of squares and of absolute values, and the probability of keeping a unit.
    var squares: Double?, absolutes: Double?, keep: Double?
  }

  mutating func takeNumbers() throws(Problem) -> Numbers {
    var result = Numbers()
    var costWords: [String] = []
    if let list = entries.first(where: {
      $0.name.role == .cost && $0.name.key.isEmpty && !$0.name.isGradient
        && $0.array.value.count != 1 && !isForEachExample($0.array)
    }) {
      throw saved.problem(
        "array \(list.array.name)",
        "must be a single number in an audit, but has shape \(list.array.value.shape)",
        "save this step's cost under this name, and a history under another")
    }
    for entry in entries where entry.array.value.count == 1 {
      let value = entry.array.value.scalars[0]
      let joined = entry.array.name.lowercased().filter { $0.isLetter || $0.isNumber }
      if Self.squares.contains(joined) {
        result.squares = value
      } else if Self.absolutes.contains(joined) {
        result.absolutes = value
      } else if Self.kept.contains(joined) {
        result.keep = value
      } else if Self.dropped.contains(joined) {
        result.keep = 1 - value
      } else if entry.name.role == .cost, !entry.name.isGradient {
        // "cost" comes before "train loss": the name with the fewest words.
        // And a j that counts comes after all others.
        func isCounter(_ array: SavedArray) -> Bool {
          array.name == "j" && array.value.scalars[0] == array.value.scalars[0].rounded()
        }
        guard
          result.cost.map({ !isCounter(entry.array) && isCounter($0) }) ?? true
            || entry.name.key.count < costWords.count
        else { continue }
        if let cost = result.cost { used.remove(cost.name) }
        result.cost = entry.array
        costWords = entry.name.key
      } else {
        continue
      }
      used.insert(entry.array.name)
    }
    if result.cost == nil {
      // A difference such as y - out is also called an error: it is a cost only if it is of one sign.
      let named = entries.filter { entry in
        entry.array.value.count == 1 && !entry.array.isInteger && isFree(entry)
          && MatchedArrays.isCost(entry.array.name) && entry.array.value.scalars[0] >= 0
      }
      let cost = MatchedArrays.cost(among: named.map(\.array)) { own in
        entries.contains {
          $0.name.isGradient && $0.array.name.lowercased() == "d" + own.name.lowercased()
        }
      }
      if let cost, let entry = named.first(where: { $0.array.name == cost.name }) {
        result.cost = take(entry)
        result.isCostGuessed = true
      }
    }
    return result
  }
}
