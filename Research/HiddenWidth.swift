import Experiments
import Foundation
import Plots
import Plumbline

/// What depth and hidden width mean to a residual net whose stream keeps its size.
struct HiddenWidth: ClaimStudy {
  static let name = "hidden-width"
  static let claim =
    "with branches of L blocks of M hidden units divided by LM, what a trained net outputs varies from draw to draw as 1/√(LM): "
    + "deeper and wider are the same"
  static let source =
    "residual nets of any hidden width as mean-field limits: Chizat 2025 (arXiv:2509.10167); the exponent derived here"
  static let derivation = """
    Blocks h + s V relu(W h) of M hidden units on a stream of fixed size D, W with variance 1/D and V with variance 1. With s = √D/(LM) \
    the L blocks add up to the mean of LM independent units along the depth, each of which sees a stream that hardly differs from one \
    block to the next. Gradient descent moves the units on their own, by rates that are multiplied by LM so that the mean moves by a \
    fixed amount. What remains of the draw is the deviation of a mean of LM independent terms, 1/√(LM) of that of a single one, \
    whether L or M is large. (The bias from a finite number of blocks, of order 1/L, is too small here to be measured next to it.)
    """
  static let control = "branches divided by L√M in place of LM, with rates for the same speed"
  static let topic = StudyTopic.frontier
  static let cost = (quick: "13 s", full: "40 s")

  private static let size = 16, examples = 8, tests = 4, steps = 20
  /// The speed of training, at which the loss falls to a hundredth or less.
  private static let speed = 0.02 * Double(size)

  let conditions: ClaimConditions

  private struct Shape: Hashable, Sendable, CustomStringConvertible {
    let blocks: Int, units: Int
    var product: Int { blocks * units }
    var description: String { "L = \(blocks), M = \(units)" }
  }

  func result(in session: StudySession) throws -> CheckedClaim {
    let count = effort.choose(quick: 400, full: 1600)
    let shapes =
      [Shape(blocks: 16, units: 16), Shape(blocks: 4, units: 64), Shape(blocks: 64, units: 4)]
      + (effort == .quick
        ? [Shape(blocks: 16, units: 64)]
        : [
          Shape(blocks: 8, units: 128), Shape(blocks: 64, units: 16), Shape(blocks: 16, units: 256),
          Shape(blocks: 64, units: 64),
        ])
    let outputs = try session.values(shapes.map(\.description), stage: "trained nets") {
      [self] index in draws(shapes[index], count: count)
    }
    let deviations = outputs.map(Self.logarithm)
    func check(_ name: String, _ a: Int, _ b: Int, law: Double, over unit: Double = 1) -> Check {
      let (first, second) = (deviations[a], deviations[b])
      let difference = (second.mean - first.mean) / unit
      let error =
        (first.standardError * first.standardError + second.standardError * second.standardError)
        .squareRoot() / unit
      return Check(
        name, predicted: law, measured: law == 1 ? exp(difference) : difference,
        standardError: error, tolerance: 4 * error / abs(law))
    }
    let last = shapes.count - 1
    var checks = [1, 2].map { index in
      check("deviation, \(shapes[index]), over that of \(shapes[0])", 0, index, law: 1)
    }
    if effort == .full {
      checks.append(check("deviation, \(shapes[4]), over that of \(shapes[3])", 3, 4, law: 1))
    }
    checks.append(
      check(
        "exponent of LM in the deviation, \(shapes[0]) to \(shapes[last])", 0, last, law: -0.5,
        over: log(Double(shapes[last].product) / Double(shapes[0].product))))
    return CheckedClaim(of: self, checks: checks, figure: figure(shapes, deviations))
  }

  private func figure(_ shapes: [Shape], _ deviations: [SampleMean]) -> FigureGrid {
    let blocks = Set(shapes.map(\.blocks)).sorted()
    let products = Set(shapes.map(\.product)).sorted().map(Double.init)
    let chart = Chart(
      title: "Depth and hidden width are interchangeable",
      subtitle: "width \(Self.size), \(Self.steps) steps, ±2 standard errors; dashed: 1/√(LM)",
      x: Axis("hidden units of all blocks, LM", scale: .log2, ticks: products),
      y: Axis("standard deviation of an output over draws", scale: .log10),
      series: [
        .law(products) { exp(deviations[0].mean) * (Double(shapes[0].product) / $0).squareRoot() }
      ]
        + blocks.map { block in
          Series(
            "L = \(block)",
            shapes.indices.filter { shapes[$0].blocks == block }.map { index in
              let (mean, margin) = (deviations[index].mean, 2 * deviations[index].standardError)
              return Series.Point(
                Double(shapes[index].product), exp(mean), lower: exp(mean - margin),
                upper: exp(mean + margin))
            }, style: .points)
        })
    return FigureGrid([chart])
  }

  /// The logarithm of the standard deviation over draws, of all outputs together, with its standard error.
  private static func logarithm(_ draws: [[Double]]) -> SampleMean {
    let count = Double(draws.count)
    let means = draws[0].indices.map { output in draws.reduce(0) { $0 + $1[output] } / count }
    let energies = draws.map { draw in
      zip(draw, means).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } * count / (count - 1)
        / Double(means.count)
    }
    return SampleMean(of: energies).logarithm.scaled(by: 0.5)
  }

  /// The outputs for the test points of nets trained from this many draws, on the same data.
  private func draws(_ shape: Shape, count: Int) -> [[Double]] {
    let scale =
      Double(Self.size).squareRoot()
      / (isControl
        ? Double(shape.blocks) * Double(16 * shape.units).squareRoot() : Double(shape.product))
    let rate = Self.speed / (scale * scale * Double(shape.product))
    let network = Sequential(
      (0..<shape.blocks).map { _ in
        Residual(
          Sequential(
            Dense(Self.size, shape.units, initializer: .lecun(), bias: nil), Activation.relu,
            Dense(shape.units, Self.size, initializer: .normal(standardDeviation: 1), bias: nil)),
          scale: scale)
      })
    let (key, size) = (key, Self.size)
    let x: Tensor<Float> = key["x"].normalTensor([Self.examples, size])
    let test: Tensor<Float> = key["test"].normalTensor([Self.tests, size])
    let readout: Tensor<Float> = key["readout"].normalTensor([size, 1]) / Double(size).squareRoot()
    let (first, second) = (x.sliced(axis: 1, 0..<1), x.sliced(axis: 1, 1..<2))
    let y = sin(first * 2) + second * 0.5
    return Experiments.draws(count) { draw in
      var step = TrainingStep<Float>(of: network) { pass, inputs in
        let output = matmul(network(inputs[0], pass), inputs[0].constant(readout))
        return (output - inputs[1]).squared().mean()
      }
      var parameters = Parameters<Float>(of: network, key: key["weights"][draw])
      var descent = SGD<Float>(learningRate: rate)
      for _ in 0..<Self.steps {
        _ = step.loss(at: parameters, inputs: [x, y])
        descent.update(&parameters, along: step.gradient)
      }
      return matmul(network(test, parameters.pass()), readout).scalars.map(Double.init)
    }
  }
}
