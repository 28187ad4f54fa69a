/// A loss of classes: its labels can be smoothed, and the mistakes of a class weighed.
public protocol ClassLossForm: LossForm {
  /// The share of the targets that is spread evenly over the classes.
  var labelSmoothing: Double { get set }

  /// The weight of each class; empty for equal ones.
  var classWeights: [Double] { get set }

  /// The weights to set for classes of these weights where the network has so many outputs; `nil` where the outputs are not of
  /// these classes.
  func classWeights(of classes: [Double], outputs: Int) -> [Double]?
}

extension ClassLossForm {
  /// Without smoothing, which only helps to train.
  public var judged: Self {
    var loss = self
    loss.labelSmoothing = 0
    return loss
  }
}

extension LossFunction {
  /// The weight of each class; empty where all count alike, and for values.
  public var classWeights: [Double] { (form as? any ClassLossForm)?.classWeights ?? [] }
}
