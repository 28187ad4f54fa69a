import Findings

/// A layer as data: its name, its settings, and what it becomes for a given input shape.
///
/// Descriptions, their JSON, network tables and the predicted signal learn everything about a layer from its form, which is in the
/// layer's file. A custom form is passed when JSON is read, and is then a layer like the
/// others:
///
/// ```swift
/// struct DoubledForm: LayerForm {
///   let title = "doubled"
///   func build(_ builder: inout LayerBuilder) -> BuiltLayer { builder.layer(Doubled()) }
///   func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? { signal.scaled(by: 4) }
/// }
/// let network = try NetworkDescription(json: text, forms: [DoubledForm()]).network()
/// ```
public protocol LayerForm: Form {
  /// The layer for the builder's input, with its output shape. The settings have been checked.
  ///
  /// - Throws: If the layer does not fit the one before it.
  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer

  /// The signal after the layer, over random weights, in training; `nil` if no closed form is known.
  func signal(after signal: Signal, in layer: BuiltLayer) -> Signal?

  /// The signal that the layers inside receive; `nil` if unknown.
  func signal(inside signal: Signal) -> Signal?

  /// The number of classes, if the layer takes class numbers; `nil` for a layer that takes any values.
  var classesTaken: Int? { get }

  /// The lists of layers inside, in order. Setting them keeps their number.
  var inner: [[LayerDescription]] { get set }

  /// Whether the slope of the layer itself, rather than of one inside it, jumps somewhere as its input changes.
  var hasKinks: Bool { get }
}

extension LayerForm {
  /// Not known.
  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? { nil }

  /// The signal that the layer itself receives.
  public func signal(inside signal: Signal) -> Signal? { signal }

  /// Any values.
  public var classesTaken: Int? { nil }

  /// None.
  public var inner: [[LayerDescription]] {
    get { [] }
    set {}
  }

  /// No.
  public var hasKinks: Bool { false }
}

/// The form of a layer that applies an activation between its own weights.
public protocol ActivatedForm: LayerForm {
  /// The activation.
  var activation: Activation { get set }
}

/// The form of a layer whose weights are initialized at random.
public protocol WeightedForm: LayerForm {
  /// How the weights are initialized.
  var initializer: Initializer { get set }
}

/// A layer of a network as data: its form, and a name by which later layers refer to it.
public struct LayerDescription: Sendable {
  /// The layer and its settings.
  public var form: any LayerForm
  /// A name by which later layers refer to this one to share its parameters.
  public var name: String?

  /// A layer of a form: `LayerDescription(.dense(outputs: 64))`.
  public init(_ form: some LayerForm, name: String? = nil) {
    self.form = form
    self.name = name
  }

  /// An activation.
  public init(_ activation: Activation) { form = activation }

  /// The layer's name in JSON and tables.
  public var title: String { form.title }

  /// The forms of this layer and of all inside it, outermost first.
  public var forms: [any LayerForm] {
    [form] + form.inner.flatMap { $0.flatMap(\.forms) }
  }
}

extension LayerDescription: Hashable {
  /// Whether form, settings and name are equal.
  public static func == (left: LayerDescription, right: LayerDescription) -> Bool {
    func equals<Form: LayerForm>(_ form: Form) -> Bool { right.form as? Form == form }
    return left.name == right.name && equals(left.form)
  }

  /// Hashes form, settings and name.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(form)
    hasher.combine(name)
  }
}

extension CodingUserInfoKey {
  /// The key under which a decoder holds forms of layers outside the library, as `[any LayerForm]`.
  public static let layerForms = CodingUserInfoKey(rawValue: "layerForms")!
}

extension LayerDescription: Codable {
  /// Reads an object with the field `layer` and the settings of that layer. Errors are of the type `Problem`.
  public init(from decoder: any Decoder) throws {
    var fields = try FieldReader(decoder)
    let title = try fields.required(
      "layer", String.self, "the kind of layer, such as dense, relu or residual")
    name = try fields.optional("name", String.self, "a text")
    let own = decoder.userInfo[.layerForms] as? [any LayerForm] ?? []
    let forms = own + Self.libraryForms
    guard
      let standard = forms.first(where: { $0.title == title })
        ?? forms.first(where: { $0.isCalled(title) })
    else {
      throw Problem(
        location: fields.location("layer"), problem: "there is no layer \"\(title)\"",
        remedy: "give one of \(forms.map(\.title).joined(separator: ", "))")
    }
    form = try fields.form(like: standard)
    try fields.finish()
  }

  /// Writes the object: every setting that is not at its default.
  public func encode(to encoder: any Encoder) throws {
    var fields = FieldWriter(encoder)
    try fields.write("layer", form.title)
    if let name { try fields.write("name", name) }
    try fields.write(form)
  }
}

extension Field {
  /// A list of layers.
  public static func layers(
    _ name: String, _ path: any Path<[LayerDescription]>, isRequired: Bool = true
  ) -> Field {
    var field = Field.value(name, path, isRequired: isRequired, "a list of layers")
    field.text = { $0[keyPath: path].map(\.title).joined(separator: ", ") }
    return field
  }

  /// A setting that holds the layers of several branches.
  static func branches(_ name: String, _ path: any Path<[[LayerDescription]]>) -> Field {
    .value(name, path, isRequired: true, "a list of lists of layers")
  }
}
