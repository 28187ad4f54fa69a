import Findings
import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Update scales")
struct UpdateScaleTests {
  /// A layer, then one whose updates are scaled, and inside that one with a scale of its own.
  private static func network(_ outer: UpdateScale, _ inner: UpdateScale) -> Sequential {
    Sequential(
      Dense(4, 4),
      Residual(
        Sequential(Dense(4, 4), Residual(Dense(4, 4), updates: inner), Dense(4, 4)),
        updates: outer), Dense(4, 3))
  }

  private static func gradient(
    _ layout: ParameterLayout, _ step: Int, seed: Int
  ) -> Parameters<Double> {
    Parameters(layout: layout, vector: Key(seed: seed)["gradient"][step].tensor([layout.count]))
  }

  @Test("of layers inside one another are multiplied")
  func products() {
    let layout = ParameterLayout(
      of: Self.network(UpdateScale(step: 2, gradient: 3), UpdateScale(step: 5, gradient: 7)))
    var found: [String: UpdateScale] = [:]
    for entry in layout.entries { found[entry.name] = entry.updates }
    #expect(found["0.weight"] == .one)
    #expect(found["1.branch.0.weight"] == UpdateScale(step: 2, gradient: 3))
    #expect(found["1.branch.1.branch.bias"] == UpdateScale(step: 10, gradient: 21))
    #expect(found["1.branch.2.bias"] == UpdateScale(step: 2, gradient: 3))
    #expect(found["2.bias"] == .one)
  }

  /// The network's parameters after some steps on given gradients.
  private static func moved(
    _ network: some Layer, _ rule: any UpdateRule, rate: Double, gradientFactor: Double = 1,
    seed: Int
  ) -> Parameters<Double> {
    func run(_ rule: some UpdateRule) -> Parameters<Double> {
      var optimizer = RuleOptimizer<_, Double>(rule, learningRate: rate)
      var parameters = Parameters<Double>(of: network, key: Key(seed: seed))
      for step in 0..<4 {
        var gradient = gradient(parameters.layout, step, seed: seed)
        gradient.vector = gradient.vector * gradientFactor
        optimizer.update(&parameters, along: gradient)
      }
      return parameters
    }
    return run(rule)
  }

  /// The settings of an optimizer that shows in epsilon what it is given.
  private static func rule(_ sample: OptimizerSample, epsilon: Double) throws -> any UpdateRule {
    sample.rule.settingNames.contains("epsilon")
      ? try sample.rule.setting(["epsilon": epsilon]) : sample.rule
  }

  @Test(
    "move each parameter as an optimizer with its rate and epsilon does",
    arguments: OptimizerSample.all.indices)
  func groups(index: Int) throws {
    let sample = OptimizerSample.all[index]
    let seed = Int.random(in: 0..<1000)
    let (outer, inner) = (
      UpdateScale(step: 0.5, gradient: 0.25), UpdateScale(step: 0.25, gradient: 0.5)
    )
    let epsilon = 0.3
    let scaled = Self.moved(
      Self.network(outer, inner), try Self.rule(sample, epsilon: epsilon),
      rate: sample.learningRate, seed: seed)
    let plain = Self.network(.one, .one)
    let followsGradient = sample.rule.longRunFactor != nil
    for entry in scaled.layout.entries {
      let scale = entry.updates
      let factor = followsGradient ? scale.step / scale.gradient : scale.step
      let alone = Self.moved(
        plain, try Self.rule(sample, epsilon: epsilon * scale.gradient),
        rate: sample.learningRate * factor, seed: seed)
      #expect(
        scaled[entry.name] == alone[entry.name], "\(sample.rule.title), \(entry.name), seed \(seed)"
      )
    }
  }

  @Test(
    "let gradients that are declared to be smaller move parameters as far",
    arguments: OptimizerSample.all.indices)
  func declaredGradients(index: Int) throws {
    let sample = OptimizerSample.all[index]
    let seed = Int.random(in: 0..<1000)
    let rule = try Self.rule(sample, epsilon: 0.3)
    // Muon moves vectors by an Adam whose epsilon is not a setting.
    let bias: Initializer? = sample.rule is MuonRule ? nil : .zero
    func moved(_ updates: UpdateScale, _ factor: Double) -> Tensor<Double> {
      Self.moved(
        Residual(Dense(4, 4, bias: bias), updates: updates), rule, rate: sample.learningRate,
        gradientFactor: factor, seed: seed
      ).vector
    }
    let expected = moved(.one, 1)
    let found = moved(UpdateScale(gradient: 0.125), 0.125)
    #expect(
      abs(found - expected).max().scalar < 1e-12, "\(sample.rule.title), seed \(seed)")
    // Undeclared, the smaller gradients move them otherwise, unless the optimizer knows only their signs or directions.
    if sample.rule.longRunFactor != nil || sample.rule is any EpsilonRule {
      #expect(abs(moved(.one, 0.125) - expected).max().scalar > 1e-6, "\(sample.rule.title)")
    }
  }

  @Test("are read from JSON and written to it, and only if they are not 1")
  func json() throws {
    let updates = UpdateScale(step: 0.5, gradient: 0.25)
    let description = LayerDescription(
      .residual(branch: [LayerDescription(.dense(outputs: 3))], updates: updates))
    let text = String(decoding: try JSONEncoder().encode(description), as: UTF8.self)
    #expect(text.contains("\"step_factor\":0.5") && text.contains("\"gradient_factor\":0.25"))
    let back = try JSONDecoder().decode(LayerDescription.self, from: Data(text.utf8))
    #expect((back.form as? ResidualForm)?.updates == updates)
    let plain = LayerDescription(.residual(branch: [LayerDescription(.dense(outputs: 3))]))
    #expect(!String(decoding: try JSONEncoder().encode(plain), as: UTF8.self).contains("factor"))
  }

  @Test("of named scalings follow the depth, and leave the base net as it is")
  func namedScalings() throws {
    let complete = try #require(try DepthScaling.named("complete-p"))
    #expect(complete.branchScale(blocks: 4) == 0.5 && complete.updates(blocks: 4) == .one)
    #expect(complete.branchScale(blocks: 64) == 0.5 / 16)
    #expect(complete.updates(blocks: 64) == UpdateScale(step: 1, gradient: 1 / 16.0))
    let depth = try #require(try DepthScaling.named("depth-mup:16"))
    #expect(depth.branchScale(blocks: 64) == 1 / 8.0)
    #expect(depth.updates(blocks: 64) == UpdateScale(step: 0.5, gradient: 0.5))
    #expect(try DepthScaling.named("standard") == nil)
    for text in ["", "complete-p:0", "complete-p:x", "complete-p:", "standard:4", "mup"] {
      #expect(throws: Problem.self, "\(text)") { try DepthScaling.named(text) }
    }
  }
}
