import Plumbline
import Testing
import Verification

/// A cost of a ReLU network as a function of its parameters.
struct SequentialCost: DifferentiableFunction {
  let network: Sequential
  let layout: ParameterLayout
  let input: Tensor<Double>
  let targets: Tensor<Double>
  var l1 = 0.0

  init(_ widths: [Int], input: Tensor<Double>, targets: Tensor<Double>) {
    let layers = zip(widths, widths.dropFirst()).map { Dense($0, $1) as any Layer }
    network = Sequential(
      layers.dropLast().flatMap { [$0, Activation.relu] as [any Layer] } + layers.suffix(1))
    layout = ParameterLayout(of: network)
    self.input = input
    self.targets = targets
  }

  var names: [String] { layout.entries.map(\.name) }

  func callAsFunction<T: TensorProtocol>(_ parameters: [T]) -> T {
    let x = parameters[0].constant(Tensor(converting: input))
    let logits = network(x, Pass(layout: layout, values: parameters))
    let cost = binaryCrossEntropy(
      logits: logits, targets: x.constant(Tensor(converting: targets)))
    return l1 == 0 ? cost : parameters.reduce(cost) { $0 + abs($1).sum() * l1 }
  }

  /// Weights N(0, deviation²), zero biases.
  func point(deviation: Double, key: Key) -> [Tensor<Double>] {
    layout.entries.map { entry in
      entry.name.hasSuffix("bias")
        ? .zeros(entry.shape)
        : Tensor(entry.shape, key[entry.name].normal(entry.shape.elementCount)) * deviation
    }
  }

  /// The usual case: N(0, 1) data, 0/1 labels.
  static func random(_ widths: [Int], examples: Int, seed: Int) -> SequentialCost {
    let key = Key(seed: seed)
    return SequentialCost(
      widths, input: Tensor([examples, widths[0]], key["x"].normal(examples * widths[0])),
      targets: Tensor(
        [examples, 1], (0..<examples).map { key["y"].uniform(at: $0) < 0.5 ? 0 : 1 }))
  }
}

@Suite("Kinks are neither mistakes nor hiding places")
struct KinkTests {
  #if DEBUG
    private static let seeds = [2, 3]
  #else
    private static let seeds = [1, 2, 3, 4, 5, 6]
  #endif

  @Test("6-5-3-1 with zero biases: b2 stands at a kink and nothing else does", arguments: seeds)
  func zeroBiases(seed: Int) throws {
    let cost = SequentialCost.random([6, 5, 3, 1], examples: 300, seed: seed)
    let point = cost.point(deviation: 0.01, key: Key(seed: seed)["w"])
    let report = GradientCheck().report(on: cost, at: point, names: cost.names)
    #expect(report.failures.isEmpty, "\(report.failures)")
    // The samples whose first-layer units are all off, counted by other means.
    let first = relu(matmul(cost.input, point[0]))
    let dark = (0..<300).filter { row in (0..<5).allSatisfy { first[row, $0] == 0 } }
    // They all are predicted 1/2. Where their labels are balanced, what they add to both slopes is 0.
    let imbalance = dark.reduce(0) { $0 + cost.targets[$1, 0] - 0.5 }
    let verdict: Verdict = imbalance == 0 ? .pass : .kink
    #expect(report.verdict == verdict)
    for tensor in report.tensors {
      #expect(tensor.verdict == (tensor.name == "2.bias" ? verdict : .pass), "\(tensor.name)")
    }
    let kinks = report.tensors[3].kinks
    #expect(report.distanceWithoutKinks.value < 1e-7)
    if imbalance == 0 { return }
    #expect(kinks.map(\.entry) == [0, 1, 2])
    // The usual number is bad because of those entries alone.
    #expect(report.distance.value > 1e-6)
    for (unit, kink) in kinks.enumerated() {
      #expect(kink.crossings.map(\.layer) == ["2"])
      #expect(kink.crossings.map(\.operation) == ["relu"])
      #expect(kink.crossings.map(\.unit) == [unit])
      #expect(kink.crossings.map(\.samples) == [dark])
      #expect(kink.leftSlope != kink.rightSlope)
      #expect(abs(kink.byConvention - kink.claimed) < 1e-12)
    }
    let findings = report.findings()
    #expect(
      findings.count == 3 && findings.allSatisfy { $0.cause == .kink && $0.severity == .note })
    #expect(findings.map(\.location.quantity) == Array(repeating: "2.bias", count: 3))
    #expect(findings.map(\.location.units) == [[0], [1], [2]])
    #expect(findings[0]["gradient"] == kinks[0].claimed)
    #expect(findings[0].explanation.hasPrefix("relu of layer 2, unit 0"))
  }

  @Test(
    "zero weights and biases, where a perturbation switches samples both ways", arguments: 1...3)
  func zeroWeights(seed: Int) {
    let cost = SequentialCost.random([3, 4, 2, 1], examples: 20, seed: seed)
    var point = cost.point(deviation: 1, key: Key(seed: seed)["w"])
    point[0] = .zeros(point[0].shape)
    let report = GradientCheck().report(on: cost, at: point)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.tensors[0].verdict == .kink)
  }

  @Test("an L1 penalty at zero weights")
  func absoluteValues() {
    var cost = SequentialCost.random([3, 2, 1], examples: 10, seed: 4)
    cost.l1 = 0.1
    var point = cost.point(deviation: 1, key: Key(seed: 5))
    point[2][1, 0] = 0
    let report = GradientCheck().report(on: cost, at: point)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.tensors[2].kinks.map(\.entry) == [1])
    #expect(report.tensors[2].kinks.first?.crossings.map(\.operation) == ["absolute"])
  }

  @Test("second derivatives of a ReLU net with zero biases are right too", arguments: 1...3)
  func secondOrder(seed: Int) {
    let cost = SequentialCost.random([4, 3, 2, 1], examples: 30, seed: seed)
    let point = cost.point(deviation: 0.3, key: Key(seed: seed)["w"])
    let report = GradientCheck().report(on: cost, at: point, order: 2)
    #expect(report.failures.isEmpty, "\(report.failures)")
  }

  @Test("a kink at any small distance is stepped around", arguments: -30 ... -1)
  func nearKinks(exponent: Int) {
    struct Bend: DifferentiableFunction {
      func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T { (relu(x[0]) + exp(x[0])).sum() }
    }
    let distance = Double(sign: .plus, exponent: exponent, significand: 1.1)
    let report = GradientCheck().report(on: Bend(), at: [Tensor([distance, -distance, 1])])
    #expect(report.verdict == .pass, "\(report.failures)")
  }

  /// A bend at 0 whose pullback is wrong in one way.
  struct WrongBend: TensorOperation {
    enum Flaw: String, CaseIterable, Sendable { case factor, outside, sign }
    let flaw: Flaw
    let name = "wrong bend"
    var isPiecewise: Bool { true }
    func decisions(_ inputs: [Tensor<Double>]) -> Decisions? { Decisions(signsOf: inputs[0]) }
    func shape(of inputs: [Shape]) -> Shape { inputs[0] }
    func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { relu(inputs[0]) + 2 * inputs[0] }
    func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
      let right = gate(upstream, by: call.inputs[0]) + 2 * upstream
      switch flaw {
      // Between the slopes at the kink, wrong next to it.
      case .factor: return [right * 1.1]
      case .outside: return [right + 1.5 * upstream]
      case .sign: return [-right]
      }
    }
  }
  struct WrongFunction: DifferentiableFunction {
    let flaw: WrongBend.Flaw
    func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
      T.apply(WrongBend(flaw: flaw), to: [x[0]]).sum()
    }
  }

  @Test("a wrong gradient at a kink is still wrong", arguments: WrongBend.Flaw.allCases)
  func wrongAtKink(flaw: WrongBend.Flaw) {
    let report = GradientCheck().report(on: WrongFunction(flaw: flaw), at: [[0, 0, 0]])
    #expect(report.verdict == .fail, "\(flaw)")
    for distance in [1e-3, 1e-6, 1e-9] {
      let near = GradientCheck().report(
        on: WrongFunction(flaw: flaw), at: [Tensor([distance, -distance])])
      #expect(near.verdict == .fail, "\(flaw) at \(distance)")
    }
  }

  @Test("a kink that an operation does not declare is a failure that says so")
  func undeclared() {
    struct HiddenBend: TensorOperation {
      let name = "hidden bend"
      func shape(of inputs: [Shape]) -> Shape { inputs[0] }
      func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { relu(inputs[0]) }
      func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
        [upstream * sqrt((call.output + 1e-300) / (call.output + 1e-300)) * 0]
      }
    }
    struct Hidden: DifferentiableFunction {
      func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
        T.apply(HiddenBend(), to: [x[0]]).sum()
      }
    }
    let report = GradientCheck().report(on: Hidden(), at: [[0]])
    #expect(report.verdict == .fail)
    #expect(report.failures.contains { $0.description.contains("no operation declares") })
  }
}
