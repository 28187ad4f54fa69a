import Training

/// A layer all of whose units are off for every example, so that no gradient goes through it.
struct DeadLayer {
  let layer: String
  /// The first step at which its gradient was exactly zero.
  let since: Int
  let units: Int
  let rate: Double

  /// The first such layer: later layers may have died because of it.
  init?(_ evidence: Evidence) {
    guard let end = evidence.end else { return nil }
    for position in end.activations
    where position.function.isZeroBelowZero && position.units > 0
      && position.dead.count == position.units
    {
      let records = evidence.gradients.filter {
        $0.name.hasPrefix(position.layer + ".")
          && !$0.name.dropFirst(position.layer.count + 1).contains(".")
      }
      guard let since = records.compactMap(\.zeroSince).min(),
        records.allSatisfy({ $0.zeroSince != nil })
      else { continue }
      layer = position.layer
      self.since = since
      units = position.units
      rate = evidence.settings.learningRate
      return
    }
    return nil
  }
}
