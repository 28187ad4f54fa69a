import Datasets
import Plumbline
import Verification

/// One case: a network, a hand-written backward pass with known mistakes, and what an audit has to find.
public struct AuditCase: Sendable {
  /// What stands in the file that the pass leaves.
  public enum Content: String, Sendable, CaseIterable {
    /// Only gradients of parameters; those of pre-activations too; everything.
    case parameters, preactivations, everything
  }

  /// A short description.
  public let name: String
  /// The network.
  public let network: HandWrittenNetwork
  /// The arrays as the pass leaves them.
  public let run: ManualRun
  /// The planted mistakes.
  public let mutations: [Mutation]
  /// What stands in the file.
  public let content: Content

  private let remake: @Sendable (Int) -> AuditCase

  /// The same mistakes in the same network with other weights and data.
  public func reseeded(_ seed: Int) -> AuditCase { remake(seed) }

  /// The verdict that is right.
  public let verdict: Verdict

  /// The mistakes that change something in the file. In a batch of one label alone, say, a plus for the minus
  /// between the labels' terms changes nothing.
  public let visibleMutations: [Mutation]

  /// A mistake: where it is to be seen and what it is called.
  public struct Expectation: Sendable, Hashable {
    /// The location.
    public let quantity: Quantity
    /// The name.
    public let cause: CauseID
    /// Another name that is true of it as well.
    public let otherName: CauseID?

    /// Whether it is called so.
    public func isNamed(_ cause: CauseID) -> Bool { cause == self.cause || cause == otherName }
  }

  /// Every mistake that shows, from the first location on.
  public var expectations: [Expectation] {
    visibleMutations.compactMap { mutation in
      mutation.expectation(network).map { ($0.0, $0.1, mutation.otherName) }
    }
    .map { quantity, cause, otherName in
      // dA of the output is not in every file, and where it is missing the gradient is that of dZ.
      let isHidden = quantity.kind == .activationGradient && content != .everything
      let location =
        isHidden && (content == .preactivations || quantity.layer == network.layerCount)
        ? Quantity(.preactivationGradient, quantity.layer) : quantity
      return Expectation(quantity: location, cause: cause, otherName: otherName)
    }
    .sorted { $0.quantity < $1.quantity }
  }

  /// Where the first mistake is to be seen, and what those are called that were made there; `nil` for a right pass.
  public var expectation: (quantity: Quantity, causes: Set<CauseID>)? {
    guard let first = expectations.first?.quantity else { return nil }
    return (first, Set(expectations.lazy.filter { $0.quantity == first }.map(\.cause)))
  }

  /// A network with random weights, biases and data, and its hand-written pass.
  public init(
    _ name: String, _ network: HandWrittenNetwork, examples: Int = 7, content: Content,
    layout: ArrayLayout = .columns, seed: Int = 0, averagesFirst: Bool = false,
    zeroBiases: Bool = false, deviation: Double = 0.7, duplicatedExamples: Bool = false,
    dropout: Set<Int> = [], mutations: [Mutation] = [], isSinglePrecision: Bool = false
  ) {
    let key = Key(seed: seed)[name]
    let (inputs, outputs) = (network.widths[0], network.widths[network.layerCount])
    var x = key["x"].normal(inputs * examples)
    if duplicatedExamples {
      for unit in 0..<inputs {
        for row in examples / 2..<examples {
          x[unit * examples + row] = x[unit * examples + row - examples / 2]
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
    default: break
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
    func isKept(_ name: String) -> Bool {
      guard let quantity = Quantity(name: name), !name.hasPrefix("dW"), !name.hasPrefix("db") else {
        return true
      }
      switch content {
      case .everything: return true
      case .preactivations: return quantity.kind == .preactivationGradient
      case .parameters: return false
      }
    }
    let kept = all.filter { isKept($0.key) }
    // Twenty times what counts as rounding; contributions of several examples at a kink may cancel altogether.
    let tolerance = isSinglePrecision ? 2e-4 : 1e-5
    func differs(from other: [Mutation]) -> Bool {
      let others = pass.with(other).arrays().arrays
      return kept.contains { name, value in
        guard let other = others[name], other.shape == value.shape else { return true }
        // NaN, which is not a distance, is a change.
        return value.isFinite != other.isFinite
          || value.isFinite && value.relativeDistance(to: other) > 20 * tolerance
      }
    }
    // Two mistakes may also undo each other, as an average that is missing and one too many.
    visibleMutations =
      differs(from: [])
      ? mutations.filter { mutation in differs(from: mutations.filter { $0 != mutation }) } : []
    let isKinkOnly = mutations.allSatisfy { if case .otherSideOfKink = $0 { true } else { false } }
    verdict = visibleMutations.isEmpty ? .pass : isKinkOnly ? .kink : .fail
    remake = {
      AuditCase(
        name, network, examples: examples, content: content, layout: layout, seed: $0,
        averagesFirst: averagesFirst, zeroBiases: zeroBiases, deviation: deviation,
        duplicatedExamples: duplicatedExamples, dropout: dropout, mutations: mutations,
        isSinglePrecision: isSinglePrecision)
    }
    self.name = name
    self.network = network
    self.mutations = mutations
    self.content = content
    run = ManualRun(
      arrays: Dictionary(
        uniqueKeysWithValues: kept.map { name, value in
          let array = Self.laidOut(name, value, layout)
          let isRounded = isSinglePrecision && name.hasPrefix("d")
          return (name, isRounded ? Tensor(converting: Tensor<Float>(converting: array)) : array)
        }),
      layout: layout, cost: cost, keepProbability: dropout.isEmpty ? nil : keep,
      tolerance: tolerance)
  }

  /// The network and what is in the file, in a line.
  public var summary: String {
    let examples = run.arrays["X"].map { $0.count / network.widths[0] } ?? 0
    return network.widths.map(String.init).joined(separator: "-")
      + (network.isResidual ? " residual " : " ")
      + network.activations.map(\.rawValue).joined(separator: ",")
      + " \(network.loss.rawValue) m=\(examples) \(content.rawValue)"
      + (run.tolerance > 1e-5 ? " single" : "")
      + (network.l1 + network.l2 > 0 ? " penalized" : "")
      + (run.keepProbability == nil ? "" : " dropout")
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
