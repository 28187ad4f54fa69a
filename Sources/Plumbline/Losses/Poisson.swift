/// The loss of counts: `poisson`. The output is the logarithm of the rate, and the loss the mean of exp(output) - target · output
/// over all elements: the negative Poisson log-likelihood without its constant, as in PyTorch by default.
public struct PoissonLoss: ElementLossForm {
  public let title = "poisson"

  public init() {}

  public var targets: LossTargets { .counts }
  public var output: OutputFunction { .exponential }

  public func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    exp(outputs) - targets * outputs
  }

  /// For a rate r, r - target · log r.
  public func elements<T: TensorProtocol>(read values: T, _ targets: T) -> T {
    values - targets * log(values)
  }

  /// The logarithm of the mean.
  public func constant(for targets: [Double]) -> Double {
    log(Tensor(Swift.max(targets.mean, 1e-300))).scalar
  }
}
