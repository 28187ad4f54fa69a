/// An activation function whose backward pass is also a single kernel.
protocol ActivationOperation: UnaryOperation {
  /// The kernel of the backward pass.
  static var pullbackFunction: PullbackFunction { get }

  /// d f'(x), by the input x, the output y or both, in separate operations; the kernel equals it bit for bit.
  static func gradient<T: TensorProtocol>(_ d: T, _ x: T?, _ y: T?, _ a: Double) -> T

  /// The gradients that flow to x and to y from ``gradient(_:_:_:_:)``, where `weight` is its upstream gradient times d.
  static func curvature<T: TensorProtocol>(_ weight: T, _ x: T?, _ y: T?, _ a: Double) -> (
    x: T?, y: T?
  )

  /// The piece of the derivative on which each element lies; `nil` if it does not jump.
  static func gradientDecisions(_ x: Tensor<Double>?, _ y: Tensor<Double>?) -> Decisions?

  /// Whether the derivative jumps, so that it has ``gradientDecisions(_:_:)``.
  static var hasPiecewiseGradient: Bool { get }
}

extension ActivationOperation {
  static var hasPiecewiseGradient: Bool { false }
  static func gradientDecisions(_ x: Tensor<Double>?, _ y: Tensor<Double>?) -> Decisions? { nil }

  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let gradient = ActivationGradient(of: Self.self, setting: settings.0)
    let inputs = [
      upstream, gradient.function.readsInput ? call.inputs[0] : nil,
      gradient.function.readsOutput ? call.output : nil,
    ]
    return [T.apply(gradient, to: inputs.compactMap { $0 })]
  }
}

/// z = d g, where g is an activation function's derivative, written by its input x, its output y or both; these
/// are the inputs after d. dd = dz g, dx = dz d ∂g/∂x, dy = dz d ∂g/∂y.
struct ActivationGradient: BuiltInOperation {
  static let name = "activationGradient"
  /// The function whose derivative this is.
  let activation: any ActivationOperation.Type
  /// Slope or alpha, if the function has one.
  let setting: Double

  init(of activation: any ActivationOperation.Type, setting: Double = 0) {
    self.activation = activation
    self.setting = setting
  }

  var attributes: String { "of \(activation.name)" }
  var function: PullbackFunction { activation.pullbackFunction }

  func shape(of inputs: [Shape]) -> Shape {
    let count = 1 + (function.readsInput ? 1 : 0) + (function.readsOutput ? 1 : 0)
    require(
      inputs.count == count && inputs.allSatisfy { $0 == inputs[0] },
      "the gradient of \(activation.name) takes \(count) values of equal shape, not \(inputs)")
    return inputs[0]
  }

  /// Input and output of the activation function among the inputs after the first.
  private func arguments<Value>(_ inputs: [Value]) -> (x: Value?, y: Value?) {
    (function.readsInput ? inputs[1] : nil, function.readsOutput ? inputs.last : nil)
  }

  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let (x, y) = arguments(site.inputs)
    return .one(
      KernelCall(
        .pullback(function, count: site.count, setting), site.output,
        [site.inputs[0], x ?? site.output, y ?? site.output]))
  }

  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (x, y) = arguments(call.inputs)
    let own = T.apply(self, to: [upstream] + call.inputs.dropFirst())
    let curvature = activation.curvature(upstream * call.inputs[0], x, y, setting)
    return [own] + (x == nil ? [] : [curvature.x]) + (y == nil ? [] : [curvature.y])
  }

  var isPiecewise: Bool { activation.hasPiecewiseGradient }
  func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    let (x, y) = arguments(inputs)
    return activation.gradientDecisions(x, y)
  }

  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 3 * output.elementCount }
}

/// The upstream gradient through an activation function, by the values in which its derivative is written.
package func activationGradient<T: TensorProtocol>(
  _ function: PullbackFunction, _ upstream: T, input: T? = nil, output: T? = nil,
  _ setting: Double = 0
) -> T {
  guard let activation = BuiltInOperations.ofPullback[function] else {
    fatalError("no operation has the backward pass \(function)")
  }
  return T.apply(
    ActivationGradient(of: activation, setting: setting),
    to: [upstream, input, output].compactMap { $0 })
}
