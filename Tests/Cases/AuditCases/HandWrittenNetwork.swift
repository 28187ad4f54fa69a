import Findings
import Networks
import Plumbline

/// A dense network as a program that is written by hand sees it: layers numbered from 1, each with its own function, and softmax or
/// sigmoid one of them.
///
/// It is the library's ``NetworkDescription``, read layer by layer.
public struct HandWrittenNetwork: Sendable, Hashable {
  /// The network.
  public let description: NetworkDescription
  /// How its output is compared with the targets.
  public let loss: LossFunction
  /// λ1 and λ2 in λ1/m Σ|w| + λ2/(2m) Σw² over all weights, m the number of examples.
  public let l1: Double, l2: Double
  /// The number of inputs and then of the units of each layer.
  public private(set) var widths: [Int]
  /// The function of each layer; linear at the end of a residual block, whose branch is scaled and added to its input.
  public private(set) var activations: [Activation] = []
  /// The layers that are the first of a residual block of two.
  public private(set) var blockStarts: Set<Int> = []
  /// The factor on a block's branch.
  public private(set) var branchScale = 1.0

  /// A network; `nil` stands for what is customary.
  ///
  /// - Parameters:
  ///   - activations: One for each layer, or one for all hidden layers.
  ///   - output: The function of the last layer, where `activations` does not hold it.
  /// - Throws: ``Problem`` where the parts do not fit.
  public init(
    widths: [Int], activations: [Activation] = [.relu], output: Activation? = nil,
    loss: LossFunction? = nil, isResidual: Bool = false, l1: Double = 0, l2: Double = 0
  ) throws(Problem) {
    var options = DenseNetworkOptions()
    options.isResidual = isResidual
    try options.setFunctions(activations, output: output, loss: loss, widths: widths)
    description = try NetworkDescription(widths: widths, options: options)
    self.loss = loss ?? .customary(for: options.output)
    self.l1 = l1
    self.l2 = l2
    self.widths = [widths[0]]
    read(description.layers)
    if let reading = Activation(rawValue: options.output.rawValue), reading != .linear {
      self.activations[layerCount - 1] = reading
    }
  }

  private mutating func read(_ layers: [LayerDescription]) {
    for layer in layers {
      switch layer.form {
      case let dense as DenseForm:
        widths.append(dense.outputs)
        activations.append(.linear)
      case let activation as Activation: activations[activations.count - 1] = activation
      case let block as ResidualForm:
        blockStarts.insert(activations.count + 1)
        branchScale = block.scale
        read(block.branch)
      default: fatalError("a dense network holds the layer \(layer.title)")
      }
    }
  }

  /// The number of layers.
  public var layerCount: Int { activations.count }
  /// Whether it has residual blocks.
  public var isResidual: Bool { !blockStarts.isEmpty }
  /// Whether a layer is the second of a residual block.
  public func endsBlock(_ layer: Int) -> Bool { blockStarts.contains(layer - 1) }
  /// The function of a layer, numbered from 1.
  public func activation(_ layer: Int) -> Activation { activations[layer - 1] }
}
