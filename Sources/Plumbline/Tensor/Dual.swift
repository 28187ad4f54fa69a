/// A dual number v + t ε with ε² = 0: a value and its derivative along one direction.
///
/// A function evaluated with dual numbers gives its exact directional derivative next to its value, with
/// no step size. The rules here come from calculus and share nothing with the pullbacks of the
/// operations, which makes them an independent oracle for those. Duals of duals give second
/// derivatives.
///
/// Where a function has a kink the tangent follows the operations' stated conventions.
/// Source: W. K. Clifford, "Preliminary sketch of biquaternions", Proc. London Math. Soc. 4 (1873).
public struct Dual<Base: TensorScalar>: Hashable, Sendable, BitwiseCopyable {
  /// The number without its infinitesimal part.
  public var value: Base

  /// The coefficient of ε: the derivative along the direction in question.
  public var tangent: Base

  /// The dual number `value` + `tangent` ε.
  public init(_ value: Base, tangent: Base) {
    self.value = value
    self.tangent = tangent
  }
}

extension Dual: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A constant.
  public init(floatLiteral value: Base.FloatLiteralType) {
    self.init(Base(floatLiteral: value), tangent: 0)
  }

  /// A constant.
  public init(integerLiteral value: Base.IntegerLiteralType) {
    self.init(Base(integerLiteral: value), tangent: 0)
  }
}

extension Dual: CustomStringConvertible {
  /// As in `3.0 + 1.0ε`.
  public var description: String { "\(value) + \(tangent)ε" }
}

extension Tensor {
  /// The tensor with a tangent at every value; the shapes must be equal.
  public func dual(tangent: Tensor) -> Tensor<Dual<Scalar>> {
    require(
      shape == tangent.shape,
      "a tangent of shape \(tangent.shape) does not belong to a tensor of shape \(shape)")
    return Tensor<Dual<Scalar>>(shape) { Lanes(value: self, tangent: tangent).write(to: $0) }
  }

  /// The values of a tensor of dual numbers.
  public func value<Base>() -> Tensor<Base> where Scalar == Dual<Base> {
    withValues { Lanes($0, shape).value }
  }

  /// The tangents of a tensor of dual numbers.
  public func tangent<Base>() -> Tensor<Base> where Scalar == Dual<Base> {
    withValues { Lanes($0, shape).tangent }
  }
}

/// Values and tangents of a run of dual numbers as two tensors, so that the kernels of the base type
/// do the work.
struct Lanes<Base: TensorScalar> {
  let value: Tensor<Base>
  let tangent: Tensor<Base>

  init(value: Tensor<Base>, tangent: Tensor<Base>) {
    self.value = value
    self.tangent = tangent
  }

  /// The numbers at `pointer` read with `strides` (contiguous by default).
  init(_ pointer: UnsafePointer<Dual<Base>>, _ shape: Shape, strides: [Int]? = nil) {
    let count = shape.elementCount
    let strides = (strides ?? shape.strides).map { 2 * $0 }
    // In memory a dual number is its value followed by its tangent.
    let base = UnsafeRawPointer(pointer).assumingMemoryBound(to: Base.self)
    value = Tensor(shape) { target in
      if count == 0 { return }
      StridedCopy.copy(base, strides, extents: shape.extents, into: target, shape.strides)
    }
    tangent = Tensor(shape) { target in
      if count == 0 { return }
      StridedCopy.copy(base + 1, strides, extents: shape.extents, into: target, shape.strides)
    }
  }

  func write(to pointer: UnsafeMutablePointer<Dual<Base>>) {
    if value.count == 0 { return }
    let base = UnsafeMutableRawPointer(pointer).assumingMemoryBound(to: Base.self)
    let extents = [value.count]
    value.withValues { StridedCopy.copy($0, [1], extents: extents, into: base, [2]) }
    tangent.withValues { StridedCopy.copy($0, [1], extents: extents, into: base + 1, [2]) }
  }
}
