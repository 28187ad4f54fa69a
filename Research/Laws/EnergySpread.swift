import Foundation

/// The variance of the signal's energy M relative to its mean, over Gaussian weights.
enum EnergySpread {
  /// After a residual net of this many blocks h + ηV relu(W h) with η = 1/√L: E M² / (E M)² - 1, exactly, at any width.
  ///
  /// Of a block E M² is (1 + 2η² + 4η²/n + η⁴ (1 + 5/n)(1 + 2/n)) M², from E |V relu(W h)|⁴ and E ⟨h, V relu(W h)⟩², and E M is (1 + η²) M.
  static func residual(blocks: Double, width: Double) -> Double {
    let (n, square) = (width, 1 / blocks)
    let second = 1 + 2 * square + 4 * square / n + square * square * (1 + 5 / n) * (1 + 2 / n)
    return pow(second / ((1 + square) * (1 + square)), blocks) - 1
  }
}
