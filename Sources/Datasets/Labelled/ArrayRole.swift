/// What an array is, told from its name: features or labels, for training or for testing.
struct ArrayRole: Hashable {
  enum Content: Hashable {
    case features, labels
  }

  let isTest: Bool
  let content: Content

  private static let features: Set<String> = [
    "x", "xs", "images", "image", "data", "features", "inputs", "input", "examples",
  ]
  private static let labels: Set<String> = [
    "y", "ys", "labels", "label", "targets", "target", "outputs", "classes",
  ]
  /// Words without a meaning of their own, as in `train_set_x_orig`.
  private static let fillers: Set<String> = ["set", "orig", "original", "all"]

  init(isTest: Bool, content: Content) {
    self.isTest = isTest
    self.content = content
  }

  /// The role that a name such as `X`, `train_x`, `x_test` or `train_set_y` tells; nil for others.
  init?(name: String) {
    var (isTest, content) = (Bool?.none, Content?.none)
    for part in name.split(whereSeparator: { !$0.isLetter && !$0.isNumber }) {
      var word = part.lowercased()
      // `Xtrain` and `ytest` in one word.
      for split in ["train", "test"] where word.count == split.count + 1 && word.hasSuffix(split) {
        guard isTest == nil else { return nil }
        isTest = split == "test"
        word = String(word.prefix(1))
      }
      switch word {
      case "train", "training", "test", "testing":
        guard isTest == nil else { return nil }
        isTest = word.hasPrefix("test")
      case _ where Self.fillers.contains(word): break
      case _ where Self.features.contains(word) || Self.labels.contains(word):
        guard content == nil else { return nil }
        content = Self.features.contains(word) ? .features : .labels
      default: return nil
      }
    }
    guard let content else { return nil }
    self.init(isTest: isTest ?? false, content: content)
  }
}
