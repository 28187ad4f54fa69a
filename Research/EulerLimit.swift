import Experiments
import Foundation
import Plots
import Plumbline

/// A residual net whose blocks share their weights and are scaled by 1/L is Euler's method for a differential equation.
struct EulerLimit: ClaimStudy {
  static let name = "euler-limit"
  static let claim =
    "a residual net with shared weights and branches scaled by 1/L converges to the solution of a differential equation, "
    + "with an error of ½‖A²e^A‖/L"
  static let source =
    "the method: Euler; as residual nets: Chen et al. 2018 (arXiv:1806.07366), Marion et al. 2022 (arXiv:2206.06929)"
  static let derivation = """
    A residual net whose blocks share weights and are scaled by 1/L is Euler's method for a differential equation: (I + A/L)ᴸ \
    tends to e^A, and L times the error to ½ ‖A² e^A‖. The network is the library's, one block used L times.
    """
  static let control = "branches scaled by 1/√L"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "1 s", full: "2 s")

  private static let size = 4
  private static let depths = [32, 64, 128, 256, 512, 1024]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let size = Self.size
    let values = key["matrix"].normal(size * size).map { $0 / Double(size).squareRoot() }
    let matrix = Tensor<Double>([size, size], values)
    let limit = Self.exponential(matrix)
    let leading = matmul(matmul(matrix, matrix), limit).squared().sum().scalar.squareRoot() / 2
    let errors = Self.depths.map { depth in
      let scale = isControl ? 1 / Double(depth).squareRoot() : 1 / Double(depth)
      let block = Residual(Dense(size, size, bias: nil), scale: scale)
      let network = Sequential(Array(repeating: block, count: depth))
      let layout = ParameterLayout(of: network)
      let parameters = Parameters<Double>(layout: layout, vector: matrix.flattened())
      let product = network(Tensor<Double>.identity(size), parameters.pass())
      return (product - limit).squared().sum().scalar.squareRoot()
    }
    let last = Self.depths.count - 1
    let slope =
      Foundation.log(errors[last] / errors[0])
      / Foundation.log(Double(Self.depths[last]) / Double(Self.depths[0]))
    let checks =
      zip(Self.depths, errors).dropFirst(3).map { depth, error in
        Check(
          "L = \(depth): L times the error", predicted: leading, exactly: Double(depth) * error,
          // The next term of the expansion is smaller by 1/L, with a factor that the norm of A bounds.
          tolerance: 8 / Double(depth))
      } + [
        Check(
          "slope of the error over L, both as logarithms", predicted: -1, exactly: slope,
          tolerance: 0.05)
      ]
    let x = Self.depths.map(Double.init)
    let chart = Chart(
      title: "Deeper nets are closer to the differential equation",
      subtitle: "one random matrix of \(size) x \(size); dashed: ½‖A²e^A‖/L",
      x: Axis("blocks L", scale: .log2, ticks: x), y: Axis("‖(I + A/L)ᴸ - e^A‖", scale: .log10),
      series: [.law(x) { leading / $0 }, Series("residual net", x: x, y: errors, style: .points)])
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// e^A by its series at A/2¹⁰, squared ten times.
  private static func exponential(_ matrix: Tensor<Double>) -> Tensor<Double> {
    let small = matrix / 1024
    var (sum, term) = (Tensor<Double>.identity(size), Tensor<Double>.identity(size))
    for order in 1...12 {
      term = matmul(term, small) / Double(order)
      sum += term
    }
    for _ in 0..<10 { sum = matmul(sum, sum) }
    return sum
  }
}
