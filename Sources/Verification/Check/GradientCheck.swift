import Networks
import Plumbline

/// Checks the gradient of a function by three oracles that share no code with the pullbacks: central
/// differences with their predicted error, dual numbers, and the order of the Taylor remainder.
///
/// First the gradient along one random direction is compared, by all three. Then entries: all of them up to
/// ``entryLimit``, beyond that a sample from each input, and a random direction in each input alone. Where a
/// piecewise operation switches between the two sides of the point, the function has two slopes; the gradient
/// passes as a ``Verdict/kink`` if it lies between them or is what the operations' stated conventions give, and
/// if it is right at a point nearby that lies on no kink.
public struct GradientCheck: Sendable {
  /// The key of the weighting and the directions.
  public let key: Key
  /// The largest number of entries of which every one is compared.
  public let entryLimit: Int
  /// The step by which the reported central differences are taken; `nil` for the best one of each entry. Verdicts
  /// do not depend on it.
  public let step: Double?

  /// A check whose random choices come from `key`.
  public init(key: Key = Key(seed: 0), entryLimit: Int = 3000, step: Double? = nil) {
    self.key = key
    self.entryLimit = entryLimit
    self.step = step
  }

  /// Checks the gradient of `function` at `point` with respect to all inputs.
  ///
  /// - Parameters:
  ///   - names: What the inputs are called in the report; "input 0" and so on by default.
  ///   - order: 1 for first derivatives; 2 checks the gradient of the gradient along a random
  ///     direction, and so on.
  /// Complexity: about 60 evaluations of the function for each entry that is compared.
  public func report(
    on function: some DifferentiableFunction, at point: [Tensor<Double>], names: [String]? = nil,
    order: Int = 1
  ) -> Report {
    let output = function(point)
    // A single number is weighted by 2 and its slopes are reported by half, both exact; what is asked is that the
    // gradient that reaches the function is not 1.
    let isNumber = output.count == 1
    let weights = Tensor(
      output.shape, isNumber ? [2] : key["weights"].uniform(output.count, from: 0.5, to: 1.5))
    let names = names ?? point.indices.map { "input \($0)" }
    return report(
      on: WeightedOutput(function: function, weights: weights), at: point, names: names,
      unit: isNumber ? 0.5 : 1, order: order)
  }

  private func report(
    on objective: some Objective, at point: [Tensor<Double>], names: [String], unit: Double,
    order: Int
  ) -> Report {
    if order > 1 {
      let inner = DirectionalDerivative(
        inner: objective, direction: randomDirection(at: point, key["order"][order]))
      return report(on: inner, at: point, names: names, unit: unit, order: order - 1)
    }
    return Examination(check: self, objective: objective, point: point, unit: unit).report(names)
  }

  func randomDirection(at point: [Tensor<Double>], _ key: Key) -> [Tensor<Double>] {
    point.enumerated().map { index, tensor in
      Tensor(tensor.shape, key[index].normal(tensor.count))
    }
  }
}

/// A layer as a function of its input and all of its parameters.
private struct LayerFunction<Network: Layer>: DifferentiableFunction {
  let network: Network
  let layout: ParameterLayout
  let mode: Mode
  let key: Key

  /// The inputs are the layer's input and then its parameters in the order of the layout.
  func callAsFunction<T: TensorProtocol>(_ inputs: [T]) -> T {
    let pass = Pass(layout: layout, values: Array(inputs.dropFirst()), mode: mode, key: key)
    return network(inputs[0], pass)
  }
}

extension GradientCheck {
  /// Checks the gradient of a layer or network with respect to its input and every parameter. In a failure's
  /// place, input 0 is the layer's input and input i is parameter i - 1.
  ///
  /// Random layers are checked with the randomness of one key: their masks are the same in every evaluation.
  /// - Parameter order: 1 for first derivatives, 2 for second ones.
  public func report(
    on network: some Layer, parameters: Parameters<Double>, input: Tensor<Double>,
    mode: Mode = .training, order: Int = 1
  ) -> Report {
    let function = LayerFunction(
      network: network, layout: parameters.layout, mode: mode, key: key["pass"])
    return report(
      on: function, at: [input] + parameters.names.map { parameters[$0] },
      names: ["input"] + parameters.names, order: order)
  }
}
