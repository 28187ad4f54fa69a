import Experiments
import Plumbline

/// The number of layers of the network that the others contain.
private let shallow = 4

/// An arm whose runs start as a trained shallow network: the extra layers of the deep one are the identity.
///
/// - Parameter isExact: Whether they are exactly the identity; otherwise one layer is off by a thousandth, as in the control.
private func grown(_ arm: Arm, isExact: Bool = true) -> Arm {
  arm.starting(
    "\(arm.rawValue)-grown",
    summary: "\(arm.rawValue), initialized as a trained net of \(shallow) layers",
    definition: isExact ? "1" : "1, inexact"
  ) { start in
    guard let solution = try solution(arm, start.point) else {
      return try start.trained(arm.network(start.point))
    }
    var values = solution.parameters(
      from: try start.trained(solution.shallow), key: start.settings.key["parameters"])
    if !isExact {
      // The last layer of the first extra block.
      let name = "hidden.\(shallow + arm.layersOfABlock - 1).weight"
      values[name] = values[name] + 0.001
    }
    return values
  }
}

/// The construction; `nil` if the network is the shallow one itself.
private func solution(_ arm: Arm, _ point: GridPoint) throws -> ConstructedSolution? {
  point.depth == shallow ? nil : try ConstructedSolution(arm: arm, shallow: shallow, in: point)
}

/// The number of outputs on the training set whose initial bits differ from those of the shallow network.
private let differingOutputs = Measure(
  "differing-outputs", summary: "initial outputs that differ from the shallow net's in any bit"
) { run in
  guard let arm = [Arm.plain, .residual].first(where: { run.arm == "\($0.rawValue)-grown" }),
    let solution = try solution(arm, run.point)
  else { return 0 }
  let trained = try run.start.trained(solution.shallow)
  let small = solution.shallow(run.train.features, trained.pass()).scalars
  let large = run.initial.pass().output(of: run.network, run.train.features).scalars
  return Double(zip(small, large).count { $0.bitPattern != $1.bitPattern })
}

/// "In theory deeper can only be better on the training set": a deep network whose extra layers are the identity computes
/// what the shallow one does. That solution is constructed here and checked to the bit; then optimizers search for an equally good
/// one.
let constructedSolution = Experiment(
  "constructed-solution",
  claim:
    "a deep plain network can compute exactly what a trained shallow one does, yet training it from scratch ends at a higher "
    + "loss; residual networks do not have this problem",
  source: "He et al. 2016 (arXiv:1512.03385), section 1, on dense nets",
  cost: (quick: "under 1 min", full: "about 5 min"),
  arms: [.plain, .residual, grown(.plain), grown(.residual)], depths: [shallow, 16, 64],
  predictions: [
    .equals(.measure("differing-outputs", of: "plain-grown"), 0),
    .equals(.measure("differing-outputs", of: "residual-grown"), 0),
    .isBelow(.measure("start-loss", of: "plain-grown"), "plain"),
    .isBelow(
      .measure("start-error", of: "plain-grown"), .measure(Measure.trainError, of: "plain")),
    .isNotAbove("residual", .measure("start-loss", of: "residual-grown")),
    .isNotAbove("plain-grown", .measure("start-loss", of: "plain-grown")),
    .isNotAbove("residual-grown", .measure("start-loss", of: "residual-grown")),
  ],
  measures: [differingOutputs],
  control: .init(
    "one of the extra layers is the identity only to within a thousandth",
    arms: [grown(.plain, isExact: false), grown(.residual, isExact: false)]),
  finding: "A deep plain net contains a trained shallow one, but training ends above its loss",
  data: "glyphs",
  full: { $0.measures = ["differing-outputs", "start-loss", "start-error"] },
  quick: {
    $0.measures = ["differing-outputs", "start-loss", "start-error"]
    $0.width = 48
  })
