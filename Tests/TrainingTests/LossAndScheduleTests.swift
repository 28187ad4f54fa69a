import Datasets
import Foundation
import Networks
import Plumbline
import Testing
import Training

@Suite struct EvaluationOfLossesTests {
  /// The features are the outputs.
  private struct Outputs: Layer {
    let unused = Parameter([1], .zero)
    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { input }
  }

  private func evaluation(
    _ outputs: Tensor<Double>, _ targets: Tensor<Double>, _ loss: LossFunction, partSize: Int
  ) -> Evaluation {
    Evaluation(
      of: Outputs(), Parameters(of: Outputs(), key: Key(seed: 0)),
      on: Examples(features: outputs, targets: targets), loss: loss, partSize: partSize)
  }

  @Test("yes and no: a logit on the wrong side of 0 is an error", arguments: [1, 2, 1000])
  func binary(partSize: Int) throws {
    let result = evaluation(
      [[2], [-1], [0], [3]], [[1], [1], [1], [0]], .binaryCrossEntropy, partSize: partSize)
    #expect(result.error == 0.75)
    let expected = (log1p(exp(-2.0)) + log1p(exp(1.0)) + log(2.0) + log1p(exp(3.0))) / 4
    #expect(abs(result.loss - expected) < 1e-12)
  }

  @Test("real values have a loss and no error", arguments: [1, 2, 1000])
  func values(partSize: Int) {
    let result = evaluation(
      [[2, 1], [0, 0], [1, 1]], [[1, 1], [0, 2], [1, 4]], .meanSquaredError, partSize: partSize)
    #expect(result.error == nil && abs(result.loss - (1.0 + 4 + 9) / 6) < 1e-12)
  }

  @Test("a loss that is not finite is null in JSON and comes back as NaN")
  func nonFiniteJSON() throws {
    let text = try JSONEncoder().encode(Evaluation(loss: .infinity, error: 0.5))
    #expect(String(decoding: text, as: UTF8.self).contains("\"loss\":null"))
    let back = try JSONDecoder().decode(Evaluation.self, from: text)
    #expect(back.loss.isNaN && back.error == 0.5)
  }
}

@Suite struct TrainingSettingsTests {
  @Test func schedules() {
    var choice = ScheduleChoice()
    #expect(choice.schedule(0.1, steps: 10)(7) == 0.1)
    choice.form = .cosine(floor: 0.1)
    let cosine = choice.schedule(0.1, steps: 10)
    #expect(cosine(0) == 0.1 && abs(cosine(10) - 0.01) < 1e-15 && abs(cosine(5) - 0.055) < 1e-15)
    choice.warmUp = 4
    let warm = choice.schedule(0.1, steps: 10)
    #expect(warm(0) == 0 && abs(warm(2) - 0.05) < 1e-15 && warm(4) == 0.1)
    #expect(abs(warm(10) - 0.01) < 1e-15)
    choice = ScheduleChoice()
    choice.form = .step(every: 3, factor: 0.5)
    #expect(choice.schedule(1, steps: 9)(2) == 1 && choice.schedule(1, steps: 9)(6) == 0.25)
    choice.form = .exponential(factor: 0.5)
    #expect(choice.schedule(1, steps: 9)(3) == 0.125)
  }

  @Test("settings survive their JSON form")
  func coding() throws {
    var settings = TrainingSettings(loss: .binaryCrossEntropy)
    settings.optimizer = .rmsprop
    settings.optimizerOptions.alpha = 0.9
    settings.optimizerOptions.centered = 1
    settings.schedule.form = .step(every: 7, factor: 0.3)
    settings.length = .steps(12)
    settings.batchSize = nil
    settings.earlyStopping = .init(patience: 4, minimumImprovement: 0.1)
    let data = try JSONEncoder().encode(settings)
    #expect(try JSONDecoder().decode(TrainingSettings.self, from: data) == settings)
  }

  @Test("every optimizer takes exactly the options that it says")
  func optimizerOptions() {
    let names = Set(OptimizerChoice.allCases.flatMap(\.takenOptions)).sorted()
    for choice in OptimizerChoice.allCases {
      // Ten steps of a layer along gradients of either sign.
      func moved(_ options: OptimizerOptions) -> [Double] {
        let layer = Dense(2, 2)
        var parameters = Parameters<Double>(of: layer, key: Key(seed: 1))
        var optimizer: any Optimizer<Double> = choice.optimizer(
          learningRate: 0.1, options: options)
        for step in 0..<10 {
          let gradient = Parameters<Double>(
            layout: parameters.layout, vector: Tensor([6], Key(seed: 2)[step].normal(6)))
          optimizer.update(&parameters, along: gradient)
        }
        return parameters.vector.scalars
      }
      let usual = moved(OptimizerOptions())
      for name in names {
        // Some number is allowed and is not the default; 0 and 1 are no and yes.
        let changes = [0.65, 0, 1, 3].contains { value in
          var options = OptimizerOptions()
          options[name] = value
          return (try? choice.rule(options)) != nil && moved(options) != usual
        }
        #expect(changes == choice.takenOptions.contains(name), "\(choice.rawValue) \(name)")
      }
    }
  }
}

@Suite struct PenaltyTests {
  @Test("penalties count the weights, and by the examples of each batch")
  func penalties() throws {
    let network = try NetworkDescription(widths: "2,3,1").network()
    let key = Key(seed: 5)
    let examples = Examples<Double>(
      features: Tensor([5, 2], key["x"].normal(10)),
      targets: Tensor([5, 1], key["y"].normal(5)))
    func losses(_ l1: Double, _ l2: Double) throws -> [Double] {
      var settings = TrainingSettings(loss: .meanSquaredError)
      settings.optimizer = .sgd
      settings.learningRate = 1e-12
      settings.batchSize = 3
      settings.order = .sequential
      settings.length = .steps(2)
      (settings.l1, settings.l2) = (l1, l2)
      return try TrainingRun(network, on: examples, settings).result().losses
    }
    let parameters: Parameters<Double> = TrainingSettings(loss: .meanSquaredError)
      .initialParameters(of: network)
    let weights = ["0.weight", "2.weight"].flatMap { parameters[$0].scalars }
    let plain = try losses(0, 0)
    for (index, count) in [3.0, 2.0].enumerated() {
      let first = weights.reduce(0) { $0 + abs($1) } * 0.7 / count
      let second = weights.reduce(0) { $0 + $1 * $1 } * 0.4 / (2 * count)
      #expect(abs(try losses(0.7, 0)[index] - plain[index] - first) < 1e-9)
      #expect(abs(try losses(0, 0.4)[index] - plain[index] - second) < 1e-9)
    }
  }
}
