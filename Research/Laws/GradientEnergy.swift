import Foundation

/// |∂f/∂θ|² of one output over n, for inputs of n values of mean square 1 and weights of He's and LeCun's variances.
enum GradientEnergy {
  /// That of a net of blocks h + η V relu(W h) and an output layer; `square` is η².
  ///
  /// The two matrices of a block have gradient energy n (h + e/2) g η², e the energy before the block, h = e that of relu(W x), and g that of the gradient
  /// behind it. With e = (1 + η²)^l and g = (1 + η²)^(L-1-l) they add up to 1.5 L η² (1 + η²)^(L-1), and the output layer to (1 + η²)^L.
  static func residual(blocks: Double, square: Double) -> Double {
    pow(1 + square, blocks) + 1.5 * blocks * square * pow(1 + square, blocks - 1)
  }
}
