import Findings
import Plumbline
import Testing

@testable import Verification

@Suite("What a file leaves open")
struct OpenFilesTests {
  @Test("one number is the bias of all units of a layer, or a constant in every unit")
  func sharedBiases() throws {
    let step = DenseStep([3, 5, 1], [.elementwise(.tanh), .linear], mean, targets: y, bias: 0.3)
    var own = step
    for layer in 1...2 {
      own.arrays["b\(layer)"] = Tensor(0.3)
      own.arrays["db\(layer)"] = step.truth.db[layer - 1].sum()
    }
    #expect(try own.report(cost: step.cost).verdict == .pass)
    own.arrays["db1"] = step.truth.db[0].sum() * 2
    let wrong = try own.report(cost: step.cost)
    #expect(wrong.firstDivergence?.quantity == Quantity(.biasGradient, 1))
    #expect(wrong.firstDivergence?.cause?.id == .constantFactor)
    // A whole number that has no gradient is not trained; any other may be.
    let constant = DenseStep([3, 5, 1], [.elementwise(.tanh), .linear], mean, targets: y, bias: 1)
    for (value, verdict) in [(constant, AuditReport.Answer.pass), (step, .undecided)] {
      var fixed = value
      for name in ["b1", "b2", "db1", "db2"] { fixed.arrays[name] = nil }
      fixed.arrays["bias"] = value.parameters.biases[1].reshaped(to: [])
      #expect(try fixed.report(cost: value.cost).verdict == verdict)
    }
  }

  @Test("the ones that the examples hold for the first biases are in no penalty on the weights")
  func onesInExamples() throws {
    let penalty = Penalty(squares: 0.5 / 12 * 1.5)
    let step = DenseStep(
      [3, 5, 1], [.elementwise(.tanh), .linear], mean, targets: y, penalty: penalty)
    var course = step
    let ones = Tensor<Double>.ones([12, 1])
    course.arrays = ["Y": y, "X": .concatenate([ones, step.arrays["X"]!], alongAxis: 1)]
    func row(_ tensor: Tensor<Double>) -> Tensor<Double> { tensor.reshaped(to: [1, tensor.count]) }
    for layer in 1...2 {
      for mark in ["", "d"] {
        course.arrays["\(mark)Theta\(layer)"] = .concatenate(
          [row(step.arrays["\(mark)b\(layer)"]!), step.arrays["\(mark)W\(layer)"]!])
      }
    }
    course.arrays["reg"] = Tensor(1.5)
    #expect(try course.report(cost: step.cost).verdict == .pass)
    let bias = row(step.parameters.biases[0]) * (1.5 / 12)
    let theta = course.arrays["dTheta1"]!
    course.arrays["dTheta1"] = .concatenate(
      [theta.sliced(axis: 0, 0..<1) + bias, theta.sliced(axis: 0, 1..<4)])
    let wrong = try course.report(cost: step.cost)
    #expect(wrong.firstDivergence?.cause?.id == .regularizedBias)
  }

  @Test("gradients that are right for another scale than that of the printed cost are told so")
  func printedCost() throws {
    let step = DenseStep([3, 5, 1], [.elementwise(.tanh), .linear], mean, targets: y)
    let report = try step.report(cost: step.cost * 12)
    #expect(report.verdict == .fail)
    #expect(report.rightFor?.contains("squared error, the mean") == true)
    #expect(report.paragraph.contains("only printed"))
    var wrong = step
    wrong.arrays["dW1"] = step.truth.dw[0].transposed().reshaped(to: [3, 5])
    #expect(try wrong.report(cost: step.cost * 12).rightFor == nil)
  }

  @Test("lists and dictionaries of arrays are refused with a line that flattens them")
  func pickled() {
    let line = PickledObject.flattening(
      [
        .init(name: "params", shape: []), .init(name: "grads", shape: []),
        .init(name: "biases", shape: [3]), .init(name: "dW", shape: [2]),
        .init(name: "layers", shape: [2, 2]), .init(name: "dlayers", shape: [2, 2]),
      ], besides: ["X", "Y", "cost"])
    for part in [
      "**params", "**{k if k[0] == \"d\" else \"d\" + k: a for k, a in grads.items()}",
      "**{f\"b{i+1}\": a for i, a in enumerate(biases)}",
      "**{f\"dW{i+1}\": a for i, a in enumerate(dW)}",
      "f\"{k}{i+1}\": a for i, p in enumerate(layers) for k, a in zip(\"Wb\", p)}",
      "f\"d{k}{i+1}\": a for i, p in enumerate(dlayers)", "\"cost\": cost",
    ] {
      #expect(line.contains(part), "\(line)")
    }
  }

  private let y = Tensor<Double>([12, 1], Key(seed: 6).normal(12))
  private let mean = ProgramLoss(kind: .squaredError, scale: 1.0 / 12)

  @Test("without a cost a sum decides nothing, and a mean is right on a condition that is told")
  func withoutCost() throws {
    let right = DenseStep([3, 5, 1], [.elementwise(.tanh), .linear], mean, targets: y)
    let report = try right.report(cost: nil)
    #expect(report.verdict == .pass)
    #expect(report.paragraph.contains("if your cost is the squared error, the mean"))
    let sum = DenseStep(
      [3, 5, 1], [.elementwise(.tanh), .linear], ProgramLoss(kind: .squaredError, scale: 1),
      targets: y)
    #expect(try sum.report(cost: nil).verdict == .undecided)
    #expect(try sum.report(cost: sum.cost).verdict == .pass)
    #expect(try sum.report(cost: sum.cost, named: "E_total").verdict == .pass)
    // The same gradients, and a cost that is a mean.
    let missing = try sum.report(cost: sum.cost / 12)
    #expect(missing.firstDivergence?.cause?.id == .missingBatchAverage)
  }

  @Test(
    "gradients of a part of the examples are named, or judged by themselves where the cost is theirs"
  )
  func partOfBatch() throws {
    let functions: [Nonlinearity] = [.elementwise(.tanh), .linear]
    let x = Tensor<Double>([12, 3], Key(seed: 8).normal(36))
    let all = DenseStep([3, 5, 1], functions, mean, targets: y, inputs: x)
    for part in [4..<5, 0..<3, 7..<12] {
      let loss = ProgramLoss(kind: .squaredError, scale: 1 / Double(part.count))
      var step = DenseStep(
        [3, 5, 1], functions, loss, targets: y.sliced(axis: 0, part),
        inputs: x.sliced(axis: 0, part))
      (step.arrays["X"], step.arrays["Y"]) = (x, y)
      let wrong = try step.report(cost: all.cost)
      #expect(wrong.firstDivergence?.cause?.id == .examplesMissing, "\(part)")
      let right = try step.report(cost: step.cost)
      #expect(right.verdict == .pass, "\(part)")
      #expect(right.remarks.contains { $0.contains("stochastic gradient descent") })
      step.arrays["dW1"] = step.arrays["dW1"]! * -1
      #expect(try step.report(cost: step.cost).firstDivergence?.cause?.id == .signFlipped)
    }
  }

  @Test("a penalty on one layer of the cost alone is right there, and missing where it is left out")
  func penaltyOfOneLayer() throws {
    for (layer, squares) in [(1, 0.05), (2, 0.4)] {
      let functions: [Nonlinearity] = [.elementwise(.tanh), .linear]
      let penalty = Penalty(squares: squares, layers: [layer])
      let plain = DenseStep([3, 5, 1], functions, mean, targets: y)
      let cost = plain.cost + penalty.value(weights: plain.parameters.weights, biases: [])
      var step = plain
      step.arrays["reg"] = Tensor(squares)
      #expect(try step.report(cost: cost).verdict != .pass)
      let name = "dW\(layer)"
      step.arrays[name] =
        plain.arrays[name]! + penalty.gradient(of: plain.parameters.weights[layer - 1])
      let right = try step.report(cost: cost)
      #expect(right.verdict == .pass, "\(right.paragraph)")
      #expect(right.reading.penalty.hasSuffix("of layer \(layer)"))
    }
  }

  @Test(
    "without a cost the last layer's gradients tell another loss, by which the others are judged")
  func lossOfTheLastLayer() throws {
    let labels = Tensor<Double>([12, 1], (0..<12).map { Double($0 % 2) })
    let half = ProgramLoss(kind: .squaredError, scale: 0.5)
    var step = DenseStep(
      [3, 5, 1], [.elementwise(.tanh), .elementwise(.sigmoid)], half, targets: labels)
    #expect(try step.report(cost: nil).verdict == .undecided)
    step.arrays["dW1"] = step.arrays["dW1"]! * -1
    let report = try step.report(cost: nil)
    #expect(report.firstDivergence?.quantity == Quantity(.weightGradient, 1))
    #expect(report.firstDivergence?.cause?.id == .signFlipped)
    #expect(report.assumedCost == "squared error, half the sum")
  }

  @Test("a gradient whose product was not summed is named, whatever its shape")
  func notSummed() throws {
    var step = DenseStep([3, 5, 1], [.elementwise(.tanh), .linear], mean, targets: y)
    let right = step.arrays["dW2"]!
    step.arrays["dW2"] = (step.truth.a[0] * step.truth.dz[1]).transposed()
    #expect(try step.report(cost: step.cost).firstDivergence?.cause?.id == .examplesNotSummed)
    step.arrays["dW2"] = matmul(step.truth.a[1], step.truth.dz[1], transposingFirst: true)
    #expect(try step.report(cost: step.cost).firstDivergence?.cause?.id == .wrongLayerInput)
    step.arrays["dW2"] = Tensor([2, 2], [1, 2, 3, 4])
    #expect(throws: Problem.self) { try step.report(cost: step.cost) }
    step.arrays["dW2"] = right
    #expect(try step.report(cost: step.cost).verdict == .pass)
  }

  @Test("layers of different functions are told by the cost alone")
  func mixed() throws {
    var step = DenseStep(
      [2, 4, 3, 1], [.elementwise(.softplus), .elementwise(.tanh), .linear], mean, targets: y)
    #expect(try step.report(cost: step.cost).verdict == .pass)
    step.arrays["dW1"] = step.arrays["dW1"]! * -1
    let report = try step.report(cost: step.cost)
    #expect(report.firstDivergence?.quantity == Quantity(.weightGradient, 1))
    #expect(report.firstDivergence?.cause?.id == .signFlipped)
  }

  @Test("functions that nothing tells are asked for, with the line to type")
  func functions() throws {
    let step = DenseStep([3, 4, 1], [.elementwise(.softplus), .linear], mean, targets: y)
    let unknown = try step.report(cost: step.cost * 1.01)
    #expect(unknown.verdict == .undecided)
    #expect(unknown.paragraph.contains("--activations F1,OUTPUT"))
  }

  @Test("a penalty that gradients hold and the cost does not, in every layer, decides nothing")
  func penaltyWithoutCost() throws {
    let penalty = Penalty(squares: 0.05)
    let step = DenseStep(
      [3, 5, 1], [.elementwise(.tanh), .linear], mean, targets: y, penalty: penalty)
    let whole = try step.report(cost: step.cost)
    #expect(whole.verdict == .pass, "\(whole.paragraph)")
    let report = try step.report(cost: step.truth.cost)
    #expect(report.verdict == .undecided)
    #expect(report.paragraph.contains("0.1 W"))
    // In one layer alone it is a mistake, and so is one that is missing in one.
    var one = step
    one.arrays["dW1"] = step.truth.dw[0]
    #expect(
      try one.report(cost: step.truth.cost).firstDivergence?.cause?.id == .extraRegularization)
    #expect(try one.report(cost: step.cost).firstDivergence?.cause?.id == .missingRegularization)
  }

  @Test("an autoencoder's targets are its examples")
  func autoencoder() throws {
    let x = Tensor<Double>([12, 4], Key(seed: 8).normal(48))
    var step = DenseStep(
      [4, 2, 4], [.elementwise(.sigmoid), .linear],
      ProgramLoss(kind: .squaredError, scale: 1.0 / 48), targets: x, inputs: x)
    step.arrays["Y"] = nil
    #expect(try step.report(cost: step.cost).verdict == .pass)
  }

  @Test("a softmax has a temperature, told by values or by a number")
  func temperature() throws {
    let classes = Tensor<Double>(classes: (0..<12).map { $0 % 3 }).oneHot(classes: 3)
    let key = Key(seed: 9)
    let x = Tensor<Double>([12, 2], key["x"].normal(24))
    let w = Tensor<Double>([2, 3], key["w"].normal(6))
    var layer = ProgramNetwork.Layer(inputs: 2, outputs: 3, hasBias: false, function: .softmax)
    layer.argumentFactor = 0.5
    let network = ProgramNetwork(
      layers: [layer], loss: ProgramLoss(kind: .crossEntropy, scale: 1.0 / 12))
    let truth = ProgramPass(network: network, inputs: x, targets: classes).derivatives(
      at: ProgramParameters(weights: [w], biases: [.zeros([3])]))
    let arrays = ["X": x, "Y": classes, "W1": w, "dW1": truth.dw[0]]
    for more in [["Z1": truth.z[0], "A1": truth.a[0]], ["T": Tensor(2.0)]] {
      let all = arrays.merging(more) { $1 }
      let report = try Audit.report(
        on: SavedArrays(all, cost: truth.cost, keep: nil, tolerance: 1e-5))
      #expect(report.verdict == .pass, "\(report.paragraph)")
      var wrong = all
      wrong["dW1"] = truth.dw[0] * 2
      let other = try Audit.report(
        on: SavedArrays(wrong, cost: truth.cost, keep: nil, tolerance: 1e-5))
      let factor = try #require(other.firstDivergence?.cause?.factor)
      #expect(abs(factor - 2) < 1e-9)
    }
  }

  @Test(
    "dA behind a mask, each example's own, is a convention where dW averages; a mask that is forgotten is not"
  )
  func maskedGradients() throws {
    let key = Key(seed: 11)
    let (x, m) = (Tensor<Double>([12, 3], key["x"].normal(36)), 12.0)
    let y = Tensor<Double>([12, 1], (0..<12).map { Double($0 * 5 % 12 / 6) })
    let widths = [3, 6, 5, 1]
    let weights = (0..<3).map {
      Tensor<Double>(
        [widths[$0], widths[$0 + 1]], key["w\($0)"].normal(widths[$0] * widths[$0 + 1]))
    }
    let biases = (1...3).map { Tensor<Double>([widths[$0]], key["b\($0)"].normal(widths[$0])) }
    let kept = (1...2).map { layer in
      Tensor<Double>(
        [12, widths[layer]],
        key["d\(layer)"].mask(12 * widths[layer], keeping: 0.7).map { $0 ? 1 : 0 })
    }
    let network = ProgramNetwork(
      layers: (0..<3).map {
        .init(
          inputs: widths[$0], outputs: widths[$0 + 1],
          function: $0 < 2 ? .elementwise(.relu) : .elementwise(.sigmoid))
      }, loss: ProgramLoss(kind: .binaryCrossEntropy, scale: 1 / m))
    let masks = [1: kept[0] * (1 / 0.7), 2: kept[1] * (1 / 0.7)]
    let truth = ProgramPass(network: network, inputs: x, targets: y, masks: masks).derivatives(
      at: ProgramParameters(weights: weights, biases: biases))
    var arrays = ["X": x, "Y": y, "D1": kept[0], "D2": kept[1], "keep_prob": Tensor(0.7)]
    for layer in 1...3 {
      arrays["W\(layer)"] = weights[layer - 1]
      arrays["b\(layer)"] = biases[layer - 1]
      arrays["Z\(layer)"] = truth.z[layer - 1]
      arrays["A\(layer)"] = truth.a[layer - 1]
      arrays["dW\(layer)"] = truth.dw[layer - 1]
      arrays["db\(layer)"] = truth.db[layer - 1]
    }
    for layer in 1...2 { arrays["dA\(layer)"] = truth.da[layer - 1] * (masks[layer] ?? y) * m }
    func report() throws -> AuditReport {
      try Audit.report(on: SavedArrays(arrays, cost: truth.cost, keep: nil, tolerance: 1e-5))
    }
    let right = try report()
    #expect(right.verdict == .pass, "\(right.paragraph)")
    // The mask of the first layer is forgotten on the way back.
    let da = truth.da[0]
    let dz = da * Tensor(da.shape, truth.z[0].scalars.map { $0 > 0 ? 1 : 0 })
    arrays["dA1"] = da * m
    arrays["dW1"] = matmul(x.transposed(), dz)
    arrays["db1"] = dz.sum(alongAxes: [0])
    let wrong = try report()
    #expect(wrong.verdict == .fail)
    #expect(wrong.firstDivergence?.cause?.id == .maskMissing, "\(wrong.paragraph)")
  }
}
