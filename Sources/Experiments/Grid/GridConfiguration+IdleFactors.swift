import Console
import Findings
import Plumbline

extension GridConfiguration {
  /// The factors that make no difference to an arm, found by comparing networks.
  ///
  /// - Throws: ``/Findings/Problem`` if a factor makes no difference to any arm.
  func idleFactors(features: Int, classes: Int) throws(Problem) -> [Arm: Set<String>] {
    let factors = (self.factors ?? []).filter { trainingFactor($0.name) == nil }
    let depth = depths.min() ?? 1
    let base = Condition(factors.map { ($0.name, $0.levels[0]) })
    let known = TrainingFactor.all.map(\.name) + ["initializer", "activation"]
    var idle: [Arm: Set<String>] = [:]
    for factor in factors {
      var matters = false
      for arm in arms {
        var fingerprints: Set<Fingerprint> = []
        for level in factor.levels {
          let network = try arm.network(
            GridPoint(
              inputs: features, width: min(width, 32), classes: classes, depth: depth,
              condition: base.setting(factor.name, to: level)))
          fingerprints.insert(Fingerprint(of: network, inputs: features))
        }
        // One level alone makes a difference if the network is different without it.
        if factor.levels.count == 1 {
          let network = try? arm.network(
            GridPoint(
              inputs: features, width: min(width, 32), classes: classes, depth: depth,
              condition: base.omitting([factor.name])))
          fingerprints.insert(
            network.map { Fingerprint(of: $0, inputs: features) } ?? .none)
        }
        if fingerprints.count == 1 {
          idle[arm, default: []].insert(factor.name)
        } else {
          matters = true
        }
      }
      guard matters || factor.levels.count == 1 else {
        let nearest = EditDistance.nearest(to: factor.name, among: known)
        throw Problem(
          setting: "vary",
          problem:
            "\(factor.name) makes no difference to \(arms.map(\.rawValue).joined(separator: ", "))",
          remedy: (nearest.map { "did you mean \($0)? Otherwise " } ?? "")
            + "vary one of \(known.joined(separator: ", ")), or a factor that an arm reads")
      }
    }
    return idle
  }
}
