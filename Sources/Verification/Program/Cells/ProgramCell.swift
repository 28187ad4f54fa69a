import Plumbline

/// The step of a recurrence as programs write it, with what people forget in the backward pass.
///
/// A cell is one file: its gates with the letters that people give them, its functions, its step, and its own mistakes. To add one,
/// write that file and a line in ``programCells``.
protocol ProgramCell: Sendable, Hashable {
  init()
  /// What the layer is called.
  var title: String { get }
  /// The cell of a layer; `nil` if the layer has another.
  init?(_ form: any RecurrentForm)
  /// The letters that people give each gate, in the order of the parameters.
  var gates: [Set<Character>] { get }
  /// The functions inside: each is known by its index.
  var functions: [(activation: Activation, words: String)] { get }
  /// What the mistakes of such a cell mean, without the quantity; mistakes that are not listed cannot occur in it.
  var mistakes: [(mistake: WritableKeyPath<CellMistakes, Bool>, words: String)] { get }
  /// The state after a step, and the cell's own state if it has one.
  func next<T: TensorProtocol>(_ step: CellStep<T>) -> (h: T, c: T)
}

/// Every cell.
let programCells: [any ProgramCell.Type] = [
  SimpleCell.self, LongShortTermCell.self, GatedCell.self,
]

/// What is done wrong in the backward pass through a recurrence.
struct CellMistakes: Sendable, Hashable {
  /// Steps whose entering state is a constant.
  var cuts: Set<Int> = []
  /// How many steps the error of a step is carried back; `nil` for all.
  var window: Int?
  /// Steps that contribute nothing to the weights' gradients; the error passes through them.
  var silent: Set<Int> = []
  /// The only step that contributes to the weights' gradients; the error passes through all steps.
  var assigned: Int?
  /// The parameter that `silent` and `assigned` are about; `nil` for all of them.
  var alone: CellParameter?
  /// A function whose derivative is left out.
  var underived: Int?
  /// A function whose derivative is another one.
  var slope: WrongSlope?
  /// Whether the state after the step is multiplied into the gradient of its weight.
  var usesStateAfter = false
  /// Whether the error goes back through the state's weight as it is.
  var isUntransposed = false
  /// Whether the direct path back is left out, the path through the gates, or the factor of a gate on the path.
  var lacksDirectWay = false, lacksGates = false, lacksFactor = false
  /// Whether a gate that multiplies a state is differentiated with the state after the step.
  var gatesStateAfter = false
}

/// The parameters of a recurrence, named as those of the library's layers.
enum CellParameter: Sendable, Hashable, CaseIterable {
  case input, state, inputBias, stateBias

  var isBias: Bool { self == .inputBias || self == .stateBias }
}

/// The derivative of a function inside a cell as people write it by mistake.
struct WrongSlope: Sendable, Hashable {
  enum Form: Sendable, Hashable {
    /// That of a function, of what enters.
    case ofInput(Activation)
    /// That of a function, by the formula for what the function gives.
    case ofOutput(Activation)
    /// That of a function, by the formula for what the function gives, of what enters it.
    case ofInputAsOutput(Activation)
    /// The right one, twice.
    case twice(Activation)
    /// One factor of that of a sigmoid: what it gives, or 1 less that.
    case value, rest
  }
  /// The function's index in the cell.
  let index: Int
  let form: Form

  /// The factor on the gradient.
  func callAsFunction<T: TensorProtocol>(_ x: T, _ value: T) -> T {
    switch form {
    case .ofInput(let activation): Self.derivative(activation, by: activation(x))
    case .ofOutput(let activation): Self.derivative(activation, by: value)
    case .ofInputAsOutput(let activation): Self.derivative(activation, by: x)
    case .twice(let activation): Self.derivative(activation, by: value).squared()
    case .value: value
    case .rest: value * -1 + 1
    }
  }

  /// The functions of gates whose derivatives follow from what they give.
  static let functions: [Activation] = [.sigmoid, .tanh]
  private static func derivative<T: TensorProtocol>(_ activation: Activation, by value: T) -> T {
    activation == .sigmoid ? value - value.squared() : value.squared() * -1 + 1
  }
}

/// What a cell computes its next state from.
struct CellStep<T: TensorProtocol> {
  let units: Int
  /// The input's share of all gates, `[examples, gates · units]`.
  let input: T
  /// The previous state, and the cell's own.
  let h: T, c: T
  let mistakes: CellMistakes
  /// The share of all gates that comes from a state.
  let share: (T) -> T

  /// The state as it enters the gates.
  var entering: T { mistakes.lacksGates ? h.detached() : h }

  func gate(_ index: Int, _ values: T) -> T {
    values.sliced(axis: -1, index * units..<(index + 1) * units)
  }

  /// A function of the cell by its index, with its derivative left out, or another one, where that is the mistake.
  func function(_ index: Int, _ activation: Activation, _ x: T) -> T {
    let value = activation(x)
    if mistakes.underived == index { return x + (value - x).detached() }
    guard let slope = mistakes.slope, slope.index == index else { return value }
    let passed = x * slope(x.detached(), value.detached())
    return passed + (value - passed).detached()
  }

  /// A value whose gradient bypasses the gates.
  func direct(_ value: T) -> T { mistakes.lacksDirectWay ? value.detached() : value }

  /// A product with a gate, through which the value's gradient passes as if there were no gate if that is the mistake.
  func product(_ gate: T, _ value: T) -> T {
    mistakes.lacksFactor
      ? gate * value.detached() + (value - value.detached()) : gate * value
  }
}
