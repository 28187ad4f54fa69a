import Findings
import Networks
import Plumbline

/// Which arrays of a file are the parameters of a described network: under the network's paths, or under custom names that shapes,
/// words and the order of the file identify and that the cost confirms.
///
/// A layer with gates may be saved as one array for all gates in any order, as one array for each gate, or with the weights of
/// state and input in one array, in either order. Attention may have an array for each of q, k and v.
struct DescribedArrays {
  /// What an array contributes to a parameter.
  struct Piece: Hashable {
    let array: String
    /// Whether its outputs come first, as PyTorch has them.
    var isTurned = false
    /// Its rows, once its outputs are last; `nil` for all.
    var rows: Range<Int>?
  }

  /// One parameter of the network: its pieces, next to one another along the last axis; none where the file has no such array.
  struct Source: Hashable {
    var pieces: [Piece]
    /// The index of each gate among those of the pieces; `nil` if there are no gates.
    var gates: [Int]?
  }

  /// Where each parameter is.
  struct Mapping: Hashable {
    var sources: [Source]

    /// The parameters of the network, from arrays by name.
    func parameters(
      _ arrays: [String: Tensor<Double>], _ layout: ParameterLayout
    ) -> [Tensor<Double>] {
      zip(sources, layout.entries).map { source, entry in
        let pieces = source.pieces.map { piece -> Tensor<Double> in
          let value = arrays[piece.array]!
          guard value.shape.rank > 1, piece.rows != nil || source.pieces.count > 1 else {
            return piece.isTurned
              ? value.transposed(permutation: Array(1..<value.shape.rank) + [0])
              : value.reshaped(to: source.pieces.count > 1 ? [value.count] : entry.shape)
          }
          // A piece of a bias may be a column or a row.
          if entry.shape.rank == 1 { return value.reshaped(to: [value.count]) }
          let matrix = value.transposed(piece.isTurned)
          return piece.rows.map { matrix.sliced(axis: 0, $0) } ?? matrix
        }
        guard let first = pieces.first else { return .zeros(entry.shape) }
        let whole = pieces.count == 1 ? first : .concatenate(pieces, alongAxis: -1)
        guard let gates = source.gates else { return whole.reshaped(to: entry.shape) }
        let units = entry.shape[entry.shape.rank - 1] / gates.count
        return Tensor.concatenate(
          gates.map { whole.sliced(axis: -1, $0 * units..<($0 + 1) * units) }, alongAxis: -1
        ).reshaped(to: entry.shape)
      }
    }

    /// The gradient of each array, from those of the parameters: the map of the parameters backward.
    func gradients(
      _ gradients: [Tensor<Double>], of arrays: [String: Tensor<Double>], _ layout: ParameterLayout
    ) -> [String: Tensor<Double>] {
      // Each element is numbered, and its number is found again at its new position.
      let names = Set(sources.flatMap { $0.pieces.map(\.array) }).sorted()
      var (numbers, offsets, count): ([String: Tensor<Double>], [String: Int], Int) = ([:], [:], 0)
      for name in names {
        let value = arrays[name]!
        numbers[name] = Tensor(value.shape, (count..<count + value.count).map(Double.init))
        offsets[name] = count
        count += value.count
      }
      var sums = [Double](repeating: 0, count: count)
      let positions = parameters(numbers, layout)
      for (index, source) in sources.enumerated() where !source.pieces.isEmpty {
        for (position, value) in zip(positions[index].scalars, gradients[index].scalars) {
          sums[Int(position)] += value
        }
      }
      return Dictionary(
        uniqueKeysWithValues: names.map { name in
          let (shape, start) = (arrays[name]!.shape, offsets[name]!)
          return (name, Tensor(shape, Array(sums[start..<start + shape.elementCount])))
        })
    }

    /// What an array is to the network: the path of a parameter that it holds alone.
    func path(of array: String, _ layout: ParameterLayout) -> String? {
      let held = sources.indices.filter { sources[$0].pieces.contains { $0.array == array } }
      guard held.count == 1, sources[held[0]].pieces.count == 1 else { return nil }
      return layout.entries[held[0]].name
    }

    /// The index of the last parameter that an array contributes to.
    func index(of array: String) -> Int {
      sources.lastIndex { $0.pieces.contains { $0.array == array } } ?? 0
    }

    var isTurned: Bool { sources.contains { $0.pieces.contains(where: \.isTurned) } }
  }

  let layout: ParameterLayout
  /// The orders in which files may hold the parameters, as indices of the layout: its own, and that of the forward pass.
  let orders: [[Int]]
  /// The layers with gates, by the path of the layer: the letters that people give each gate, in the order of the network.
  let gates: [String: [Set<Character>]]
  /// The parameters that people have as several arrays, by path: the words for each of them, in the order of the parameter.
  let parts: [String: [Set<String>]]
  /// The arrays that may be parameters, in the order of the file.
  let candidates: [(array: SavedArray, name: ArrayName)]
  /// The arrays that are known by the path of their parameter, by that path in lower case.
  let known: [String: String]

  /// - Parameter called: What arrays are called instead, by their names.
  init(
    _ network: Network, _ layout: ParameterLayout,
    candidates: [(array: SavedArray, name: ArrayName)], called: [String: String] = [:]
  ) {
    self.layout = layout
    self.candidates = candidates
    let (own, forward) = (Array(layout.entries.indices), network.forwardOrder(of: layout))
    orders = forward == own ? [own] : [own, forward]
    let all = Set(layout.entries.map { $0.name.lowercased() })
    known = Dictionary(
      candidates.map { ((called[$0.array.name] ?? $0.array.name).lowercased(), $0.array.name) }
        .filter { all.contains($0.0) }, uniquingKeysWith: { first, _ in first })
    var gates: [String: [Set<Character>]] = [:]
    for entry in layout.entries where entry.name.hasSuffix(".input") && entry.shape.rank == 2 {
      let layer = entry.name.dropLast(".input".count)
      guard let state = layout.entries.first(where: { $0.name == layer + ".state" }) else {
        continue
      }
      let count = state.shape[1] / state.shape[0]
      gates[String(layer)] = programCells.lazy.map { $0.init().gates }.first {
        $0.count == count && count > 1
      }
    }
    self.gates = gates
    let paths = Set(layout.entries.map(\.name))
    var parts: [String: [Set<String>]] = [:]
    for entry in layout.entries {
      guard let dot = entry.name.lastIndex(of: "."),
        [".inputWeight", ".inputBias"].contains(entry.name[dot...]),
        paths.contains(entry.name[..<dot] + ".outputWeight"),
        entry.shape[-1].isMultiple(of: Self.attentionParts.count)
      else { continue }
      parts[entry.name] = Self.attentionParts
    }
    self.parts = parts
  }

  /// What people call queries, keys and values.
  private static let attentionParts: [Set<String>] = [
    ["q", "query", "queries"], ["k", "key", "keys"], ["v", "value", "values"],
  ]

  /// The index of the part that a name tells, as in Wq, b_q, q_proj.weight and queryBias.
  static func part(_ name: String, _ parts: [Set<String>]) -> Int? {
    for word in ArrayName.words(of: name) {
      // A letter for weight or bias may be on either side.
      let cores = [
        word, ["w", "b"].contains(word.prefix(1)) ? String(word.dropFirst()) : word,
        ["w", "b"].contains(word.suffix(1)) ? String(word.dropLast()) : word,
      ]
      if let part = parts.firstIndex(where: { part in cores.contains { part.contains($0) } }) {
        return part
      }
    }
    return nil
  }

  /// The mappings that shapes and names allow, the plainest first: those that use every array, or else those that leave out values between
  /// the layers.
  func mappings() -> [Mapping] {
    let whole = mappings(leavingOut: [])
    guard whole.isEmpty else { return whole }
    let surplus = candidates.filter { isSurplus($0.array, $0.name) }.map(\.array.name)
    return surplus.isEmpty ? [] : mappings(leavingOut: Set(surplus))
  }

  /// Whether an array may be something else than a parameter: it is not called one, or has the shape of none.
  private func isSurplus(_ array: SavedArray, _ name: ArrayName) -> Bool {
    guard !known.values.contains(array.name) else { return false }
    let isCalled = [.weight, .bias, .scale, .shift].contains(name.role)
    // As the embeddings of words next to their table.
    return !isCalled
      || array.value.shape.rank > 2
        && layout.entries.allSatisfy {
          Self.orientations(array.value.shape, $0.shape, prefersTurned: false).isEmpty
        }
  }

  /// Whether an array has a shape that a parameter, a gate or a part has: where one has none, no mapping uses all.
  private func mayBeUsed(_ array: SavedArray) -> Bool {
    let own = Self.significant(array.value.shape)
    let inGates = gates.contains { layer, letters in
      guard let input = layout.entries.first(where: { $0.name == layer + ".input" }),
        let state = layout.entries.first(where: { $0.name == layer + ".state" })
      else { return false }
      let (inputs, units) = (input.shape[0], state.shape[0])
      return [units, letters.count * units].contains { columns in
        own == Self.significant([columns])
          || [inputs, units, inputs + units].contains { rows in
            [[rows, columns], [columns, rows]].contains { own == $0.filter { $0 != 1 } }
          }
      }
    }
    return inGates
      || layout.entries.contains { entry in
        let part = parts[entry.name].map {
          Shape(entry.shape.extents.dropLast() + [entry.shape[-1] / $0.count])
        }
        return [entry.shape, part].compactMap { $0 }.contains {
          !Self.orientations(array.value.shape, $0, prefersTurned: false).isEmpty
        }
      }
  }

  private func mappings(leavingOut surplus: Set<String>) -> [Mapping] {
    guard candidates.allSatisfy({ surplus.contains($0.array.name) || mayBeUsed($0.array) }) else {
      return []
    }
    var found: [Mapping] = []
    // A weight that fits a parameter only if it is turned shows how square ones are oriented.
    let isTorch = candidates.contains { candidate in
      !layout.entries.contains {
        Self.orientations(candidate.array.value.shape, $0.shape, prefersTurned: false).first
          == false
      }
    }
    for isTurned in isTorch ? [true, false] : [false, true] {
      for withGates in [false, true] {
        for keepsStems in [true, false] {
          for order in orders {
            var search = ArraySearch(
              self, order: order, prefersTurned: isTurned, dividesGates: withGates,
              keepsStems: keepsStems, surplus: surplus)
            search.run()
            for mapping in search.found where !found.contains(mapping) { found.append(mapping) }
          }
        }
      }
    }
    return found
  }

  // MARK: Shapes

  static func significant(_ shape: Shape) -> [Int] { shape.extents.filter { $0 != 1 } }

  /// The ways in which an array has the shape of a parameter: as it is, and as PyTorch has it, with the outputs first.
  static func orientations(_ own: Shape, _ shape: Shape, prefersTurned: Bool) -> [Bool] {
    let isStraight = own == shape || significant(own) == significant(shape)
    let isTurned =
      shape.rank > 1
      && own.extents == [shape.extents[shape.rank - 1]] + Array(shape.extents.dropLast())
    let all = (isStraight ? [false] : []) + (isTurned ? [true] : [])
    return prefersTurned ? all.reversed() : all
  }

  /// Values of every example in the shape that a layer outputs, in every possible order of axes, the plainest first.
  static func arranged(
    _ value: Tensor<Double>, as shape: Shape
  ) -> [(value: Tensor<Double>, isChannelsLast: Bool)] {
    guard value.count == shape.elementCount, shape.rank > 0 else { return [] }
    if value.shape.rank == shape.rank, shape.rank > 1 {
      let written = Array(value.shape.extents.indices)
      return Permutations.all(shape.rank).filter { order in
        order.map { value.shape[$0] } == shape.extents
      }.map { order in
        (
          order == written ? value : value.transposed(permutation: order),
          shape.rank == 4 && order[1] == 3
        )
      }
    }
    return significant(value.shape) == significant(shape)
      || value.shape.extents.first == shape.extents.first
      ? [(value.reshaped(to: shape), false)] : []
  }

  /// Words of those that call the parameters of a norm by it.
  private static let norms: Set<String> = [
    "ln", "bn", "gn", "norm", "layernorm", "batchnorm", "rmsnorm", "rms", "gamma", "beta", "scale",
    "shift",
  ]

  /// Whether a name fits a parameter less well than others: that of a norm for another layer's, and vice versa.
  static func isUnlikely(_ name: ArrayName, _ entry: ParameterLayout.Entry) -> Bool {
    let isOfNorm = entry.name.hasSuffix(".scale") || entry.name.hasSuffix(".shift")
    return isOfNorm == norms.isDisjoint(with: name.words)
  }

  /// Whether a name speaks against a parameter: a bias that is called a weight, and vice versa.
  static func contradicts(_ name: ArrayName, _ entry: ParameterLayout.Entry) -> Bool {
    switch name.role {
    case .weight: entry.shape.rank == 1
    case .bias: entry.shape.rank > 1 || entry.name.hasSuffix("scale")
    case .scale: !entry.name.hasSuffix("scale")
    case .shift: entry.shape.rank > 1 || entry.name.hasSuffix("scale")
    default: false
    }
  }

  /// The gate that the end of a name indicates.
  static func gate(_ name: String, _ letters: [Set<Character>]) -> Int? {
    var word = name.lowercased().filter(\.isLetter)
    if word.hasPrefix("weight") { word.removeFirst("weight".count) }
    if word.hasPrefix("bias") { word.removeFirst("bias".count) }
    while let last = word.last {
      if let gate = letters.firstIndex(where: { $0.contains(last) }) { return gate }
      guard "xhi".contains(last) else { return nil }
      word.removeLast()
    }
    return nil
  }
}
