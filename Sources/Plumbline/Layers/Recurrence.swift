import Findings

// The common part of the recurrent layers. Their parameters and gates are PyTorch's: a weight for the inputs, one for the state,
// and a bias for each, although a single bias would suffice.

/// The output of a recurrent layer.
public enum RecurrentOutput: String, Sendable, CaseIterable, Codable {
  /// The state after the last step, `[examples, units]`.
  case last
  /// The state after every step, `[examples, steps, units]`.
  case sequence
}

/// The weights of a recurrent layer for one or several gates, which are stored one after another, and how they are used.
struct RecurrentWeights: Sendable {
  /// The number of features of the state.
  let units: Int
  /// The layer's output, and the number of steps after which the gradient is cut.
  let output: RecurrentOutput, truncation: Int?
  /// `[in, gates · units]` and `[units, gates · units]`.
  let input: Parameter, state: Parameter
  /// `[gates · units]`; `nil` for none.
  let inputBias: Parameter?, stateBias: Parameter?

  init(
    _ inputs: Int, _ units: Int, gates: Int, output: RecurrentOutput, truncation: Int?,
    initializer: Initializer?, hasBias: Bool
  ) {
    require(inputs > 0 && units > 0, "a recurrent layer from \(inputs) to \(units) features")
    (self.units, self.output, self.truncation) = (units, output, truncation)
    // As in PyTorch: all of them uniform between -1/√units and 1/√units. Rules for matrices, such as Glorot's, say nothing of biases.
    let usual = Initializer.uniform(bound: 1 / Double(units).squareRoot())
    let (weights, biases) = initializer.map { ($0, .zero) } ?? (usual, usual)
    let width = gates * units
    input = Parameter([inputs, width], weights)
    state = Parameter([units, width], weights)
    inputBias = hasBias ? Parameter([width], biases) : nil
    stateBias = hasBias ? Parameter([width], biases) : nil
  }

  /// Runs a recurrence over the steps of a sequence, `[examples, steps, in]`, from a state of zeros.
  ///
  /// - Parameters:
  ///   - layer: The name of the layer, in words.
  ///   - states: The number of tensors `[examples, units]` in the state.
  ///   - step: The new state, from the contributions to the gates, `[examples, gates · units]`, of the step's input and of the
  ///     state's first tensor, and the state; the first tensor of the new one is the output.
  func run<T: TensorProtocol>(
    _ sequence: T, _ pass: Pass<T>, as layer: String, states: Int = 1,
    step: (_ input: T, _ own: T, _ state: [T]) -> [T]
  ) -> T {
    let shape = sequence.shape
    requireSequence(shape, features: input.shape[0], layer)
    // The inputs' share for all steps at once.
    let inputs = product(sequence, input, inputBias, pass)
    let zero = inputs.constant(.zeros([shape[0], units]))
    var state = Array(repeating: zero, count: states)
    var outputs: [T] = []
    for time in 0..<shape[1] {
      if let truncation, time > 0, time.isMultiple(of: truncation) {
        // The gradient ends here: the state that enters is constant.
        state = state.map { $0.detached() }
      }
      state = step(inputs.step(time), product(state[0], self.state, stateBias, pass), state)
      if output == .sequence { outputs.append(state[0]) }
    }
    return output == .sequence ? .stack(outputs, alongAxis: 1) : state[0]
  }

  private func product<T: TensorProtocol>(
    _ x: T, _ weight: Parameter, _ bias: Parameter?, _ pass: Pass<T>
  ) -> T {
    bias.map { linear(x, pass[weight], pass[$0]) } ?? matmul(x, pass[weight])
  }
}

extension TensorProtocol {
  /// The values of one step of `[examples, steps, features]`.
  fileprivate func step(_ time: Int) -> Self {
    sliced(axis: 1, time..<time + 1).reshaped(to: [shape[0], shape[2]])
  }

  /// One of several gates concatenated along the last axis.
  func gate(_ index: Int, of units: Int) -> Self {
    sliced(axis: -1, index * units..<(index + 1) * units)
  }
}

/// The settings that recurrent layers share.
public protocol RecurrentForm: LayerForm {
  /// The number of features of the state.
  var units: Int { get set }
  /// Whether there are biases.
  var bias: Bool { get set }
  /// How the weights are initialized, with biases of 0; `nil` for PyTorch's default, of which the biases are too.
  var initializer: Initializer? { get set }
  /// The layer's output.
  var output: RecurrentOutput { get set }
  /// The number of steps after which the gradient is cut; `nil` for never.
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

  /// The form with these settings.
  static func with(units: Int, output: RecurrentOutput, truncation: Int?) -> Self {
    var form = Self()
    (form.units, form.output, form.truncation) = (units, output, truncation)
    return form
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

/// What a gated recurrence computes in each step. The gates' weights are stored one after another.
public protocol RecurrentCell: Sendable {
  /// Its name in JSON and tables.
  static var title: String { get }

  /// The number of gates.
  static var gates: Int { get }

  /// How many tensors `[examples, units]` make up the state; the first is the output.
  static var states: Int { get }

  /// The new state.
  ///
  /// - Parameters:
  ///   - input: The gates' share of the step's input, with its bias, `[examples, gates · units]`.
  ///   - own: The gates' share of the state's first tensor, with its bias, `[examples, gates · units]`.
  ///   - state: The state before the step.
  ///   - units: The number of features of the state.
  static func step<T: TensorProtocol>(_ input: T, _ own: T, _ state: [T], units: Int) -> [T]
}

/// A recurrence with gates, from a state of zeros: ``GRU`` and ``LSTM``.
///
/// x is `[examples, steps, in]`; the output is the last state `[examples, units]` or all of them `[examples, steps, units]`.
/// The weights are `[in, gates · units]` and `[units, gates · units]`.
public struct GatedRecurrence<Cell: RecurrentCell>: Layer, CustomStringConvertible {
  private let weights: RecurrentWeights
  private let name = LayerName()

  /// A layer from `inputs` to `units` features.
  public init(
    _ inputs: Int, _ units: Int, output: RecurrentOutput = .last, truncation: Int? = nil,
    initializer: Initializer? = nil, hasBias: Bool = true
  ) {
    weights = RecurrentWeights(
      inputs, units, gates: Cell.gates, output: output, truncation: truncation,
      initializer: initializer, hasBias: hasBias)
  }

  /// The states.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      weights.run(input, pass, as: "a layer \"\(Cell.title)\"", states: Cell.states) {
        Cell.step($0, $1, $2, units: weights.units)
      }
    }
  }
}

/// A ``GatedRecurrence`` in JSON.
public struct GatedRecurrenceForm<Cell: RecurrentCell>: RecurrentForm {
  /// The width of the state, whether there are biases, and the initializer of the weights (nil for PyTorch's own).
  public var units = 0, bias = true, initializer: Initializer?
  /// The output, and the number of steps after which the gradient is cut (nil for never).
  public var output = RecurrentOutput.last, truncation: Int?
  public var title: String { Cell.title }
  public static var fields: [Field<Self>] { recurrentFields }

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    try recurrent(builder, gates: Cell.gates) {
      GatedRecurrence<Cell>(
        $0, units, output: output, truncation: truncation, initializer: initializer, hasBias: bias)
    }
  }
}

/// Traps if the input of a layer of sequences is not `[examples, steps, features]`.
func requireSequence(_ shape: Shape, features: Int, _ layer: String) {
  require(
    shape.rank == 3 && shape[2] == features && shape[1] > 0,
    "\(layer) of \(features) features takes [examples, steps, \(features)], not \(shape)")
}
