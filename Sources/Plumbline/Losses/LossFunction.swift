import Findings

/// A loss by name, with its settings: how a network's outputs are compared with targets, as a mean over the examples.
public struct LossFunction: Sendable {
  /// The loss and its settings.
  public var form: any LossForm

  /// The losses available in files and options.
  public static let forms: [any LossForm] = [
    CrossEntropyLoss(),
    BinaryCrossEntropyLoss(),
    MeanSquaredErrorLoss(),
    MeanAbsoluteErrorLoss(),
    HuberLoss(),
    HingeLoss(),
    PoissonLoss(),
  ]

  /// A loss of a form, which need not be in the list.
  public init(_ form: some LossForm) { self.form = form }

  private init(any form: any LossForm) { self.form = form }

  /// -log softmax of the right class; outputs are logits `[examples, classes]`, targets class numbers
  /// `[examples]` or distributions `[examples, classes]`.
  public static let crossEntropy = LossFunction(CrossEntropyLoss())
  /// -(t log s + (1 - t) log(1 - s)) with s = sigmoid(output), a mean over the outputs too; targets from 0 to
  /// 1, of the outputs' shape.
  public static let binaryCrossEntropy = LossFunction(BinaryCrossEntropyLoss())
  /// (output - target)², a mean over the outputs too; targets of the outputs' shape.
  public static let meanSquaredError = LossFunction(MeanSquaredErrorLoss())

  /// The loss of outputs, before any softmax or sigmoid, for targets.
  public func callAsFunction<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    form(outputs, targets)
  }

  /// The loss of each example, `[examples]`.
  public func examples<T: TensorProtocol>(_ outputs: T, _ targets: T) -> T {
    form.examples(outputs, targets)
  }

  /// The loss that a network is judged by: without training aids such as smoothed labels.
  public var judged: LossFunction {
    func judged(_ form: some LossForm) -> LossFunction { LossFunction(form.judged) }
    return judged(form)
  }

  /// The weight of each example in the mean, `[examples]`; `nil` if all are equal.
  public func exampleWeights(_ targets: Tensor<Double>) -> [Double]? {
    form.exampleWeights(targets)
  }

  /// The kind of targets.
  public var targets: LossTargets { form.targets }

  /// How outputs are converted to predictions.
  public var output: OutputFunction { form.output }

  /// The lowest loss of a constant output, and that output.
  public func baseRate(_ targets: Tensor<Double>, outputs: Int) -> (loss: Double, output: [Double])
  {
    let constant = form.constant(for: targets, outputs: outputs)
    let rows = Tensor<Double>([1, outputs], constant).broadcast(to: [targets.shape[0], outputs])
    return (form(rows, targets).scalar, constant)
  }

  /// The customary loss for outputs interpreted in this way: the first of the list.
  public static func customary(for output: OutputFunction) -> LossFunction {
    forms.first { $0.output == output }.map(LossFunction.init(any:)) ?? .meanSquaredError
  }
}

extension LossFunction: RawRepresentable, CaseIterable, Hashable {
  /// The losses of the list, at their defaults.
  public static var allCases: [LossFunction] { forms.map(LossFunction.init(any:)) }

  /// The name of the loss.
  public var rawValue: String { form.title }

  /// The loss of this title, or of another of its names in any spelling, at its defaults.
  public init?(rawValue title: String) {
    guard let form = Self.forms.first(where: { $0.isCalled(title) }) else { return nil }
    self.form = form
  }

  /// Whether title and settings are equal.
  public static func == (left: LossFunction, right: LossFunction) -> Bool {
    func equals<Form: LossForm>(_ form: Form) -> Bool { right.form as? Form == form }
    return equals(left.form)
  }

  /// Hashes title and settings.
  public func hash(into hasher: inout Hasher) { hasher.combine(form) }
}

extension LossFunction: Codable {
  /// Reads the title, or an object with the title as `loss` and the settings.
  public init(from decoder: any Decoder) throws {
    if let title = try? decoder.singleValueContainer().decode(String.self) {
      form = try Self.standard(title, at: decoder.codingPath.location)
      return
    }
    var fields = try FieldReader(decoder)
    let title = try fields.required("loss", String.self, "the name of a loss, such as mse")
    form = try fields.form(like: Self.standard(title, at: fields.location("loss")))
    try fields.finish()
  }

  private static func standard(_ title: String, at location: String) throws(Problem) -> any LossForm
  {
    if let loss = LossFunction(rawValue: title) { return loss.form }
    throw Problem(
      location: location, problem: "there is no loss \"\(title)\"",
      remedy: "give one of \(forms.map(\.title).joined(separator: ", "))")
  }

  /// Writes the title if every setting is at its default, otherwise the object.
  public func encode(to encoder: any Encoder) throws {
    if self == LossFunction(rawValue: rawValue) {
      var container = encoder.singleValueContainer()
      return try container.encode(rawValue)
    }
    var fields = FieldWriter(encoder)
    try fields.write("loss", rawValue)
    try fields.write(form)
  }
}
