import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// What happens to a residual net whose shortcuts are not identities.
struct IdentityShortcuts: ClaimStudy {
  static let name = "identity-shortcuts"
  static let claim =
    "a shortcut that multiplies by λ multiplies the gradient by λ^L over L blocks, and its energy by (λ² + η²)^L with branches of scale η; "
    + "64-layer nets train with λ at or near 1, worse with half of both, and not with gates of ½ or dropout"
  static let source =
    "He et al. 2016 (arXiv:1603.05027), table 1 (error of ResNet-110 in %: identity 6.6, a gate on the shortcut that starts at bias -6 6.9, half "
    + "of both 12.4, such a gate at 0 12.9, dropout fails), here on dense nets; the energies derived here"
  static let derivation = """
    The derivative of λx + F(x) is λ + F', and multiplied out over L blocks the path along the shortcuts has the factor λ^L, which no \
    branch affects. A branch η V relu(W x) is independent of the shortcut and adds η² to the energy's factor, which becomes \
    (λ² + η²)^L on average, at any width. A gate 1 - g that starts with zero weights and bias b has λ = 1 - sigmoid(b), half of \
    both has λ = η = ½, and dropout of one half has mean 1 but mean square 2 in place of λ². With L = 32 and η = 1/√L elsewhere these \
    are 2.7, 2.3, 2^-32, 2^-58 and 2^32, matching the order of how well the nets train.
    """
  static let control = "identities in all nets"
  static let topic = StudyTopic.architecture
  static let cost = (quick: "19 s", full: "1 min")

  private static let width = 32

  /// The shortcut between a block's input and the sum.
  enum Kind: String, CaseIterable {
    case identity
    case near = "gate of bias -6"
    case half = "half of both"
    case gate = "gate of bias 0"
    case dropout = "dropout of ½"

    /// The mean square of the shortcut's factor.
    var square: Double {
      switch self {
      case .identity: 1
      case .near: pow(1 + exp(-6), -2)
      case .half, .gate: 0.25
      case .dropout: 2
      }
    }

    /// η.
    func scale(_ blocks: Int) -> Double {
      self == .half ? 0.5 : 1 / Double(blocks).squareRoot()
    }

    /// The factor of the gradient's energy after this many blocks.
    func law(_ blocks: Double) -> Double {
      pow(square + pow(scale(Int(blocks)), 2), blocks)
    }
  }

  let conditions: ClaimConditions

  func result(in session: StudySession) throws -> CheckedClaim {
    let near = [Kind.near, .half, .gate].map { kind in
      Check(
        "\(kind.rawValue), 32 blocks with branches of zero: gradient",
        predicted: pow(kind.square, 16),
        exactly: Self.gradient(
          isControl ? .identity : kind, blocks: 32, outer: .zero, Key(seed: 0))[0],
        tolerance: 4 * 32 * .ulpOfOne)
    }
    let draws = effort.choose(quick: 1200, full: 4000)
    let blocks = [2, 4, 8]
    let energies = try Kind.allCases.map { kind in
      let made = isControl ? .identity : kind
      return try MeasuredLaw(kind.rawValue, at: blocks, law: kind.law) { count in
        try session.mean("\(kind.rawValue), \(count)", draws: draws, key["\(count)"]) { key in
          Self.gradient(made, blocks: count, outer: .lecun(), key)
            .reduce(0) { $0 + $1 * $1 } / Double(Self.width)
        }
      }
    }
    let judged = zip(Kind.allCases, energies).flatMap { kind, energies in
      let all = energies.checks { "\(kind.rawValue), \($0) blocks: energy of the gradient" }
      return kind == .dropout ? all[1...1] : all[1...]
    }
    let depths = effort == .quick ? [8, 64] : [8, 16, 32, 64]
    let losses = try losses(session, depths: depths)
    func above(_ name: String, _ worse: Kind, _ better: Kind) -> Check {
      Check(
        "\(name), of one seed", .above, 0, median: losses.difference(worse, less: better, 64))
    }
    let trained =
      [Kind.identity, .near].map { kind in
        Check(
          "\(kind.rawValue), 64 layers: training loss", .below, 0.5,
          median: losses.interval(kind, 64))
      } + [
        above("half of both less identity", .half, .identity),
        above("gate of bias 0 less half of both", .gate, .half),
        above("dropout less half of both", .dropout, .half),
      ]
    let charts = [
      Chart(
        title: "At initialization", x: .doubling("blocks", blocks),
        y: Axis("energy of the gradient, input over output", scale: .log10),
        series: energies.flatMap { $0.series(over: 2...8) }),
      losses.chart("Trained", Axis("training loss (nats)", scale: .log10)),
    ]
    let figure = Self.figure(
      charts, title: "Non-identity shortcuts multiply the gradient at every block",
      note:
        "Width \(Self.width). Left: means of \(draws) draws, ±2 standard errors; dashed: (λ² + η²)^L. Right: generated digits, medians over seeds with "
        + "their intervals; the loss of guessing is 2.3.", width: 900)
    return CheckedClaim(of: self, checks: near + judged + trained, figure: figure)
  }

  /// The loss of trained nets.
  private func losses(_ session: StudySession, depths: [Int]) throws -> NetTable<Kind, Double> {
    let data = try Examples.glyphs(train: 2000, test: 1, key: key["pictures"]).train
    let steps = effort.choose(quick: 400, full: 1000)
    let seeds = effort.choose(quick: 5, full: 9)
    return try session.table(depths: depths, seeds: seeds) { [conditions] kind, depth, seed in
      let network = BlockNetwork(
        of: data, width: Self.width,
        blocks: Self.blocks(conditions.isControl ? .identity : kind, depth / 2, outer: .lecun()))
      return try Evaluation.after(
        .short(.adam, rate: 0.002, steps: steps, batch: 64, seed: conditions.seed(of: seed)),
        of: network, on: data
      ).loss
    }
  }

  /// The gradient of the outputs' sum at a random input.
  private static func gradient(
    _ kind: Kind, blocks: Int, outer: Initializer, _ key: Key
  ) -> [Double] {
    let network = Sequential(Self.blocks(kind, blocks, outer: outer))
    let parameters = Parameters<Double>(of: network, key: key["weights"])
    let (y, pullback) = vjp(at: key["input"].normalTensor([1, width])) { x in
      network(x, parameters.pass(on: x.tape, key: key["masks"]))
    }
    return pullback(.ones(y.shape)).scalars
  }

  private static func blocks(_ kind: Kind, _ count: Int, outer: Initializer) -> [any Layer] {
    (0..<count).map { _ in
      let branch = Sequential(
        Dense(width, width), Activation.relu, Dense(width, width, initializer: outer))
      let shortcut: (any Layer)? =
        switch kind {
        case .identity: nil
        case .near: Gate(width, bias: -6)
        case .half: Half()
        case .gate: Gate(width, bias: 0)
        case .dropout: Dropout(0.5)
        }
      return Residual(branch, scale: kind.scale(count), projection: shortcut)
    }
  }

  /// x/2.
  private struct Half: Layer {
    func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T { x * 0.5 }
  }

  /// (1 - g) x with g = sigmoid(x W + b) and W = 0 at first.
  private struct Gate: Layer {
    let gate: Dense

    init(_ width: Int, bias: Double) {
      gate = Dense(width, width, initializer: .zero, bias: .constant(bias))
    }

    func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T { x - sigmoid(gate(x, pass)) * x }
  }
}
