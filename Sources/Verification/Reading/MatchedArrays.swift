import Findings
import Plumbline

/// The arrays of one layer's parameters and their gradients, as they are in the file.
struct LayerArrays: Sendable {
  var weight: SavedArray
  var weightGradient: SavedArray?
  var bias: SavedArray?, biasGradient: SavedArray?
  var scale: SavedArray?, scaleGradient: SavedArray?
  var shift: SavedArray?, shiftGradient: SavedArray?
}

/// The arrays of a file by their role: parameters with their gradients, examples, numbers, and all others with what their names
/// say.
struct MatchedArrays: Sendable {
  var input: SavedArray, target: SavedArray
  /// In the order of their names; shapes may require another one.
  var layers: [LayerArrays]
  /// Values and gradients between the layers, and masks.
  var others: [(array: SavedArray, name: ArrayName)]
  var cost: SavedArray?
  /// Whether only a word such as "error" marks the cost, which may mean a difference as well.
  var isCostGuessed = false
  /// λ of squares and of absolute values, where the file holds them.
  var squares: Double?, absolutes: Double?
  /// Numbers that may be λ, a learning rate or something else: the cost has to decide.
  var possibleStrengths: [Double] {
    let numbers = Set(lossHints.numbers.values).subtracting(cost.map { $0.value.scalars } ?? [])
    return numbers.filter { $0 > 0 && $0.isFinite }.sorted()
  }
  /// The probability of keeping a unit.
  var keep: Double?
  /// The smallest number among the names of weights, so that counting from 0 is known.
  var firstNumber: Int?
  /// A single number that is called a bias, which may be a constant that is added in every unit.
  var constantBias: SavedArray?
  /// What was passed over.
  var ignored: [String]
  /// Single numbers and weights of examples or classes that a loss may have.
  var lossHints = LossHints()
  /// The temperature of a softmax.
  var temperature: Double? {
    lossHints.number(["t", "temperature", "temp", "tau", "softmaxtemperature"]).flatMap {
      $0 > 0 && $0 != 1 ? $0 : nil
    }
  }
  /// What is wrong if there are no targets, and the examples were taken for them, as in an autoencoder.
  var missingTarget: Problem?

  /// - Parameter given: The names that the user has given, theirs by ours.
  init(_ saved: SavedArrays, given: [String: String]) throws(Problem) {
    var matcher = try ArrayMatcher(saved, given: given)
    self = try matcher.matched()
  }

  init(
    input: SavedArray, target: SavedArray, layers: [LayerArrays],
    others: [(array: SavedArray, name: ArrayName)], ignored: [String]
  ) {
    (self.input, self.target, self.layers, self.others, self.ignored) = (
      input, target, layers, others, ignored
    )
  }
}

extension MatchedArrays {
  /// Names of a single number that is a cost, if nothing has such a name in plain words.
  private static let costs: Set<String> = [
    "C", "E", "L", "err", "error", "totalerror", "mse", "rmse", "mae", "bce", "ce", "nll", "sse",
    "objective", "obj", "crossentropy", "meansquarederror", "squarederror", "energy",
  ]

  private static let costQualifiers: Set<String> = [
    "total", "tot", "sum", "mean", "avg", "average", "train", "training", "batch", "net", "all",
    "o", "value", "fn", "function",
  ]

  /// Whether a number is called a cost by all of its words, as in E_total, err_sum and mean_error.
  static func isCost(_ name: String) -> Bool {
    let words = ArrayName.words(of: name)
    func isTold(_ word: String) -> Bool { costs.contains { $0.lowercased() == word } }
    return costs.contains(name)
      || costs.contains(name.lowercased().filter { $0.isLetter || $0.isNumber })
      || words.contains(where: isTold)
        && words.allSatisfy { costQualifiers.contains($0) || isTold($0) }
  }

  /// The only one of several numbers with the names of costs: one that has a gradient is a parameter, and a letter means less than a word.
  static func cost(
    among numbers: [SavedArray], hasGradient: (SavedArray) -> Bool
  ) -> SavedArray? {
    let possible = numbers.filter { !hasGradient($0) }
    let words = possible.filter { $0.name.count > 1 }
    let told = words.isEmpty ? possible : words
    return told.count == 1 ? told[0] : nil
  }

  /// Whether an array with this name may be a difference as well as a cost: "error" means either.
  static func mayBeDifference(_ name: String) -> Bool {
    let words = ArrayName.words(of: name)
    return words.contains { ["err", "error", "e", "totalerror"].contains($0) }
  }
}
