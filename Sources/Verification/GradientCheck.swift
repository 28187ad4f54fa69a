import Plumbline

/// Checks the gradient of a function by three oracles that share no code with the pullbacks: central
/// differences with their predicted error, dual numbers, and the order of the Taylor remainder.
public struct GradientCheck: Sendable {
  /// The key of the weighting and the directions.
  public let key: Key

  /// A check whose random choices come from `key`.
  public init(key: Key = Key(seed: 0)) { self.key = key }

  /// What one oracle says against the gradient.
  public struct Failure: Sendable, Hashable, CustomStringConvertible {
    /// The oracle.
    public let oracle: Oracle
    /// Which input, and which of its entries; `nil` for a statement on a direction in all inputs.
    public let place: Place?
    /// What the gradient says and what the oracle says (for the Taylor slope: 2 and the order found).
    public let claimed: Double, found: Double
    /// The largest difference that would have been accepted.
    public let allowance: Double

    /// A sentence.
    public var description: String {
      let place =
        place.map { "entry \($0.entry) of input \($0.input)" } ?? "along a random direction"
      return
        "\(oracle.rawValue), \(place): claimed \(claimed), found \(found), allowed \(allowance)"
    }
  }

  /// An entry of an input.
  public struct Place: Sendable, Hashable {
    /// The number of the input, and of the entry in row-major order.
    public let input: Int, entry: Int
  }

  /// One of the three ways to know a derivative.
  public enum Oracle: String, Sendable, CaseIterable {
    /// Central differences, entry by entry.
    case difference = "central difference"
    /// Dual numbers, along a random direction.
    case dual = "dual numbers"
    /// The order of the Taylor remainder, along the same direction.
    case taylorSlope = "Taylor slope"
  }

  /// What the check found.
  public struct Report: Sendable {
    /// Everything that speaks against the gradient; empty where all oracles agree.
    public let failures: [Failure]
    /// The order of the Taylor remainder.
    public let slope: Double?
    /// The largest difference between the gradient and central differences, relative to its size.
    public let largestRelativeError: Double

    /// Whether all oracles agree.
    public var passes: Bool { failures.isEmpty }
  }

  /// Checks the gradient of `function` at `point` with respect to all inputs.
  ///
  /// - Parameter order: 1 for first derivatives; 2 checks the gradient of the gradient along a random
  ///   direction, and so on.
  public func report(
    on function: some DifferentiableFunction, at point: [Tensor<Double>], order: Int = 1
  ) -> Report {
    let output = function(point)
    let weights = Tensor(output.shape, key["weights"].uniform(output.count, from: 0.5, to: 1.5))
    return report(on: WeightedOutput(function: function, weights: weights), at: point, order: order)
  }

  private func report(
    on objective: some Objective, at point: [Tensor<Double>], order: Int
  ) -> Report {
    if order > 1 {
      let inner = DirectionalDerivative(
        inner: objective, direction: randomDirection(at: point, key["order"][order]))
      return report(on: inner, at: point, order: order - 1)
    }
    let gradient = objective.gradient(at: point)
    let direction = randomDirection(at: point, key["direction"])
    var failures: [Failure] = []

    // Along one direction: dual numbers and the Taylor slope.
    let terms = zip(gradient, direction).map { (($0 * $1).sum().scalar, abs($0 * $1).sum().scalar) }
    let claimed = terms.reduce(0) { $0 + $1.0 }
    let size = terms.reduce(0) { $0 + $1.1 }
    let exact = objective.tangent(at: point, along: direction)
    let dualAllowance = 1e-10 * size + 1e-300
    if !(claimed.isFinite && abs(claimed - exact) <= dualAllowance) {
      failures.append(
        Failure(
          oracle: .dual, place: nil, claimed: claimed, found: exact, allowance: dualAllowance))
    }
    let magnitude = objective.magnitude(at: point)
    let slope = TaylorSlope(derivative: claimed, magnitude: magnitude) { step in
      objective.value(at: zip(point, direction).map { $0 + $1 * step })
    }
    if !slope.isRight {
      failures.append(
        Failure(
          oracle: .taylorSlope, place: nil, claimed: 2, found: slope.order ?? .nan, allowance: 0.5))
    }

    // Entry by entry: central differences.
    var largest = 0.0
    // Of the finite entries: an infinite one must not widen the allowance of all.
    let scale = gradient.flatMap { abs($0).scalars.filter(\.isFinite) }.max() ?? 0
    for (input, tensor) in point.enumerated() {
      let entries = gradient[input].scalars
      for entry in entries.indices {
        let found = CentralDifference(magnitude: magnitude) { step in
          var moved = point
          moved[input] = tensor.moved(entry: entry, by: step)
          return objective.value(at: moved)
        }
        let difference = abs(found.derivative - entries[entry])
        largest = max(largest, difference.isNaN ? .infinity : difference / max(scale, 1e-300))
        let allowance = 4 * found.predictedError + 1e-14 * scale
        if !(difference <= allowance) {
          failures.append(
            Failure(
              oracle: .difference, place: Place(input: input, entry: entry),
              claimed: entries[entry], found: found.derivative, allowance: allowance))
        }
      }
    }
    return Report(failures: failures, slope: slope.order, largestRelativeError: largest)
  }

  private func randomDirection(at point: [Tensor<Double>], _ key: Key) -> [Tensor<Double>] {
    point.enumerated().map { index, tensor in
      Tensor(tensor.shape, key[index].normal(tensor.count))
    }
  }
}

extension Tensor<Double> {
  /// The tensor with one entry moved.
  fileprivate func moved(entry: Int, by step: Double) -> Tensor {
    var values = scalars
    values[entry] += step
    return Tensor(shape, values)
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
  /// - Parameter order: 1 for first derivatives, 2 for second ones.
  public func report(
    on network: some Layer, parameters: Parameters<Double>, input: Tensor<Double>,
    mode: Mode = .training, order: Int = 1
  ) -> Report {
    let function = LayerFunction(
      network: network, layout: parameters.layout, mode: mode, key: key["pass"])
    return report(
      on: function, at: [input] + parameters.names.map { parameters[$0] }, order: order)
  }
}
