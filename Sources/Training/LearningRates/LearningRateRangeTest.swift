import Datasets
import Findings
import Foundation
import Plumbline

/// A learning-rate range test: one short training whose rate grows by the same factor at every step, from a rate that is
/// too small to one that is too large. The loss falls where rates are useful and rises where they are not.
///
/// ```swift
/// let range = try LearningRateRangeTest().range(network, on: examples, settings)
/// settings.learningRate = range.suggestion ?? settings.learningRate
/// ```
///
/// Source: Smith 2017, arXiv:1506.01186, whose rates grow linearly; in ratios the test covers every magnitude.
public struct LearningRateRangeTest: Codable, Sendable, Hashable {
  /// The first rate and the last.
  public var lowest = 1e-6, highest = 10.0
  /// The updates from one to the other, at least 2.
  public var steps = 200
  /// The test ends when the loss is this many times its minimum.
  public var divergenceFactor = 4.0

  /// 200 steps from a millionth to 10.
  public init() {}

  /// The number of steps on either side of a step whose losses are averaged with its own: those of a sixth of a decade by default.
  package var reach: Int { max(1, steps / 40) }

  /// The rate of a step, counted from 0.
  package func rate(ofStep step: Int) -> Double { schedule(step) }

  private var factor: Double { pow(highest / lowest, 1 / Double(steps - 1)) }

  private var schedule: Schedule { .exponential(lowest, factor: factor) }

  /// Trains, and notes the loss at every rate. Nothing of the training is kept.
  ///
  /// - Parameters:
  ///   - network: The network to train.
  ///   - examples: The training examples.
  ///   - settings: How the network is trained. Its rate, schedule and length are not used.
  ///   - initial: The values to start from; `nil` for those of the seed.
  ///   - workers: The threads that may take part; they do not affect results.
  ///   - shouldStop: Called after every step with its number; `true` ends the test and keeps the results so far.
  /// - Throws: ``/Findings/Problem`` if the batch is larger than the data.
  /// - Complexity: That of ``steps`` steps of training.
  public func range<Scalar>(
    _ network: any Layer, on examples: Examples<Scalar>, _ settings: TrainingSettings,
    from initial: Parameters<Scalar>? = nil, workers: Workers = .single,
    shouldStop: (Int) -> Bool = { _ in false }
  ) throws(Problem) -> LearningRateRange {
    guard lowest > 0, lowest < highest, highest.isFinite, steps >= 2, divergenceFactor > 1 else {
      fatalError(
        "a range test needs rates 0 < lowest < highest, 2 steps or more and a factor above 1, not \(self)"
      )
    }
    var growing = settings
    growing.learningRate = lowest
    growing.schedule.form = .exponential(factor: factor)
    growing.schedule.warmUp = 0
    growing.length = .steps(steps)
    var trainer = try Trainer(network, on: examples, growing, from: initial, workers: workers)
    var losses: [Double] = []
    var ending = LearningRateRange.Ending.finished
    var lowestMean = Double.infinity
    while ending == .finished, losses.count < steps {
      do {
        losses.append(try trainer.step())
      } catch {
        ending = .nonFinite
        break
      }
      // The mean of only the last losses, since later ones are not known yet.
      let recent = losses.suffix(reach + 1)
      let mean = recent.reduce(0, +) / Double(recent.count)
      lowestMean = min(lowestMean, mean)
      if mean > divergenceFactor * lowestMean { ending = .diverged }
      if shouldStop(losses.count - 1) { ending = .stopped }
    }
    return LearningRateRange(test: self, losses: losses, ending: ending)
  }
}
