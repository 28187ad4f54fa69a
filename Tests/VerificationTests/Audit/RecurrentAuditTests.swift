import Plumbline
import Testing

@testable import Verification

private let (steps, features, hidden, outputs) = (6, 3, 4, 2)

/// A recurrence of one sequence, written by hand, without a description.
@Suite("A recurrence without a description")
struct RecurrentAuditTests {
  /// The parameters, examples and labels of a program.
  private struct Program {
    let inputs: Tensor<Double>, targets: Tensor<Double>
    let parameters: [String: Tensor<Double>]

    init(seed: Int) {
      let key = Key(seed: seed)
      func normal(_ shape: Shape, _ name: String) -> Tensor<Double> {
        Tensor(shape, key[name].normal(shape.elementCount)) * 0.6
      }
      inputs = normal([steps, features], "x")
      targets = Tensor<Double>(classes: (0..<steps).map { ($0 + seed) % 2 })
      parameters = [
        "Wxh": normal([features, hidden], "wxh"), "Whh": normal([hidden, hidden], "whh"),
        "Why": normal([hidden, outputs], "why"), "bh": normal([hidden], "bh"),
        "by": normal([outputs], "by"),
      ]
    }

    /// The cost and the gradients, each step by `next`.
    func arrays(
      _ next: (
        _ z: Variable<Double>, _ before: Variable<Double>, _ p: [String: Variable<Double>]
      ) -> Variable<Double> = { z, h, p in tanh(z + matmul(h, p["Whh"]!)) }
    ) -> [String: Tensor<Double>] {
      let tape = Tape<Double>()
      let p = parameters.mapValues { tape.variable($0) }
      var h = tape.constant(Tensor<Double>.zeros([1, hidden]))
      var states: [Variable<Double>] = []
      for step in 0..<steps {
        let x = tape.constant(inputs.sliced(axis: 0, step..<step + 1))
        h = next(matmul(x, p["Wxh"]!) + p["bh"]!, h, p)
        states.append(h)
      }
      let scores = matmul(Variable.concatenate(states), p["Why"]!) + p["by"]!
      let cost =
        LossFunction.crossEntropy(scores, tape.constant(targets.oneHot(classes: outputs)))
        * Double(steps)
      let value = cost.value.scalar
      let gradients = tape.gradients(of: cost)
      var arrays = parameters
      (arrays["inputs"], arrays["targets"], arrays["loss"]) = (inputs, targets, Tensor(value))
      for (name, variable) in p { arrays["d\(name)"] = gradients[variable] }
      return arrays
    }
  }

  private func report(_ arrays: [String: Tensor<Double>]) throws -> AuditReport {
    try Audit.report(on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 1e-5))
  }

  @Test("passes where it is right, and names what is wrong", arguments: 0..<3)
  func causes(seed: Int) throws {
    let program = Program(seed: seed)
    let right = program.arrays()
    #expect(try report(right).verdict == .pass)
    func cause(_ arrays: [String: Tensor<Double>]) throws -> Cause {
      let report = try report(arrays)
      #expect(report.verdict == .fail)
      return try #require(report.firstDivergence?.cause, "\(report.paragraph)")
    }
    // tanh's derivative at the step before.
    let before = program.arrays { z, h, p in
      let sum = z + matmul(h, p["Whh"]!)
      let passed = sum * (1 - h.squared()).detached()
      return passed + (tanh(sum) - passed).detached()
    }
    let found = try cause(before)
    #expect(found.id == .derivativeTakenAtActivation, "\(found)")
    // Each step goes back one step only.
    let cut = program.arrays { z, h, p in tanh(z + matmul(h.detached(), p["Whh"]!)) }
    #expect(try cause(cut).id == .timeStepsMissing)
    // No derivative at all.
    let plain = program.arrays { z, h, p in
      let sum = z + matmul(h, p["Whh"]!)
      return sum + (tanh(sum) - sum).detached()
    }
    #expect(try cause(plain).id == .missingActivationDerivative)
  }

  @Test(
    "a mistake in one gradient is not explained by what leaves the others right", arguments: 0..<3)
  func alone(seed: Int) throws {
    let program = Program(seed: seed)
    let right = program.arrays()
    var wrong = right
    wrong["dWhh"] = right["dWhh"]! * -1
    let flipped = try #require(try report(wrong).firstDivergence)
    #expect(flipped.quantity.description == "dWhh" && flipped.cause?.id == .signFlipped)
    // h(t) in place of h(t-1) in the weight's own gradient.
    let after = program.arrays { z, h, p in
      let value = tanh(z + matmul(h, p["Whh"]!))
      let product = matmul(value.detached(), p["Whh"]!)
      return tanh(z + matmul(h, p["Whh"]!.detached()) + product - product.detached())
    }
    var one = right
    one["dWhh"] = after["dWhh"]!
    let found = try #require(try report(one).firstDivergence)
    #expect(found.quantity.description == "dWhh" && found.cause?.id == .wrongLayerInput)
    // Nothing that is known.
    one["dWhh"] = right["dWhh"]! + right["dWhh"]!.transposed() * 0.3
    #expect(try report(one).firstDivergence?.cause?.id == .unknown)
  }

  @Test("gradients that were cut off or reduced to signs at the end", arguments: 0..<3)
  func changedAfterwards(seed: Int) throws {
    let right = Program(seed: seed).arrays()
    let gradients = right.keys.filter { $0.hasPrefix("d") }
    let size = gradients.map { right[$0]!.largest }.max()!
    for change in [{ clip($0, to: -0.2 * size...0.2 * size) }, { sign($0) }]
      as [(Tensor<Double>) -> Tensor<Double>]
    {
      var wrong = right
      for name in gradients { wrong[name] = change(right[name]!) }
      let found = try report(wrong)
      #expect(found.verdict == .fail)
      #expect(
        found.items.allSatisfy { $0.verdict != .fail || $0.cause?.id == .changedAfterwards },
        "\(found.paragraph)")
    }
  }

  @Test("the output's gradient of some of the steps", arguments: 0..<3)
  func partOfSteps(seed: Int) throws {
    let program = Program(seed: seed)
    let right = program.arrays()
    // The errors of the outputs: what leaves the bias of each step.
    var (h, errors) = (Tensor<Double>.zeros([1, hidden]), [Tensor<Double>]())
    let p = program.parameters
    for step in 0..<steps {
      let x = program.inputs.sliced(axis: 0, step..<step + 1)
      h = tanh(matmul(x, p["Wxh"]!) + p["bh"]! + matmul(h, p["Whh"]!))
      let scores = matmul(h, p["Why"]!) + p["by"]!
      let target = program.targets.oneHot(classes: outputs).sliced(axis: 0, step..<step + 1)
      errors.append(softmax(scores) - target)
    }
    for range in [steps - 1..<steps, 0..<1, 0..<steps - 1] {
      var wrong = right
      wrong["dby"] = range.map { errors[$0].reshaped(to: [outputs]) }.reduce(
        Tensor<Double>.zeros([outputs]), +)
      let found = try #require(try report(wrong).firstDivergence)
      #expect(found.quantity.description == "dby")
      #expect(found.cause?.id == .timeStepsMissing, "\(range): \(found)")
    }
  }
}
