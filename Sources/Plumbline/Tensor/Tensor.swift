/// An array of any rank: a value, row-major and contiguous, copied only when written while shared.
///
/// ```swift
/// let x: Tensor<Float> = [[1, 2, 3], [4, 5, 6]]       // shape [2, 3]
/// let y = relu(x - 2).sum(alongAxes: [1])             // [1, 9]
/// let z = matmul(x, x, transposingSecond: true)       // [2, 2]
/// ```
///
/// Arithmetic broadcasts by NumPy's rule. The functions that tensors share with recorded ``Variable``s
/// are declared on ``TensorProtocol``.
public struct Tensor<Scalar: TensorScalar>: Sendable {
  /// The extents along each axis.
  public private(set) var shape: Shape

  private var storage: Storage<Scalar>

  /// The offset of the tensor's first value in its storage: slices of leading axes share memory.
  private let offset: Int

  private init(shape: Shape, storage: Storage<Scalar>, offset: Int) {
    self.shape = shape
    self.storage = storage
    self.offset = offset
  }

  // MARK: Constructors

  /// A tensor whose values are all written by `fill` into uninitialized memory.
  init(_ shape: Shape, writingWith fill: (UnsafeMutablePointer<Scalar>) -> Void) {
    self.init(shape: shape, storage: Storage(count: shape.elementCount), offset: 0)
    fill(storage.pointer)
  }

  /// A tensor of `shape` with these values in row-major order; traps if their number differs.
  public init(_ shape: Shape, _ values: [Scalar]) {
    require(
      values.count == shape.elementCount,
      "shape \(shape) holds \(shape.elementCount) values, but \(values.count) were given")
    self.init(shape) { target in
      values.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        target.update(from: base, count: source.count)
      }
    }
  }

  /// A vector of these values.
  public init(_ values: [Scalar]) { self.init([values.count], values) }

  /// A matrix of these rows; traps if they differ in length.
  public init(_ rows: [[Scalar]]) {
    let columns = rows.first?.count ?? 0
    require(
      rows.allSatisfy { $0.count == columns },
      "the rows of a matrix must have equal length, not \(rows.map(\.count))")
    self.init([rows.count, columns], rows.flatMap { $0 })
  }

  /// A tensor of rank 0.
  public init(_ value: Scalar) { self.init(repeating: value, shape: []) }

  /// A tensor with the same value everywhere.
  public init(repeating value: Scalar, shape: Shape) {
    self.init(shape) { $0.update(repeating: value, count: shape.elementCount) }
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: Scalar(0), shape: shape) }

  /// A tensor of ones.
  public static func ones(_ shape: Shape) -> Tensor { Tensor(repeating: Scalar(1), shape: shape) }

  /// The square matrix with ones on its diagonal.
  public static func identity(_ size: Int) -> Tensor {
    Tensor([size, size]) { pointer in
      pointer.update(repeating: Scalar(0), count: size * size)
      for index in 0..<size { pointer[index * size + index] = Scalar(1) }
    }
  }

  /// The vector 0, 1, ..., `count` - 1.
  public static func indices(_ count: Int) -> Tensor {
    Tensor((0..<count).map { Scalar(Double($0)) })
  }

  /// Class numbers as a vector of scalars, as losses and ``TensorProtocol/gathered(at:)`` take them.
  public init(classes: [Int]) {
    require(
      classes.allSatisfy { abs($0) < 1 << 24 },
      "a class number must be below 2^24, where Float is exact")
    self.init(classes.map { Scalar(Double($0)) })
  }

  /// A tensor of `shape` with the values nearest to these, in row-major order.
  public init(_ shape: Shape, nearestTo values: [Double]) {
    require(
      values.count == shape.elementCount,
      "shape \(shape) holds \(shape.elementCount) values, but \(values.count) were given")
    self.init(shape) { target in
      values.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        Scalar.convert(fromDouble: source.count, base, into: target)
      }
    }
  }

  /// The values of `other`, each converted through `Double`.
  public init<Other: TensorScalar>(converting other: Tensor<Other>) {
    let reals = [Double](unsafeUninitializedCapacity: other.count) { buffer, count in
      count = other.count
      guard let base = buffer.baseAddress else { return }
      other.withValues { Other.convert(toDouble: other.count, $0, into: base) }
    }
    self.init(other.shape, nearestTo: reals)
  }

  // MARK: Values

  /// The number of values.
  public var count: Int { shape.elementCount }

  /// The values in row-major order. Complexity: O(count), a copy.
  public var scalars: [Scalar] {
    withValues { Array(UnsafeBufferPointer(start: $0, count: count)) }
  }

  /// The only value; traps if there is more than one.
  public var scalar: Scalar {
    require(count == 1, "a single value was requested from a tensor of shape \(shape)")
    return withValues { $0[0] }
  }

  /// The value at one index for each axis; negative indices count from the end. Traps outside the shape.
  public subscript(indices: Int...) -> Scalar {
    get { withValues { $0[position(of: indices)] } }
    set {
      let position = position(of: indices)
      withMutableValues { $0[position] = newValue }
    }
  }

  private func position(of indices: [Int]) -> Int {
    require(
      indices.count == shape.rank,
      "index \(indices) has \(indices.count) numbers, but the tensor has shape \(shape)")
    var position = 0
    for (index, extent) in zip(indices, shape.extents) {
      let entry = index < 0 ? index + extent : index
      require((0..<extent).contains(entry), "index \(indices) lies outside shape \(shape)")
      position = position * extent + entry
    }
    return position
  }

  /// Whether no value is infinite or NaN.
  public var isFinite: Bool {
    // Specialized, since a generic loop would call a function for each value.
    @specialized(where Scalar == Float)
    @specialized(where Scalar == Double)
    get {
      withValues { pointer in
        // Whole blocks, counted without a branch, so that they become vector instructions.
        let end = count
        return stride(from: 0, to: end, by: 4096).allSatisfy { start in
          let stop = min(start &+ 4096, end)
          var (index, others): (Int, Int32) = (start, 0)
          while index < stop {
            others &+= pointer[index].isFinite ? 0 : 1
            index &+= 1
          }
          return others == 0
        }
      }
    }
  }

  /// Calls `body` with the values, contiguous in row-major order.
  @inline(__always)
  package func withValues<Result>(_ body: (UnsafePointer<Scalar>) throws -> Result) rethrows
    -> Result
  {
    defer { withExtendedLifetime(storage) {} }
    return try body(UnsafePointer(storage.pointer + offset))
  }

  /// Calls `body` with the values for writing, in memory that is not shared.
  mutating func withMutableValues<Result>(
    _ body: (UnsafeMutablePointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    if !isKnownUniquelyReferenced(&storage) {
      let source = storage.pointer + offset
      let count = count
      self = Tensor(shape) { $0.update(from: source, count: count) }
    }
    defer { withExtendedLifetime(storage) {} }
    return try body(storage.pointer + offset)
  }

  // MARK: Views, which share memory

  /// The same values under another shape with the same number of elements. Complexity: O(1).
  func viewed(as shape: Shape) -> Tensor {
    require(
      shape.elementCount == count,
      "\(count) values of shape \(self.shape) cannot be reshaped to \(shape)")
    return Tensor(shape: shape, storage: storage, offset: offset)
  }

  /// Calls `body` with the addresses of the tensors' values, which it may only read.
  static func withPointers<Result>(
    to tensors: [Tensor], _ body: ([UnsafeMutablePointer<Scalar>]) -> Result
  ) -> Result {
    withExtendedLifetime(tensors) { body(tensors.map { $0.storage.pointer + $0.offset }) }
  }

  /// `shape.elementCount` values from `start`, in row-major order. Complexity: O(1).
  func viewed(from start: Int, as shape: Shape) -> Tensor {
    require(
      start >= 0 && start + shape.elementCount <= count,
      "values \(start) ..< \(start + shape.elementCount) lie outside shape \(self.shape)")
    return Tensor(shape: shape, storage: storage, offset: offset + start)
  }
}

// MARK: - Literals

/// A nested list of numbers, as it is written for a ``Tensor``.
public enum TensorLiteral<Scalar: TensorScalar>: ExpressibleByFloatLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral
{
  /// A single number.
  case number(Scalar)
  /// A list of numbers or of lists.
  case list([TensorLiteral])

  /// A number.
  public init(floatLiteral value: Scalar.FloatLiteralType) {
    self = .number(Scalar(floatLiteral: value))
  }

  /// A number.
  public init(integerLiteral value: Scalar.IntegerLiteralType) {
    self = .number(Scalar(integerLiteral: value))
  }

  /// A list.
  public init(arrayLiteral elements: TensorLiteral...) { self = .list(elements) }

  var tensor: Tensor<Scalar> {
    switch self {
    case .number(let value): return Tensor(value)
    case .list(let elements):
      let parts = elements.map(\.tensor)
      let inner = parts.first?.shape ?? []
      require(
        parts.allSatisfy { $0.shape == inner },
        "the parts of a tensor literal must have equal shapes, not \(parts.map(\.shape))")
      let shape = Shape([parts.count] + (parts.isEmpty ? [] : inner.extents))
      return Tensor(shape, parts.flatMap(\.scalars))
    }
  }
}

extension Tensor: ExpressibleByArrayLiteral {
  /// A tensor written as nested lists, such as `[[1, 2], [3, 4]]`.
  public init(arrayLiteral elements: TensorLiteral<Scalar>...) {
    self = TensorLiteral.list(elements).tensor
  }
}

// MARK: - Equality

extension Tensor: Equatable {
  /// Whether shape and every value are equal (NaN equals nothing).
  public static func == (left: Tensor, right: Tensor) -> Bool {
    guard left.shape == right.shape else { return false }
    return left.withValues { a in
      right.withValues { b in (0..<left.count).allSatisfy { a[$0] == b[$0] } }
    }
  }

  /// Whether the shapes are equal and every pair of values differs by at most
  /// `absoluteTolerance + relativeTolerance * |other|`, as in NumPy's `allclose`. An infinity is close
  /// to itself only, and NaN to nothing.
  public func isClose(
    to other: Tensor, absoluteTolerance: Double = 1e-8, relativeTolerance: Double = 1e-5
  ) -> Bool {
    guard shape == other.shape else { return false }
    return withValues { a in
      other.withValues { b in
        (0..<count).allSatisfy { index in
          let (x, y) = (a[index].real, b[index].real)
          // A tolerance relative to an infinity would allow everything.
          return x == y
            || (y.isFinite && abs(x - y) <= absoluteTolerance + relativeTolerance * abs(y))
        }
      }
    }
  }
}
