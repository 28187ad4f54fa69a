import Plots
import Plumbline
import Testing

@Suite("A tape can be printed and drawn")
struct TapeDescriptionTests {
  private func recordedLoss() -> Tape<Float> {
    let network = Sequential(Dense(2, 3), Activation.relu, Dense(3, 2))
    let parameters = Parameters<Float>(of: network, key: Key(seed: 1))
    let tape = Tape<Float>()
    let pass = parameters.pass(on: tape)
    let x = tape.constant([[1, 2], [3, 4]], name: "images")
    let labels = tape.constant(Tensor(classes: [0, 1]), name: "labels")
    _ = softmaxCrossEntropy(network(x, pass), labels: labels)
    return tape
  }

  @Test("as a table")
  func table() {
    #expect(
      recordedLoss().description == """
        node  operation      inputs    shape   FLOP  bytes  layer
        %0    0.weight                 [2, 3]     0     24
        %1    0.bias                   [3]        0     12
        %2    2.weight                 [3, 2]     0     24
        %3    2.bias                   [2]        0      8
        %4    images                   [2, 2]     0     16
        %5    labels                   [2]        0      8
        %6    linear         %4 %0 %1  [2, 3]    30     24  0
        %7    relu           %6        [2, 3]     6     24
        %8    linear         %7 %2 %3  [2, 2]    28     16  2
        %9    logLikelihood  %8 %5     [2]       20      8  2
        %10   sum axes [0]   %9        [1]        2      4  2
        %11   reshape to []  %10       []         0      4  2
        %12   constant                 []         0      4
        %13   divide         %11 %12   []         1      4  2
        %14   negate         %13       []         1      4  2
              total                              88    184
        """)
  }

  @Test("as a graph in DOT")
  func graph() {
    let tape = Tape<Double>()
    let x = tape.constant([[1, 2]], name: "images")
    let w = tape.variable([[3], [-4]], name: "weight")
    _ = relu(matmul(x, w)).sum()
    #expect(
      tape.drawing(title: "loss").dot() == #"""
        digraph "loss" {
          graph [label="loss", labelloc=t, fontname="Helvetica"];
          node [fontname="Helvetica", fontsize=11];
          edge [color="#777777", arrowsize=0.7];
          "n0" [label="images\n[1, 2]\n0 FLOP, 16 B", \#(constantStyle)];
          "n1" [label="weight\n[2, 1]\n0 FLOP, 16 B", \#(style("house", fill: "fbeadb"))];
          "n2" [label="matmul AB\n[1, 1]\n4 FLOP, 8 B", \#(style("box", fill: "ffffff"))];
          "n3" [label="relu\n[1, 1]\n1 FLOP, 8 B", \#(style("hexagon", fill: "e2f4ec"))];
          "n4" [label="sum axes [0, 1]\n[1, 1]\n1 FLOP, 8 B", \#(style("box", fill: "ffffff"))];
          "n5" [label="reshape to []\n[]\n0 FLOP, 8 B", \#(resultStyle)];
          "n0" -> "n2";
          "n1" -> "n2";
          "n2" -> "n3";
          "n3" -> "n4";
          "n4" -> "n5";
        }

        """#)
  }

  private func style(_ shape: String, fill: String) -> String {
    "shape=\(shape), style=filled, fillcolor=\"#\(fill)\""
  }

  private let constantStyle = ##"shape=box, style="dashed,filled", fillcolor="#f4f4f4""##
  private let resultStyle = ##"shape=box, peripheries=2, style=filled, fillcolor="#efe3f1""##

  @Test("with entries that name inputs, layers, operations and bytes")
  func entries() throws {
    let tape = recordedLoss()
    let entries = tape.entries
    #expect(entries.map(\.index) == Array(0..<tape.count))
    let linear = try #require(entries.first { $0.title == "linear" })
    #expect(linear.layer == "0")
    #expect(linear.inputs.map { entries[$0].title } == ["images", "0.weight", "0.bias"])
    #expect(linear.shape == [2, 3])
    // Two rows of three sums of two products, and three additions of the bias each.
    #expect(linear.floatingPointOperations == 2 * 3 * (2 * 2 + 1))
    #expect(linear.bytes == 6 * 4)
    #expect(linear.requiresGradient)
    #expect(!entries[4].requiresGradient)
    let relu = try #require(entries.first { $0.title == "relu" })
    #expect(relu.convention == "0 at 0")
    #expect(
      tape.floatingPointOperations == entries.reduce(0) { $0 + $1.floatingPointOperations })
  }

  @Test("a variable prints its place, what made it and its value")
  func variables() {
    let tape = Tape<Double>()
    let x = tape.variable([1, 2], name: "x")
    #expect("\(x)" == "%0 x [1, 2]")
    #expect("\(x * x)" == "%1 multiply [1, 4]")
    #expect("\(tape.variable([0]))" == "%2 variable [0]")
    #expect("\(tape.constant([0]))" == "%3 constant [0]")
  }

  @Test("an empty tape prints its header and its total")
  func empty() {
    #expect(
      Tape<Double>().description == """
        node  operation  inputs  shape  FLOP  bytes  layer
              total                        0      0
        """)
  }
}
