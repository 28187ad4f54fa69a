import Findings

extension GridConfiguration {
  /// Throws if it cannot be carried out on a training set of this many examples.
  func check(examples: Int) throws(Problem) {
    try Self.demandSome(depths.map { "depth \($0)" }, "depths", "depth")
    try Self.demandSome(arms.map(\.rawValue), "arms", "arm")
    for depth in depths { try check(depth: depth) }
    try checkNumbers(examples: examples)
    let factors = factors ?? []
    try Self.demandDistinct(factors.map(\.name), "vary", "factor")
    for factor in factors { try check(factor, examples: examples) }
  }

  private static func demand(
    _ condition: Bool, _ setting: Setting, _ problem: @autoclosure () -> String,
    _ remedy: @autoclosure () -> String
  ) throws(Problem) {
    if !condition { throw Problem(setting: setting, problem: problem(), remedy: remedy()) }
  }

  private static func demandSome(
    _ names: [String], _ setting: Setting, _ kind: String
  ) throws(Problem) {
    try demand(!names.isEmpty, setting, "no \(kind)", "give at least one")
    try demandDistinct(names, setting, kind)
  }

  private static func demandDistinct(
    _ names: [String], _ setting: Setting, _ kind: String
  ) throws(Problem) {
    var seen: Set<String> = []
    guard let name = names.first(where: { !seen.insert($0).inserted }) else { return }
    throw Problem(setting: setting, problem: "\(name) twice", remedy: "give every \(kind) once")
  }

  private func check(depth: Int) throws(Problem) {
    try Self.demand(
      depth >= 1, "depths", "depth \(depth)", "a depth is at least 1 hidden weight layer")
    let blocks = arms.filter { !depth.isMultiple(of: $0.layersOfABlock) }
    guard let layers = blocks.first?.layersOfABlock else { return }
    let names = blocks.filter { $0.layersOfABlock == layers }.map(\.rawValue)
      .joined(separator: ", ")
    let below = depth / layers * layers
    throw Problem(
      setting: "depths",
      problem: layers == 2
        ? "depth \(depth) is odd, but the arms \(names) consist of blocks of two layers"
        : "depth \(depth) is not a multiple of \(layers), the layers of a block of \(names)",
      remedy:
        "give \(below > 0 ? "\(below) or " : "")\(below + layers), or leave these arms out with \(Setting.arms)"
    )
  }

  private func checkNumbers(examples: Int) throws(Problem) {
    for (number, setting) in [
      (width, "width"), (steps, "steps"), (seeds, "seeds"),
    ] as [(Int, Setting)] {
      try Self.demand(number >= 1, setting, "\(number)", "give at least 1")
    }
    try Self.demand(
      reportSeeds >= 1, "reportSeeds", "\(reportSeeds)", "give at least 1; 5 or more for intervals")
    try Self.demand(
      !learningRates.isEmpty && learningRates.allSatisfy { $0 > 0 && $0.isFinite }, "learningRates",
      "\(learningRates)", "give numbers above 0")
    try Self.demand(
      (1...examples).contains(batch), "batch", "a batch of \(batch) from \(examples) examples",
      "give 1 to \(examples)")
  }

  private func check(_ factor: Factor, examples: Int) throws(Problem) {
    let name = factor.name
    let options = [
      "depth": Setting.depths.option, "arm": Setting.arms.option,
      "learning-rate": Setting.learningRates.option,
    ]
    if let option = options[name] {
      throw Problem(
        setting: "vary", problem: "\(name) is not varied by this option", remedy: "use \(option)")
    }
    try Self.demand(
      !factor.levels.isEmpty, "vary", "\(name) has no level",
      "give some: \(Setting.vary) \(name)=A,B")
    try Self.demandDistinct(factor.levels.map { "\(name)=\($0)" }, "vary", "level")
    guard let known = trainingFactor(name) else { return }
    for level in factor.levels {
      if let objection = known.objection(level, examples) {
        throw Problem(setting: "vary", problem: objection.problem, remedy: objection.remedy)
      }
    }
  }
}
