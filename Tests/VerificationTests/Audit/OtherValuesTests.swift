import Networks
import Plumbline
import Testing

@testable import Verification

/// Values of another layer, other targets, another parameter or another moment instead of the right ones, and costs that come out with all
/// their digits in one reading only.
@Suite("Right values in the wrong place, and readings that the cost decides")
struct OtherValuesTests {
  private static let classes = 4, examples = 11

  private func step(
    _ widths: [Int] = [5, 6, 6, 4], seed: Int, penalty: Penalty = Penalty(),
    loss: ProgramLoss? = nil, targets: Tensor<Double>? = nil, inputs: Tensor<Double>? = nil
  ) -> DenseStep {
    let hidden = [Nonlinearity](
      repeating: .elementwise(.tanh), count: widths.count - 2)
    let labels = Tensor<Double>(
      classes: (0..<Self.examples).map { ($0 * 7 + $0 / 3 + seed) % Self.classes })
    return DenseStep(
      widths, hidden + [.softmax],
      loss ?? ProgramLoss(kind: .crossEntropy, scale: 1.0 / Double(Self.examples)),
      targets: targets ?? labels.oneHot(classes: Self.classes), inputs: inputs, penalty: penalty,
      seed: seed)
  }

  /// Sets the gradients of the layers up to one from another gradient of what that layer gives.
  private func carry(_ dz: Tensor<Double>, into layer: Int, of step: inout DenseStep) {
    var dz = dz
    for own in (1...layer).reversed() {
      let entering = own == 1 ? step.arrays["X"]! : step.truth.a[own - 2]
      step.arrays["dW\(own)"] = matmul(entering, dz, transposingFirst: true)
      step.arrays["db\(own)"] = dz.sum(alongAxes: [0])
      guard own > 1 else { return }
      let da = matmul(dz, step.parameters.weights[own - 1], transposingSecond: true)
      dz = da * (1 - step.truth.a[own - 2].squared())
    }
  }

  @Test("a small penalty on biases is told where the cost has all its digits", arguments: 0..<3)
  func exactCost(seed: Int) throws {
    let strength = 2e-4
    var step = step(seed: seed, penalty: Penalty(squares: strength / 2))
    step.arrays["lam"] = Tensor(strength)
    #expect(try step.report(cost: step.cost).verdict == .pass)
    for layer in 1...3 {
      step.arrays["db\(layer)"] =
        step.truth.db[layer - 1]
        + step.parameters.biases[layer - 1] * strength
    }
    let report = try step.report(cost: step.cost)
    #expect(report.firstDivergence?.cause?.id == .regularizedBias, "\(report.paragraph)")
  }

  @Test("a penalty too weak to matter is still told from rounding", arguments: 0..<3)
  func weakPenalty(seed: Int) throws {
    let strength = 3e-6
    var step = step(seed: seed, penalty: Penalty(squares: strength / 2))
    #expect(try step.report(cost: step.cost).verdict == .pass)
    step.arrays["dW2"] = step.truth.dw[1]
    let missing = try #require(try step.report(cost: step.cost).firstDivergence)
    #expect(missing.cause?.id == .missingRegularization && "\(missing.quantity)" == "dW2")
    var extra = self.step(seed: seed)
    extra.arrays["dW1"] = extra.truth.dw[0] + extra.parameters.weights[0] * strength
    let found = try #require(try extra.report(cost: extra.cost).firstDivergence)
    #expect(found.cause?.id == .extraRegularization && "\(found.quantity)" == "dW1", "\(found)")
    // As small an error without a direction is rounding of some kind.
    var noisy = self.step(seed: seed)
    let noise = Tensor<Double>([5, 6], Key(seed: seed)["noise"].normal(30))
    noisy.arrays["dW1"] = noisy.truth.dw[0] + noise * 1e-8
    #expect(try noisy.report(cost: noisy.cost).verdict == .pass)
  }

  /// The arrays as a program of single precision has them.
  private func single(_ arrays: [String: Tensor<Double>]) -> [String: Tensor<Double>] {
    arrays.mapValues { Tensor($0.shape, $0.scalars.map { Double(Float($0)) }) }
  }

  @Test(
    "a cost that does not come out is undecided in single precision too", arguments: [1.3, 100, 1])
  func costOfSinglePrecision(factor: Double) throws {
    var arrays = single(step(seed: 3).arrays)
    arrays["cost"] = Tensor(Double(Float(step(seed: 3).cost * factor)))
    let report = try Audit.report(
      on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 2e-4))
    #expect(report.verdict == (factor == 1 ? .pass : .undecided), "\(report.paragraph)")
  }

  @Test(
    "of functions that come near in single precision, the one that comes out is read",
    arguments: 0..<3)
  func nearestFunction(seed: Int) throws {
    let step = DenseStep(
      [5, 6, 4], [.rarer(.geluByTanh), .softmax],
      ProgramLoss(kind: .crossEntropy, scale: 1.0 / Double(Self.examples)),
      targets: Tensor<Double>(
        classes: (0..<Self.examples).map { ($0 * 7 + seed) % Self.classes }
      ).oneHot(classes: Self.classes), seed: seed)
    var arrays = step.arrays
    (arrays["Z1"], arrays["A1"]) = (step.truth.z[0], step.truth.a[0])
    arrays = single(arrays)
    arrays["cost"] = Tensor(Double(Float(step.cost)))
    let report = try Audit.report(
      on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 2e-4))
    #expect(report.verdict == .pass, "\(report.paragraph)")
    #expect(report.reading.network.contains("tanh form"), "\(report.reading.network)")
  }

  @Test("the derivative at the values of another layer", arguments: 0..<3)
  func derivativeOfAnotherLayer(seed: Int) throws {
    var step = step(seed: seed)
    let da = matmul(step.truth.dz[2], step.parameters.weights[2], transposingSecond: true)
    carry(da * (1 - step.truth.a[0].squared()), into: 2, of: &step)
    let first = try #require(try step.report(cost: step.cost).firstDivergence)
    #expect(first.cause?.id == .wrongLayerInput && first.quantity.layer == 2, "\(first)")
    #expect(first.cause?.explanation.contains("values of layer 1") == true)
  }

  @Test("the derivative at one column of values, which is stretched over all units")
  func derivativeAtOneColumn() throws {
    let m = Self.examples
    var step = DenseStep(
      [3, 6, 1], [.elementwise(.sigmoid), .elementwise(.sigmoid)],
      ProgramLoss(kind: .squaredError, scale: 0.5 / Double(m)),
      targets: Tensor([m, 1], (0..<m).map { Double($0 % 2) }), seed: 3)
    let (a, out) = (step.truth.a[0], step.truth.a[1])
    step.arrays["A1"] = a
    let da = matmul(step.truth.dz[1], step.parameters.weights[1], transposingSecond: true)
    carry(da * out * (1 - out), into: 1, of: &step)
    let first = try #require(try step.report(cost: step.cost).firstDivergence)
    #expect(first.cause?.id == .wrongLayerInput && first.quantity.layer == 1, "\(first)")
  }

  @Test("a weight's gradient from other examples, or from an error that was multiplied once more")
  func otherFactorsOfWeights() throws {
    var raw = step(seed: 4)
    raw.arrays["X_raw"] = raw.arrays["X"]! * 3 + 5
    raw.arrays["dW1"] = matmul(raw.arrays["X_raw"]!, raw.truth.dz[0], transposingFirst: true)
    let first = try #require(try raw.report(cost: raw.cost).firstDivergence)
    #expect(first.cause?.id == .wrongLayerInput, "\(first)")
    #expect(first.cause?.explanation.contains("X_raw") == true)
    var twice = step(seed: 4)
    let slope = 1 - twice.truth.a[1].squared()
    twice.arrays["dW2"] = matmul(
      twice.truth.a[0], twice.truth.dz[1] * slope, transposingFirst: true)
    let own = try #require(try twice.report(cost: twice.cost).firstDivergence)
    #expect(own.cause?.id == .extraActivationDerivative, "\(own)")
  }

  @Test(
    "an output compared with something else than its label",
    arguments: ["plus", "argument", "predicted", "next class", "next example"])
  func otherTargets(_ mistake: String) throws {
    var step = step(seed: 5)
    let (a, y) = (step.truth.a[2], step.arrays["Y"]!)
    let (m, k) = (Self.examples, Self.classes)
    func rolled(_ rows: Int, _ columns: Int) -> Tensor<Double> {
      Tensor(
        y.shape,
        (0..<m * k).map { y.scalars[(($0 / k + rows) % m) * k + ($0 % k + columns) % k] })
    }
    let predicted = compare(a, .equal, a.max(alongAxes: [1], keepingAxes: true))
    let error: Tensor<Double> =
      switch mistake {
      case "plus": a + y
      case "argument": step.truth.z[2] - y
      case "predicted": predicted - y
      case "next class": a - rolled(0, 1)
      default: a - rolled(1, 0)
      }
    carry(error * (1 / Double(m)), into: 3, of: &step)
    let first = try #require(try step.report(cost: step.cost).firstDivergence)
    #expect(
      first.cause?.id == (mistake == "argument" ? .wrongLayerInput : .gradientOfAnotherLoss),
      "\(mistake): \(first)")
    #expect(first.quantity.layer == 3)
  }

  @Test("gradients that were exchanged, and the bias of another layer")
  func otherParameters() throws {
    var step = step([6, 6, 6, 4], seed: 2)
    (step.arrays["dW1"], step.arrays["dW2"]) = (step.arrays["dW2"], step.arrays["dW1"])
    let report = try step.report(cost: step.cost)
    let wrong = report.items.filter { $0.verdict == .fail }
    #expect(wrong.map(\.quantity.description).sorted() == ["dW1", "dW2"], "\(report.paragraph)")
    #expect(wrong.allSatisfy { $0.cause?.id == .wrongLayerInput })
    var bias = self.step(seed: 3)
    bias.arrays["db2"] = bias.arrays["db1"]
    let first = try #require(try bias.report(cost: bias.cost).firstDivergence)
    #expect(first.cause?.id == .wrongLayerInput && "\(first.quantity)" == "db2", "\(first)")
  }

  @Test("a gradient without what entered the layer")
  func withoutInput() throws {
    var step = step(seed: 4)
    let ones = Tensor<Double>(repeating: 1, shape: step.arrays["X"]!.shape)
    step.arrays["dW1"] = matmul(ones, step.truth.dz[0], transposingFirst: true)
    let first = try #require(try step.report(cost: step.cost).firstDivergence)
    #expect(first.cause?.id == .factorMissing && "\(first.quantity)" == "dW1", "\(first)")
  }

  @Test("the number that smooths labels is read, and its absence in the gradient told")
  func smoothing() throws {
    let step = step(seed: 6)
    let (y, a) = (step.arrays["Y"]!, step.truth.a[2])
    let smooth = y * 0.9 + 0.1 / Double(Self.classes)
    let cost = (smooth * log(a)).sum().scalar / -Double(Self.examples)
    var right = step
    right.arrays["label_smoothing"] = Tensor(0.1)
    carry((a - smooth) * (1 / Double(Self.examples)), into: 3, of: &right)
    let report = try right.report(cost: cost)
    #expect(report.verdict == .pass, "\(report.paragraph)")
    #expect(!report.reading.ignored.contains("label_smoothing"))
    var wrong = right
    carry((a - y) * (1 / Double(Self.examples)), into: 3, of: &wrong)
    let first = try #require(try wrong.report(cost: cost).firstDivergence)
    #expect(first.cause?.id == .gradientOfAnotherLoss, "\(first)")
  }

  @Test("weights of examples in a hinge loss, and a condition without the label")
  func weightedHinge() throws {
    let m = Self.examples
    let y = Tensor<Double>([m, 1], (0..<m).map { $0 % 3 == 0 ? -1 : 1 })
    let weights = Tensor<Double>([m, 1], (0..<m).map { 0.5 + Double($0 % 4) })
    let plain = DenseStep(
      [5, 6, 1], [.elementwise(.tanh), .linear], ProgramLoss(kind: .hinge, scale: 1), targets: y,
      seed: 8)
    let f = plain.truth.a[1]
    let within = compare(1 - y * f, .greater, Tensor(0))
    let cost = (weights * relu(1 - y * f)).sum().scalar / Double(m)
    func report(_ within: Tensor<Double>) throws -> AuditReport {
      var step = plain
      step.arrays["sample_weight"] = weights
      carry(-(y * within * weights) * (1 / Double(m)), into: 2, of: &step)
      return try step.report(cost: cost)
    }
    let right = try report(within)
    #expect(right.verdict == .pass, "\(right.paragraph)")
    let wrong = try report(compare(1 - f, .greater, Tensor(0)))
    #expect(wrong.firstDivergence?.cause?.id == .gradientOfAnotherLoss, "\(wrong.paragraph)")
  }

  @Test("an array with the name of a gradient that is none is left out where all others are right")
  func otherMeaning() throws {
    var step = step(seed: 7)
    step.arrays["d1"] = step.truth.a[0] * 0.5
    let report = try step.report(cost: step.cost)
    #expect(report.verdict == .pass, "\(report.paragraph)")
    #expect(report.reading.ignored.contains("d1") && !report.reading.names.keys.contains("d1"))
    // What is called dZ1 is that, and wrong.
    var named = self.step(seed: 7)
    named.arrays["dZ1"] = named.truth.dz[0] + named.truth.a[0] * 0.01
    #expect(try named.report(cost: named.cost).firstDivergence?.quantity.description == "dZ1")
    // Where a gradient of a parameter is wrong as well, it is judged.
    step.arrays["dW1"] = step.arrays["dW1"]!.squared()
    #expect(try step.report(cost: step.cost).verdict == .fail)
  }

  @Test(
    "gradients that were changed before they were saved",
    arguments: ["clipped", "signs", "divided"], [1, 2])
  func changedAfterwards(_ change: String, seed: Int) throws {
    var step = step(seed: seed)
    let names = (1...3).flatMap { ["dW\($0)", "db\($0)"] }
    let largest = names.flatMap { step.arrays[$0]!.scalars.map(abs) }.max() ?? 1
    for name in names {
      let value = step.arrays[name]!
      step.arrays[name] =
        switch change {
        case "clipped": minimum(maximum(value, Tensor(-0.4 * largest)), Tensor(0.4 * largest))
        case "signs": sign(value)
        default: value / (abs(value) + 0.03 * largest) * 0.01
        }
    }
    let report = try step.report(cost: step.cost)
    let causes = Set(report.items.compactMap(\.cause?.id))
    #expect(causes == [.changedAfterwards], "\(report.paragraph)")
  }

  @Test("a factor that is a number of the file or of the network is called so")
  func factorsByName() throws {
    var step = step(seed: 9)
    step.arrays["T"] = Tensor(2.7)
    for name in step.arrays.keys where name.hasPrefix("d") {
      step.arrays[name] = step.arrays[name]! * 2.7
    }
    let text = try step.report(cost: step.cost).paragraph
    #expect(text.contains("T, 2.7"), "\(text)")
    var outputs = self.step(seed: 9)
    for name in outputs.arrays.keys where name.hasPrefix("d") {
      outputs.arrays[name] = outputs.arrays[name]! * Double(Self.classes)
    }
    let words = try outputs.report(cost: outputs.cost).paragraph
    #expect(words.contains("the number of outputs, 4"), "\(words)")
  }

  @Test("a minus at one layer is not said to be right for some update")
  func minusOfOneLayer() throws {
    var step = step(seed: 10)
    carry(-step.truth.dz[1], into: 2, of: &step)
    let text = try step.report(cost: step.cost).paragraph
    #expect(text.contains("minus what it should be") && !text.contains("update adds"), "\(text)")
  }

  @Test(
    "biases in the last row of the weights, with a feature that is 1, are no question of layout")
  func featureOfOnes() throws {
    let m = Self.examples
    let drawn = Key(seed: 3)["x"].normal(m * 5)
    let x = Tensor<Double>([m, 5], (0..<m * 5).map { $0 % 5 == 4 ? 1 : drawn[$0] })
    let labels = Tensor<Double>(classes: (0..<m).map { ($0 * 5) % 3 }).oneHot(classes: 3)
    let step = DenseStep(
      [5, 3], [.softmax], ProgramLoss(kind: .crossEntropy, scale: 1 / Double(m)), targets: labels,
      inputs: x, bias: 0, seed: 3)
    var arrays = step.arrays
    (arrays["b1"], arrays["db1"]) = (nil, nil)
    let penalty = 0.3 * step.parameters.weights[0]
    let cost = step.cost + 0.15 * step.parameters.weights[0].squared().sum().scalar
    arrays["cost"] = Tensor(cost)
    arrays["reg"] = Tensor(0.3)
    func report(_ factor: Double) throws -> AuditReport {
      arrays["dW1"] = step.truth.dw[0] + penalty * factor
      return try Audit.report(
        on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 1e-5))
    }
    #expect(try report(1).verdict == .pass)
    let wrong = try report(2)
    #expect(wrong.firstDivergence?.cause?.id == .extraRegularization, "\(wrong.paragraph)")
  }

  @Test(
    "GELU by a tanh is read where a description says GELU, and the reverse",
    arguments: [true, false])
  func geluOfAnotherForm(isByTanh: Bool) throws {
    func json(_ name: String) -> String {
      """
      {"input": [4], "output": "softmax", "layers": [
        {"layer": "dense", "outputs": 6}, {"layer": "\(name)"}, {"layer": "dense", "outputs": 2}]}
      """
    }
    let step = try DescribedStep(json(isByTanh ? "gelu-tanh" : "gelu"), seed: 5)
    let described = try NetworkDescription(json: json(isByTanh ? "gelu" : "gelu-tanh")).network()
    let report = try step.report(step.arrays(step.gradients), described: described)
    #expect(report.verdict == .pass, "\(report.paragraph)")
    #expect(report.remarks.contains { $0.contains("gelu") })
    var wrong = step.gradients
    wrong[0] = wrong[0] * 3
    let found = try step.report(step.arrays(wrong), described: described)
    #expect(found.firstDivergence?.quantity.layer == 1, "\(found.paragraph)")
    #expect(found.items.count { $0.verdict == .pass } == 3)
  }

  @Test("a described network's gradients, changed at the end", arguments: 0..<3)
  func changedDescribed(seed: Int) throws {
    let step = try DescribedStep(
      """
      {"input": [6, 3], "output": "softmax", "layers": [
        {"layer": "lstm", "units": 5}, {"layer": "dense", "outputs": 2}]}
      """, seed: seed)
    let size = step.gradients.map(\.largest).max()!
    let cut = try step.report(
      step.arrays(step.gradients.map { clip($0, to: -size / 5...size / 5) }))
    #expect(cut.verdict == .fail)
    #expect(
      cut.items.allSatisfy { $0.verdict != .fail || $0.cause?.id == .changedAfterwards },
      "\(cut.paragraph)")
  }

  @Test("a convolution's weight from values before the activation", arguments: 0..<3)
  func convolutionOfOtherValues(seed: Int) throws {
    let json = { (first: String, second: String) in
      """
      {"input": [2, 6, 6], "output": "softmax", "layers": [
        {"layer": "convolution", "outputs": 2, "kernel": 3, "padding": 1}, \(first)
        {"layer": "convolution", "outputs": 3, "kernel": 3, "padding": 1}, \(second)
        {"layer": "global-average-pool"}, {"layer": "dense", "outputs": 2}]}
      """
    }
    let step = try DescribedStep(
      json("{\"layer\": \"tanh\"},", "{\"layer\": \"tanh\"},"), seed: seed)
    let between = try step.cost.between(step.parameters)
    let (before, gradient) = (between[0].value, between[2].gradient)
    // The right weight's gradient is that of this convolution's output at the values before tanh.
    let tape = Tape<Double>()
    let weight = tape.variable(step.parameters[2])
    let network = try NetworkDescription(
      json:
        #"{"input": [2, 6, 6], "layers": [{"layer": "convolution", "outputs": 3, "kernel": 3, "padding": 1}]}"#
    ).network()
    let pass = Pass(
      layout: ParameterLayout(of: network), values: [weight, tape.variable(step.parameters[3])])
    let output = network(tape.constant(before), pass)
    var wrong = step.gradients
    wrong[2] = tape.gradients(of: (output * tape.constant(gradient)).sum())[weight]
    let report = try step.report(step.arrays(wrong))
    let first = try #require(report.firstDivergence)
    #expect(first.cause?.id == .wrongLayerInput, "\(report.paragraph)")
    #expect(report.items.count { $0.verdict == .fail } == 1)
  }

  @Test(
    "the derivative of the other form of GELU, and what is said of it in single precision",
    arguments: 0..<3)
  func derivativeOfTheOtherGelu(seed: Int) throws {
    var step = DenseStep(
      [5, 6, 4], [.elementwise(.gelu), .softmax],
      ProgramLoss(kind: .crossEntropy, scale: 1.0 / Double(Self.examples)),
      targets: Tensor<Double>(
        classes: (0..<Self.examples).map { ($0 * 7 + seed) % Self.classes }
      ).oneHot(classes: Self.classes), seed: seed)
    func inSinglePrecision(_ step: DenseStep) throws -> AuditReport {
      var arrays = single(step.arrays)
      arrays["cost"] = Tensor(Double(Float(step.cost)))
      return try Audit.report(on: SavedArrays(arrays, cost: nil, keep: nil, tolerance: 2e-4))
    }
    let right = try inSinglePrecision(step)
    #expect(right.verdict == .pass && !right.remarks.contains { $0.contains("double precision") })
    let slope = try #require(Nonlinearity.rarer(.geluByTanh).derivative(at: step.truth.z[0]))
    let da = matmul(step.truth.dz[1], step.parameters.weights[1], transposingSecond: true)
    carry(da * slope, into: 1, of: &step)
    let report = try step.report(cost: step.cost)
    #expect(
      report.firstDivergence?.cause?.id == .derivativeOfWrongActivation, "\(report.paragraph)")
    #expect(report.paragraph.contains("tanh form"))
    // A distance within the tolerance there, but more than rounding.
    var near = DenseStep(
      [5, 6, 4], [.elementwise(.gelu), .softmax],
      ProgramLoss(kind: .crossEntropy, scale: 1.0 / Double(Self.examples)),
      targets: step.arrays["Y"]!, seed: seed)
    near.arrays["dW1"] = near.truth.dw[0] * (1 + 6e-5)
    let passed = try inSinglePrecision(near)
    #expect(passed.verdict == .pass)
    #expect(passed.remarks.contains { $0.contains("dW1") && $0.contains("double precision") })
  }
}
