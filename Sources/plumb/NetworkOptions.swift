import Console
import Plumbline
import Verification

/// The options that describe a network, for every command that takes one.
enum NetworkOptions {
  static let network = Option(
    "network", "WIDTHS", widths, help: "the widths from inputs to outputs, such as 6,5,3,1")
  static let activations = Option(
    "activations", "NAMES", .list(of: ValueForm<LayerActivation>.choice),
    defaultText: "relu, and for the output what the loss asks for",
    help: "one for all hidden layers, one for each hidden layer, or one for each layer")
  static let output = Option(
    "output", "NAME", ValueForm<LayerActivation>.choice,
    defaultText: "sigmoid for one output, softmax for more", help: "the output's activation")
  static let loss = Option(
    "loss", "NAME", ValueForm<NetworkLoss>.choice,
    defaultText: "what is customary after the output",
    help: "a mean over the examples")
  static let residual = Option(
    flag: "residual", help: "hidden layers of equal width form residual blocks of two")
  static let branchScale = Option(
    "branch-scale", "S", .positive, defaultText: "1/√blocks",
    help: "the factor on a block's branch")
  static let l1 = Option(
    "l1", "X", .number(in: 0 ... .infinity), default: 0,
    help: "adds X/m times the sum of absolute weights")
  static let l2 = Option(
    "l2", "X", .number(in: 0 ... .infinity), default: 0,
    help: "adds X/(2m) times the sum of squared weights")

  static let all: [any OptionDeclaration] = [
    network, activations, output, loss, residual, branchScale, l1, l2,
  ]

  private static let widths = ValueForm<[Int]>(
    accepted: "two or more whole numbers of at least 1 with commas between them"
  ) { text in
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { Int($0) }
    guard numbers.count == parts.count, numbers.count >= 2,
      numbers.allSatisfy({ (1...10_000_000).contains($0) })
    else { return nil }
    return numbers
  }

  /// The description for these widths, completed by the options.
  static func description(
    _ options: ParsedOptions, widths: [Int], activations: [LayerActivation]? = nil,
    l1: Double? = nil, l2: Double? = nil
  ) throws -> DenseNetworkDescription {
    do {
      return try DenseNetworkDescription(
        widths: widths, activations: options[self.activations] ?? activations ?? [.relu],
        output: activations == nil ? options[output] : nil, loss: options[loss],
        isResidual: options[residual],
        branchScale: options[branchScale],
        l1: options.isGiven(self.l1) ? options[self.l1] : l1 ?? 0,
        l2: options.isGiven(self.l2) ? options[self.l2] : l2 ?? 0)
    } catch {
      throw RequestError("the network cannot be built: \(error.description)")
    }
  }
}

/// A request that cannot be met, in a sentence.
struct RequestError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
