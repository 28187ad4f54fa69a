import Foundation

/// The rate times a factor after every step: `exponential`.
public struct ExponentialSchedule: ScheduleRule {
  /// The factor on the rate after each step.
  public var factor = 0.999
  public let title = "exponential"
  public static let fields: [Field<Self>] = [
    .number("factor", \.factor, isRequired: true, in: .above(0))
  ]

  public init() {}

  public func rate(_ step: Int, from base: Double, over steps: Int) -> Double {
    base * Foundation.pow(factor, Double(step))
  }
}

extension ScheduleForm {
  /// Times a factor after every step.
  public static func exponential(factor: Double) -> ScheduleForm {
    var rule = ExponentialSchedule()
    rule.factor = factor
    return ScheduleForm(rule)
  }
}
