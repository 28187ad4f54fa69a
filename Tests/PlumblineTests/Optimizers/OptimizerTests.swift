import Foundation
import Plumbline
import TestSupport
import Testing

/// An optimizer and a learning rate at which it finds the minimum of a bowl: a line for each.
struct OptimizerSample: Sendable {
  let rule: any UpdateRule
  let learningRate: Double

  init(_ rule: any UpdateRule, _ learningRate: Double) {
    self.rule = rule
    self.learningRate = learningRate
  }

  static let all = [
    OptimizerSample(SGDRule(), 0.05),
    OptimizerSample(MomentumRule(), 0.05),
    OptimizerSample(NesterovRule(), 0.05),
    OptimizerSample(RMSpropRule(), 0.01),
    OptimizerSample(AdagradRule(), 0.8),
    OptimizerSample(AdamRule(), 0.05),
    OptimizerSample(AdamWRule(), 0.05),
    OptimizerSample(LionRule(), 0.02),
    OptimizerSample(AdamaxRule(), 0.05),
    OptimizerSample(MuonRule(), 1),
  ]
}

@Suite("Optimizers")
struct OptimizerTests {
  /// Every optimizer, and some with settings that use all of its state.
  static let optimizers: [any Optimizer<Double>] =
    OptimizerSample.all.map { $0.rule.optimizer(learningRate: $0.learningRate) } + [
      SGD(learningRate: 0.05, momentum: 0.9, nesterov: true, weightDecay: 0.01),
      RMSprop(learningRate: 0.01, momentum: 0.8, centered: true),
    ]

  @Test("are in the list of samples, all of them")
  func samples() {
    #expect(OptimizerSample.all.map(\.rule.title) == OptimizerChoice.rules.map(\.title))
  }

  private let start = VectorLayer.parameters(Tensor<Double>([1, -2, 3, 0.5]))

  private func gradient(_ step: Int) -> Parameters<Double> {
    Parameters(layout: start.layout, vector: Key(seed: 3)[step].tensor([4]))
  }

  @Test("are values: a copy continues on its own", arguments: optimizers.indices)
  func copies(index: Int) {
    func run(_ optimizer: some Optimizer<Double>) {
      var optimizer = optimizer
      var parameters = start
      for step in 0..<5 { optimizer.update(&parameters, along: gradient(step)) }
      var copy = optimizer
      var copied = parameters
      // The copy goes another way first, and the original does not notice.
      var lost = parameters
      for step in 50..<55 { copy.update(&lost, along: gradient(step)) }
      copy = optimizer
      for step in 5..<10 { optimizer.update(&parameters, along: gradient(step)) }
      for step in 5..<10 { copy.update(&copied, along: gradient(step)) }
      #expect(parameters.vector == copied.vector)
      #expect(parameters.vector != lost.vector)
    }
    run(Self.optimizers[index])
  }

  @Test(
    "leave the gradient and copies of the parameters as they were", arguments: optimizers.indices)
  func inputs(index: Int) {
    func run(_ start: some Optimizer<Double>) {
      var optimizer = start
      var parameters = self.start
      let gradient = gradient(0)
      let before = gradient.vector.scalars
      for _ in 0..<3 { optimizer.update(&parameters, along: gradient) }
      #expect(gradient.vector.scalars == before)
      #expect(self.start.vector == [1, -2, 3, 0.5])
      #expect(parameters.vector != self.start.vector)
    }
    run(Self.optimizers[index])
  }

  @Test("find the minimum of a bowl", arguments: optimizers.indices)
  func minimum(index: Int) {
    func run(_ start: some Optimizer<Double>) {
      var optimizer = start
      var parameters = self.start
      let target: Tensor<Double> = [0.3, 0.1, -0.2, 0.4]
      func loss() -> Double { (parameters.vector - target).squared().sum().scalar }
      let first = loss()
      for step in 0..<400 {
        optimizer.learningRate = start.learningRate * (1 - Double(step) / 400)
        let gradient = Parameters(
          layout: parameters.layout, vector: 2 * (parameters.vector - target))
        optimizer.update(&parameters, along: gradient)
      }
      #expect(loss() < 0.05 * first)
    }
    run(Self.optimizers[index])
  }

  @Test("move nothing at learning rate 0", arguments: optimizers.indices)
  func noLearning(index: Int) {
    func run(_ start: some Optimizer<Double>) {
      var optimizer = start
      optimizer.learningRate = 0
      var parameters = self.start
      for step in 0..<3 { optimizer.update(&parameters, along: gradient(step)) }
      #expect(parameters.vector == self.start.vector)
    }
    run(Self.optimizers[index])
  }

  @Test("work on parameters without values")
  func empty() {
    var parameters = Parameters<Double>(of: Activation.relu, key: Key(seed: 1))
    var optimizer = Adam<Double>(learningRate: 0.1)
    optimizer.update(&parameters, along: parameters)
    #expect(parameters.count == 0)
    #expect(parameters.norm == 0)
  }
}

@Suite("Clipping")
struct ClippingTests {
  @Test("by norm keeps the direction, and leaves shorter gradients as they are")
  func norm() {
    let gradient = VectorLayer.parameters(Tensor<Double>([3, -4]))
    #expect(gradient.norm == 5)
    let clipped = gradient.clipped(toNorm: 1)
    #expect(abs(clipped.norm - 1) < 1e-6)
    #expect(clipped.vector.isClose(to: [0.6, -0.8], absoluteTolerance: 1e-6))
    #expect(gradient.clipped(toNorm: 10).vector == gradient.vector)
  }

  @Test("by value limits each entry")
  func value() {
    let gradient = VectorLayer.parameters(Tensor<Float>([3, -4, 0.5]))
    #expect(gradient.clipped(toValue: 2).vector == [2, -2, 0.5])
  }

  @Test("measures gradients in Float whose squares overflow")
  func largeNorm() {
    let gradient = VectorLayer.parameters(Tensor<Float>([3e30, 4e30]))
    #expect(abs(gradient.norm / 5e30 - 1) < 1e-6)
    #expect(abs(gradient.clipped(toNorm: 1).norm - 1) < 1e-5)
  }
}

@Suite("Schedules")
struct ScheduleTests {
  @Test("are functions of the step")
  func forms() {
    #expect((0..<3).map(Schedule.constant(0.2).callAsFunction) == [0.2, 0.2, 0.2])
    let steps = Schedule.step(1, every: 2, factor: 0.5)
    #expect((0..<6).map(steps.callAsFunction) == [1, 1, 0.5, 0.5, 0.25, 0.25])
    let exponential = Schedule.exponential(1, factor: 0.5)
    #expect((0..<4).map(exponential.callAsFunction) == [1, 0.5, 0.25, 0.125])
    let cosine = Schedule.cosine(1, over: 4, floor: 0.2)
    for (step, expected) in [1, 0.6 + 0.4 * 0.5.squareRoot(), 0.6].enumerated() {
      #expect(abs(cosine(step) - expected) < 1e-15)
    }
    #expect(cosine(4) == 0.2)
    #expect(cosine(1000) == 0.2)
  }

  @Test("warm up linearly, and then begin from their start")
  func warmUp() {
    let schedule = Schedule.exponential(1, factor: 0.5).warmedUp(over: 4)
    #expect((0..<7).map(schedule.callAsFunction) == [0, 0.25, 0.5, 0.75, 1, 0.5, 0.25])
    let half = Schedule.constant(2).warmedUp(over: 2, from: 0.5)
    #expect((0..<4).map(half.callAsFunction) == [1, 1.5, 2, 2])
    #expect(Schedule.constant(2).warmedUp(over: 0)(0) == 2)
  }

  @Test("survive a file")
  func coding() throws {
    let schedules: [Schedule] = [
      .constant(0.1), .step(0.1, every: 3), .exponential(0.1, factor: 0.9),
      .cosine(0.1, over: 100, floor: 0.01).warmedUp(over: 10, from: 0.1),
    ]
    let data = try JSONEncoder().encode(schedules)
    #expect(try JSONDecoder().decode([Schedule].self, from: data) == schedules)
  }
}
