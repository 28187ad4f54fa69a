import Findings
import Plumbline

/// The judgement of a simple recurrence: h(t) = f(x(t) Wxh + h(t-1) Whh + bh), with an output at every step or at the last.
struct RecurrentAudit {
  private var network: RecurrentNetwork
  private let arrays: RecurrentArrays
  private let comparison: Comparison
  private var items: [AuditReport.Item] = []
  private let recognizer: Recognizer
  private var costWords: String
  private var ownCost: Double?
  private let undecided: String?

  /// `nil` where the file is not of a recurrence.
  init?(_ recognizer: Recognizer) throws(Problem) {
    guard RecurrentArrays.areThere(in: recognizer.matched) else { return nil }
    var best:
      (network: RecurrentNetwork, arrays: RecurrentArrays, words: String, score: Int, cost: Double)?
    let given = recognizer.matched.cost?.value.scalars[0]
    for arrays in RecurrentArrays.all(recognizer.matched) {
      for function in [Activation.tanh, .relu, .sigmoid, .linear] {
        for output in [Nonlinearity.softmax, .linear, .elementwise(.sigmoid)] {
          for readsAll in arrays.targets.shape[0] == arrays.steps ? [true] : [false] {
            let kind = recognizer.request.loss ?? .customary(after: output)
            if kind.takesShares, !arrays.targets.scalars.allSatisfy({ (0...1).contains($0) }) {
              continue
            }
            var network = RecurrentNetwork(
              function: .elementwise(function), output: output,
              loss: ProgramLoss(kind: kind, scale: 1), readsAll: readsAll)
            let states = network.run(arrays).states
            let fits = arrays.states.map { states.relativeDistance(to: $0) < 1e-3 } ?? false
            let sum = network.derivatives(arrays).cost
            for (scale, words) in Self.scales(arrays) {
              let isCost = given.map { abs($0 - sum * scale) <= 1e-4 * abs($0) } ?? false
              let score = (fits ? 2 : 0) + (isCost ? 4 : 0)
              guard score > best?.score ?? -1 else { continue }
              network.loss.scale = scale
              best = (network, arrays, words, score, sum * scale)
            }
          }
        }
      }
    }
    // Without a cost or states that fit, the shapes may be those of dense layers.
    guard let best, best.score > 0 || RecurrentArrays.isNamed(recognizer.matched) else {
      return nil
    }
    self.recognizer = recognizer
    network = best.network
    arrays = best.arrays
    costWords = best.words
    ownCost = best.cost
    comparison = Comparison(tolerance: 1e-5, examples: Double(arrays.steps))
    undecided =
      given != nil && best.score < 4
      ? "Your cost is \(given ?? 0), and no loss that this audit knows gives that: that of every step, summed, is \(best.cost). Save the cost of this very "
        + "sequence, the labels of every step and the first hidden state."
      : nil
  }

  private static func scales(_ arrays: RecurrentArrays) -> [(Double, String)] {
    let (steps, outputs) = (Double(arrays.targets.shape[0]), Double(arrays.targets.shape[1]))
    return [
      (1, "the sum over the steps"), (1 / steps, "the mean over the steps"),
      (0.5, "half the sum over the steps"), (0.5 / steps, "half the mean over the steps"),
      (1 / (steps * outputs), "the mean over steps and outputs"),
    ]
  }

  // MARK: The judgement

  func report() -> AuditReport {
    var audit = judged()
    if given == nil {
      // Nothing but the gradients tells the scale: the one under which most are right.
      for (scale, words) in Self.scales(arrays).dropFirst() {
        var other = self
        other.network.loss.scale = network.loss.scale * scale
        other.costWords = words
        other.ownCost = ownCost.map { $0 * scale }
        other = other.judged()
        if other.rightCount > audit.rightCount { audit = other }
      }
    }
    return audit.report(of: recognizer)
  }

  /// The file's cost.
  private var given: Double? { recognizer.matched.cost?.value.scalars[0] }

  private var rightCount: Int { items.count { $0.verdict == .pass } }

  private func judged() -> RecurrentAudit {
    var audit = self
    audit.judge()
    return audit
  }

  private func report(of recognizer: Recognizer) -> AuditReport {
    var names = arrays.names
    if let cost = recognizer.matched.cost { names[cost.name] = "cost" }
    let used = Set(names.keys)
    var report = AuditReport(
      items: items,
      cost: (given, ownCost ?? .nan), remarks: [],
      reading: AuditReport.Reading(
        names: names, ignored: recognizer.saved.arrays.map(\.name).filter { !used.contains($0) },
        notJudged: RecurrentParameter.allCases.filter {
          arrays.parameters[$0] != nil && arrays.gradients[$0] == nil
        }.map { "d\($0.rawValue)" },
        layout: arrays.isTurned ? "columns" : "rows", loss: network.loss.kind.rawValue,
        costScale: costWords,
        network:
          "recurrence over \(arrays.steps) steps, \(network.function.title), \(network.output.title)"
      ),
      undecided: undecided)
    if given == nil { report.assumedCost = "\(network.loss.kind.rawValue), \(costWords)" }
    return report
  }

  private mutating func judge() {
    let truth = network.derivatives(arrays)
    var explained: (mistake: String, id: CauseID, values: [RecurrentParameter: Tensor<Double>])?
    for parameter in RecurrentParameter.backward {
      guard let own = arrays.gradients[parameter], let right = truth.gradients[parameter] else {
        continue
      }
      let quantity = Quantity(
        named: "d\(parameter.rawValue)", parameter.isBias ? .biasGradient : .weightGradient,
        parameter.isOutput ? 2 : 1)
      func add(_ verdict: Verdict, _ cause: Cause? = nil) {
        items.append(
          AuditReport.Item(
            quantity: quantity, verdict: verdict,
            relativeError: own.shape == right.shape ? own.relativeDistance(to: right) : 1,
            cause: cause))
      }
      if !own.isFinite {
        add(.fail, NonFinite.cause(quantity, own))
      } else if comparison.agree(own, right) {
        add(.pass)
      } else {
        if explained == nil, !parameter.isOutput { explained = explanation() }
        if let explained, let value = explained.values[parameter], comparison.agree(own, value) {
          add(.fail, Cause(id: explained.id, explanation: "\(quantity) " + explained.mistake))
        } else if own.norm == 0 {
          add(.fail, ZeroGradient.mistake(quantity).cause)
        } else if let ratio = comparison.factor(of: own, to: right),
          let cause = comparison.mistakes(ratio: ratio, at: quantity).first?.cause
        {
          add(.fail, cause)
        } else if own.shape.rank == 2, own.shape[0] == own.shape[1],
          comparison.agree(own.transposed(), right)
        {
          add(.fail, Transposed.mistake(quantity).cause)
        } else {
          add(.fail, UnknownMistake.cause(quantity))
        }
      }
    }
  }

  /// The mistake under which every given gradient of the recurrence that is wrong comes out.
  private func explanation() -> (String, CauseID, [RecurrentParameter: Tensor<Double>])? {
    func fits(_ values: [RecurrentParameter: Tensor<Double>]) -> Bool {
      let given = arrays.gradients.filter { !$0.key.isOutput }
      return !given.isEmpty
        && given.contains { name, own in
          values[name].map { comparison.agree(own, $0) } ?? false
        }
        && given.count { name, own in values[name].map { comparison.agree(own, $0) } ?? false }
          >= given.count - 1
    }
    for steps in 0..<Swift.max(arrays.steps - 1, 0) {
      let values = network.truncated(arrays) { $0 - steps }
      guard fits(values) else { continue }
      return (TimeStepsMissing.words(carriedBack: steps), TimeStepsMissing.id, values)
    }
    for chunk in 2..<Swift.max(arrays.steps, 2) {
      let values = network.truncated(arrays) { $0 / chunk * chunk }
      guard fits(values) else { continue }
      return (TimeStepsMissing.words(cutEvery: chunk), TimeStepsMissing.id, values)
    }
    let mistakes: [(RecurrentNetwork.Backward, String, CauseID)] = [
      (
        .init(hasDerivative: false),
        "lacks the derivative of \(network.function.title): dz = dh * \(network.function.formula).",
        .missingActivationDerivative
      ),
      (
        .init(usesStateAfter: true),
        "is made with h(t) where h(t-1) belongs: Whh is multiplied with the state before the step.",
        WrongLayerInput.id
      ),
      (
        .init(transposes: false),
        "carries the error back through Whh as it is, where its transpose belongs.",
        WeightsNotTransposed.id
      ),
    ]
    for (backward, words, id) in mistakes {
      let values = network.truncated(arrays, backward) { _ in 0 }
      if fits(values) { return (words, id, values) }
    }
    return nil
  }
}

/// A parameter of a simple recurrence.
enum RecurrentParameter: String, CaseIterable, Sendable {
  case inputWeight = "Wxh"
  case recurrentWeight = "Whh"
  case hiddenBias = "bh"
  case outputWeight = "Why"
  case outputBias = "by"

  var isOutput: Bool { self == .outputWeight || self == .outputBias }
  var isBias: Bool { self == .hiddenBias || self == .outputBias }
  /// In the order of the backward pass.
  static let backward: [RecurrentParameter] = [
    .outputWeight, .outputBias, .recurrentWeight, .inputWeight, .hiddenBias,
  ]
}

/// The arrays of a recurrence in canonical shapes: weights [in, out], steps in rows.
struct RecurrentArrays: Sendable {
  let inputs: Tensor<Double>, targets: Tensor<Double>
  let parameters: [RecurrentParameter: Tensor<Double>]
  var gradients: [RecurrentParameter: Tensor<Double>] = [:]
  let states: Tensor<Double>?
  let start: Tensor<Double>
  let isTurned: Bool
  var names: [String: String]

  var steps: Int { inputs.shape[0] }

  private static func isRecurrent(_ layer: LayerArrays) -> Bool {
    let words = ArrayName(layer.weight.name, among: []).key
    return words.contains { ["hh", "rec", "recurrent", "aa", "ss"].contains($0) }
  }

  /// Whether the names tell of a recurrence.
  static func isNamed(_ matched: MatchedArrays) -> Bool {
    matched.layers.contains(where: isRecurrent)
  }

  /// Whether the weights may be those of a recurrence: three, one of them square.
  static func areThere(in matched: MatchedArrays) -> Bool {
    matched.layers.count == 3 && square(matched) != nil
      && (isNamed(matched) || matched.layers.count(where: { $0.bias != nil }) <= 2)
  }

  private static func square(_ matched: MatchedArrays) -> Int? {
    let squares = matched.layers.indices.filter {
      let shape = matched.layers[$0].weight.value.shape
      return shape.rank == 2 && shape[0] == shape[1]
    }
    return squares.first { isRecurrent(matched.layers[$0]) }
      ?? (squares.count == 1 ? squares[0] : nil)
  }

  /// Every way to see the arrays.
  static func all(_ matched: MatchedArrays) -> [RecurrentArrays] {
    guard let square = square(matched) else { return [] }
    let others = matched.layers.indices.filter { $0 != square }
    return [(others[0], others[1]), (others[1], others[0])].flatMap { input, output in
      [false, true].flatMap { isTurned in
        [false, true].compactMap { areColumns in
          RecurrentArrays(
            matched, input: input, square: square, output: output, isTurned: isTurned,
            areColumns: areColumns)
        }
      }
    }
  }

  private init?(
    _ matched: MatchedArrays, input: Int, square: Int, output: Int, isTurned: Bool, areColumns: Bool
  ) {
    let layers = matched.layers
    func matrix(_ array: SavedArray) -> Tensor<Double>? {
      array.value.shape.rank == 2 && array.value.isFinite ? array.value.transposed(isTurned) : nil
    }
    guard let wxh = matrix(layers[input].weight), let whh = matrix(layers[square].weight),
      let why = matrix(layers[output].weight)
    else { return nil }
    let (features, hidden, outputs) = (wxh.shape[0], whh.shape[0], why.shape[1])
    guard wxh.shape[1] == hidden, why.shape[0] == hidden else { return nil }
    var x = matched.input.value
    // Steps as column vectors, each [features, 1].
    if x.shape.rank == 3, x.shape[2] == 1 || x.shape[1] == 1 {
      x = x.reshaped(to: [x.shape[0], x.count / x.shape[0]])
    }
    if x.shape.rank == 1 {
      guard x.scalars.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < Double(features) }) else {
        return nil
      }
      x = x.oneHot(classes: features)
    }
    guard x.shape.rank == 2, x.isFinite else { return nil }
    x = x.transposed(areColumns)
    let steps = x.shape[0]
    guard x.shape[1] == features, steps > 1 else { return nil }
    inputs = x
    let y = matched.target.value
    if y.count == steps || y.count == 1, outputs > 1,
      y.scalars.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < Double(outputs) })
    {
      targets = y.reshaped(to: [y.count]).oneHot(classes: outputs)
    } else if y.count == steps * outputs {
      targets =
        y.shape == [outputs, steps] && outputs != 1 && areColumns
        ? y.transposed() : y.reshaped(to: [steps, outputs])
    } else if y.count == outputs {
      targets = y.reshaped(to: [1, outputs])
    } else {
      return nil
    }
    guard targets.isFinite else { return nil }
    var parameters: [RecurrentParameter: Tensor<Double>] = [
      .inputWeight: wxh, .recurrentWeight: whh, .outputWeight: why,
    ]
    var names = [matched.target.name: "Y"]
    names[matched.input.name] = "X"
    var gradients: [RecurrentParameter: Tensor<Double>] = [:]
    for (parameter, layer) in [
      (RecurrentParameter.inputWeight, input), (.recurrentWeight, square), (.outputWeight, output),
    ] {
      names[layers[layer].weight.name] = parameter.rawValue
      guard let gradient = layers[layer].weightGradient else { continue }
      names[gradient.name] = "d\(parameter.rawValue)"
      gradients[parameter] = matrix(gradient) ?? gradient.value.transposed(isTurned)
    }
    let hiddenBias = layers[input].bias == nil ? square : input
    for (parameter, layer, count) in [
      (RecurrentParameter.hiddenBias, hiddenBias, hidden), (.outputBias, output, outputs),
    ] {
      guard let bias = layers[layer].bias, bias.value.count == count else { continue }
      names[bias.name] = parameter.rawValue
      parameters[parameter] = bias.value.reshaped(to: [count])
      guard let gradient = layers[layer].biasGradient, gradient.value.count == count else {
        continue
      }
      names[gradient.name] = "d\(parameter.rawValue)"
      gradients[parameter] = gradient.value.reshaped(to: [count])
    }
    self.parameters = parameters
    self.gradients = gradients
    self.isTurned = isTurned
    var states: Tensor<Double>?
    var start = Tensor<Double>.zeros([1, hidden])
    for (array, name) in matched.others where !name.isGradient {
      let value = array.value
      guard value.isFinite else { continue }
      if value.count == hidden, value.shape.rank <= 2, name.role != .mask {
        start = value.reshaped(to: [1, hidden])
        names[array.name] = "h0"
      } else if value.count == steps * hidden, states == nil {
        let rows = value.shape.rank == 2 && value.shape == [hidden, steps] && areColumns
        states = rows ? value.transposed() : value.reshaped(to: [steps, hidden])
        names[array.name] = "H"
      } else if value.count == (steps + 1) * hidden, value.shape.rank == 2, states == nil,
        value.shape[0] == steps + 1
      {
        // With the first state before the others.
        start = value.sliced(axis: 0, 0..<1)
        states = value.sliced(axis: 0, 1..<steps + 1)
        names[array.name] = "H"
      } else if value.count == steps * outputs {
        names[array.name] = "outputs"
      }
    }
    self.states = states
    self.start = start
    self.names = names
  }
}

/// A simple recurrence, run step by step.
struct RecurrentNetwork: Sendable {
  let function: Nonlinearity, output: Nonlinearity
  var loss: ProgramLoss
  /// Whether there is an output at every step, and not only at the last.
  let readsAll: Bool

  struct Values {
    let cost: Double
    let gradients: [RecurrentParameter: Tensor<Double>]
  }

  private func states<T: TensorProtocol>(
    _ arrays: RecurrentArrays, _ w: [RecurrentParameter: T], _ constant: (Tensor<Double>) -> T
  ) -> [T] {
    var h = constant(arrays.start)
    return (0..<arrays.steps).map { step in
      let x = constant(arrays.inputs.sliced(axis: 0, step..<step + 1))
      var z = matmul(x, w[.inputWeight]!) + matmul(h, w[.recurrentWeight]!)
      if let bias = w[.hiddenBias] { z = z + bias }
      h = function(z)
      return h
    }
  }

  func run(_ arrays: RecurrentArrays) -> (states: Tensor<Double>, outputs: Tensor<Double>) {
    let all = Tensor.concatenate(states(arrays, arrays.parameters) { $0 })
    return (all, scores(all, arrays.parameters))
  }

  private func scores<T: TensorProtocol>(_ states: T, _ w: [RecurrentParameter: T]) -> T {
    let z = matmul(states, w[.outputWeight]!)
    return w[.outputBias].map { z + $0 } ?? z
  }

  /// The cost and its gradients, by the engine.
  func derivatives(_ arrays: RecurrentArrays) -> Values {
    let tape = Tape<Double>()
    let w = arrays.parameters.mapValues { tape.variable($0) }
    let states = states(arrays, w) { tape.constant($0) }
    let read = readsAll ? Variable.concatenate(states) : states[states.count - 1]
    let z = scores(read, w)
    let cost = loss(output(z), output, of: z, targets: tape.constant(arrays.targets))
    let value = cost.scalar
    let gradients = tape.gradients(of: cost)
    return Values(
      cost: value,
      gradients: w.mapValues { gradients.reaches($0) ? gradients[$0] : .zeros($0.shape) })
  }

  /// How a step is carried back.
  struct Backward: Sendable {
    /// Whether the function's derivative is multiplied in.
    var hasDerivative = true
    /// Whether Whh is multiplied with the state after the step, which is wrong.
    var usesStateAfter = false
    /// Whether the error goes through the transpose of Whh.
    var transposes = true
  }

  /// The gradients of the recurrence, the error of each step carried back to an earlier one only.
  ///
  /// - Parameter first: The last step that the error of a step is carried back to.
  func truncated(
    _ arrays: RecurrentArrays, _ backward: Backward = Backward(), to first: (Int) -> Int
  ) -> [RecurrentParameter: Tensor<Double>] {
    let w = arrays.parameters
    let states = states(arrays, w) { $0 }
    let before = [arrays.start] + states
    // The gradient by the scores, of which the stable form is taken from a tape.
    let read = readsAll ? Tensor.concatenate(states) : states[states.count - 1]
    let tape = Tape<Double>()
    let z = tape.variable(scores(read, w))
    let cost = loss(output(z), output, of: z, targets: tape.constant(arrays.targets))
    let dz = tape.gradients(of: cost)[z]
    var gradients = w.mapValues { Tensor<Double>.zeros($0.shape) }
    for row in 0..<dz.shape[0] {
      let last = readsAll ? row : arrays.steps - 1
      var dh = matmul(dz.sliced(axis: 0, row..<row + 1), w[.outputWeight]!, transposingSecond: true)
      for step in stride(from: last, through: Swift.max(0, first(last)), by: -1) {
        let x = arrays.inputs.sliced(axis: 0, step..<step + 1)
        var argument = matmul(x, w[.inputWeight]!) + matmul(before[step], w[.recurrentWeight]!)
        if let bias = w[.hiddenBias] { argument = argument + bias }
        let error =
          backward.hasDerivative ? dh * (function.derivative(at: argument) ?? .ones(dh.shape)) : dh
        gradients[.inputWeight]! =
          gradients[.inputWeight]! + matmul(x, error, transposingFirst: true)
        gradients[.recurrentWeight]! =
          gradients[.recurrentWeight]!
          + matmul(
            before[backward.usesStateAfter ? step + 1 : step], error, transposingFirst: true)
        if w[.hiddenBias] != nil {
          gradients[.hiddenBias]! = gradients[.hiddenBias]! + error.reshaped(to: [error.count])
        }
        dh = matmul(error, w[.recurrentWeight]!, transposingSecond: backward.transposes)
      }
    }
    gradients[.outputWeight] = nil
    gradients[.outputBias] = nil
    return gradients
  }
}
