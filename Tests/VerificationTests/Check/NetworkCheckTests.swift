import Plumbline
import Testing
import Verification

@Suite("The check of whole networks")
struct NetworkCheckTests {
  private func cost(
    _ network: DenseNetworkDescription, examples: Int, seed: Int = 1, dropout: Set<Int> = []
  ) throws -> (cost: NetworkCost, point: [Tensor<Double>]) {
    let key = Key(seed: seed)
    let masks = dropout.map { layer in
      let count = examples * network.widths[layer]
      return (
        layer,
        Tensor(
          [examples, network.widths[layer]],
          key["mask"][layer].mask(count, keeping: 0.8).map { $0 ? 1.25 : 0 })
      )
    }
    let dense = DenseNetwork(network, masks: Dictionary(uniqueKeysWithValues: masks))
    let parameters = Parameters<Double>(of: dense, key: key["parameters"])
    let outputs = network.widths[network.layerCount]
    let targets = try network.targets(
      network.loss == .meanSquaredError
        ? Tensor([examples, outputs], key["y"].normal(examples * outputs))
        : Tensor(
          classes: (0..<examples).map { key["y"].integer(at: $0, below: max(outputs, 2)) }),
      examples: examples)
    let inputs = Tensor(
      [examples, network.widths[0]], key["x"].normal(examples * network.widths[0]))
    return (
      NetworkCost(dense, inputs: inputs, targets: targets), parameters.names.map { parameters[$0] }
    )
  }

  @Test(
    "with penalties, residual blocks and every activation",
    arguments: LayerActivation.allCases.filter { $0 != .softmax })
  func activations(activation: LayerActivation) throws {
    let network = try DenseNetworkDescription(
      widths: [3, 4, 4, 4, 2], activations: [activation], isResidual: true, l1: 0.1, l2: 0.3)
    #expect(network.blockStarts == [2])
    let (cost, point) = try cost(network, examples: 6)
    let report = GradientCheck().report(on: cost, at: point, names: network.parameterNames)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.distanceWithoutKinks.value < 1e-7)
  }

  @Test("with dropout, whose masks stay", arguments: 1...2)
  func dropout(order: Int) throws {
    let network = try DenseNetworkDescription(widths: [4, 5, 3], activations: [.tanh])
    let (cost, point) = try cost(network, examples: 8, dropout: [1])
    let report = GradientCheck().report(on: cost, at: point, order: order)
    #expect(report.verdict == .pass, "\(report.failures)")
  }

  @Test("of 50,000 parameters are sampled, and the share is told")
  func sampling() throws {
    let network = try DenseNetworkDescription(widths: [400, 100, 80, 10], activations: [.relu])
    let (cost, point) = try cost(network, examples: 4)
    let report = GradientCheck(entryLimit: 1000).report(on: cost, at: point)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.checkedShare > 0 && report.checkedShare < 0.02)
    #expect(report.tensors.allSatisfy { $0.projection != nil })
  }

  /// y = x, with a pullback that is wrong in some entries.
  private struct Wrong: Operation {
    let name = "wrong"
    func shape(of inputs: [Shape]) -> Shape { inputs[0] }
    func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] }
    func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream * 1.001] }
  }
  private struct LargeFunction: DifferentiableFunction {
    func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
      tanh(T.apply(Wrong(), to: [x[0]])).sum() + sin(x[1])
    }
    private func sin<T: TensorProtocol>(_ x: T) -> T { (x * tanh(x)).sum() }
  }

  @Test("a wrong tensor of a large function is found by its direction and by its entries")
  func largeMistake() throws {
    let key = Key(seed: 2)
    let point = [
      Tensor([20_000], key["a"].normal(20_000)), Tensor([20_000], key["b"].normal(20_000)),
    ]
    let report = GradientCheck().report(on: LargeFunction(), at: point, names: ["a", "b"])
    #expect(report.tensors.map(\.verdict) == [.fail, .pass])
    #expect(report.tensors[0].failures.contains { $0.place == nil && $0.input == 0 })
    #expect(report.tensors[0].failures.contains { $0.place != nil })
  }

  @Test("a fixed step changes the reported differences and not the verdict")
  func fixedStep() throws {
    let network = try DenseNetworkDescription(widths: [3, 4, 1], activations: [.tanh])
    let (cost, point) = try cost(network, examples: 5)
    let best = GradientCheck().report(on: cost, at: point)
    let coarse = GradientCheck(step: 1e-2).report(on: cost, at: point)
    #expect(coarse.verdict == .pass)
    #expect(coarse.distance.value > 1e-6 && best.distance.value < 1e-9)
    #expect(best.distance.meaning.hasPrefix("below 1e-7"))
  }

  @Test("one-sided differences err by O(h), two-sided ones by O(h²)")
  func stepSizes() throws {
    let network = try DenseNetworkDescription(widths: [3, 4, 1], activations: [.tanh])
    let (cost, point) = try cost(network, examples: 5)
    let points = StepSizeErrors(of: cost, at: point).points
    func error(_ step: Double, _ error: (StepSizeErrors.Point) -> Double) throws -> Double {
      let nearest = points.min { abs($0.step / step - 1) < abs($1.step / step - 1) }
      return error(try #require(nearest))
    }
    let oneSided = try error(1e-2, \.oneSided) / error(1e-4, \.oneSided)
    let twoSided = try error(1e-1, \.twoSided) / error(1e-3, \.twoSided)
    #expect(oneSided > 50 && oneSided < 200, "\(oneSided)")
    #expect(twoSided > 2000 && twoSided < 50_000, "\(twoSided)")
    #expect(try error(1e-12, \.twoSided) > error(1e-5, \.twoSided))
  }

  @Test("the distance is that of the courses")
  func distance() {
    #expect(NormalizedDistance([(1, 1), (2, 2)]).value == 0)
    #expect(NormalizedDistance([(1, -1)]).value == 1)
    #expect(NormalizedDistance([(0, 0)]).value == 0)
    #expect(abs(NormalizedDistance([(3, 3.3), (4, 4.4)]).value - 0.5 / 10.5) < 1e-15)
  }
}

@Suite("A network's description")
struct NetworkDescriptionTests {
  @Test("has customary outputs and losses")
  func defaults() throws {
    let binary = try DenseNetworkDescription(widths: [3, 4, 1])
    #expect(binary.activations == [.relu, .sigmoid])
    #expect(binary.loss == .binaryCrossEntropy)
    let classes = try DenseNetworkDescription(widths: [3, 4, 5], activations: [.tanh])
    #expect(classes.activations == [.tanh, .softmax])
    #expect(classes.loss == .crossEntropy)
    let real = try DenseNetworkDescription(widths: [3, 1], loss: .meanSquaredError)
    #expect(real.activations == [.linear])
    #expect(classes.parameterCount == 16 + 25)
    #expect(classes.parameterNames == ["W1", "b1", "W2", "b2"])
  }

  @Test("forms blocks of two of hidden layers of equal width")
  func blocks() throws {
    func starts(_ widths: [Int]) throws -> Set<Int> {
      try DenseNetworkDescription(widths: widths, isResidual: true).blockStarts
    }
    #expect(try starts([7, 5, 5, 5, 5, 5, 2]) == [2, 4])
    #expect(try starts([7, 5, 5, 2]) == [])
    #expect(try starts([7, 5, 5, 5, 4, 4, 4, 2]) == [2, 5])
    #expect(try starts([5, 5, 5, 5, 5]) == [2])
  }

  @Test("tells what does not fit")
  func mistakes() {
    func message(_ make: () throws -> DenseNetworkDescription) -> String {
      do { return "\(try make())" } catch { return "\(error)" }
    }
    #expect(message { try DenseNetworkDescription(widths: [3]) }.contains("two or more widths"))
    #expect(
      message {
        try DenseNetworkDescription(
          widths: [3, 4, 4, 1], activations: [.relu, .tanh, .relu, .relu])
      }
      .contains("4 activations for 3 layers"))
    #expect(
      message { try DenseNetworkDescription(widths: [3, 4, 1], activations: [.softmax, .linear]) }
        .contains("softmax"))
  }
}
