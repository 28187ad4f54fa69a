import Plumbline
import TestSupport
import Testing

/// A network of one vector, so that an optimizer can be given any numbers.
struct VectorLayer: Layer {
  let values: Parameter
  init(_ count: Int) { values = Parameter([count], .zero) }
  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { input + pass[values] }

  /// Parameters with these values.
  static func parameters<Scalar: TensorScalar>(_ values: Tensor<Scalar>) -> Parameters<Scalar> {
    Parameters(layout: ParameterLayout(of: VectorLayer(values.count)), vector: values)
  }
}

@Suite("Optimizers, clipping and schedules agree with PyTorch")
struct GoldenOptimizerTests {
  struct Case: Decodable {
    let name, optimizer: String
    let attributes: Attributes
    let parameters: [Snapshot]

    struct Attributes: Decodable {
      let learningRate: Double
      let momentum, dampening, weightDecay, decay, epsilon: Double?
      let learningRateDecay, initialAccumulator, beta1, beta2, learningRateFactor: Double?
      let nesterov, centered: Bool?
    }

    struct Snapshot: Decodable {
      let step: Int
      let values: [Double]
    }

    /// The optimizer; `nil` where the library lacks a setting that the case uses.
    func make<Scalar: TrainableScalar>() throws -> (any Optimizer<Scalar>)? {
      let a = attributes
      let weightDecay = a.weightDecay ?? 0
      switch optimizer {
      case "sgd":
        return SGD<Scalar>(
          learningRate: a.learningRate, momentum: a.momentum ?? 0, dampening: a.dampening ?? 0,
          nesterov: a.nesterov ?? false, weightDecay: weightDecay)
      case "rmsprop":
        return RMSprop<Scalar>(
          learningRate: a.learningRate, decay: try #require(a.decay),
          epsilon: try #require(a.epsilon), momentum: a.momentum ?? 0,
          centered: a.centered ?? false, weightDecay: weightDecay)
      case "adagrad":
        if a.initialAccumulator != 0 { return nil }
        return Adagrad<Scalar>(
          learningRate: a.learningRate, learningRateDecay: a.learningRateDecay ?? 0,
          epsilon: try #require(a.epsilon), weightDecay: weightDecay)
      case "adam":
        return Adam<Scalar>(
          learningRate: a.learningRate, beta1: try #require(a.beta1), beta2: try #require(a.beta2),
          epsilon: try #require(a.epsilon), weightDecay: weightDecay)
      case "adamw":
        return Adam<Scalar>.adamW(
          learningRate: a.learningRate, beta1: try #require(a.beta1), beta2: try #require(a.beta2),
          epsilon: try #require(a.epsilon), weightDecay: weightDecay)
      default: throw UnknownName(name: optimizer)
      }
    }
  }

  struct Clipping: Decodable {
    let name, method: String
    let limit, norm: Double
    let gradients, clipped: [GoldenTensor]
  }

  struct ScheduleCase: Decodable {
    let name, schedule: String
    let attributes: Attributes
    let learningRates: [Double]

    struct Attributes: Decodable {
      let baseLearningRate: Double
      let stepSize, halfPeriod, warmUpSteps: Int?
      let factor, least, startFactor: Double?
    }

    func make() throws -> Schedule {
      let (a, rate) = (attributes, attributes.baseLearningRate)
      func cosine() throws -> Schedule {
        .cosine(rate, over: try #require(a.halfPeriod), floor: try #require(a.least))
      }
      func warmedUp(_ schedule: Schedule) throws -> Schedule {
        schedule.warmedUp(over: try #require(a.warmUpSteps), from: try #require(a.startFactor))
      }
      switch schedule {
      case "step":
        return .step(rate, every: try #require(a.stepSize), factor: try #require(a.factor))
      case "exponential": return .exponential(rate, factor: try #require(a.factor))
      case "cosine": return try cosine()
      case "linear_warm_up": return try warmedUp(.constant(rate))
      case "linear_warm_up_then_cosine": return try warmedUp(try cosine())
      default: throw UnknownName(name: schedule)
      }
    }
  }

  struct File: Decodable {
    let initialParameters: [Double]
    let gradients: [[Double]]
    let cases: [Case]
    let clipping: [Clipping]
    let schedules: [ScheduleCase]
  }

  private let file: File

  init() throws { file = try GoldenFile.load("optimizers.json") }

  /// The values after each step that a case records.
  private func run<Scalar: TrainableScalar>(
    _ item: Case, _ start: some Optimizer<Scalar>
  ) -> [(step: Int, values: Tensor<Scalar>)] {
    var optimizer = start
    var parameters = VectorLayer.parameters(Tensor(file.initialParameters.map { Scalar($0) }))
    var results: [(step: Int, values: Tensor<Scalar>)] = []
    for (index, gradient) in file.gradients.enumerated() {
      let gradient = Parameters(
        layout: parameters.layout, vector: Tensor(gradient.map { Scalar($0) }))
      optimizer.update(&parameters, along: gradient)
      if let factor = item.attributes.learningRateFactor { optimizer.learningRate *= factor }
      results.append((index + 1, parameters.vector))
    }
    return results.filter { result in item.parameters.contains { $0.step == result.step } }
  }

  @Test("after up to 100 steps on given gradients, to 1e-12 of the number or of 1")
  func optimizers() throws {
    var leftOut: [String] = []
    for item in file.cases {
      guard let optimizer: any Optimizer<Double> = try item.make() else {
        leftOut.append(item.name)
        continue
      }
      let results = run(item, optimizer)
      #expect(results.count == 6)
      for (result, expected) in zip(results, item.parameters) {
        let expected = GoldenTensor(
          name: nil, shape: [expected.values.count], values: expected.values)
        let found = differences(result.values, expected, relativeToOne: 1e-12)
        #expect(
          found.isEmpty, "\(item.name), step \(result.step): \(found.joined(separator: "; "))")
      }
    }
    // Adagrad here starts its sum of squares at 0 and has no setting for it.
    #expect(leftOut == ["adagrad initial accumulator, weight_decay"])
  }

  @Test("in Float too, to its precision")
  func singlePrecision() throws {
    for item in file.cases {
      guard let optimizer: any Optimizer<Float> = try item.make() else { continue }
      for (result, expected) in zip(run(item, optimizer), item.parameters) {
        let found = Tensor<Double>(converting: result.values)
        let expected = Tensor(expected.values)
        // Each of a hundred steps rounds by half a unit, of the largest parameter at the worst.
        let tolerance = 1e-5 * Swift.max(1, abs(expected).max().scalar)
        #expect(
          found.isClose(to: expected, absoluteTolerance: tolerance, relativeTolerance: 1e-4),
          "\(item.name), step \(result.step): \(found) and not \(expected)")
      }
    }
  }

  @Test("in clipping by value and by norm")
  func clipping() throws {
    for item in file.clipping {
      let gradient = VectorLayer.parameters(
        .concatenate(item.gradients.map { $0.tensor.flattened() }))
      let expected = Tensor<Double>.concatenate(item.clipped.map { $0.tensor.flattened() })
      #expect(Swift.abs(gradient.norm - item.norm) <= 1e-14 * item.norm, "\(item.name)")
      let clipped =
        item.method == "value"
        ? gradient.clipped(toValue: item.limit) : gradient.clipped(toNorm: item.limit)
      #expect(
        clipped.vector.isClose(to: expected, absoluteTolerance: 0, relativeTolerance: 1e-15),
        "\(item.name)")
    }
  }

  @Test("in schedules")
  func schedules() throws {
    for item in file.schedules {
      let schedule = try item.make()
      let steps =
        item.attributes.halfPeriod.map { $0 + (item.attributes.warmUpSteps ?? 0) } ?? .max
      for (step, expected) in item.learningRates.enumerated() where step <= steps {
        #expect(
          Swift.abs(schedule(step) - expected) <= 1e-15, "\(item.name), step \(step)")
      }
      // After its half period PyTorch's cosine rises again; here it stays.
      if let last = item.learningRates.indices.last, last > steps {
        #expect(schedule(last) == schedule(steps), "\(item.name)")
      }
    }
  }
}
