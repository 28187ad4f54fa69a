import Experiments
import Plumbline
import Testing
import Verification

@Suite struct BlockArmTests {
  private static func network(_ arm: Arm, depth: Int = 4, width: Int = 5) throws -> any Layer {
    try arm.network(GridPoint(inputs: 3, width: width, classes: 2, depth: depth))
  }

  @Test func namesDifferAndAreKnown() {
    let names = Arm.library.map(\.rawValue)
    #expect(Set(names).count == names.count)
    #expect(names.allSatisfy { Arm(rawValue: $0)?.rawValue == $0 })
    #expect(Arm.library == Arm.allCases + Arm.blocks)
  }

  /// Matrices are those of a plain net; what norms, scales and streams have besides are vectors and numbers.
  @Test(arguments: Arm.blocks)
  func weightsAreThoseOfAPlainNet(arm: Arm) throws {
    let (plain, own) = (try Self.network(.plain), try Self.network(arm))
    func weights(_ layer: any Layer) -> Int {
      ParameterLayout(of: layer).entries.filter { $0.name.hasSuffix("weight") }
        .reduce(0) { $0 + $1.shape.elementCount }
    }
    #expect(weights(own) == weights(plain))
  }

  /// What an optimizer does about depth stands in the layout; the arms without blocks do not read it.
  @Test func armsReadADepthScaling() throws {
    func layout(_ arm: Arm, _ scaling: String?) throws -> ParameterLayout {
      let condition = Condition(scaling.map { [("depth-scaling", .text($0))] } ?? [])
      return ParameterLayout(
        of: try arm.network(
          GridPoint(inputs: 3, width: 5, classes: 2, depth: 32, condition: condition)))
    }
    for name in ["residual", "pre-norm", "post-norm", "peri-norm", "output-norm"] {
      let arm = try #require(Arm(rawValue: name))
      let (own, scaled) = (try layout(arm, nil), try layout(arm, "depth-mup"))
      #expect(own == scaled, "\(name): the same parameters")
      #expect(own.entries.allSatisfy { $0.updates == .one }, "\(name)")
      for entry in scaled.entries {
        let isInside = entry.name.hasPrefix("hidden")
        #expect(
          entry.updates == (isInside ? UpdateScale(step: 0.5, gradient: 0.5) : .one),
          "\(name), \(entry.name)")
      }
      #expect(try layout(arm, "standard").entries.allSatisfy { $0.updates == .one }, "\(name)")
    }
    #expect(throws: (any Error).self) { try layout(.residual, "mup") }
  }

  @Test(arguments: Arm.blocks)
  func theEndsStartFromTheDrawsOfAPlainNet(arm: Arm) throws {
    let key = Key(seed: 5)
    func values(_ layer: some Layer) -> Parameters<Double> { Parameters(of: layer, key: key) }
    let (plain, own) = (values(try Self.network(.plain)), values(try Self.network(arm)))
    for name in ["input.weight", "output.weight"] { #expect(plain[name] == own[name]) }
  }

  @Test(arguments: Arm.blocks)
  func gradientsAreRight(arm: Arm) throws {
    func check(_ network: some Layer) {
      let key = Key(seed: 9)
      var parameters = Parameters<Double>(of: network, key: key)
      // Anywhere near the start: biases of exactly 0 would put a signal of 0 on the kink of a ReLU.
      parameters.vector =
        parameters.vector + Tensor([parameters.count], key["noise"].normal(parameters.count)) * 0.3
      let surrogates = arm.rawValue == "gpas" ? Self.beforeLastGate(parameters.names) : []
      let report = GradientCheck(key: key, surrogates: surrogates).report(
        on: network, parameters: parameters, input: Tensor([2, 3], key["input"].normal(6)))
      #expect(report.passes, "\(report.failures)")
    }
    check(try Self.network(arm, depth: 4, width: 4))
  }

  /// All whose gradient passes a layer that scales without its knowledge.
  private static func beforeLastGate(_ names: [String]) -> Set<String> {
    let last = names.lastIndex { $0.hasSuffix(".gate") } ?? 0
    return Set(names[..<last]).union(["input"])
  }

  @Test(arguments: Arm.blocks)
  func aDeepNetHasAFiniteGradient(arm: Arm) throws {
    func check(_ network: some Layer) {
      let parameters = Parameters<Double>(of: network, key: Key(seed: 3))
      let x = Tensor<Double>([3, 3], Key(seed: 2).normal(9))
      let labels = Tensor<Double>(classes: [0, 1, 0])
      let (loss, gradient) = parameters.valueWithGradient { pass in
        softmaxCrossEntropy(network(pass.constant(x), pass), labels: pass.constant(labels))
      }
      #expect(loss.isFinite && gradient.vector.isFinite)
    }
    check(try Self.network(arm, depth: 64, width: 8))
  }

  @Test func aWrongFactorIsNamed() {
    for (arm, name, text) in [
      ("pre-norm", "norm", "bach"), ("permuted-connections", "streams", "6"),
      ("hyper-connections", "streams", "0"), ("hyper-connections", "input-dependent", "2"),
    ] {
      let point = GridPoint(
        inputs: 3, width: 4, classes: 2, depth: 4,
        condition: Condition([(name, Factor.Level(parsing: text))]))
      #expect(throws: (any Error).self, "\(arm), \(name)=\(text)") {
        try Arm(rawValue: arm)!.network(point)
      }
    }
  }
}
