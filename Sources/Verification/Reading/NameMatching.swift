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

/// The arrays of a file by what they are: parameters with their gradients, examples, numbers, and all others with what their names say.
struct MatchedArrays: Sendable {
  var input: SavedArray, target: SavedArray
  /// In the order of their names; shapes may ask for another one.
  var layers: [LayerArrays]
  /// Values and gradients between the layers, and masks.
  var others: [(array: SavedArray, name: ArrayName)]
  var cost: SavedArray?
  /// Whether only a word such as "error" says that it is one, which may be a difference as well.
  var isCostGuessed = false
  /// λ of squares and of absolute values, where the file holds them.
  var squares: Double?, absolutes: Double?
  /// Numbers that may be λ, a learning rate or something else: the cost has to tell.
  var possibleStrengths: [Double] {
    let numbers = Set(lossHints.numbers.values).subtracting(cost.map { $0.value.scalars } ?? [])
    return numbers.filter { $0 > 0 && $0.isFinite }.sorted()
  }
  /// The probability of keeping a unit.
  var keep: Double?
  /// The smallest number among the names of weights, so that counting from 0 is known.
  var firstNumber: Int?
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
  /// What is wrong where there are no targets, and the examples were taken for them, as in an autoencoder.
  var missingTarget: Problem?

  /// - Parameter given: The names that somebody has given, theirs by ours.
  init(_ saved: SavedArrays, given: [String: String]) throws(Problem) {
    var matcher = try Matcher(saved, given: given)
    self = try matcher.matched()
  }

  fileprivate init(
    input: SavedArray, target: SavedArray, layers: [LayerArrays],
    others: [(array: SavedArray, name: ArrayName)], ignored: [String]
  ) {
    (self.input, self.target, self.layers, self.others, self.ignored) = (
      input, target, layers, others, ignored
    )
  }
}

extension MatchedArrays {
  /// What a single number is called that is a cost, where nothing is called so in plain words.
  private static let costs: Set<String> = [
    "C", "E", "L", "err", "error", "totalerror", "mse", "rmse", "mae", "bce", "ce", "nll", "sse",
    "objective", "obj", "crossentropy", "meansquarederror", "squarederror", "energy",
  ]

  private static let costQualifiers: Set<String> = [
    "total", "tot", "sum", "mean", "avg", "average", "train", "training", "batch", "net", "all",
    "o", "value", "fn", "function",
  ]

  /// Whether a number is called a cost by all of its words, as E_total, err_sum and mean_error are.
  static func isCost(_ name: String) -> Bool {
    let words = ArrayName.words(of: name)
    func isTold(_ word: String) -> Bool { costs.contains { $0.lowercased() == word } }
    return costs.contains(name)
      || costs.contains(name.lowercased().filter { $0.isLetter || $0.isNumber })
      || words.contains(where: isTold)
        && words.allSatisfy { costQualifiers.contains($0) || isTold($0) }
  }
}

extension MatchedArrays {
  /// Whether what is called so may be a difference as well as a cost: an error is both.
  static func mayBeDifference(_ name: String) -> Bool {
    let words = ArrayName.words(of: name)
    return words.contains { ["err", "error", "e", "totalerror"].contains($0) }
  }
}

private struct Matcher {
  let saved: SavedArrays
  var entries: [(array: SavedArray, name: ArrayName)] = []
  private var used: Set<String> = []

  init(_ saved: SavedArrays, given: [String: String]) throws(Problem) {
    self.saved = saved
    for (theirs, ours) in given where !saved.arrays.contains(where: { $0.name == theirs }) {
      throw saved.problem(
        "array \(theirs)", "there is no such array to be \(ours), only \(Self.list(saved))",
        "give \(Setting.name) with one of these: \(Setting.name) THEIRS=OURS")
    }
    let names = Set(saved.arrays.map { ArrayName.words(of: $0.name) })
    let all = Self.completed(given, saved, names)
    entries = saved.arrays.map { array in
      let name = all[array.name] ?? array.name
      return (array, ArrayName(name, among: names.union([ArrayName.words(of: name)])))
    }
  }

  /// The names that were given, counted as the file counts, and those of the gradients of what was named.
  private static func completed(
    _ given: [String: String], _ saved: SavedArrays, _ names: Set<[String]>
  ) -> [String: String] {
    var all = given
    let others = saved.arrays.filter { given[$0.name] == nil }
      .map { ($0.name, ArrayName($0.name, among: names)) }
    for (theirs, ours) in given {
      let (own, named) = (ArrayName(theirs, among: names), ArrayName(ours, among: [["w"], ["b"]]))
      guard !named.isGradient, !own.isGradient, [.weight, .bias].contains(named.role) else {
        continue
      }
      for (name, other) in others
      where other.isGradient && other.key.sorted() == own.key.sorted() && other.role == own.role {
        all[name] = "d" + ours
      }
    }
    // Ours count from 1: where the file's own weights count from 0, and none of them was named, so do these.
    let numbers = others.filter { $0.1.role == .weight && !$0.1.isGradient }
      .compactMap(\.1.numbers.first)
    let areParameters = given.values.contains {
      let name = ArrayName($0, among: [])
      return !name.isGradient && name.role == .weight
    }
    guard numbers.min() == 0, !areParameters else { return all }
    return all.mapValues { ours in
      guard let digits = ours.firstIndex(where: \.isNumber), let number = Int(ours[digits...]),
        number > 0
      else { return ours }
      return ours[..<digits] + "\(number - 1)"
    }
  }

  private static func list(_ saved: SavedArrays) -> String {
    let names = saved.arrays.map(\.name) + saved.unreadable.map(\.name)
    return names.isEmpty ? "none at all" : names.joined(separator: ", ")
  }

  private mutating func take(_ entry: (array: SavedArray, name: ArrayName)) -> SavedArray {
    used.insert(entry.array.name)
    return entry.array
  }
  private func isFree(_ entry: (array: SavedArray, name: ArrayName)) -> Bool {
    !used.contains(entry.array.name)
  }

  mutating func matched() throws(Problem) -> MatchedArrays {
    if entries.allSatisfy({ $0.array.name.hasPrefix("arr_") }), !entries.isEmpty {
      throw saved.problem(
        "names", "the arrays have no names: \(Self.list(saved))",
        "give each array its name when it is saved: np.savez(file, X=X, Y=Y, W1=W1, b1=b1, ..., dW1=dW1, db1=db1)"
      )
    }
    let numbers = try takeNumbers()
    takePlainNormalization()
    let input = try example(.input, "X")
    var (target, missingTarget): (SavedArray, Problem?) = (input, nil)
    do {
      target = try example(.target, "Y")
    } catch {
      // An autoencoder's targets are its examples, which its cost has to confirm.
      guard numbers.cost != nil, saved.unreadable.isEmpty else { throw error }
      missingTarget = error
    }
    tellGradientsByShapes()
    let layers = try takeLayers(input.value.shape, target.value.shape)
    try refuseOrphans(layers.patterns)
    var others = entries.filter(isFree)
    let known: Set<ArrayName.Role> = [.preactivation, .activation, .delta, .mask]
    others = others.filter {
      $0.array.value.shape.rank > 0 && $0.array.value.count > 1 || $0.name.isGradient
        || $0.name.role.map(known.contains) ?? false
    }
    var result = MatchedArrays(
      input: input, target: target, layers: layers.arrays, others: others,
      ignored: entries.filter(isFree).map(\.array.name) + saved.unreadable.map(\.name))
    result.cost = numbers.cost
    result.isCostGuessed = numbers.isCostGuessed
    result.missingTarget = missingTarget
    result.lossHints = lossHints
    (result.squares, result.absolutes, result.keep) = (
      numbers.squares, numbers.absolutes, numbers.keep
    )
    result.firstNumber = layers.firstNumber
    return result
  }

  /// A gradient whose parameter is not there cannot be judged, and must not be passed over.
  private func refuseOrphans(_ patterns: Set<[String]>) throws(Problem) {
    let orphan = entries.first {
      isFree($0) && $0.name.isGradient && [.weight, .bias].contains($0.name.role)
        && (patterns.contains($0.name.pattern) || $0.name.pattern.isEmpty)
    }
    guard let orphan else { return }
    let name =
      (orphan.name.role == .weight ? "W" : "b")
      + (orphan.name.numbers.first.map(String.init) ?? orphan.name.key.joined())
    throw saved.problem(
      "array \(name)",
      "there is no such array, only \(Self.list(saved)): \(orphan.array.name) is the gradient of it",
      "save the parameter too: np.savez(file, X=X, Y=Y, **parameters, **gradients)")
  }

  /// Scale and shift of a normalization that are called by the first letters of their names, as g with be.
  private mutating func takePlainNormalization() {
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
  private var lossHints: LossHints {
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

  // MARK: Numbers

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

  /// Whether an array may be the terms of a cost that was not summed: a number for each target.
  private func isForEachExample(_ array: SavedArray) -> Bool {
    entries.contains {
      $0.name.role == .target && !$0.name.isGradient && $0.array.value.count == array.value.count
    }
  }

  private mutating func takeNumbers() throws(Problem) -> (
    cost: SavedArray?, isCostGuessed: Bool, squares: Double?, absolutes: Double?, keep: Double?
  ) {
    var result:
      (
        cost: SavedArray?, isCostGuessed: Bool, squares: Double?, absolutes: Double?, keep: Double?
      ) = (nil, false, nil, nil, nil)
    var costWords: [String] = []
    if let list = entries.first(where: {
      $0.name.role == .cost && $0.name.key.isEmpty && !$0.name.isGradient
        && $0.array.value.count != 1 && !isForEachExample($0.array)
    }) {
      throw saved.problem(
        "array \(list.array.name)",
        "is a number in an audit, and has shape \(list.array.value.shape)",
        "save the cost of this step under this name, and a history under another")
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
        // "cost" before "train loss": the name with the fewest words.
        guard result.cost == nil || entry.name.key.count < costWords.count else { continue }
        if let cost = result.cost { used.remove(cost.name) }
        result.cost = entry.array
        costWords = entry.name.key
      } else {
        continue
      }
      used.insert(entry.array.name)
    }
    if result.cost == nil {
      // A difference such as y - out is called an error too: of one sign only where it is a cost.
      let named = entries.filter { entry in
        entry.array.value.count == 1 && !entry.array.isInteger && isFree(entry)
          && MatchedArrays.isCost(entry.array.name) && entry.array.value.scalars[0] >= 0
      }
      if named.count == 1 {
        result.cost = take(named[0])
        result.isCostGuessed = true
      }
    }
    return result
  }

  // MARK: Examples

  /// X or Y: of several the one of the plainest name.
  private mutating func example(
    _ role: ArrayName.Role, _ name: String
  ) throws(Problem) -> SavedArray {
    let others: Set<String> = ["test", "val", "valid", "dev", "validation", "old", "prev", "new"]
    var candidates = entries.filter {
      $0.name.role == role && !$0.name.isGradient && isFree($0)
        && others.isDisjoint(with: $0.name.key)
    }
    if role == .target { candidates = asideOutputs(candidates) }
    if candidates.isEmpty { candidates = byContext(role) }
    /// The plain letter before a word, and a word before several.
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
      "save it too: np.savez(file, X=X, Y=Y, **parameters, **gradients); an array of another name is told by \(Setting.name) THEIRS=\(name)"
    )
  }

  /// The targets among what may be: next to t or y_true a plain y is what the network puts out.
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

  /// What is called A0 is the input, and what is called the outputs in the words of the inputs the targets.
  private func byContext(_ role: ArrayName.Role) -> [(array: SavedArray, name: ArrayName)] {
    let values = entries.filter {
      $0.name.role == .activation && !$0.name.isGradient && isFree($0) && $0.array.value.count > 1
    }
    if role == .input { return values.filter { $0.name.key == ["0"] } }
    let inputs = entries.filter { $0.name.role == .input && !$0.name.key.isEmpty }
    return values.filter { value in inputs.contains { $0.name.key == value.name.key } }
  }

  // MARK: Parameters

  /// The gradient of an array: of the same words, or of the same role and number.
  private func gradient(of entry: (array: SavedArray, name: ArrayName))
    -> (array: SavedArray, name: ArrayName)?
  {
    let gradients = entries.filter { $0.name.isGradient && isFree($0) }
    let (name, shape) = (entry.name, entry.array.value.shape)
    let same = gradients.filter {
      $0.name.role == name.role && $0.name.key.sorted() == name.key.sorted()
    }
    if let match = same.first(where: { $0.array.value.shape == shape }) ?? same.first {
      return match
    }
    // The gradient of the only weight needs no name beyond "grad".
    let plain: Set<String> = ["grad", "gradient", "grads", "gradients"]
    if name.role == .weight,
      entries.count(where: { $0.name.role == .weight && !$0.name.isGradient }) == 1,
      let only = entries.first(where: {
        plain.contains($0.array.name.lowercased()) && isFree($0) && $0.array.value.shape == shape
      })
    {
      return only
    }
    guard !name.numbers.isEmpty else { return nil }
    // g0 and g1 say no more than that they are gradients, and shapes of what.
    let plainly = gradients.filter {
      $0.name.role == nil && $0.name.key == name.numbers.map(String.init)
        && $0.array.value.shape == shape
    }
    if plainly.count == 1 { return plainly[0] }
    let near = gradients.filter { $0.name.role == name.role && $0.name.numbers == name.numbers }
    // Words that are left over must not tell of another parameter.
    return near.count == 1
      && !entries.contains(where: {
        !$0.name.isGradient && $0.name.role == name.role
          && $0.name.key.sorted() == near[0].name.key.sorted()
      }) ? near[0] : nil
  }

  private mutating func takeLayers(_ input: Shape, _ target: Shape) throws(Problem) -> (
    arrays: [LayerArrays], firstNumber: Int?, patterns: Set<[String]>
  ) {
    let roles: Set<ArrayName.Role> = [
      .input, .target, .preactivation, .activation, .delta, .mask, .cost, .error,
    ]
    let examples = [input.extents.first, input.extents.last].compactMap { $0 }
    let isNamed = entries.contains {
      $0.name.role == .weight && !$0.name.isGradient && gradient(of: $0) != nil
    }
    // A parameter is told by its name, or by the gradient that goes with a name which says nothing.
    func isParameter(_ entry: (array: SavedArray, name: ArrayName)) -> Bool {
      guard !entry.name.isGradient, isFree(entry) else { return false }
      let shape = entry.array.value.shape
      let hasGradient = gradient(of: entry).map { $0.array.value.shape == shape } ?? false
      // A matrix that has a gradient and nothing of the examples in its shape is not a value between the layers.
      let isMatrix = shape.rank == 2 && !shape.extents.contains { examples.contains($0) }
      guard let role = entry.name.role else {
        let isOfExamples = shape.extents.contains {
          examples.contains($0) && target.extents.contains($0)
        }
        return hasGradient && !(isNamed && shape.rank == 2 && isOfExamples)
      }
      return !roles.contains(role) || (role == .activation && hasGradient && isMatrix)
    }
    var parameters = entries.filter(isParameter)
    func isWeight(_ entry: (array: SavedArray, name: ArrayName)) -> Bool {
      entry.name.role == .weight
        || ([nil, .activation].contains(entry.name.role) && entry.array.value.shape.rank == 2)
    }
    let hasScale = parameters.contains { $0.name.role == .scale }
    var weights = parameters.filter(isWeight)
    // Copies such as W1_old have no gradient, and words of their own.
    let patterns = Set(weights.filter { gradient(of: $0) != nil }.map(\.name.pattern))
    if !patterns.isEmpty {
      weights.removeAll { gradient(of: $0) == nil && !patterns.contains($0.name.pattern) }
    }
    guard !weights.isEmpty else {
      try refuseOrphans([])
      throw noWeights()
    }
    weights = Self.ordered(weights)
    parameters.removeAll { entry in weights.contains { $0.array.name == entry.array.name } }
    var layers: [LayerArrays] = []
    for weight in weights {
      let gradient = gradient(of: weight)
      layers.append(LayerArrays(weight: take(weight), weightGradient: gradient.map { take($0) }))
    }
    let biases = parameters.filter {
      $0.name.role == .bias || $0.name.role == nil || ($0.name.role == .shift && !hasScale)
    }
    for (layer, bias) in Self.assigned(biases, to: weights) {
      let gradient = gradient(of: bias)
      layers[layer].bias = take(bias)
      layers[layer].biasGradient = gradient.map { take($0) }
    }
    for (role, path, gradientPath) in [
      (
        ArrayName.Role.scale, \LayerArrays.scale, \LayerArrays.scaleGradient
      ), (.shift, \.shift, \.shiftGradient),
    ]
      as [(
        ArrayName.Role, WritableKeyPath<LayerArrays, SavedArray?>,
        WritableKeyPath<LayerArrays, SavedArray?>
      )]
    {
      guard hasScale else { break }
      let entries = parameters.filter { $0.name.role == role }
      for (layer, entry) in Self.assigned(entries, to: weights) {
        let gradient = gradient(of: entry)
        layers[layer][keyPath: path] = take(entry)
        layers[layer][keyPath: gradientPath] = gradient.map { take($0) }
      }
    }
    return (
      layers, weights.compactMap(\.name.numbers.first).min(), Set(weights.map(\.name.pattern))
    )
  }

  /// Where no name tells a gradient: arrays of one more word, one for each parameter, of its number and shape, as weight_updates0 next to
  /// weights0. Copies of the parameters, which are near them, are none.
  private mutating func tellGradientsByShapes() {
    guard !entries.contains(where: { $0.name.isGradient }) else { return }
    for role in [ArrayName.Role.weight, .bias] {
      let all = entries.indices.filter {
        entries[$0].name.role == role && isFree(entries[$0]) && !entries[$0].name.numbers.isEmpty
      }
      guard let shortest = all.map({ entries[$0].name.pattern.count }).min() else { return }
      let bases = all.filter { entries[$0].name.pattern.count == shortest }
      func partners(_ pattern: [String]) -> [Int] {
        bases.compactMap { base in
          let (array, name) = (entries[base].array.value, entries[base].name)
          return entries.indices.first { index in
            let other = entries[index]
            return index != base && isFree(other) && other.name.pattern == pattern
              && other.name.numbers == name.numbers && other.array.value.shape == array.shape
              && [nil, role].contains(other.name.role)
              && other.array.value.relativeDistance(to: array) > 0.3
          }
        }
      }
      let patterns = Set(
        entries.filter { [nil, role].contains($0.name.role) && isFree($0) }.map(\.name.pattern))
      let told = patterns.map(partners).filter { $0.count == bases.count }
      guard told.count == 1 else { return }
      for (base, gradient) in zip(bases, told[0]) {
        entries[gradient].name = entries[base].name
        entries[gradient].name.isGradient = true
      }
    }
  }

  private func noWeights() -> Problem {
    if let object = saved.unreadable.first { return object.reason }
    return saved.problem(
      "array W1", "there are no weights, only \(Self.list(saved))",
      "an audit needs X, Y, W1, b1, ..., and dW1, db1, ...: np.savez(file, X=X, Y=Y, **parameters, **gradients); arrays of other "
        + "names are told by \(Setting.name) THEIRS=W1")
  }

  /// By their numbers, or by words such as hidden and output, or as they are in the file.
  private static func ordered(
    _ weights: [(array: SavedArray, name: ArrayName)]
  ) -> [(array: SavedArray, name: ArrayName)] {
    if weights.allSatisfy({ !$0.name.numbers.isEmpty }) {
      return weights.enumerated().sorted {
        let (a, b) = ($0.element.name.numbers, $1.element.name.numbers)
        return a == b ? $0.offset < $1.offset : a.lexicographicallyPrecedes(b)
      }.map(\.element)
    }
    let late: Set<String> = ["o", "out", "output", "ho", "hy", "y", "last", "final", "oh", "yh"]
    let early: Set<String> = ["i", "x", "ih", "xh", "in", "input", "first", "hi", "hx"]
    func rank(_ entry: (array: SavedArray, name: ArrayName)) -> Int {
      let words = entry.name.key
      if let last = words.last, late.contains(last) { return 2 }
      return words.contains(where: early.contains) ? 0 : 1
    }
    return weights.enumerated().sorted {
      (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
    }.map(\.element)
  }

  /// Each entry with the index of the weight that it goes with: of the same words, the same number, the same end of its word, or the
  /// same width, in that order.
  private static func assigned(
    _ entries: [(array: SavedArray, name: ArrayName)],
    to weights: [(array: SavedArray, name: ArrayName)]
  ) -> [(Int, (array: SavedArray, name: ArrayName))] {
    var free = Set(weights.indices)
    var result: [(Int, (array: SavedArray, name: ArrayName))] = []
    var rest = entries
    func claim(_ matches: (ArrayName, ArrayName) -> Bool) {
      rest.removeAll { entry in
        let fitting = free.sorted().filter { matches(entry.name, weights[$0].name) }
        guard
          let index = fitting.first(where: {
            weights[$0].array.value.shape.extents.contains(entry.array.value.count)
          }) ?? fitting.first
        else { return false }
        free.remove(index)
        result.append((index, entry))
        return true
      }
    }
    claim { $0.key.sorted() == $1.key.sorted() }
    claim { !$0.numbers.isEmpty && $0.numbers == $1.numbers }
    claim { name, weight in
      guard let end = name.key.last, let word = weight.key.last, Int(end) == nil else {
        return false
      }
      return word.hasSuffix(end)
    }
    for entry in rest {
      let fitting = free.sorted().first {
        weights[$0].array.value.shape.extents.contains(entry.array.value.count)
      }
      guard let fitting else { continue }
      free.remove(fitting)
      result.append((fitting, entry))
    }
    return result
  }
}
