import Plumbline
import TestSupport
import Testing

/// A network with parameters of its own, nested structures, an array, optionals, a tuple and a dictionary.
private struct Nested: Layer {
  struct Block: Layer {
    let first = Dense(2, 2)
    let scale = Parameter([], .constant(0.5))
    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      input + pass[scale] * first(input, pass)
    }
  }

  let stem = Dense(3, 2)
  let blocks = [Block(), Block()]
  let optional: Dense? = Dense(2, 2, bias: nil)
  let absent: Dense? = nil
  let note = "a setting, not a parameter"
  let table: Tensor<Float> = [1, 2, 3]
  let sequence = Sequential(Activation.tanh, Dense(2, 2))
  let residual = Residual(Dense(2, 4), projection: Dense(2, 4, bias: nil))
  let mixed: any Layer = Dense(4, 1)

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    var x = stem(input, pass)
    for block in blocks { x = block(x, pass) }
    if let optional { x = optional(x, pass) }
    return mixed(residual(sequence(x, pass), pass), pass)
  }
}

@Suite("Parameters are found in the stored properties")
struct ParameterLayoutTests {
  @Test("and called by their path, in the order of declaration")
  func names() {
    let layout = ParameterLayout(of: Nested())
    #expect(
      layout.entries.map(\.name) == [
        "stem.weight", "stem.bias", "blocks.0.first.weight", "blocks.0.first.bias",
        "blocks.0.scale", "blocks.1.first.weight", "blocks.1.first.bias", "blocks.1.scale",
        "optional.weight", "sequence.1.weight", "sequence.1.bias", "residual.branch.weight",
        "residual.branch.bias", "residual.projection.weight", "mixed.weight", "mixed.bias",
      ])
    #expect(layout.layerPaths.contains("blocks.1.first"))
    #expect(layout.layerPaths.contains("residual.projection"))
    #expect(layout.layerPaths.contains("sequence.1"))
  }

  @Test("with contiguous positions in one vector")
  func positions() {
    let layout = ParameterLayout(of: Nested())
    var offset = 0
    for entry in layout.entries {
      #expect(entry.offset == offset)
      offset += entry.shape.elementCount
    }
    #expect(layout.count == offset)
    #expect(layout.index(named: "blocks.0.scale") == 4)
    #expect(layout.index(named: "scale") == nil)
  }

  @Test("of layers in the library under the names of the documentation")
  func libraryLayers() {
    func names(_ network: some Layer) -> [String] {
      ParameterLayout(of: network).entries.map(\.name)
    }
    #expect(names(Dense(2, 3)) == ["weight", "bias"])
    #expect(names(Dense(2, 3, bias: nil)) == ["weight"])
    #expect(names(LayerNorm(2)) == ["scale", "shift"])
    #expect(names(Highway(2)) == ["weight", "bias", "gateWeight", "gateBias"])
    #expect(names(Activation.relu) == [])
    #expect(
      names(Sequential(Dense(2, 2), Activation.relu, Sequential(Dense(2, 2, bias: nil))))
        == ["0.weight", "0.bias", "2.0.weight"])
    #expect(
      names(Residual(Sequential(Dense(2, 2)), projection: Dense(2, 2, bias: nil)))
        == ["branch.0.weight", "branch.0.bias", "projection.weight"])
  }

  @Test("so a layer used twice has one parameter, whose gradients add up")
  func tying() {
    struct Tied: Layer {
      let shared: Dense
      let again: Dense
      func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
        again(tanh(shared(input, pass)), pass)
      }
    }
    let layer = Dense(2, 2)
    let tied = Tied(shared: layer, again: layer)
    let untied = Tied(shared: Dense(2, 2), again: Dense(2, 2))
    let shared = Parameters<Double>(of: tied, key: Key(seed: 1))
    #expect(shared.names == ["shared.weight", "shared.bias"])
    let separate = Parameters<Double>(
      layout: ParameterLayout(of: untied), vector: .concatenate([shared.vector, shared.vector]))
    let input: Tensor<Double> = [[1, -2], [0.5, 3]]
    func gradient(_ network: Tied, _ parameters: Parameters<Double>) -> Parameters<Double> {
      parameters.valueWithGradient { network($0.constant(input), $0).squared().sum() }.gradient
    }
    let both = gradient(untied, separate)
    let one = gradient(tied, shared)
    for name in ["weight", "bias"] {
      #expect(
        one["shared.\(name)"]
          .isClose(to: both["shared.\(name)"] + both["again.\(name)"], relativeTolerance: 1e-14))
    }
  }

  @Test("and equal where names and shapes are, whatever the values start as")
  func equality() {
    #expect(ParameterLayout(of: Dense(2, 3)) == ParameterLayout(of: Dense(2, 3)))
    #expect(
      ParameterLayout(of: Dense(2, 3)) == ParameterLayout(of: Dense(2, 3, initializer: .zero)))
    #expect(ParameterLayout(of: Dense(2, 3)) != ParameterLayout(of: Dense(3, 2)))
    #expect(ParameterLayout(of: Dense(2, 3)) != ParameterLayout(of: Dense(2, 3, bias: nil)))
  }
}

@Suite("The values of parameters")
struct ParametersTests {
  @Test("start equal where names and shapes are, whatever stands next to them")
  func equalStart() {
    let key = Key(seed: 9)
    let short = Parameters<Double>(of: Sequential(Dense(3, 4), Dense(4, 4)), key: key)
    let long = Parameters<Double>(
      of: Sequential(Dense(3, 4), Dense(4, 4), LayerNorm(4), Dense(4, 4)), key: key)
    #expect(short["0.weight"] == long["0.weight"])
    #expect(short["1.weight"] == long["1.weight"])
    #expect(long["1.weight"] != long["3.weight"])
    let other = Parameters<Double>(of: Sequential(Dense(3, 4)), key: Key(seed: 10))
    #expect(other["0.weight"] != short["0.weight"])
    // The numbers do not depend on the precision.
    let single = Parameters<Float>(of: Sequential(Dense(3, 4)), key: key)
    #expect(single["0.weight"] == Tensor(converting: short["0.weight"]))
  }

  @Test("are read and written by name, as a value")
  func access() {
    let network = Sequential(Dense(2, 2), Dense(2, 1))
    let start = Parameters<Float>(of: network, key: Key(seed: 1))
    var changed = start
    changed["1.weight"] = [[7], [8]]
    #expect(changed["1.weight"] == [[7], [8]])
    #expect(changed["0.weight"] == start["0.weight"])
    #expect(start["1.weight"] != [[7], [8]])
    #expect(changed.count == 4 + 2 + 2 + 1)
    #expect(changed.vector.scalars[6...7] == [7, 8])
    changed.vector = .zeros([9])
    #expect(changed["0.weight"] == .zeros([2, 2]))
  }

  @Test("do not change where what was read of them is written")
  func readingCopies() {
    let network = Sequential(Dense(2, 2), Dense(2, 1))
    var parameters = Parameters<Float>(of: network, key: Key(seed: 1))
    var weight = parameters["0.weight"]
    #expect(weight.sharesMemory(with: parameters.vector))
    weight[0, 0] = 100
    #expect(parameters["0.weight"][0, 0] != 100)
    let view = parameters["0.weight"]
    let before = view.scalars
    parameters["0.weight"] = .zeros([2, 2])
    #expect(view.scalars == before)
  }

  @Test("print a line for each parameter")
  func description() {
    var parameters = Parameters<Double>(of: Dense(2, 1), key: Key(seed: 1))
    parameters["weight"] = [[3], [4]]
    #expect(
      parameters.description == """
        weight [2, 1] rms \(12.5.squareRoot())
        bias [1] rms 0.0
        3 values
        """)
  }
}
