import Plumbline

/// An array that is read index by index: the slow and obvious reference for shapes, broadcasting and
/// reductions. It shares no code with `Tensor`.
struct NaiveArray<Scalar> {
  let extents: [Int]
  let values: [Scalar]

  init(extents: [Int], values: [Scalar]) {
    precondition(values.count == extents.reduce(1, *))
    self.extents = extents
    self.values = values
  }

  /// The array whose value at each index `element` computes.
  init(extents: [Int], element: (_ index: [Int]) -> Scalar) {
    self.init(extents: extents, values: Self.indices(extents).map(element))
  }

  /// All indices of an array in row-major order.
  static func indices(_ extents: [Int]) -> [[Int]] {
    extents.reduce([[]]) { prefixes, extent in
      prefixes.flatMap { prefix in (0..<extent).map { prefix + [$0] } }
    }
  }

  subscript(index: [Int]) -> Scalar {
    var position = 0
    for (place, extent) in zip(index, extents) { position = position * extent + place }
    return values[position]
  }

  /// The value that broadcasting reads at an index of a larger array.
  func broadcast(at index: [Int]) -> Scalar {
    let own = index.suffix(extents.count)
    return self[zip(own, extents).map { $1 == 1 ? 0 : $0 }]
  }

  /// NumPy's rule: axes matched from the last; equal, or one of them 1 or missing.
  static func broadcastExtents(_ left: [Int], _ right: [Int]) -> [Int]? {
    let rank = max(left.count, right.count)
    let a = Array(repeating: 1, count: rank - left.count) + left
    let b = Array(repeating: 1, count: rank - right.count) + right
    var result: [Int] = []
    for (x, y) in zip(a, b) {
      if x == y || y == 1 {
        result.append(x)
      } else if x == 1 {
        result.append(y)
      } else {
        return nil
      }
    }
    return result
  }

  /// The values of each slice over `axes` reduced to one, the axes kept with extent 1.
  func reduced(over axes: [Int], _ reduce: ([Scalar]) -> Scalar) -> NaiveArray {
    let kept = extents.indices.map { axes.contains($0) ? 1 : extents[$0] }
    return NaiveArray(extents: kept) { index in
      let members = Self.indices(extents).filter { member in
        member.indices.allSatisfy { axes.contains($0) || member[$0] == index[$0] }
      }
      return reduce(members.map { self[$0] })
    }
  }
}

extension Tensor {
  /// The reference array of the same values.
  var naive: NaiveArray<Scalar> { NaiveArray(extents: shape.extents, values: scalars) }

  /// The tensor of a reference array.
  init(_ array: NaiveArray<Scalar>) { self.init(Shape(array.extents), array.values) }
}
