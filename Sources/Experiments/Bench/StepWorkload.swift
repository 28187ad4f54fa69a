import Plumbline

/// Everything that a measured training step works on: softmax cross-entropy and gradient descent with momentum 0.9, in single
/// precision, on random data.
public struct StepWorkload {
  private var step: TrainingStep<Float>
  private var parameters: Parameters<Float>
  private var optimizer = SGD<Float>(learningRate: 1e-3, momentum: 0.9)
  private var stepsDone = 0
  private let network: Sequential
  private let batch: [Tensor<Float>]
  private let workers: Workers

  /// The step of a network on a batch of shape `inputs`, on this many threads.
  init(_ network: Sequential, inputs: Shape, classes: Int, threads: Int) {
    self.network = network
    let key = Key(seed: 0)
    workers = threads == 1 ? .single : Workers(threads)
    step = TrainingStep(of: network, workers: workers) { pass, inputs in
      softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
    }
    parameters = Parameters(of: network, key: key["parameters"])
    batch = [
      Tensor(inputs, nearestTo: key["inputs"].normal(inputs.elementCount)),
      Tensor(classes: (0..<inputs[0]).map { key["labels"].integer(at: $0, below: classes) }),
    ]
  }

  /// One training step; returns its loss.
  @discardableResult
  public mutating func run() -> Float {
    let loss = step.loss(at: parameters, inputs: batch, key: Key(seed: stepsDone))
    parameters.statistics = step.statistics
    optimizer.update(&parameters, along: step.gradient, on: workers)
    stepsDone += 1
    return loss
  }

  /// The same step with loss and gradient on the tape.
  mutating func runEagerly() {
    let (gradient, statistics) = eagerGradient()
    parameters.statistics = statistics
    optimizer.update(&parameters, along: gradient, on: workers)
    stepsDone += 1
  }

  /// The gradient and the new running statistics, on the tape and without a replay.
  @discardableResult
  func eagerGradient() -> (gradient: Parameters<Float>, statistics: Tensor<Float>) {
    let tape = Tape<Float>()
    let (pass, loss) = loss(on: tape)
    return (tape.gradients(of: loss, releasingValues: true)[pass], pass.updatedStatistics())
  }

  /// The operations of the loss and its gradient.
  var eagerOperationCount: Int {
    let tape = Tape<Float>()
    let (pass, loss) = loss(on: tape)
    _ = tape.gradients(of: loss, withRespectTo: pass.all)
    return tape.entries.count { !$0.inputs.isEmpty }
  }

  private func loss(on tape: Tape<Float>) -> (Pass<Variable<Float>>, Variable<Float>) {
    let pass = parameters.pass(on: tape, key: Key(seed: stepsDone))
    let outputs = network(pass.constant(batch[0]), pass)
    return (pass, softmaxCrossEntropy(outputs, labels: pass.constant(batch[1])))
  }

  /// The bytes held by tensors: parameters, gradient, velocity, inputs and intermediate values.
  public var bytes: Int {
    let values = 3 * parameters.count + batch.reduce(0) { $0 + $1.count }
    return step.arenaBytes + values * MemoryLayout<Float>.stride
  }

  /// The bytes that one step reads and writes, the optimizer's five passes over the parameters included. Known after
  /// the first step.
  var trafficBytes: Int {
    step.trafficBytes.reduce(0, +) + 5 * parameters.count * MemoryLayout<Float>.stride
  }

  /// The kernel calls of one step. Known after the first.
  var callCount: Int { step.callCounts.reduce(1, +) }
}
