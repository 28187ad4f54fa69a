import Foundation
import Plumbline

/// Dense layers with independent Gaussian weights, drawn without their matrices.
///
/// Given the inputs x₁ ... x_k of a layer, a unit's values are Gaussian with the covariance v ⟨x_i, x_j⟩ / n, where v / n is the
/// variance of a weight and n the number of its inputs, and the units are independent. So a draw needs k numbers per unit rather
/// than n: the distribution is that of the matrix, exactly and at any width.
public enum GaussianLayer {
  /// The units' values on each input.
  ///
  /// - Parameters:
  ///   - inputs: At least one vector; all with the same length.
  ///   - units: The number of units.
  ///   - variance: The variance of a weight times the number of inputs: 2 for He initialization, 1 for LeCun's.
  ///   - key: The key from which the weights are drawn.
  /// - Returns: For each input, one value per unit.
  public static func values(
    of inputs: [[Double]], units: Int, variance: Double, key: Key
  ) -> [[Double]] {
    let scale = variance / Double(inputs[0].count)
    let factor = choleskyFactor(
      inputs.map { first in
        inputs.map { second in scale * zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } }
      })
    let normal = inputs.indices.map { key[$0].normal(units) }
    return factor.indices.map { input in
      var values = [Double](repeating: 0, count: units)
      for part in 0...input {
        let (weight, normal) = (factor[input][part], normal[part])
        for unit in 0..<units { values[unit] += weight * normal[unit] }
      }
      return values
    }
  }

  /// The units' values on each input after a layer of He's weights and its ReLU, or without the ReLU and with the same weights if it `isLinear`.
  public static func plainLayer(
    of inputs: [[Double]], units: Int, isLinear: Bool = false, key: Key
  ) -> [[Double]] {
    let values = values(of: inputs, units: units, variance: 2, key: key)
    return isLinear ? values : values.map { $0.map { max($0, 0) } }
  }

  /// The energy of a plain layer's output over that of its input, for one draw of the weights: units are exchangeable, so that it does
  /// not depend on anything else.
  ///
  /// - Parameters:
  ///   - units: The number of units.
  ///   - variance: The variance of a weight times the number of inputs.
  ///   - key: The key from which the units' values are drawn.
  ///   - activation: The layer's function, homogeneous as ReLU is.
  public static func energyFactor(
    units: Int, variance: Double, key: Key, _ activation: (Double) -> Double
  ) -> Double {
    key.normal(units).reduce(0) {
      let value = activation($1)
      return $0 + value * value
    } * variance / Double(units)
  }

  /// The logarithm of the energy after plain layers, for energy 1 at the input: the sum over the layers of that of ``energyFactor(units:variance:key:_:)``.
  public static func logEnergy(
    layers: Int, units: Int, variance: Double = 2, key: Key, _ activation: (Double) -> Double
  ) -> Double {
    (0..<layers).reduce(0) { sum, layer in
      let factor = energyFactor(units: units, variance: variance, key: key[layer], activation)
      return sum + Foundation.log(max(factor, 1e-300))
    }
  }

  /// Orthogonal signals of the same energy: each has `value` at every `count`-th position, and 0 elsewhere.
  public static func orthogonalSignals(
    _ count: Int, units: Int, value: Double = 1
  ) -> [[Double]] {
    (0..<count).map { input in (0..<units).map { $0 % count == input ? value : 0 } }
  }

  /// The signals after a residual block x + η V relu(W x) with Var W = 2/n and Var V = 1/n, which is that of
  /// ``residualBranch(width:_:gain:)``.
  ///
  /// - Parameters:
  ///   - index: The number of the block, which has its own draws.
  ///   - signals: The inputs x.
  ///   - scale: η.
  ///   - isLinear: Whether the ReLU is left out, and Var W is 1/n, so that the branch has the same energy.
  ///   - key: The key from which the weights are drawn.
  public static func residualBlock(
    _ index: Int, of signals: [[Double]], scale: Double, isLinear: Bool = false, key: Key
  ) -> [[Double]] {
    let units = signals[0].count
    let hidden = values(
      of: signals, units: units, variance: isLinear ? 1 : 2, key: key["inner"][index]
    ).map { isLinear ? $0 : $0.map { max($0, 0) } }
    let branches = values(of: hidden, units: units, variance: 1, key: key["outer"][index])
    return zip(signals, branches).map { zip($0, $1).map { $0 + scale * $1 } }
  }

  /// The signals after all blocks of a residual net; see ``residualBlock(_:of:scale:isLinear:key:)``.
  public static func residualNet(
    _ blocks: Int, of signals: [[Double]], scale: Double, isLinear: Bool = false, key: Key
  ) -> [[Double]] {
    (0..<blocks).reduce(signals) { signals, block in
      residualBlock(block, of: signals, scale: scale, isLinear: isLinear, key: key)
    }
  }

  /// The mean product of two signals, which of a signal with itself is its energy.
  public static func meanProduct(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).reduce(0) { $0 + $1.0 * $1.1 } / Double(first.count)
  }

  /// The cosine of the angle between two signals.
  public static func correlation(_ first: [Double], _ second: [Double]) -> Double {
    func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    return product(first, second)
      / (product(first, first) * product(second, second)).squareRoot()
  }

  /// L with L Lᵀ = `matrix`; a direction that others already span gets 0.
  private static func choleskyFactor(_ matrix: [[Double]]) -> [[Double]] {
    var factor = matrix.map { _ in [Double](repeating: 0, count: matrix.count) }
    for row in matrix.indices {
      for column in 0...row {
        let rest =
          matrix[row][column]
          - (0..<column).reduce(0) { $0 + factor[row][$1] * factor[column][$1] }
        if row == column {
          // If others already span the direction, only rounding is left of it, which does not count.
          factor[row][row] = rest > 1e-12 * matrix[row][row] ? rest.squareRoot() : 0
        } else {
          factor[row][column] = factor[column][column] > 0 ? rest / factor[column][column] : 0
        }
      }
    }
    return factor
  }
}
