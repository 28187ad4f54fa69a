import Console
import Findings
import Foundation
import Networks
import Plumbline
import Training

/// Observes the training of a network without affecting its results.
///
/// ```swift
/// var instruments = Instruments(network, on: examples, settings, at: parameters)
/// for batch in order.steps().prefix(400) {
///   let loss = step.loss(at: parameters, inputs: [features, labels], rows: batch)
///   optimizer.update(&parameters, along: step.gradient)
///   instruments.record(loss: Double(loss), gradient: step.gradient, parameters: parameters)
/// }
/// print(Diagnosis(instruments.evidence(at: parameters)))
/// ```
///
/// A step costs a few comparisons per parameter tensor and unit. At a few steps, closer together at the start,
/// a fixed batch goes through the network on a separate tape, and is measured layer by layer. Custom
/// layers are measured like those of the library, since everything is read from the tape.
public struct Instruments<Scalar: TrainableScalar>: Sendable {
  private let network: any Layer
  private let examples: Examples<Scalar>
  private let settings: TrainingSettings
  private let probe: Probe<Scalar>
  private let probeSteps: Set<Int>
  private let neighborLimit: Int, answerLimit: Int
  private let fitLimits: FitReference.Limits
  private let initial: Parameters<Scalar>
  private let facts: NetworkFacts
  /// Steps whose losses are averaged before they are compared: batches of a few examples say little alone.
  private let lossWindow: Int

  private var watch: GradientWatch<Scalar>
  private var losses: [Double] = []
  private var probes: [ProbeMeasurement] = []
  /// The values at the last probe, until the update after it has been measured.
  private var valuesBeforeUpdate: Parameters<Scalar>?

  /// Instruments at the initial parameters.
  ///
  /// - Parameters:
  ///   - network: The network that is trained.
  ///   - examples: The training examples; at most 256 of them are used.
  ///   - settings: How it is trained, as far as known: findings mention the loss, the rate and the optimizer.
  ///   - initial: Its parameters before the first step.
  public init(
    _ network: any Layer, on examples: Examples<Scalar>, _ settings: TrainingSettings,
    at initial: Parameters<Scalar>
  ) {
    self.network = network
    self.examples = examples
    self.settings = settings
    let batch = min(settings.batchSize ?? examples.count, examples.count)
    let stepCount = settings.steps(batchesPerEpoch: (examples.count + batch - 1) / batch)
    let plan = ProbePlan(
      stepCount: stepCount, batch: batch, exampleCount: examples.count,
      features: examples.features.count / examples.count, layout: initial.layout)
    probeSteps = plan.steps
    neighborLimit = plan.neighborLimit
    answerLimit = plan.answerLimit
    fitLimits = plan.fitLimits
    lossWindow = max(1, min(32 / max(batch, 1), stepCount / 16))
    probe = Probe(
      network, on: examples, limit: plan.exampleCount, loss: settings.loss,
      key: settings.key["probe"])
    watch = GradientWatch(initial.layout)
    losses.reserveCapacity(min(stepCount, 1 << 20))
    self.initial = initial
    facts = probe.facts(at: initial)
    measure(at: initial)
  }

  /// The number of recorded updates.
  public var stepCount: Int { losses.count }

  /// Records a step, after its update.
  ///
  /// - Parameters:
  ///   - loss: The loss before the update, penalties included.
  ///   - gradient: The gradient that the update followed.
  ///   - parameters: The parameters after the update.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func record(
    loss: Double, gradient: Parameters<Scalar>, parameters: Parameters<Scalar>
  ) {
    watch.look(at: gradient.vector, step: losses.count)
    losses.append(loss)
    if valuesBeforeUpdate != nil { measureUpdate(to: parameters) }
    if probeSteps.contains(losses.count) { measure(at: parameters) }
  }

  /// What a checkpoint keeps besides the losses and the values.
  private struct Observation: Codable {
    let watch: GradientWatch<Scalar>.State
    let probes: [ProbeMeasurement]
    /// Whether the update after the last probe is still to be measured: then the values are those of the probe.
    let measuresUpdate: Bool
  }

  /// What was observed so far except the losses, for a checkpoint; empty if it cannot be written.
  var observation: [UInt8] {
    // Not as a property list: its writer takes 0 and -0 for one number.
    let encoder = JSONEncoder.withNonFiniteNumbers()
    let state = Observation(
      watch: watch.state, probes: probes, measuresUpdate: valuesBeforeUpdate != nil)
    return (try? encoder.encode(state)).map { Array($0) } ?? []
  }

  /// Goes on from what was seen up to a checkpoint.
  ///
  /// - Returns: Whether it can be read.
  mutating func restore(from checkpoint: TrainingCheckpoint<Scalar>) -> Bool {
    let decoder = JSONDecoder.withNonFiniteNumbers()
    guard
      let state = try? decoder.decode(Observation.self, from: Data(checkpoint.observation)),
      watch.restore(state.watch)
    else { return false }
    losses = checkpoint.losses
    probes = state.probes
    valuesBeforeUpdate = state.measuresUpdate ? checkpoint.parameters : nil
    return true
  }

  private mutating func measure(at parameters: Parameters<Scalar>) {
    probes.append(probe.measurement(at: parameters, step: losses.count))
    valuesBeforeUpdate = parameters
  }

  // Specialized, since a generic loop would call a function for each parameter.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private mutating func measureUpdate(to parameters: Parameters<Scalar>) {
    guard let before = valuesBeforeUpdate, var last = probes.popLast() else { return }
    valuesBeforeUpdate = nil
    before.vector.withValues { before in
      parameters.vector.withValues { after in
        for (index, entry) in parameters.layout.entries.enumerated() {
          let square = Tensor<Scalar>.sum(entry.offset, entry.shape.elementCount) { position in
            let change = after[position].real - before[position].real
            return change * change
          }
          let change = (square / Double(max(entry.shape.elementCount, 1))).squareRoot()
          let size = last.parameters[index].rootMeanSquare
          last.parameters[index].updateRatio = size > 0 ? change / size : nil
        }
      }
    }
    probes.append(last)
  }

  /// The farthest that any weight matrix has moved, as a norm over that of its initial values; for matrices that start at zero,
  /// over 1 / fan-in.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func travel(to parameters: Parameters<Scalar>) -> Double {
    guard parameters.vector.isFinite else { return .infinity }
    return initial.vector.withValues { before in
      parameters.vector.withValues { after in
        parameters.layout.entries.filter { $0.shape.rank >= 2 }.map { entry in
          let (start, count) = (entry.offset, entry.shape.elementCount)
          let way = Tensor<Scalar>.sum(start, count) {
            (after[$0].real - before[$0].real) * (after[$0].real - before[$0].real)
          }
          let size = Tensor<Scalar>.sum(start, count) { before[$0].real * before[$0].real }
          let whole = size > 0 ? size : Double(count) / Double(max(entry.shape[0], 1))
          return (way / whole).squareRoot()
        }.max() ?? 0
      }
    }
  }

  /// What was observed, including a last measurement at the parameters.
  ///
  /// - Parameters:
  ///   - parameters: The parameters at the end.
  ///   - outcome: What else is known about the run. Training examples are evaluated if no evaluation is
  ///     given.
  public func evidence(
    at parameters: Parameters<Scalar>, outcome: RunOutcome = RunOutcome()
  ) -> Evidence {
    var probes = probes
    if probes.last?.step != losses.count, parameters.vector.isFinite {
      probes.append(probe.measurement(at: parameters, step: losses.count))
    }
    var evidence = Evidence(
      settings: settings, exampleCount: examples.count,
      parameterCount: parameters.count, stepCount: losses.count,
      losses: LossCurve(losses, window: lossWindow),
      baseRate: BaseRate(examples.targets, loss: settings.loss),
      probeExampleCount: probe.examples.count, probes: probes,
      inferenceSpread: probe.inferenceSpread(at: parameters),
      gradients: watch.record(stepCount: losses.count),
      predictions: ((network as? Network)?.predictedSignals ?? []).map {
        Evidence.Prediction(layer: $0.path, kind: $0.layer, meanSquare: $0.meanSquare)
      },
      data: outcome.data ?? DataEvidence(train: examples, loss: settings.loss),
      train: outcome.train
        ?? Evaluation(of: network, parameters, on: examples, loss: settings.loss),
      outcome: outcome, travel: travel(to: parameters), facts: facts,
      targets: TargetEvidence(examples, settings, facts: facts),
      answers: probe.answerEvidence(at: parameters),
      dropout: (network as? Network)?.description.largestDropout)
    if settings.loss.targets == .reals && settings.loss != .meanSquaredError
      || settings.loss.targets == .counts
    {
      evidence.squareShare = Probe(
        network, on: examples, limit: 1024, loss: settings.loss, key: settings.key["probe"]
      ).squareShare(at: parameters)
    }
    if evidence.leavesError || evidence.standing != .learned || evidence.leavesGap {
      // The few examples of a probe would say little about the most confident answers. Weights count the examples of rare classes, of
      // which there have to be enough.
      evidence.answers =
        Probe(
          network, on: examples,
          limit: evidence.weighsClasses ? max(answerLimit, 1 << 13) : answerLimit,
          loss: settings.loss, key: settings.key["probe"]
        ).answerEvidence(at: parameters) ?? evidence.answers
      // Where a few values make the variance of a feature, other methods get its ranks.
      let ranked = examples.ranking(evidence.data.outlyingFeatures ?? [])
      func neighbors(_ limit: Int, isThorough: Bool = false) -> NeighborReference? {
        NeighborReference(
          of: ranked, loss: settings.loss, data: evidence.data, limit: limit,
          isThorough: isThorough)
      }
      evidence.neighbors = neighbors(neighborLimit)
      if evidence.data.nonFiniteCount == 0 {
        func fits(_ limits: FitReference.Limits) -> FitReference? {
          FitReference(
            of: ranked, loss: settings.loss, limits: limits, fitsAffine: facts.isAffine,
            key: settings.key["references"])
        }
        evidence.fits = fits(fitLimits.fit(atLeast: facts.isAffine ? 384 : 0))
        // Few examples do not show a weak relation, nor what a larger network would learn from all of them: before it is said that nothing
        // does better, more are fitted.
        if evidence.leavesError, !evidence.fallsShort || evidence.seesNoRelation {
          evidence.fits = fits(
            fitLimits.thorough(features: examples.features.count / examples.count))
          // Nor do they show whether labels contradict their neighbors.
          if evidence.targets.classCount ?? 0 > 2, evidence.train.error ?? 0 > 0.1,
            let more = neighbors(1024, isThorough: true), more.contradictsLabels
          {
            evidence.neighbors = more
          }
        }
      }
      if evidence.maySufferFromNoise {
        evidence.noise = NoiseProfile(
          of: examples, loss: settings.loss, limit: fitLimits.fit(atLeast: 512).fit,
          key: settings.key["references"])
      }
      if evidence.losses.swings(above: evidence.targets.perfectLoss ?? 0) {
        // The few examples of a probe would miss the rare large losses of labels that are noise.
        evidence.exampleLossDeviation = Probe(
          network, on: examples, limit: 1024, loss: settings.loss, key: settings.key["probe"]
        ).lossDeviation(at: parameters)
      }
    }
    return evidence
  }
}

/// When to look, and at how many examples: by the shape of the run alone, so that the evidence is the same on every
/// machine.
struct ProbePlan: Sendable {
  let steps: Set<Int>
  let exampleCount: Int
  /// The examples among which neighbors are looked for.
  let neighborLimit: Int
  /// The examples whose answers are looked at in the end, if errors are left.
  let answerLimit: Int
  /// The examples of the fits in closed form, which cost about two values for each third power of their number: 0.45 % of the run,
  /// but at least 192 examples. Single features cost about 130 values for each feature of an example: 0.4 %, but at least 256
  /// examples and 100,000 features.
  let fitLimits: FitReference.Limits

  /// Plans with costs in units of one trained value and one example. A step costs their number; a probe, which is not replayed,
  /// eight times as much for each of its examples, and about 300,000 for each parameter tensor, which is nothing compared with the
  /// products of a wide layer, and equals forty steps of a network as small as 8-7-7-1. Together they stay below 1.5 % of the run,
  /// except for the first and the last, which are always made: the look at every step and the evidence at the end come in addition.
  /// Neighbors cost a third of a value for each feature of a pair, and about 150 values to choose them: 0.6 % of the run, but at
  /// least 256 examples. An answer costs a third of a step's example: 0.3 %, but at least 256 examples, and up to an unnoticeable
  /// number (rare classes take many).
  init(stepCount: Int, batch: Int, exampleCount: Int, features: Int, layout: ParameterLayout) {
    let values = Double(max(layout.count, 1))
    let fixed = 3e5 * Double(layout.entries.count)
    let budget = 0.015 * Double(stepCount) * Double(batch) * values
    // A smaller probe rather than fewer than four.
    let wanted = Int(min(256, (budget / 4 - fixed) / (8 * values)))
    self.exampleCount = min(exampleCount, max(32, wanted))
    let probeCost = 8 * values * Double(self.exampleCount) + fixed
    let count = Int(min(40, budget / probeCost)) - 2
    // Geometric, as most happens early.
    var steps: Set<Int> = []
    if count > 0 {
      for position in 1...count {
        let exponent = Double(position) / Double(count + 1)
        steps.insert(max(1, Int(Self.power(Double(stepCount), exponent))))
      }
    }
    self.steps = steps
    let pairs = 0.4 * budget / (Double(features) / 3 + 150)
    let cells: Double = max(1e5, min(1e6, 0.25 * budget / 130))
    answerLimit = max(
      256, min(1024, Int(max(0.01 * Double(stepCount) * Double(batch), 1e7 / values))))
    fitLimits = FitReference.Limits(
      fit: max(192, min(512, Int(Self.power(0.15 * budget, 1.0 / 3)))),
      single: max(256, Int(cells / Double(max(features, 1)))))
    neighborLimit = max(256, Int(min(1024, (4 * pairs).squareRoot())))
  }

  private static func power(_ base: Double, _ exponent: Double) -> Double {
    pow(Tensor<Double>(base), exponent).scalar
  }
}

extension NetworkDescription {
  /// The largest probability of dropping a unit; 0 if none is dropped.
  var largestDropout: Double {
    layers.flatMap(\.forms).compactMap { ($0 as? DropoutForm)?.rate }.max() ?? 0
  }
}
