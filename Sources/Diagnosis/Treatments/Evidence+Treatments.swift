import Findings
import Foundation
import Networks
import Plumbline
import Training

// What several rules suggest typing, with the numbers of the run.
extension Evidence {
  /// Other initial weights, together with skips if the network is deep.
  var weightTreatments: [Treatment] {
    let weights =
      isSmooth
      ? Treatment("Glorot's weights", options: weightOption, .weights(.fixed(.glorot())))
      : Treatment("He's weights", options: weightOption, .weights(.he))
    if isMadeOfSigmoids {
      let change = Treatment.Kind.network { $0.withActivation(.tanh) }
      return [
        Treatment(
          "Glorot's weights and tanh for sigmoids", options: signalOptions,
          .together([change, weights.kind]))
      ]
    }
    guard isDeep, hasEqualWidths else { return [weights] }
    // Weights alone keep the signal, but not what distinguishes inputs.
    return [
      Treatment(
        "residual blocks with He's weights", options: weightOption + " \(Setting.residual)",
        .network { $0.residualVariant }), weights,
    ]
  }

  /// Glorot's weights for sigmoids, which He's would drive into their flat parts; He's for the others.
  var weightOption: String {
    isSmooth ? "\(Setting.initializer) glorot" : "\(Setting.initializer) he"
  }

  /// Whether most hidden functions, and three of them at least, are sigmoids: gradients shrink on their way through them at any
  /// scale.
  var isMadeOfSigmoids: Bool {
    // The gates of a recurrent layer are not obstacles on the signal's way.
    if facts.otherLayers?.areGated == true { return false }
    let sigmoids = facts.activations.count { $0 == .sigmoid }
    return sigmoids >= 3 && 2 * sigmoids > facts.activations.count
  }

  /// The same, if the hidden weights are not at that scale already.
  var otherWeightOption: String? {
    let scale = isSmooth ? 1 / 2.0.squareRoot() : 1
    let areThere =
      !hiddenScales.isEmpty && hiddenScales.allSatisfy { (0.7 * scale...1.4 * scale).contains($0) }
    return areThere ? nil : weightOption
  }

  /// Whether weights of a customary scale are followed by functions that no scale suits: exponentials, which grow beyond any, and those
  /// that share one sum among all units.
  var hasUnsuitableFunction: Bool {
    // The path of the signal holds only functions of single values.
    let isShared = facts.activations.isEmpty && !facts.isAffine && facts.otherLayers == nil
    return !hiddenScales.isEmpty && hiddenScales.allSatisfy { (0.6...1.5).contains($0) }
      && (isShared || facts.activations.contains(.exponential))
  }

  /// The same, with another activation where sigmoids are too many in a row, and with skips where the network is deep and has none.
  var signalOptions: String {
    weightOption + (isMadeOfSigmoids ? " \(Setting.activation) tanh" : "")
      + (isDeep && hasEqualWidths && !isResidual ? " \(Setting.residual)" : "")
  }

  /// Skips if two hidden layers have the same width and there are no skips yet, else normalization, else fewer layers.
  var depthOption: String {
    if hasEqualWidths, !isResidual { return Setting.residual.option }
    let widths = Array(hiddenWidths.prefix(4))
    return facts.isNormalized && !widths.isEmpty
      ? layersOption(widths) : "\(Setting.normalization) layer"
  }

  /// The same in words.
  var depthAdvice: String {
    let option = depthOption
    if option.contains("residual") {
      return "use residual blocks with branches scaled by 1/√blocks (\(option))"
    }
    return option.contains("normalization")
      ? "normalize between the layers (\(option))" : "use fewer layers (\(option))"
  }

  private var isResidual: Bool { start.map { !$0.joins.isEmpty } ?? false }

  /// The units of the hidden layers, where all layers with weights are dense.
  var hiddenWidths: [Int] { (matrices ?? []).dropLast().map { $0[1] } }

  /// The hidden layers as an option, which leaves inputs and outputs to the data; `nil` if other layers have weights.
  var hiddenOption: String? {
    hiddenWidths.isEmpty ? nil : layersOption(hiddenWidths)
  }

  /// These hidden layers as an option, with the options that were chosen only since the command gave no layers.
  func layersOption(_ widths: [Int]) -> String {
    "\(Setting.hidden) " + widths.map(String.init).joined(separator: ",")
      + (outcome.chosenWithLayers.map { " " + $0 } ?? "")
  }

  /// The output that goes with a loss, and the loss: one without the other may contradict what the run has.
  func answerOptions(_ loss: LossFunction) -> String {
    "\(Setting.output) \(loss.output.rawValue) \(Setting.loss) \(loss.rawValue)"
  }

  /// The options to answer with this many classes if the targets were treated as values.
  func classOptions(_ count: Int) -> String {
    let loss: LossFunction = count > 2 ? .crossEntropy : .binaryCrossEntropy
    let layers = count > 2 && facts.outputCount < count ? hiddenWidths : []
    let hidden = layers.isEmpty && count > 2 && facts.outputCount < count ? [16] : layers
    return "\(Setting.targets) classes "
      + (hidden.isEmpty
        ? "" : layersOption(hidden) + " ")
      + answerOptions(loss)
  }

  /// Features shifted and scaled, if they are not yet.
  var normalizeOption: String? {
    data.scales.areUnscaled && facts.otherLayers?.takeClasses != true
      ? "\(Setting.normalize) per-feature" : nil
  }

  /// The options against memorizing that the run does not have yet.
  var regularizingOptions: [String] {
    var options: [String] = []
    let decay = settings.optimizerOptions.weightDecay ?? 0
    let widths = hiddenWidths
    if settings.l1 == 0, settings.l2 == 0, decay == 0 {
      options.append("\(Setting.weightDecay) 0.01")
    } else if dropout == 0, !facts.activations.isEmpty {
      options.append("\(Setting.dropout) 0.3")
    } else if let most = widths.max(), most > 8 {
      options.append(layersOption(widths.map { max(4, $0 / 4) }))
    }
    if settings.earlyStopping == nil { options.append(earlyStoppingOption) }
    return options
  }

  /// Whether there are so few examples that holding the network back hardly changes its answers to others.
  var isTooFewToHoldBack: Bool {
    exampleCount < 60
      || gradients.first { $0.shape.count == 2 }.map { $0.shape[0] > 2 * exampleCount } ?? false
  }

  /// Early stopping needs a dev set.
  var earlyStoppingOption: String {
    (outcome.dev == nil ? "\(Setting.split) 80,20,0 " : "") + "\(Setting.earlyStopping) \(patience)"
  }

  /// A patience with which this run would not have been stopped before its lowest dev loss: half again as many epochs as it went
  /// there without a new minimum, and at least 5.
  var patience: Int {
    let epoch = Double(max(1, (try? settings.batches(of: exampleCount))?.batchesPerEpoch ?? 1))
    var (lowest, at, longest) = (Double.infinity, 0, 0)
    for point in outcome.devCurve where point.loss < lowest {
      if lowest < .infinity { longest = max(longest, point.step - at) }
      (lowest, at) = (point.loss, point.step)
    }
    return max(5, Int((1.5 * Double(longest) / epoch).rounded(.up)))
  }

  /// A larger network of dense layers: four times as wide, and one more layer where there is only one.
  var largerLayers: String? {
    guard let matrices, (2...8).contains(matrices.count) else { return nil }
    let widths = hiddenWidths.map { max(32, 4 * $0) }
    return layersOption(widths.count == 1 ? widths + widths : widths)
  }

  private var isSmooth: Bool {
    2 * facts.activations.count { $0.saturation != nil } > facts.activations.count
  }

  /// From about 20 layers on, less than a tenth of what distinguishes two inputs is left (see ``SignalLaw``).
  private var isDeep: Bool { gradients.count { $0.shape.count == 2 } > 20 }

  /// The extents of the weight matrices, if all weights are matrices of dense layers.
  private var matrices: [[Int]]? {
    if facts.otherLayers != nil { return nil }
    let weights = gradients.map(\.shape).filter { $0.count >= 2 }
    return weights.allSatisfy { $0.count == 2 } ? weights : nil
  }

  /// Whether hidden layers follow each other that have the same width.
  private var hasEqualWidths: Bool { matrices?.contains { $0[0] == $0[1] } ?? false }

  /// The hidden layers of a network of dense layers made wider, as an option; `nil` for other networks, and those without a hidden
  /// layer.
  func widerLayers(times factor: Int = 1, least: Int = 0) -> String? {
    guard let matrices, matrices.count > 1, matrices.count <= 32,
      zip(matrices, matrices.dropFirst()).allSatisfy({
        $0.contains($1[0]) || $0.contains($1[1])
      })
    else { return nil }
    return layersOption(hiddenWidths.map { max(least, factor * $0) })
  }

  /// A learning rate below the run's own, as an option: one at which the first update changes no weight by more than a hundredth,
  /// but at most a tenth of the run's own, and at most the customary rate. A run that has learned something is not so far off: it gets a
  /// tenth of its own.
  var smallerRate: String {
    let own = settings.learningRate
    if let workingRate, workingRate < own { return Self.option(workingRate) }
    if standing == .learned { return Self.option(0.1 * own) }
    let ratio = start.flatMap { Self.largestRatio($0, gradients) } ?? 0
    let factor = ratio > 0 && ratio.isFinite ? min(0.1, max(0.01 / ratio, 1.0 / 300)) : 0.1
    let customary = settings.optimizer.rule.customaryRate
    return Self.option(own > 3 * customary ? min(own * factor, customary) : own * factor)
  }

  /// A learning rate above the run's own, as an option: one at which an update changes the weights by half a percent, or the
  /// customary rate if that is more.
  var largerRate: String {
    let own = settings.learningRate
    if let workingRate, workingRate > own { return Self.option(workingRate) }
    let customary = settings.optimizer.rule.customaryRate
    let ratio = largestUpdateRatio ?? 0
    let wanted = ratio > 0 ? own * 0.005 / ratio : 10 * own
    return Self.option(
      min(max(wanted, 3 * own, customary), max(10 * own, 10 * customary)))
  }

  /// The customary rate, if the run's is less than half of it.
  var customaryRate: Double? {
    let customary = settings.optimizer.rule.customaryRate
    return settings.learningRate < 0.5 * customary ? customary : nil
  }

  /// Three times the run's own rate as an option, where the loss falls from quarter to quarter; `nil` if it swings, which larger
  /// steps make worse.
  var fasterRate: String? {
    let quarters = losses.quarterMedians
    guard quarters.count == 4, zip(quarters, quarters.dropFirst()).allSatisfy({ $0 > $1 }) else {
      return nil
    }
    return Self.option(3 * settings.learningRate)
  }

  /// A rate as an option, with two digits.
  static func option(_ rate: Double) -> String {
    "\(Setting.learningRate) " + text(rate)
  }

  /// A rate as ``option(_:)`` states it.
  static func stated(_ rate: Double) -> Double { Double(text(rate)) ?? rate }

  private static func text(_ rate: Double) -> String { String(format: "%.2g", rate) }

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

  /// Whether real targets are far from what a network outputs at the start, about 1: a hundred times as large in mean square, or
  /// ten-thousand times smaller, is far for any rate that suits the weights.
  var hasFarTargets: Bool {
    guard settings.loss.targets == .reals, let square = data.targetMeanSquare else { return false }
    return square > 100 || square < 1e-4 && square > 0
  }
}
