/// The extents of a tensor along its axes; `[]` is the shape of a scalar.
public struct Shape: Sendable, Hashable, ExpressibleByArrayLiteral {
  /// The extent of each axis, outermost first.
  public let extents: [Int]

  /// A shape with these extents, none of them negative.
  public init(_ extents: [Int]) {
    require(extents.allSatisfy { $0 >= 0 }, "a shape has no negative extents: \(extents)")
    self.extents = extents
  }

  /// A shape with these extents, none of them negative.
  public init(arrayLiteral extents: Int...) { self.init(extents) }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The number of elements: the product of the extents, 1 for a scalar.
  public var elementCount: Int {
    var product = 1
    for extent in extents { product *= extent }
    return product
  }

  /// The product of all extents except the last: how many rows a tensor has, read as one matrix.
  var rowCount: Int {
    var product = 1
    for axis in 0..<max(rank - 1, 0) { product *= extents[axis] }
    return product
  }

  static let scalar: Shape = []

  /// The shape with a different last extent.
  func replacingLast(with extent: Int) -> Shape {
    if extents[rank - 1] == extent { return self }
    var extents = extents
    extents[rank - 1] = extent
    return Shape(extents)
  }

  /// The shape with two more axes.
  func appending(_ rows: Int, _ columns: Int) -> Shape {
    rank == 0 ? Shape([rows, columns]) : Shape(extents + [rows, columns])
  }

  /// The extent of an axis; negative axes count from the last.
  public subscript(axis: Int) -> Int { extents[normalized(axis)] }

  /// The distance in elements between neighbors along each axis of a row-major tensor.
  var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * extents[axis + 1]
    }
    return strides
  }

  // MARK: Axes

  /// The axis counted from the first; negative axes count from the last.
  func normalized(_ axis: Int) -> Int {
    let result = axis < 0 ? axis + rank : axis
    require((0..<rank).contains(result), "axis \(axis) does not exist in shape \(self)")
    return result
  }

  /// The axes counted from the first, ascending, each at most once; `nil` means all.
  func normalized(_ axes: [Int]?) -> [Int] {
    guard let axes else { return Array(0..<rank) }
    let result = axes.map(normalized).sorted()
    require(
      zip(result, result.dropFirst()).allSatisfy { $0 < $1 },
      "an axis is repeated in \(axes) for shape \(self)")
    return result
  }

  /// The shape left by a reduction over `axes` (normalized): removed, or kept with extent 1.
  func reduced(over axes: [Int], keepingAxes: Bool) -> Shape {
    var result: [Int] = []
    for axis in 0..<rank {
      if !axes.contains(axis) {
        result.append(extents[axis])
      } else if keepingAxes {
        result.append(1)
      }
    }
    return Shape(result)
  }

  // MARK: Broadcasting

  /// The common shape of two operands by NumPy's rule, or `nil` if there is none: axes are matched
  /// from the last, and an extent of 1, or a missing axis, is repeated.
  public static func broadcast(_ left: Shape, _ right: Shape) -> Shape? {
    if left == right { return left }
    let rank = max(left.rank, right.rank)
    var result = [Int](repeating: 1, count: rank)
    for distance in 1...max(rank, 1) where distance <= rank {
      let a = distance <= left.rank ? left.extents[left.rank - distance] : 1
      let b = distance <= right.rank ? right.extents[right.rank - distance] : 1
      guard a == b || a == 1 || b == 1 else { return nil }
      result[rank - distance] = a == 1 ? b : a
    }
    return Shape(result)
  }

  /// The strides with which a tensor of this shape is read as one of shape `target`: 0 along the axes
  /// that are repeated. `nil` if it cannot be.
  func strides(broadcastTo target: Shape) -> [Int]? {
    guard rank <= target.rank else { return nil }
    let own = strides
    var result = [Int](repeating: 0, count: target.rank)
    for axis in 0..<rank {
      let matching = target.rank - rank + axis
      if extents[axis] == target.extents[matching] {
        result[matching] = own[axis]
      } else if extents[axis] != 1 {
        return nil
      }
    }
    return result
  }
}

extension Shape: CustomStringConvertible {
  /// The extents in brackets, as in `[128, 64]`.
  public var description: String {
    "[" + extents.map(String.init).joined(separator: ", ") + "]"
  }
}

extension Shape: Codable {
  /// Reads the list of extents.
  public init(from decoder: any Decoder) throws {
    let extents = try decoder.singleValueContainer().decode([Int].self)
    guard extents.allSatisfy({ $0 >= 0 }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a shape with a negative extent"))
    }
    self.init(extents)
  }

  /// Writes the list of extents.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(extents)
  }
}
