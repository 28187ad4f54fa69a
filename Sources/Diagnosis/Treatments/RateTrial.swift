import Findings
import Foundation
import Plumbline
import Training

/// Tries learning rates for a few steps each: the first steps of a run tell rates that learn from those that throw the weights around,
/// and the largest that learns gets farthest.
struct RateTrial<Scalar: TrainableScalar> {
  private let run: TrainingRun<Scalar>

  /// Trials of so many steps each, at a constant rate.
  init(_ run: TrainingRun<Scalar>, steps: Int) {
    var trial = run
    trial.settings.length = .steps(steps)
    trial.settings.schedule = .init()
    trial.settings.earlyStopping = nil
    trial.dev = nil
    trial.test = nil
    trial.evaluationInterval = 0
    self.run = trial
  }

  /// The rate with the lowest loss after the trial; `nil` if none has a finite one.
  func best(of rates: [Double], workers: Workers = .single) throws(Problem) -> Double? {
    var best: (rate: Double, loss: Double)?
    for rate in rates {
      var trial = run
      trial.settings.learningRate = rate
      let result = try trial.result(workers: workers)
      guard result.divergedAtStep == nil, result.train.loss < best?.loss ?? .infinity else {
        continue
      }
      best = (rate, result.train.loss)
    }
    return best?.rate
  }

  /// Whether the loss ends below this one.
  func learns(
    at rate: Double, below loss: Double, workers: Workers = .single
  ) throws(Problem) -> Bool {
    var trial = run
    trial.settings.learningRate = rate
    let result = try trial.result(workers: workers)
    return result.divergedAtStep == nil && result.train.loss < loss
  }
}

/// What rates are tried, and for how long.
enum RateTrials {
  /// The side of the run's own rate on which others are tried.
  enum Side { case smaller, larger }

  /// An eighth of the run, but enough steps to see whether the loss falls.
  static func steps(ofRun count: Int) -> Int { min(count, max(20, min(200, count / 8))) }

  /// Rates below or above a run's own, each a third of the one before it or three times as large.
  static func rates(_ side: Side, than own: Double) -> [Double] {
    let factors: [Double] = [3, 10, 30, 100, 300, 1000, 10_000]
    return factors.map { Evidence.stated(side == .larger ? own * $0 : own / $0) }
  }
}
