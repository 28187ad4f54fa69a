/// A classification loss: labels can be smoothed, and classes weighted.
public protocol ClassLossForm: LossForm {
  /// The share of the targets that is spread evenly over the classes.
  var labelSmoothing: Double { get set }

  /// The weight of each class; empty for equal ones.
  var classWeights: [Double] { get set }

  /// The weights to set for classes with these weights in a network with this many outputs; `nil` if the outputs are not for
  /// these classes.
  func classWeights(of classes: [Double], outputs: Int) -> [Double]?
}

extension ClassLossForm {
  /// Without smoothing, which only helps training.
  public var judged: Self {
    var loss = self
    loss.labelSmoothing = 0
    return loss
  }
}

extension LossFunction {
  /// The weight of each class; empty if all are equal, and for values.
  public var classWeights: [Double] { (form as? any ClassLossForm)?.classWeights ?? [] }

  /// The weights with which every class that occurs counts equally, and the mean weight of the examples is 1: examples / (classes ·
  /// count). A class that does not occur has weight 1.
  ///
  /// - Parameter counts: The number of examples of each class.
  public static func balancedWeights(counts: [Int]) -> [Double] {
    let share =
      Double(counts.reduce(0, +)) / Double(Swift.max(counts.count { $0 > 0 }, 1))
    return counts.map { $0 == 0 ? 1 : share / Double($0) }
  }
}
