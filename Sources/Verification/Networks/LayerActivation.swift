import Plumbline

/// The function at the end of a dense layer: an element-wise activation, or softmax over the units.
public enum LayerActivation: String, Sendable, Hashable, CaseIterable, Codable {
  /// The element-wise activations, under the names of ``Activation``.
  case linear, relu
  case leakyRelu = "leaky-relu"
  case elu, gelu, silu, softplus, tanh, sigmoid
  /// exp z divided by its sum over the units of a sample; for the output only.
  case softmax

  /// The element-wise activation of this name; `nil` for softmax.
  public var elementwise: Activation? { Activation(rawValue: rawValue) }

  /// The function.
  public func callAsFunction<T: TensorProtocol>(_ z: T) -> T {
    elementwise.map { $0(z) } ?? Plumbline.softmax(z)
  }

  /// Whether the function bends at 0.
  var hasKink: Bool { [.relu, .leakyRelu].contains(self) }
}
