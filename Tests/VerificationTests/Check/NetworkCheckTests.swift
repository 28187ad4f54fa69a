import Networks
import Plumbline
import Synchronization
import Testing
import Verification

@Suite("The check of whole networks")
struct NetworkCheckTests {
  private func dense(
    _ widths: [Int], _ activations: [Activation] = [.tanh],
    _ change: (inout DenseNetworkOptions) -> Void = { _ in }
  ) throws -> NetworkDescription {
    var options = DenseNetworkOptions()
    change(&options)
    try options.setFunctions(activations, widths: widths)
    return try NetworkDescription(widths: widths, options: options)
  }

  private func cost(
    _ description: NetworkDescription, l1: Double = 0, l2: Double = 0, examples: Int, seed: Int = 1
  ) throws -> (cost: NetworkCost, point: [Tensor<Double>]) {
    let loss = LossFunction.customary(for: description.output)
    let key = Key(seed: seed)
    let network = try description.network()
    let parameters = Parameters<Double>(of: network, key: key["parameters"])
    let outputs = network.outputShape.elementCount
    let targets = try loss.targets(
      loss == .meanSquaredError
        ? Tensor([examples, outputs], key["y"].normal(examples * outputs))
        : Tensor(
          classes: (0..<examples).map { key["y"].integer(at: $0, below: max(outputs, 2)) }),
      examples: examples, outputs: outputs)
    let input = Shape([examples] + description.input.extents)
    return (
      NetworkCost(
        network, loss: loss, l1: l1, l2: l2,
        inputs: Tensor(input, key["x"].normal(input.elementCount)),
        targets: targets, key: key["masks"]), parameters.names.map { parameters[$0] }
    )
  }

  @Test(
    "with penalties, residual blocks and every activation",
    arguments: Activation.allCases.filter { $0 != .softmax })
  func activations(activation: Activation) throws {
    let network = try dense([3, 4, 4, 4, 2], [activation]) { $0.isResidual = true }
    #expect(network.residualBlockCount == 1)
    let (cost, point) = try cost(network, l1: 0.1, l2: 0.3, examples: 6)
    let report = GradientCheck().report(on: cost, at: point)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.distanceWithoutKinks.value < 1e-7)
  }

  @Test("with dropout, whose masks stay", arguments: 1...2)
  func dropout(order: Int) throws {
    let (cost, point) = try cost(dense([4, 5, 3]) { $0.dropout = 0.2 }, examples: 8)
    let report = GradientCheck().report(on: cost, at: point, order: order)
    #expect(report.verdict == .pass, "\(report.failures)")
    #expect(cost(point).scalar == cost(point).scalar)
    let (plain, _) = try self.cost(dense([4, 5, 3]), examples: 8)
    #expect(cost(point).scalar != plain(point).scalar)
  }

  @Test("with normalization over the batch, the layer and by root mean square")
  func normalizations() throws {
    for normalization in DenseNetworkOptions.Normalization.allCases {
      let network = try dense([4, 5, 5, 5, 2], [.tanh, .softplus, .relu]) {
        $0.normalization = normalization
        $0.isResidual = true
      }
      let (cost, point) = try cost(network, l2: 0.2, examples: 7)
      let report = GradientCheck().report(on: cost, at: point)
      #expect(report.failures.isEmpty, "\(normalization): \(report.failures)")
    }
  }

  @Test("of convolutions, pools, blocks in blocks, stochastic depth and dropout")
  func images() throws {
    let network = try NetworkDescription(
      json: """
        {"input": [1, 4, 4], "output": "softmax", "layers": [
          {"layer": "convolution", "outputs": 2, "kernel": 3, "padding": 1},
          {"layer": "batch-norm"}, {"layer": "relu"},
          {"layer": "residual", "learned_scale": 0.5, "branch": [
            {"layer": "convolution", "outputs": 2, "kernel": 3, "padding": 1}, {"layer": "elu"},
            {"layer": "stochastic-depth", "survival": 0.7, "unit": "example"}]},
          {"layer": "max-pool", "kernel": 2}, {"layer": "dropout", "rate": 0.3},
          {"layer": "flatten"}, {"layer": "dense", "outputs": 3}]}
        """)
    let (cost, point) = try cost(network, l1: 0.05, l2: 0.1, examples: 4)
    let report = GradientCheck().report(on: cost, at: point)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.projection.order.map { $0 > 1.9 } ?? true)
  }

  @Test("a gradient that is 0 but for rounding is right, sampled too")
  func roundingOnly() throws {
    let (cost, point) = try cost(dense([4, 5, 2]) { $0.normalization = .batch }, examples: 6)
    for limit in [0, 3000] {
      let report = GradientCheck(entryLimit: limit).report(on: cost, at: point)
      #expect(report.verdict == .pass, "\(report.failures)")
      #expect(report.tensors[1].entries.allSatisfy { abs($0.claimed) < 1e-15 })
    }
  }

  @Test("the penalties are λ1/m Σ|w| + λ2/(2m) Σw² over weights and not over biases")
  func penalties() throws {
    let (plain, point) = try cost(dense([3, 4, 2]), examples: 5)
    let penalized = NetworkCost(
      plain.network, loss: plain.loss, l1: 0.3, l2: 0.7, inputs: plain.inputs,
      targets: plain.targets)
    let weights = [point[0], point[2]].flatMap(\.scalars)
    let expected = weights.reduce(0) { $0 + 0.3 / 5 * abs($1) + 0.7 / 10 * $1 * $1 }
    #expect(abs(penalized(point).scalar - plain(point).scalar - expected) < 1e-12)
  }

  @Test("of 50,000 parameters are sampled, and the share is told")
  func sampling() throws {
    let (cost, point) = try cost(dense([400, 100, 80, 10], [.relu]), examples: 4)
    let report = GradientCheck(entryLimit: 1000).report(on: cost, at: point)
    #expect(report.failures.isEmpty, "\(report.failures)")
    #expect(report.checkedShare > 0 && report.checkedShare < 0.02)
    #expect(report.tensors.allSatisfy { $0.projection != nil })
  }

  /// A function of many inputs that counts what is computed: two operations for each input.
  private final class Chain: DifferentiableFunction {
    let operations = Mutex(0)
    func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
      operations.withLock { $0 += 2 * x.count }
      return x.reduce(x[0]) { tanh($0 + $1) }.sum()
    }
  }

  @Test("of a network twice as deep computes twice as much, and not four times")
  func depth() {
    func operations(_ depth: Int) -> Double {
      let chain = Chain()
      let point = (0..<depth).map { Tensor([2], Key(seed: 3)[$0].normal(2)) * 0.1 }
      let report = GradientCheck(entryLimit: 50).report(on: chain, at: point)
      #expect(report.verdict == .pass)
      return Double(chain.operations.withLock { $0 })
    }
    let ratio = operations(400) / operations(100)
    #expect(ratio > 3 && ratio < 6, "\(ratio)")
  }

  /// y = x, with a pullback that is wrong in some entries.
  private struct Wrong: TensorOperation {
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
    #expect(report.tensors[0].failures.contains { $0.position == nil && $0.input == 0 })
    #expect(report.tensors[0].failures.contains { $0.position != nil })
  }

  @Test("a fixed step changes the reported differences and not the verdict")
  func fixedStep() throws {
    let (cost, point) = try cost(dense([3, 4, 1]), examples: 5)
    let best = GradientCheck().report(on: cost, at: point)
    let coarse = GradientCheck(step: 1e-2).report(on: cost, at: point)
    #expect(coarse.verdict == .pass)
    #expect(coarse.distance.value > 1e-6 && best.distance.value < 1e-9)
    #expect(best.distance.meaning.hasPrefix("below 1e-7"))
  }

  @Test("one-sided differences err by O(h), two-sided ones by O(h²)")
  func stepSizes() throws {
    let (cost, point) = try cost(dense([3, 4, 1]), examples: 5)
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
