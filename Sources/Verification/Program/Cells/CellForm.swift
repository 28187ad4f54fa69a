import Findings
import Plumbline

/// What the first step of a recurrence starts from: `[examples, units]`, or one row for all examples; `nil` for zeros.
struct CellStart: Sendable, Hashable {
  var h: Tensor<Double>?, c: Tensor<Double>?

  var isNonzero: Bool { [h, c].contains { $0.map { $0.norm > 0 } ?? false } }

  func hash(into hasher: inout Hasher) {
    hasher.combine(h?.count)
    hasher.combine(c?.count)
  }
}

/// A recurrence that may start from other states than zeros.
protocol StartedForm: RecurrentForm {
  var start: CellStart { get }
}

/// A recurrence of a ``ProgramCell``, step by step, with the parameters of the library's: right, or with mistakes on the way back.
struct CellForm<Cell: ProgramCell>: StartedForm {
  var units = 0, bias = true, initializer: Initializer?
  var output = RecurrentOutput.last, truncation: Int?
  var cell = Cell()
  var start = CellStart()
  var mistakes = CellMistakes()
  var title: String { cell.title }

  init() {}

  /// The same recurrence as a layer's, by a cell.
  init(_ cell: Cell, of form: any RecurrentForm) {
    self.cell = cell
    (units, bias, initializer) = (form.units, form.bias, form.initializer)
    (output, truncation) = (form.output, form.truncation)
    start = (form as? any StartedForm)?.start ?? CellStart()
  }

  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let steps = builder.input[0]
    let features = try builder.sequenceFeatures()
    return builder.layer(
      CellLayer(self, features), output: output == .sequence ? [steps, units] : [units])
  }
}

/// The parameters of a recurrence, named as those of the library's layers.
private struct CellWeights: Sendable {
  let input: Parameter, state: Parameter
  let inputBias: Parameter?, stateBias: Parameter?
}

private struct CellLayer<Cell: ProgramCell>: Layer {
  let form: CellForm<Cell>
  let weights: CellWeights
  private let name = LayerName()

  init(_ form: CellForm<Cell>, _ features: Int) {
    self.form = form
    let width = form.cell.gates.count * form.units
    weights = CellWeights(
      input: Parameter([features, width], .zero), state: Parameter([form.units, width], .zero),
      inputBias: form.bias ? Parameter([width], .zero) : nil,
      stateBias: form.bias ? Parameter([width], .zero) : nil)
  }

  func callAsFunction<T>(_ sequence: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let steps = sequence.shape[1]
      // What enters each step, and the last state.
      var states = [start(sequence)]
      for step in 0..<steps { states.append(next(after: states[step], step, sequence, pass)) }
      var outputs = states.dropFirst().map(\.h)
      if let window = form.mistakes.window {
        // The way back of each step begins anew a few steps before it.
        outputs = (0..<steps).map { last in
          let first = Swift.max(0, last - window)
          var state = (h: states[first].h.detached(), c: states[first].c.detached())
          for step in first...last { state = next(after: state, step, sequence, pass) }
          return state.h
        }
      }
      return form.output == .sequence ? .stack(outputs, alongAxis: 1) : outputs[steps - 1]
    }
  }

  /// The state before the first step.
  private func start<T: TensorProtocol>(_ sequence: T) -> (h: T, c: T) {
    let shape: Shape = [sequence.shape[0], form.units]
    func first(_ start: Tensor<Double>?) -> T {
      guard let start, [1, shape[0]].contains(start.shape[0]) else {
        return sequence.constant(Tensor(converting: Tensor<Double>.zeros(shape)))
      }
      return sequence.constant(Tensor(converting: start.broadcast(to: shape)))
    }
    return (first(form.start.h), first(form.start.c))
  }

  /// The state after a step.
  private func next<T: TensorProtocol>(
    after state: (h: T, c: T), _ step: Int, _ sequence: T, _ pass: Pass<T>
  ) -> (h: T, c: T) {
    let mistakes = form.mistakes
    var (h, c) = state
    let isCut =
      mistakes.cuts.contains(step)
      || form.truncation.map { step > 0 && step.isMultiple(of: $0) } ?? false
    if isCut { (h, c) = (h.detached(), c.detached()) }
    let isSilent =
      mistakes.silent.contains(step) || mistakes.assigned.map { $0 != step } ?? false
    func own(_ parameter: Parameter, _ role: CellParameter) -> T {
      isSilent && mistakes.alone.map { $0 == role } ?? true
        ? pass[parameter].detached() : pass[parameter]
    }
    let x = sequence.sliced(axis: 1, step..<step + 1)
      .reshaped(to: [sequence.shape[0], sequence.shape[2]])
    var input = matmul(x, own(weights.input, .input))
    if let bias = weights.inputBias { input = input + own(bias, .inputBias) }
    func biased(_ share: T) -> T {
      weights.stateBias.map { share + own($0, .stateBias) } ?? share
    }
    func next(_ share: @escaping (T) -> T) -> (h: T, c: T) {
      form.cell.next(
        CellStep(units: form.units, input: input, h: h, c: c, mistakes: mistakes, share: share))
    }
    if mistakes.usesStateAfter {
      let after = next { biased(matmul($0, pass[weights.state])) }.h.detached()
      let product = matmul(after, own(weights.state, .state))
      return next {
        biased(matmul($0, pass[weights.state].detached()) + (product - product.detached()))
      }
    }
    if mistakes.isUntransposed {
      return next { biased(untransposed($0, pass, own(weights.state, .state))) }
    }
    return next { biased(matmul($0, own(weights.state, .state))) }
  }

  /// A state's product with its weight, through which the error goes back as through the weight's transpose. Each gate has its own
  /// square weight, however they are saved.
  private func untransposed<T: TensorProtocol>(_ state: T, _ pass: Pass<T>, _ own: T) -> T {
    let weight = pass[weights.state].detached()
    let parts = form.cell.gates.indices.map { gate in
      matmul(
        state, weight.sliced(axis: -1, gate * form.units..<(gate + 1) * form.units),
        transposingSecond: true)
    }
    let carried = T.concatenate(parts, alongAxis: -1)
    return matmul(state.detached(), own) + (carried - carried.detached())
  }
}
