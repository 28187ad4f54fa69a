import Plumbline

/// How people write the derivative of an activation of the library, right and wrong.
///
/// An activation is one file: what an audit knows about it besides the function itself. To add one, write that file and a line in
/// ``all``.
struct WrittenActivation: Sendable {
  /// A derivative that is left unfinished or has a slip, at pre-activations and activations; each with a description.
  typealias HalfWritten =
    @Sendable (_ z: Tensor<Double>, _ a: Tensor<Double>) -> [(
      Tensor<Double>, String
    )]
  /// A derivative as a function of the activation's value, and how it reads with that value's name, as in `A (1 - A)`.
  typealias ByOutput = (
    derivative: @Sendable (Tensor<Double>) -> Tensor<Double>, words: @Sendable (String) -> String
  )

  let activation: Activation
  /// The right derivative.
  let formula: String
  /// The right derivative in terms of the activation's value; `nil` if nobody writes it that way.
  let byOutput: ByOutput?
  let halfWritten: HalfWritten
  /// Whether it may be assumed as a layer's function if no array is called the layer's activation.
  let isCommon: Bool

  init(
    _ activation: Activation, formula: String, byOutput: ByOutput? = nil, isCommon: Bool = true,
    halfWritten: @escaping HalfWritten = { _, _ in [] }
  ) {
    self.activation = activation
    self.formula = formula
    self.byOutput = byOutput
    self.halfWritten = halfWritten
    self.isCommon = isCommon
  }

  /// Every element-wise activation of the library, in the order of their frequency: values are compared with them in this order.
  static let all: [WrittenActivation] = [
    relu,
    tanh,
    sigmoid,
    leakyRelu,
    linear,
    elu,
    softplus,
    gelu,
    silu,
    hardTanh,
    exponential,
  ]

  /// What is known about an activation; `nil` for one that is not in the list.
  static func of(_ activation: Activation) -> WrittenActivation? {
    all.first { $0.activation == activation }
  }
}
