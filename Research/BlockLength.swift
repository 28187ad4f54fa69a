import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// How many layers a residual block should have.
struct BlockLength: ClaimStudy {
  static let name = "block-length"
  static let claim =
    "64-layer nets of 16 units train with two-layer blocks; with none, or with one-layer blocks "
    + "x + relu(xW + b), they hardly do"
  static let source =
    "fbizza's comparison on MNIST (accuracy at 64 layers: plain 0.11, one-layer blocks 0.35, two-layer blocks 0.96), after He "
    + "et al. 2016 (arXiv:1512.03385)"
  static let derivation = """
    With Glorot's weights a plain ReLU layer halves the signal's energy: 2^-64 after 64 layers. A one-layer block adds relu(xW + b), \
    which is never negative, to the stream: all blocks push in the same direction, and the growing mean swamps \
    the differences between inputs. A two-layer block ends in weights of either sign, and its additions are effectively random. All nets \
    have the same number of layers, so there are half as many two-layer blocks. The published accuracies come from more steps than here, with \
    an unstated optimizer and initialization: only the order is compared.
    """
  static let control = "plain nets in place of those with two-layer blocks"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "6 s", full: "2 min")

  private static let width = 16
  private enum Kind: String, CaseIterable {
    case plain
    case one = "one-layer blocks"
    case two = "two-layer blocks"
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let data = try Examples.glyphs(train: 2000, test: 1, key: key["pictures"]).train
    let depths = effort == .quick ? [8, 64] : [2, 8, 32, 64]
    let seeds = effort.choose(quick: 5, full: 9)
    let steps = effort.choose(quick: 2000, full: 5000)
    let accuracies: NetTable<Kind, Double> = try session.table(depths: depths, seeds: seeds) {
      [conditions] kind, depth, seed in
      let network = Self.network(
        conditions.isControl ? .plain : kind, depth, inputs: data.features.shape[1])
      return 1
        - (try Evaluation.after(
          .short(.adam, rate: 0.001, steps: steps, batch: 64, seed: conditions.seed(of: seed)),
          of: network, on: data
        ).error ?? 1)
    }
    let checks = [
      Check(
        "plain, 64 layers: accuracy", .below, 0.2, median: accuracies.interval(.plain, 64)),
      Check(
        "two-layer blocks, 64 layers: accuracy", .above, 0.4, median: accuracies.interval(.two, 64)),
      Check(
        "two-layer less one-layer blocks, of one seed", .above, 0.2,
        median: accuracies.difference(.two, less: .one, 64)),
    ]
    let chart = accuracies.chart(
      "Blocks of two layers can be stacked, plain layers cannot",
      subtitle:
        "width \(Self.width), generated digits, \(steps) steps, medians of \(seeds) seeds with their intervals",
      Axis("training accuracy", range: 0...1, format: .percent))
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  private static func network(_ kind: Kind, _ depth: Int, inputs: Int) -> any Layer {
    func dense() -> Dense { Dense(width, width, initializer: .glorot()) }
    let hidden: [any Layer] =
      switch kind {
      case .plain: plainLayers(depth, width: width, initializer: .glorot(), bias: .zero)
      case .one: (0..<depth).map { _ in Residual(Sequential(dense(), Activation.relu)) }
      case .two:
        (0..<depth / 2).map { _ in Residual(Sequential(dense(), Activation.relu, dense())) }
      }
    return Sequential(
      [Dense(inputs, width, initializer: .glorot()), Activation.relu] + hidden
        + [Dense(width, 10, initializer: .glorot())])
  }
}
