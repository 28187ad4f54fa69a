import Foundation
import Plumbline
import TestSupport
import Testing

@Suite("Residual streams agree with their formulas in NumPy")
struct GoldenStreamTests {
  private struct Case: Decodable {
    /// The layer as JSON, in a text, whose names are left as they are.
    let description: String
    let input, output, upstream, inputGradient: [Double]
    let parameters, gradients: [String: [Double]]
  }

  private struct File: Decodable {
    let examples, width: Int
    let cases: [Case]
  }

  @Test("in outputs, and in gradients from complex steps")
  func values() throws {
    let file: File = try GoldenFile.load("streams.json")
    #expect(file.cases.count == 13)
    for item in file.cases {
      var builder = LayerBuilder(input: [file.width])
      let description = try JSONDecoder().decode(
        LayerDescription.self, from: Data(item.description.utf8))
      let layer = try description.form.build(&builder).layer
      try check(layer, item, [file.examples, file.width])
    }
  }

  private func check(_ layer: some Layer, _ item: Case, _ shape: Shape) throws {
    var parameters = Parameters<Double>(of: layer, key: Key(seed: 1))
    #expect(Set(parameters.names) == Set(item.parameters.keys), "\(item.description)")
    for name in parameters.names {
      parameters[name] = Tensor(parameters[name].shape, try #require(item.parameters[name]))
    }
    let tape = Tape<Double>()
    let x = tape.variable(Tensor(shape, item.input))
    let pass = parameters.pass(on: tape)
    let result = layer(x, pass)
    func expectEqual(_ found: Tensor<Double>, _ values: [Double], _ name: String) {
      #expect(
        found.isClose(to: Tensor(found.shape, values), absoluteTolerance: 1e-12),
        "\(item.description), \(name)")
    }
    expectEqual(result.value, item.output, "output")
    let gradients = tape.gradients(of: result, seed: Tensor(shape, item.upstream))
    expectEqual(gradients[x], item.inputGradient, "gradient of the input")
    for name in parameters.names {
      expectEqual(gradients[pass][name], try #require(item.gradients[name]), name)
    }
  }
}
