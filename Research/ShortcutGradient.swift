import Experiments
import Foundation
import Plots
import Plumbline

/// What shortcuts that are not identities do to the gradient of a residual net at initialization.
struct ShortcutGradient: ClaimStudy {
  static let name = "shortcut-gradient"
  static let claim =
    "a shortcut that multiplies by λ multiplies the gradient by λ^L over L blocks, and its energy by (λ² + η²)^L with branches of scale η"
  static let source =
    "He et al. 2016 (arXiv:1603.05027), section 3, for the factor; the energies derived here"
  static let derivation = """
    The derivative of λx + F(x) is λ + F', and multiplied out over L blocks the path along the shortcuts has the factor λ^L, which no \
    branch affects. A branch η V relu(W x) is independent of the shortcut and adds η² to the energy's factor, which becomes \
    (λ² + η²)^L on average, at any width. A gate 1 - g that starts with zero weights and bias b has λ = 1 - sigmoid(b), half of \
    both has λ = η = ½, and dropout of one half has mean 1 but mean square 2 in place of λ². With L = 32 and η = 1/√L elsewhere these \
    are 2.7, 2.3, 2^-32, 2^-58 and 2^32. How such nets train is the study identity-shortcuts.
    """
  static let control = "identities in all nets"
  static let topic = StudyTopic.signal
  static let cost = (quick: "13 s", full: "40 s")

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
    // The draws of the study of how these nets train, which this belongs to.
    let key = IdentityShortcuts(conditions: conditions).key
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
    let chart = Chart(
      title: "Non-identity shortcuts multiply the gradient at every block",
      subtitle:
        "width \(Self.width), means of \(draws) draws, ±2 standard errors; dashed: (λ² + η²)^L",
      x: .doubling("blocks", blocks),
      y: Axis("energy of the gradient, input over output", scale: .log10),
      series: energies.flatMap { $0.series(over: 2...8) })
    return CheckedClaim(of: self, checks: near + judged, figure: FigureGrid([chart]))
  }

  /// The gradient of the outputs' sum at a random input.
  private static func gradient(
    _ kind: Kind, blocks: Int, outer: Initializer, _ key: Key
  ) -> [Double] {
    let network = Sequential(Self.blocks(kind, blocks, width: width, outer: outer))
    let parameters = Parameters<Double>(of: network, key: key["weights"])
    let (y, pullback) = vjp(at: key["input"].normalTensor([1, width])) { x in
      network(x, parameters.pass(on: x.tape, key: key["masks"]))
    }
    return pullback(.ones(y.shape)).scalars
  }

  /// Blocks with such shortcuts, whose branches end in weights of `outer`.
  static func blocks(
    _ kind: Kind, _ count: Int, width: Int, outer: Initializer = .lecun()
  ) -> [any Layer] {
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
