import Foundation

/// A run that differs from the diagnosed one in the remedy alone, and what came of it.
public struct Counterfactual: Codable, Sendable, Hashable {
  /// What was changed.
  public let change: String
  /// The training loss and error of the changed run at its end.
  public let loss: Double, error: Double?
  /// Its updates.
  public let steps: Int
  /// Whether it learned where the diagnosed run did not.
  public let learned: Bool
  /// The learning rate of the changed run.
  public let learningRate: Double
}

extension Counterfactual: CustomStringConvertible {
  /// A sentence: "same network, He's weights: loss 0.03 after 200 steps".
  public var description: String {
    "\(change): loss \(String(format: "%.3g", loss)) after \(steps) steps"
      + (learned ? "" : ", which does not learn either")
  }
}
