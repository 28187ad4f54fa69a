import Plumbline
import Synchronization
import TestSupport
import Testing

@Suite("Depth costs time in proportion and no stack")
struct DepthTests {
  @Test("a chain of 20,000 operations has its gradient, and is let go, without recursion")
  func longChain() {
    let tape = Tape<Double>()
    let x = tape.variable([1, -2])
    var y = x
    for step in 0..<20_000 { y = step.isMultiple(of: 2) ? y + 0.25 : -y }
    #expect(tape.count == 20_001)
    // Twice a negation after an addition is a shift back: y = x after every four steps.
    #expect(y.value == x.value)
    #expect(tape.gradients(of: y.sum())[x] == [1, 1])
  }

  @Test("a residual network of 1,000 layers trains its first layer")
  func deepNetwork() {
    let network = Sequential(
      (0..<1000).map { _ in
        Residual(Sequential(Dense(3, 3), Activation.tanh), scale: 0.03)
      })
    let parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    let input = Key(seed: 2).tensor([2, 3])
    let (value, gradient) = parameters.valueWithGradient { pass in
      network(pass.constant(input), pass).squared().sum()
    }
    #expect(value.isFinite && value > 0)
    let first = gradient["0.branch.0.weight"]
    #expect(first.isFinite)
    #expect(first.scalars.contains { $0 != 0 })
    // The first layer's entry against a difference.
    let step = 1e-6
    func loss(_ shift: Double) -> Double {
      var moved = parameters
      moved["0.branch.0.weight"] = parameters["0.branch.0.weight"] + shift
      return network(input, moved.pass()).squared().sum().scalar
    }
    let difference = (loss(step) - loss(-step)) / (2 * step)
    #expect(Swift.abs(first.sum().scalar - difference) <= 1e-6 * Swift.abs(difference))
  }

  @Test("a chain of 2,000 operations has second derivatives")
  func longSecondOrder() {
    let tape = Tape<Double>()
    let x = tape.variable([0.5])
    var y = x
    for _ in 0..<1000 { y = y * tape.constant([1.001]) + 0.0 }
    let scale = y.value / x.value
    let gradient = tape.gradients(of: (y * y).sum(), withRespectTo: [x])[0]
    let second = tape.gradients(of: gradient.sum())[x]
    #expect(second.isClose(to: 2 * scale.squared(), absoluteTolerance: 0, relativeTolerance: 1e-12))
  }

  /// y = x, and its pullback is counted.
  private struct Counted: TensorOperation {
    final class Counter: Sendable {
      private let calls = Mutex(0)
      var value: Int { calls.withLock { $0 } }
      func add() { calls.withLock { $0 += 1 } }
    }

    let counter: Counter
    let name = "counted"
    func shape(of inputs: [Shape]) -> Shape { inputs[0] }
    func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> { inputs[0] }
    func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
      counter.add()
      return [upstream]
    }
  }

  /// The pullbacks called, and the nodes that a recorded gradient adds, for a stack of `depth` diamonds.
  private func work(depth: Int) -> (pullbacks: Int, recordedNodes: Int) {
    let tape = Tape<Double>()
    let counter = Counted.Counter()
    func counted(_ x: Variable<Double>) -> Variable<Double> {
      .apply(Counted(counter: counter), to: [x])
    }
    let x = tape.variable([1])
    var y = x
    for _ in 0..<depth { y = counted(y) + counted(y) }
    let gradient = tape.gradients(of: y)[x]
    #expect(gradient == pow(Tensor<Double>([2]), Double(depth)))
    let pullbacks = counter.value
    let count = tape.count
    _ = tape.gradients(of: y, withRespectTo: [x])
    return (pullbacks, tape.count - count)
  }

  @Test("each operation is pulled back once, though paths through diamonds double at each")
  func linearTime() {
    let (small, large) = (work(depth: 50), work(depth: 200))
    #expect(small.pullbacks == 2 * 50)
    #expect(large.pullbacks == 2 * 200)
    // One addition for each diamond and the seed, nothing that grows faster.
    #expect(
      large.recordedNodes - small.recordedNodes == 3
        * (small.recordedNodes - work(depth: 0).recordedNodes))
  }

  @Test("what does not need a gradient is not pulled back")
  func skippedWork() {
    let tape = Tape<Double>()
    let counter = Counted.Counter()
    let x = tape.variable([1])
    var c = tape.constant([1])
    for _ in 0..<10 { c = .apply(Counted(counter: counter), to: [c]) }
    _ = tape.gradients(of: (c * x).sum())
    #expect(counter.value == 0)
    // With respect to one of two variables, the other's branch is left out.
    var other = tape.variable([1])
    for _ in 0..<10 { other = .apply(Counted(counter: counter), to: [other]) }
    _ = tape.gradients(of: (other * x).sum(), withRespectTo: [x])
    #expect(counter.value == 0)
  }
}
