import Findings
import Plumbline

/// Normal features with classes drawn independently: there is nothing to learn but the
/// examples themselves.
///
/// Source: C. Zhang et al., "Understanding deep learning requires rethinking generalization",
/// arXiv:1611.03530.
public struct RandomLabels: ExampleGenerator, Hashable {
  /// The name of the data set.
  public let name = "random-labels"
  /// The key from which every example is drawn.
  public let key: Key
  /// The number of features of an example.
  public let featureCount: Int
  /// The number of classes.
  public let classCount: Int

  /// The generator with this key.
  public init(key: Key, featureCount: Int = 32, classCount: Int = 10) {
    self.key = key
    self.featureCount = featureCount
    self.classCount = classCount
    requireSetting(
      featureCount >= 1 && classCount >= 2, "\(featureCount) features, \(classCount) classes")
  }

  /// The settings in words, for records and messages.
  public var settings: String { "\(featureCount) features, \(classCount) classes" }

  /// The features and the class of one example.
  public func example(at index: Int) -> (features: [Float], label: Int) {
    let features = key["features"][index].normal(featureCount).map { Float($0) }
    return (features, key["labels"].integer(at: index, below: classCount))
  }
}

extension LabelledSet {
  /// The same examples with classes drawn from `key`, each independent of its example.
  ///
  /// - Parameters:
  ///   - key: The key from which the choice and the new labels are drawn.
  ///   - fraction: The share of the examples whose label is redrawn, chosen by the key; the others keep theirs. Traps
  ///     outside 0...1.
  /// - Complexity: O(`exampleCount`).
  public func randomizingLabels(
    key: Key, fraction: Double = 1
  ) throws(Problem) -> LabelledSet {
    guard (0...1).contains(fraction) else {
      fatalError("randomizing labels: the fraction \(fraction) is outside 0...1")
    }
    guard case .classes(let own, let classCount, let names) = targets else {
      throw Problem(
        .mislabelled, subject: provenance, location: "targets of \(name)",
        problem: "the targets are real values, but only class labels can be randomized",
        remedy: "give data with classes")
    }
    let labels = own.enumerated().map { index, label in
      key["chosen"].uniform(at: index) < fraction
        ? key["labels"].integer(at: index, below: classCount) : label
    }
    return LabelledSet(
      name: name, features: features, divisor: divisor,
      targets: .classes(labels, count: classCount, names: names),
      provenance: "\(provenance); a fraction \(fraction) of the labels drawn at random, "
        + "key \(String(key.bits, radix: 16))")
  }
}
