import Console
import Findings

extension GridConfiguration {
  /// Whether a recorded request is a part of this one: the same except for fewer depths, arms, levels, rates or seeds.
  ///
  /// - Throws: ``/Findings/Problem`` if it requests some that this one does not.
  func grows(from recorded: GridConfiguration) throws(Problem) -> Bool {
    var same = recorded
    same.depths = depths
    // A custom arm is the same if its definition is.
    let definitions = armDefinitions ?? [:]
    guard
      (recorded.armDefinitions ?? [:]).allSatisfy({ definitions[$0.key] ?? $0.value == $0.value })
    else { return false }
    same.arms = arms
    same.factors = factors
    guard try holdsFactors(of: recorded) else { return false }
    same.learningRates = learningRates
    (same.seeds, same.reportSeeds) = (seeds, reportSeeds)
    guard same == self else { return false }
    try Self.demandAll(recorded.depths, in: depths, "depths") { "\($0)" }
    try Self.demandAll(recorded.arms.map(\.rawValue), in: arms.map(\.rawValue), "arms") { $0 }
    try Self.demandAll(
      recorded.learningRates, in: learningRates, "learningRates", NumberFormat.plain)
    try Self.demandNone(recorded.seeds > seeds ? ["\(recorded.seeds) seeds"] : [], "seeds")
    try Self.demandNone(
      recorded.reportSeeds > reportSeeds ? ["\(recorded.reportSeeds) seeds"] : [], "reportSeeds")
    return true
  }

  /// Whether the factors of another request are those of this one, with the same levels or fewer.
  private func holdsFactors(of recorded: GridConfiguration) throws(Problem) -> Bool {
    let (own, others) = (factors ?? [], recorded.factors ?? [])
    // If one factor is changed at a time, the first levels are a part of every run.
    guard own.map(\.name) == others.map(\.name),
      design == nil || zip(own, others).allSatisfy({ $0.levels.first == $1.levels.first })
    else { return false }
    for (factor, other) in zip(own, others) {
      try Self.demandAll(other.levels, in: factor.levels, "vary") { "\(factor.name)=\($0)" }
    }
    return true
  }

  private static func demandAll<Value: Equatable>(
    _ recorded: [Value], in asked: [Value], _ setting: Setting, _ text: (Value) -> String
  ) throws(Problem) {
    try demandNone(recorded.filter { !asked.contains($0) }.map(text), setting)
  }

  private static func demandNone(_ left: [String], _ setting: Setting) throws(Problem) {
    guard !left.isEmpty else { return }
    throw Problem(
      setting: setting,
      problem: "the folder holds \(left.joined(separator: ",")) too, which would be left out",
      remedy: "include that too, or give a new folder to \(Setting.out)")
  }
}
