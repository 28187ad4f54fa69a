import Findings
import Plumbline

extension ArrayMatcher {
  /// The gradient of an array: the one with the same words, or with the same role and number.
  func gradient(of entry: (array: SavedArray, name: ArrayName))
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
    // The names of g0 and g1, or of a dictionary of gradients with the parameters' keys, say only that they are gradients; shapes
    // say of what.
    let plainly = gradients.filter {
      !name.key.isEmpty && $0.name.words == name.key && $0.array.value.shape == shape
    }
    if plainly.count == 1 { return plainly[0] }
    guard !name.numbers.isEmpty else { return nil }
    let near = gradients.filter { $0.name.role == name.role && $0.name.numbers == name.numbers }
    // Words that are left over must not point to another parameter.
    return near.count == 1
      && !entries.contains(where: {
        !$0.name.isGradient && $0.name.role == name.role
          && $0.name.key.sorted() == near[0].name.key.sorted()
      }) ? near[0] : nil
  }

  mutating func takeLayers(_ input: Shape, _ target: Shape) throws(Problem) -> (
    arrays: [LayerArrays], firstNumber: Int?, patterns: Set<[String]>
  ) {
    let roles: Set<ArrayName.Role> = [
      .input, .target, .preactivation, .activation, .delta, .mask, .cost, .error,
    ]
    let examples = [input.extents.first, input.extents.last].compactMap { $0 }
    let isNamed = entries.contains {
      $0.name.role == .weight && !$0.name.isGradient && gradient(of: $0) != nil
    }
    // A parameter is recognized by its name, or by the gradient that goes with a name that says nothing.
    func isParameter(_ entry: (array: SavedArray, name: ArrayName)) -> Bool {
      guard !entry.name.isGradient, isFree(entry) else { return false }
      let shape = entry.array.value.shape
      let hasGradient = gradient(of: entry).map { $0.array.value.shape == shape } ?? false
      // A matrix that has a gradient and no axis of examples in its shape is not a value between the layers.
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

  /// If no name marks a gradient: arrays with one more word, one for each parameter and with its number and shape, as
  /// weight_updates0 next to weights0. Copies of the parameters have values near theirs.
  mutating func tellGradientsByShapes() {
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
      "an audit needs X, Y, W1, b1, ..., and dW1, db1, ...: np.savez(file, X=X, Y=Y, **parameters, **gradients); for arrays with other "
        + "names use \(Setting.name) THEIRS=W1")
  }

  /// Ordered by their numbers, or by words such as hidden and output, or as they are in the file.
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

  /// Each entry with the index of the weight that it goes with: the one with the same words, the same number, the same end of its
  /// word, or the same width, in that order.
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
