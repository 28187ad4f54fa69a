import Plumbline
import TestSupport
import Testing

@Suite("Operations agree with PyTorch")
struct GoldenOperationTests {
  struct File: Decodable {
    let cases, kinks, extremes: [GoldenOperation]
  }

  private let file: File

  init() throws { file = try GoldenFile.load("operations.json") }

  @Test("in value and gradient, to 1e-13 of the number or of 1")
  func cases() throws {
    #expect(file.cases.count > 200)
    for item in file.cases where !item.isMissing && item.operation != "one_hot" {
      let (output, gradients) = try evaluate(item)
      report(item, "value", differences(output, item.output, relativeToOne: 1e-13))
      #expect(gradients.count == item.gradients.count)
      for (gradient, expected) in zip(gradients, item.gradients) {
        report(
          item, "gradient of \(expected.name ?? "")",
          differences(gradient, expected, relativeToOne: 1e-13))
      }
    }
  }

  @Test("in second derivatives, to 1e-12 of the number or of 1")
  func hessianProducts() throws {
    let items = file.cases.filter { $0.directions != nil && !$0.isMissing }
    #expect(items.count > 25)
    for item in items {
      let directions = try #require(item.directions)
      let expected = try #require(item.hessianProducts)
      let tape = Tape<Double>()
      let inputs = item.inputs.map { tape.variable($0.tensor) }
      let output = try #require(item(inputs))
      let seed = tape.constant(try #require(item.upstream).tensor)
      let gradients = tape.gradients(of: output, withRespectTo: inputs, seed: seed)
      let products = zip(gradients, directions).map { ($0 * tape.constant($1.tensor)).sum() }
      let second = tape.gradients(of: products.dropFirst().reduce(products[0]) { $0 + $1 })
      for (input, expected) in zip(inputs, expected) {
        report(
          item, "second derivative of \(expected.name ?? "")",
          differences(second[input], expected, relativeToOne: 1e-12))
      }
    }
  }

  @Test("in the rows of one-hot vectors")
  func oneHot() throws {
    for item in file.cases where item.operation == "one_hot" {
      let classes = try #require(item.attributes.classes)
      let indices = Tensor<Double>(classes: try #require(item.attributes.indices))
      #expect(indices.oneHot(classes: classes) == item.output.tensor)
    }
  }

  @Test("at kinks and ties, but where the library states another convention")
  func kinks() throws {
    // PyTorch has two answers for the ties of a maximum over an axis, after the function's spelling. The
    // library has one, the even division.
    let firstWinner =
      "the whole gradient to the first of the tied elements (torch.max and torch.min)"
    var compared = 0
    for item in file.kinks where !item.isMissing && item.convention != firstWinner {
      let (output, gradients) = try evaluate(item)
      report(item, "value", differences(output, item.output, relativeToOne: 1e-13))
      for (gradient, expected) in zip(gradients, item.gradients) {
        report(item, "gradient", differences(gradient, expected, relativeToOne: 1e-13))
      }
      compared += 1
    }
    #expect(compared >= 15)
  }

  @Test("and what is left out does not exist here")
  func missing() {
    for missing in GoldenOperation.missing {
      #expect(
        !OperationSample.all.contains { $0.name == missing.kind }, "\(missing.operation) exists")
      #expect(
        file.cases.contains { $0.operation == missing.operation },
        "\(missing.operation) is not in the file")
    }
    #expect(file.cases.count { $0.hasSteps } == 1)
  }

  private func evaluate(
    _ item: GoldenOperation
  ) throws -> (output: Tensor<Double>, gradients: [Tensor<Double>]) {
    let tape = Tape<Double>()
    let inputs = item.inputs.map { tape.variable($0.tensor) }
    let output = try #require(item(inputs), "unknown operation \(item.operation)")
    let gradients = tape.gradients(of: output, seed: item.upstream?.tensor)
    return (output.value, inputs.map { gradients[$0] })
  }

  private func report(_ item: GoldenOperation, _ what: String, _ differences: [String]) {
    #expect(differences.isEmpty, "\(item.name), \(what): \(differences.joined(separator: "; "))")
  }
}
