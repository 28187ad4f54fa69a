/// The hinge loss: `hinge`. The mean of max(0, 1 - y · output) over all elements, with y = 2 target - 1, so that targets of 0 and 1
/// correspond to the sides -1 and 1; with one output per class, each class is separated from the rest. Source: Cortes and Vapnik,
/// 1995.
public struct HingeLoss: ElementLossForm {
  public let title = "hinge"

  public init() {}

  public var targets: LossTargets { .shares }

  public func elements<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    relu(1 - (targets * 2 - 1) * outputs)
  }

  /// The side of the majority.
  public func constant(for targets: [Double]) -> Double { targets.mean < 0.5 ? -1 : 1 }
}
