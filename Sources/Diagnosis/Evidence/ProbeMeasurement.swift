import Plumbline

/// What was measured on the probe examples between two steps.
public struct ProbeMeasurement: Codable, Sendable, Hashable {
  /// The number of updates made so far.
  public let step: Int
  /// The mean loss of the probe examples in training mode, without penalties.
  public let loss: Double
  /// The standard deviation of the outputs over the examples (root mean square over the outputs), or of probabilities
  /// if the loss takes logits: 0 if the network gives every example the same answer.
  public let outputSpread: Double
  /// The smallest and largest outputs.
  public let outputRange: [Double]
  /// The mean entropy of the predicted probabilities, in nats; `nil` for a squared error.
  public let predictionEntropy: Double?
  /// The signal along the depth of the network.
  public let stations: [Station]
  /// The activation functions.
  public let activations: [Activations]
  /// Skips and branches.
  public let joins: [Join]
  /// The parameters and their gradients.
  public var parameters: [Parameter]

  /// The signal at a position that every path from input to output goes through.
  public struct Station: Codable, Sendable, Hashable {
    /// The path of the layer.
    public let layer: String
    /// The number of values per example.
    public let width: Int
    /// The mean over examples and units of the squared value.
    public let meanSquare: Double
    /// How much the examples differ in direction: 1 - |mean of vector / |vector||².
    public let distinguishingShare: Double
    /// The mean square of the gradient of one example's loss with respect to the value.
    public let gradientMeanSquare: Double
  }

  /// The units of an activation function.
  public struct Activations: Codable, Sendable, Hashable {
    /// The path of the layer whose output it takes.
    public let layer: String
    /// The function.
    public let function: Activation
    /// The number of units.
    public let units: Int
    /// The units of a ReLU that are off for every probe example.
    public let dead: [Int]
    /// The shares of the units of a ReLU that are on for less than 1 % and for less than 10 % of the examples.
    public let rarelyOnShare: Double, seldomOnShare: Double
    /// The share of the values of a ReLU that are 0.
    public let zeroShare: Double
    /// The share of the values of a tanh or sigmoid at which its slope is below 2 % of the largest.
    public let saturatedShare: Double
    /// The share of the arguments of a tanh or sigmoid beyond ±5, as some tools define saturation.
    public let beyondFiveShare: Double
  }

  /// The sum of a skip and a branch.
  public struct Join: Codable, Sendable, Hashable {
    /// The path of the block.
    public let layer: String
    /// The mean squares of skip and branch.
    public let identityMeanSquare: Double, branchMeanSquare: Double
  }

  /// A parameter.
  public struct Parameter: Codable, Sendable, Hashable {
    /// The path.
    public let name: String
    /// The root mean square of the values and of the gradient.
    public let rootMeanSquare: Double, gradientRootMeanSquare: Double
    /// The mean of the gradient's absolute values.
    public let gradientMeanMagnitude: Double
    /// The share of the gradient that is exactly 0.
    public let gradientZeroShare: Double
    /// The norm of the update that followed, divided by the norm of the values; `nil` if none followed.
    public var updateRatio: Double?
  }
}
