/// Muon: each weight matrix moves along its orthogonalized momentum, and Adam moves the rest.
///
/// m = momentum · m + (1 - momentum) · g; d = (1 - momentum) · g + momentum · m (Nesterov's form, the default) or m;
/// W = W (1 - learningRate · weightDecay) - learningRate · √max(1, out / in) · orthogonalized(d). A parameter with at least two
/// axes is a matrix `[..., out]`; biases, scales and other vectors are moved by Adam at learningRate · adamShare. The formulas and
/// the constants are PyTorch's. Source: Jordan et al., "Muon", 2024.
public struct MuonRule: UpdateRule {
  /// The decay of the momentum, whether the step looks ahead, and the decay of the weights.
  public var momentum = 0.95, nesterov = true, weightDecay = 0.1
  /// The number of Newton-Schulz iterations that orthogonalize the direction.
  public var iterations = 5.0
  /// Adam's learning rate as a share of the rate, and its settings.
  public var adamShare = 0.05, beta1 = 0.9, beta2 = 0.999
  public let title = "muon"
  public static let fields: [Field<Self>] = [
    .number("momentum", \.momentum, in: .from(0, below: 1)), .flag("nesterov", \.nesterov),
    .number("iterations", \.iterations, in: .from(1, to: 50)),
    .number("adam_share", \.adamShare, in: .atLeast(0)),
    .number("beta1", \.beta1, in: .from(0, below: 1)),
    .number("beta2", \.beta2, in: .from(0, below: 1)), .weightDecay(\.weightDecay),
  ]

  public init() {}

  public var slots: Int { 2 }
  public var customaryRate: Double { 0.02 }

  public func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>) {
    var adam = AdamRule()
    (adam.beta1, adam.beta2) = (beta1, beta2)
    step.forEachTensor { shape, part in
      if shape.rank >= 2, part.count > 0 {
        move(part, rows: part.count / shape[-1], columns: shape[-1], step.learningRate)
      } else {
        adam.move(part, step.learningRate * adamShare, step.number)
      }
    }
  }

  private func move<Scalar: TrainableScalar>(
    _ part: UpdateStep<Scalar>.Part, rows: Int, columns: Int, _ rate: Double
  ) {
    let shape: Shape = [rows, columns]
    func matrix(_ values: UnsafePointer<Scalar>) -> Tensor<Scalar> {
      Tensor(shape) { $0.update(from: values, count: part.count) }
    }
    let gradient = matrix(part.gradient)
    let before = matrix(part.slot(0))
    let mean = before + (gradient - before) * (1 - momentum)
    mean.withValues { part.slot(0).update(from: $0, count: part.count) }
    let direction = nesterov ? gradient + (mean - gradient) * momentum : mean
    let factor = rate * max(1, Double(columns) / Double(rows)).squareRoot()
    let values =
      matrix(part.values) * (1 - rate * weightDecay)
      - Self.orthogonalized(direction, iterations: Int(iterations)) * factor
    values.withValues { part.values.update(from: $0, count: part.count) }
  }

  /// The polynomial a s + b s³ + c s⁵ that each iteration applies to every singular value s. Repeated, it does not converge: it
  /// brings all singular values from 0.002 to 1 between 0.68 and 1.21.
  package static let coefficients = (a: 3.4445, b: -4.7750, c: 2.0315)

  /// A matrix with the singular vectors of `matrix`, and singular values near 1, by iterations of Newton and Schulz: X becomes
  /// a X + (b A + c A²) X with A = X Xᵀ, from a matrix of norm 1.
  package static func orthogonalized<Scalar: TrainableScalar>(
    _ matrix: Tensor<Scalar>, iterations: Int
  ) -> Tensor<Scalar> {
    let isTall = matrix.shape[0] > matrix.shape[1]
    var x = isTall ? matrix.transposed() : matrix
    let norm = sqrt(x.squared().sum())
    x = x / Tensor(repeating: max(norm.scalar, Scalar(1e-7)), shape: [])
    for _ in 0..<iterations {
      let square = matmul(x, x, transposingSecond: true)
      let polynomial =
        square * coefficients.b + matmul(square, square) * coefficients.c
      x = x * coefficients.a + matmul(polynomial, x)
    }
    return isTall ? x.transposed() : x
  }
}

extension OptimizerChoice {
  /// Muon.
  public static let muon = OptimizerChoice(MuonRule())
}
