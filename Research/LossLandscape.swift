import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// The loss around the solution that training found, along two directions.
struct LossLandscape: ClaimStudy {
  static let name = "loss-landscape"
  static let claim =
    "along filter-normalized random directions the loss around a trained deep residual net is a wide basin, and around a plain net "
    + "of the same depth and loss a narrow one"
  static let source = "Li et al. 2018 (arXiv:1712.09913), on dense nets"
  static let derivation = """
    A ReLU net's weights can be scaled up in one layer and down in the next without changing its function, so directions are \
    compared only after matching the scale of the weights: each unit's incoming weights in a random direction get the length of the net's own \
    (filter normalization), and biases stay. At distance 1 every weight has changed by as much as its size. \
    Each layer of a plain net changes the signal by that share, and L of them by √L times it; of a residual net's signal a branch \
    carries only a share of 1/√L, so all of them together change it by that share, at any depth. The basin is where the loss is \
    below ln 10, the loss of guessing, in the square of half that distance. A basin would look wider around a lower center, so each residual net is trained only \
    until its loss is that of the plain net with the same seed.
    """
  static let control = "the two kinds of net exchanged"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "5 s", full: "2 min")

  private static let (depth, width) = (32, 32)

  let conditions: ClaimConditions

  /// The loss at each position, a row for each β.
  private struct Run: Codable, Sendable {
    let losses: [[Double]]
    var center: Double { losses[losses.count / 2][losses.count / 2] }
    /// The share of the square where the loss is below that of guessing.
    var basin: Double {
      let all = losses.joined()
      return Double(all.count { $0 < Foundation.log(10) }) / Double(all.count)
    }
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let data = try Examples.glyphs(train: 1000, test: 1, key: key["pictures"]).train
    let arms = [Arm.plain, .residual]
    let seeds = effort.choose(quick: 9, full: 15)
    let points = effort.choose(quick: 17, full: 41)
    let steps = effort.choose(quick: 500, full: 2000)
    let positions = (0..<points).map { Double($0) / Double(points - 1) - 0.5 }
    let pairs = try session.values(
      (1...seeds).map { "pair of seed \($0)" }, stage: "landscapes"
    ) { [conditions, key] index -> [Run] in
      func run(_ arm: Arm, until target: Double) throws -> Run {
        try Self.run(
          arm, data, positions, steps: steps, until: target,
          seed: conditions.seed(of: index + 1), key["direction"][index + 1])
      }
      let order: [Arm] = conditions.isControl ? [.residual, .plain] : [.plain, .residual]
      let first = try run(order[0], until: 0)
      return [first, try run(order[1], until: first.center)]
    }
    let (plain, residual) = (pairs.map { $0[0] }, pairs.map { $0[1] })
    let checks = [
      Check(
        "plain: loss at the center", .below, 1.2, medianOf: plain.map(\.center)),
      Check(
        "residual less plain, of one seed: loss at the center", .notAbove, 0,
        medianOf: zip(residual, plain).map { $0.center - $1.center }),
      Check(
        "plain less residual, of one seed: loss at the center", .below, 0.3,
        medianOf: zip(residual, plain).map { $1.center - $0.center }),
      Check(
        "residual: share of the square below the loss of guessing", .above, 0.2,
        medianOf: residual.map(\.basin)),
      Check(
        "plain: share of the square below the loss of guessing", .below, 0.2,
        medianOf: plain.map(\.basin)),
      Check(
        "residual less plain, of one seed: that share", .above, 0.05,
        medianOf: zip(residual, plain).map { $0.basin - $1.basin }),
    ]
    let charts = zip(arms, [plain[0], residual[0]]).map { arm, run in
      Chart(
        title: arm.rawValue, x: Axis("α, of the weights' own size", range: -0.5...0.5),
        y: Axis("β, of the weights' own size", range: -0.5...0.5), series: [],
        field: ContourField(
          x: positions, y: positions, values: run.losses,
          levels: [0.1, 0.3, 1, 2.3, 5, 10, 30, 100], scale: .log10), plotHeight: 340)
    }
    let figure = Self.figure(
      charts, title: "The loss around a plain and a residual net trained to the same loss",
      note:
        "Training loss (cross-entropy, nats) of \(Self.depth) hidden layers of \(Self.width) along two filter-normalized random directions; the loss of guessing is 2.3.",
      width: 900)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  private static func run(
    _ arm: Arm, _ data: Examples<Float>, _ positions: [Double], steps: Int, until target: Double,
    seed: Int, _ key: Key
  ) throws -> Run {
    let network = DepthNetwork(
      arm: arm, inputs: data.features.shape[1], width: width, classes: 10, depth: depth)
    let seen = data.prefix(500)
    var trainer = try Trainer(
      network, on: data, .short(.adam, rate: 0.001, steps: steps, batch: 64, seed: seed))
    for step in 1...steps {
      _ = try trainer.step()
      guard target > 0 && step.isMultiple(of: 4) else { continue }
      let loss = Evaluation(of: network, trainer.parameters, on: seen, loss: .crossEntropy).loss
      if loss <= target { break }
    }
    let trained = trainer.parameters
    let (first, second) = (direction(of: trained, key["α"]), direction(of: trained, key["β"]))
    return Run(
      losses: positions.map { beta in
        positions.map { alpha in
          var moved = trained
          moved.vector = trained.vector + first * alpha + second * beta
          let loss = Evaluation(of: network, moved, on: seen, loss: .crossEntropy).loss
          return loss.isFinite ? loss : .greatestFiniteMagnitude
        }
      })
  }

  /// A random direction whose incoming weights of each unit are as long as those of the net; 0 for the biases.
  static func direction(of parameters: Parameters<Float>, _ key: Key) -> Tensor<Float> {
    Tensor.concatenate(
      parameters.layout.entries.map { entry in
        let own = parameters[entry.name]
        guard entry.shape.rank == 2 else { return own.flattened() * 0 }
        let random = Tensor<Float>(
          entry.shape, nearestTo: key[entry.name].normal(entry.shape.elementCount))
        func lengths(_ weight: Tensor<Float>) -> Tensor<Float> {
          sqrt(weight.squared().sum(alongAxes: [0], keepingAxes: true))
        }
        return (random * (lengths(own) / lengths(random))).flattened()
      })
  }
}
