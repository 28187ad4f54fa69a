import Plumbline
import TestSupport
import Testing

@Suite("Batch normalization agrees with PyTorch")
struct GoldenBatchNormTests {
  struct File: Decodable {
    let cases: [Case]
  }

  struct Case: Decodable {
    let name: String
    let training: Bool
    let momentum, epsilon: Double
    let parameters, running, parameterGradients, newRunning: [GoldenTensor]
    let input, upstream, output, inputGradient: GoldenTensor
  }

  @Test("in value, gradients and running statistics, to 1e-13 of the number or of 1")
  func cases() throws {
    let file: File = try GoldenFile.load("batch_norm.json")
    #expect(file.cases.count == 8)
    for item in file.cases {
      let layer = BatchNorm(
        item.input.shape[1], momentum: item.momentum, epsilon: item.epsilon)
      var parameters = Parameters<Double>(of: layer, key: Key(seed: 0))
      #expect(parameters.statisticNames == ["runningMean", "runningVariance"])
      for parameter in item.parameters { parameters[parameter.name ?? ""] = parameter.tensor }
      for (name, running) in zip(parameters.statisticNames, item.running) {
        parameters[name] = running.tensor
      }
      let tape = Tape<Double>()
      let input = tape.variable(item.input.tensor)
      let pass = parameters.pass(on: tape, mode: item.training ? .training : .inference)
      let output = layer(input, pass)
      let gradients = tape.gradients(of: output, seed: item.upstream.tensor)
      var found = differences(output.value, item.output, relativeToOne: 1e-13)
      found += differences(gradients[input], item.inputGradient, relativeToOne: 1e-13)
      for expected in item.parameterGradients {
        found += differences(
          gradients[pass][expected.name ?? ""], expected, relativeToOne: 1e-13)
      }
      parameters.statistics = pass.updatedStatistics()
      for (name, expected) in zip(parameters.statisticNames, item.newRunning) {
        found += differences(parameters[name], expected, relativeToOne: 1e-13)
      }
      #expect(found.isEmpty, "\(item.name): \(found.joined(separator: "; "))")
    }
  }
}
