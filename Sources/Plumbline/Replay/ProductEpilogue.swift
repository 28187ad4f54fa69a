import CKernels

/// What is done to each element of a matrix product before it is stored, and what else is computed in the
/// same pass. Every part is the separate rounding that the operation by itself would be, so a fused product
/// has the bits of its parts one after the other.
public struct ProductEpilogue<Scalar: TensorScalar> {
  /// Added to each row: as many values as the result has columns.
  public var bias: UnsafePointer<Scalar>?
  /// The factor on sum + bias.
  public var scale = 1.0
  /// Added after the factor: a matrix of the result's shape, which may be the result's own memory.
  public var skip: UnsafePointer<Scalar>?
  /// Whether values of 0 or below become 0.
  public var appliesRelu = false
  /// A matrix of the result's shape: where it is 0 or below the result is 0.
  public var gate: UnsafePointer<Scalar>?
  /// A second result: the first, as it is stored, times a factor.
  public var scaled: UnsafeMutablePointer<Scalar>?
  /// The factor of the second result.
  public var scaledFactor = 1.0
  /// The sum over the rows of the second operand b, which has to be row-major: the gradient of a bias beside
  /// that of its weight.
  public var columnSums: UnsafeMutablePointer<Scalar>?

  init() {}
}

extension TensorScalar {
  /// A product and its epilogue by separate kernels: the definition that a fused kernel has to meet bit for bit.
  public static func product(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Self>, rowStride aRow: Int, columnStride aColumn: Int,
    _ b: UnsafePointer<Self>, rowStride bRow: Int, columnStride bColumn: Int,
    epilogue: ProductEpilogue<Self>, into c: UnsafeMutablePointer<Self>
  ) {
    let count = rows * columns
    // The skip may be the memory of the result, which the product is about to overwrite.
    let target =
      epilogue.skip == nil ? c : UnsafeMutablePointer<Self>.allocate(capacity: max(count, 1))
    defer { if epilogue.skip != nil { target.deallocate() } }
    product(
      rows: rows, columns: columns, inner: inner, a, rowStride: aRow, columnStride: aColumn, b,
      rowStride: bRow, columnStride: bColumn, bias: epilogue.bias, into: target)
    if epilogue.scale != 1 {
      withUnsafePointer(to: Self(epilogue.scale)) {
        apply(.multiply, count: count, target, step: 1, $0, step: 0, into: target)
      }
    }
    if let skip = epilogue.skip {
      apply(.add, count: count, skip, step: 1, target, step: 1, into: c)
    }
    if epilogue.appliesRelu { apply(.relu, count: count, c, into: c) }
    if let gate = epilogue.gate {
      apply(.gate, count: count, c, step: 1, gate, step: 1, into: c)
    }
    if let scaled = epilogue.scaled {
      withUnsafePointer(to: Self(epilogue.scaledFactor)) {
        apply(.multiply, count: count, c, step: 1, $0, step: 0, into: scaled)
      }
    }
    if let sums = epilogue.columnSums {
      sumRows(rows: inner, columns: columns, b, rowStride: bRow, into: sums)
    }
  }
}

extension Float {
  /// The product and its epilogue by one kernel.
  public static func product(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Float>, rowStride aRow: Int, columnStride aColumn: Int,
    _ b: UnsafePointer<Float>, rowStride bRow: Int, columnStride bColumn: Int,
    epilogue: ProductEpilogue<Float>, into c: UnsafeMutablePointer<Float>
  ) {
    var parts = plumb_epilogue_f32(
      bias: epilogue.bias, scale: Float(epilogue.scale), skip: epilogue.skip, skip_row: columns,
      relu: epilogue.appliesRelu, gate: epilogue.gate, gate_row: columns,
      scaled: epilogue.scaled, scaled_row: columns, scaled_by: Float(epilogue.scaledFactor),
      b_column_sums: epilogue.columnSums)
    plumb_product_fused_f32(
      rows, columns, inner, a, aRow, aColumn, b, bRow, bColumn, &parts, c, columns)
  }
}

extension Double {
  /// The product and its epilogue by one kernel.
  public static func product(
    rows: Int, columns: Int, inner: Int,
    _ a: UnsafePointer<Double>, rowStride aRow: Int, columnStride aColumn: Int,
    _ b: UnsafePointer<Double>, rowStride bRow: Int, columnStride bColumn: Int,
    epilogue: ProductEpilogue<Double>, into c: UnsafeMutablePointer<Double>
  ) {
    var parts = plumb_epilogue_f64(
      bias: epilogue.bias, scale: Double(epilogue.scale), skip: epilogue.skip, skip_row: columns,
      relu: epilogue.appliesRelu, gate: epilogue.gate, gate_row: columns,
      scaled: epilogue.scaled, scaled_row: columns, scaled_by: Double(epilogue.scaledFactor),
      b_column_sums: epilogue.columnSums)
    plumb_product_fused_f64(
      rows, columns, inner, a, aRow, aColumn, b, bRow, bColumn, &parts, c, columns)
  }
}
