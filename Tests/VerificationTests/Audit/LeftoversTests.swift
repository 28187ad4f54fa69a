import Networks
import Plumbline
import Testing

@testable import Verification

@Suite("What a program leaves behind does not hide its step")
struct LeftoversTests {
  private static func step(seed: Int = 4) -> DenseStep {
    let targets = Tensor<Double>(classes: (0..<9).map { ($0 * 5 + seed) % 3 }).oneHot(classes: 3)
    return DenseStep(
      [4, 6, 3], [.elementwise(.tanh), .softmax], ProgramLoss(kind: .crossEntropy, scale: 1.0 / 9),
      targets: targets, seed: seed)
  }

  private struct Leftover: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let add: @Sendable (inout DenseStep) -> Void
  }

  private static let leftovers = [
    Leftover(testDescription: "a counter called j") { $0.arrays["j"] = Tensor(63.0) },
    Leftover(testDescription: "the last example") { step in
      step.arrays["x"] = step.arrays["X"]!.sliced(axis: 0, 8..<9)
      step.arrays["y"] = step.arrays["Y"]!.sliced(axis: 0, 8..<9)
    },
    Leftover(testDescription: "what the last example adds to a sum") { step in
      for name in ["W1", "W2", "b1", "b2"] {
        step.arrays["nabla_\(name)"] = step.arrays.removeValue(forKey: "d\(name)")
        step.arrays["delta_nabla_\(name)"] = step.arrays["nabla_\(name)"]! * 0.1
      }
    },
    Leftover(testDescription: "gradients before the penalty, next to those of the dictionary") {
      step in
      for name in ["W1", "W2", "b1", "b2"] {
        step.arrays["grads_d\(name)"] = step.arrays["d\(name)"]!
        step.arrays["d\(name)"] = step.arrays["d\(name)"]! * 1.7
      }
    },
    Leftover(testDescription: "arrays of the forward pass that were overwritten") { step in
      step.arrays["l1"] = step.truth.dz[0]
      step.arrays["h"] = step.truth.da[0]
    },
  ]

  @Test("in a file of dense layers", arguments: leftovers)
  private func dense(_ leftover: Leftover) throws {
    for seed in 0..<3 {
      var step = Self.step(seed: seed)
      leftover.add(&step)
      let report = try step.report(cost: step.cost)
      #expect(report.verdict == .pass, "\(report.paragraph)")
      // And a mistake is found all the same.
      let name = step.arrays.keys.first { ["dW1", "nabla_W1"].contains($0) }!
      let container = step.arrays["grads_dW1"] == nil ? name : "grads_dW1"
      step.arrays[container] = step.arrays[container]! * -1
      let wrong = try step.report(cost: step.cost)
      #expect(wrong.verdict == .fail, "\(wrong.paragraph)")
    }
  }

  @Test("in a file of a described network: values that have gradients, as parameters do")
  func described() throws {
    for seed in 0..<3 {
      let step = try DescribedStep(
        #"{"input": [3], "layers": [{"layer": "dense", "outputs": 4}, {"layer": "layer-norm"}, {"layer": "tanh"}, {"layer": "dense", "outputs": 2}]}"#,
        seed: seed)
      var arrays = step.arrays(step.gradients)
      // Under names of the program's own, next to those of values between the layers.
      for (path, name) in [
        ("0.weight", "W1"), ("0.bias", "b1"), ("1.scale", "gamma"), ("1.shift", "beta"),
        ("3.weight", "W2"), ("3.bias", "b2"),
      ] {
        arrays[name] = arrays.removeValue(forKey: path)
        arrays["d" + name] = arrays.removeValue(forKey: path + ".grad")
      }
      let key = Key(seed: seed)
      for (name, shape) in [("xhat", [5, 4]), ("v", [5, 1]), ("q", [4])] as [(String, Shape)] {
        arrays[name] = Tensor(shape, key[name].normal(shape.elementCount))
        arrays["d" + name] = Tensor(shape, key["d" + name].normal(shape.elementCount))
      }
      let report = try step.report(arrays)
      #expect(report.verdict == .pass, "\(report.paragraph)")
      arrays["dgamma"] = arrays["dgamma"]! * 2
      #expect(try step.report(arrays).firstDivergence?.quantity.description == "d1.scale")
    }
  }

  @Test("and the gradient of the examples is judged")
  func inputs() throws {
    for seed in 0..<3 {
      var step = Self.step(seed: seed)
      let right = matmul(
        step.truth.dz[0], step.parameters.weights[0], transposingSecond: true)
      step.arrays["dX"] = right
      #expect(try step.report(cost: step.cost).verdict == .pass)
      step.arrays["dX"] = right * -1
      #expect(try step.report(cost: step.cost).firstDivergence?.cause?.id == .signFlipped)
      step.arrays["dX"] = right * right
      let unknown = try step.report(cost: step.cost)
      #expect(unknown.firstDivergence?.quantity.description == "dX")
      #expect(unknown.firstDivergence?.cause?.id == .unknown)
      // By a wrong dZ1 that is in the file, it is inherited.
      step.arrays["dZ1"] = step.truth.da[0]
      step.arrays["dX"] = matmul(
        step.truth.da[0], step.parameters.weights[0], transposingSecond: true)
      let inherited = try step.report(cost: step.cost)
      #expect(inherited.firstDivergence?.quantity.description == "dZ1")
      #expect(inherited.items.last?.cause?.id == .inherited, "\(inherited.paragraph)")
    }
    let described = try DescribedStep(
      #"{"input": [2, 5, 5], "layers": [{"layer": "convolution", "outputs": 2, "kernel": 3}, {"layer": "relu"}, {"layer": "flatten"}, {"layer": "dense", "outputs": 2}]}"#,
      seed: 2)
    var arrays = described.arrays(described.gradients)
    let right = try #require(described.cost.gradientOfInputs(described.parameters))
    arrays["dx"] = right
    #expect(try described.report(arrays).verdict == .pass)
    arrays["dx"] = right * 20
    let report = try described.report(arrays)
    #expect(report.verdict == .fail && report.firstDivergence?.quantity.description == "dX")
  }
}
