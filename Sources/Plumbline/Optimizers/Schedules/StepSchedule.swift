import Foundation

/// The rate times a factor after every given number of steps: `step`.
public struct StepSchedule: ScheduleRule {
  /// The number of steps between changes.
  public var every = 100
  /// The factor of a change.
  public var factor = 0.1
  public let title = "step"
  public static let fields: [Field<Self>] = [
    .whole("every", \.every, isRequired: true, atLeast: 1),
    .number("factor", \.factor, in: .above(0)),
  ]

  public init() {}

  public func rate(_ step: Int, from base: Double, over steps: Int) -> Double {
    base * Foundation.pow(factor, Double(step / every))
  }
}

extension ScheduleForm {
  /// Times a factor after every given number of steps.
  public static func step(every: Int, factor: Double = StepSchedule().factor) -> ScheduleForm {
    var rule = StepSchedule()
    (rule.every, rule.factor) = (every, factor)
    return ScheduleForm(rule)
  }
}
