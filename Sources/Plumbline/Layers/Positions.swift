import Findings

/// Adds a trained vector to each step of a sequence: `[examples, steps, width]` to the same, for one number of steps. Source:
/// Gehring et al., arXiv:1705.03122.
public struct Positions: Layer, CustomStringConvertible {
  /// The vectors, `[steps, width]`.
  public let table: Parameter
  private let name = LayerName()

  /// Vectors for `steps` steps of `width` features.
  public init(
    steps: Int, _ width: Int, initializer: Initializer = .normal(standardDeviation: 0.02)
  ) {
    require(steps > 0 && width > 0, "positions of \(steps) steps and \(width) features")
    table = Parameter([steps, width], initializer)
  }

  /// x + table.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) { input + pass[table] }
  }
}

/// ``Positions``: `positions`.
public struct PositionsForm: LayerForm {
  /// How the vectors are initialized.
  public var initializer = Initializer.normal(standardDeviation: 0.02)
  public let title = "positions"
  public static let fields: [Field<Self>] = [.initializer("initializer", \.initializer)]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let width = try builder.sequenceFeatures()
    return builder.layer(Positions(steps: builder.input[0], width, initializer: initializer))
  }
}

extension LayerForm where Self == PositionsForm {
  /// ``Positions``.
  public static var positions: Self { PositionsForm() }
}
