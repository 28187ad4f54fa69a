import Findings

/// A block that keeps its input alongside its result: y = [x, branch(x)] along the feature axis.
///
/// A stack of them gives every layer the outputs of all earlier ones. Source: Huang et al.,
/// arXiv:1608.06993.
public struct ConcatenatingSkip<Branch: Layer>: Layer, CustomStringConvertible {
  /// What is computed from the input.
  public let branch: Branch
  /// The axis along which the two are concatenated.
  public let axis: Int
  private let name = LayerName()

  /// A block around `branch`, which must keep every axis but one.
  ///
  /// - Parameters:
  ///   - branch: Computes the values appended to the input.
  ///   - axis: By default the second: the features of `[examples, features]` and the channels of `[examples, channels, height,
  ///     width]`.
  public init(_ branch: Branch, axis: Int = 1) {
    self.branch = branch
    self.axis = axis
  }

  /// The input and the branch's output, concatenated.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let output = pass.output(of: branch, input, named: "branch", in: name)
      let axis = input.shape.normalized(axis)
      require(
        input.shape.rank == output.shape.rank
          && zip(input.shape.extents, output.shape.extents).enumerated().allSatisfy {
            $0 == axis || $1.0 == $1.1
          },
        "a concatenating skip along axis \(axis) takes shapes that agree elsewhere; the input has "
          + "\(input.shape) and the branch \(output.shape)")
      return .concatenate([input, output], alongAxis: axis)
    }
  }
}

/// ``ConcatenatingSkip``, along the axis after the examples: `concatenating`.
public struct ConcatenatingForm: LayerForm {
  /// What is computed from the input.
  public var branch: [LayerDescription] = []
  public let title = "concatenating"
  public static let fields: [Field<Self>] = [.layers("branch", \.branch)]

  public init() {}

  public var inner: [[LayerDescription]] {
    get { [branch] }
    set { branch = newValue[0] }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let inside = try builder.layers(branch, "branch")
    let input = builder.input
    let change = inside.last?.output ?? input
    guard change.rank == input.rank, change.extents.dropFirst() == input.extents.dropFirst() else {
      throw builder.problem(
        "a concatenating skip takes shapes that agree except in the first extent; its input "
          + "has \(input) and the branch \(change)",
        "make the branch preserve height and width")
    }
    return builder.layer(
      ConcatenatingSkip(inside.sequence),
      output: Shape([input[0] + change[0]] + input.extents.dropFirst()),
      children: inside.labelled("branch"))
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    guard let branch = layer.children.signal(after: signal) else { return nil }
    let (own, all) = (Double(layer.input.elementCount), Double(layer.output.elementCount))
    let sum = signal.meanSquare * own + branch.meanSquare * (all - own)
    return Signal(
      meanSquare: sum / all,
      distribution: signal.distribution == branch.distribution ? signal.distribution : .other)
  }
}

extension LayerForm where Self == ConcatenatingForm {
  /// ``ConcatenatingSkip``, along the axis after the examples.
  public static func concatenating(branch: [LayerDescription]) -> Self {
    var form = ConcatenatingForm()
    form.branch = branch
    return form
  }
}
