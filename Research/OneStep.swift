import Experiments
import Foundation
import Plots
import Plumbline

/// How far one step of gradient descent moves the output, for the known ways to start a deep residual net.
struct OneStep: ClaimStudy {
  static let name = "one-step"
  static let claim =
    "the output change in one step is independent of depth with branches scaled by 1/√L, DeepNorm and Fixup, and grows as ln L with pre-norm, as L "
    + "with post-norm and as 2ᴸ without a scale; trained scalars, such as ReZero's factors, add L/n"
  static let source =
    "the arms: Zhang et al. 2019 (arXiv:1901.09321), Bachlechner et al. 2020 (arXiv:2003.04887), De and Smith 2020 "
    + "(arXiv:2002.10444), Wang et al. 2022 (arXiv:2203.00555), Sun et al. 2025 (arXiv:2502.05795); the laws derived here"
  static let derivation = """
    To first order a step at rate λ changes an output by λ |∂f/∂θ|². The two matrices of a block x + V relu(W x) have \
    gradient energy n (h + e/2) g, where e is the mean square of the input of W, h that of relu(W x), and g the gradient's energy \
    after the block, 1 at the output. Scaled by 1/√L, g and h follow (1 + 1/L)^l, which adds up to 2.5e. Fixup has V = 0 and h = \
    1/L: 2. DeepNorm, N(αx + V relu(W x)) with α = L^¼ and both matrices times (4L)^(-¼), keeps g = 1 and loses α² at each norm: 1 + \
    ¾. Pre-norm has g = 1/(l + 1): 1 + 1.5 (H_(L+1) - 1); with LayerNorm scaling 1 + 1.5 Σ 1/(l (1 + H_l)), nearly flat; post-norm g \
    = 1, halved at each norm: 1 + ¾L in the mean, which rare draws dominate once L is near n. A block's trained scalar, Fixup's bias \
    and a norm's gains have gradient energy g, not n g: so ReZero (and SkipInit) move the output by 1 + L/n, independent of depth \
    only for L far below n. Fixup's biases all have the same gradient, a single number: its square is drawn, but too few draws tell its mean.
    """
  static let control = "branches of four times the energy"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "12 s", full: "3 min")

  private static let width = 64

  /// A way to start a net of L blocks.
  private struct Start: Sendable {
    let label: String, law: GradientEnergy
    /// The draws at each depth in the quick form: the more, the more the energies spread.
    let draws: [Int]
    /// The exponent of L above or below which a step's effect changes from the first depth to the last.
    var growth: (relation: Check.Relation, exponent: Double)?
    let layers: @Sendable (_ depth: Int, _ gain: Double) -> [any Layer]
  }

  private static let flat = (Check.Relation.below, 0.2), steep = (Check.Relation.above, 0.3)
  private static let starts = [
    Start(label: "1/√L", law: .scaled, draws: [160, 120, 110], growth: flat) {
      residualBlocks($0, width: width, gain: $1, scale: 1 / Double($0).squareRoot())
    },
    Start(label: "ReZero", law: .reZero, draws: [1200, 360, 200], growth: flat) { depth, gain in
      (0..<depth).map { _ in Residual(residualBranch(width: width, gain: gain), learnedScale: 0) }
    },
    Start(label: "Fixup", law: .fixup, draws: [160, 80, 60], growth: flat) { depth, gain in
      // Its blocks know how many they are: a quarter as many say that the branches have four times the energy.
      let count = gain > 1 ? (depth + 3) / 4 : depth
      return (0..<depth).map { _ in Residual.fixup(width: width, blocks: count) }
    },
    Start(label: "DeepNorm", law: .deepNorm, draws: [200, 160, 140], growth: flat) { depth, gain in
      let (skip, shrink) = (pow(Double(depth), 0.25), pow(4 * Double(depth), -0.25))
      return NormPosition.blocks(
        .post, depth, width: width, gain: gain * shrink, innerGain: shrink, skip: skip)
    },
    Start(label: "pre-norm", law: .preNorm, draws: [200, 200, 260]) {
      NormPosition.blocks(.pre, $0, width: width, gain: $1) + [RMSNorm(width)]
    },
    Start(label: "LayerNorm scaling", law: .layerNormScaling, draws: [200, 160, 160]) {
      NormPosition.blocks(.scaled, $0, width: width, gain: $1) + [RMSNorm(width)]
    },
    Start(label: "post-norm", law: .postNorm, draws: [200, 320, 100], growth: steep) {
      NormPosition.blocks(.post, $0, width: width, gain: $1)
    },
    Start(label: "no scale", law: .unscaled, draws: [160, 240, 600], growth: steep) {
      residualBlocks($0, width: width, gain: $1, scale: 1)
    },
  ]

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let allDepths = effort == .quick ? [2, 8, 32] : [4, 16, 64]
    let repetitions = effort.choose(quick: 1, full: 4)
    let gain: Double = isControl ? 2 : 1
    var checks: [Check] = []
    var (matrices, scalars): ([Series], [Series]) = ([], [])
    for start in Self.starts {
      let depths = start.law.isExplosive ? [2, 4, 8] : allDepths
      let energies = try zip(depths, start.draws).map { depth, count in
        try session.sample(
          "\(start.label) \(depth)", draws: repetitions * count, key["\(depth)"]
        ) { Self.energies(start.layers(depth, gain), $0) }
      }
      let judged = Array(depths.prefix(start.law.spreads ? 2 : 3))
      func means(_ part: Int) -> [SampleMean] {
        energies.prefix(judged.count).map { draws in SampleMean(of: draws.map { $0[part] }) }
      }
      func neglected(_ depth: Double) -> Double { start.law.neglected(depth, Double(Self.width)) }
      let ofMatrices = MeasuredLaw(
        start.label, at: judged, law: start.law.matrices, means: means(0))
      let ofScalars = MeasuredLaw(start.label, at: judged, law: start.law.scalars, means: means(1))
      let hasScalars = start.law.scalars(1) > 0
      checks += MeasuredLaw.depthByDepth(
        ofMatrices.checks(
          named: { "\(start.label), \($0) blocks: matrices" }, neglecting: neglected),
        hasScalars && !start.law.isOneSquare
          ? ofScalars.checks(
            named: { "\(start.label), \($0) blocks: scalars" }, neglecting: neglected) : [])
      checks.append(
        Check(
          "\(start.label), \(judged[judged.count - 1]) blocks: change by a small step over its first order",
          law: 1, measured: means(2)[judged.count - 1], neglecting: 2 * Self.change))
      matrices += ofMatrices.series
      if hasScalars { scalars += ofScalars.series }
      if let (relation, exponent) = start.growth {
        checks.append(
          Check(
            "\(start.label): growth of the matrices' part, against L^\(exponent)", relation,
            pow(Double(depths[2] / depths[0]), exponent),
            medianOf: zip(energies[0], energies[2]).map { $1[0] / $0[0] }))
      }
    }
    func chart(_ title: String, _ y: String, _ series: [Series]) -> Chart {
      Chart(
        title: title,
        subtitle:
          "width \(Self.width), at least \(60 * repetitions) draws, ±2 standard errors; dashed: the laws",
        x: .doubling("blocks L", [2, 4, 8, 16, 32, 64]), y: Axis(y, scale: .log10), series: series)
    }
    let charts = [
      chart("How far a step moves the output through the matrices", "|∂f/∂θ|² / n", matrices),
      chart(
        "How far a step moves it through trained scalars, which count 1/n as much", "|∂f/∂θ|²",
        scalars),
    ]
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid(charts, columns: 1))
  }

  /// The change of the output by a step, to first order.
  private static let change = 0.01

  /// |∂f/∂θ|² of one output after these blocks, by the matrices over n and by all other parameters; and the actual change of the
  /// output by a step that to first order changes it by ``change``, in units of that.
  private static func energies(_ blocks: [any Layer], _ key: Key) -> [Double] {
    // Above 0, so that ReLUs on the skip, which Fixup has, pass it on.
    let output = RandomOutput(of: Sequential(blocks), width: width, isPositive: true, key)
    let (value, gradient) = output.valueWithGradient(at: output.start)
    let (matrices, scalars) = (gradient.energy { $0.rank == 2 }, gradient.energy { $0.rank < 2 })
    var stepped = output.start
    stepped.vector = stepped.vector - gradient.vector * (change / (matrices + scalars))
    return [
      matrices / Double(width), scalars, Double(value - output.value(at: stepped)) / change,
    ]
  }
}
