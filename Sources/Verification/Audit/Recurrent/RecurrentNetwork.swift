import Plumbline

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
    /// Whether Whh is multiplied by the state after the step, which is wrong.
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
