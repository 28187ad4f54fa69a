/// A learning rate as a function of the step.
///
/// ```swift
/// let schedule = Schedule.cosine(0.1, over: 400).warmedUp(over: 20)
/// for step in 0..<400 {
///   optimizer.learningRate = schedule(step)
/// ```
public struct Schedule: Sendable, Hashable, Codable {
  private let form: ScheduleForm
  private let base: Double
  private let steps: Int
  private var warmUp = 0
  private var warmUpStart = 0.0

  /// The rates of a form from an initial rate, over this many steps if the form has an end.
  public init(_ form: ScheduleForm, from rate: Double, over steps: Int) {
    self.form = form
    base = rate
    self.steps = steps
  }

  /// The same rate at every step.
  public static func constant(_ rate: Double) -> Schedule {
    Schedule(.constant, from: rate, over: 1)
  }

  /// The rate times `factor` after every `interval` steps.
  public static func step(
    _ rate: Double, every interval: Int, factor: Double = StepSchedule().factor
  ) -> Schedule {
    require(interval > 0, "a step schedule needs an interval above 0, not \(interval)")
    return Schedule(.step(every: interval, factor: factor), from: rate, over: 1)
  }

  /// The rate times `factor` after every step.
  public static func exponential(_ rate: Double, factor: Double) -> Schedule {
    Schedule(.exponential(factor: factor), from: rate, over: 1)
  }

  /// Half a period of a cosine from the rate down to `floor`, which then stays. Source: Loshchilov and
  /// Hutter, arXiv:1608.03983, without restarts.
  public static func cosine(_ rate: Double, over steps: Int, floor: Double = 0) -> Schedule {
    require(steps > 0, "a cosine schedule needs a number of steps above 0, not \(steps)")
    require(rate > 0, "a cosine schedule needs a rate above 0, not \(rate)")
    return Schedule(.cosine(floor: floor / rate), from: rate, over: steps)
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

  private func value(_ step: Int) -> Double { form.rule.rate(step, from: base, over: steps) }
}
