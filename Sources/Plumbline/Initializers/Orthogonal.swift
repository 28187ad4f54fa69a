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
    var vectors: [[Double]] = []
    for index in 0..<count {
      // Vector by vector the draws of a normal matrix, so that the two start from the same numbers.
      var vector = (0..<length).map { key.normal(at: index * length + $0) }
      for _ in 0..<2 {
        for other in vectors {
          let projection = dot(vector, other)
          for place in 0..<length { vector[place] -= projection * other[place] }
        }
      }
      let norm = dot(vector, vector).squareRoot()
      vectors.append(vector.map { $0 / norm })
    }
    if rows <= columns { return vectors.flatMap { $0 } }
    return (0..<rows).flatMap { row in vectors.map { $0[row] } }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }
}
