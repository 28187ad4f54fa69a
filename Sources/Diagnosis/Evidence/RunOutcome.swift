import Training

/// What the driver of a training knows and the instruments do not.
public struct RunOutcome: Codable, Sendable, Hashable {
  /// The evaluations at the end.
  public var train: Evaluation?, dev: Evaluation?, test: Evaluation?
  /// How many examples dev and test have.
  public var devCount: Int?, testCount: Int?
  /// The dev loss after each epoch in which it was evaluated, with the updates until then.
  public var devCurve: [Point] = []
  /// The error that nobody could go below, of a human, say; `nil` if it is not known.
  public var baseError: Double?
  /// The classes whose numbers are the targets of a squared error; `nil` if they are not.
  public var classesAsValues: Int?
  /// Whether the run started from parameters that were given to it; `nil` in what older versions stored.
  public var startsFromParameters: Bool?
  /// What the features are called, where they are columns of a table that can be left out by name.
  public var columnNames: [String]?
  /// The step whose loss was not finite.
  public var failure: Failure?
  /// What the data are like.
  public var data: DataEvidence?
  /// The largest eigenvalue of the Hessian at the end, where it was asked for.
  public var sharpness: Double?

  /// A loss at a step.
  public struct Point: Codable, Sendable, Hashable {
    /// The updates, and the loss.
    public let step: Int, loss: Double
  }

  /// A step whose loss was not finite.
  public struct Failure: Codable, Sendable, Hashable {
    /// The step, and the layer and operation that gave the first such value.
    public let step: Int, layer: String?, operation: String?
    /// The whole sentence.
    public let description: String
  }

  /// Nothing known.
  public init() {}
}
