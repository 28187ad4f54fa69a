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
  ///   - typed: The run of the same command with these options in place of its own; `nil` for a run that no command describes.
  /// - Returns: The finding unchanged if no run can show the remedy, such as unshuffling labels.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  public func explained(
    _ finding: Finding, in evidence: Evidence, steps: Int? = nil, rates: [Double]? = nil,
    workers: Workers = .single, typed: TypedRun? = nil
  ) throws(Problem) -> Finding {
    var trials = Trials(self, evidence, steps: steps, budget: nil, typed: typed)
    var finding = finding
    if let outcome = try trials.shown(for: finding, rates: rates, workers) {
      finding.show(outcome)
    }
    return finding
  }

  /// Makes the run that a command describes once these options have taken the place of its own: what a remedy says to type.
  public typealias TypedRun = (_ options: [String]) throws -> TrainingRun

  /// The diagnosis with the runs that show its remedies, within three times the steps of the run itself, or 5000.
  ///
  /// A re-run is what the remedy says to type, from its first step to its last, so that typing it gives the loss that is shown, to
  /// the last bit. Where another change does better, the remedy is changed to say that. Runs that no command describes are changed by
  /// the treatments themselves.
  ///
  /// A finding refuted by its own remedy goes after the others, and whatever else the evidence allows is tried in its place: what
  /// comes first is what helped, as far as could be shown.
  ///
  /// - Parameters:
  ///   - diagnosis: The diagnosis of this run.
  ///   - workers: The threads that may take part; they do not affect results.
  ///   - typed: The run of the same command with these options in place of its own; `nil` for a run that no command describes.
  ///   - shouldStop: Whether to leave the remaining remedies untried, asked before each.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  public func explained(
    _ diagnosis: Diagnosis, workers: Workers = .single, typed: TypedRun? = nil,
    shouldStop: () -> Bool = { false }
  ) throws(Problem) -> Diagnosis {
    let evidence = diagnosis.evidence
    // Runs of a few steps are over before anything can be shown in the same time.
    var trials = Trials(
      self, evidence, steps: nil, budget: max(5000, 3 * max(1, evidence.plannedSteps)), typed: typed
    )
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
      current.findings[index].show(outcome)
    }
    return current
  }
}

extension Finding {
  /// Adds the run that shows the remedy. The remedy says first what was typed for that run.
  fileprivate mutating func show(_ outcome: Counterfactual) {
    counterfactual = outcome
    guard let options = outcome.options else { return }
    remedy = RemedyOptions(options).leading(remedy)
  }
}
