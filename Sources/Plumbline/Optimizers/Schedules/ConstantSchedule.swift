/// The same rate at every step: `constant`.
public struct ConstantSchedule: ScheduleRule {
  public let title = "constant"

  public init() {}

  public func rate(_ step: Int, from base: Double, over steps: Int) -> Double { base }
}

extension ScheduleForm {
  /// The same rate at every step.
  public static let constant = ScheduleForm(ConstantSchedule())
}
