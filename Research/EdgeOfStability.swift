import Diagnosis
import Experiments
import Foundation
import Plots
import Plumbline
import Training

/// How sharp a loss full-batch gradient descent ends in.
struct EdgeOfStability: ClaimStudy {
  static let name = "edge-of-stability"
  static let claim =
    "full-batch gradient descent at rate η sharpens the loss until the Hessian's largest eigenvalue is about 2/η, and stays there "
    + "while the loss keeps falling, in plain and residual nets"
  static let source = "Cohen et al. 2021 (arXiv:2103.00065)"
  static let derivation = """
    On a quadratic with eigenvalue λ a step multiplies the distance from the minimum by 1 - ηλ, so it grows if λ is above 2/η. \
    Training raises λ as long as it is below 2/η (progressive sharpening). Above it the steps oscillate along the eigenvector, and the loss's third \
    derivative turns the oscillation into a force that lowers λ again. So λ stays near 2/η, a property of the rate, \
    not of the net. It does so midway between two steps, where the oscillation cancels: at the steps themselves λ is larger, by up to a fifth \
    at these rates. Tanh nets, squared error, all examples in each step; λ by power iteration on Hessian-vector products.
    """
  static let control = "a tenth of the rate, too small to get there in as many steps"
  static let topic = StudyTopic.optimization
  static let cost = (quick: "6 s", full: "10 s")

  private static let width = 24
  private static let rates = [0.2, 0.4]

  let conditions: ClaimConditions

  /// The sharpness at the steps at which it was measured, and the loss of every step.
  private struct Run: Codable, Sendable {
    let steps: [Int], sharpness: [Double], losses: [Double]
    /// The logarithm of the loss halfway over that at the end, each a median over a twelfth of the steps: it oscillates from one
    /// step to the next.
    var fall: Double {
      let part = losses.count / 12
      return Foundation.log(
        median(Array(losses[(losses.count / 2)...].prefix(part)))
          / median(Array(losses.suffix(part))))
    }
    /// The median sharpness of the last third.
    var late: Double { median(Array(sharpness.suffix(sharpness.count / 3))) }
  }

  private struct Net: Hashable {
    let kind: String, rate: Double
    var name: String { "\(kind), rate \(rate)" }
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let data = try Self.data(examples: 100, key["pictures"])
    let kinds = ["plain", "residual"]
    let seeds = effort.choose(quick: 5, full: 9)
    let steps = effort.choose(quick: 800, full: 2400)
    let rates = Self.rates.map { isControl ? $0 / 10 : $0 }
    let runs = try session.table(
      of: kinds.flatMap { kind in rates.map { Net(kind: kind, rate: $0) } }, seeds: seeds,
      stage: "descents", named: \.name
    ) { [conditions] net, seed in
      try Self.run(
        Self.network(net.kind), data, rate: net.rate, steps: steps, seed: conditions.seed(of: seed))
    }
    var checks: [Check] = []
    var charts: [Chart] = []
    for kind in kinds {
      var series: [Series] = []
      for net in rates.map({ Net(kind: kind, rate: $0) }) {
        let (name, rate, own) = (net.name, net.rate, runs[net])
        checks += [
          Check(
            "\(name): sharpness at the start, of 2/η", .below, 0.7,
            medianOf: own.map { $0.sharpness[0] * rate / 2 }),
          Check(
            "\(name): sharpness in the last third, of 2/η", predicted: 1,
            measured: SampleMean(of: own.map { $0.late * rate / 2 }), tolerance: 0.15),
          Check(
            "\(name): ln of the loss halfway over that at the end", .above, 0,
            medianOf: own.map(\.fall)),
        ]
        series += [
          Series("2/\(rate)", x: [0, Double(steps)], y: [2 / rate, 2 / rate], style: .reference),
          .medians("rate \(rate)", own[0].steps.map(Double.init), over: own.map(\.sharpness)),
        ]
      }
      charts.append(
        Chart(
          title: kind, x: Axis("step"), y: Axis("largest eigenvalue of the Hessian"),
          series: series))
    }
    let figure = Self.figure(
      charts, title: "Gradient descent sharpens its loss up to 2/η",
      note:
        "Medians over \(seeds) seeds with their intervals; tanh nets of \(Self.width) units, 100 generated digits, full batch; dashed: 2/η.",
      width: 960)
    return CheckedClaim(of: self, checks: checks, figure: figure)
  }

  /// Generated digits with one-hot targets.
  private static func data(examples: Int, _ key: Key) throws -> Examples<Float> {
    let digits = try Examples.glyphs(train: examples, test: 1, key: key).train
    return Examples(
      features: digits.features,
      targets: Tensor(
        [examples, 10],
        digits.targets.scalars.flatMap { label in (0..<10).map { Int(label) == $0 ? 1 : 0 } }))
  }

  private static func network(_ kind: String) -> any Layer {
    let initializer = Initializer.lecun()
    func dense(_ inputs: Int, _ outputs: Int) -> Dense {
      Dense(inputs, outputs, initializer: initializer)
    }
    let hidden: [any Layer] =
      kind == "plain"
      ? plainLayers(4, width: width, .tanh, initializer: initializer, bias: .zero)
      : (0..<2).map { _ in
        Residual(
          Sequential(dense(width, width), Activation.tanh, dense(width, width)),
          scale: 0.5.squareRoot())
      }
    // A small last layer, so that descent starts where the loss is flat.
    let output = Dense(width, 10, initializer: .varianceScaling(gain: 0.1, .normal, fan: .input))
    return Sequential([dense(28 * 28, width), Activation.tanh] + hidden + [output])
  }

  private static func run(
    _ network: any Layer, _ data: Examples<Float>, rate: Double, steps: Int, seed: Int
  ) throws -> Run {
    var trainer = try Trainer(
      network, on: data,
      .short(.sgd, rate: rate, steps: steps + 1, batch: nil, seed: seed, loss: .meanSquaredError))
    let interval = steps / 24
    var (seen, sharpness, losses): ([Int], [Double], [Double]) = ([], [], [])
    for step in 0...steps {
      var parameters = trainer.parameters
      losses.append(try trainer.step())
      guard step.isMultiple(of: interval) else { continue }
      parameters.vector = (parameters.vector + trainer.parameters.vector) * 0.5
      seen.append(step)
      sharpness.append(
        Sharpness(
          of: network, at: parameters, on: data, loss: .meanSquaredError,
          key: Key(seed: seed)["direction"][step]
        ).value)
    }
    return Run(steps: seen, sharpness: sharpness, losses: losses)
  }
}
