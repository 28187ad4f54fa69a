import Foundation

/// A learning rate as a function of the step.
///
/// ```swift
/// let schedule = Schedule.cosine(0.1, over: 400).warmedUp(over: 20)
/// for step in 0..<400 {
///   optimizer.learningRate = schedule(step)
/// ```
public struct Schedule: Sendable, Hashable, Codable {
  private enum Form: Hashable, Codable {
    case constant
    case step(every: Int, factor: Double)
    case exponential(factor: Double)
    case cosine(steps: Int, floor: Double)
  }

  private let form: Form
  private let base: Double
  private var warmUp = 0
  private var warmUpStart = 0.0

  /// The same rate at every step.
  public static func constant(_ rate: Double) -> Schedule { Schedule(form: .constant, base: rate) }

  /// The rate times `factor` after every `interval` steps.
  public static func step(_ rate: Double, every interval: Int, factor: Double = 0.1) -> Schedule {
    require(interval > 0, "a step schedule needs an interval above 0, not \(interval)")
    return Schedule(form: .step(every: interval, factor: factor), base: rate)
  }

  /// The rate times `factor` after every step.
  public static func exponential(_ rate: Double, factor: Double) -> Schedule {
    Schedule(form: .exponential(factor: factor), base: rate)
  }

  /// Half a period of a cosine from the rate down to `floor`, which then stays. Source: Loshchilov and
  /// Hutter, arXiv:1608.03983, without restarts.
  public static func cosine(_ rate: Double, over steps: Int, floor: Double = 0) -> Schedule {
    require(steps > 0, "a cosine schedule needs a number of steps above 0, not \(steps)")
    return Schedule(form: .cosine(steps: steps, floor: floor), base: rate)
  }

  /// This schedule after a linear rise from `start` times its first rate over `steps` steps.
  public func warmedUp(over steps: Int, from start: Double = 0) -> Schedule {
    var result = self
    result.warmUp = steps
    result.warmUpStart = start
    return result
  }

  /// The rate of a step, counted from 0.
  public func callAsFunction(_ step: Int) -> Double {
    if step < warmUp {
      return value(0) * (warmUpStart + (1 - warmUpStart) * Double(step) / Double(warmUp))
    }
    return value(step - warmUp)
  }

  private func value(_ step: Int) -> Double {
    switch form {
    case .constant: base
    case .step(let interval, let factor): base * Foundation.pow(factor, Double(step / interval))
    case .exponential(let factor): base * Foundation.pow(factor, Double(step))
    case .cosine(let steps, let floor):
      floor + (base - floor) * (1 + Foundation.cos(.pi * Double(min(step, steps)) / Double(steps)))
        / 2
    }
  }
}
