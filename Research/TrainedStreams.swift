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
  private static let kinds = ["hyper-connections", "sinkhorn-connections", "permuted-connections"]
  private static let labels = ["free", "Sinkhorn", "permuted"]

  let conditions: ClaimConditions

  private struct Net: Hashable {
    let kind: Int, depth: Int
    var name: String { "\(kinds[kind]), \(depth)" }
  }

  /// The logarithms of the gains, and the loss at the end.
  private struct Run: Codable, Sendable {
    let row: Double, column: Double, loss: Double
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let (train, _) = try Examples.glyphs(train: 2000, test: 10, key: key["pictures"])
    let depths = effort == .quick ? [8, 32] : [8, 32, 128]
    let seeds = effort.choose(quick: 5, full: 9)
    let steps = effort.choose(quick: 100, full: 300)
    let runs = try session.table(
      of: Self.kinds.indices.flatMap { kind in depths.map { Net(kind: kind, depth: $0) } },
      seeds: seeds, named: \.name
    ) { [conditions] net, seed in
      try Self.run(
        Self.kinds[conditions.isControl ? 0 : net.kind], train, depth: net.depth, steps: steps,
        seed: conditions.seed(of: seed))
    }
    func interval(_ kind: Int, _ depth: Int, _ value: (Run) -> Double) -> MedianInterval {
      runs.interval(Net(kind: kind, depth: depth), value)
    }
    func paired(_ one: Net, _ other: Net, _ value: (Run) -> Double) -> MedianInterval {
      runs.paired(one, other) { value($0) - value($1) }
    }
    let (shallow, deep) = (depths[0], depths[depths.count - 1])
    var checks = [
      Check(
        "free: ln of the rows' gain, \(deep) layers", .above, 0.1,
        median: interval(0, deep, \.row)),
      Check(
        "free: ln of the rows' gain, \(deep) layers less \(shallow)", .above, 0,
        median: paired(Net(kind: 0, depth: deep), Net(kind: 0, depth: shallow), \.row)),
    ]
    for kind in [1, 2] {
      checks.append(
        Check(
          "\(Self.labels[kind]): ln of the rows' gain, \(deep) layers, without its sign", .below,
          1e-5, median: interval(kind, deep) { abs($0.row) }))
    }
    checks += [
      Check(
        "permutations: ln of the columns' gain, \(deep) layers", .below, 1e-5,
        median: interval(2, deep, \.column)),
      Check(
        "free less Sinkhorn of the same seed: ln of the columns' gain, \(deep) layers", .above, 0,
        median: paired(Net(kind: 0, depth: deep), Net(kind: 1, depth: deep), \.column)),
    ]
    let x = depths.map(Double.init)
    func chart(_ title: String, _ label: String, _ value: (Run) -> Double) -> Chart {
      Chart(
        title: title, x: Axis("layers", scale: .log2, ticks: x), y: Axis(label),
        series: Self.kinds.indices.map { kind in
          .medians(Self.labels[kind], x, depths.map { interval(kind, $0, value) })
        })
    }
    let figure = FigureGrid(
      [
        chart("Forward", "ln of the largest row sum", \.row),
        chart("Backward", "ln of the largest column sum", \.column),
        chart("Training loss", "nats", \.loss),
      ], title: "Trained free mixing multiplies a signal, doubly stochastic mixing keeps it",
      caption: Caption(
        "Generated digits, width \(Self.width), \(Self.streams) streams, \(steps) steps; medians over \(seeds) seeds with their intervals.",
        source: Self.source), width: 1100)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  private static func run(
    _ kind: String, _ train: Examples<Float>, depth: Int, steps: Int, seed: Int
  ) throws -> Run {
    let point = GridPoint(
      inputs: train.features.shape[1], width: width, classes: 10, depth: depth)
    guard let network = try Arm(rawValue: kind)?.network(point) as? BlockNetwork,
      let blocks = network.hidden[0] as? HyperConnections
    else { fatalError("the arm \(kind) has streams") }
    let result = try TrainingRun(
      network, on: train, .short(.adam, rate: 0.003, steps: steps, batch: 32, seed: seed),
      evaluationInterval: 0
    ).result()
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
