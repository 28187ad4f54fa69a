import Plumbline

/// The names of functions and losses as people write them, in the spelling of the library.
public enum Spelling {
  /// Other words for each name; capitals, spaces, underscores and hyphens do not count.
  private static let synonyms: [String: [String]] = [
    "linear": ["identity", "none", "id", "lin"],
    "relu": ["rectifier", "rectified linear"],
    "leaky-relu": ["lrelu", "leaky"],
    "elu": [], "gelu": [], "softplus": [], "hard-tanh": [], "gelu-tanh": [],
    "softmax": ["soft max"],
    "silu": ["swish", "swish1"],
    "tanh": ["hyperbolic tangent", "tan h"],
    "sigmoid": ["logistic", "sigm", "sig", "logsig", "expit"],
    "cross-entropy": [
      "ce", "cce", "categorical crossentropy", "sparse categorical crossentropy",
      "softmax cross entropy",
      "nll", "log loss", "negative log likelihood", "softmax loss", "xent",
    ],
    "binary-cross-entropy": ["bce", "logistic loss", "sigmoid cross entropy", "bce loss"],
    "mse": [
      "squared error", "mean squared error", "l2 loss", "quadratic", "sse", "least squares",
      "mse loss",
      "euclidean",
    ],
    "mae": ["absolute error", "mean absolute error", "l1 loss"],
  ]

  private static let table: [String: String] = {
    var table: [String: String] = [:]
    for (name, others) in synonyms {
      for word in [name] + others { table[plain(word)] = name }
    }
    return table
  }()

  private static func plain(_ text: String) -> String {
    text.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// The library's spelling of a name; the name itself where none is known.
  public static func name(_ text: String) -> String { table[plain(text)] ?? text }

  /// The names in a list with any usual separator between them.
  public static func list(_ text: String) -> [String] {
    text.split { ",;|/+ \t[]()'\"".contains($0) }.map { name(String($0)) }
  }
}

extension Nonlinearity {
  /// The functions that have a name.
  public static let named: [String: Nonlinearity] = {
    var named: [String: Nonlinearity] = ["softmax": .softmax, "gelu-tanh": .geluByTanh]
    for activation in Activation.elementwise {
      named[activation.rawValue] = .elementwise(activation)
    }
    return named
  }()

  /// The function of a name, in any usual spelling.
  public init?(spelled text: String) {
    guard let function = Self.named[Spelling.name(text)] else { return nil }
    self = function
  }
}

extension ProgramLoss.Kind {
  /// The losses by their names.
  public static let named: [String: ProgramLoss.Kind] = [
    "cross-entropy": .crossEntropy, "binary-cross-entropy": .binaryCrossEntropy,
    "mse": .squaredError, "mae": .absoluteError,
  ]

  /// The name in the library's spelling.
  public var title: String { Self.named.first { $0.value == self }?.key ?? rawValue }

  /// The loss of a name, in any usual spelling.
  public init?(spelled text: String) {
    guard let kind = Self.named[Spelling.name(text)] else { return nil }
    self = kind
  }
}
