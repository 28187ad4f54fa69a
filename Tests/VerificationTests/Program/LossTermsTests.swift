import Plumbline
import Testing

@testable import Verification

@Suite("Losses as programs have them")
struct LossTermsTests {
  private static let functions: [Nonlinearity] = [
    .linear, .softmax, .elementwise(.sigmoid), .elementwise(.tanh), .exponential,
  ]
  private let z = Tensor<Double>([6, 3], Key(seed: 1)["z"].normal(18))
  /// One of several kinds of targets, of three outputs and of one.
  private func targets(_ kind: ProgramLoss.Kind, outputs: Int) -> Tensor<Double>? {
    let values = Key(seed: 2)["y"].normal(6 * outputs)
    let shape: Shape = [6, outputs]
    let all = [
      Tensor(shape, values.map { $0 > 0 ? 1 : -1 }),
      Tensor<Double>(classes: [0, 1, 2, 0, 1, 2].map { $0 % outputs }).oneHot(classes: outputs),
      Tensor(shape, values.map { ($0 * 2).rounded().magnitude }), Tensor(shape, values),
      softmax(Tensor(shape, values)) * 0.9,
    ]
    return all.first(where: kind.isPossible)
  }

  @Test("value, value on a tape and derivative agree", arguments: ProgramLoss.Kind.plain)
  func agree(kind: ProgramLoss.Kind) throws {
    for outputs in [1, 3] {
      let z = outputs == 3 ? self.z : self.z.sliced(axis: 1, 0..<1)
      guard let y = targets(kind, outputs: outputs) else { continue }
      for function in Self.functions
      where kind.takes(function) && (function != .softmax || outputs > 1) {
        // A cross-entropy of tanh has no logarithm.
        if kind.takesShares && function == .elementwise(.tanh) { continue }
        let loss = ProgramLoss(kind: kind, scale: 0.3)
        let a = function(z)
        let tape = Tape<Double>()
        let variable = tape.variable(z)
        let cost = loss(function(variable), function, of: variable, targets: tape.constant(y))
        let value = loss.value(a, function, targets: y)
        if !value.isFinite { continue }
        #expect(abs(cost.scalar - value) <= 1e-12 * max(1, abs(value)), "\(kind) \(function)")
        let gradient = tape.gradients(of: cost)[variable]
        let da = loss.gradient(a, function, targets: y)
        let dz =
          function.derivative(at: z).map { da * $0 }
          ?? (a * da - a * (a * da).sum(alongAxes: [-1], keepingAxes: true))
        #expect(gradient.relativeDistance(to: dz) < 1e-9, "\(kind.rawValue) of \(function.title)")
      }
    }
  }

  @Test("names of options are those of their losses")
  func names() throws {
    for name in ProgramLoss.Kind.names {
      #expect(try #require(ProgramLoss.Kind(spelled: name)).name == name)
    }
    for loss in LossFunction.allCases {
      #expect(ProgramLoss.Kind(spelled: loss.rawValue)?.name == loss.rawValue)
    }
    #expect(ProgramLoss.Kind(spelled: "BCE") == .binaryCrossEntropy)
    #expect(ProgramLoss.Kind(spelled: "L2 norm of nothing") == nil)
  }

  @Test("what an audit prints of a loss is taken when it is typed")
  func printed() throws {
    var hints = LossHints()
    hints.numbers = ["delta": 1.7, "beta": 0.3, "posweight": 3]
    hints.targets = Tensor([4, 1], [0, 1, 1, 0])
    for kind in ProgramLoss.Kind.all() + ProgramLoss.Kind.all(hints) {
      for text in [kind.name, kind.rawValue] {
        let again = try #require(ProgramLoss.Kind(spelled: text), "\(text)")
        #expect(again.name == kind.name, "\(text)")
      }
    }
  }

  @Test("what an audit prints of a function is taken when it is typed, alone and in a list")
  func printedFunctions() throws {
    let rarer: [RarerFunction] = [
      .leaky(slope: 0.2), .elu(alpha: 1.5), .geluByTanh, .softsign,
      .hardSigmoid(slope: 0.2), .clipped(low: -2, high: 6), .clipped(low: 0, high: 6),
      .scaledElu(factor: 1.2, alpha: 1.7), .scaled(.tanh, factor: 1.7159, inner: 2.0 / 3),
      .scaled(.sigmoid, factor: 1, inner: 1.702), .scaled(.relu, factor: 1.4142, inner: 1),
    ]
    let named = Nonlinearity.names.compactMap {
      Nonlinearity(spelled: $0.replacing("NUMBER", with: "0.3"))
    }
    #expect(named.count == Nonlinearity.names.count)
    for function in named + rarer.map(Nonlinearity.rarer) {
      for text in [function.spelling, function.title] {
        #expect(Nonlinearity(spelled: text)?.title == function.title, "\(text)")
        let list = Nonlinearity.list(spelled: "\(text),relu, \(text)")
        #expect(list?.map(\.title) == [function.title, "relu", function.title], "\(text)")
      }
    }
  }

  @Test("names of functions take their numbers behind a colon")
  func functions() throws {
    #expect(Nonlinearity(spelled: "leaky-relu:0.2") == .leaky(slope: 0.2))
    #expect(Nonlinearity(spelled: "leaky_relu") == .elementwise(.leakyRelu))
    #expect(Nonlinearity(spelled: "exp") == .exponential)
    #expect(Nonlinearity.list(spelled: "relu6, softsign;gelu-tanh")?.count == 3)
    #expect(Nonlinearity(spelled: "tanh:2")?.title == "2 tanh")
    #expect(Nonlinearity(spelled: "tanh:2:3:4") == nil)
  }

  @Test("numbers and weights of the file make forms of their own")
  func forms() {
    var hints = LossHints(
      numbers: ["delta": 3], weights: [Tensor([6], [1, 2, 1, 2, 1, 2])],
      targets: Tensor([6, 1], [0, 1, 1, 0, 1, 0]))
    let kinds = ProgramLoss.Kind.all(hints)
    #expect(kinds.contains { $0.rawValue == "huber loss (delta 3)" })
    #expect(kinds.contains { $0.rawValue == "weighted binary-cross-entropy" })
    hints.weights = []
    #expect(!ProgramLoss.Kind.all(hints).contains { $0.rawValue.hasPrefix("weighted") })
  }
}
