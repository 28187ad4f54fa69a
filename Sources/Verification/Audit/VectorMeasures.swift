import Plumbline

extension Tensor<Double> {
  /// Σ x y.
  func dot(_ other: Tensor) -> Double { (self * other).sum().scalar }

  /// √Σ x².
  var norm: Double { squared().sum().scalar.squareRoot() }

  /// ‖x - y‖ / (‖x‖ + ‖y‖), 0 where both are 0.
  package func relativeDistance(to other: Tensor) -> Double {
    let size = norm + other.norm
    return size == 0 ? 0 : (self - other).norm / size
  }
}

/// Coefficients c with Σ c_i x_i nearest to a vector, and how near.
struct LeastSquares {
  let coefficients: [Double]
  /// The norm of what is left.
  let residual: Double

  /// By the normal equations of columns of norm 1; `nil` where the columns are dependent.
  init?(_ target: Tensor<Double>, _ columns: [Tensor<Double>]) {
    let norms = columns.map(\.norm)
    guard norms.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
    let units = zip(columns, norms).map { $0 * (1 / $1) }
    let count = units.count
    var matrix = units.map { row in units.map { row.dot($0) } + [row.dot(target)] }
    for pivot in 0..<count {
      guard let best = (pivot..<count).max(by: { abs(matrix[$0][pivot]) < abs(matrix[$1][pivot]) }),
        abs(matrix[best][pivot]) > 1e-9
      else { return nil }
      matrix.swapAt(pivot, best)
      for row in 0..<count where row != pivot {
        let factor = matrix[row][pivot] / matrix[pivot][pivot]
        for column in pivot...count { matrix[row][column] -= factor * matrix[pivot][column] }
      }
    }
    coefficients = (0..<count).map { matrix[$0][count] / matrix[$0][$0] / norms[$0] }
    let fitted = zip(columns, coefficients).map { $0 * $1 }
    residual = (target - fitted.dropFirst().reduce(fitted[0]) { $0 + $1 }).norm
  }
}
