import Plumbline

/// The penalty on the size of the parameters, added to the cost: `squares` Σw² + `absolutes` Σ|w|.
public struct Penalty: Sendable, Hashable {
  /// The factors on the sums.
  public var squares = 0.0, absolutes = 0.0
  /// Whether biases are penalized.
  public var countsBiases = false
  /// The layers that are penalized, numbered from 1; `nil` for all.
  public var layers: Set<Int>?

  /// Whether there is no penalty.
  public var isNone: Bool { squares == 0 && absolutes == 0 }

  func value(weights: [Tensor<Double>], biases: [Tensor<Double>]) -> Double {
    func counted(_ parameters: [Tensor<Double>]) -> [Tensor<Double>] {
      parameters.indices.filter { counts($0 + 1) }.map { parameters[$0] }
    }
    return (counted(weights) + (countsBiases ? counted(biases) : [])).reduce(0) {
      $0 + (squares == 0 ? 0 : squares * $1.squared().sum().scalar)
        + (absolutes == 0 ? 0 : absolutes * abs($1).sum().scalar)
    }
  }

  /// Whether the parameters of a layer are penalized.
  func counts(_ layer: Int) -> Bool { !isNone && layers?.contains(layer) ?? true }

  /// What it adds to the gradient of a parameter of a penalized layer.
  func gradient(of parameter: Tensor<Double>) -> Tensor<Double> {
    var gradient = Tensor<Double>.zeros(parameter.shape)
    if squares != 0 { gradient = gradient + 2 * squares * parameter }
    if absolutes != 0 { gradient = gradient + absolutes * sign(parameter) }
    return gradient
  }
}
