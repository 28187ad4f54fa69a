import Plumbline
import Testing

/// Each piecewise operation on its own, at inputs on every side of its kinks.
private struct Piece: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let inputs: [Tensor<Double>]
  let codes: [Int32]
  let operation: @Sendable ([Variable<Double>]) -> Variable<Double>

  init(
    _ name: String, _ inputs: Tensor<Double>..., codes: [Int32],
    _ operation: @escaping @Sendable ([Variable<Double>]) -> Variable<Double>
  ) {
    testDescription = name
    self.inputs = inputs
    self.codes = codes
    self.operation = operation
  }
}

@Suite("Piecewise operations tell their decisions")
struct DecisionsTests {
  fileprivate static let pieces: [Piece] = [
    Piece("relu", Tensor([-2, 0, 3, Double.nan]), codes: [-1, 0, 1, 2]) { relu($0[0]) },
    Piece("leakyRelu", [-2, 0, 3], codes: [-1, 0, 1]) { leakyRelu($0[0]) },
    Piece("elu", [-2, 0, 3], codes: [-1, 0, 1]) { elu($0[0], alpha: 0.5) },
    Piece("absolute", [-2, 0, 3], codes: [-1, 0, 1]) { abs($0[0]) },
    Piece("sign", [-2, 0, 3], codes: [-1, 0, 1]) { sign($0[0]) },
    Piece("clip", [-2, -1, 0, 1, 3], codes: [-2, -1, 0, 1, 2]) { clip($0[0], to: -1...1) },
    Piece("gate", [5, 5, 5], [-1, 0, 1], codes: [-1, 0, 1]) { gate($0[0], by: $0[1]) },
    Piece("select", [1, 0, -1], [5, 5, 5], [6, 6, 6], codes: [1, 0, 1]) {
      select($0[0], $0[1], $0[2])
    },
    Piece("compare", [1, 2, 3], [2, 2, 2], codes: [-1, 0, 1]) { compare($0[0], .greater, $0[1]) },
    Piece("maximum", [1, 2, 3], [2], codes: [-1, 0, 1]) { maximum($0[0], $0[1]) },
    Piece("minimum", [1, 2, 3], [2], codes: [-1, 0, 1]) { minimum($0[0], $0[1]) },
    Piece("maximumOverAxes", [[1, 5, 2], [9, 0, 3]], codes: [1, 0]) { $0[0].max(alongAxes: [1]) },
    Piece("maximumOverAxes", [[1, 5, 2], [9, 0, 3]], codes: [1, 0, 1]) {
      $0[0].max(alongAxes: [0])
    },
  ]

  @Test("as one number for each element", arguments: pieces)
  fileprivate func codes(piece: Piece) throws {
    let tape = Tape<Double>()
    _ = piece.operation(piece.inputs.map { tape.variable($0) })
    let decisions = tape.decisions
    #expect(decisions.map(\.operation) == [piece.testDescription])
    #expect(try #require(decisions.first).decisions.codes == piece.codes)
  }

  @Test("and a tie of a maximum is told from each of its winners, and from another tie")
  func ties() throws {
    func code(_ x: Tensor<Double>) throws -> Int32 {
      let tape = Tape<Double>()
      _ = tape.variable(x).max()
      return try #require(tape.decisions.first?.decisions.codes.first)
    }
    let codes = try [
      [3, 3, 1], [3, 1, 3], [1, 3, 3], [3, 3, 3], [3, 1, 1], [1, 3, 1], [1, 1, 3],
    ]
    .map { try code(Tensor($0)) }
    #expect(Set(codes).count == codes.count)
    #expect(codes[..<4].allSatisfy { $0 < 0 })
  }

  @Test("and smooth ones have none")
  func smooth() {
    let tape = Tape<Double>()
    let x = tape.variable([[1, 2], [3, 4]])
    _ = softmax(tanh(matmul(x, x)) + gelu(x) + elu(x) + leakyRelu(x, slope: 1))
    #expect(tape.decisions.isEmpty)
  }

  @Test("in any scalar type, with the layer that they belong to")
  func layers() throws {
    let network = Sequential(Dense(2, 3), Activation.relu, Dense(3, 1))
    let parameters = Parameters<Float>(of: network, key: Key(seed: 1))
    let tape = Tape<Float>()
    _ = network(tape.constant([[1, 2], [3, 4]]), parameters.pass(on: tape))
    let recorded = try #require(tape.decisions.first)
    #expect(tape.decisions.count == 1)
    #expect(recorded.operation == "relu")
    #expect(recorded.layer == "0")
    #expect(recorded.decisions.shape == [2, 3])
  }

  @Test("and two sets of them differ at the indices that switched")
  func indices() {
    let left = Decisions(signsOf: [[1, -1], [0, 2]])
    let right = Decisions(signsOf: [[1, 1], [-1, 2]])
    #expect(left.positions(differingFrom: right) == [1, 2])
    #expect(left.positions(differingFrom: left).isEmpty)
  }
}
