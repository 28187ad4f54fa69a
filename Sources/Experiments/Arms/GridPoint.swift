import Findings
import Plumbline
import Training

/// A point of an experiment's grid, for which an arm builds a network: the sizes, and the level of every varied factor.
public struct GridPoint: Sendable, Hashable {
  /// The numbers of inputs, of units in a hidden layer, and of classes.
  public let inputs: Int, width: Int, classes: Int
  /// Hidden weight layers.
  public let depth: Int
  /// The varied factors.
  public let condition: Condition

  /// A point.
  public init(
    inputs: Int, width: Int, classes: Int, depth: Int, condition: Condition = Condition()
  ) {
    self.inputs = inputs
    self.width = width
    self.classes = classes
    self.depth = depth
    self.condition = condition
  }

  /// A point for examples of ten classes, as the studies' pictures are.
  public init(of examples: Examples<Float>, width: Int, depth: Int) {
    self.init(inputs: examples.features.shape[1], width: width, classes: 10, depth: depth)
  }

  /// The same point at another depth.
  public func atDepth(_ depth: Int) -> GridPoint {
    GridPoint(inputs: inputs, width: width, classes: classes, depth: depth, condition: condition)
  }

  /// The number to which a factor is set, or `value` if it is not varied.
  public subscript(name: String, default value: Double) -> Double {
    condition[name]?.number ?? value
  }

  /// The integer to which a factor is set, or `value` if it is not varied.
  public subscript(name: String, default value: Int) -> Int {
    condition[name]?.number.flatMap { Int(exactly: $0) } ?? value
  }

  /// The text to which a factor is set, or `value` if it is not varied.
  public subscript(name: String, default value: String) -> String {
    condition[name]?.description ?? value
  }

  /// The activation requested by `--vary activation=...`, or a default.
  ///
  /// - Throws: ``/Findings/Problem`` if there is none with this name.
  public func activation(default value: Activation) throws(Problem) -> Activation {
    guard let name = condition["activation"]?.description else { return value }
    guard let activation = Activation(rawValue: name), activation != .softmax else {
      throw Problem(
        setting: "vary", problem: "there is no activation \"\(name)\"",
        remedy: "give one of " + Activation.elementwise.map(\.title).joined(separator: ", "))
    }
    return activation
  }

  /// How branches and steps follow the depth, as requested by `--vary depth-scaling=...`; `nil` for the arm's own branches.
  ///
  /// - Throws: ``/Findings/Problem`` if there is no scaling with this name.
  public func depthScaling() throws(Problem) -> DepthScaling? {
    guard let text = condition["depth-scaling"]?.description else { return nil }
    return try DepthScaling.named(text)
  }

  /// The initializer of the hidden weights requested by `--vary initializer=...`, or a default.
  ///
  /// - Throws: ``/Findings/Problem`` if there is none with this name.
  public func initializer(
    before activation: Activation, default value: Initializer? = nil
  ) throws(Problem) -> Initializer {
    guard let text = condition["initializer"]?.description else {
      return value ?? .he(for: activation)
    }
    do throws(Problem) {
      return try Initializer(parsing: text, gain: activation.gain)
    } catch {
      throw Problem(setting: "vary", problem: error.problem, remedy: error.remedy)
    }
  }
}
