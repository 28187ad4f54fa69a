import Plumbline

/// Signs, a hidden few of which determine the class: 1 if an odd number of them is negative.
///
/// No proper subset of the relevant signs says anything about the class, which makes the task hard
/// for gradient descent.
///
/// Source: S. Shalev-Shwartz, O. Shamir, S. Shammah, "Failures of gradient-based deep learning",
/// arXiv:1703.07950.
public struct Parity: ExampleGenerator, Hashable {
  /// The name of the data set.
  public let name = "parity"
  /// The number of classes.
  public let classCount = 2
  /// The key from which every example is drawn.
  public let key: Key
  /// The number of features of an example.
  public let featureCount: Int
  /// The relevant features, in ascending order.
  public let relevantFeatures: [Int]

  /// The generator with this key: `relevantCount` of `featureCount` signs are relevant; all by default.
  public init(key: Key, featureCount: Int = 8, relevantCount: Int? = nil) {
    self.key = key
    self.featureCount = featureCount
    let count = relevantCount ?? featureCount
    guard featureCount >= 1, (1...featureCount).contains(count) else {
      fatalError("parity: \(count) relevant features of \(featureCount)")
    }
    relevantFeatures = key["relevant"].permutation(featureCount).prefix(count).sorted()
  }

  /// The settings in words, for records and messages.
  public var settings: String { "features \(relevantFeatures) of \(featureCount) decide" }

  /// The features and the class of one example.
  public func example(at index: Int) -> (features: [Float], label: Int) {
    let signs = key["signs"][index].mask(featureCount, keeping: 0.5).map { $0 ? Float(1) : -1 }
    return (signs, relevantFeatures.count { signs[$0] < 0 } % 2)
  }
}
