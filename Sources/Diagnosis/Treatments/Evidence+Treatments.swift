import Foundation
import Networks
import Plumbline
import Training

// What several rules ask people to type, with the numbers of their run.
extension Evidence {
  /// Other initial weights, and where the network is deep, skips with them.
  var weightTreatments: [Treatment] {
    let weights =
      isSmooth
      ? Treatment("Glorot's weights", options: weightOption, .weights(gain: 1))
      : Treatment("He's weights", options: weightOption, .weights(gain: 2.0.squareRoot()))
    guard isDeep, hasEqualWidths else { return [weights] }
    // Weights alone keep the signal, and not what tells inputs apart.
    return [
      Treatment(
        "residual blocks of He's weights", options: weightOption + " --residual",
        .network { $0.residualVariant }), weights,
    ]
  }

  /// Glorot's weights for sigmoids, which He's would drive to where they are flat; He's for the others.
  var weightOption: String { isSmooth ? "--init glorot" : "--init he" }

  /// The same, with skips where the network is deep.
  var signalOptions: String {
    weightOption + (isDeep && hasEqualWidths ? " --residual" : "")
  }

  /// Skips where two hidden layers have the same width, or else normalization.
  var depthOption: String { hasEqualWidths ? "--residual" : "--normalization layer" }

  private var isSmooth: Bool {
    2 * facts.activations.count { $0 == "sigmoid" || $0 == "tanh" } > facts.activations.count
  }

  /// From about 20 layers on less than a tenth of what tells two inputs apart is left (see ``SignalLaw``).
  private var isDeep: Bool { gradients.count { $0.shape.count == 2 } > 20 }

  /// The extents of the weight matrices, where there are no other weights.
  private var matrices: [[Int]]? {
    let weights = gradients.map(\.shape).filter { $0.count >= 2 }
    return weights.allSatisfy { $0.count == 2 } ? weights : nil
  }

  /// Whether hidden layers follow each other that have the same width.
  private var hasEqualWidths: Bool { matrices?.contains { $0[0] == $0[1] } ?? false }

  /// The hidden layers of a network of dense layers made wider, as an option; `nil` for other networks, and those without a hidden layer.
  func widerLayers(times factor: Int = 1, least: Int = 0) -> String? {
    guard let matrices, matrices.count > 1, matrices.count <= 8,
      zip(matrices, matrices.dropFirst()).allSatisfy({
        $0.contains($1[0]) || $0.contains($1[1])
      })
    else { return nil }
    let units = gradients.filter { $0.shape.count == 1 }.map { $0.shape[0] }
    guard units.count == matrices.count else { return nil }
    let widths = units.dropLast().map { String(max(least, factor * $0)) }
    return "--hidden " + widths.joined(separator: ",")
  }

  /// A learning rate below the run's own, as an option: one at which the first update changes no weight by more than a hundredth, a tenth
  /// of the run's own at most, and what is customary where that is less.
  var smallerRate: String {
    let own = settings.learningRate
    let ratio = start.flatMap { Self.largestRatio($0, gradients) } ?? 0
    let factor = ratio > 0 && ratio.isFinite ? min(0.1, max(0.01 / ratio, 1.0 / 300)) : 0.1
    let customary = settings.optimizer.rule.customaryRate
    return Self.option(own > 3 * customary ? min(own * factor, customary) : own * factor)
  }

  /// A learning rate above the run's own, as an option: one at which an update changes the weights by half a hundredth, or what is
  /// customary where that is more.
  var largerRate: String {
    let own = settings.learningRate
    let customary = settings.optimizer.rule.customaryRate
    let ratio = largestUpdateRatio ?? 0
    let wanted = ratio > 0 ? own * 0.005 / ratio : 10 * own
    return Self.option(
      min(max(wanted, 3 * own, customary), max(10 * own, 10 * customary)))
  }

  /// The customary rate, where the run's is less than half of it.
  var customaryRate: Double? {
    let customary = settings.optimizer.rule.customaryRate
    return settings.learningRate < 0.5 * customary ? customary : nil
  }

  /// Three times the run's own rate as an option, where the loss falls from quarter to quarter; `nil` where it swings, which larger
  /// steps make worse.
  var fasterRate: String? {
    let quarters = losses.quarterMedians
    guard quarters.count == 4, zip(quarters, quarters.dropFirst()).allSatisfy({ $0 > $1 }) else {
      return nil
    }
    return Self.option(3 * settings.learningRate)
  }

  private static func option(_ rate: Double) -> String {
    "--learning-rate " + String(format: "%.2g", rate)
  }

  private static func largestRatio(
    _ probe: ProbeMeasurement, _ gradients: [GradientRecord]
  ) -> Double? {
    zip(probe.parameters, gradients).compactMap { $1.shape.count >= 2 ? $0.updateRatio : nil }.max()
  }

  /// The largest update of a weight that was measured, in relation to its values. Biases start at zero, from where
  /// every step is large.
  var largestUpdateRatio: Double? {
    probes.compactMap { Self.largestRatio($0, gradients) }.max()
  }

  /// Whether real targets are far from what a network puts out at the start, about 1: a hundred times as large in mean square, or
  /// ten-thousand times smaller, is far for any rate that suits the weights.
  var hasFarTargets: Bool {
    guard settings.loss.targets == .reals, let square = data.targetMeanSquare else { return false }
    return square > 100 || square < 1e-4 && square > 0
  }
}
