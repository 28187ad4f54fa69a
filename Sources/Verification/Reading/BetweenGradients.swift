import Plumbline

/// Finds the gradients of values between the layers: by the array whose gradient it is, by a number, or by a word.
struct BetweenGradients {
  let pool: [(array: SavedArray, name: ArrayName)]
  let arranged: ArrangedArrays
  let forward: ForwardReading
  let firstNumber: Int?

  private var count: Int { forward.layers.count }

  func take(into run: inout ProgramRun, _ names: inout [String: String]) {
    let gradients = pool.filter {
      $0.name.isGradient || $0.name.role == .delta || Self.isNumberedError($0.array)
    }
    // dZ1 before dZ1_norm, which is of a step in between.
    let plainFirst = gradients.enumerated().sorted {
      ($0.element.name.key.count, $0.offset) < ($1.element.name.key.count, $1.offset)
    }
    for entry in plainFirst.map(\.element) {
      guard let quantity = quantity(entry.name, isNumbered: Self.isNumberedError(entry.array)),
        !run.holds(quantity)
      else { continue }
      let width = arranged.widths[quantity.layer]
      if let value = arranged.examplesArray(entry.array.value, width: width) {
        run.quantities[quantity] = value
      } else if width == 1, entry.array.value.shape == [arranged.examples, arranged.examples],
        arranged.examples > 1
      {
        run.broadcast[quantity] = entry.array.value
      } else {
        continue
      }
      names[entry.array.name] = "\(quantity)"
    }
  }

  /// d2, d3: an error by its number alone, which is not a mask that is called so as well.
  private static func isNumberedError(_ array: SavedArray) -> Bool {
    guard let letter = array.name.first, "dD".contains(letter), array.name.count > 1 else {
      return false
    }
    return array.name.dropFirst().allSatisfy(\.isNumber)
      && Set(array.value.scalars.prefix(1000)).count > 2
  }

  private func quantity(_ name: ArrayName, isNumbered: Bool) -> Quantity? {
    if name.role == .input { return name.key.isEmpty ? .inputGradient : nil }
    // The array that it is the gradient of.
    let base = pool.first { other in
      !other.name.isGradient && other.name.role == name.role
        && other.name.key.sorted() == name.key.sorted() && forward.names[other.array.name] != nil
    }.flatMap { Quantity(name: forward.names[$0.array.name] ?? "") }
    if let base, name.role != .delta {
      return Quantity(
        base.kind == .preactivation ? .preactivationGradient : .activationGradient, base.layer)
    }
    let kind: Quantity.Kind
    switch name.role {
    case .delta, .preactivation: kind = .preactivationGradient
    case nil where isNumbered: kind = .preactivationGradient
    case .activation: kind = .activationGradient
    default: return nil
    }
    guard let layer = layer(name), (1...count).contains(layer) else { return nil }
    return Quantity(kind, layer)
  }

  private func layer(_ name: ArrayName) -> Int? {
    if let number = name.numbers.last {
      // Numbered like a value of the same number.
      let same = pool.first { other in
        !other.name.isGradient && other.name.numbers == name.numbers
          && forward.names[other.array.name] != nil
      }.flatMap { Quantity(name: forward.names[$0.array.name] ?? "") }
      if let same { return same.layer }
      // d3 next to z2 and a2 of layer 1.
      let distances = Set(
        pool.compactMap { other -> Int? in
          guard !other.name.isGradient, let own = other.name.numbers.last,
            let value = Quantity(name: forward.names[other.array.name] ?? "")
          else { return nil }
          return value.layer - own
        })
      if name.role == nil, distances.count == 1, let distance = distances.first {
        return number + distance
      }
      let numbers = pool.filter { $0.name.role == name.role }.compactMap(\.name.numbers.last)
      guard firstNumber == 0, !numbers.contains(where: { $0 >= count }) else { return number }
      return number + 1
    }
    let late: Set<String> = [
      "o", "out", "output", "pred", "y", "last", "logits", "scores", "probs",
    ]
    if name.key.contains(where: late.contains) || name.role == .preactivation { return count }
    if count == 2, name.key.contains(where: { $0.hasPrefix("h") }) || name.role == .activation {
      return 1
    }
    return nil
  }
}
