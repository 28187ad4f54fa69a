import Findings

// What the recurrent layers share. Their parameters and gates are PyTorch's: a weight for the inputs, one for the state, and a bias
// for each, of which one would do.

/// What a recurrent layer puts out.
public enum RecurrentOutput: String, Sendable, CaseIterable, Codable {
  /// The state after the last step, `[examples, units]`.
  case last
  /// The state after every step, `[examples, steps, units]`.
  case sequence
}

/// The weights of a recurrent layer for one or several gates, which lie one after the other.
struct RecurrentWeights: Sendable {
  /// `[in, gates · units]` and `[units, gates · units]`.
  let input: Parameter, state: Parameter
  /// `[gates · units]`; `nil` for none.
  let inputBias: Parameter?, stateBias: Parameter?

  init(_ inputs: Int, _ units: Int, gates: Int, initializer: Initializer?, hasBias: Bool) {
    require(inputs > 0 && units > 0, "a recurrent layer from \(inputs) to \(units) features")
    // PyTorch's: uniform between -1/√units and 1/√units, all of them.
    let initializer = initializer ?? .uniform(bound: 1 / Double(units).squareRoot())
    let width = gates * units
    input = Parameter([inputs, width], initializer)
    state = Parameter([units, width], initializer)
    inputBias = hasBias ? Parameter([width], initializer) : nil
    stateBias = hasBias ? Parameter([width], initializer) : nil
  }

  /// The inputs' share of the gates for all steps at once, `[examples, steps, gates · units]`.
  func ofInputs<T: TensorProtocol>(_ x: T, _ pass: Pass<T>) -> T {
    inputBias.map { linear(x, pass[input], pass[$0]) } ?? matmul(x, pass[input])
  }

  /// The state's share of the gates in one step, `[examples, gates · units]`.
  func ofState<T: TensorProtocol>(_ h: T, _ pass: Pass<T>) -> T {
    stateBias.map { linear(h, pass[state], pass[$0]) } ?? matmul(h, pass[state])
  }
}

/// Runs a recurrence over the steps of `x`, `[examples, steps, ...]`, from a state of zeros.
///
/// - Parameters:
///   - truncation: After how many steps the gradient ends: the state that enters every so many steps is constant.
///   - step: The new state from the step's values `[examples, ...]` and the state; its first tensor is the output.
func unrolled<T: TensorProtocol>(
  _ x: T, units: Int, states: Int, truncation: Int?, _ output: RecurrentOutput,
  step: (_ x: T, _ state: [T]) -> [T]
) -> T {
  let (examples, steps) = (x.shape[0], x.shape[1])
  let zero = x.constant(.zeros([examples, units]))
  var state = Array(repeating: zero, count: states)
  var outputs: [T] = []
  for time in 0..<steps {
    if let truncation, time > 0, time.isMultiple(of: truncation) {
      state = state.map { $0.detached() }
    }
    state = step(x.step(time), state)
    if output == .sequence { outputs.append(state[0]) }
  }
  return output == .sequence ? .stack(outputs, alongAxis: 1) : state[0]
}

extension TensorProtocol {
  /// The values of one step of `[examples, steps, features]`.
  fileprivate func step(_ time: Int) -> Self {
    sliced(axis: 1, time..<time + 1).reshaped(to: [shape[0], shape[2]])
  }

  /// One of several gates that lie one after the other along the last axis.
  func gate(_ index: Int, of units: Int) -> Self {
    sliced(axis: -1, index * units..<(index + 1) * units)
  }
}

extension Initializer {
  /// Uniform values between -bound and bound.
  public static func uniform(bound: Double) -> Initializer {
    Initializer(rule: .scaled(.uniform, standardDeviation: bound / 3.0.squareRoot()))
  }
}

/// The settings that recurrent layers share.
public protocol RecurrentForm: LayerForm {
  /// The number of features of the state.
  var units: Int { get set }
  /// Whether there are biases.
  var bias: Bool { get set }
  /// How all parameters start; `nil` for PyTorch's way.
  var initializer: Initializer? { get set }
  /// What the layer puts out.
  var output: RecurrentOutput { get set }
  /// After how many steps the gradient ends; `nil` for never.
  var truncation: Int? { get set }
}

extension RecurrentForm {
  static var recurrentFields: [Field<Self>] {
    [
      Field<Self>.whole("units", \.units, isRequired: true, atLeast: 1),
      Field<Self>.flag("bias", \.bias),
      Field<Self>.value("initializer", \.initializer, "an initializer such as \"orthogonal\""),
      Field<Self>.choice("output", \.output),
      Field<Self>.whole("truncation", \.truncation, atLeast: 1),
    ]
  }

  /// The layer for examples `[steps, features]`.
  func recurrent(
    _ builder: LayerBuilder, gates: Int, _ layer: (_ inputs: Int) -> some Layer
  ) throws(Problem) -> BuiltLayer {
    let input = builder.input
    let inputs = try builder.sequenceFeatures()
    try builder.requireHeld([inputs, gates * units], "the weight")
    try builder.requireHeld([units, gates * units], "the weight of the state")
    return builder.layer(
      layer(inputs), output: output == .sequence ? [input[0], units] : [units])
  }
}

/// Traps where the input of a recurrent layer is not `[examples, steps, features]`.
func requireSequence(_ shape: Shape, features: Int, _ layer: String) {
  require(
    shape.rank == 3 && shape[2] == features && shape[1] > 0,
    "\(layer) of \(features) features takes [examples, steps, \(features)], not \(shape)")
}
