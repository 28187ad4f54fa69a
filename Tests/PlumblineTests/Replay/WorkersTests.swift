import Plumbline
import Synchronization
import TestSupport
import Testing

@Suite("Several threads give the bits of one")
struct WorkersTests {
  /// Threads that take part in everything.
  private static func workers(_ count: Int) -> Workers {
    Workers(count, leastWork: (step: 0, vector: 0))
  }

  @Test("on random graphs", arguments: [2, 3, 5])
  func randomGraphs(threads: Int) {
    let workers = Self.workers(threads)
    for trial in Trial.several(25) {
      let graph = RandomGraph(key: trial.key["graph"])
      let loss: TrainingStep<Float>.Loss = { graph.loss($0, $1[0]) }
      var alone = TrainingStep<Float>(of: graph, loss: loss)
      var together = TrainingStep<Float>(of: graph, workers: workers, loss: loss)
      // As many that each way has been tried.
      for draw in 0..<16 {
        let parameters = Parameters<Float>(of: graph, key: trial.key["parameters"][draw])
        let input = Tensor<Float>(
          [graph.rows, graph.width],
          nearestTo: trial.key["input"][draw].normal(graph.rows * graph.width))
        let expected = alone.loss(at: parameters, inputs: [input])
        let value = together.loss(at: parameters, inputs: [input])
        #expect(value.bitPattern == expected.bitPattern || value.isNaN, trial.comment)
        let same = zip(together.gradient.vector.scalars, alone.gradient.vector.scalars)
          .allSatisfy { $0.bitPattern == $1.bitPattern || $0.isNaN && $1.isNaN }
        #expect(same, trial.comment)
      }
    }
  }

  @Test("on a residual net whose data is selected by rows, with an optimizer", arguments: [2, 4])
  func training(threads: Int) {
    let network = Sequential(
      [Dense(20, 24), Activation.relu]
        + (0..<6).map { _ in
          Residual(Sequential(Dense(24, 24), Activation.tanh, Dense(24, 24)), scale: 0.4)
        } + [Dense(24, 5)])
    let data = Tensor<Float>([100, 20], nearestTo: Key(seed: 1).normal(2000))
    let labels = Tensor<Float>(classes: (0..<100).map { $0 % 5 })
    func trained(on workers: Workers) -> ([Float], Tensor<Float>) {
      var step = TrainingStep<Float>(of: network, workers: workers) { pass, inputs in
        softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
      }
      var parameters = Parameters<Float>(of: network, key: Key(seed: 2))
      var optimizer = Adam<Float>(learningRate: 0.01)
      let losses = (0..<40).map { round in
        let rows = (0..<33).map { ($0 * 7 + round) % 100 }
        let loss = step.loss(at: parameters, inputs: [data, labels], rows: rows)
        optimizer.update(&parameters, along: step.gradient, on: workers)
        return loss
      }
      return (losses, parameters.vector)
    }
    let alone = trained(on: .single)
    let together = trained(on: Self.workers(threads))
    #expect(alone.0 == together.0)
    #expect(alone.1 == together.1)
    #expect(alone.0.last! < 0.5 * alone.0[0])
  }

  @Test("every optimizer", arguments: 0..<5)
  func optimizers(number: Int) {
    let count = 1003
    let network = Vector(count: count)
    let workers = Self.workers(3)
    func optimizer() -> any Optimizer<Double> {
      switch number {
      case 0: SGD(learningRate: 0.1)
      case 1: SGD(learningRate: 0.1, momentum: 0.9, nesterov: true)
      case 2: RMSprop(learningRate: 0.1, momentum: 0.5, centered: true)
      case 3: Adagrad(learningRate: 0.1)
      default: Adam.adamW(learningRate: 0.1)
      }
    }
    var (alone, together) = (optimizer(), optimizer())
    var parameters = Parameters<Double>(of: network, key: Key(seed: 1))
    var others = parameters
    for step in 0..<5 {
      let gradient = Parameters(
        layout: parameters.layout, vector: Tensor([count], Key(seed: step).normal(count)))
      alone.update(&parameters, along: gradient)
      together.update(&others, along: gradient, on: workers)
      #expect(parameters.vector == others.vector)
    }
  }

  private struct Vector: Layer {
    let values: Parameter
    init(count: Int) { values = Parameter([count], .normal(standardDeviation: 1)) }
    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { input }
  }

  @Test(
    "each worker is called once for each computation, many times over, and lets the program end")
  func calls() {
    let counts = (0..<3).map { _ in Counter() }
    do {
      let workers = Workers(3)
      for round in 1...2000 {
        workers.run { counts[$0].value.add(1, ordering: .relaxed) }
        #expect(counts.allSatisfy { $0.value.load(ordering: .relaxed) == round })
      }
    }
  }

  private final class Counter: Sendable {
    let value = Atomic(0)
  }
}
