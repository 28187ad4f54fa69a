import Networks
import Plumbline
import TestSupport
import Testing

/// A stream of numbers by the rule of `Tests/Golden/golden/source.py` (splitmix64 on the FNV-1a hash of a label), as
/// `parity.py` draws them: multiples of 1/512, exact in single precision too.
struct GoldenSource {
  private var state: UInt64 = 0xCBF2_9CE4_8422_2325

  init(_ label: String) {
    for byte in label.utf8 { state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
  }

  /// Ten bits.
  mutating func draw() -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) >> 54)
  }

  /// offset + scale · k / 512 with k from -512 up to 511.
  mutating func numbers(
    _ shape: Shape, scale: Double = 1, offset: Double = 0
  ) -> Tensor<Double> {
    Tensor(
      shape, (0..<shape.elementCount).map { _ in offset + scale * (Double(draw()) / 512 - 1) })
  }
}

/// Every optimizer on a dense network and every layer under momentum: 200 steps of mini-batches in the order of the
/// file, a smaller last one. The settings are such that a small change of the initial parameters grows less than a
/// hundredfold, which `parity.py` measures: a chaotic run would prove nothing, and Float could not follow it.
@Suite("200 steps of every optimizer and every layer follow PyTorch")
struct GoldenParityTests {
  struct File: Decodable {
    let data: Examples
    let networks: [Network]
    let runs: [Run]
  }

  struct Examples: Decodable {
    let examples, batch, classes, maskSeed: Int

    /// The rows of each step.
    func rows(_ step: Int) -> Range<Int> {
      let batches = (examples + batch - 1) / batch
      let start = step % batches * batch
      return start..<min(start + batch, examples)
    }
  }

  struct Network: Decodable {
    let name, description: String
  }

  struct Run: Decodable, CustomTestStringConvertible {
    let name, network, loss, optimizer: String
    let attributes: GoldenOptimizerTests.Case.Attributes
    let clipping: Clipping?
    let schedule: ScheduleChoice?
    let losses, finalStatistics: [Double]

    var testDescription: String { name }

    func makeOptimizer<Scalar: TrainableScalar>() throws -> any Optimizer<Scalar> {
      let item = GoldenOptimizerTests.Case(
        name: name, optimizer: optimizer, attributes: attributes, parameters: [])
      return try #require(try item.make())
    }
  }

  struct Clipping: Decodable {
    let norm, value: Double?

    func callAsFunction<Scalar: TrainableScalar>(
      _ gradient: Parameters<Scalar>
    ) -> Parameters<Scalar> {
      if let norm { return gradient.clipped(toNorm: norm) }
      return value.map { gradient.clipped(toValue: $0) } ?? gradient
    }
  }

  struct ScheduleChoice: Decodable {
    let schedule: String
    let attributes: GoldenOptimizerTests.ScheduleCase.Attributes

    func make() throws -> Schedule {
      try GoldenOptimizerTests.ScheduleCase(
        name: schedule, schedule: schedule, attributes: attributes, learningRates: []
      ).make()
    }
  }

  private let file: File

  init() throws { file = try GoldenFile.load("parity.json") }

  /// Inputs and targets.
  private func examples<Scalar: TrainableScalar>(
    _ run: Run, _ description: NetworkDescription
  ) throws -> [Tensor<Scalar>] {
    let (count, classes) = (file.data.examples, file.data.classes)
    var source = GoldenSource("parity/\(run.network)/data")
    let inputs = source.numbers(Shape([count] + description.input.extents))
    let targets: Tensor<Double>
    switch run.loss {
    case "cross-entropy":
      targets = Tensor(classes: (0..<count).map { _ in source.draw() % classes })
    case "binary-cross-entropy":
      let numbers = source.numbers([count, classes])
      targets = Tensor(numbers.shape, numbers.scalars.map { $0 > 0 ? 1 : 0 })
    case "mse": targets = source.numbers([count, classes])
    default: throw UnknownName(name: run.loss)
    }
    return [Tensor(converting: inputs), Tensor(converting: targets)]
  }

  /// The parameters at the start; a normalization's scale starts around 1.
  private func initial<Scalar: TrainableScalar>(
    _ run: Run, _ network: some Layer
  ) -> Parameters<Scalar> {
    var source = GoldenSource("parity/\(run.network)/parameters")
    var parameters = Parameters<Scalar>(of: network, key: Key(seed: 0))
    for entry in parameters.layout.entries {
      let isScale = entry.name.hasSuffix(".scale")
      parameters[entry.name] = Tensor(
        converting: source.numbers(
          entry.shape, scale: isScale ? 0.25 : 0.5, offset: isScale ? 1 : 0))
    }
    return parameters
  }

  private func lossFunction<Scalar: TrainableScalar>(
    _ run: Run, _ network: Network
  ) throws -> (NetworkDescription, Networks.Network, TrainingStep<Scalar>.Loss) {
    let description = try NetworkDescription(json: network.description)
    let network = try description.network()
    let kind = run.loss
    return (
      description, network,
      { pass, inputs in
        let output = network(inputs[0], pass)
        switch kind {
        case "cross-entropy": return softmaxCrossEntropy(output, labels: inputs[1])
        case "mse": return meanSquaredError(output, inputs[1])
        default: return binaryCrossEntropy(logits: output, targets: inputs[1])
        }
      }
    )
  }

  /// The largest relative distance of a loss from PyTorch's, and the running statistics at the end. The first steps are
  /// computed by the eager tape as well.
  private func train<Scalar: TrainableScalar>(
    _ run: Run, _ start: some Optimizer<Scalar>
  ) throws -> (worst: Double, step: Int, statistics: [Double]) {
    let item = try #require(file.networks.first { $0.name == run.network })
    let (description, network, loss): (_, _, TrainingStep<Scalar>.Loss) =
      try lossFunction(run, item)
    let inputs: [Tensor<Scalar>] = try examples(run, description)
    var parameters: Parameters<Scalar> = initial(run, network)
    var (optimizer, step) = (start, TrainingStep<Scalar>(of: network, loss: loss))
    let schedule = try run.schedule?.make()
    var worst = (distance: 0.0, step: 0)
    for (number, expected) in run.losses.enumerated() {
      let rows = file.data.rows(number)
      let key = Key(seed: file.data.maskSeed)[number]
      let value = step.loss(at: parameters, inputs: inputs, rows: rows, key: key)
      if number < 6 {
        let eager = parameters.valueWithGradient(key: key) { pass in
          loss(pass, inputs.map { pass.constant($0.sliced(axis: 0, rows)) })
        }
        #expect(eager.value == value, "\(run.name), step \(number)")
        #expect(eager.gradient.vector == step.gradient.vector, "\(run.name), step \(number)")
      }
      // A loss that is not a number is farther away than any.
      let distance = Swift.abs(Double(value) - expected) / expected
      if !(distance <= worst.distance) { worst = (distance.isNaN ? .infinity : distance, number) }
      if let schedule { optimizer.learningRate = schedule(number) }
      optimizer.update(&parameters, along: run.clipping?(step.gradient) ?? step.gradient)
      parameters.statistics = step.statistics
    }
    return (worst.distance, worst.step, parameters.statistics.scalars.map { Double($0) })
  }

  private func expect<Scalar: TrainableScalar>(
    _: Scalar.Type, within tolerance: Double
  ) throws {
    for run in file.runs {
      #expect(run.losses.count == 200, "\(run.name)")
      let optimizer: any Optimizer<Scalar> = try run.makeOptimizer()
      let (worst, step, statistics) = try train(run, optimizer)
      #expect(worst <= tolerance, "\(run.name), step \(step)")
      #expect(statistics.count == run.finalStatistics.count, "\(run.name)")
      for (found, expected) in zip(statistics, run.finalStatistics) {
        #expect(
          Swift.abs(found - expected) <= tolerance * max(1, Swift.abs(expected)), "\(run.name)")
      }
    }
  }

  @Test("in Double: every loss to 1e-9 of itself")
  func double() throws { try expect(Double.self, within: 1e-9) }

  @Test("in Float: every loss to 1e-4 of itself")
  func float() throws { try expect(Float.self, within: 1e-4) }

  @Test("the runs name every optimizer, activation and layer that PyTorch has")
  func completeness() throws {
    #expect(
      Set(file.runs.map(\.optimizer)) == ["sgd", "rmsprop", "adagrad", "adam", "adamw"])
    #expect(Set(file.runs.map(\.loss)) == ["cross-entropy", "binary-cross-entropy", "mse"])
    let descriptions = file.networks.map(\.description).joined()
    let layers =
      [
        "dense", "transposed-dense", "again", "batch-norm", "layer-norm", "rms-norm", "dropout",
        "stochastic-depth", "scalar-bias", "scalar-multiplier", "highway", "convolution",
        "max-pool", "average-pool", "global-average-pool", "flatten", "padded-shortcut", "residual",
        "concatenating", "reversible",
      ] + Activation.elementwise.filter { $0 != .hardTanh }.map(\.rawValue)
    for layer in layers {
      #expect(descriptions.contains("\"layer\": \"\(layer)\""), "\(layer)")
    }
  }
}
