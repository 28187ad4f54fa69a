import Datasets
import Findings
import Foundation
import Networks
import Plumbline
import Training

extension TrainingRun {
  /// The finding with the run that demonstrates its remedy: the same network, data and seed, changed only by the remedy.
  ///
  /// - Parameters:
  ///   - finding: A finding on this run.
  ///   - evidence: The evidence for the finding.
  ///   - steps: The length of each re-run; by default that of the run, or fewer once nothing moves any more.
  ///   - rates: The learning rates to try if the rate is the cause, in any order; if none are given, that of the remedy, what a
  ///     range test suggests, and the middle of both. The finding reports the first that learns half of what there is to learn,
  ///     beginning with those nearest to the run's own, or, if none does, the one that learns most.
  ///   - workers: The threads that may take part; they do not affect results.
  /// - Returns: The finding unchanged if no run can show the remedy, such as unshuffling labels.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  public func explained(
    _ finding: Finding, in evidence: Evidence, steps: Int? = nil, rates: [Double]? = nil,
    workers: Workers = .single
  ) throws(Problem) -> Finding {
    var trials = Trials(self, evidence, steps: steps, budget: nil)
    var finding = finding
    if let outcome = try trials.shown(for: finding, rates: rates, workers) {
      finding.show(outcome, in: evidence)
    }
    return finding
  }

  /// The diagnosis with the runs that show its remedies, within three times the steps of the run itself, or 2000.
  ///
  /// This many steps of a small network take a few hundredths of a second, less than a command needs to read data and to judge a
  /// run: measured on runs of 50 to 20,000 steps, showing the remedies at most doubles the processor time of the command.
  ///
  /// Each re-run has as many steps as the run, and is compared with it. A finding refuted by its own remedy goes after the others,
  /// and whatever else the evidence allows is tried in its place: what comes first is what helped, as far as could be shown.
  ///
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  public func explained(
    _ diagnosis: Diagnosis, workers: Workers = .single, shouldStop: () -> Bool = { false }
  ) throws(Problem) -> Diagnosis {
    let evidence = diagnosis.evidence
    // Runs of a few steps are over before anything can be shown in three times their time.
    var trials = Trials(self, evidence, steps: nil, budget: max(2000, 3 * evidence.stepCount))
    var shown: [Finding.Cause: Counterfactual] = [:]
    var (tried, refuted): (Set<Finding.Cause>, Set<Finding.Cause>) = ([], [])
    var demoted: [Finding] = []
    var current = diagnosis
    while trials.isOpen, !shouldStop(),
      let finding = current.findings.first(where: { !tried.contains($0.cause) })
    {
      tried.insert(finding.cause)
      guard let outcome = try trials.shown(for: finding, rates: nil, workers) else { continue }
      shown[finding.cause] = outcome
      guard !outcome.learned,
        Diagnosis.treatments(of: finding, in: evidence).contains(where: \.isDecisive)
      else { continue }
      refuted.insert(finding.cause)
      demoted.append(finding)
      current = Diagnosis(evidence, without: refuted)
    }
    // When two faults occur together, neither remedy helps alone: if nothing has helped, the findings after the refuted ones have
    // not helped either, and the first ones are reported first.
    if !demoted.isEmpty, !shown.values.contains(where: \.learned) {
      let told = Set(diagnosis.findings.map(\.cause))
      current.findings = diagnosis.findings + current.findings.filter { !told.contains($0.cause) }
      demoted = []
    }
    current.findings += demoted.map { finding in
      var finding = finding
      // Laplace's rule with one more wrong answer would be too kind to what was tried and did not help.
      finding.confidence = finding.confidence.map { $0 / 3 }
      return finding
    }
    for index in current.findings.indices {
      guard let outcome = shown[current.findings[index].cause] else { continue }
      current.findings[index].show(outcome, in: evidence)
    }
    return current
  }
}

extension Finding {
  /// Adds the run that shows the remedy. If a rate was tried, the remedy advises the one that was best.
  fileprivate mutating func show(_ outcome: Counterfactual, in evidence: Evidence) {
    counterfactual = outcome
    guard outcome.learningRate != evidence.settings.learningRate,
      outcome.learned || outcome.loss < evidence.train.loss
    else { return }
    if let stated = stated(.learningRate) {
      remedy = remedy.replacing(
        "\(Setting.learningRate) \(stated)", with: Evidence.option(outcome.learningRate))
    }
  }

  /// The value that the remedy states for a setting; `nil` if it states none.
  fileprivate func stated(_ setting: Setting) -> Substring? {
    guard let option = remedy.firstRange(of: "\(setting) ") else { return nil }
    let value = remedy[option.upperBound...].prefix { $0.isNumber || ".e-+".contains($0) }
    return value.isEmpty ? nil : value
  }
}

/// Carries out treatments of a run and compares the results with the run.
struct Trials<Scalar: TrainableScalar> {
  private let run: TrainingRun<Scalar>
  private let evidence: Evidence
  /// The steps of a trial, and how many may still be taken in all; `nil` for any number.
  private let steps: Int
  private var budget: Int?

  /// The number of steps with one and the same loss after which a trial ends.
  private static var deadAfter: Int { 100 }
  /// The share of the base rate's loss below which a run counts as one that learns: noise does not reach it.
  private static var learnedShare: Double { 0.9 }

  init(_ run: TrainingRun<Scalar>, _ evidence: Evidence, steps: Int?, budget: Int?) {
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
  var isOpen: Bool { budget.map { $0 >= steps } ?? true }

  /// The result of a finding's remedy: of the first treatment that helps, or else of the best.
  mutating func shown(
    for finding: Finding, rates: [Double]?, _ workers: Workers
  ) throws(Problem) -> Counterfactual? {
    var best: Counterfactual?
    for treatment in Diagnosis.treatments(of: finding, in: evidence) {
      guard isOpen else { break }
      guard let outcome = try outcome(of: treatment, for: finding, rates, workers) else { continue }
      if outcome.learned { return outcome }
      if !(best.map { $0.loss <= outcome.loss } ?? false) { best = outcome }
    }
    return best
  }

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
      guard let stated = finding.stated(.learningRate).flatMap({ Double($0) }), stated > 0 else {
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
    let options = treatment.options.isEmpty ? "" : " (\(treatment.options))"
    return try carriedOut(trial, "same run, " + treatment.change + options, finding, workers)
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
        trial, "same run, learning rate " + String(format: "%.3g", rate), finding, workers)
      if outcome.learned, outcome.loss < 0.5 * evidence.baseRate.loss { return outcome }
      outcomes.append(outcome)
    }
    func loss(_ outcome: Counterfactual) -> Double {
      outcome.loss.isFinite ? outcome.loss : .infinity
    }
    let learned = outcomes.filter(\.learned)
    return (learned.isEmpty ? outcomes : learned).min { loss($0) < loss($1) }
  }

  // MARK: Carrying out

  private mutating func carriedOut(
    _ trial: TrainingRun<Scalar>, _ change: String, _ finding: Finding, _ workers: Workers
  ) throws(Problem) -> Counterfactual {
    // A network that has died gives the same loss forever, so there is no need to wait.
    var (last, repeats) = (Double.nan, 0)
    let result = try trial.result(workers: workers) { event in
      guard case .step(_, let loss) = event else { return false }
      repeats = loss == last ? repeats + 1 : 0
      last = loss
      return repeats == Self.deadAfter
    }
    budget = budget.map { $0 - result.losses.count }
    let base = BaseRate(trial.train.targets, loss: trial.settings.loss).loss
    // Another loss has another unit: the cost of an answer that ignores the input is 1 in both.
    let unit = evidence.baseRate.loss / max(base, 1e-300)
    let isSameLoss = trial.settings.loss.judged == run.settings.loss.judged
    var shown = Counterfactual(
      change: change, loss: (isSameLoss ? unit : 1) * result.train.loss, error: result.train.error,
      steps: result.losses.count, learned: helped(result, finding, unit),
      learningRate: trial.settings.learningRate, devLoss: result.dev?.loss,
      devError: result.dev?.error)
    // Another loss cannot be compared with the run's.
    if isSameLoss { shown.lossBefore = evidence.train.loss }
    // Scaled targets have another unit.
    if isSameLoss, abs(unit - 1) < 1e-9 {
      (shown.devLossBefore, shown.devErrorBefore) = (
        evidence.outcome.dev?.loss, evidence.outcome.dev?.error
      )
    }
    return shown
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
    let base = max(evidence.baseRate.loss, 1e-300)
    // Without the column less is known, so it is enough that the result is better than the base rate.
    if finding.cause == .targetLeak { return (result.dev ?? result.train).loss < base }
    if [.highVariance, .stoppedTooLate, .labelNoise].contains(finding.cause),
      let before = evidence.outcome.dev,
      let after = result.dev
    {
      // A lower loss with more mistakes does not help.
      let isNoWorse = (after.error ?? 0) <= (before.error ?? 0)
      return isNoWorse
        && (after.loss < 0.9 * before.loss || (after.error ?? 1) < 0.9 * (before.error ?? 0))
    }
    let before = evidence.train.loss.isFinite ? evidence.train.loss : .infinity
    let after = unit * result.train.loss
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
