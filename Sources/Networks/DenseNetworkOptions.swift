import Findings
import Foundation
import Plumbline

/// What `--network 784,64,64,10` leaves open about a network of dense layers.
public struct DenseNetworkOptions: Sendable, Hashable {
  /// How the weights start.
  public enum Scheme: Sendable, Hashable {
    /// He's initialization for the activation that follows; at the output layer, which none follows, Var W = 1 / fan-in.
    case he
    /// The same initializer for every weight.
    case fixed(Initializer)

    /// The scheme of a text: `he`, `glorot`, `lecun`, `orthogonal`, `normal:0.01`, `constant:0.1`, `zero`.
    public init(parsing text: String) throws(Problem) {
      self = text == "he" ? .he : .fixed(try Initializer(parsing: text))
    }

    /// The initializer of a weight that `activation` follows.
    func initializer(before activation: Activation) -> Initializer {
      switch self {
      case .he: .he(for: activation)
      case .fixed(let initializer): initializer
      }
    }
  }

  /// A normalization between each hidden layer and its activation.
  public enum Normalization: String, Sendable, CaseIterable, Codable {
    /// Batch normalization.
    case batch
    /// Layer normalization.
    case layer
    /// Normalization by the root mean square.
    case rms
  }

  /// Whether hidden layers of equal width form residual blocks of two.
  public var isResidual = false
  /// The factor on the branches; `nil` for 1 / √blocks.
  public var branchScale: Double?
  /// The activation of the hidden layers.
  public var activation = Activation.relu
  /// How the result is read.
  public var output = OutputFunction.softmax
  /// How the weights start; biases start at zero.
  public var scheme = Scheme.he
  /// The normalization, if any.
  public var normalization: Normalization?
  /// The rate of the dropout after every hidden activation; 0 for none.
  public var dropout = 0.0

  /// ReLU, softmax, He's initialization, no skips, no normalization, no dropout.
  public init() {}
}

extension NetworkDescription {
  /// A network of dense layers from widths in a text: `784,64,64,10` is 784 to 64, 64 to 64, 64 to 10, with the
  /// activation after all but the last.
  ///
  /// With residual blocks, hidden layers of equal width are taken two by two from the first that keeps its width:
  /// h + s (W₂ act(W₁ h + b₁) + b₂); a layer that is left over stays plain. See ``residualBlockCount``.
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
          remedy: "give whole numbers above 0 from input to output, as 784,64,64,10")
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
    let scale = options.branchScale ?? 1 / Double(max(blocks.count, 1)).squareRoot()
    func dense(_ layer: Int, before activation: Activation) -> LayerDescription {
      let initializer = options.scheme.initializer(before: activation)
      return LayerDescription(.dense(outputs: widths[layer + 1], initializer: initializer))
    }
    /// A hidden layer with what follows it.
    func hidden(_ layer: Int) -> [LayerDescription] {
      var parts = [dense(layer, before: options.activation)]
      switch options.normalization {
      case .batch: parts.append(LayerDescription(.batchNorm()))
      case .layer: parts.append(LayerDescription(.layerNorm()))
      case .rms: parts.append(LayerDescription(.rmsNorm()))
      case nil: break
      }
      parts.append(LayerDescription(options.activation))
      if options.dropout > 0 { parts.append(LayerDescription(.dropout(rate: options.dropout))) }
      return parts
    }
    var layers: [LayerDescription] = []
    var layer = 0
    while layer < widths.count - 2 {
      if blocks.contains(layer) {
        let branch = hidden(layer) + [dense(layer + 1, before: options.activation)]
        layers.append(LayerDescription(.residual(branch: branch, scale: scale)))
        layer += 2
      } else {
        layers += hidden(layer)
        layer += 1
      }
    }
    layers.append(dense(widths.count - 2, before: .linear))
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
        "network \(text)", "a network has two widths or more, all above 0",
        "give the input's, the hidden layers' and the output's width, as 784,64,64,10")
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
    if options.isResidual, !zip(hidden, hidden.dropFirst()).contains(where: { $0 == $1 }) {
      try fail(
        "network \(text)", "residual blocks need neighbouring hidden layers of equal width",
        "give such widths, as 784,64,64,64,10, or leave the residual option out")
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

  /// The number of residual blocks, those inside other layers too.
  public var residualBlockCount: Int {
    layers.flatMap(\.forms).count { $0 is ResidualForm }
  }
}
