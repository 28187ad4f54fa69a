import Findings
import Plumbline

/// What an audit knows of somebody's dense network: widths, activations, residual blocks, loss and penalties.
///
/// Every layer has a number, its own pre-activation Z and activation A, and softmax is one of the activations, as in
/// a program written by hand. ``described(_:)`` gives the same network in the library's form, ``NetworkDescription``.
///
/// Layers are numbered from 1. In a residual network, hidden layers of equal width form blocks of two,
/// h + s (W2 act(W1 h + b1) + b2); what is left over stays plain.
public struct DenseNetworkDescription: Sendable, Hashable {
  /// The number of inputs and then of the units of each layer.
  public let widths: [Int]
  /// The activation of each layer.
  public let activations: [Activation]
  /// The loss.
  public let loss: LossFunction
  /// Whether hidden layers form residual blocks.
  public let isResidual: Bool
  /// The factor on a block's branch; 1 / √blocks by default.
  public let branchScale: Double
  /// λ in λ/m Σ|w| over all weights, m the number of examples.
  public let l1: Double
  /// λ in λ/(2m) Σw² over all weights.
  public let l2: Double

  /// The layers that are the first of a residual block, numbered from 1.
  public let blockStarts: Set<Int>

  /// A description; `nil` stands for what is customary.
  ///
  /// - Parameters:
  ///   - activations: One for each layer, or one for all hidden layers; ReLU by default.
  ///   - output: The activation of the last layer, where `activations` does not hold it.
  /// - Throws: ``Problem`` where the parts do not fit.
  public init(
    widths: [Int], activations: [Activation] = [.relu], output: Activation? = nil,
    loss: LossFunction? = nil, isResidual: Bool = false, branchScale: Double? = nil,
    l1: Double = 0, l2: Double = 0
  ) throws(Problem) {
    guard widths.count >= 2, widths.allSatisfy({ $0 > 0 }) else {
      throw Problem(
        problem: "a network needs two or more widths above 0, as in 784,64,10",
        remedy: "given: \(widths)")
    }
    let layers = widths.count - 1
    let guess =
      loss.map { Activation(rawValue: $0.output.rawValue) ?? .linear }
      ?? (widths[layers] == 1 ? .sigmoid : .softmax)
    switch activations.count {
    case layers where output == nil && (layers > 1 || activations != [.relu]):
      self.activations = activations
    case layers - 1: self.activations = activations + [output ?? guess]
    case 1:
      self.activations = Array(repeating: activations[0], count: layers - 1) + [output ?? guess]
    default:
      throw Problem(
        problem: "\(activations.count) activations for \(layers) layers",
        remedy: "give one for each layer, or one for all hidden layers")
    }
    guard !self.activations.dropLast().contains(.softmax) else {
      throw Problem(
        problem: "softmax is an activation of the output, not of a hidden layer",
        remedy: "give it last")
    }
    self.widths = widths
    self.loss = loss ?? .customary(after: self.activations[layers - 1])
    self.isResidual = isResidual
    self.l1 = l1
    self.l2 = l2
    var starts: Set<Int> = []
    var layer = 2
    while isResidual && layer + 1 < layers {
      // Both layers of a block keep the width of what enters it, which a hidden layer has put out.
      if widths[layer - 1] == widths[layer] && widths[layer] == widths[layer + 1] {
        starts.insert(layer)
        layer += 2
      } else {
        layer += 1
      }
    }
    blockStarts = starts
    self.branchScale =
      branchScale ?? (starts.isEmpty ? 1 : 1 / Double(starts.count).squareRoot())
  }

  /// The number of layers.
  public var layerCount: Int { widths.count - 1 }

  /// Whether a layer is the second of a residual block: no activation, scaled, added to the block's input.
  public func endsBlock(_ layer: Int) -> Bool { blockStarts.contains(layer - 1) }

  /// The activation of a layer, numbered from 1; linear at the end of a block.
  public func activation(_ layer: Int) -> Activation {
    endsBlock(layer) ? .linear : activations[layer - 1]
  }

  /// The same network without penalties.
  public var withoutPenalties: DenseNetworkDescription {
    DenseNetworkDescription(self, l1: 0, l2: 0)
  }

  private init(_ other: DenseNetworkDescription, l1: Double, l2: Double) {
    widths = other.widths
    activations = other.activations
    loss = other.loss
    isResidual = other.isResidual
    branchScale = other.branchScale
    blockStarts = other.blockStarts
    self.l1 = l1
    self.l2 = l2
  }

  /// W1, b1, W2, ...
  public var parameterNames: [String] {
    (1...layerCount).flatMap { ["W\($0)", "b\($0)"] }
  }

  /// The number of weights and biases.
  public var parameterCount: Int {
    zip(widths, widths.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 }
  }
}
