import Findings

/// A row of a table for each class number: `[...]` to `[..., width]`, the numbers whole and from 0 to the number of classes minus
/// 1.
///
/// The gradient of a row is the sum over its uses; none flows to the numbers.
public struct Embedding: Layer, CustomStringConvertible {
  /// The table, `[classes, width]`.
  public let table: Parameter
  private let name = LayerName()

  /// A table of `classes` rows of `width` features, normal with standard deviation 1 as in PyTorch.
  public init(
    _ classes: Int, _ width: Int, initializer: Initializer = .normal(standardDeviation: 1)
  ) {
    require(classes > 0 && width > 0, "an embedding of \(classes) classes in \(width) features")
    table = Parameter([classes, width], initializer)
  }

  /// The rows. Traps if a number is not a class number.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let count = input.shape.elementCount
      return pass[table].rows(at: input.reshaped(to: [count]))
        .reshaped(to: Shape(input.shape.extents + [table.shape[1]]))
    }
  }
}

/// ``Embedding``, to `outputs` features: `embedding`.
public struct EmbeddingForm: LayerForm {
  /// The number of classes and of features.
  public var classes = 0, outputs = 0
  /// How the table is initialized.
  public var initializer = Initializer.normal(standardDeviation: 1)
  public let title = "embedding"
  public static let fields: [Field<Self>] = [
    .whole("classes", \.classes, isRequired: true, atLeast: 1),
    .whole("outputs", \.outputs, isRequired: true, atLeast: 1),
    .initializer("initializer", \.initializer),
  ]

  public init() {}

  public var classesTaken: Int? { classes }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    guard builder.input.rank == 1 else {
      throw builder.problem(
        "an embedding takes class numbers [steps], but is given the shape \(builder.input)",
        "put it first, in a network with an input shape such as [20]")
    }
    guard !builder.followsAnother else {
      throw builder.problem(
        "an embedding takes class numbers, but the layer before it outputs other values",
        "put it first, in a network with an input shape such as [20]")
    }
    try builder.requireHeld([classes, outputs], "the table")
    return builder.layer(
      Embedding(classes, outputs, initializer: initializer), output: [builder.input[0], outputs])
  }
}

extension LayerForm where Self == EmbeddingForm {
  /// ``Embedding``, to `outputs` features.
  public static func embedding(classes: Int, outputs: Int) -> Self {
    var form = EmbeddingForm()
    (form.classes, form.outputs) = (classes, outputs)
    return form
  }
}
