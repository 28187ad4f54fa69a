import Plumbline
import TestSupport
import Testing

/// A residual stack that can be evaluated with kept and with recomputed values.
private struct Stack: Layer {
  let first = Dense(3, 8)
  let blocks: Sequential

  init(blocks count: Int, checkpointInterval: Int?) {
    blocks = Sequential(
      (0..<count).map { index in
        Residual(
          Sequential(Dense(8, 8), index.isMultiple(of: 2) ? Activation.tanh : .relu, Dense(8, 8)),
          scale: 0.3, after: index.isMultiple(of: 3) ? .gelu : .linear)
      }, checkpointInterval: checkpointInterval)
  }

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { blocks(first(input, pass), pass) }
}

@Suite("Values that are computed again in the reverse pass")
struct RecomputationTests {
  private let input = Key(seed: 5).tensor([4, 3])

  private func valueWithGradient(
    _ network: some Layer, _ parameters: Parameters<Double>, releasingValues: Bool = false
  ) -> (Tensor<Double>, Parameters<Double>) {
    let tape = Tape<Double>()
    let pass = parameters.pass(on: tape)
    let output = network(tape.constant(input), pass)
    let gradients = tape.gradients(
      of: output.squared().sum(), releasingValues: releasingValues)
    return (output.value, gradients[pass])
  }

  @Test("checkpointed segments give the same bits, whatever their length", arguments: 1...8)
  func checkpointedBits(interval: Int) {
    let kept = Stack(blocks: 7, checkpointInterval: nil)
    let recomputed = Stack(blocks: 7, checkpointInterval: interval)
    let parameters = Parameters<Double>(of: kept, key: Key(seed: 3))
    #expect(ParameterLayout(of: recomputed) == parameters.layout)
    let (value, gradient) = valueWithGradient(kept, parameters)
    let own = Parameters(layout: ParameterLayout(of: recomputed), vector: parameters.vector)
    let (ownValue, ownGradient) = valueWithGradient(recomputed, own)
    #expect(ownValue == value)
    #expect(ownGradient.vector == gradient.vector)
  }

  @Test("a checkpointed step replays with the same bits")
  func checkpointedReplay() {
    let input = input
    func result(interval: Int?) -> (Double, Tensor<Double>) {
      let network = Stack(blocks: 9, checkpointInterval: interval)
      let parameters = Parameters<Double>(of: network, key: Key(seed: 4))
      var step = TrainingStep<Double>(of: network) { pass, inputs in
        network(inputs[0], pass).squared().mean()
      }
      _ = step.loss(at: parameters, inputs: [input * 2])
      return (step.loss(at: parameters, inputs: [input]), step.gradient.vector)
    }
    let kept = result(interval: nil)
    for interval in [1, 3, 20] {
      let recomputed = result(interval: interval)
      #expect(recomputed.0 == kept.0)
      #expect(recomputed.1 == kept.1)
    }
  }

  @Test("second derivatives flow through a checkpointed segment")
  func secondOrder() {
    func secondDerivative(_ function: (Variable<Double>) -> Variable<Double>) -> Tensor<Double> {
      let tape = Tape<Double>()
      let x = tape.variable(input)
      let gradient = tape.gradients(of: function(x).sum(), withRespectTo: [x])[0]
      return tape.gradients(of: gradient.squared().sum())[x]
    }
    let kept = secondDerivative { tanh($0 * tanh($0)) }
    let recomputed = secondDerivative { x in checkpointed(x) { tanh($0 * tanh($0)) } }
    // To rounding: the stand-ins' gradients are added up in another order.
    #expect(kept.isClose(to: recomputed, absoluteTolerance: 0, relativeTolerance: 1e-13))
    #expect(kept.scalars.contains { $0 != 0 })
  }

  @Test("what was recorded as a constant inside a segment stays one")
  func constantInside() {
    let tape = Tape<Double>()
    let x = tape.variable(input)
    let y = checkpointed(x) { x in x * tape.withoutRecording { x.squared() } }
    let gradient = tape.gradients(of: y.sum(), withRespectTo: [x])[0]
    #expect(gradient.value == input.squared())
    // With respect to the second use of x the factor is constant.
    #expect(tape.gradients(of: gradient.sum())[x] == .zeros(input.shape))
  }

  @Test("a value inside a segment can still be read, and asking twice gives the same")
  func reading() {
    let tape = Tape<Double>()
    let x = tape.variable(input)
    var inside: Variable<Double>?
    let y = checkpointed(x) { x in
      let h = exp(x)
      inside = h
      return sin(h)
    }
    #expect(inside?.value == exp(input))
    let first = tape.gradients(of: y.sum(), releasingValues: true)[x]
    #expect(inside?.value == exp(input))
    #expect(y.value.isFinite)
    #expect(tape.gradients(of: y.sum())[x] == first)
  }

  /// Something with two operations: x (1 + x).
  private func sin<T: TensorProtocol>(_ x: T) -> T { x * (x + 1) }

  @Test("values are let go of in the reverse pass where that is asked")
  func releasing() {
    let network = Stack(blocks: 40, checkpointInterval: nil)
    let parameters = Parameters<Double>(of: network, key: Key(seed: 3))
    let kept = valueWithGradient(network, parameters)
    let released = valueWithGradient(network, parameters, releasingValues: true)
    #expect(kept.1.vector == released.1.vector)
    let tape = Tape<Double>()
    let x = tape.variable(.ones([1000]))
    let y = (0..<20).reduce(x) { h, _ in h * 1.5 + 0.5 }.sum()
    let before = y.value
    // 40 values of 8,000 bytes; each that goes makes room for a gradient.
    let (gradients, bytes) = peakTensorBytes { tape.gradients(of: y, releasingValues: true) }
    #expect(bytes < 5 * 8064)
    #expect(y.value == before)
    #expect(tape.gradients(of: y)[x] == gradients[x])
  }

  @Test("memory grows like the square root of depth with checkpoints, and with depth without")
  func checkpointedMemory() {
    func arenaBytes(blocks: Int, interval: Int?) -> Int {
      let network = Stack(blocks: blocks, checkpointInterval: interval)
      let parameters = Parameters<Float>(of: network, key: Key(seed: 3))
      var step = TrainingStep<Float>(of: network) { pass, inputs in
        network(inputs[0], pass).squared().mean()
      }
      _ = step.loss(at: parameters, inputs: [.ones([16, 3])])
      return step.arenaBytes
    }
    // Sixteen times the depth takes four times the memory, and some constant amount.
    let small = arenaBytes(blocks: 16, interval: 4)
    let large = arenaBytes(blocks: 256, interval: 16)
    #expect(Double(large) < 4.5 * Double(small))
    #expect(Double(arenaBytes(blocks: 256, interval: nil)) > 14 * Double(small) / 2)
  }

  @Test("reversible blocks have the gradients of kept values to rounding")
  func reversibleGradient() {
    struct Coupled: Layer {
      let chain: Reversible
      let isKept: Bool
      init(_ count: Int, isKept: Bool) {
        chain = Reversible(
          (0..<count).map { _ in Sequential(Dense(3, 5), Activation.tanh, Dense(5, 3)) },
          scale: 0.5)
        self.isKept = isKept
      }
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
        guard isKept else { return chain(input, pass) }
        var (x, y) = (input.sliced(axis: -1, 0..<3), input.sliced(axis: -1, 3..<6))
        for branch in chain.branches { (x, y) = (y, x + branch(y, pass) * 0.5) }
        let pair = chain.branches.count.isMultiple(of: 2) ? [x, y] : [y, x]
        return T.concatenate(pair, alongAxis: -1)
      }
    }
    let input = Key(seed: 8).tensor([4, 6])
    for count in [1, 2, 3, 10] {
      func result(isKept: Bool) -> (Double, Tensor<Double>, Tensor<Double>) {
        let network = Coupled(count, isKept: isKept)
        let parameters = Parameters<Double>(of: network, key: Key(seed: 3))
        let tape = Tape<Double>()
        let pass = parameters.pass(on: tape)
        let x = tape.variable(input)
        let loss = network(x, pass).squared().mean()
        let gradients = tape.gradients(of: loss)
        return (loss.scalar, gradients[x], gradients[pass].vector)
      }
      let (kept, reversed) = (result(isKept: true), result(isKept: false))
      #expect(kept.0 == reversed.0)
      #expect(
        kept.1.isClose(to: reversed.1, absoluteTolerance: 1e-14, relativeTolerance: 1e-12))
      #expect(
        kept.2.isClose(to: reversed.2, absoluteTolerance: 1e-14, relativeTolerance: 1e-12))
    }
  }

  @Test("the memory of reversible blocks does not grow with their number")
  func reversibleMemory() {
    func arenaBytes(_ count: Int) -> Int {
      let network = Reversible(
        (0..<count).map { _ in Sequential(Dense(4, 4), Activation.relu, Dense(4, 4)) })
      let parameters = Parameters<Float>(of: network, key: Key(seed: 3))
      var step = TrainingStep<Float>(of: network) { pass, inputs in
        network(inputs[0], pass).squared().mean()
      }
      _ = step.loss(at: parameters, inputs: [.ones([64, 8])])
      return step.arenaBytes
    }
    #expect(arenaBytes(64) == arenaBytes(8))
  }

  @Test("a custom operation that breaks its promise of a shape is stopped in a replay too")
  func brokenShape() async {
    struct Broken: TensorOperation {
      let name = "broken"
      func shape(of inputs: [Shape]) -> Shape { inputs[0] }
      func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { Tensor(repeating: S(0), shape: [100]) }
      func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] { [upstream] }
    }
    await #expect(processExitsWith: .failure) {
      let network = Dense(2, 2)
      var step = TrainingStep<Float>(of: network) { pass, inputs in
        Variable.apply(Broken(), to: [network(inputs[0], pass)]).sum()
      }
      _ = step.loss(at: Parameters(of: network, key: Key(seed: 0)), inputs: [[[1, 2]]])
    }
  }
}
