import Datasets
import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// ReZero's table of dense nets, reduced.
struct ReZeroTable: ClaimStudy {
  static let name = "rezero-table"
  static let claim =
    "a deep dense net whose blocks x + α relu(xW + b) start at α = 0 reaches a training loss at least a quarter smaller in the same number of steps than one without "
    + "skips, with LayerNorm or with blocks x + relu(xW + b)"
  static let source =
    "Bachlechner et al. 2020 (arXiv:2003.04887): on CIFAR-10, 64 hidden layers of 256, Adagrad at 0.01, the loss after 10 epochs "
    + "is 2.02 for plain nets and with LayerNorm, 1.87 for residual nets and 0.52 with ReZero"
  static let derivation = """
    With α = 0 the net starts as just its first and last layers whatever its depth, and every α receives a gradient at once; the \
    blocks x + relu(xW + b) with weights of variance 1/4n add up to a signal that grows with every block, which starts the loss at \
    1e5 in the published run. Only the order is compared: 32 hidden layers of 64 are used instead, on 2,000 pictures of CIFAR-10 if \
    its files are there (plumb data fetch cifar-10), and otherwise on generated digits in random colors: the published runs take hours on a CPU. The gaps are smaller here: ln of the loss over that of the others is about -0.6 to -0.8, \
    and -1.3 to -1.4 as published. The optimizer, its rate, the batch and the weights' variances are the \
    published ones.
    """
  static let control = "α = 1 at the start"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "12 s", full: "2 min")

  private static let (depth, width) = (32, 64)
  private enum Kind: String, CaseIterable {
    case plain, residual
    case layerNorm = "LayerNorm"
    case rezero = "ReZero"
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let (data, pictures) = try Self.pictures(2000, key["pictures"])
    let seeds = effort.choose(quick: 5, full: 9)
    let steps = effort.choose(quick: 500, full: 1000)
    let curves = try session.table(of: Kind.allCases, seeds: seeds, named: \.rawValue) {
      [conditions] kind, seed -> [Double] in
      let network = Self.network(
        kind, inputs: data.features.shape[1], alpha: conditions.isControl ? 1 : 0)
      let result = try TrainingResult.after(
        .short(.adagrad, rate: 0.01, steps: steps, batch: 100, seed: conditions.seed(of: seed)),
        of: network, on: data)
      // The mean loss of each epoch of 20 batches.
      return stride(from: 0, to: steps, by: 20).map { start in
        let losses = result.losses.dropFirst(start).prefix(20)
        return losses.isEmpty
          ? .greatestFiniteMagnitude : losses.reduce(0, +) / Double(losses.count)
      }
    }
    func ratio(_ kind: Kind) -> MedianInterval {
      curves.paired(.rezero, kind) { Foundation.log(($0.last ?? .nan) / ($1.last ?? .nan)) }
    }
    let checks = [
      Check(
        "ln of the last epoch's loss, ReZero over plain", .below, -0.5,
        median: ratio(.plain)),
      Check(
        "ln of the last epoch's loss, ReZero over residual", .below, -0.3,
        median: ratio(.residual)),
      Check(
        "ln of the last epoch's loss, ReZero over LayerNorm", .below, -0.3,
        median: ratio(.layerNorm)),
      Check(
        "residual: loss of the first epoch", .above, 10,
        median: curves.interval(.residual) { $0[0] }),
    ]
    let chart = Chart(
      title: "Blocks that start at zero learn at once",
      subtitle:
        "\(Self.depth) hidden layers of \(Self.width), \(pictures), \(seeds) seeds, medians with their intervals",
      x: Axis("epoch of 20 steps"), y: Axis("training loss (nats)", scale: .log10),
      series: Kind.allCases.map { kind in
        .medians(kind.rawValue, (1...steps / 20).map(Double.init), over: curves[kind])
      })
    return CheckedClaim(of: self, checks: checks, figure: FigureGrid([chart]))
  }

  /// The first pictures of CIFAR-10 if its files are found, and generated digits in color otherwise, with what they are in words.
  private static func pictures(
    _ count: Int, _ key: Key
  ) throws -> (examples: Examples<Float>, words: String) {
    guard let set = try StudyData.found("cifar-10")?.train else {
      return (try colouredDigits(count, key), "generated digits in color")
    }
    return (Examples(set.selecting(0..<min(count, set.exampleCount))), "pictures of CIFAR-10")
  }

  /// Digits in one random color on another, three numbers for each pixel.
  private static func colouredDigits(_ count: Int, _ key: Key) throws -> Examples<Float> {
    let grey = Examples<Float>(try Glyphs(key: key).dataset(count: count))
    let pixels = grey.features.shape[1]
    var values: [Float] = []
    values.reserveCapacity(count * pixels * 3)
    let scalars = grey.features.scalars
    for example in 0..<count {
      let colours = key["colours"][example].normal(6).map(Float.init)
      for channel in 0..<3 {
        let (ink, paper) = (colours[channel], colours[3 + channel])
        for pixel in 0..<pixels {
          values.append(paper + scalars[example * pixels + pixel] * (ink - paper))
        }
      }
    }
    return Examples(features: Tensor([count, 3 * pixels], values), targets: grey.targets)
  }

  private static func network(_ kind: Kind, inputs: Int, alpha: Double) -> any Layer {
    func dense(_ inputs: Int, variance: Double) -> Dense {
      Dense(
        inputs, width,
        initializer: .varianceScaling(gain: variance.squareRoot(), .normal, fan: .input))
    }
    let hidden = (0..<depth).flatMap { _ -> [any Layer] in
      switch kind {
      case .plain: [dense(width, variance: 2), Activation.relu]
      case .layerNorm: [dense(width, variance: 2), LayerNorm(width), Activation.relu]
      case .residual: [Residual(Sequential(dense(width, variance: 0.25), Activation.relu))]
      case .rezero:
        [
          Residual(
            Sequential(dense(width, variance: 2), Activation.relu), learnedScale: alpha)
        ]
      }
    }
    return Sequential(
      [dense(inputs, variance: 2), Activation.relu] + hidden
        + [Dense(width, 10, initializer: .lecun())])
  }
}
