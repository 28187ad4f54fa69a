import Plumbline
import Testing

@Suite("Extreme arguments")
struct GoldenExtremeTests {
  private let cases: [GoldenOperation]

  init() throws {
    let file: GoldenOperationTests.File = try GoldenFile.load("operations.json")
    cases = file.extremes
  }

  @Test("values")
  func values() throws {
    for item in cases {
      let output = try #require(item(item.inputs.map(\.tensor)))
      let found = differences(output, item.output, relative: 1e-15)
      #expect(found.isEmpty, "\(item.name): \(found.joined(separator: "; "))")
    }
  }

  @Test("slopes")
  func slopes() throws {
    for item in cases where !item.gradients.isEmpty {
      let tape = Tape<Double>()
      let inputs = item.inputs.map { tape.variable($0.tensor) }
      let gradients = tape.gradients(of: try #require(item(inputs)).sum())
      let found = differences(gradients[inputs[0]], item.gradients[0], relative: 1e-15)
      #expect(found.isEmpty, "\(item.name): \(found.map { $0 }.joined(separator: "; "))")
    }
  }
}
