import Plumbline
import Testing

/// A layer that takes the logarithm of the difference of two features.
private struct LogarithmLayer: Layer {
  private let name = LayerName()
  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { pass.named(name) { log(input) } }
}

@Suite("A tape that checks finds the first value that is not finite")
struct NonFiniteTests {
  @Test("on the way forward, with step, layer, operation and the ranges of the inputs")
  func forward() throws {
    let network = Sequential(Dense(2, 2), LogarithmLayer(), Dense(2, 1))
    var parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    parameters["0.weight"] = .identity(2)
    let tape = Tape<Double>(checkingFinite: true, step: 12)
    let pass = parameters.pass(on: tape)
    _ = network(tape.constant([[1, 2], [0, 3]]), pass)
    let error = try #require(tape.firstNonFinite)
    #expect(error.step == 12)
    #expect(error.layer == "1")
    #expect(error.operation == "log")
    #expect(error.direction == .forward)
    #expect(error.inputs.count == 1)
    #expect(error.inputs[0].name == "linear")
    #expect(error.inputs[0].shape == [2, 2])
    #expect(error.inputs[0].finite == 0...3)
    #expect(error.inputs[0].nonFiniteCount == 0)
    #expect(
      error.description
        == "step 12, layer 1, operation log produced a non-finite value; inputs: linear [2, 2]: "
        + "0.0 ... 3.0")
    #expect(throws: NonFiniteError.self) { try tape.checkFinite() }
  }

  @Test("names of several words are written as words")
  func words() throws {
    let tape = Tape<Double>(checkingFinite: true)
    _ = log(tape.variable([0, 1], name: "zeroOrOne")).max(alongAxes: [0])
    #expect(tape.firstNonFinite?.operation == "log")
    #expect(tape.firstNonFinite?.inputs.map(\.name) == ["zeroOrOne"])
    let other = Tape<Double>(checkingFinite: true)
    _ = pow(other.variable([1e200], name: "x"), 3)
    #expect(other.firstNonFinite?.operation == "power constant")
  }

  @Test("on the way back, where every value was finite and a slope is not")
  func reverse() throws {
    let tape = Tape<Double>(checkingFinite: true, step: 3)
    let x = tape.variable([4, 0], name: "weights")
    let y = sqrt(x).sum()
    #expect(tape.firstNonFinite == nil)
    _ = tape.gradients(of: y)
    let error = try #require(tape.firstNonFinite)
    #expect(error.direction == .reverse)
    #expect(error.operation == "sqrt")
    #expect(error.layer == nil)
    #expect(
      error.description
        == "step 3, the pullback of operation sqrt produced a non-finite value; inputs: weights "
        + "[2]: 0.0 ... 4.0")
  }

  @Test("on the way back through a layer, with its path")
  func reverseInLayer() throws {
    struct Root: Layer {
      private let name = LayerName()
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { pass.named(name) { sqrt(input) } }
    }
    let network = Sequential(Dense(1, 1), Root(), Dense(1, 1))
    var parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    parameters["0.weight"] = [[0]]
    let tape = Tape<Double>(checkingFinite: true, step: 7)
    let pass = parameters.pass(on: tape)
    let output = network(tape.constant([[1]]), pass)
    #expect(tape.firstNonFinite == nil)
    _ = tape.gradients(of: output)
    let error = try #require(tape.firstNonFinite)
    #expect(
      error.description
        == "step 7, layer 1, the pullback of operation sqrt produced a non-finite value; inputs: "
        + "linear [1, 1]: 0.0 ... 0.0")
  }

  @Test("names a layer without a tag by the layer that holds it")
  func untagged() throws {
    struct Untagged: Layer {
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { log(input) }
    }
    let network = Sequential(Dense(1, 1), Untagged())
    var parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    parameters["0.weight"] = [[-1]]
    let tape = Tape<Double>(checkingFinite: true)
    _ = network(tape.constant([[1]]), parameters.pass(on: tape))
    #expect(
      tape.firstNonFinite?.description
        == "layer 1, operation log produced a non-finite value; inputs: linear [1, 1]: "
        + "-1.0 ... -1.0")
  }

  @Test("names no layer where the operation is in the network itself and in no layer of it")
  func outermost() throws {
    struct Network: Layer {
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
        log(linear(input, pass[weight], pass[bias]))
      }
      let weight = Parameter([1, 1], .zero), bias = Parameter([1], .zero)
    }
    let network = Network()
    var parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    parameters["weight"] = [[-1]]
    let tape = Tape<Double>(checkingFinite: true)
    _ = network(tape.constant([[1]]), parameters.pass(on: tape))
    #expect(tape.entries.first { $0.title == "log" }?.layer == nil)
    #expect(
      tape.firstNonFinite?.description
        == "operation log produced a non-finite value; inputs: linear [1, 1]: -1.0 ... -1.0")
  }

  @Test("in a leaf, before any operation")
  func leaf() throws {
    let tape = Tape<Float>(checkingFinite: true)
    _ = tape.constant(Tensor([1, Float.nan]), name: "images")
    let error = try #require(tape.firstNonFinite)
    #expect(error.operation == "images")
    #expect(error.step == nil)
    #expect(error.inputs.isEmpty)
    #expect(error.description == "operation images produced a non-finite value")
  }

  @Test("and counts what is not finite among the inputs of a later operation")
  func ranges() throws {
    let tape = Tape<Double>(checkingFinite: true)
    let huge = tape.variable([1e200, 2], name: "huge")
    let product = huge * huge
    let first = try #require(tape.firstNonFinite)
    #expect(first.operation == "multiply")
    #expect(first.inputs.map(\.finite) == [2...1e200, 2...1e200])
    // The first stays the one that is reported.
    _ = log(product - product)
    #expect(tape.firstNonFinite?.operation == "multiply")
    let other = Tape<Double>(checkingFinite: true)
    _ = other.withoutRecording { exp(other.variable([710])) }
    #expect(other.firstNonFinite?.operation == "exp")
  }

  @Test("says nothing of finite values, and nothing at all without being asked to check")
  func silence() throws {
    let checking = Tape<Double>(checkingFinite: true)
    let x = checking.variable([1, 2])
    _ = checking.gradients(of: log(x).sum())
    #expect(checking.firstNonFinite == nil)
    try checking.checkFinite()
    let careless = Tape<Double>()
    _ = log(careless.variable([0]))
    #expect(careless.firstNonFinite == nil)
    try careless.checkFinite()
  }
}
