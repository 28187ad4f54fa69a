import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// How deep a net with stochastic depth is during training, and of what its test-time output is the mean.
struct StochasticDepthLaw: ClaimStudy {
  static let name = "stochastic-depth"
  static let claim =
    "with survival probabilities 1 - l/2L, (3L - 1)/4 of L blocks are trained per step on average; the test-time output is the "
    + "mean over the steps' nets, exactly if blocks are linear; a net of 24 blocks can be trained this way"
  static let source = "Huang et al. 2016 (arXiv:1603.09382); variance and linear nets derived here"
  static let derivation = """
    Block l of L survives a step with probability p = 1 - l/2L, so the number of survivors has mean Σp = (3L - 1)/4 and \
    variance Σp(1 - p) = (L + 1)(4L - 1)/(24L). A surviving branch is divided by p here (the paper multiplies by p at test time), so that \
    its mean is the whole branch. A linear net is a sum of products over paths, and different blocks are drawn independently, so \
    the mean of its output is the output of the whole net. With ReLUs that is an approximation. A third part trains with constant \
    and with stochastic depth from the same seeds. The paper's smaller error on held-out examples is not seen on dense nets and \
    generated digits: here it is 3 points larger in the median, with an interval around 0, so only the training is claimed.
    """
  static let control =
    "a last block that survives with 0.7, and test-time outputs of branches that are not divided by p"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "6 s", full: "30 s")

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let draws = effort.choose(quick: 2000, full: 8000)
    let last = isControl ? 0.7 : 0.5
    let depths = [6, 18, 54]
    let counts = try depths.map { depth in
      try session.means("\(depth) blocks", draws: draws, key["count \(depth)"]) { key in
        let count = Self.survivors(depth, last: last, key)
        let mean = (3 * Double(depth) - 1) / 4
        return [count, (count - mean) * (count - mean)]
      }
    }
    let survivors = MeasuredLaw(
      "measured", at: depths, law: { (3 * $0 - 1) / 4 }, means: counts.map { $0[0] })
    let variance = MeasuredLaw(
      "variance", at: depths, law: { ($0 + 1) * (4 * $0 - 1) / (24 * $0) },
      means: counts.map { $0[1] })
    var checks = MeasuredLaw.depthByDepth(
      survivors.checks { "\($0) blocks: survivors of a step" },
      variance.checks { "\($0) blocks: variance of their number" })
    for (title, isLinear) in [("linear branches", true), ("ReLU branches", false)] {
      let errors = try session.value(title) { [key, isControl] in
        Self.deviations(draws: draws, isLinear: isLinear, scale: isControl ? 0.5 : 1, key[title])
      }
      checks.append(
        Check(
          "\(title): mean output in training over that at test time, \(isLinear ? "exactly" : "about")",
          law: 1, measured: errors, neglecting: isLinear ? 0 : 0.1))
    }
    let survivals = [1, 0.5]
    let trained = try errors(survivals, in: session)
    checks.append(
      Check(
        "24 blocks trained so: error on other examples", .below, 0.2,
        median: trained.interval(survivals[1])))
    let figure = Self.figure(
      [
        Chart(
          title: "Blocks trained per step", x: .doubling("blocks L", depths),
          y: Axis("survivors"), series: survivors.series),
        Chart(
          title: "Error on other examples", x: Axis("survival of the last block", range: 0.4...1.1),
          y: Axis("error", format: .percent),
          series: [trained.series("24 blocks", survivals, survivals, style: .points)]),
      ],
      title: "Stochastic depth trains three quarters of the blocks per step",
      note:
        "Left: \(draws) steps, ±2 standard errors; dashed: (3L - 1)/4. Right: generated digits; medians with their intervals.",
      width: 900)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  /// Adds up what survives of an input of 1, times the probability by which the library divides it, which gives the number of
  /// survivors.
  private struct Survivors: Layer {
    let blocks: [StochasticDepth]

    func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
      blocks.reduce(x * 0) { $0 + $1(x, pass) * $1.survival }
    }
  }

  /// What skips the branches of this many blocks.
  private static func skipped(_ blocks: Int, last: Double) -> [StochasticDepth] {
    (1...blocks).map {
      StochasticDepth(survival: StochasticDepth.linearDecay(block: $0, of: blocks, last: last))
    }
  }

  private static func survivors(_ depth: Int, last: Double, _ key: Key) -> Double {
    let network = Survivors(blocks: skipped(depth, last: last))
    let parameters = Parameters<Double>(of: network, key: key)
    return network(Tensor([1], [1]), parameters.pass(mode: .training, key: key)).scalars[0]
  }

  /// The mean over draws of the output in training, along the test-time output and relative to it.
  private static func deviations(
    draws count: Int, isLinear: Bool, scale: Double, _ key: Key
  ) -> SampleMean {
    let (depth, width) = (16, 24)
    let network = Sequential(
      skipped(depth, last: 0.5).map {
        Residual(
          Sequential(residualBranch(width: width, isLinear ? .linear : .relu), $0),
          scale: 1 / Double(depth).squareRoot())
      })
    let parameters = Parameters<Double>(of: network, key: key["weights"])
    let x: Tensor<Double> = key["input"].normalTensor([1, width])
    // The test-time output of a net whose branches are not divided by p has different branches.
    let whole = network(x, parameters.pass(mode: .inference)) * scale + x * (1 - scale)
    let energy = whole.squared().sum().scalar
    let passes = draws(count) { draw in
      let output = network(x, parameters.pass(mode: .training, key: key["draw"][draw]))
      return (output * whole).sum().scalar / energy
    }
    return SampleMean(of: passes)
  }

  /// Errors on other examples of nets of 24 blocks, trained with each of these probabilities of the last block.
  private func errors(
    _ survivals: [Double], in session: StudySession
  ) throws -> SeedTable<Double, Double> {
    let (train, test) = try Examples.glyphs(train: 1000, test: 1000, key: key["pictures"])
    let seeds = effort.choose(quick: 5, full: 15)
    let steps = effort.choose(quick: 600, full: 3000)
    return try session.table(
      of: survivals, seeds: seeds, named: { "survival to \($0)" },
      measure: { [conditions] last, seed in
        let (blocks, width) = (24, 32)
        let network = BlockNetwork(
          of: train, width: width,
          blocks: Self.skipped(blocks, last: last).map {
            Residual(
              Sequential(Dense(width, width), Activation.relu, Dense(width, width), $0),
              scale: 1 / Double(blocks).squareRoot())
          })
        return try TrainingResult.after(
          .short(.adam, rate: 0.002, steps: steps, batch: 64, seed: conditions.seed(of: seed)),
          of: network, on: train, test: test
        ).test?.error ?? 1
      })
  }
}
