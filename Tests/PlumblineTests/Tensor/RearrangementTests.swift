import Plumbline
import TestSupport
import Testing

@Suite("Operations that move values put each where the reference puts it")
struct RearrangementTests {
  @Test("transposing permutes every index", arguments: Trial.several(30))
  func transposing(trial: Trial) {
    let x = trial.key["x"].tensor(trial.key["shape"].shape(extents: 0...4))
    let rank = x.shape.rank
    let permutation = trial.key["permutation"].permutation(rank)
    let expected = NaiveArray(extents: permutation.map { x.shape.extents[$0] }) { index in
      var source = [Int](repeating: 0, count: rank)
      for (position, axis) in permutation.enumerated() { source[axis] = index[position] }
      return x.naive[source]
    }
    #expect(x.transposed(permutation: permutation) == Tensor(expected), trial.comment)
    #expect(
      x.transposed(permutation: permutation.map { $0 - rank }) == Tensor(expected), trial.comment)
    #expect(x.transposed().transposed() == x, trial.comment)
    #expect(
      x.transposed() == x.transposed(permutation: (0..<rank).reversed()), trial.comment)
  }

  @Test("slicing takes a block and padding puts it back", arguments: Trial.several(40))
  func slicing(trial: Trial) {
    let x = trial.key["x"].tensor(trial.key["shape"].shape(extents: 0...5))
    let ranges = trial.key["ranges"].ranges(in: x.shape)
    let block = x.sliced(ranges)
    let expected = NaiveArray(extents: ranges.map(\.count)) { index in
      x.naive[zip(index, ranges).map { $0 + $1.lowerBound }]
    }
    #expect(block == Tensor(expected), trial.comment)
    let padded = NaiveArray(extents: x.shape.extents) { index in
      zip(index, ranges).allSatisfy { $1.contains($0) } ? x.naive[index] : 0
    }
    #expect(block.padded(as: ranges, of: x.shape) == Tensor(padded), trial.comment)
  }

  @Test("slicing one axis keeps the others")
  func slicingOneAxis() {
    let x: Tensor<Double> = [[1, 2, 3], [4, 5, 6]]
    #expect(x.sliced(axis: 1, 1..<3) == [[2, 3], [5, 6]])
    #expect(x.sliced(axis: -1, 0..<1) == [[1], [4]])
    #expect(x.sliced(axis: 0, 1..<2) == [[4, 5, 6]])
    #expect(x.sliced(axis: 0, 2..<2).shape == [0, 3])
  }

  @Test("slices of slices read the right positions", arguments: Trial.several(20))
  func nestedSlices(trial: Trial) {
    let x = trial.key["x"].tensor(trial.key["shape"].shape(rank: 2...3, extents: 3...6))
    let outer = trial.key["outer"].ranges(in: x.shape)
    let inner = trial.key["inner"].ranges(in: Shape(outer.map(\.count)))
    let both = zip(outer, inner).map {
      $0.lowerBound + $1.lowerBound..<$0.lowerBound + $1.upperBound
    }
    #expect(x.sliced(outer).sliced(inner) == x.sliced(both), trial.comment)
    let rows = x.sliced(axis: 0, 1..<x.shape[0])
    #expect(rows.transposed() == x.transposed().sliced(axis: -1, 1..<x.shape[0]), trial.comment)
    // A view that starts within its memory is computed with like a copy.
    let copy = Tensor(rows.shape, rows.scalars)
    #expect(rows.sum(alongAxes: [0]) == copy.sum(alongAxes: [0]), trial.comment)
    #expect(rows.max(alongAxes: [-1]) == copy.max(alongAxes: [-1]), trial.comment)
    #expect(tanh(rows) * rows + 1 == tanh(copy) * copy + 1, trial.comment)
  }

  @Test("concatenating along any axis puts the parts side by side", arguments: Trial.several(30))
  func concatenating(trial: Trial) {
    let key = trial.key
    let shape = key["shape"].shape(rank: 1...4, extents: 0...3)
    let axis = key["axis"].integer(in: 0...shape.rank - 1)
    let parts = (0..<key["count"].integer(in: 1...4)).map { number in
      var extents = shape.extents
      extents[axis] = key["extent"][number].integer(in: 0...3)
      return key["part"][number].tensor(Shape(extents))
    }
    var extents = shape.extents
    extents[axis] = parts.reduce(0) { $0 + $1.shape[axis] }
    let expected = NaiveArray(extents: extents) { index in
      var source = index
      var part = 0
      while source[axis] >= parts[part].shape[axis] {
        source[axis] -= parts[part].shape[axis]
        part += 1
      }
      return parts[part].naive[source]
    }
    for axis in [axis, axis - shape.rank] {
      #expect(Tensor.concatenate(parts, alongAxis: axis) == Tensor(expected), trial.comment)
    }
  }

  @Test("stacking makes a new axis", arguments: Trial.several(20))
  func stacking(trial: Trial) {
    let shape = trial.key["shape"].shape(rank: 0...3, extents: 0...3)
    let parts = (0..<3).map { trial.key["part"][$0].tensor(shape) }
    let axis = trial.key["axis"].integer(in: 0...shape.rank)
    var extents = shape.extents
    extents.insert(3, at: axis)
    let expected = NaiveArray(extents: extents) { index in
      var source = index
      let part = source.remove(at: axis)
      return parts[part].naive[source]
    }
    #expect(Tensor.stack(parts, alongAxis: axis) == Tensor(expected), trial.comment)
    #expect(
      Tensor.stack(parts, alongAxis: axis - shape.rank - 1) == Tensor(expected), trial.comment)
  }

  @Test("reshaping keeps the row-major order", arguments: Trial.several(10))
  func reshaping(trial: Trial) {
    let x = trial.key["x"].tensor(trial.key["shape"].shape(extents: 0...4))
    #expect(x.flattened().shape == [x.count], trial.comment)
    #expect(x.flattened().scalars == x.scalars, trial.comment)
    #expect(x.flattened().reshaped(to: x.shape) == x, trial.comment)
    #expect(x.expanded(atAxis: 0).shape == Shape([1] + x.shape.extents), trial.comment)
    #expect(x.expanded(atAxis: -1).shape == Shape(x.shape.extents + [1]), trial.comment)
    #expect(x.expanded(atAxis: 0).scalars == x.scalars, trial.comment)
  }

  @Test("gathering and scattering by class number", arguments: Trial.several(20))
  func classes(trial: Trial) {
    let key = trial.key
    let rows = key["rows"].shape(rank: 0...3, extents: 0...3)
    let classes = key["classes"].integer(in: 1...4)
    let x = key["x"].tensor(Shape(rows.extents + [classes]))
    let chosen = (0..<rows.elementCount).map { key["class"][$0].integer(in: 0...classes - 1) }
    let indices = Tensor<Double>(classes: chosen).reshaped(to: rows)
    let gathered = NaiveArray(extents: rows.extents) {
      x.naive[$0 + [Int(indices.naive[$0])]]
    }
    #expect(x.gathered(at: indices) == Tensor(gathered), trial.comment)
    let oneHot = NaiveArray(extents: x.shape.extents) {
      Int(indices.naive[$0.dropLast()]) == $0.last ? 1.0 : 0
    }
    #expect(indices.oneHot(classes: classes) == Tensor(oneHot), trial.comment)
    #expect(
      x.gathered(at: indices).scattered(at: indices, classes: classes) == x * Tensor(oneHot),
      trial.comment)
  }

  @Test("rows of a table, and their sum back into one", arguments: Trial.several(20))
  func rows(trial: Trial) {
    let key = trial.key
    let table = key["x"].tensor(key["shape"].shape(rank: 1...3, extents: 1...4))
    let count = table.shape[0]
    let chosen = (0..<key["count"].integer(in: 0...6)).map { key["row"][$0].integer(below: count) }
    let indices = Tensor<Double>(classes: chosen)
    let expected = NaiveArray(extents: [chosen.count] + table.shape.extents.dropFirst()) {
      table.naive[[chosen[$0[0]]] + $0.dropFirst()]
    }
    #expect(table.rows(at: indices) == Tensor(expected), trial.comment)
    #expect(table.selectingRows(chosen) == Tensor(expected), trial.comment)
    let sums = NaiveArray(extents: table.shape.extents) { index in
      chosen.indices.filter { chosen[$0] == index[0] }
        .reduce(0) { $0 + expected[[$1] + index.dropFirst()] }
    }
    #expect(
      Tensor(expected).scatteredRows(at: indices, count: count) == Tensor(sums), trial.comment)
  }
}

extension Key {
  fileprivate func integer(below bound: Int) -> Int { integer(in: 0...bound - 1) }

  /// A random range along each axis, empty ones among them.
  func ranges(in shape: Shape) -> [Range<Int>] {
    shape.extents.enumerated().map { axis, extent in
      let (a, b) = (
        self[axis]["a"].integer(in: 0...extent), self[axis]["b"].integer(in: 0...extent)
      )
      return min(a, b)..<max(a, b)
    }
  }
}
