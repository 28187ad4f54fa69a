import Foundation

/// |∂f/∂θ|² of one output of a residual net at initialization, over its number of blocks L, for inputs of n values of mean square 1, branches V relu(W h) with
/// weights of He's and LeCun's variances, and an output layer: how far a small step of gradient descent moves the output.
///
/// The two matrices of a block have gradient energy n (h + e/2) g, where e is the mean square of the input of W, h that of relu(W x), and g the gradient's
/// energy behind the block, 1 at the output. A block's trained scalar, a bias or a norm's gains have g, not n g.
struct GradientEnergy: Sendable {
  /// The part of the matrices over n, and that of all trained scalars.
  let matrices: @Sendable (_ blocks: Double) -> Double,
    scalars: @Sendable (_ blocks: Double) -> Double
  /// The relative size of the terms that are neglected at width n: norms of n values fluctuate, and their derivative loses a direction.
  var neglected: @Sendable (_ blocks: Double, _ width: Double) -> Double = { _, _ in 1e-5 }

  /// Whether the energies double with each block, so that they can be measured only at small depths.
  var isExplosive = false
  /// Whether, after norms on the stream, the energies spread as L/n: once L is near n, rare draws carry the mean.
  var spreads = false
  /// Whether the scalars' part is a single number, squared, which few draws do not tell the mean of.
  var isOneSquare = false

  /// Blocks h + η V relu(W h), with η² for a number of blocks: with e = (1 + η²)^l and g = (1 + η²)^(L-1-l) they add up to 1.5 L η² (1 + η²)^(L-1), and the
  /// output layer to (1 + η²)^L.
  static func residual(
    isExplosive: Bool = false, square: @escaping @Sendable (_ blocks: Double) -> Double
  ) -> GradientEnergy {
    GradientEnergy(
      matrices: { blocks in
        let square = square(blocks)
        return pow(1 + square, blocks) + 1.5 * blocks * square * pow(1 + square, blocks - 1)
      }, scalars: { _ in 0 }, isExplosive: isExplosive)
  }

  /// η = 1/√L: tends to 2.5e.
  static let scaled = residual { 1 / $0 }
  /// η = 1.
  static let unscaled = residual(isExplosive: true) { _ in 1 }
  /// Trained factors that start at 0: only the output layer's matrix and the factors have gradients.
  static let reZero = GradientEnergy(matrices: { _ in 1 }, scalars: { $0 })
  /// V = 0 and h = 1/L. The gradient of a bias that follows V is the same sum in each block: a single number, squared, of which this is the mean.
  static let fixup = GradientEnergy(matrices: { _ in 2 }, scalars: { $0 }, isOneSquare: true)
  /// N(αx + V relu(W x)) with α = L^¼ and both matrices times (4L)^(-¼), which keeps g = 1 and loses α² at each norm: tends to 1 + ¾.
  static let deepNorm = GradientEnergy(
    matrices: { 1 + 0.75 / (1 + 0.25 * pow($0, -1.5)) }, scalars: { $0 },
    neglected: { 4 / $1 })
  /// x + V relu(W N(x)): g = 1/(l + 1). The stream's energy M varies by 2/n of its square, which raises the mean of Π (1 + 1/M) to the power 1 + 3/n.
  static let preNorm = GradientEnergy(
    matrices: { 1 + 1.5 * sum($0) { 1 / ($0 + 1) } }, scalars: { 1 + sum($0) { 1 / ($0 + 1) } },
    neglected: { (4 + 3 * log($0)) / $1 })
  /// The same with N(x)/√l: g = 1/(1 + H_l), and the branch of block l has energy 1/l.
  static let layerNormScaling = GradientEnergy(
    matrices: { 1 + 1.5 * sum($0) { 1 / ($0 * harmonic($0)) } },
    scalars: { 1 + sum($0) { 1 / ($0 * harmonic($0)) } }, neglected: { 4 / $1 })
  /// N(x + V relu(W x)): g = 1, halved at each norm. At each E 1/r² is above 1/E r² by 11/4n; on its way back the energy passes half of the norms.
  static let postNorm = GradientEnergy(
    matrices: { 1 + 0.75 * $0 }, scalars: { $0 }, neglected: { (4 + 11 / 8 * $0) / $1 },
    spreads: true)

  private static func sum(_ blocks: Double, _ term: (Double) -> Double) -> Double {
    (1...Int(blocks)).reduce(0) { $0 + term(Double($1)) }
  }

  /// 1 + H_l, the energy behind block l.
  private static let harmonic = NormPosition.Position.scaled.law
}
