import Datasets
import Findings
import Foundation
import Networks
import Plumbline
import Training

/// Carries out treatments of a run and compares the results with the run.
struct Trials<Scalar: TrainableScalar> {
  private let run: TrainingRun<Scalar>
  private let evidence: Evidence
  private let typed: TrainingRun<Scalar>.TypedRun?
  /// The steps of a trial that no command describes, and how many may still be taken in all; `nil` for any number.
  private let steps: Int
  private var budget: Int?
  private var isFirst = true

  /// The number of steps with one and the same loss after which a trial ends.
  private static var deadAfter: Int { 100 }
  /// The share of the base rate's loss below which a run counts as one that learns: noise does not reach it.
  private static var learnedShare: Double { 0.9 }

  init(
    _ run: TrainingRun<Scalar>, _ evidence: Evidence, steps: Int?, budget: Int?,
    typed: TrainingRun<Scalar>.TypedRun?
  ) {
    self.typed = typed
    var trial = run
    // A run that broke down early is tried for longer than it lasted.
    let lasted = max(1, evidence.stepCount)
    self.steps =
      steps
      ?? (evidence.outcome.failure == nil ? lasted : max(lasted, min(evidence.plannedSteps, 1000)))
    trial.settings.length = .steps(self.steps)
    trial.settings.earlyStopping = nil
    trial.test = nil
    trial.evaluationInterval = 0
    self.run = trial
    self.evidence = evidence
    self.budget = budget
  }

  /// Whether enough steps are left for another trial.
  var isOpen: Bool { affords(typed == nil ? steps : 1) }

  /// Whether so many steps are left. The first trial is made at any length: it is what the first remedy says.
  private func affords(_ count: Int) -> Bool { isFirst || budget.map { $0 >= count } ?? true }

  /// The result of a finding's remedy: of the first proposal that helps, or else of the remedy as it is stated.
  mutating func shown(
    for finding: Finding, rates: [Double]?, _ workers: Workers
  ) throws(Problem) -> Counterfactual? {
    let treatments = Diagnosis.treatments(of: finding, in: evidence)
    let isTyped = typed != nil && rates == nil
    var outcomes: [Counterfactual] = []
    if isTyped, let stated = RemedyOptions(in: finding.remedy) {
      let words = treatments.first { $0.options == stated.text }?.change
      if let outcome = try outcome(typing: stated, words, finding, workers) {
        // A rate is to be one that learns half of what there is to learn, where there is one.
        let isRate = treatments.contains(where: \.isOfRates)
        if outcome.learned, !isRate || outcome.loss < outcome.unit(evidence.halfLoss) {
          return outcome.shown
        }
        outcomes.append(outcome.shown)
      }
    }
    for treatment in treatments {
      guard isOpen else { break }
      let tried: Counterfactual?
      if isTyped, !treatment.isOfRates, let options = RemedyOptions(in: treatment.options) {
        if outcomes.contains(where: { $0.options == options.text }) { continue }
        tried = try outcome(typing: options, treatment.change, finding, workers)?.shown
      } else if isTyped, treatment.isOfRates {
        tried = try searched(treatment, finding, outcomes.first, workers)
      } else if isTyped, !outcomes.isEmpty {
        // What cannot be typed is no better remedy than what can.
        continue
      } else {
        tried = try outcome(of: treatment, for: finding, rates, workers)
      }
      guard let tried else { continue }
      if tried.learned, !treatment.isOfRates || outcomes.isEmpty || !outcomes[0].learned {
        return tried
      }
      outcomes.append(tried)
    }
    // The one as it is stated, unless another did clearly better.
    guard let first = outcomes.first else { return nil }
    return outcomes.dropFirst().reduce(first) { best, other in
      let isBetter =
        other.learned == best.learned ? other.loss < 0.9 * best.loss : other.learned
      return isBetter || !best.loss.isFinite && other.loss.isFinite ? other : best
    }
  }

  // MARK: Typing

  /// The result of typing these options; `nil` if the command refuses them, if they need a dev set that the run did not have, or if
  /// too few steps are left.
  private mutating func outcome(
    typing options: RemedyOptions, _ words: String?, _ finding: Finding, _ workers: Workers
  ) throws(Problem) -> Result? {
    guard let typed, evidence.outcome.dev != nil || !options.names("--split"),
      var trial = try? typed(options.words)
    else { return nil }
    trial.test = nil
    trial.evaluationInterval = trial.settings.earlyStopping == nil ? 0 : nil
    let length = (try? trial.settings.batches(of: trial.train.count)).map {
      trial.settings.steps(batchesPerEpoch: $0.batchesPerEpoch)
    }
    guard let length, affords(length) else { return nil }
    isFirst = false
    return try carriedOut(
      trial, words.map { $0 == options.text ? "" : $0 } ?? "", options, finding, workers)
  }

  /// The rate that does best in a few steps, typed.
  private mutating func searched(
    _ treatment: Treatment, _ finding: Finding, _ stated: Counterfactual?, _ workers: Workers
  ) throws(Problem) -> Counterfactual? {
    let isLarger = if case .largerRates = treatment.kind { true } else { false }
    let length = RateTrials.steps(ofRun: max(evidence.plannedSteps, 1))
    let rates = RateTrials.rates(
      isLarger ? .larger : .smaller, than: run.settings.learningRate)
    guard affords(length * rates.count),
      let best = try RateTrial(run, steps: length).best(of: rates, workers: workers)
    else { return nil }
    budget = budget.map { $0 - length * rates.count }
    if best == stated?.learningRate { return nil }
    return try outcome(
      typing: RemedyOptions(Evidence.option(best)), nil, finding, workers)?.shown
  }

  // MARK: Treating

  private mutating func outcome(
    of treatment: Treatment, for finding: Finding, _ rates: [Double]?, _ workers: Workers
  ) throws(Problem) -> Counterfactual? {
    switch treatment.kind {
    case .smallerRates, .largerRates:
      let isLarger = if case .largerRates = treatment.kind { true } else { false }
      if let rates {
        let sorted = rates.sorted()
        return try search(isLarger ? sorted : sorted.reversed(), finding, workers)
      }
      // What a range test of this run suggests, what the remedy states, and the middle. Range tests of larger rates go too far.
      let suggested = try suggestedRate(smaller: !isLarger, workers)
      guard let stated = RemedyOptions.rate(in: finding.remedy), stated > 0 else {
        return try search([suggested], finding, workers)
      }
      let middle = Evidence.stated((suggested * stated).squareRoot())
      return try search(
        isLarger ? [stated, middle, suggested] : [suggested, middle, stated], finding, workers)
    default: break
    }
    var trial = run
    guard apply(treatment.kind, to: &trial), !isSame(trial, after: treatment.kind) else {
      return nil
    }
    isFirst = false
    return try carriedOut(
      trial, treatment.change, RemedyOptions(in: treatment.options), finding, workers
    ).shown
  }

  /// Whether a treatment has changed nothing, since the run already is what it proposes.
  private func isSame(_ trial: TrainingRun<Scalar>, after kind: Treatment.Kind) -> Bool {
    switch kind {
    case .settings, .network, .weights:
      guard run.initial == nil, let own = (run.network as? Network)?.description else {
        return false
      }
      return (trial.network as? Network)?.description == own && trial.settings == run.settings
    default: return false
    }
  }

  /// Changes a run; `false` if it cannot be changed that way.
  private func apply(_ kind: Treatment.Kind, to trial: inout TrainingRun<Scalar>) -> Bool {
    switch kind {
    case .settings(let change): change(&trial.settings)
    case .network(let change):
      guard let description = (trial.network as? Network)?.description,
        let changed = change(description), let network = try? changed.network()
      else { return false }
      trial.network = network
      trial.initial = nil
    case .weights(let scheme):
      if (trial.network as? Network) != nil {
        return apply(.network { $0.withWeights(scheme) }, to: &trial)
      }
      trial.initial = initialParameters(of: trial.network, scheme.initializer(before: .relu))
    case .features:
      // Class numbers are names, not amounts.
      if (trial.network as? Network)?.classesTaken != nil { return false }
      let normalization = Normalization(fitting: run.train.features, scope: .perFeature)
      trial.train = run.train.normalized(by: normalization)
      trial.dev = run.dev?.normalized(by: normalization)
    case .targets:
      let scale = Normalization(fitting: run.train.targets, scope: .perFeature)
      trial.train = trial.train.scalingTargets(by: scale)
      trial.dev = nil
    case .withoutFeature(let feature):
      let width = trial.train.features.count / trial.train.count
      guard (0..<width).contains(feature) else { return false }
      trial.train = trial.train.without(feature)
      trial.dev = trial.dev?.without(feature)
    case .classes(let values): return answerWithClasses(values, &trial)
    case .balanced: return balance(&trial)
    case .moreSteps(let factor): trial.settings.length = .steps(factor * steps)
    case .together(let kinds): return kinds.allSatisfy { apply($0, to: &trial) }
    case .smallerRates, .largerRates: return false
    }
    return true
  }

  /// Gives the network an output for each value of the targets, or one for two values, and makes the index of the value the target.
  private func answerWithClasses(_ values: [Double], _ trial: inout TrainingRun<Scalar>) -> Bool {
    guard var description = (trial.network as? Network)?.description.withoutEnding(),
      let last = description.layers.lastIndex(where: { $0.form is DenseForm }),
      var dense = description.layers[last].form as? DenseForm
    else { return false }
    let isYesOrNo = values.count == 2
    dense.outputs = isYesOrNo ? 1 : values.count
    description.layers[last].form = dense
    description.output = isYesOrNo ? .sigmoid : .softmax
    guard let network = try? description.network() else { return false }
    let count = trial.train.count
    let numbers = trial.train.targets.scalars.map { target in
      Double(
        values.indices.min { abs(values[$0] - target.real) < abs(values[$1] - target.real) } ?? 0)
    }
    trial.network = network
    trial.initial = nil
    trial.settings.loss = isYesOrNo ? .binaryCrossEntropy : .crossEntropy
    trial.train = Examples(
      features: trial.train.features,
      targets: Tensor(isYesOrNo ? [count, 1] : [count], nearestTo: numbers),
      pictures: trial.train.pictures)
    trial.dev = nil
    return true
  }

  /// Sets weights that make every class that occurs count equally.
  private func balance(_ trial: inout TrainingRun<Scalar>) -> Bool {
    guard var form = trial.settings.loss.form as? any ClassLossForm,
      trial.train.targets.count == trial.train.count
    else { return false }
    let outputs = evidence.facts.outputCount
    var counts = [Int](repeating: 0, count: max(2, outputs))
    for target in trial.train.targets.scalars {
      let number = Int(target.real.rounded())
      guard counts.indices.contains(number) else { return false }
      counts[number] += 1
    }
    let weights = LossFunction.balancedWeights(counts: counts)
    guard let weights = form.classWeights(of: weights, outputs: outputs) else { return false }
    form.classWeights = weights
    trial.settings.loss = LossFunction(form)
    return true
  }

  // MARK: Rates

  /// The rate that a range test suggests, on the requested side of the run's own.
  private mutating func suggestedRate(smaller: Bool, _ workers: Workers) throws(Problem) -> Double {
    let own = run.settings.learningRate
    var test = LearningRateRangeTest()
    test.steps = max(20, min(200, steps / 2))
    let range = try test.range(
      run.network, on: run.train, run.settings, from: run.initial, workers: workers)
    budget = budget.map { $0 - min(test.steps, range.points.count) }
    let suggestion = range.suggestion ?? (smaller ? own / 10 : own * 10)
    return Evidence.stated(smaller ? min(suggestion, own / 3) : max(suggestion, own * 3))
  }

  /// The first of the rates that learns half of what there is to learn, or else the one that learns most.
  private mutating func search(
    _ rates: [Double], _ finding: Finding, _ workers: Workers
  ) throws(Problem) -> Counterfactual? {
    var outcomes: [Counterfactual] = []
    for rate in rates where !outcomes.contains(where: { $0.learningRate == rate }) {
      guard isOpen else { break }
      var trial = run
      trial.settings.learningRate = rate
      let outcome = try carriedOut(
        trial, "", RemedyOptions(Evidence.option(rate)), finding, workers
      ).shown
      if outcome.learned, outcome.loss < evidence.halfLoss { return outcome }
      outcomes.append(outcome)
    }
    func loss(_ outcome: Counterfactual) -> Double {
      outcome.loss.isFinite ? outcome.loss : .infinity
    }
    let learned = outcomes.filter(\.learned)
    return (learned.isEmpty ? outcomes : learned).min { loss($0) < loss($1) }
  }

  // MARK: Carrying out

  /// The result of a trial, and the run's own losses in its unit.
  private struct Result {
    var shown: Counterfactual
    let scale: Double

    var learned: Bool { shown.learned }
    var loss: Double { shown.loss }

    /// A loss of the run in the unit of the trial.
    func unit(_ loss: Double) -> Double { loss / scale }
  }

  private mutating func carriedOut(
    _ trial: TrainingRun<Scalar>, _ words: String, _ options: RemedyOptions?, _ finding: Finding,
    _ workers: Workers
  ) throws(Problem) -> Result {
    // A network that has died gives the same loss forever, so there is no need to wait.
    var (last, repeats) = (Double.nan, 0)
    let result = try trial.result(workers: workers) { event in
      guard case .step(_, let loss) = event else { return false }
      repeats = loss == last && loss != 0 ? repeats + 1 : 0
      last = loss
      return repeats == Self.deadAfter
    }
    budget = budget.map { $0 - result.losses.count }
    let isSameLoss = trial.settings.loss.judged == run.settings.loss.judged
    // Scaled targets have another unit: the cost of an answer that ignores the input is the same in both.
    let base = BaseRate(trial.train.targets, loss: trial.settings.loss).loss
    let ratio = evidence.baseRate.loss / base
    let isScaled = ratio > 0 && ratio.isFinite && !(0.8...1.25).contains(ratio)
    let scale = isScaled ? ratio : 1
    let typed = options?.text
    let change =
      words.isEmpty ? "with " + (typed ?? "the remedy") : words + (typed.map { " (\($0))" } ?? "")
    var shown = Counterfactual(
      change: "same run, " + change, loss: result.train.loss, error: result.train.error,
      steps: result.losses.count, learned: helped(result, finding, scale),
      learningRate: trial.settings.learningRate, devLoss: result.dev?.loss,
      devError: result.dev?.error)
    shown.options = typed
    // Another loss cannot be compared with the run's.
    if isSameLoss {
      shown.lossBefore = evidence.train.loss / scale
      shown.devLossBefore = evidence.outcome.dev.map { $0.loss / scale }
      shown.devErrorBefore = evidence.outcome.dev?.error
    }
    return Result(shown: shown, scale: scale)
  }

  /// Whether a changed run is better than the run in what the finding is about: by a tenth of what the run left.
  private func helped(
    _ result: TrainingResult<Scalar>, _ finding: Finding, _ unit: Double
  ) -> Bool {
    guard result.train.isFinite else { return false }
    switch result.ending {
    case .nonFinite, .stopped: return false
    case .finished, .stoppedEarly: break
    }
    // A likelihood may be below zero: losses are compared from that of answers that equal the targets.
    let floor = evidence.targets.perfectLoss ?? 0
    let base = evidence.baseRate.loss - floor
    // Without the column less is known, so it is enough that the result is better than the base rate.
    if finding.cause == .targetLeak { return (result.dev ?? result.train).loss - floor < base }
    if [.highVariance, .stoppedTooLate, .labelNoise].contains(finding.cause),
      let before = evidence.outcome.dev,
      let after = result.dev
    {
      // A lower loss with more mistakes does not help.
      let isNoWorse = (after.error ?? 0) <= (before.error ?? 0)
      return isNoWorse
        && (after.loss < 0.9 * before.loss || (after.error ?? 1) < 0.9 * (before.error ?? 0))
    }
    let before = evidence.train.loss.isFinite ? evidence.train.loss - floor : .infinity
    let after = unit * (result.train.loss - floor)
    guard base > 0, after > 0 else {
      let gain = 0.05 * abs(base)
      return after < before - gain && after < base - (base > 0 ? 0.1 * base : gain)
    }
    let isBetter =
      after < 0.9 * before || (result.train.error ?? 1) < 0.8 * (evidence.train.error ?? 0)
    guard isBetter else { return false }
    if after < Self.learnedShare * base { return true }
    // A run that was far beyond the base rate is better off below half of its loss, unless its answers have become constant.
    return before > 2 * base && after < 0.5 * before && abs(after - base) > 0.02 * base
  }

  /// Weights by this initializer for every matrix, under the keys of the run's own; everything else as it starts.
  private func initialParameters(
    of network: any Layer, _ initializer: Initializer
  ) -> Parameters<Scalar> {
    var parameters: Parameters<Scalar> = run.settings.initialParameters(of: network)
    for entry in parameters.layout.entries where entry.shape.rank >= 2 {
      let key = run.settings.key["parameters"][entry.name]
      parameters[entry.name] = Tensor(
        entry.shape, nearestTo: initializer.values(shape: entry.shape, key: key))
    }
    return parameters
  }
}

extension Examples {
  /// The examples with this feature at 0 for all of them, so that nothing can be learned from it.
  fileprivate func without(_ feature: Int) -> Examples {
    let width = features.count / count
    var mask = [Double](repeating: 1, count: width)
    mask[feature] = 0
    let shape = Shape([1] + features.shape.extents.dropFirst())
    return Examples(
      features: features * Tensor(shape, nearestTo: mask), targets: targets, pictures: pictures)
  }
}
