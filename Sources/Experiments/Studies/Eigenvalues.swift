import Plumbline

/// The eigenvalues of a symmetric matrix, unordered, by Jacobi rotations: exact to rounding of the largest.
///
/// A rotation of two rows and the same columns makes their common element zero; a sweep over all pairs squares what is left
/// off the diagonal, so that a few sweeps are enough. Suitable for the small matrices in studies, up to about a hundred rows.
///
/// - Complexity: O(n³) for each sweep. Source: Golub and Van Loan, Matrix Computations, section 8.5.
public func eigenvalues(ofSymmetric matrix: Tensor<Double>) -> [Double] {
  let n = matrix.shape[0]
  require(
    matrix.shape == [n, n], "eigenvalues are those of a square matrix, not of \(matrix.shape)")
  var a = matrix.scalars
  let size = a.reduce(0) { $0 + $1 * $1 }
  a.withUnsafeMutableBufferPointer { a in
    for _ in 0..<60 {
      var rest = 0.0
      for p in 0..<n {
        for q in 0..<p where a[p * n + q] != 0 {
          let shared = a[p * n + q]
          rest += shared * shared
          let theta = (a[q * n + q] - a[p * n + p]) / (2 * shared)
          let t = (theta < 0 ? -1 : 1) / (abs(theta) + (theta * theta + 1).squareRoot())
          let c = 1 / (t * t + 1).squareRoot()
          let s = t * c
          for k in 0..<n {
            let (first, second) = (a[k * n + p], a[k * n + q])
            (a[k * n + p], a[k * n + q]) = (c * first - s * second, s * first + c * second)
          }
          for k in 0..<n {
            let (first, second) = (a[p * n + k], a[q * n + k])
            (a[p * n + k], a[q * n + k]) = (c * first - s * second, s * first + c * second)
          }
        }
      }
      if rest <= 1e-32 * size { break }
    }
  }
  return (0..<n).map { a[$0 * n + $0] }
}
