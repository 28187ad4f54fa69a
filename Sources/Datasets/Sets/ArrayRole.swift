/// What an array is, inferred from its name: features or labels, for training, development or testing.
struct ArrayRole: Hashable {
  enum Content: Hashable {
    case features, labels
  }

  /// The set that an array belongs to.
  enum Part: String, Hashable, CaseIterable {
    case train, dev, test

    /// The words that name it.
    private var words: Set<String> {
      switch self {
      case .train: ["train", "training"]
      case .dev: ["dev", "development", "val", "valid", "validation"]
      case .test: ["test", "testing"]
      }
    }

    init?(word: String) {
      guard let part = Self.allCases.first(where: { $0.words.contains(word) }) else { return nil }
      self = part
    }
  }

  let part: Part
  let content: Content

  /// The role in words, as in `train features`.
  var words: String { "\(part.rawValue) \(content == .features ? "features" : "labels")" }

  private static let features: Set<String> = [
    "x", "xs", "images", "image", "data", "features", "inputs", "input", "examples",
  ]
  private static let labels: Set<String> = [
    "y", "ys", "labels", "label", "targets", "target", "outputs", "classes",
  ]
  /// Words without a meaning of their own, as in `train_set_x_orig`.
  private static let fillers: Set<String> = ["set", "orig", "original", "all"]

  init(part: Part, content: Content) {
    self.part = part
    self.content = content
  }

  /// The role that a name such as `X`, `train_x`, `x_dev` or `test_set_y` indicates; nil for others.
  init?(name: String) {
    var (part, content) = (Part?.none, Content?.none)
    for piece in name.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      var word = piece.lowercased()
      // `Xtrain`, `Xdev` and `ytest` in one word.
      if let first = word.first, first == "x" || first == "y",
        let found = Part(word: String(word.dropFirst()))
      {
        guard part == nil else { return nil }
        part = found
        word = String(first)
      }
      if let found = Part(word: word) {
        guard part == nil else { return nil }
        part = found
      } else if Self.features.contains(word) || Self.labels.contains(word) {
        guard content == nil else { return nil }
        content = Self.features.contains(word) ? .features : .labels
      } else if !Self.fillers.contains(word) {
        return nil
      }
    }
    guard let content else { return nil }
    self.init(part: part ?? .train, content: content)
  }
}
