import Training

/// What the training driver knows and the instruments do not.
public struct RunOutcome: Codable, Sendable, Hashable {
  /// The evaluations at the end.
  public var train: Evaluation?, dev: Evaluation?, test: Evaluation?
  /// The numbers of dev and test examples.
  public var devCount: Int?, testCount: Int?
  /// The dev loss after each epoch in which it was evaluated, with the number of updates so far.
  public var devCurve: [Point] = []
  /// The lowest error that anybody could reach, such as a human's; `nil` if unknown.
  public var baseError: Double?
  /// The number of classes if class numbers are the targets of a squared error; `nil` if they are not.
  public var classesAsValues: Int?
  /// Whether the run started from given parameters; `nil` in what older versions stored.
  public var startsFromParameters: Bool?
  /// The names of the features, if they are table columns that can be left out by name.
  public var columnNames: [String]?
  /// Whether the number of the network's inputs is that of the features, and was not given; `nil` if unknown.
  public var takesInputsFromData: Bool?
  /// The options that were chosen together with the layers, since the command gave none; a remedy that gives layers repeats them.
  public var chosenWithLayers: String?
  /// The step whose loss was not finite.
  public var failure: Failure?
  /// Properties of the data.
  public var data: DataEvidence?
  /// The largest eigenvalue of the Hessian at the end, if requested.
  public var sharpness: Double?

  /// A loss at a step.
  public struct Point: Codable, Sendable, Hashable {
    /// The updates, and the loss.
    public let step: Int, loss: Double
  }

  /// A step whose loss was not finite.
  public struct Failure: Codable, Sendable, Hashable {
    /// The step, and the layer and operation that produced the first such value.
    public let step: Int, layer: String?, operation: String?
    /// The whole sentence.
    public let description: String
  }

  /// An outcome about which nothing is known.
  public init() {}
}
