import Datasets
import Foundation
import Plumbline
import Testing

@Suite("Text of random words")
struct WordTextTests {
  /// The probability of the next character for a reader who knows the words and where one begins.
  private static func probability(
    of label: Int, after context: [Int], _ text: WordText, _ weights: [Double]
  ) -> Double {
    let start = context.lastIndex(of: 0).map { $0 + 1 } ?? 0
    let prefix = Array(context[start...])
    var (whole, part) = (0.0, 0.0)
    for (word, weight) in zip(text.words, weights) where (word + [0]).starts(with: prefix) {
      whole += weight
      if (word + [0])[prefix.count] == label { part += weight }
    }
    return part / whole
  }

  @Test("has the entropy that it says", arguments: [1, 2, 3])
  func entropy(seed: Int) {
    let text = WordText(key: Key(seed: seed), words: [5, 32, 100][seed - 1], letters: 4)
    let weights = text.words.indices.map { 1 / Double($0 + 1) }
    let losses = (0..<20_000).map { index in
      let (features, label) = text.example(at: index)
      return -log(Self.probability(of: label, after: features.map { Int($0) }, text, weights))
    }
    let mean = losses.reduce(0, +) / Double(losses.count)
    let variance = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(losses.count)
    let error = (variance / Double(losses.count)).squareRoot()
    #expect(abs(mean - text.entropy) < 5 * error, "\(mean) ± \(error), not \(text.entropy)")
    // It knows more than the frequencies of the characters.
    #expect(text.entropy < 0.8 * log(Double(text.classCount)))
  }

  @Test("consists of its words, with a space between any two")
  func words() {
    let text = WordText(key: Key(seed: 5), length: 40)
    for index in 0..<200 {
      let (features, label) = text.example(at: index)
      let characters = features.map { Int($0) } + [label]
      let parts = characters.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
      for word in parts.dropFirst().dropLast() { #expect(text.words.contains(word)) }
      #expect(text.words.contains { $0.starts(with: parts[parts.count - 1]) })
      #expect(text.words.contains { $0.reversed().starts(with: parts[0].reversed()) })
    }
    // The first word is the most frequent one, and there are no more words than letters allow.
    #expect(WordText(key: Key(seed: 1), words: 100, letters: 1).words.count == 4)
  }
}
