import Foundation

/// What ReLU makes of Gaussian values: the arc-cosine kernel of order 1.
///
/// Source: Cho and Saul, Kernel methods for deep learning, NeurIPS 2009.
enum ReLUKernel {
  /// The correlation of the ReLUs of two Gaussian values with correlation `rho`.
  static func correlation(_ rho: Double) -> Double {
    let rho = min(max(rho, -1), 1)
    return ((1 - rho * rho).squareRoot() + rho * (.pi - acos(rho))) / .pi
  }

  /// The correlation after a block of a residual net with branches scaled by 1/√L.
  static func residual(_ rho: Double, blocks: Double) -> Double {
    (rho + correlation(rho) / blocks) / (1 + 1 / blocks)
  }

  /// The correlation of orthogonal inputs after all blocks of such a net.
  static func residualNet(blocks: Double) -> Double {
    (0..<Int(blocks)).reduce(0) { rho, _ in residual(rho, blocks: blocks) }
  }
}
