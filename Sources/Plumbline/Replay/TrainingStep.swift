/// The loss of a network and its gradient, recorded once and replayed, for use in a training loop.
///
/// ```swift
/// var step = TrainingStep<Float>(of: network) { pass, inputs in
///   softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
/// }
/// for batch in order.steps().prefix(400) {
///   let loss = step.loss(at: parameters, inputs: [features, labels], rows: batch)
///   optimizer.update(&parameters, along: step.gradient)
/// }
/// ```
///
/// The first call with inputs of certain shapes records the tape; later ones replay it, with the eager
/// tape's numbers bit for bit and no allocation. Other shapes cause another recording. Random layers use the key's
/// masks in every call, and running statistics advance. The types and the tape keep out what a replay could not
/// see: the loss is a `@Sendable` function, so it cannot read variables that change, and if it reads a value or the
/// pass's key while it is recorded (to decide something by it, say) the step is computed eagerly every time.
public struct TrainingStep<Scalar: TrainableScalar> {
  /// A single number computed from a pass and the inputs of the step.
  public typealias Loss =
    @Sendable (_ pass: Pass<Variable<Scalar>>, _ inputs: [Variable<Scalar>])
    -> Variable<Scalar>

  private let loss: Loss
  private let layout: ParameterLayout
  private let mode: Mode
  private let workers: Workers
  private var recordings: [[Shape]: Replay<Scalar>?] = [:]

  /// The gradient that the last call computed.
  public private(set) var gradient: Parameters<Scalar>

  /// The running statistics after the last call, for networks that have any:
  /// `parameters.statistics = step.statistics`.
  public private(set) var statistics: Tensor<Scalar>
  /// Those of the previous call, whose memory the next call writes to: the caller may still hold the last ones.
  private var previousStatistics: Tensor<Scalar>

  /// A step for the parameters of `network`.
  ///
  /// - Parameters:
  ///   - network: The layer whose parameters are trained; only its structure is read.
  ///   - mode: Whether layers behave as in training or as in inference.
  ///   - workers: Threads that may be used if they make the step faster, which is measured. The numbers are the
  ///     same, bit for bit.
  ///   - loss: Computes a single number from a pass and the step's inputs.
  public init(
    of network: some Layer, mode: Mode = .training, workers: Workers = .single,
    loss: @escaping Loss
  ) {
    self.workers = workers
    layout = ParameterLayout(of: network)
    statistics = layout.initialStatistics()
    previousStatistics = layout.initialStatistics()
    gradient = Parameters(layout: layout, vector: .zeros([layout.count]))
    self.mode = mode
    self.loss = loss
  }

  /// Computes the loss and, as ``gradient``, its gradient.
  ///
  /// - Parameters:
  ///   - parameters: The parameters of the network that the step was created for.
  ///   - inputs: Tensors whose first axis counts examples.
  ///   - rows: The examples to take from each input.
  ///   - key: The randomness of the step.
  @specialized(where Scalar == Float, Rows == ArraySlice<Int>)
  @specialized(where Scalar == Double, Rows == ArraySlice<Int>)
  public mutating func loss<Rows: Collection<Int>>(
    at parameters: Parameters<Scalar>, inputs: [Tensor<Scalar>], rows: Rows,
    key: Key = Key(seed: 0)
  ) -> Scalar {
    let shapes = inputs.map { Shape([rows.count] + $0.shape.extents.dropFirst()) }
    guard let replay = recordings[shapes] ?? nil else {
      return record(at: parameters, inputs: inputs.map { $0.selectingRows(rows) }, shapes, key)
    }
    let rows = Array(rows)
    return run(replay, at: parameters, key) { index, share, target in
      inputs[index].copyRows(rows[share], into: target)
    }
  }

  /// Computes the loss and, as ``gradient``, its gradient on all rows of the inputs.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func loss(
    at parameters: Parameters<Scalar>, inputs: [Tensor<Scalar>], key: Key = Key(seed: 0)
  ) -> Scalar {
    let shapes = inputs.shapes
    guard let replay = recordings[shapes] ?? nil else {
      return record(at: parameters, inputs: inputs, shapes, key)
    }
    return run(replay, at: parameters, key, inputs)
  }

  /// The bytes of inputs and intermediate values of the recordings.
  public var arenaBytes: Int { recordings.values.reduce(0) { $0 + ($1?.arenaBytes ?? 0) } }

  /// The bytes that the kernel calls of one replay read and write, recording by recording.
  package var trafficBytes: [Int] { recordings.values.compactMap { $0?.trafficBytes } }

  /// The kernel calls of one replay, recording by recording.
  package var callCounts: [Int] { recordings.values.compactMap { $0?.callCount } }

  private mutating func run(
    _ replay: Replay<Scalar>, at parameters: Parameters<Scalar>, _ key: Key,
    _ inputs: [Tensor<Scalar>]
  ) -> Scalar {
    run(replay, at: parameters, key) { index, rows, target in
      inputs[index].copyRows(rows, into: target)
    }
  }

  private mutating func run(
    _ replay: Replay<Scalar>, at parameters: Parameters<Scalar>, _ key: Key,
    write: Replay<Scalar>.InputWriter
  ) -> Scalar {
    requireLayout(parameters)
    swap(&statistics, &previousStatistics)
    return Self.run(
      replay, at: parameters, key, gradient: &gradient.vector, statistics: &statistics,
      write: write)
  }

  private static func run(
    _ replay: Replay<Scalar>, at parameters: Parameters<Scalar>, _ key: Key,
    gradient: inout Tensor<Scalar>, statistics: inout Tensor<Scalar>,
    write: Replay<Scalar>.InputWriter
  ) -> Scalar {
    gradient.withMutableValues { gradient in
      statistics.withMutableValues { newStatistics in
        parameters.vector.withValues { values in
          parameters.statistics.withValues { statistics in
            let vectors = Replay<Scalar>.Vectors(
              parameters: values, gradient: gradient, statistics: statistics,
              newStatistics: newStatistics)
            return replay.run(vectors, key: key, write: write)
          }
        }
      }
    }
  }

  private func requireLayout(_ parameters: Parameters<Scalar>) {
    require(
      parameters.count == layout.count,
      "a step for \(layout.count) parameters was given \(parameters.count)")
  }

  /// The first call with these shapes: records and, if possible, replays.
  private mutating func record(
    at parameters: Parameters<Scalar>, inputs: [Tensor<Scalar>], _ shapes: [Shape], _ key: Key
  ) -> Scalar {
    requireLayout(parameters)
    if recordings[shapes] == nil {
      let recording = recording(at: parameters, inputs: inputs, key)
      recordings[shapes] = .some(recording)
      if let recording {
        return run(recording, at: parameters, key, inputs)
      }
    }
    let tape = Tape<Scalar>()
    let (pass, _, value) = evaluate(on: tape, at: parameters, inputs: inputs, key)
    statistics = pass.updatedStatistics()
    gradient = tape.gradients(of: value, releasingValues: true)[pass]
    return tape.value(at: value.index).scalar
  }

  /// The step as a replay; `nil` if it may depend on values that a replay does not see. Shapes alone are
  /// recorded, so that this takes no memory but the replay's own.
  private func recording(
    at parameters: Parameters<Scalar>, inputs: [Tensor<Scalar>], _ key: Key
  ) -> Replay<Scalar>? {
    let tape = Tape<Scalar>(deferringValues: ())
    let (pass, leaves, value) = evaluate(on: tape, at: parameters, inputs: inputs, key)
    let gradients = tape.gradients(of: value, withRespectTo: pass.values)
    if tape.valueWasRead { return nil }
    let recording = ReplayRecording(
      tape: tape, inputs: leaves.map(\.index), parameters: pass.values.map(\.index),
      draws: pass.randomDraws.all, statistics: pass.statistics.constants.mapValues(\.index),
      newStatistics: pass.statistics.updates.mapValues(\.index), loss: value.index,
      gradients: gradients.map(\.index))
    return Replay(recording, layout: layout, workers: workers)
  }

  private func evaluate(
    on tape: Tape<Scalar>, at parameters: Parameters<Scalar>, inputs: [Tensor<Scalar>], _ key: Key
  ) -> (Pass<Variable<Scalar>>, [Variable<Scalar>], Variable<Scalar>) {
    let pass = Parameters(
      layout: layout, vector: parameters.vector, statistics: parameters.statistics
    ).pass(on: tape, mode: mode, key: key)
    let leaves = inputs.map { tape.constant($0, name: "input") }
    let value = loss(pass, leaves)
    require(
      value.shape.elementCount == 1, "a loss is a single number, not a tensor of \(value.shape)")
    return (pass, leaves, value)
  }
}
