import Findings
import Plumbline

/// A recurrence whose error does not come back through all of its steps, or past a function or a gate on the way.
enum WrongRecurrenceRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let form = site.form as? any RecurrentForm, site.input.shape.rank == 3,
      let cell = MistakenCell.Kind(form)
    else { return [] }
    let steps = site.input.shape[1]
    func wrong(
      _ id: CauseID, _ words: String, _ change: (inout MistakenCell) -> Void
    ) -> WrongLayers {
      var mistaken = MistakenCell(cell, form)
      change(&mistaken)
      return WrongLayers(id: id, words: words, layers: [LayerDescription(mistaken)])
    }
    var all: [WrongLayers] = []
    if form.truncation == nil, steps > 1 {
      for chunk in 1..<Swift.min(steps, 64) {
        all.append(
          wrong(TimeStepsMissing.id, TimeStepsMissing.words(cutEvery: chunk)) {
            $0.cuts = Set(stride(from: chunk, to: steps, by: chunk))
          })
      }
      for first in 1..<Swift.min(steps, 64) {
        all.append(
          wrong(
            TimeStepsMissing.id,
            "does not go back beyond step \(first) (counted from 0): the states before it depend on the weights too, so that the gradient "
              + "has to be carried to the first one."
          ) { $0.cuts = [first] })
        all.append(
          wrong(
            TimeStepsMissing.id,
            "holds nothing of the first \(first) step\(first == 1 ? "" : "s"): every step adds its part."
          ) { $0.silent = Set(0..<first) })
      }
      all += [
        wrong(
          TimeStepsMissing.id, "is that of the last step alone: every step adds its part."
        ) { $0.silent = Set(0..<steps - 1) },
        wrong(
          TimeStepsMissing.id,
          "is that of the first step alone: it was assigned in the loop over the steps where it has to be added."
        ) { $0.silent = Set(1..<steps) },
        wrong(
          TimeStepsMissing.id,
          "is that of one step, the last of the backward loop: it was assigned where it has to be added."
        ) { $0.assigned = 0 },
        wrong(
          TimeStepsMissing.id,
          "is that of one step, the last: the parts of all others have to be added."
        ) { $0.assigned = steps - 1 },
      ]
    }
    for function in cell.functions {
      let own = Nonlinearity.elementwise(function.activation)
      all.append(
        wrong(
          MissingActivationDerivative.id(lacking: own),
          "lacks the derivative of \(function.words): dZ = dA * \(own.formula)."
        ) { $0.underived = function.index })
    }
    all.append(
      wrong(
        WeightsNotTransposed.id,
        "carries the error back through the state's weight as it is, where its transpose belongs."
      ) { $0.isUntransposed = true })
    all.append(
      wrong(
        WrongLayerInput.id,
        "is made with h(t) where h(t-1) belongs: the state's weight is multiplied with the state before the step."
      ) { $0.usesStateAfter = true })
    if cell == .lstm {
      all += [
        wrong(
          TimeStepsMissing.id,
          "lacks the way back through the cell: c(t) = f c(t-1) + i g, so that dc(t-1) = f dc(t)."
        ) { $0.carriesCell = false },
        wrong(
          TimeStepsMissing.id,
          "lacks the way back through the state h(t-1), which enters every gate: it comes back through the cell alone."
        ) { $0.carriesState = false },
        wrong(
          MissingActivationDerivative.id,
          "carries the cell's gradient back without the forget gate: dc(t-1) = f dc(t)."
        ) { $0.hasForgetFactor = false },
      ]
    }
    if cell == .gru {
      all += [
        wrong(
          TimeStepsMissing.id,
          "lacks the direct way back: h(t) = (1 - z) n + z h(t-1), so that dh(t-1) holds z dh(t)."
        ) { $0.carriesCell = false },
        wrong(
          TimeStepsMissing.id,
          "lacks the way back through the gates, which h(t-1) enters: it comes back through z h(t-1) alone."
        ) { $0.carriesState = false },
        wrong(
          MissingActivationDerivative.id,
          "lacks the reset gate on the way back through the new state: r multiplies h(t-1) there."
        ) { $0.hasForgetFactor = false },
      ]
    }
    return all
  }
}

/// A recurrence of the library, step by step, with a mistake on the way back.
struct MistakenCell: LayerForm {
  enum Kind: Sendable, Hashable {
    case simple(Activation)
    case lstm, gru

    init?(_ form: any RecurrentForm) {
      switch form {
      case let form as SimpleRecurrenceForm: self = .simple(form.activation)
      case is LSTMForm: self = .lstm
      case is GRUForm: self = .gru
      default: return nil
      }
    }

    var gates: Int {
      switch self {
      case .simple: 1
      case .lstm: 4
      case .gru: 3
      }
    }

    /// The functions inside, each with its index and what people call it.
    var functions: [(index: Int, activation: Activation, words: String)] {
      switch self {
      case .simple(.linear): []
      case .simple(let activation): [(0, activation, activation.title)]
      case .lstm:
        [
          (0, .sigmoid, "the input gate's sigmoid"), (1, .sigmoid, "the forget gate's sigmoid"),
          (2, .tanh, "the candidate's tanh"), (3, .sigmoid, "the output gate's sigmoid"),
          (4, .tanh, "tanh of the cell"),
        ]
      case .gru:
        [
          (0, .sigmoid, "the reset gate's sigmoid"), (1, .sigmoid, "the update gate's sigmoid"),
          (2, .tanh, "the new state's tanh"),
        ]
      }
    }
  }

  private var kind = Kind.lstm
  private var units = 1, hasBias = true, isSequence = false, truncation: Int?
  /// Steps whose entering state is a constant.
  var cuts: Set<Int> = []
  /// Steps of which nothing reaches the weights; the error passes through them.
  var silent: Set<Int> = []
  /// The only step that reaches the weights; the error passes through all.
  var assigned: Int?
  /// A function whose derivative is left out.
  var underived: Int?
  /// Whether the state after the step is multiplied into the gradient of its weight.
  var usesStateAfter = false
  var isUntransposed = false, carriesCell = true, carriesState = true, hasForgetFactor = true
  let title = "mistaken-cell"

  init() {}
  init(_ kind: Kind, _ form: any RecurrentForm) {
    self.kind = kind
    (units, hasBias, truncation) = (form.units, form.bias, form.truncation)
    isSequence = form.output == .sequence
  }

  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let steps = builder.input[0]
    let features = try builder.sequenceFeatures()
    return builder.layer(
      Cell(self, features), output: isSequence ? [steps, units] : [units])
  }

  private struct Cell: Layer {
    let form: MistakenCell
    let input: Parameter, state: Parameter
    let inputBias: Parameter?, stateBias: Parameter?
    private let name = LayerName()

    init(_ form: MistakenCell, _ features: Int) {
      self.form = form
      let width = form.kind.gates * form.units
      input = Parameter([features, width], .zero)
      state = Parameter([form.units, width], .zero)
      inputBias = form.hasBias ? Parameter([width], .zero) : nil
      stateBias = form.hasBias ? Parameter([width], .zero) : nil
    }

    private func function<T: TensorProtocol>(_ index: Int, _ activation: Activation, _ x: T) -> T {
      let value = activation(x)
      return form.underived == index ? x + (value - x).detached() : value
    }

    func callAsFunction<T>(_ sequence: T, _ pass: Pass<T>) -> T {
      pass.named(name) {
        let (examples, steps, features) = (
          sequence.shape[0], sequence.shape[1], sequence.shape[2]
        )
        let zero = sequence.constant(
          Tensor(converting: Tensor<Double>.zeros([examples, form.units])))
        var (h, c) = (zero, zero)
        var outputs: [T] = []
        for step in 0..<steps {
          let isCut =
            form.cuts.contains(step)
            || form.truncation.map { step > 0 && step.isMultiple(of: $0) } ?? false
          if isCut { (h, c) = (h.detached(), c.detached()) }
          let isSilent =
            form.silent.contains(step) || form.assigned.map { $0 != step } ?? false
          func own(_ parameter: Parameter) -> T {
            isSilent ? pass[parameter].detached() : pass[parameter]
          }
          let x = sequence.sliced(axis: 1, step..<step + 1).reshaped(to: [examples, features])
          var fromInput = matmul(x, own(input))
          if let inputBias { fromInput = fromInput + own(inputBias) }
          let entering = form.carriesState ? h : h.detached()
          var fromState: T
          if form.isUntransposed {
            // Each gate has a square weight of its own, however they are saved.
            let weight = pass[state].detached()
            let parts = (0..<form.kind.gates).map { gate in
              matmul(
                entering, weight.sliced(axis: -1, gate * form.units..<(gate + 1) * form.units),
                transposingSecond: true)
            }
            let carried = T.concatenate(parts, alongAxis: -1)
            fromState = matmul(entering.detached(), own(state)) + (carried - carried.detached())
          } else {
            fromState = matmul(entering, own(state))
          }
          if form.usesStateAfter {
            let bias = stateBias.map { fromState + pass[$0] } ?? fromState
            let after = next(fromInput, bias, h, c).h.detached()
            let own = matmul(after, own(state))
            fromState = matmul(entering, pass[state].detached()) + (own - own.detached())
          }
          if let stateBias { fromState = fromState + own(stateBias) }
          (h, c) = next(fromInput, fromState, h, c)
          if form.isSequence { outputs.append(h) }
        }
        return form.isSequence ? .stack(outputs, alongAxis: 1) : h
      }
    }

    private func next<T: TensorProtocol>(_ x: T, _ own: T, _ h: T, _ c: T) -> (h: T, c: T) {
      func gate(_ values: T, _ index: Int) -> T {
        values.sliced(axis: -1, index * form.units..<(index + 1) * form.units)
      }
      switch form.kind {
      case .simple(let activation):
        return (function(0, activation, x + own), c)
      case .lstm:
        let all = x + own
        let input = function(0, .sigmoid, gate(all, 0))
        let forget = function(1, .sigmoid, gate(all, 1))
        let candidate = function(2, .tanh, gate(all, 2))
        let output = function(3, .sigmoid, gate(all, 3))
        let before = form.carriesCell ? c : c.detached()
        let kept =
          form.hasForgetFactor
          ? forget * before : forget * before.detached() + (before - before.detached())
        let cell = kept + input * candidate
        return (output * function(4, .tanh, cell), cell)
      case .gru:
        let reset = function(0, .sigmoid, gate(x, 0) + gate(own, 0))
        let update = function(1, .sigmoid, gate(x, 1) + gate(own, 1))
        let state = gate(own, 2)
        let product =
          form.hasForgetFactor
          ? reset * state : reset * state.detached() + (state - state.detached())
        let new = function(2, .tanh, gate(x, 2) + product)
        let before = form.carriesCell ? h : h.detached()
        return (new + update * (before - new), c)
      }
    }
  }
}
