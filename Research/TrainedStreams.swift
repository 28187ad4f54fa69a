import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// What training does to the matrices that mix residual streams.
struct TrainedStreams: ClaimStudy {
  static let name = "trained-streams"
  static let claim =
    "training drives freely mixed streams away from keeping a signal, by more the deeper the net is; matrices made by Sinkhorn's "
    + "iterations or from permutations keep its sum at any depth"
  static let source =
    "hyper-connections: Zhu et al. 2024 (arXiv:2409.19606); doubly stochastic ones: Xie et al. 2025 (arXiv:2512.24880), on dense nets"
  static let derivation = """
    Between two blocks a matrix M mixes the streams. Starting at the identity, free matrices drift under Adam by about the rate with each \
    step, whatever the size of their gradient, and all in the direction that helps: of L such matrices the product multiplies some signal by \
    exp of L times the drift. What is measured is the logarithm of the product's largest sum of absolute values in a row, its gain for a signal, and in \
    a column, its gain for a gradient. A doubly stochastic matrix has 1 in both, and so has every product of such matrices. \
    Sinkhorn's iterations end with the rows, so that the rows' gain is exact, and the error that 20 of them leave is in the columns.
    """
  static let control = "free matrices in place of Sinkhorn's and permutations'"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "4 s", full: "2 min")

  private static let width = 32, streams = 4
  private enum Mixing: String, CaseIterable {
    case free
    case sinkhorn = "Sinkhorn"
    case permuted

    var arm: String {
      switch self {
      case .free: "hyper-connections"
      case .sinkhorn: "sinkhorn-connections"
      case .permuted: "permuted-connections"
      }
    }
  }

  let conditions: ClaimConditions

  /// The logarithms of the gains, and the loss at the end.
  private struct Run: Codable, Sendable {
    let row: Double, column: Double, loss: Double
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let (train, _) = try Examples.glyphs(train: 2000, test: 10, key: key["pictures"])
    let depths = effort == .quick ? [8, 32] : [8, 32, 128]
    let seeds = effort.choose(quick: 5, full: 9)
    let steps = effort.choose(quick: 100, full: 300)
    let runs: NetTable<Mixing, Run> = try session.table(
      depths: depths, seeds: seeds, named: { "\($0.arm), \($1)" },
      measure: { [conditions] mixing, depth, seed in
        try Self.run(
          (conditions.isControl ? .free : mixing).arm, train, depth: depth, steps: steps,
          seed: conditions.seed(of: seed))
      })
    let (shallow, deep) = (depths[0], depths[depths.count - 1])
    var checks = [
      Check(
        "free: ln of the rows' gain, \(deep) layers", .above, 0.1,
        median: runs.interval(.free, deep, \.row)),
      Check(
        "free: ln of the rows' gain, \(deep) layers less \(shallow)", .above, 0,
        median: runs.paired(.free, deep, shallow) { $0.row - $1.row }),
    ]
    for mixing in [Mixing.sinkhorn, .permuted] {
      checks.append(
        Check(
          "\(mixing.rawValue): ln of the rows' gain, \(deep) layers, without its sign", .below,
          1e-5, median: runs.interval(mixing, deep) { abs($0.row) }))
    }
    checks += [
      Check(
        "permutations: ln of the columns' gain, \(deep) layers", .below, 1e-5,
        median: runs.interval(.permuted, deep, \.column)),
      Check(
        "free less Sinkhorn of the same seed: ln of the columns' gain, \(deep) layers", .above, 0,
        median: runs.difference(.free, less: .sinkhorn, deep, \.column)),
    ]

    let figure = Self.figure(
      [
        runs.chart("Forward", Axis("ln of the largest row sum"), \.row),
        runs.chart("Backward", Axis("ln of the largest column sum"), \.column),
        runs.chart("Training loss", Axis("nats"), \.loss),
      ], title: "Trained free mixing multiplies a signal, doubly stochastic mixing keeps it",
      note:
        "Generated digits, width \(Self.width), \(Self.streams) streams, \(steps) steps; medians over \(seeds) seeds with their intervals.",
      width: 1100)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  private static func run(
    _ kind: String, _ train: Examples<Float>, depth: Int, steps: Int, seed: Int
  ) throws -> Run {
    let point = GridPoint(of: train, width: width, depth: depth)
    guard let network = try Arm(rawValue: kind)?.network(point) as? BlockNetwork,
      let blocks = network.hidden[0] as? HyperConnections
    else { fatalError("the arm \(kind) has streams") }
    let result = try TrainingResult.after(
      .short(.adam, rate: 0.003, steps: steps, batch: 32, seed: seed), of: network, on: train)
    // In double precision, so that any remaining deviation comes from the matrices themselves.
    let product = blocks.mix.indices.reduce(Tensor<Double>.identity(streams)) { product, block in
      let logits = result.parameters["hidden.0.mix.\(block)"]
      let exact = Tensor<Double>(logits.shape, logits.scalars.map(Double.init))
      return matmul(blocks.matrix(from: exact), product)
    }
    func gain(_ axis: Int) -> Double {
      log(abs(product).sum(alongAxes: [axis]).scalars.max() ?? 0)
    }
    return Run(row: gain(1), column: gain(0), loss: result.train.loss)
  }
}
