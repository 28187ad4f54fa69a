import Datasets
import Plumbline
import Training

/// Looks at a network through a fixed batch: one eager forward and reverse pass, apart from the training.
struct Probe<Scalar: TrainableScalar>: Sendable {
  let network: any Layer
  let examples: Examples<Scalar>
  let loss: LossFunction
  let key: Key

  /// At most `limit` examples, evenly spread over the data, since files are often sorted by class.
  init(
    _ network: any Layer, on examples: Examples<Scalar>, limit: Int, loss: LossFunction, key: Key
  ) {
    self.network = network
    self.loss = loss
    self.key = key
    let count = min(limit, examples.count)
    let rows = (0..<count).map { $0 * examples.count / count }
    self.examples =
      count == examples.count
      ? examples
      : Examples(
        features: examples.features.selectingRows(rows),
        targets: examples.targets.selectingRows(rows))
  }

  /// Everything at these parameters.
  ///
  /// In training mode, so that batch normalization uses the batch; the running statistics that the pass outputs
  /// are dropped. The key is fixed: all probes of a run see the same masks.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func measurement(at parameters: Parameters<Scalar>, step: Int) -> ProbeMeasurement {
    let tape = Tape<Scalar>()
    let pass = parameters.pass(on: tape, mode: .training, key: key)
    let input = tape.constant(examples.features, name: "input")
    let output = network(input, pass)
    let cost = loss(output, tape.constant(examples.targets, name: "targets"))
    let path = SignalPath(tape.recordedNodes, from: input.index, to: output.index)
    let gradients = tape.gradients(
      of: cost, keeping: path.stations.map { tape.variable(at: $0.index) })
    // No gradient reaches values before the first parameter: a skip around an activation of the input, say.
    let stations = path.stations.map { (position: $0, variable: tape.variable(at: $0.index)) }
      .filter { gradients.reaches($0.variable) && holdsExamples($0.variable.shape) }
    let count = Double(examples.count)
    let answers = answers(output.value)
    return ProbeMeasurement(
      step: step, loss: cost.scalar.real, outputSpread: spread(answers),
      outputRange: [-output.value.mapNegatedMaximum, output.value.max().scalar.real],
      predictionEntropy: entropy(output.value),
      stations: stations.map { station, variable in
        let signal = variable.value.signal
        return ProbeMeasurement.Station(
          layer: station.layer, width: variable.value.count / examples.count,
          meanSquare: signal.meanSquare, distinguishingShare: signal.distinguishingShare,
          // The gradient is that of the mean: an example's own is `count` times as large.
          gradientMeanSquare: gradients[variable].meanSquare * count * count)
      },
      activations: path.activations.map { activations($0, tape) },
      joins: path.joins.map { join in
        ProbeMeasurement.Join(
          layer: join.layer,
          identityMeanSquare: tape.variable(at: join.identity).value.meanSquare,
          branchMeanSquare: tape.variable(at: join.branch).value.meanSquare)
      },
      parameters: parameterMeasurements(parameters, gradients[pass]))
  }

  /// Whether the first axis counts examples, or several rows of each: another value, such as weighted outputs of earlier layers in
  /// one row, does not show what distinguishes examples.
  private func holdsExamples(_ shape: Shape) -> Bool {
    shape.rank > 0 && shape[0] >= examples.count && shape[0].isMultiple(of: examples.count)
  }

  // MARK: The answers

  /// The outputs as the loss reads them: probabilities, or the values.
  private func answers(_ outputs: Tensor<Scalar>) -> Tensor<Scalar> {
    loss.output(outputs)
  }

  /// How much the answers in inference mode differ from example to example, if the network is then a different function than in
  /// training mode.
  func inferenceSpread(at parameters: Parameters<Scalar>) -> Double {
    spread(answers(network(examples.features, parameters.pass(mode: .inference))))
  }

  /// How the answers are distributed in inference mode.
  func answerEvidence(at parameters: Parameters<Scalar>) -> AnswerEvidence? {
    AnswerEvidence(
      outputs: network(examples.features, parameters.pass(mode: .inference)),
      targets: examples.targets, loss: loss)
  }

  /// The standard deviation of the loss from example to example, in inference mode.
  func lossDeviation(at parameters: Parameters<Scalar>) -> Double {
    let losses = exampleLosses(network(examples.features, parameters.pass(mode: .inference)))
    let mean = losses.reduce(0, +) / Double(losses.count)
    let square = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(losses.count)
    return square.squareRoot()
  }

  /// The squared error of the predictions over the variance of the targets, in inference mode; targets far from the others count as
  /// if they were at the end of the others' range, as for the references.
  func squareShare(at parameters: Parameters<Scalar>) -> Double? {
    // A network of counts gives the logarithms of rates.
    let areCounts = loss.targets == .counts
    let results = network(examples.features, parameters.pass(mode: .inference))
    let outputs = areCounts ? exp(results) : results
    guard outputs.shape == examples.targets.shape, outputs.isFinite else { return nil }
    var targets = examples.targets.scalars.map { Float($0.real) }
    let width = targets.count / examples.count
    if !areCounts { FitTable.cutOff(&targets, examples.count, width) }
    let predictions = outputs.scalars.map { Float($0.real) }
    var (error, variance) = (0.0, 0.0)
    for column in 0..<width {
      let cells = Array(stride(from: column, to: targets.count, by: width))
      let own = cells.map { targets[$0] }
      let (low, high) = (own.min() ?? 0, own.max() ?? 0)
      let mean = own.reduce(0) { $0 + Double($1) } / Double(max(own.count, 1))
      for cell in cells {
        let target = Double(targets[cell])
        let difference = Double(min(max(predictions[cell], low), high)) - target
        error += difference * difference
        variance += (target - mean) * (target - mean)
      }
    }
    return error / max(variance, 1e-300)
  }

  /// The loss of each example.
  private func exampleLosses(_ outputs: Tensor<Scalar>) -> [Double] {
    loss.examples(outputs, examples.targets).scalars.map(\.real)
  }

  private func spread(_ answers: Tensor<Scalar>) -> Double {
    let mean = answers.mean(alongAxes: [0], keepingAxes: true)
    return (answers - mean).squared().mean().scalar.real.squareRoot()
  }

  private func entropy(_ outputs: Tensor<Scalar>) -> Double? {
    switch loss.output {
    case .softmax:
      let logs = logSoftmax(outputs)
      return -(softmax(outputs) * logs).sum(alongAxes: [-1]).mean().scalar.real
    case .sigmoid:
      return binaryCrossEntropy(logits: outputs, targets: sigmoid(outputs)).scalar.real
    case .linear, .exponential: return nil
    }
  }

  // MARK: The signal

  private func activations(
    _ position: SignalPath.ActivationPosition, _ tape: Tape<Scalar>
  ) -> ProbeMeasurement.Activations {
    let values = tape.variable(at: position.index).value
    let isImage = values.shape.rank > 2
    var activity: [Double] = []
    var (zeroShare, saturatedShare, beyondFiveShare) = (0.0, 0.0, 0.0)
    let function = position.function
    if function.isZeroBelowZero {
      activity = values.positiveShares
      zeroShare = 1 - activity.reduce(0, +) / Double(max(activity.count, 1))
    } else if let saturation = function.saturation {
      let arguments = tape.variable(at: position.input).value
      beyondFiveShare = arguments.share { Swift.abs($0.real) >= 5 }
      let middle = (function.range.lowerBound + function.range.upperBound) / 2
      let bound = saturation * (function.range.upperBound - middle)
      saturatedShare = values.share { Swift.abs($0.real - middle) >= bound }
    }
    func share(below bound: Double) -> Double {
      Double(activity.count { $0 < bound }) / Double(max(activity.count, 1))
    }
    return ProbeMeasurement.Activations(
      layer: position.layer, function: function,
      units: isImage ? values.shape[1] : values.count / examples.count,
      dead: activity.indices.filter { activity[$0] == 0 }, rarelyOnShare: share(below: 0.01),
      seldomOnShare: share(below: 0.1), zeroShare: zeroShare, saturatedShare: saturatedShare,
      beyondFiveShare: beyondFiveShare)
  }

  private func parameterMeasurements(
    _ parameters: Parameters<Scalar>, _ gradient: Parameters<Scalar>
  ) -> [ProbeMeasurement.Parameter] {
    // One loop over both vectors: looking parameters up by name would take a time that grows with their number squared.
    parameters.vector.withValues { values in
      gradient.vector.withValues { slopes in
        parameters.layout.entries.map { entry in
          let (start, size) = (entry.offset, entry.shape.elementCount)
          let square = Tensor<Scalar>.sum(start, size) { values[$0].real * values[$0].real }
          let slopeSquare = Tensor<Scalar>.sum(start, size) {
            slopes[$0].real * slopes[$0].real
          }
          let slopeMagnitude = Tensor<Scalar>.sum(start, size) { abs(slopes[$0].real) }
          let zeros = Tensor<Scalar>.sum(start, size) { slopes[$0] == 0 ? 1 : 0 }
          let count = Double(max(size, 1))
          return ProbeMeasurement.Parameter(
            name: entry.name, rootMeanSquare: (square / count).squareRoot(),
            gradientRootMeanSquare: (slopeSquare / count).squareRoot(),
            gradientMeanMagnitude: slopeMagnitude / count, gradientZeroShare: zeros / count)
        }
      }
    }
  }
}

extension Tensor where Scalar: TrainableScalar {
  /// The largest of the negated values.
  fileprivate var mapNegatedMaximum: Double { (-self).max().scalar.real }
}
