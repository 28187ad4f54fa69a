import Foundation

/// Names for the arrays of a file whose own names do not say what they are: what the values and shapes allow, likeliest first. Each
/// is a proposal, which the cost and the values have to confirm.
struct NamesByValue {
  /// Names that the user has given, theirs by ours.
  let given: [String: String]
  private let saved: SavedArrays
  private let mark: GradientMark?

  init(_ saved: SavedArrays, given: [String: String]) {
    (self.saved, self.given) = (saved, given)
    mark = GradientMark(saved.arrays)
  }

  /// Proposed names, theirs by ours; at most twenty-four proposals.
  func proposals() -> [[String: String]] {
    let base = chained() ?? [:]
    let free = saved.arrays.filter { base[$0.name] == nil && !isGradient($0) }
    let numbers = free.filter { $0.value.count == 1 && $0.isComputed }
    let isCalled = numbers.contains { ArrayName($0.name, among: []).role == .cost }
    // A number that may be the cost is not ignored: names that disagree with it are not confirmed.
    let costs = isCalled || numbers.isEmpty ? [nil] : numbers.map(Optional.some)
    var proposals: [[String: String]] = []
    for (input, target) in examples(base, free) {
      for cost in costs where cost?.name != target?.name {
        var names = base
        if let input { names[input.name] = "X" }
        if let target {
          names[target.name] = "Y"
          // If two arrays are called targets, one of them is something else.
          for other in saved.arrays where names[other.name] == nil && self.isCalled(other, .target)
          {
            names[other.name] = "unused_\(names.count)"
          }
        }
        if let cost { names[cost.name] = "cost" }
        proposals.append(names.merging(given) { $1 })
      }
    }
    return Array(proposals.filter { $0 != given }.prefix(24))
  }

  /// Whether names that were read, theirs by ours, are those of all gradients of the file: an ignored one might be wrong.
  func areAllGradients(in read: [String: String]) -> Bool {
    mark?.gradients.allSatisfy { own, gradient in
      read[gradient] != nil || read[own]?.isOfValue ?? false
    } ?? true
  }

  private func isCalled(_ array: SavedArray, _ role: ArrayName.Role) -> Bool {
    let name = ArrayName(array.name, among: [])
    return name.role == role && !name.isGradient && array.value.shape.rank > 0
  }

  private func isGradient(_ array: SavedArray) -> Bool {
    mark?.gradients.values.contains(array.name) ?? false
      || ArrayName(array.name, among: []).isGradient
  }

  /// The names of the layers that values identify, and of their gradients; `nil` if they identify none.
  private func chained() -> [String: String]? {
    // A name may only seem to say gradient of a value: where dA is the gradient of A, Gb is not that of b.
    let marked = Set(mark.map { Array($0.gradients.values) } ?? [])
    let forward = saved.arrays.filter { mark == nil ? !isGradient($0) : !marked.contains($0.name) }
    let parameters = forward.filter { mark?.gradients[$0.name] != nil || $0.value.shape.rank <= 1 }
    let weights = Set(
      forward.filter { $0.value.shape.rank == 2 && mark?.gradients[$0.name] != nil }.map(\.name))
    let inputs = forward.filter { isCalled($0, .input) }
    let chain = ChainByValues(
      values: inputs + forward.filter { !isCalled($0, .input) },
      parameters: mark == nil ? forward : parameters)
    guard let first = chain.links.first else { return nil }
    var names = [first.input.name: "X"]
    func name(_ array: SavedArray?, _ ours: String) {
      guard let array, names[array.name] == nil else { return }
      names[array.name] = ours
      if let gradient = mark?.gradients[array.name] { names[gradient] = "d" + ours }
    }
    for (index, link) in chain.links.enumerated() {
      name(link.weight, "W\(index + 1)")
      name(link.bias, "b\(index + 1)")
      name(link.preactivation, "Z\(index + 1)")
      let next = chain.links.dropFirst(index + 1).first?.input.name
      let activation = link.activations.first { $0.name == next } ?? link.activations.last
      name(activation, "A\(index + 1)")
    }
    // Unidentified weights would be numbered among these.
    let isWhole = weights.allSatisfy { names[$0] != nil || isValue($0, chain) }
    return isWhole ? names : nil
  }

  /// Whether an array has as many examples as the first of a chain, so that its gradient is that of a value.
  private func isValue(_ name: String, _ chain: ChainByValues) -> Bool {
    guard let array = saved.arrays.first(where: { $0.name == name }),
      let input = chain.links.first?.input
    else { return false }
    let axis = chain.areExamplesColumns ? 1 : 0
    return array.value.shape.rank == 2 && input.value.shape.rank == 2
      && array.value.shape[axis] == input.value.shape[axis]
  }

  /// The candidates for the examples and the targets; `nil` for one that already has its name.
  private func examples(
    _ base: [String: String], _ free: [SavedArray]
  ) -> [(input: SavedArray?, target: SavedArray?)] {
    func isCalled(_ role: ArrayName.Role) -> Bool {
      saved.arrays.contains { self.isCalled($0, role) }
        || given.values.contains(role == .input ? "X" : "Y")
    }
    let arrays = free.filter {
      $0.value.count > 1 && $0.value.isFinite && mark?.gradients[$0.name] == nil
    }
    func sharesExamples(_ a: SavedArray, _ b: SavedArray) -> Bool {
      a.value.shape.extents.contains { b.value.shape.extents.contains($0) }
    }
    let hasInput = base.values.contains("X") || isCalled(.input)
    let inputs = hasInput ? [nil] : arrays.filter { $0.value.shape.rank > 1 }.map(Optional.some)
    var pairs: [(input: SavedArray?, target: SavedArray?)] = []
    for input in inputs.prefix(4) {
      let own = input ?? saved.arrays.first { base[$0.name] == "X" }
      // What values show to be the first of a chain may have been called the targets.
      if isCalled(.target), own.map({ ArrayName($0.name, among: []).role != .target }) ?? true {
        pairs.append((input, nil))
      }
      let targets = arrays.filter { array in
        array.name != own?.name && (own.map { sharesExamples(array, $0) } ?? true)
      }
      // Classes first, then what was saved first.
      let sorted = targets.filter(\.isInteger) + targets.filter { !$0.isInteger }
      pairs += sorted.prefix(6).map { (input, $0) }
    }
    return pairs
  }
}

extension String {
  /// Whether this name of ours is that of a value between the layers.
  fileprivate var isOfValue: Bool { hasPrefix("Z") || hasPrefix("A") }
}

extension SavedArray {
  /// Whether a number has more digits than somebody types, unlike a learning rate.
  fileprivate var isComputed: Bool {
    guard !isInteger, value.isFinite, let number = value.scalars.first else { return false }
    let rounded = Double(String(format: "%.3g", number)) ?? 0
    return Swift.abs(number - rounded) > 1e-6 * Swift.abs(number)
  }
}
