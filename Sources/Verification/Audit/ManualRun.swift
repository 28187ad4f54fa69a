import Datasets
import Plumbline

/// What a program has computed in one step, in memory: examples, parameters and gradients, in its own array layout.
public struct ManualRun: Sendable {
  /// The arrays by name: X, Y, W1, b1, ..., dW1, db1, ..., and any of Z1, A1, dZ1, dA1, ... and of the dropout
  /// masks D1, ....
  public var arrays: [String: Tensor<Double>]
  /// Their layout.
  public var layout: ArrayLayout
  /// The cost, if it is known.
  public var cost: Double?
  /// The probability with which dropout keeps a unit, for masks of zeros and ones.
  public var keepProbability: Double?
  /// The relative distance up to which two values differ by rounding alone: 1e-5 for double precision, since
  /// many programs add a small number to divisors, 2e-4 for single.
  public var tolerance: Double

  /// A run.
  public init(
    arrays: [String: Tensor<Double>], layout: ArrayLayout = .rows, cost: Double? = nil,
    keepProbability: Double? = nil, tolerance: Double = 1e-5
  ) {
    self.arrays = arrays
    self.layout = layout
    self.cost = cost
    self.keepProbability = keepProbability
    self.tolerance = tolerance
  }
}
