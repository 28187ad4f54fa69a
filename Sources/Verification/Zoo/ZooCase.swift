import Datasets
import Plumbline

/// One animal of the zoo: a network, a hand-written backward pass with known mistakes, and what an audit has to find.
public struct ZooCase: Sendable {
  /// What stands in the file that the pass leaves.
  public enum Content: String, Sendable, CaseIterable {
    /// Only gradients of parameters; those of pre-activations too; everything.
    case parameters, preactivations, everything
  }

  /// A short description.
  public let name: String
  /// The network.
  public let network: DenseNetworkDescription
  /// The arrays as the pass leaves them.
  public let run: ManualRun
  /// The planted mistakes.
  public let mutations: [Mutation]
  /// What stands in the file.
  public let content: Content

  private let remake: @Sendable (Int) -> ZooCase

  /// The same mistakes in the same network with other weights and data.
  public func reseeded(_ seed: Int) -> ZooCase { remake(seed) }

  /// The verdict that is right.
  public let verdict: Verdict

  /// Where the first mistake is to be seen and what it is called; `nil` for a right pass.
  public var expectation: (quantity: Quantity, cause: CauseID)? {
    mutations.compactMap { $0.expectation(network, run.arrays["X"]?.count ?? 0) }
      .min { $0.0 < $1.0 }
      .map { expectation in
        // dA of the output is not in every file, and what stands there alone is dZ.
        let isHidden = expectation.0.kind == .activationGradient && content != .everything
        let quantity =
          isHidden && (content == .preactivations || expectation.0.layer == network.layerCount)
          ? Quantity(.preactivationGradient, expectation.0.layer) : expectation.0
        return (quantity, expectation.1)
      }
  }

  /// A network with random weights, biases and data, and its hand-written pass.
  public init(
    _ name: String, _ network: DenseNetworkDescription, examples: Int = 7, content: Content,
    layout: ArrayLayout = .columns, seed: Int = 0, averagesFirst: Bool = false,
    zeroBiases: Bool = false, deviation: Double = 0.7, duplicatedExamples: Bool = false,
    dropout: Set<Int> = [], mutations: [Mutation] = []
  ) {
    let key = Key(seed: seed)[name]
    let (inputs, outputs) = (network.widths[0], network.widths[network.layerCount])
    var x = key["x"].normal(inputs * examples)
    if duplicatedExamples {
      for unit in 0..<inputs {
        for example in examples / 2..<examples {
          x[unit * examples + example] = x[unit * examples + example - examples / 2]
        }
      }
    }
    var y = Tensor<Double>([outputs, examples], key["y"].normal(outputs * examples))
    switch network.loss {
    case .crossEntropy:
      y = Tensor<Double>(
        classes: (0..<examples).map { key["class"].integer(at: $0, below: outputs) }
      )
      .oneHot(classes: outputs).transposed()
    case .binaryCrossEntropy: y = compare(y, .greater, Tensor(0))
    case .meanSquaredError: break
    }
    let layers = 1...network.layerCount
    let keep = 0.8
    let pass = HandWrittenPass(
      network: network, x: Tensor([inputs, examples], x), y: y,
      w: layers.map {
        let (rows, columns) = (network.widths[$0], network.widths[$0 - 1])
        return Tensor([rows, columns], key["w"][$0].normal(rows * columns)) * deviation
      },
      b: layers.map {
        let count = network.widths[$0]
        return zeroBiases
          ? .zeros([count, 1]) : Tensor([count, 1], key["b"][$0].normal(count)) * 0.3
      },
      masks: Dictionary(
        uniqueKeysWithValues: dropout.map { layer in
          let count = network.widths[layer] * examples
          return (
            layer,
            Tensor(
              [network.widths[layer], examples],
              key["mask"][layer].mask(count, keeping: keep).map { $0 ? 1 : 0 })
          )
        }), keep: keep, mutations: mutations, averagesFirst: averagesFirst)
    let (all, cost) = pass.arrays()
    let isKinkOnly = mutations.allSatisfy { if case .otherSideOfKink = $0 { true } else { false } }
    if isKinkOnly {
      // Contributions of several examples at a kink may cancel.
      let plain = pass.withoutMutations.arrays().arrays
      let changes = all.contains { name, value in
        name.hasPrefix("d") && value.relativeDistance(to: plain[name] ?? value) > 1e-6
          && (content != .parameters || !name.hasPrefix("dZ") && !name.hasPrefix("dA"))
      }
      verdict = changes ? .kink : .pass
    } else {
      verdict = .fail
    }
    let kept = all.filter { name, _ in
      guard let quantity = Quantity(name: name), !name.hasPrefix("dW"), !name.hasPrefix("db") else {
        return true
      }
      switch content {
      case .everything: return true
      case .preactivations: return quantity.kind == .preactivationGradient
      case .parameters: return false
      }
    }
    remake = {
      ZooCase(
        name, network, examples: examples, content: content, layout: layout, seed: $0,
        averagesFirst: averagesFirst, zeroBiases: zeroBiases, deviation: deviation,
        duplicatedExamples: duplicatedExamples, dropout: dropout, mutations: mutations)
    }
    self.name = name
    self.network = network
    self.mutations = mutations
    self.content = content
    run = ManualRun(
      arrays: Dictionary(
        uniqueKeysWithValues: kept.map { ($0.key, Self.laidOut($0.key, $0.value, layout)) }),
      layout: layout, cost: cost, keepProbability: dropout.isEmpty ? nil : keep)
  }

  /// An array of the columns convention in another one.
  private static func laidOut(
    _ name: String, _ value: Tensor<Double>, _ layout: ArrayLayout
  ) -> Tensor<Double> {
    let isWeight = name.hasPrefix("W") || name.hasPrefix("dW")
    let isBias = (name.hasPrefix("b") || name.hasPrefix("db")) && value.shape[1] == 1
    if isBias { return layout == .columns ? value : value.reshaped(to: [value.count]) }
    let isFlipped = isWeight ? !layout.transposesWeights : !layout.transposesExamples
    return isFlipped ? value.transposed() : value
  }
}
