import Foundation

/// An array of numbers as in a file: element type, shape and bytes.
///
/// The bytes are those of the file, converted to one order: row-major, least significant byte
/// first. So reading loses nothing, and a conversion is requested by name:
///
/// ```swift
/// let weights = try NPZFile(contentsOfFile: "run.npz").array(named: "W1")
/// let w: Tensor<Double> = weights.tensor()
/// ```
public struct NumericArray: Sendable, Equatable {
  /// The type of the elements.
  public enum ElementType: String, Sendable, Hashable, CaseIterable {
    /// A byte that is 0 or 1.
    case bool
    /// An integer with this many bits, unsigned (`uint8`) or in two's complement (`int8`).
    case uint8, int8, uint16, int16, uint32, int32, uint64, int64
    /// IEEE 754 half precision.
    case float16
    /// The upper half of a `float32`, as used for training networks.
    case bfloat16
    /// IEEE 754 single and double precision.
    case float32, float64

    /// The size of one element in bytes.
    public var size: Int {
      switch self {
      case .bool, .uint8, .int8: 1
      case .uint16, .int16, .float16, .bfloat16: 2
      case .uint32, .int32, .float32: 4
      case .uint64, .int64, .float64: 8
      }
    }

    /// Whether it can represent values between whole numbers.
    public var isFloatingPoint: Bool {
      switch self {
      case .float16, .bfloat16, .float32, .float64: true
      default: false
      }
    }
  }

  /// The type of the elements.
  public let elementType: ElementType
  /// The dimensions; `[]` is a single element.
  public let shape: [Int]
  /// The elements, row-major, each with its least significant byte first.
  public let bytes: [UInt8]

  /// The number of elements.
  public var count: Int { bytes.count / elementType.size }

  /// An array of these bytes, whose number has been checked against the shape.
  init(_ elementType: ElementType, _ shape: [Int], checkedBytes bytes: [UInt8]) {
    self.elementType = elementType
    self.shape = shape
    self.bytes = bytes
  }

  /// An array of these bytes, row-major, each element with its least significant byte first.
  ///
  /// Traps when their number does not fit the shape.
  public init(_ elementType: ElementType, _ shape: [Int], bytes: [UInt8]) {
    guard Self.byteCount(elementType, shape) == bytes.count else {
      fatalError("shape \(shape) of \(elementType.rawValue) was given \(bytes.count) bytes")
    }
    self.init(elementType, shape, checkedBytes: bytes)
  }

  /// The number of bytes of a shape, or nil when it does not fit into an `Int`, not even with 1 for
  /// every 0: so that multiplying dimensions cannot overflow.
  static func byteCount(_ elementType: ElementType, _ shape: [Int]) -> Int? {
    var product = elementType.size
    for dimension in shape {
      let (next, overflow) = product.multipliedReportingOverflow(by: max(dimension, 1))
      guard dimension >= 0, !overflow else { return nil }
      product = next
    }
    return shape.contains(0) ? 0 : product
  }

  /// The indices of element `position` of the row-major order along each axis.
  func indices(of position: Int) -> [Int] {
    var rest = position
    return Array(
      shape.reversed().map { dimension in
        defer { rest /= dimension }
        return rest % dimension
      }.reversed())
  }

  /// The array of these rows, entries of the first dimension, in this order; an index may repeat.
  ///
  /// Traps for an array of rank 0 and for an index outside the first dimension.
  /// - Complexity: O(number of elements selected).
  public func selectingRows(_ rows: some Collection<Int>) -> NumericArray {
    guard let count = shape.first else { fatalError("rows of \(self): it is a single number") }
    let size = count == 0 ? 0 : bytes.count / count
    var selected: [UInt8] = []
    selected.reserveCapacity(rows.count * size)
    for row in rows {
      guard row >= 0, row < count else { fatalError("row \(row) of \(self)") }
      selected += bytes[row * size..<(row + 1) * size]
    }
    return NumericArray(elementType, [rows.count] + shape.dropFirst(), checkedBytes: selected)
  }

  /// The array with its last dimension first; traps for an array of rank 0.
  ///
  /// - Complexity: O(``count``).
  func movingLastAxisFirst() -> NumericArray {
    guard let last = shape.last else { fatalError("\(self) has no axis to move") }
    let (rows, size) = (count / max(1, last), elementType.size)
    var moved: [UInt8] = []
    moved.reserveCapacity(bytes.count)
    for column in 0..<last {
      for row in 0..<rows {
        let start = (row * last + column) * size
        moved += bytes[start..<start + size]
      }
    }
    return NumericArray(elementType, [last] + shape.dropLast(), checkedBytes: moved)
  }

  /// The same elements with another shape.
  ///
  /// Traps if the shape has a different number of elements.
  public func reshaped(to shape: [Int]) -> NumericArray {
    NumericArray(elementType, shape, bytes: bytes)
  }
}

extension NumericArray: CustomStringConvertible {
  /// Type and shape, as in `float64 (2, 3)`.
  public var description: String { "\(elementType.rawValue) \(Self.description(of: shape))" }

  /// A shape as NumPy writes it, as in `(2, 3)` or `(5,)`.
  static func description(of shape: [Int]) -> String {
    let list = shape.map(String.init).joined(separator: ", ")
    return shape.count == 1 ? "(\(list),)" : "(\(list))"
  }

  /// A value in usual notation: whole numbers without a point.
  static func text(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// A value for people: without the digits that only binary rounding adds, so that 225.99999999999997 is 226.
  static func shown(_ value: Double) -> String {
    let exact = text(value)
    let rounded = Double(String(format: "%.12g", value)).map(text) ?? exact
    return rounded.count + 9 <= exact.count ? rounded : exact
  }
}
