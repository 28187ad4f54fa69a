import Plumbline
import TestSupport
import Testing

@Suite("Losses agree with PyTorch")
struct GoldenLossTests {
  struct Case: Decodable {
    let name, loss: String
    let indices: [Int]?
    let targets: GoldenTensor?
    let input: GoldenTensor
    let upstream, output: Double
    let gradient: GoldenTensor

    func record(_ input: Variable<Double>) throws -> Variable<Double> {
      let tape = input.tape
      if loss == "cross_entropy" {
        let labels = Tensor<Double>(classes: try #require(indices))
        return softmaxCrossEntropy(input, labels: tape.constant(labels))
      }
      let targets = tape.constant(try #require(targets).tensor)
      switch loss {
      case "binary_cross_entropy_with_logits":
        return binaryCrossEntropy(logits: input, targets: targets)
      case "binary_cross_entropy":
        return binaryCrossEntropy(probabilities: input, targets: targets)
      case "mean_squared_error": return meanSquaredError(input, targets)
      default: throw UnknownName(name: loss)
      }
    }
  }

  struct File: Decodable {
    let cases, kinks: [Case]
  }

  @Test("in value and gradient, to 1e-13 of the number or of 1")
  func cases() throws {
    let file: File = try GoldenFile.load("losses.json")
    #expect(file.cases.count == 20)
    for item in file.cases {
      let tape = Tape<Double>()
      let input = tape.variable(item.input.tensor)
      let loss = try item.record(input)
      let gradient = tape.gradients(of: loss, seed: Tensor(item.upstream))[input]
      #expect(abs(loss.scalar - item.output) <= 1e-13 * max(1, abs(item.output)), "\(item.name)")
      let found = differences(gradient, item.gradient, relativeToOne: 1e-13)
      #expect(found.isEmpty, "\(item.name): \(found.joined(separator: "; "))")
    }
  }

  @Test("cross-entropy against one-hot targets is that against labels")
  func distributions() throws {
    let file: File = try GoldenFile.load("losses.json")
    for item in file.cases where item.loss == "cross_entropy" {
      let tape = Tape<Double>()
      let input = tape.variable(item.input.tensor)
      let labels = Tensor<Double>(classes: try #require(item.indices))
      let targets = tape.constant(labels.oneHot(classes: input.shape[-1]))
      let loss = softmaxCrossEntropy(input, targets: targets)
      #expect(abs(loss.scalar - item.output) <= 1e-13, "\(item.name)")
      let gradient = tape.gradients(of: loss, seed: Tensor(item.upstream))[input]
      #expect(differences(gradient, item.gradient, relativeToOne: 1e-13).isEmpty, "\(item.name)")
    }
  }

  @Test("of probabilities 0 and 1 have PyTorch's values, and a gradient of 0 where the bound acts")
  func bounds() throws {
    let file: File = try GoldenFile.load("losses.json")
    for item in file.kinks {
      let tape = Tape<Double>()
      let input = tape.variable(item.input.tensor)
      let loss = try item.record(input)
      #expect(abs(loss.scalar - item.output) <= 1e-13 * max(1, item.output), "\(item.name)")
      let gradient = tape.gradients(of: loss, seed: Tensor(item.upstream))[input].scalar
      // PyTorch bounds the slope at 1e12; here it is the slope of the bounded loss.
      let probability = item.input.values[0]
      let target = try #require(item.targets).values[0]
      let slope =
        probability == 0 || probability == 1
        ? (probability == target ? 1 - 2 * target : 0) : -target / probability
      #expect(
        abs(gradient - item.upstream * slope) <= 1e-13 * abs(item.upstream * slope),
        "\(item.name): \(gradient)")
    }
  }

  private func abs(_ x: Double) -> Double { Swift.abs(x) }
}
