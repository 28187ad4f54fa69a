import Networks
import Plumbline

/// Checks the gradient of a function by three oracles that share no code with the pullbacks: central
/// differences with their predicted error, dual numbers, and the order of the Taylor remainder.
///
/// First, all three compare the gradient along one random direction. Then entries: all of them up to
/// ``entryLimit``, beyond that a sample from each input, and a random direction in each single input. Where a
/// piecewise operation switches between the two sides of the point, the function has two slopes; the gradient
/// passes as a ``Verdict/kink`` if it lies between them or is what the operations' stated conventions give, and
/// if it is right at a point nearby that lies on no kink.
public struct GradientCheck: Sendable {
  /// The key of the weighting and the directions.
  public let key: Key
  /// Up to this many entries, every one is compared.
  public let entryLimit: Int
  /// The step with which the reported central differences are taken; `nil` for the best one for each entry. Verdicts
  /// do not depend on it.
  public let step: Double?
  /// The names of inputs whose gradient is meant to differ from the derivative, such as that before a straight-through layer: it is
  /// compared but not judged, and comparisons along a direction that are judged do not move these inputs.
  public let surrogates: Set<String>
  /// Called after each part of a check, see ``partCount(of:)``.
  public let progress: (@Sendable () -> Void)?

  /// A check whose random choices come from `key`.
  public init(
    key: Key = Key(seed: 0), entryLimit: Int = 3000, step: Double? = nil,
    surrogates: Set<String> = [], progress: (@Sendable () -> Void)? = nil
  ) {
    self.progress = progress
    self.key = key
    self.entryLimit = entryLimit
    self.step = step
    self.surrogates = surrogates
  }

  /// Checks the gradient of `function` at `point` with respect to all inputs.
  ///
  /// - Parameters:
  ///   - function: Takes tensors and returns a single number or a tensor.
  ///   - point: The inputs, one tensor for each.
  ///   - names: What the inputs are called in the report; "input 0" and so on by default.
  ///   - order: 1 for first derivatives; 2 checks the gradient of the gradient along a random direction, and so on.
  /// Complexity: about 60 evaluations of the function for each entry compared.
  public func report(
    on function: some DifferentiableFunction, at point: [Tensor<Double>], names: [String]? = nil,
    order: Int = 1
  ) -> Report {
    let output = function(point)
    // A single number is weighted by 2 and its slopes are reported by half, both exact; all that matters is that the gradient that
    // reaches the function is not 1.
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
    let examination = Examination(
      check: self, objective: objective, point: point, unit: unit, surrogates: indices(names))
    var report = examination.report(names)
    checkZeros(&report, of: examination.zeros, objective, point, names, unit)
    return report
  }

  /// Zero against zero is not a comparison: where the gradient of a whole input is zero, as that of a residual branch whose scale
  /// starts at 0, the inputs that are zero are moved off it, and what was not compared is compared there.
  private func checkZeros(
    _ report: inout Report, of zeros: [Int], _ objective: some Objective, _ point: [Tensor<Double>],
    _ names: [String], _ unit: Double
  ) {
    guard !zeros.isEmpty else { return }
    let elsewhere = OffZero.point(near: point, key["off zero"])
    let examination = Examination(
      check: self, objective: objective, point: elsewhere, unit: unit, surrogates: indices(names))
    let stillZero = Set(examination.zeros)
    let others = zeros.filter { !stillZero.contains($0) }
    report.unchecked = zeros.filter(stillZero.contains).map { names[$0] }
    report.moved = others.map { names[$0] }
    for input in others {
      let found = examination.report(of: input, name: names[input])
      guard !found.failures.isEmpty else { continue }
      report.failures += found.failures
      report.tensors[input].failures += found.failures
    }
  }

  /// The indices of the surrogates.
  private func indices(_ names: [String]) -> Set<Int> {
    Set(names.indices.filter { surrogates.contains(names[$0]) })
  }

  /// The number of groups in which the inputs of a deep network are compared.
  static let groupCount = 12

  /// Whether groups of inputs are compared, since there are too many inputs and entries to compare every entry.
  func comparesGroups(of point: [Tensor<Double>]) -> Bool {
    point.count > 4 * Self.groupCount && point.reduce(0) { $0 + $1.count } > entryLimit
  }

  /// The parts of a check at a point: its inputs, or groups of them.
  public func partCount(of point: [Tensor<Double>]) -> Int {
    comparesGroups(of: point) ? Self.groupCount : point.count
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
  /// position, input 0 is the layer's input and input i is parameter i - 1.
  ///
  /// Random layers are checked with the randomness of one key: their masks are the same in every evaluation.
  ///
  /// - Parameters:
  ///   - network: The layer.
  ///   - parameters: The values of its parameters; `nil` for initial ones from the check's key.
  ///   - input: A batch for it.
  ///   - mode: Whether layers behave as in training or as in inference.
  ///   - order: 1 for first derivatives, 2 for second ones.
  public func report(
    on network: some Layer, parameters: Parameters<Double>? = nil, input: Tensor<Double>,
    mode: Mode = .training, order: Int = 1
  ) -> Report {
    let parameters = parameters ?? Parameters(of: network, key: key["parameters"])
    let function = LayerFunction(
      network: network, layout: parameters.layout, mode: mode, key: key["pass"])
    return report(
      on: function, at: [input] + parameters.names.map { parameters[$0] },
      names: ["input"] + parameters.names, order: order)
  }
}
