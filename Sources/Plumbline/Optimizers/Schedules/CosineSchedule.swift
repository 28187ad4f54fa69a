import Foundation

/// Half a period of a cosine from the rate down to a share of it at the end, which then stays: `cosine`. Source: Loshchilov and
/// Hutter, arXiv:1608.03983, without restarts.
public struct CosineSchedule: ScheduleRule {
  /// The share of the rate at the end.
  public var floor = 0.0
  public let title = "cosine"
  public static let fields: [Field<Self>] = [.number("floor", \.floor, in: .from(0, to: 1))]

  public init() {}

  public func rate(_ step: Int, from base: Double, over steps: Int) -> Double {
    let floor = floor * base
    return floor + (base - floor)
      * (1 + Foundation.cos(.pi * Double(min(step, steps)) / Double(steps))) / 2
  }
}

extension ScheduleForm {
  /// Half a cosine down to a share of the rate at the end of the run.
  public static func cosine(floor: Double = CosineSchedule().floor) -> ScheduleForm {
    var rule = CosineSchedule()
    rule.floor = floor
    return ScheduleForm(rule)
  }
}
