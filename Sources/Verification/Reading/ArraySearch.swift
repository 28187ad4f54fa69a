import Plumbline

/// The search for the arrays of each parameter in turn.
struct ArraySearch {
  let arrays: DescribedArrays
  /// The indices of the parameters, in the order in which their arrays are looked for.
  let order: [Int]
  let prefersTurned: Bool
  /// Whether gates and parts may have arrays of their own.
  let dividesGates: Bool
  /// Whether the parameters of a layer have names that differ only in what says weight or bias, if there are such.
  let keepsStems: Bool
  /// Arrays that need not be used.
  let surplus: Set<String>
  /// The arrays that may be each parameter, by their names, the likeliest first.
  private let fitting: [[(array: SavedArray, name: ArrayName)]]
  var found: [DescribedArrays.Mapping] = []
  /// Limits a search without a result: equal layers can be exchanged in more ways than there is time for.
  private var visited = 0
  private static let limit = 200, visitLimit = 100_000

  init(
    _ arrays: DescribedArrays, order: [Int], prefersTurned: Bool, dividesGates: Bool,
    keepsStems: Bool, surplus: Set<String>
  ) {
    self.arrays = arrays
    self.surplus = surplus
    self.order = order
    self.prefersTurned = prefersTurned
    self.dividesGates = dividesGates
    self.keepsStems = keepsStems
    let known = Set(arrays.known.values)
    fitting = arrays.layout.entries.map { entry in
      if let own = arrays.known[entry.name.lowercased()] {
        return arrays.candidates.filter { $0.array.name == own }
      }
      let possible = arrays.candidates.filter {
        !known.contains($0.array.name) && !DescribedArrays.contradicts($0.name, entry)
      }
      // What its name fits goes first, and what may be left out last.
      func rank(_ candidate: (array: SavedArray, name: ArrayName)) -> Int {
        (DescribedArrays.isUnlikely(candidate.name, entry) ? 1 : 0)
          + (surplus.contains(candidate.array.name) ? 2 : 0)
      }
      return possible.enumerated().sorted {
        (rank($0.element), $0.offset) < (rank($1.element), $1.offset)
      }.map(\.element)
    }
  }

  mutating func run() {
    guard !dividesGates || !arrays.gates.isEmpty || !arrays.parts.isEmpty else { return }
    extend([], used: [])
  }

  private mutating func extend(_ sources: [DescribedArrays.Source], used: Set<String>) {
    visited += 1
    guard found.count < Self.limit, visited < Self.visitLimit else { return }
    let entries = arrays.layout.entries
    guard sources.count < entries.count else {
      // Arrays of the network that are left over must belong somewhere.
      if arrays.candidates.allSatisfy({
        used.contains($0.array.name) || surplus.contains($0.array.name)
      }) {
        var sorted = sources
        for (source, index) in zip(sources, order) { sorted[index] = source }
        found.append(DescribedArrays.Mapping(sources: sorted))
      }
      return
    }
    let entry = entries[order[sources.count]]
    if dividesGates, let (layer, letters) = gates(of: entry) {
      for block in blocks(layer, letters, used) {
        let names = Set(block.flatMap { $0.pieces.map(\.array) })
        extend(sources + block, used: used.union(names))
      }
      return
    }
    let parts = dividesGates ? arrays.parts[entry.name] : nil
    for pieces in parts.map({ divided(entry, $0, used) }) ?? [] {
      extend(
        sources + [DescribedArrays.Source(pieces: pieces)],
        used: used.union(pieces.map(\.array)))
    }
    var free = fitting[order[sources.count]].filter { !used.contains($0.array.name) }
    if keepsStems, let stem = stem(nextTo: entry, sources) {
      let own = free.filter { $0.name.stem == stem }
      if !own.isEmpty { free = own }
    }
    for candidate in free {
      // What is called a query's weight is no other layer's.
      if dividesGates, parts == nil, let all = arrays.parts.first?.value,
        DescribedArrays.part(candidate.array.name, all) != nil
      {
        continue
      }
      for isTurned in DescribedArrays.orientations(
        candidate.array.value.shape, entry.shape, prefersTurned: prefersTurned
      ).prefix(1) {
        let piece = DescribedArrays.Piece(array: candidate.array.name, isTurned: isTurned)
        extend(
          sources + [DescribedArrays.Source(pieces: [piece])],
          used: used.union([candidate.array.name]))
      }
    }
    // A bias that people leave out is zero.
    let isKnown = arrays.known[entry.name.lowercased()] != nil
    if entry.shape.rank == 1, !entry.name.hasSuffix("scale"), !isKnown {
      extend(sources + [DescribedArrays.Source(pieces: [])], used: used)
    }
  }

  /// The stem of the name of another parameter of the same layer, where it has one array.
  private func stem(
    nextTo entry: ParameterLayout.Entry, _ sources: [DescribedArrays.Source]
  ) -> [String]? {
    let layer = entry.name.split(separator: ".").dropLast()
    return zip(sources, order).reversed().lazy.compactMap { source, index -> [String]? in
      guard source.pieces.count == 1,
        arrays.layout.entries[index].name.split(separator: ".").dropLast() == layer
      else { return nil }
      return arrays.candidates.first { $0.array.name == source.pieces[0].array }?.name.stem
    }.first
  }

  /// The arrays of each part of a parameter, in the order of the file.
  private func divided(
    _ entry: ParameterLayout.Entry, _ parts: [Set<String>], _ used: Set<String>
  ) -> [[DescribedArrays.Piece]] {
    let shape = Shape(
      Array(entry.shape.extents.dropLast()) + [entry.shape[-1] / parts.count])
    let own = arrays.candidates.compactMap { candidate -> (part: Int, DescribedArrays.Piece)? in
      guard !used.contains(candidate.array.name),
        !DescribedArrays.contradicts(candidate.name, entry),
        let part = DescribedArrays.part(candidate.array.name, parts),
        let isTurned = DescribedArrays.orientations(
          candidate.array.value.shape, shape, prefersTurned: prefersTurned
        ).first
      else { return nil }
      return (part, .init(array: candidate.array.name, isTurned: isTurned))
    }
    let byPart = parts.indices.map { part in own.filter { $0.part == part }.map(\.1) }
    return (0..<(byPart.map(\.count).min() ?? 0)).map { index in byPart.map { $0[index] } }
  }

  private func gates(of entry: ParameterLayout.Entry) -> (String, [Set<Character>])? {
    guard let dot = entry.name.lastIndex(of: ".") else { return nil }
    let layer = String(entry.name[..<dot])
    return arrays.gates[layer].map { (layer, $0) }
  }

  /// The sources of all parameters of a layer with gates.
  private func blocks(
    _ layer: String, _ letters: [Set<Character>], _ used: Set<String>
  ) -> [[DescribedArrays.Source]] {
    let entries = arrays.layout.entries.filter { $0.name.hasPrefix(layer + ".") }
    let (inputs, units) = (entries[0].shape[0], entries[1].shape[0])
    let count = letters.count
    let free = arrays.candidates.filter { !used.contains($0.array.name) }
    typealias Source = DescribedArrays.Source
    typealias Piece = DescribedArrays.Piece
    /// What may hold a part of this many rows for all gates: one array, its gates in any order, or one for each gate.
    func holders(rows: Int) -> [(pieces: [Piece], isDivided: Bool)] {
      var result: [(pieces: [Piece], isDivided: Bool)] = []
      func orientation(_ shape: Shape, _ columns: Int) -> Bool? {
        if rows == 1 {
          return DescribedArrays.significant(shape) == [columns] ? false : nil
        }
        guard shape.rank == 2 else { return nil }
        let ways = [[rows, columns], [columns, rows]].map { shape.extents == $0 }
        return ways[prefersTurned ? 1 : 0] ? prefersTurned : ways[0] ? false : ways[1] ? true : nil
      }
      for candidate in free {
        if let isTurned = orientation(candidate.array.value.shape, count * units) {
          result.append(([Piece(array: candidate.array.name, isTurned: isTurned)], false))
        }
      }
      // For each gate, the arrays with its letter, in the order of the file.
      let divided = free.compactMap { candidate -> (gate: Int, piece: Piece)? in
        guard let isTurned = orientation(candidate.array.value.shape, units),
          let gate = DescribedArrays.gate(candidate.array.name, letters)
        else { return nil }
        return (gate, Piece(array: candidate.array.name, isTurned: isTurned))
      }
      let byGate = (0..<count).map { gate in divided.filter { $0.gate == gate }.map(\.piece) }
      for index in 0..<(byGate.map(\.count).min() ?? 0) {
        result.append((byGate.map { $0[index] }, true))
      }
      return result
    }
    let orders = Permutations.all(count)
    let biases: [[Source]] = {
      guard entries.count == 4 else { return [[]] }
      let none = Source(pieces: [])
      let all = holders(rows: 1)
      let one = all.map { [Source(pieces: $0.pieces), none] }
      let two = all.indices.flatMap { first in
        all.indices.filter { $0 != first }.map {
          [Source(pieces: all[first].pieces), Source(pieces: all[$0].pieces)]
        }
      }
      return two + one + [[none, none]]
    }()
    var weights: [[Source]] = []
    for input in holders(rows: inputs) {
      for state in holders(rows: units)
      where Set(state.pieces.map(\.array)).isDisjoint(with: input.pieces.map(\.array)) {
        weights.append([Source(pieces: input.pieces), Source(pieces: state.pieces)])
      }
    }
    for both in holders(rows: inputs + units) {
      for (first, second) in [
        (units..<units + inputs, 0..<units), (0..<inputs, inputs..<inputs + units),
      ] {
        weights.append(
          [first, second].map { rows in
            Source(
              pieces: both.pieces.map {
                Piece(array: $0.array, isTurned: $0.isTurned, rows: rows)
              })
          })
      }
    }
    var result: [[Source]] = []
    for weight in weights {
      for bias in biases {
        let sources = weight + bias
        // One array for each gate needs no order.
        if sources.allSatisfy({ $0.pieces.count != 1 }) {
          result.append(sources)
          continue
        }
        for order in orders {
          result.append(
            sources.map { source in
              var source = source
              if source.pieces.count == 1 { source.gates = order }
              return source
            })
        }
      }
    }
    return result
  }
}
