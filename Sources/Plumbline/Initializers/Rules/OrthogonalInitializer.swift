/// Random orthogonal matrices by Gram and Schmidt's method on normal vectors.
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
