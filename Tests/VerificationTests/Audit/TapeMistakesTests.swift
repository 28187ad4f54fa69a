import Findings
import Networks
import Plumbline
import Testing

@testable import Verification

/// Mistakes that no rule knows, in backward passes that are written here by hand.
@Suite("Mistakes at recorded operations")
struct TapeMistakesTests {
  /// The report on a step whose gradients of some parameters are replaced, by name.
  private func report(
    _ step: DescribedStep, replacing wrong: [String: Tensor<Double>]
  ) throws -> AuditReport {
    let gradients = zip(step.names, step.gradients).map { wrong[$0] ?? $1 }
    return try step.report(step.arrays(gradients))
  }

  private func gradients(
    _ step: DescribedStep, of cost: (Tape<Double>, [String: Variable<Double>]) -> Variable<Double>
  ) -> [String: Tensor<Double>] {
    let tape = Tape<Double>()
    let variables = Dictionary(
      uniqueKeysWithValues: zip(step.names, step.parameters).map { ($0, tape.variable($1)) })
    let gradients = tape.gradients(of: cost(tape, variables))
    return variables.mapValues { gradients[$0] }
  }

  @Test("a highway's gate that lacks the part of the input it replaces is found")
  func highway() throws {
    let step = try DescribedStep(
      """
      {"input": [3], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 4}, {"layer": "tanh"}, {"layer": "highway", "activation": "tanh"},
        {"layer": "dense", "outputs": 2}]}
      """, seed: 3)
    // dg = dy * h in place of dy * (h - x).
    let wrong = gradients(step) { tape, p in
      let x = tanh(linear(tape.constant(step.cost.inputs), p["0.weight"]!, p["0.bias"]!))
      let gate = sigmoid(linear(x, p["2.gateWeight"]!, p["2.gateBias"]!))
      let h = tanh(linear(x, p["2.weight"]!, p["2.bias"]!))
      let (g, v) = (gate.detached(), x.detached())
      let y = g * h + (1 - g) * x + gate * h.detached() - (gate * h).detached()
      let right = v + g * (h.detached() - v)
      return step.cost.cost(of: linear(y + (right - y).detached(), p["3.weight"]!, p["3.bias"]!))
    }
    #expect(try report(step, replacing: [:]).verdict == .pass)
    let found = try report(step, replacing: wrong)
    #expect(found.verdict == .fail)
    let cause = try #require(found.firstDivergence?.cause)
    #expect(cause.id != .unknown, "\(found.paragraph)")
    #expect(cause.explanation.contains("highway"), "\(cause.explanation)")
  }

  @Test("tanh's derivative at the step before is found")
  func stateBefore() throws {
    let step = try DescribedStep(
      """
      {"input": [4, 3], "output": "softmax", "layers": [
        {"layer": "recurrent", "units": 3}, {"layer": "dense", "outputs": 2}]}
      """, seed: 5)
    let wrong = gradients(step) { tape, p in
      let inputs = tape.constant(step.cost.inputs)
      var h = tape.constant(.zeros([5, 3]))
      for t in 0..<4 {
        let x = inputs.sliced(axis: 1, t..<t + 1).reshaped(to: [5, 3])
        let z =
          linear(x, p["0.weights.input"]!, p["0.weights.inputBias"]!)
          + linear(h, p["0.weights.state"]!, p["0.weights.stateBias"]!)
        let passed = z * (1 - h.squared()).detached()
        h = passed + (tanh(z) - passed).detached()
      }
      return step.cost.cost(of: linear(h, p["1.weight"]!, p["1.bias"]!))
    }
    let found = try report(step, replacing: wrong)
    let cause = try #require(found.firstDivergence?.cause)
    #expect(cause.id == .derivativeTakenAtActivation, "\(found.paragraph)")
    #expect(cause.explanation.contains("h(t-1)"), "\(cause.explanation)")
  }

  @Test("a reset gate that the weight's gradient lacks is found", arguments: [1, 2])
  func unreset(seed: Int) throws {
    let step = try DescribedStep(
      """
      {"input": [3, 2], "output": "softmax", "layers": [
        {"layer": "gru", "units": 3}, {"layer": "dense", "outputs": 2}]}
      """, seed: seed)
    let wrong = gradients(step) { tape, p in
      let inputs = tape.constant(step.cost.inputs)
      var h = tape.constant(.zeros([5, 3]))
      func gate(_ x: Variable<Double>, _ index: Int) -> Variable<Double> {
        x.sliced(axis: 1, 3 * index..<3 * index + 3)
      }
      for t in 0..<3 {
        let x = inputs.sliced(axis: 1, t..<t + 1).reshaped(to: [5, 2])
        let input = linear(x, p["0.weights.input"]!, p["0.weights.inputBias"]!)
        let own = linear(h, p["0.weights.state"]!, p["0.weights.stateBias"]!)
        let r = sigmoid(gate(input, 0) + gate(own, 0))
        let z = sigmoid(gate(input, 1) + gate(own, 1))
        // The weight's and the bias's part without r, the state's with it.
        let weight = gate(linear(h.detached(), p["0.weights.state"]!, p["0.weights.stateBias"]!), 2)
        let state = gate(
          linear(h, p["0.weights.state"]!.detached(), p["0.weights.stateBias"]!.detached()), 2)
        let new = tanh(gate(input, 2) + r * state + weight - weight.detached())
        h = new + z * (h - new)
      }
      return step.cost.cost(of: linear(h, p["1.weight"]!, p["1.bias"]!))
    }
    let found = try report(step, replacing: wrong)
    let cause = try #require(found.firstDivergence?.cause)
    #expect(cause.id != .unknown, "\(found.paragraph)")
  }

  @Test("a mistake at an operation never passes, and most are named")
  func candidates() throws {
    let step = try DescribedStep(
      """
      {"input": [3, 2], "output": "softmax", "layers": [
        {"layer": "lstm", "units": 2}, {"layer": "highway"}, {"layer": "dense", "outputs": 2}]}
      """, seed: 7, examples: 3)
    let right = step.gradients
    let all = try TapeMistakes(step.cost, step.parameters).candidates(in: 0...2)
    var (tried, named) = (0, 0)
    for (index, candidate) in all.enumerated() where index.isMultiple(of: 29) && tried < 10 {
      #expect(candidate.gradients.map(\.shape) == right.map(\.shape))
      guard zip(candidate.gradients, right).contains(where: { $0.relativeDistance(to: $1) > 1e-3 }),
        candidate.gradients.allSatisfy(\.isFinite)
      else { continue }
      let report = try step.report(step.arrays(candidate.gradients))
      #expect(report.verdict == .fail, "\(candidate.words)")
      tried += 1
      named += report.firstDivergence?.cause.map { $0.id != .unknown } == true ? 1 : 0
    }
    #expect(named >= 8, "\(named) of \(tried)")
  }
}
