import Networks
import Plumbline
import TestSupport
import Testing

@Suite("Training follows PyTorch step by step")
struct GoldenTrainingTests {
  struct File: Decodable {
    let data: Examples
    let networks: [Network]
    let runs: [Run]
  }

  struct Examples: Decodable {
    let inputs: GoldenTensor
    let classes: [Int]
  }

  struct Network: Decodable {
    let architecture: String
    let widths: [Int]
    let branchScale: Double?
    let parameters: [GoldenTensor]

    /// The network; its parameters stand in the order of the file's.
    func make(_ activation: Activation) throws -> Sequential {
      let dense = zip(widths, widths.dropFirst()).map { Dense($0, $1) }
      func residual(_ branch: any Layer...) throws -> any Layer {
        Residual(Sequential(branch), scale: try #require(branchScale))
      }
      switch architecture {
      case "plain":
        return Sequential(dense[0], activation, dense[1], activation, dense[2])
      case "residual_one_layer":
        return Sequential(dense[0], activation, try residual(dense[1], activation), dense[2])
      case "residual":
        return Sequential(
          dense[0], activation, try residual(dense[1], activation, dense[2]), dense[3])
      default: throw UnknownName(name: architecture)
      }
    }
  }

  struct Run: Decodable {
    let name, architecture, optimizer: String
    let activation: Activation
    let attributes: Attributes
    let losses: [Double]
    let finalLoss: Double
    let firstGradients, finalParameters: [GoldenTensor]

    struct Attributes: Decodable {
      let learningRate: Double
      let momentum: Double?
    }

    func makeOptimizer<Scalar: TrainableScalar>() throws -> any Optimizer<Scalar> {
      let rate = attributes.learningRate
      switch optimizer {
      case "sgd", "momentum":
        return SGD<Scalar>(learningRate: rate, momentum: attributes.momentum ?? 0)
      case "adam": return Adam<Scalar>(learningRate: rate)
      default: throw UnknownName(name: optimizer)
      }
    }
  }

  private let file: File

  init() throws { file = try GoldenFile.load("training.json") }

  /// The losses before each step and after the last, the first gradient and the last parameters.
  private func train<Scalar: TrainableScalar>(
    _ run: Run, _ start: some Optimizer<Scalar>
  ) throws -> (losses: [Double], first: Parameters<Scalar>, last: Parameters<Scalar>) {
    let description = try #require(
      file.networks.first { $0.architecture == run.architecture })
    let network = try description.make(run.activation)
    let vector = Tensor.concatenate(description.parameters.map { $0.tensor.flattened() })
    var parameters = Parameters<Scalar>(
      layout: ParameterLayout(of: network), vector: Tensor(converting: vector))
    let inputs = Tensor<Scalar>(converting: file.data.inputs.tensor)
    let labels = Tensor<Scalar>(classes: file.data.classes)
    func step() -> (value: Scalar, gradient: Parameters<Scalar>) {
      parameters.valueWithGradient { pass in
        softmaxCrossEntropy(network(pass.constant(inputs), pass), labels: pass.constant(labels))
      }
    }
    var optimizer = start
    let first = step().gradient
    var losses: [Double] = []
    for _ in run.losses {
      let (value, gradient) = step()
      losses.append(Double(value))
      optimizer.update(&parameters, along: gradient)
    }
    losses.append(Double(step().value))
    return (losses, first, parameters)
  }

  @Test(
    "in Double: losses to 1e-11 of themselves, gradients and parameters to 1e-10 of the number or of 1"
  )
  func double() throws {
    #expect(file.runs.count == 18)
    for run in file.runs {
      let optimizer: any Optimizer<Double> = try run.makeOptimizer()
      let (losses, first, last) = try train(run, optimizer)
      for (step, (loss, expected)) in zip(losses, run.losses + [run.finalLoss]).enumerated() {
        #expect(abs(loss - expected) <= 1e-11 * expected, "\(run.name), step \(step)")
      }
      expect(first, run.firstGradients, 1e-13, "\(run.name), first gradient")
      // Flat directions of the loss let parameters drift further than the loss itself.
      expect(last, run.finalParameters, 1e-10, "\(run.name), final parameters")
    }
  }

  @Test("in Float: losses to a thousandth")
  func float() throws {
    for run in file.runs {
      let optimizer: any Optimizer<Float> = try run.makeOptimizer()
      let losses = try train(run, optimizer).losses
      for (step, (loss, expected)) in zip(losses, run.losses + [run.finalLoss]).enumerated() {
        #expect(abs(loss - expected) <= 1e-3 * expected, "\(run.name), step \(step)")
      }
    }
  }

  private func expect(
    _ found: Parameters<Double>, _ expected: [GoldenTensor], _ tolerance: Double, _ what: String
  ) {
    #expect(found.names.count == expected.count)
    for (name, expected) in zip(found.names, expected) {
      let found = differences(found[name], expected, relativeToOne: tolerance)
      #expect(found.isEmpty, "\(what), \(name): \(found.joined(separator: "; "))")
    }
  }

  private func abs(_ x: Double) -> Double { Swift.abs(x) }
}
