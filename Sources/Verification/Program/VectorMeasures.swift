import Plumbline

// Loops over the values: an audit takes these measures of thousands of small tensors, for which an operation costs more than its numbers.
extension Tensor<Double> {
  /// The largest absolute value; not finite if one of the values is not.
  var largest: Double { scalars.largest }

  /// √Σ x², scaled so that no square overflows or vanishes; infinite if a value is not finite.
  var norm: Double { scalars.norm }

  /// Σ x y.
  func dot(_ other: Tensor) -> Double {
    shape == other.shape
      ? scalars.sum(with: other.scalars) { $0 * $1 } : (self * other).sum().scalar
  }

  /// ‖x - y‖ / (‖x‖ + ‖y‖), 0 where both are 0; infinite if a value is not finite.
  package func relativeDistance(to other: Tensor) -> Double {
    let (own, theirs) = (scalars, other.scalars)
    let (first, second) = (own.norm, theirs.norm)
    guard first.isFinite, second.isFinite else { return .infinity }
    let size = Swift.max(first, second)
    guard size > 0 else { return 0 }
    // Halves, since a difference may be twice as large as what is representable.
    let difference =
      shape == other.shape
      ? zip(own, theirs).map { $0 * 0.5 - $1 * 0.5 }.norm : (self * 0.5 - other * 0.5).norm
    return difference.isFinite ? difference / (first / 2 + second / 2) : .infinity
  }

  /// The rows and columns exchanged, or the tensor itself.
  func transposed(_ isNeeded: Bool) -> Tensor { isNeeded ? transposed() : self }
}

extension [Double] {
  fileprivate var largest: Double {
    reduce(0) { $0.isFinite && $1.isFinite ? Swift.max($0, Swift.abs($1)) : .infinity }
  }

  fileprivate var norm: Double {
    let size = largest
    guard size > 0, size.isFinite else { return size }
    // A power of 2, so that the scaling is exact.
    let unit = Double(sign: .plus, exponent: size.exponent, significand: 1)
    guard unit >= 0x1p-500, unit <= 0x1p500 else {
      let factor = 1 / Swift.max(unit, 0x1p-1022)
      return sum(with: self) { $0 * factor * ($1 * factor) }.squareRoot() * unit
    }
    return sum(with: self) { $0 * $1 }.squareRoot()
  }

  /// Σ f(x, y) in four sums, so that fewer roundings add up.
  fileprivate func sum(with other: [Double], _ term: (Double, Double) -> Double) -> Double {
    var sums = (0.0, 0.0, 0.0, 0.0)
    var index = 0
    while index + 4 <= count {
      sums.0 += term(self[index], other[index])
      sums.1 += term(self[index + 1], other[index + 1])
      sums.2 += term(self[index + 2], other[index + 2])
      sums.3 += term(self[index + 3], other[index + 3])
      index += 4
    }
    while index < count {
      sums.0 += term(self[index], other[index])
      index += 1
    }
    return (sums.0 + sums.1) + (sums.2 + sums.3)
  }
}

extension [Int] {
  /// The numbers in a sentence, as in "1, 2 and 3".
  var inWords: String {
    count < 2
      ? map(String.init).joined()
      : dropLast().map(String.init).joined(separator: ", ") + " and \(self[count - 1])"
  }
}

extension Double {
  /// The number in usual notation, with at most six decimals, and of small numbers four digits.
  var text: String {
    if self != 0, Swift.abs(self) < 1e-3 {
      var unit = 1.0
      while Swift.abs(self) * unit < 1000, unit < 1e300 { unit *= 10 }
      return "\((self * unit).rounded() / unit)"
    }
    let rounded = (self * 1e6).rounded() / 1e6
    return rounded == rounded.rounded() && Swift.abs(rounded) < 1e15
      ? "\(Int(rounded))" : rounded == 0 ? "\(self)" : "\(rounded)"
  }
}

/// Coefficients c with Σ c_i x_i nearest to a vector, and how near.
struct LeastSquares {
  let coefficients: [Double]
  /// The norm of what is left.
  let residual: Double

  /// By the normal equations of columns of norm 1; `nil` if the columns are dependent.
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
