import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// What training makes of the Jacobians of residual branches.
struct ResidualAlignment: ClaimStudy {
  static let name = "residual-alignment"
  static let claim =
    "in trained residual nets whose branches start at 0, as many directions as there are classes carry nearly all of a branch's Jacobian, "
    + "the Jacobians of successive blocks align, and a signal moves near a straight line; the largest singular value falls with depth, but more "
    + "slowly than the published 1/L"
  static let source = "Li and Papyan 2023 (arXiv:2401.09018), on dense nets"
  static let derivation = """
    The Jacobian of the branch V relu(W h) at an example is V D W, D the units that are on; its squared singular values are the eigenvalues \
    of JᵀJ. A branch that starts at 0 has only what the gradients of ten classes wrote into it, about ten directions and much the \
    same ones in each block: so the blocks push a signal the same way, and its path is nearly straight. The share of the path's variance that is left around \
    the best line with equal steps is compared with that of a random walk, 1 - (1/10)/(1/6) = 2/5. If L blocks share a given change equally, each makes \
    1/L of it; but blocks do not align perfectly, and parts that do not add up need only fall as L^-½: the measured exponent is in between. Branches that start at \
    random, scaled by 1/√L, keep the directions of their initial matrices, and training to zero error leaves their path close to a random walk: the claim \
    needs branches that start small. Longer training with weight decay may have the same effect, which is not tested here.
    """
  static let control = "nets without skips in place of the residual ones"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "8 s", full: "1 min")

  private static let width = 48, classes = 10

  let conditions: ClaimConditions

  /// How a net starts.
  private enum Start: String, CaseIterable {
    case zero = "from 0"
    case random, plain

    var arm: Arm { self == .zero ? .zero : self == .random ? .residual : .plain }
  }

  /// Of one trained net: medians over the blocks, and the mean over examples.
  private struct Run: Codable, Sendable {
    /// The largest singular value, the share of the first ten in the energy, and the cosine to the next block's Jacobian.
    let largest: Double, share: Double, alignment: Double
    /// The variance around a line with equal steps.
    let offLine: Double
    let error: Double
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let train = try Examples.uprightGlyphs(count: 1000, key: key["pictures"])
    let depths = effort == .quick ? [8, 32] : [8, 16, 32]
    let seeds = effort.choose(quick: 9, full: 15)
    let steps = effort.choose(quick: 400, full: 1500)
    let runs: NetTable<Start, Run> = try session.table(
      depths: depths, seeds: seeds, named: { "\($0.arm.rawValue), \($1)" },
      measure: { [conditions] start, depth, seed in
        try Self.run(
          conditions.isControl ? .plain : start.arm, train, depth: depth, steps: steps,
          seed: conditions.seed(of: seed))
      })
    let fall = zip(runs[.zero, 8], runs[.zero, 32]).map { log($0.largest / $1.largest) / log(4) }
    let checks =
      [8, 32].flatMap { depth in
        [
          Check(
            "from 0, \(depth) layers: error on the training examples", .notAbove, 0.01,
            median: runs.interval(.zero, depth, \.error)),
          Check(
            "from 0, \(depth) layers: share of ten directions in the Jacobian's energy", .above,
            0.95, median: runs.interval(.zero, depth, \.share)),
          Check(
            "\(depth) layers: that share, from 0 less random", .above, 0.1,
            median: runs.difference(.zero, less: .random, depth, \.share)),
          Check(
            "from 0, \(depth) layers: cosine of successive Jacobians", .above, 0.1,
            median: runs.interval(.zero, depth, \.alignment)),
          Check(
            "from 0, \(depth) layers: a random walk's variance off the line, 0.4, over the path's",
            .above, 2,
            median: runs.interval(.zero, depth) { StraightPath.ofRandomWalk / $0.offLine }),
        ]
      } + [
        Check(
          "from 0, 8 to 32 layers: exponent of 1/L in the largest singular value", .above, 0.2,
          medianOf: fall),
        Check("from 0: by how much it stays below 1", .above, 0, medianOf: fall.map { 1 - $0 }),
      ]
    let largest = runs.interval(.zero, 8, \.largest).median
    let figure = Self.figure(
      [
        runs.chart(
          "Ten directions of \(Self.width)", Axis("share of the energy", format: .percent), \.share),
        runs.chart(
          "Off a straight line", Axis("share of the variance"),
          laws: [.law(depths) { _ in StraightPath.ofRandomWalk }], \.offLine),
        runs.chart(
          "Largest singular value", Axis("largest singular value", scale: .log10),
          laws: [.law(depths) { 8 * largest / $0 }], \.largest),
      ], title: "Branches that start at 0 align, branches that start at random do not",
      note:
        "Generated digits, \(steps) steps of Adam; medians over \(seeds) seeds with their intervals. Dashed: a random walk, and 1/L.",
      width: 1180)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  private static func run(
    _ arm: Arm, _ train: Examples<Float>, depth: Int, steps: Int, seed: Int
  ) throws -> Run {
    let network = DepthNetwork(
      arm: arm, inputs: train.features.shape[1], width: width, classes: classes, depth: depth)
    let result = try TrainingResult.after(
      .short(.adam, rate: 0.001, steps: steps, batch: 64, seed: seed), of: network, on: train)
    let trained = Parameters<Double>(converting: result.parameters)
    let pass = trained.pass()
    func weight(_ layer: Int) -> Tensor<Double> { trained["hidden.\(layer).weight"] }
    let scale = arm == .residual ? (2 / Double(depth)).squareRoot() : 1
    let examples = train.features.sliced(axis: 0, 0..<20)
    var path = [
      Tensor<Double>(converting: relu(network.input(examples, result.parameters.pass())))
    ]
    var jacobians: [Tensor<Double>] = []
    for block in 0..<network.blockCount {
      let (h, first) = (path[block], arm == .plain ? block : 2 * block)
      let z = network.hidden[first](h, pass)
      // Of the units that are on for the first example.
      let isOn = Tensor<Double>([1, width], z.scalars.prefix(width).map { $0 > 0 ? 1 : 0 })
      let inner = weight(first) * isOn
      if arm == .plain {
        jacobians.append(inner)
        path.append(relu(z))
      } else {
        jacobians.append(matmul(inner, weight(first + 1)) * scale)
        path.append(h + network.hidden[first + 1](relu(z), pass) * scale)
      }
    }
    let spectra = jacobians.map {
      eigenvalues(ofSymmetric: matmul($0.transposed(), $0)).sorted(by: >)
    }
    func norm(_ x: Tensor<Double>) -> Double { x.squared().sum().scalar.squareRoot() }
    return Run(
      largest: median(spectra.map { max($0[0], 0).squareRoot() }),
      share: median(spectra.map { $0.prefix(classes).reduce(0, +) / $0.reduce(0, +) }),
      alignment: median(
        zip(jacobians, jacobians.dropFirst()).map { ($0 * $1).sum().scalar / norm($0) / norm($1) }),
      offLine: StraightPath.offLine(path), error: result.train.error ?? 1)
  }
}
