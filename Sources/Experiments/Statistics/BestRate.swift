import Foundation

/// The logarithm, of base 10, of the learning rate at which a parabola through the lowest loss and its neighbours is lowest: of the
/// losses' logarithms over those of the rates. At an end of the rates, that end.
///
/// - Parameters:
///   - rates: Two or more, ascending.
///   - losses: One for each rate, above 0; infinite where a run diverged.
public func bestRate(_ rates: [Double], losses: [Double]) -> Double {
  let logs = losses.map { log(min($0, 1e6)) }
  let least = logs.indices.min { logs[$0] < logs[$1] } ?? 0
  let x = rates.map(log10)
  guard least > 0, least < logs.count - 1 else { return x[least] }
  let (left, right) = (logs[least - 1] - logs[least], logs[least + 1] - logs[least])
  let (before, behind) = (x[least] - x[least - 1], x[least + 1] - x[least])
  // The vertex of the parabola through three points.
  let top = right * before * before - left * behind * behind
  let bottom = right * before + left * behind
  return bottom > 0 ? x[least] - top / (2 * bottom) : x[least]
}
