import Datasets
import Foundation
import Plumbline

/// A digest of what a network computes, how it starts and how it moves: of its parameters' names, shapes, initializers and scaled
/// updates, and of the exact bits of its outputs for two examples at special values of all parameters.
///
/// Two networks with the same fingerprint are considered identical. The values are not the initial ones, since a branch that starts at
/// zero would hide its content.
struct Fingerprint: Hashable {
  let text: String

  /// That there is no network.
  static let none = Fingerprint(text: "")

  private init(text: String) { self.text = text }

  /// The fingerprint of a network that takes `[examples, inputs]`.
  init(of network: any Layer, inputs: Int) {
    let layout = ParameterLayout(of: network)
    var hash = ContentHash()
    for entry in layout.entries {
      let initializer = try? JSONText.encoder.encode(entry.initializer)
      let updates = entry.updates == .one ? "" : "\(entry.updates) "
      for byte in Data("\(entry.name) \(entry.shape) \(updates)".utf8) + (initializer ?? Data()) {
        hash.combine(byte)
      }
    }
    let count = layout.entries.reduce(0) { $0 + $1.shape.elementCount }
    let key = Key(seed: 1)
    // Small enough that deep networks stay in range, and large enough that each value matters.
    let weights = key["parameters"].normal(count).map { 0.1 * $0 }
    let parameters = Parameters<Float>(layout: layout, vector: Tensor([count], nearestTo: weights))
    let values = key["examples"].normal(2 * inputs)
    // Class numbers where the network looks them up.
    let examples = Tensor<Float>(
      [2, inputs], nearestTo: Self.holdsEmbedding(network) ? values.map { $0 > 0 ? 1 : 0 } : values)
    let output = parameters.pass(mode: .training, key: key["pass"]).output(of: network, examples)
    for value in output.scalars { hash.combine(value.bitPattern) }
    text = hash.hexadecimal
  }

  /// Whether a layer, or one inside it, looks up class numbers.
  private static func holdsEmbedding(_ value: Any) -> Bool {
    value is Embedding || Mirror(reflecting: value).children.contains { holdsEmbedding($0.value) }
  }
}
