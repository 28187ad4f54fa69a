import Networks
import Plumbline

extension NetworkDescription {
  /// The same widths in residual blocks whose branches are multiplied by 1/√blocks; `nil` where the network has other
  /// layers than dense ones, activations and such blocks, or no two hidden layers of equal width.
  package var residualVariant: NetworkDescription? {
    guard input.rank == 1, let (widths, activation) = denseWidths(of: layers) else { return nil }
    var options = DenseNetworkOptions()
    options.isResidual = true
    options.activation = activation ?? .relu
    options.output = output
    return try? NetworkDescription(widths: [input[0]] + widths, options: options)
  }

  private func denseWidths(
    of layers: [LayerDescription]
  ) -> (widths: [Int], activation: Activation?)? {
    var widths: [Int] = []
    var activation: Activation?
    for layer in layers {
      switch layer.form {
      case let dense as DenseForm: widths.append(dense.outputs)
      case let function as Activation: activation = activation ?? function
      case let block as ResidualForm where block.projection.isEmpty:
        guard let inside = denseWidths(of: block.branch) else { return nil }
        widths += inside.widths
        activation = activation ?? inside.activation
      default: return nil
      }
    }
    return (widths, activation)
  }
}
