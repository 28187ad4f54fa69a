import Experiments
import Foundation
import Plots
import Plumbline

/// What a deep linear net that starts at the identity learns of a target with a negative eigenvalue.
struct NegativeEigenvalue: ClaimStudy {
  static let name = "negative-eigenvalue"
  static let claim =
    "from the identity each layer's eigenvalue for one of the target, λ, follows s ← s - ηs^(N-1)(s^N - λ): positive λ are learned, while for a negative one s tends "
    + "to 0 without reaching it, and the product never gets its sign"
  static let source = "Bartlett et al. 2018 (arXiv:1802.06093); the recursion derived here"
  static let derivation = """
    A linear net of N layers has the product of its matrices to learn. If all are the identity and the target is symmetric, gradients are symmetric \
    with the target's eigenvectors, and the same in each layer: so all layers stay equal, and in each a step changes the eigenvalue s that belongs to the target's λ to s - \
    ηs^(N-1)(s^N - λ). For λ > 0 the fixed point is λ^(1/N). For λ < 0 both terms lower s, from 1 toward 0, where the factor s^(N-1) stops \
    it: a step takes away η|λ|s^(N-1), so that s falls as a power of the time, t^(-1/(N-2)), and never reaches 0. The product s^N stays positive: λ is not learned, at any \
    depth and rate for which the steps stay small.
    """
  static let control = "a first layer that starts at 1.1 times the identity"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "1 s", full: "2 s")

  private static let targets = [2.0, 0.5, -0.7]
  private static let layers = 8, rate = 0.01
  /// The steps after which the layers are looked at.
  private static let marks = [5, 10, 20, 50, 100, 200, 500, 1000, 2000]

  let conditions: ClaimConditions

  /// A layer's eigenvalue after this many steps.
  static func law(_ steps: Int, target: Double) -> Double {
    (0..<steps).reduce(1.0) { s, _ in
      s - rate * pow(s, Double(layers - 1)) * (pow(s, Double(layers)) - target)
    }
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let steps = effort.choose(quick: 500, full: 2000)
    let marks = Self.marks.filter { $0 <= steps }
    let factor = isControl ? 1.1 : 1
    // The draws of the study of exact solutions, which this belongs to.
    let key = DeepLinear(conditions: conditions).key["basis"]
    let measured = try session.value("eigenvalues") {
      Self.descent(marks: marks, firstFactor: factor, key)
    }
    let last = measured[marks.count - 1]
    let checks =
      zip(Self.targets, last).map { target, eigenvalue in
        Check(
          "8 layers from the identity, \(steps) steps: a layer's eigenvalue for the target's \(target)",
          predicted: Self.law(steps, target: target), exactly: eigenvalue, tolerance: 1e-9)
      } + [
        Check(
          "8 layers from the identity: a layer's eigenvalue for the target's -0.7 at the end",
          .above, 0, exactly: last[2]),
        Check(
          "8 layers from the identity: the product's eigenvalue for the target's -0.7 at the end",
          .below, 0.05, exactly: pow(last[2], 8)),
      ]
    let x = marks.map(Double.init)
    let chart = Chart(
      title: "From the identity a negative eigenvalue is not learned",
      subtitle:
        "\(Self.layers) layers, gradient descent at rate \(Self.rate) for a target of three eigenvalues; dashed: the law",
      x: Axis("steps", scale: .log10), y: Axis("eigenvalue of a layer", scale: .log10),
      series: Self.targets.enumerated().flatMap { index, target in
        [
          Series.law(marks) { Self.law(Int($0), target: target) },
          Series(
            "target's \(target)", x: x, y: measured.map { $0[index] }, style: .points),
        ]
      })
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The eigenvalues of the last layer, in the basis of the target, after each of these numbers of steps of gradient descent from the identity.
  private static func descent(marks: [Int], firstFactor: Double, _ key: Key) -> [[Double]] {
    let size = targets.count
    let basis = Tensor<Double>(
      [size, size], Initializer.orthogonal().values(shape: [size, size], key: key))
    let diagonal = Tensor<Double>([size, 1], targets)
    let target = matmul(basis.transposed(), diagonal * basis)
    let network = Sequential((0..<layers).map { _ in Dense(size, size, bias: nil) })
    let identity = Tensor<Double>.identity(size)
    var parameters = Parameters<Double>(
      layout: ParameterLayout(of: network),
      vector: Tensor.concatenate(
        (0..<layers).map { (identity * ($0 == 0 ? firstFactor : 1)).flattened() }))
    return zip([0] + marks, marks).map { before, mark in
      for _ in before..<mark {
        let gradient = parameters.valueWithGradient { pass in
          (network(pass.constant(identity), pass) - pass.constant(target)).squared().sum() * 0.5
        }.gradient
        parameters.vector -= gradient.vector * rate
      }
      let last = parameters["\(layers - 1).weight"]
      let inBasis = matmul(matmul(basis, last), basis.transposed())
      return (0..<size).map { inBasis.scalars[$0 * size + $0] }
    }
  }
}
