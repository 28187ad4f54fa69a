import Console
import Findings
import Plumbline

extension GridConfiguration {
  /// The factors that make no difference to an arm, found by comparing networks.
  ///
  /// - Throws: ``/Findings/Problem`` if a factor makes no difference to any arm.
  func idleFactors(features: Int, classes: Int) throws(Problem) -> [Arm: Set<String>] {
    let factors = (self.factors ?? []).filter { trainingFactor($0.name) == nil }
    // Two depths: at one of them a rule for depth may happen to be what an arm does without it.
    let shallow = Array(Set(depths).sorted().prefix(2))
    let base = Condition(factors.map { ($0.name, $0.levels[0]) })
    let known = TrainingFactor.all.map(\.name) + ["initializer", "activation", "depth-scaling"]
    var idle: [Arm: Set<String>] = [:]
    for factor in factors {
      var matters = false
      for arm in arms {
        func fingerprint(_ depth: Int, _ condition: Condition) throws(Problem) -> Fingerprint {
          let network = try arm.network(
            GridPoint(
              inputs: features, width: min(width, 32), classes: classes, depth: depth,
              condition: condition))
          return Fingerprint(of: network, inputs: features)
        }
        var isIdle = true
        for depth in shallow where isIdle {
          var fingerprints: Set<Fingerprint> = []
          for level in factor.levels {
            fingerprints.insert(try fingerprint(depth, base.setting(factor.name, to: level)))
          }
          // One level alone makes a difference where the network is another one without it.
          if factor.levels.count == 1 {
            fingerprints.insert((try? fingerprint(depth, base.omitting([factor.name]))) ?? .none)
          }
          isIdle = fingerprints.count == 1
        }
        if isIdle {
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
