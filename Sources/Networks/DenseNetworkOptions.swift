import Findings
import Foundation
import Plumbline

/// The options of a dense network that `--network 784,64,64,10` leaves open.
public struct DenseNetworkOptions: Sendable, Hashable {
  /// How the weights are initialized.
  public enum Scheme: Sendable, Hashable {
    /// He initialization for the activation that follows; at the output layer, without an activation, Var W = 1 / fan-in.
    case he
    /// The same initializer for every weight.
    case fixed(Initializer)

    /// The scheme for text: `he`, `glorot`, `lecun`, `orthogonal`, `normal:0.01`, `constant:0.1`, `zero`.
    public init(parsing text: String) throws(Problem) {
      self = text == "he" ? .he : .fixed(try Initializer(parsing: text))
    }

    /// The initializer of a weight followed by `activation`.
    package func initializer(before activation: Activation) -> Initializer {
      switch self {
      case .he: .he(for: activation)
      case .fixed(let initializer): initializer
      }
    }
  }

  /// A normalization between each hidden layer and its activation: one of the library's, by its short name.
  public struct Normalization: RawRepresentable, Sendable, CaseIterable, Codable, Hashable {
    /// Batch normalization.
    public static let batch = Normalization(BatchNormForm())
    /// Layer normalization.
    public static let layer = Normalization(LayerNormForm())
    /// Normalization by the root mean square.
    public static let rms = Normalization(RMSNormForm())

    /// The normalizations in the list of layers.
    public static let allCases = LayerDescription.libraryForms.compactMap { form in
      (form as? any NormalizationForm).map { Normalization($0) }
    }

    private let form: any NormalizationForm

    private init(_ form: any NormalizationForm) { self.form = form }

    /// The normalization of this short name.
    public init?(rawValue name: String) {
      guard let known = Self.allCases.first(where: { $0.rawValue == name }) else { return nil }
      self = known
    }

    /// The short name, such as `batch`.
    public var rawValue: String { form.shortName }

    /// Whether they have the same name.
    public static func == (left: Self, right: Self) -> Bool { left.rawValue == right.rawValue }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    /// The normalization layer.
    var layer: LayerDescription {
      func description(_ form: some LayerForm) -> LayerDescription { LayerDescription(form) }
      return description(form)
    }
  }

  /// Whether hidden layers of equal width form residual blocks of two.
  public var isResidual = false
  /// The factor on the branches; `nil` for 1 / √blocks.
  public var branchScale: Double?
  /// How branches and steps follow the number of blocks; `nil` for a factor that is as it is given, and steps that are all alike. With
  /// it ``branchScale`` is the factor in the base net.
  public var depthScaling: DepthScaling?
  /// The activation of all hidden layers, or one for each of them.
  public var activations: [Activation] = [.relu]
  /// The activation of all hidden layers, or of the first if they differ.
  public var activation: Activation {
    get { activations.first ?? .relu }
    set { activations = [newValue] }
  }
  /// How the result is read.
  public var output = OutputFunction.softmax
  /// A function after the last layer that is part of the network rather than of the interpretation of its output, such as tanh.
  public var lastActivation = Activation.linear
  /// How the weights are initialized; biases start at zero.
  public var scheme = Scheme.he
  /// The normalization, if any.
  public var normalization: Normalization?
  /// The rate of the dropout after every hidden activation; 0 for none.
  public var dropout = 0.0

  /// ReLU, softmax, He's initialization, no skips, no normalization, no dropout.
  public init() {}

  /// Sets the functions of all layers of a network with these widths from a list in the usual form; whatever is omitted takes the
  /// customary value.
  ///
  /// - Parameters:
  ///   - functions: One for each layer, or one for each hidden layer, or one for all of these.
  ///   - output: The function of the last layer, if `functions` does not include it.
  ///   - loss: The loss, if it decides the output's function.
  ///   - widths: The number of inputs, then the outputs of each layer.
  /// - Throws: ``/Findings/Problem`` if there are too many or too few, or one is not possible in a hidden layer.
  public mutating func setFunctions(
    _ functions: [Activation], output: Activation? = nil, loss: LossFunction? = nil, widths: [Int]
  ) throws(Problem) {
    let layers = widths.count - 1
    var last = output
    switch functions.count {
    case layers where output == nil && (layers > 1 || functions != [.relu]):
      activations = Array(functions.dropLast())
      last = functions.last
    case layers - 1, 1: activations = functions
    default:
      throw Problem(
        setting: "activations",
        problem: "there are \(functions.count) activations for \(layers) layers",
        remedy: "give one for each layer, or one for all hidden layers")
    }
    guard activations.allSatisfy(\.isElementwise) else {
      throw Problem(
        setting: "activations",
        problem: "softmax is an activation for the output, not for a hidden layer",
        remedy: "give it last")
    }
    self.output =
      last.map { OutputFunction(rawValue: $0.rawValue) ?? .linear }
      ?? loss.map { $0.output == .exponential ? .linear : $0.output }
      ?? (widths.last == 1 ? .sigmoid : .softmax)
    lastActivation = last.map { self.output == .linear ? $0 : .linear } ?? .linear
  }
}

extension NetworkDescription {
  /// A network of dense layers from widths in text: `784,64,64,10` is 784 to 64, 64 to 64, 64 to 10, with the
  /// activation after all but the last.
  ///
  /// With residual blocks, hidden layers of equal width are paired from the first that keeps its width:
  /// h + s (W₂ act(W₁ h + b₁) + b₂); a leftover layer stays plain. See ``residualBlockCount``.
  ///
  /// - Throws: What is wrong with the text or an option, by its position in the text or its name.
  public init(
    widths text: String, options: DenseNetworkOptions = DenseNetworkOptions()
  ) throws(Problem) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    var widths: [Int] = []
    for (index, part) in parts.enumerated() {
      let word = part.trimmingCharacters(in: .whitespaces)
      guard let width = Int(word), width > 0 else {
        throw Problem(
          location: "width \(index + 1) of \"\(text)\"",
          problem: word.isEmpty ? "the width is missing" : "\"\(word)\" is not a width",
          remedy: "give whole numbers above 0, from input to output, such as 784,64,64,10")
      }
      widths.append(width)
    }
    try self.init(widths: widths, options: options)
  }

  /// A network of dense layers of these widths, from the input's to the output's; see
  /// ``init(widths:options:)-(String,_)``.
  public init(
    widths: [Int], options: DenseNetworkOptions = DenseNetworkOptions()
  ) throws(Problem) {
    try Self.check(widths, options)
    let blocks = options.isResidual ? Self.residualBlocks(widths) : []
    let scale =
      options.depthScaling?.branchScale(blocks: blocks.count, base: options.branchScale)
      ?? options.branchScale ?? 1 / Double(max(blocks.count, 1)).squareRoot()
    let updates = options.depthScaling?.updates(blocks: blocks.count) ?? .one
    func dense(_ layer: Int, before activation: Activation) -> LayerDescription {
      let initializer = options.scheme.initializer(before: activation)
      return LayerDescription(.dense(outputs: widths[layer + 1], initializer: initializer))
    }
    func activation(_ layer: Int) -> Activation {
      options.activations.count > 1 ? options.activations[layer] : options.activation
    }
    /// A hidden layer with what follows it.
    func hidden(_ layer: Int) -> [LayerDescription] {
      var parts = [dense(layer, before: activation(layer))]
      if let normalization = options.normalization { parts.append(normalization.layer) }
      parts.append(LayerDescription(activation(layer)))
      if options.dropout > 0 { parts.append(LayerDescription(.dropout(rate: options.dropout))) }
      return parts
    }
    var layers: [LayerDescription] = []
    var layer = 0
    while layer < widths.count - 2 {
      if blocks.contains(layer) {
        let branch = hidden(layer) + [dense(layer + 1, before: activation(layer + 1))]
        layers.append(LayerDescription(.residual(branch: branch, scale: scale, updates: updates)))
        layer += 2
      } else {
        layers += hidden(layer)
        layer += 1
      }
    }
    layers.append(dense(widths.count - 2, before: .linear))
    if options.lastActivation != .linear {
      layers.append(LayerDescription(options.lastActivation))
    }
    self.init(input: [widths[0]], output: options.output, layers: layers)
  }

  private static func check(
    _ widths: [Int], _ options: DenseNetworkOptions
  ) throws(Problem) {
    let text = widths.map(String.init).joined(separator: ",")
    func fail(
      _ location: String, _ problem: String, _ remedy: String
    ) throws(Problem) {
      throw Problem(location: location, problem: problem, remedy: remedy)
    }
    if widths.count < 2 || !widths.allSatisfy({ $0 > 0 }) {
      try fail(
        "network \(text)", "a network has at least two widths, all above 0",
        "give the widths of the input, the hidden layers and the output, such as 784,64,64,10")
    }
    if !(options.dropout >= 0 && options.dropout < 1) {
      try fail(
        "dropout", "the rate is \(options.dropout)",
        "give a number from 0 up to but not including 1")
    }
    if let scale = options.branchScale, !scale.isFinite {
      try fail("branch scale", "the factor is \(scale)", "give a finite number")
    }
    let hidden = widths.dropFirst().dropLast()
    if ![1, hidden.count].contains(options.activations.count) {
      try fail(
        "activations", "there are \(options.activations.count) for \(hidden.count) hidden layers",
        "give one for all of them, or one for each")
    }
    if options.isResidual, !zip(hidden, hidden.dropFirst()).contains(where: { $0 == $1 }) {
      try fail(
        "network \(text)", "residual blocks need adjacent hidden layers of equal width",
        "give such widths, for example 784,64,64,64,10, or omit the residual option")
    }
  }

  /// The first layers of the residual blocks; layer i goes from width i to width i + 1, and the last is not a hidden one.
  private static func residualBlocks(_ widths: [Int]) -> [Int] {
    var blocks: [Int] = []
    var layer = 1
    while layer + 1 < widths.count - 2 {
      if widths[layer] == widths[layer + 1] && widths[layer + 1] == widths[layer + 2] {
        blocks.append(layer)
        layer += 2
      } else {
        layer += 1
      }
    }
    return blocks
  }

  /// The number of residual blocks, including those inside other layers.
  public var residualBlockCount: Int {
    layers.flatMap(\.forms).count { $0 is any ResidualBlockForm }
  }
}
