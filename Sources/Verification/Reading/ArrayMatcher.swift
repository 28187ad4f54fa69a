import Findings
import Plumbline

/// Finds what each array of a file is, by its name first, and by shapes and values where names leave it open.
struct ArrayMatcher {
  let saved: SavedArrays
  var entries: [(array: SavedArray, name: ArrayName)] = []
  var used: Set<String> = []

  init(_ saved: SavedArrays, given: [String: String]) throws(Problem) {
    self.saved = saved
    for (theirs, ours) in given where !saved.arrays.contains(where: { $0.name == theirs }) {
      throw saved.problem(
        "array \(theirs)", "there is no such array to use as \(ours), only \(Self.list(saved))",
        "give \(Setting.name) with one of these: \(Setting.name) THEIRS=OURS")
    }
    let names = Set(saved.arrays.map { ArrayName.words(of: $0.name) })
    let all = Self.completed(given, saved, names)
    entries = saved.arrays.map { array in
      let name = all[array.name] ?? array.name
      return (array, ArrayName(name, among: names.union([ArrayName.words(of: name)])))
    }
  }

  /// The given names, numbered as the file numbers them, and the names of the gradients of the arrays that were named.
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
    // Our names count from 1; where the file's own weights count from 0, and the user has named none of them, the given names do so
    // too.
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

  static func list(_ saved: SavedArrays) -> String {
    let names = saved.arrays.map(\.name) + saved.unreadable.map(\.name)
    return names.isEmpty ? "none at all" : names.joined(separator: ", ")
  }

  mutating func take(_ entry: (array: SavedArray, name: ArrayName)) -> SavedArray {
    used.insert(entry.array.name)
    return entry.array
  }
  func isFree(_ entry: (array: SavedArray, name: ArrayName)) -> Bool {
    !used.contains(entry.array.name)
  }

  mutating func matched() throws(Problem) -> MatchedArrays {
    if entries.allSatisfy({ $0.array.name.hasPrefix("arr_") }), !entries.isEmpty {
      throw saved.problem(
        "names", "the arrays have no names: \(Self.list(saved))",
        "name each array when saving: np.savez(file, X=X, Y=Y, W1=W1, b1=b1, ..., dW1=dW1, db1=db1)"
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
    result.constantBias = constantBias(layers.arrays)
    return result
  }

  /// A whole number that is called a bias, that belongs to no layer by its name and has no gradient, if no layer has another bias.
  /// A bias that is trained is not a whole number.
  func constantBias(_ layers: [LayerArrays]) -> SavedArray? {
    let biases = entries.filter { $0.name.role == .bias }
    guard biases.count == 1, let only = biases.first, only.array.value.count == 1,
      layers.count > 1,
      only.name.numbers.isEmpty, only.array.value.isFinite,
      only.array.value.scalars[0] == only.array.value.scalars[0].rounded(),
      layers.allSatisfy({ $0.bias == nil || $0.bias?.name == only.array.name })
    else { return nil }
    return only.array
  }

  /// A gradient whose parameter is not there cannot be judged, and must not be passed over.
  func refuseOrphans(_ patterns: Set<[String]>) throws(Problem) {
    let orphan = entries.first {
      isFree($0) && $0.name.isGradient && [.weight, .bias].contains($0.name.role)
        && (patterns.contains($0.name.pattern) || $0.name.pattern.isEmpty)
    }
    guard let orphan else { return }
    // The parameter is there, and it is of a layer that is not dense.
    let parameter = entries.first {
      !$0.name.isGradient && $0.name.role == orphan.name.role
        && $0.name.key.sorted() == orphan.name.key.sorted()
        && $0.name.numbers == orphan.name.numbers
    }
    if let parameter {
      throw saved.problem(
        "array \(orphan.array.name)",
        "is the gradient of \(parameter.array.name), which fits no layer of a network of dense layers",
        "describe the network with \(Setting.network) FILE.json (plumb help networks)")
    }
    let unreadable = saved.unreadable.first { array in
      let name = ArrayName(array.name, among: [])
      return !name.isGradient && name.role == orphan.name.role
        && name.numbers == orphan.name.numbers
    }
    if let unreadable { throw unreadable.reason }
    let name =
      (orphan.name.role == .weight ? "W" : "b")
      + (orphan.name.numbers.first.map(String.init) ?? orphan.name.key.joined())
    throw saved.problem(
      "array \(name)",
      "there is no such array, only \(Self.list(saved)): \(orphan.array.name) is its gradient",
      "save the parameter too: np.savez(file, X=X, Y=Y, **parameters, **gradients)")
  }
}
