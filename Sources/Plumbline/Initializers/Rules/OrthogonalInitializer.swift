/// A random matrix with orthonormal rows or columns, whichever are fewer, times a gain: `orthogonal`.
public struct OrthogonalInitializer: InitializerRule {
  /// The factor on the matrix.
  public var gain = 1.0
  public let title = "orthogonal"
  public static let fields: [Field<Self>] = [.number("gain", \.gain)]
  public static let names: [InitializerName] = [.plain("orthogonal") { _ in .orthogonal() }]

  public init() {}

  public func scaled(by factor: Double) -> Self {
    var rule = self
    rule.gain *= factor
    return rule
  }

  public func standardDeviation(shape: Shape) -> Double? { nil }

  /// The mean square of the rows or columns: before the gain they are unit vectors, with as many entries as the longer side.
  public func meanSquareOfIndependentValues(shape: Shape) -> Double? {
    gain * gain / Double(max(shape.elementCount / max(shape[-1], 1), shape[-1]))
  }

  public func values(shape: Shape, key: Key) -> [Double] {
    Orthogonal.matrix(
      rows: shape.extents.dropLast().reduce(1, *), columns: shape[-1], key: key
    )
    .map { gain * $0 }
  }

  public var summary: String { "orthogonal times \(gain)" }
}

extension Initializer {
  /// A random matrix with orthonormal rows or columns (whichever are fewer), times the gain; uniformly
  /// distributed over all of them. Source: Saxe, McClelland, Ganguli, arXiv:1312.6120.
  public static func orthogonal(gain: Double = 1) -> Initializer {
    var rule = OrthogonalInitializer()
    rule.gain = gain
    return Initializer(rule)
  }
}

/// Random orthogonal matrices by the Gram-Schmidt method on normal vectors.
///
/// Orthogonalizing normal vectors in turn gives the uniform (Haar) distribution without a correction of
/// signs, since each vector keeps its own direction. Every vector is orthogonalized twice, which brings
/// the products down to rounding ("twice is enough", Giraud et al., Numer. Math. 101, 2005).
enum Orthogonal {
  /// A matrix with orthonormal columns if it is tall, or orthonormal rows if it is wide; row-major.
  static func matrix(rows: Int, columns: Int, key: Key) -> [Double] {
    let length = max(rows, columns)
    let count = min(rows, columns)
    // The draws of a normal matrix, so that the two kinds start from the same numbers.
    let normal = Tensor<Double>([count, length], key.normal(count * length))
    var basis = Tensor<Double>.zeros([count, length])
    for index in 0..<count {
      var vector = normal.sliced(axis: 0, index..<index + 1).flattened()
      let others = basis.sliced(axis: 0, 0..<index)
      for _ in 0..<2 { vector -= matmul(matmul(others, vector), others) }
      let unit = vector / sqrt(vector.squared().sum())
      basis.withMutableValues { target in
        unit.withValues { (target + index * length).update(from: $0, count: length) }
      }
    }
    return (rows <= columns ? basis : basis.transposed()).scalars
  }
}
