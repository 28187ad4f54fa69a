import Findings
import Networks
import Plumbline

extension LossFunction {
  /// The loss of a network's outputs, read by `reading`. A loss takes the reading that it is made for together with its
  /// logarithm, and unread outputs as logits.
  ///
  /// - Parameter targets: In the shape of the outputs: shares of classes, or values for the squared error.
  func callAsFunction<T: TensorProtocol>(
    _ outputs: T, readBy reading: OutputFunction, targets: T
  ) -> T {
    reading == output || reading == .linear
      ? self(outputs, targets) : form(read: reading(outputs), targets)
  }

  /// Targets for `count` examples and `outputs` numbers each as `[examples, outputs]`: class numbers become one-hot rows.
  ///
  /// - Parameters:
  ///   - value: The targets as given: classes, or numbers in the outputs' shape.
  ///   - count: The number of examples.
  ///   - outputs: The number of outputs.
  ///   - areColumns: Whether examples are the columns of `value`.
  /// - Throws: ``/Findings/Problem`` if they do not fit, or are not shares and the loss compares shares.
  public func targets(
    _ value: Tensor<Double>, examples count: Int, outputs: Int, areColumns: Bool = false
  ) throws(Problem) -> Tensor<Double> {
    if value.count == count * outputs && (outputs > 1 || self.targets != .classes) {
      if value.shape == (areColumns ? [outputs, count] : [count, outputs]) {
        return try shares(areColumns ? value.transposed() : value)
      }
      if outputs == 1 { return try shares(value.reshaped(to: [count, 1])) }
    }
    guard value.count == count, outputs > 1 else {
      throw Problem(
        location: "Y",
        problem: "has shape \(value.shape) for \(count) examples and \(outputs) outputs",
        remedy: "save one target or class number per example")
    }
    if let wrong = value.scalars.first(where: {
      !($0 >= 0 && $0 < Double(outputs)) || $0 != $0.rounded()
    }) {
      throw Problem(
        location: "Y", problem: "holds the label \(wrong), outside 0 to \(outputs - 1)",
        remedy: "number classes from 0 to one less than the network's outputs")
    }
    return value.reshaped(to: [count]).oneHot(classes: outputs)
  }

  /// The targets, which are shares of classes unless the loss is the squared error.
  private func shares(_ targets: Tensor<Double>) throws(Problem) -> Tensor<Double> {
    let isShare: (Double) -> Bool =
      switch self.targets {
      case .reals: { $0.isFinite }
      case .counts: { $0.isFinite && $0 >= 0 }
      case .classes, .shares: { (0...1).contains($0) }
      }
    if let wrong = targets.scalars.first(where: { !isShare($0) }) {
      throw Problem(
        location: "Y", problem: "holds the target \(wrong), outside 0 to 1",
        remedy: "give 0, 1 or a value between them for each output, or another loss")
    }
    return targets
  }
}

/// The cost of any network on given examples as a function of its parameters, in training mode: with the masks of one key,
/// with the statistics of the batch, and with penalties on its weights.
public struct NetworkCost: DifferentiableFunction {
  /// The network.
  public let network: Network
  /// How its output is compared with the targets.
  public let loss: LossFunction
  /// λ1 and λ2 in λ1/m Σ|w| + λ2/(2m) Σw² over the weights, which are the parameters of two axes or more; m is the
  /// number of examples.
  public let l1: Double, l2: Double
  /// The examples, first axis, and their targets `[examples, outputs]`.
  public let inputs: Tensor<Double>, targets: Tensor<Double>

  private let layout: ParameterLayout
  private let key: Key

  /// The cost of `network` on examples.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - loss: How its output is compared with the targets.
  ///   - l1: λ of the penalty λ/m Σ|w| on its weights.
  ///   - l2: λ of the penalty λ/2m Σw² on its weights.
  ///   - inputs: The examples, examples first.
  ///   - targets: One row for each example.
  ///   - key: The key of the masks of dropout and stochastic depth.
  public init(
    _ network: Network, loss: LossFunction, l1: Double = 0, l2: Double = 0, inputs: Tensor<Double>,
    targets: Tensor<Double>, key: Key = Key(seed: 0)
  ) {
    self.network = network
    self.loss = loss
    self.l1 = l1
    self.l2 = l2
    self.inputs = inputs
    self.targets = targets
    self.key = key
    layout = ParameterLayout(of: network)
  }

  /// The cost for the values of all parameters, in the order of the network's layout.
  public func callAsFunction<T: TensorProtocol>(_ parameters: [T]) -> T {
    let pass = Pass(layout: layout, values: parameters, mode: .training, key: key)
    func constant(_ tensor: Tensor<Double>) -> T {
      parameters[0].constant(Tensor(converting: tensor))
    }
    let result = network(constant(inputs), pass)
    let outputs = result.reshaped(to: targets.shape)
    return WeightPenalty(l1: l1, l2: l2).added(
      to: loss(outputs, readBy: network.description.output, targets: constant(targets)),
      on: parameters, examples: inputs.shape[0])
  }
}
