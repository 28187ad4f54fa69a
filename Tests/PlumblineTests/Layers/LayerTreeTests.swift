import Plumbline
import Testing

@Suite("A network printed")
struct LayerTreeTests {
  private struct Block: Layer, CustomStringConvertible {
    let first = Dense(4, 4), second = Dense(4, 4, bias: nil), scale = Parameter([], .zero)
    let note = "of one's own"

    func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
      x + pass[scale] * second(relu(first(x, pass)), pass)
    }
  }

  @Test("is a tree of its layers with shapes, settings and the number of parameters")
  func tree() {
    let network = Sequential([Dense(2, 4), Activation.tanh, Block(), Dropout(0.25)])
    #expect(
      "\(network)" == """
        Sequential  (49 parameters)
          0  Dense  weight [2, 4]  bias [4]
          1  tanh
          2  Block  scale []  note of one's own
            first  Dense  weight [4, 4]  bias [4]
            second  Dense  weight [4, 4]
          3  Dropout  rate 0.25
        """)
  }

  @Test("shows a pattern that repeats once, and how often")
  func patterns() {
    let hidden = (0..<64).flatMap { _ in [Dense(4, 4), Activation.relu] as [any Layer] }
    let lines = "\(Sequential([Dense(2, 4)] + hidden + [Dense(4, 3)]))".split(separator: "\n")
    #expect(
      lines.map { $0.trimmingPrefix(while: { $0 == " " }).prefix { $0 != " " } } == [
        "Sequential", "0", "1", "2", "…", "129",
      ])
    #expect(lines[4] == "  …  the same 63 more times, to 128")
    // Two of a kind are not a pattern.
    #expect(!"\(Sequential(Dense(4, 4), Dense(4, 4)))".contains("…"))
    // What differs in a layer inside is not the same.
    let blocks = (0..<8).map { Residual(Dense(4, 4), scale: $0 == 5 ? 0.5 : 1) }
    #expect("\(Sequential(blocks))".contains("5  Residual  scale 0.5"))
  }

  @Test("a layer without parameters is one line")
  func small() {
    #expect("\(Flatten())" == "Flatten")
    #expect(
      "\(Residual(Dense(4, 4)))".hasPrefix(
        "Residual  scale 1.0  (20 parameters)"))
  }
}
