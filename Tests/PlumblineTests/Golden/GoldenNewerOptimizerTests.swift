import Findings
import Plumbline
import TestSupport
import Testing

@Suite("Optimizers agree with their papers' formulas in NumPy")
struct GoldenNewerOptimizerTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let optimizer: String
    let settings: [String: Double]
    let learningRate: Double
    let shapes: [[Int]]
    let parameters: [GoldenOptimizerTests.Case.Snapshot]
    var testDescription: String { "\(optimizer) \(settings)" }
  }

  private struct File: Decodable { let cases: [Case] }
  private struct Inputs: Decodable {
    let initialParameters: [Double]
    let gradients: [[Double]]
  }

  /// Parameters of given shapes.
  private struct Tensors: Layer {
    let parameters: [Parameter]
    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { input }
  }

  static let cases = Result { try (GoldenFile.load("newer_optimizers.json") as File).cases }

  @Test("after up to 100 steps, to 1e-11 of the number or of 1", arguments: try cases.get())
  func values(item: Case) throws {
    let inputs: Inputs = try GoldenFile.load("optimizers.json")
    var options = OptimizerOptions()
    for (name, value) in item.settings { options[name] = value }
    let choice = try #require(OptimizerChoice(rawValue: item.optimizer))
    var optimizer: any Optimizer<Double> = try choice.rule(options)
      .optimizer(learningRate: item.learningRate)
    let layout = ParameterLayout(
      of: Tensors(parameters: item.shapes.map { Parameter(Shape($0), .zero) }))
    var parameters = Parameters(layout: layout, vector: Tensor(inputs.initialParameters))
    for (index, gradient) in inputs.gradients.enumerated() {
      optimizer.update(&parameters, along: Parameters(layout: layout, vector: Tensor(gradient)))
      guard let expected = item.parameters.first(where: { $0.step == index + 1 }) else { continue }
      for (found, wanted) in zip(parameters.vector.scalars, expected.values) {
        #expect(
          Swift.abs(found - wanted) <= 1e-11 * Swift.max(1, Swift.abs(wanted)),
          "step \(index + 1): \(found), not \(wanted)")
      }
    }
  }
}
