import Console
import Foundation
import Plumbline

/// Text of random words with spaces between them: from the last characters the next one is to be told.
///
/// The words are fixed, their letters drawn once, and follow one another independently, the r-th with a probability proportional to
/// 1/r. So the entropy of a character is known, and is the floor of the cross-entropy: that of a word over its mean length
/// with its space. No network gets below it, and one that knows the words, and where in the text a word begins, reaches it.
///
/// Character 0 is the space. A position is drawn uniformly from an infinite text.
public struct WordText: ExampleGenerator, Hashable {
  /// The name of the data set.
  public let name = "words"
  /// The key from which every example is drawn.
  public let key: Key
  /// The characters before the one to be told.
  public let featureCount: Int
  /// The letters, and the space.
  public let classCount: Int
  /// The letters of each word, from 1, the most frequent word first.
  public let words: [[Int]]

  private static let lengths = 2...5

  /// The generator with this key.
  ///
  /// - Parameters:
  ///   - key: The root of the draws.
  ///   - count: The number of words; fewer where there are not as many of these letters.
  ///   - letters: The number of letters.
  ///   - length: The number of characters before the one to be told; at least the longest word's and its space's.
  public init(key: Key, words count: Int = 32, letters: Int = 8, length: Int = 16) {
    self.key = key
    featureCount = length
    classCount = letters + 1
    guard count >= 1, letters >= 1, length > Self.lengths.upperBound else {
      fatalError("words: \(count) words of \(letters) letters in \(length) characters")
    }
    var known: Set<[Int]> = []
    var words: [[Int]] = []
    var draw = 0
    while words.count < count, draw < 100 * count {
      let key = key["words"][draw]
      let length = Self.lengths.lowerBound + key["length"].integer(at: 0, below: Self.lengths.count)
      let word = (0..<length).map { 1 + key["letters"].integer(at: $0, below: letters) }
      if known.insert(word).inserted { words.append(word) }
      draw += 1
    }
    self.words = words
  }

  /// The probability of each word among words.
  private var probabilities: [Double] {
    let weights = words.indices.map { 1 / Double($0 + 1) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// The entropy of a character in nats: the least cross-entropy of the next one.
  public var entropy: Double {
    let probabilities = probabilities
    let ofWord = probabilities.reduce(0) { $0 - $1 * log($1) }
    let length = zip(probabilities, words).reduce(0) { $0 + $1.0 * Double($1.1.count + 1) }
    return ofWord / length
  }

  /// The settings in words, with the floor of the loss.
  public var settings: String {
    "\(words.count) words of \(classCount - 1) letters, \(NumberFormat.significant(entropy, digits: 4)) nats of entropy per character"
  }

  /// The characters before a position of the text, and the one at it.
  public func example(at index: Int) -> (features: [Float], label: Int) {
    let key = key["text"][index]
    let probabilities = probabilities
    func word(_ draw: Int, _ weights: [Double]) -> [Int] {
      var rest = key["word"].uniform(draw + 1)[draw] * weights.reduce(0, +)
      for (word, weight) in zip(words, weights) {
        rest -= weight
        if rest < 0 { return word + [0] }
      }
      return words[words.count - 1] + [0]
    }
    // The word around a position of an infinite text is long as often as it has characters; those before it follow their frequency.
    let around = word(0, zip(probabilities, words).map { $0 * Double($1.count + 1) })
    let offset = key["offset"].integer(at: 0, below: around.count)
    var before = Array(around[..<offset])
    var draw = 1
    while before.count < featureCount {
      before = word(draw, probabilities) + before
      draw += 1
    }
    return (before.suffix(featureCount).map(Float.init), around[offset])
  }
}
