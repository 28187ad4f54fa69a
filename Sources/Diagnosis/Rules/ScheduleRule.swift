import Findings
import Foundation

extension Finding.Cause {
  /// The schedule lowers the rate before anything is learned, or raises it too late.
  public static let scheduleTooFast: Self = "schedule-too-fast"
}

/// Family 4: a decay or a warm-up that leaves only a small part of the steps at the requested rate.
struct ScheduleRule: DiagnosisRule {
  let causes = [
    Finding.CauseMeaning(
      .learningRate, .scheduleTooFast,
      "the schedule lowers the rate before anything is learned, or raises it too late")
  ]

  func treatments(of finding: Finding, in evidence: Evidence) -> [Treatment] {
    guard finding.cause == .scheduleTooFast else { return [] }
    if finding[Self.decay] != nil {
      return [
        Treatment(
          "no learning-rate decay", options: "\(Setting.learningRateDecay) 0",
          .settings { $0.optimizerOptions["learning_rate_decay"] = nil })
      ]
    }
    let steps = evidence.stepCount
    return [
      Treatment(
        "half a cosine over the whole run",
        options: "\(Setting.schedule) cosine \(Setting.warmUp) \(steps / 20)",
        .settings { settings in
          settings.schedule.form = .cosine(floor: 0)
          settings.schedule.warmUp = steps / 20
        })
    ]
  }

  private static let decay = "decay"

  /// The optimizer's own decay, by which the rate is divided by 1 + step · decay.
  private func ownDecay(_ evidence: Evidence) -> Finding? {
    guard let decay = evidence.settings.optimizerOptions["learning_rate_decay"], decay > 0,
      evidence.stepCount > 1, evidence.isInTrouble
    else { return nil }
    let whole = decay * Double(evidence.stepCount)
    // The mean of 1 / (1 + decay · step).
    let mean = log1p(whole) / whole
    guard mean < 0.1 else { return nil }
    return Finding(
      family: .learningRate, cause: .scheduleTooFast,
      symptom: String(
        format: "the decay of the rate ends at %.3g times the learning rate", 1 / (1 + whole)),
      explanation: String(
        format:
          "\(Setting.learningRateDecay) %.4g divides the rate by %.4g as early as step 2; the run's mean rate is %.3g %% of the one requested",
        decay, 1 + decay, 100 * mean),
      location: Finding.Location(step: 0),
      evidence: [
        Finding.Number(Self.decay, decay), Finding.Number("mean share of the rate", mean),
      ], remedy: "do not decay the rate (\(Setting.learningRateDecay) 0)")
  }

  func findings(in evidence: Evidence, after earlier: [Finding]) -> [Finding] {
    if let finding = ownDecay(evidence) { return [finding] }
    let settings = evidence.settings
    guard settings.schedule != .init(), evidence.stepCount > 0,
      evidence.isInTrouble || evidence.leavesError
    else { return [] }
    let planned = max(evidence.stepCount, 1)
    let schedule = settings.schedule.schedule(1, steps: planned)
    let sample = (0..<min(planned, 1000)).map { schedule($0 * planned / min(planned, 1000)) }
    let mean = sample.reduce(0, +) / Double(sample.count)
    guard mean < 0.1 else { return [] }
    let isWarmUp = settings.schedule.warmUp > planned / 2
    let last = sample.last ?? 0
    return [
      Finding(
        family: .learningRate, cause: .scheduleTooFast,
        symptom: isWarmUp
          ? "the warm-up of \(settings.schedule.warmUp) steps takes up most of the \(planned) steps of the run"
          : String(format: "the schedule ends at %.3g times the learning rate", last),
        explanation: String(
          format: "the run's mean rate is %.3g %% of the one requested", 100 * mean),
        location: Finding.Location(
          step: isWarmUp ? 0 : sample.firstIndex { $0 < 0.01 }.map { $0 * planned / sample.count }),
        evidence: [
          Finding.Number("mean share of the rate", mean),
          Finding.Number("last share of the rate", last),
        ],
        remedy: isWarmUp
          ? "warm up for a twentieth of the run (\(Setting.warmUp) \(max(1, planned / 20)))"
          : "decay the rate over the whole run: \(Setting.schedule) cosine")
    ]
  }
}
