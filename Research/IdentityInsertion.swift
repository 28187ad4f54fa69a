import Datasets
import Experiments
import Plots
import Plumbline
import Training

/// "In theory deeper can only be better on the training set": a deep network whose extra layers are the identity computes
/// what the shallow one does. That solution is put together here and checked to the bit; then solvers look for one as
/// good.
struct IdentityInsertion: ClaimStudy {
  static let name = "constructed-solution"
  static let claim =
    "a deep plain network can compute what a trained shallow one does, to the bit, and solvers end above that "
    + "loss; residual networks do not"
  static let source = "He et al. 2016 (arXiv:1512.03385), section 1, on dense nets"
  static let control =
    "a network that was trained from scratch in place of the one that was put together"
  static let cost = (quick: "under 1 min", full: "about 2 min")

  private var depths: GridConfiguration {
    var configuration = GridConfiguration()
    configuration.arms = [.plain, .residual]
    configuration.depths = [4, 16, 64]
    configuration.seeds = effort.choose(quick: 1, full: 3)
    configuration.steps = effort.choose(quick: 200, full: 400)
    configuration.width = effort.choose(quick: 48, full: 64)
    configuration.learningRates =
      effort == .quick ? [3e-4, 1e-3, 3e-3] : [1e-4, 3e-4, 1e-3, 3e-3, 1e-2]
    return configuration
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let configuration = depths
    let pictures = try Glyphs(key: key["pictures"]).dataset(
      count: effort.choose(quick: 3000, full: 10_000))
    let study = try ConstructedSolutionStudy(
      configuration,
      trainingSet: Normalization(fitting: pictures, scope: .global).applied(to: pictures))
    let pairs = try study.pairs(in: session)
    return CheckedClaim(
      of: self, checks: pairs.flatMap(checks), figure: Self.figure(pairs, configuration))
  }

  /// The predictions. None of them has a tolerance: the first three are exact, and the others are signs.
  private func checks(_ pair: ConstructedSolutionStudy.Pair) -> [Check] {
    typealias Pair = ConstructedSolutionStudy.Pair
    let label = "\(pair.arm.rawValue), \(pair.shallow) in \(pair.deep) layers"
    func exact(_ quantity: String, _ measured: Double) -> Check {
      Check(
        "\(label): \(quantity)", predicted: 0, measured: measured, standardError: 0, tolerance: 0)
    }
    func largest(_ value: (Evaluation) -> Double?) -> Double {
      zip(isControl ? pair.scratch : pair.constructed, pair.trained).map {
        abs((value($0) ?? 1) - (value($1) ?? 1))
      }.max()
        ?? .infinity
    }
    let missed = Pair.difference(\.loss, of: pair.scratch, from: pair.constructed)
    let missedError = Pair.difference(\.error, of: pair.scratch, from: pair.constructed)
    let continued = Pair.difference(\.loss, of: pair.continued, from: pair.constructed)
    let relation: Check.Relation = pair.arm == .plain ? .above : .notAbove
    return [
      exact("outputs that differ in a bit", Double(pair.differingOutputs.reduce(0, +))),
      exact("deviation in loss", largest(\.loss)), exact("deviation in error", largest(\.error)),
      Check("\(label): from scratch, loss above the construction's", relation, 0, median: missed),
      Check(
        "\(label): from scratch, error above the construction's", relation, 0, median: missedError),
      Check(
        "\(label): trained on from the construction, loss above it", .notAbove, 0,
        median: continued),
    ]
  }

  // MARK: The figure

  private static func figure(
    _ pairs: [ConstructedSolutionStudy.Pair], _ configuration: GridConfiguration
  ) -> FigureGrid {
    FigureGrid(
      configuration.arms.map { arm in chart(arm, pairs.filter { $0.arm == arm }) },
      title: "What solvers make of a deep network that holds a trained shallow one",
      caption: Caption(
        "Training loss, medians of \(configuration.reportSeeds) seeds with their 90 % intervals, \(configuration.steps) "
          + "steps of Adam each, rates searched on one grid. Constructed: the shallow net's, to the bit; trained on: "
          + "as many steps more from there; at the left end the shallow net itself, after as many steps more.",
        source: source))
  }

  private static func chart(
    _ arm: Arm, _ pairs: [ConstructedSolutionStudy.Pair]
  ) -> Chart {
    /// A line that starts at the shallow net.
    func series(
      _ label: String, _ slot: Int,
      shallow: (ConstructedSolutionStudy.Pair) -> [Evaluation],
      _ runs: (ConstructedSolutionStudy.Pair) -> [Evaluation]
    ) -> Series {
      let start = pairs.first.map { [(Double($0.shallow), shallow($0))] } ?? []
      let points = (start + pairs.map { (Double($0.deep), runs($0)) }).map { depth, runs in
        let interval = MedianInterval(of: runs.map(\.loss))
        return Series.Point(depth, interval.median, lower: interval.low, upper: interval.high)
      }
      return Series(label, points, slot: slot)
    }
    return Chart(
      title: arm.rawValue,
      x: Axis(
        "hidden weight layers", scale: .log2,
        ticks: pairs.prefix(1).map { Double($0.shallow) } + pairs.map { Double($0.deep) }),
      y: Axis("training loss", scale: .log10),
      series: [
        series("from scratch", 0, shallow: \.trained, \.scratch),
        series("constructed", 1, shallow: \.trained, \.constructed),
        series("trained on", 2, shallow: \.shallowContinued, \.continued),
      ])
  }
}
