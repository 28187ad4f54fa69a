import Networks
import Plumbline
import TestSupport
import Testing

@Suite("Training with normalizations, convolutions and skips follows PyTorch step by step")
struct GoldenLayerTrainingTests {
  struct File: Decodable {
    let runs: [Run]
  }

  struct Run: Decodable {
    let name, network: String
    let learningRate, momentum: Double
    let inputs: GoldenTensor
    let classes: [Int]
    let parameters, finalStatistics: [GoldenTensor]
    let losses: [Double]
  }

  /// The losses before each step, by a recorded step and by the eager tape, and the last running statistics.
  private func train<Scalar: TrainableScalar>(
    _ run: Run, _ type: Scalar.Type
  ) throws -> (replayed: [Double], eager: [Double], last: Parameters<Scalar>) {
    let network = try NetworkDescription(json: run.network).network()
    let loss: TrainingStep<Scalar>.Loss = { pass, inputs in
      softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
    }
    var parameters = Parameters<Scalar>(of: network, key: Key(seed: 0))
    #expect(parameters.names.count == run.parameters.count)
    for (name, value) in zip(parameters.names, run.parameters) {
      parameters[name] = Tensor(converting: value.tensor)
    }
    let inputs = [
      Tensor<Scalar>(converting: run.inputs.tensor), Tensor<Scalar>(classes: run.classes),
    ]
    var step = TrainingStep<Scalar>(of: network, loss: loss)
    var optimizer = SGD<Scalar>(learningRate: run.learningRate, momentum: run.momentum)
    var (replayed, eager): ([Double], [Double]) = ([], [])
    for _ in run.losses {
      replayed.append(Double(step.loss(at: parameters, inputs: inputs)))
      let (value, _, statistics) = parameters.valueWithGradientAndStatistics { pass in
        loss(pass, inputs.map { pass.constant($0) })
      }
      eager.append(Double(value))
      optimizer.update(&parameters, along: step.gradient)
      parameters.statistics = statistics
    }
    return (replayed, eager, parameters)
  }

  @Test(
    "in Double: losses to 1e-10 of themselves, running statistics to 1e-11 of the number or of 1")
  func double() throws {
    let file: File = try GoldenFile.load("layer_training.json")
    #expect(file.runs.count == 2)
    for run in file.runs {
      let (replayed, eager, last) = try train(run, Double.self)
      #expect(replayed == eager)
      #expect(run.losses.count == 200)
      for (step, (loss, expected)) in zip(replayed, run.losses).enumerated() {
        #expect(abs(loss - expected) <= 1e-10 * expected, "\(run.name), step \(step)")
      }
      #expect(last.statisticNames.count == run.finalStatistics.count)
      for (name, expected) in zip(last.statisticNames, run.finalStatistics) {
        let found = differences(last[name], expected, relativeToOne: 1e-11)
        #expect(found.isEmpty, "\(run.name), \(name): \(found.joined(separator: "; "))")
      }
    }
  }

  @Test("in Float: losses to a thousandth of themselves")
  func float() throws {
    let file: File = try GoldenFile.load("layer_training.json")
    for run in file.runs {
      let losses = try train(run, Float.self).replayed
      for (step, (loss, expected)) in zip(losses, run.losses).enumerated() {
        #expect(abs(loss - expected) <= 1e-3 * expected, "\(run.name), step \(step)")
      }
    }
  }
}
