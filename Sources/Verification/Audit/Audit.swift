import Findings
import Plumbline

/// Judges a hand-written backward pass: which quantity diverges first, and what is missing.
///
/// A quantity is compared with the engine's own. Where it differs, it is computed again from the person's own
/// upstream values, so that what is wrong there is wrong by itself; if that agrees, the mistake is inherited. Otherwise
/// the mistake is searched for: each cause is a formula, and the one with the fewest mistakes that gives the value to
/// rounding is reported. Values that were not given are inferred the same way from those that follow from them.
///
/// Gradients of activations and pre-activations may be those of the cost or of each example's own; which is recognized.
public struct Audit {
  let network: ProgramNetwork
  let run: ProgramRun
  let truth: Derivatives
  let comparison: Comparison
  let context: BackwardContext
  /// What the person's gradients of intermediate values are multiples of: m where they are not averaged.
  let scale: Double

  var items: [Quantity: AuditReport.Item] = [:]
  var remarks: [String] = []
  /// The gradients from which the next layer down is judged, in the scale of the cost.
  var dz: [Int: Tensor<Double>] = [:]
  var da: [Int: Tensor<Double>] = [:]
  /// Layers of which a gradient is masked already.
  var masked: Set<Int> = []
  /// The worst that was found upstream: what differs below may be inherited from it.
  var upstream = Verdict.pass
  var isUpstreamUnknown = false

  var last: Int { network.layerCount }

  /// - Parameter derivatives: Those of the network at the run's parameters.
  init(_ run: ProgramRun, _ network: ProgramNetwork, derivatives: Derivatives) {
    self.run = run
    self.network = network
    var truth = derivatives
    var comparison = Comparison(
      tolerance: run.tolerance, examples: Double(run.inputs.shape[0]),
      dropoutScales: Array(
        Set(run.masks.values.flatMap { $0.scalars.filter { $0 != 0 && $0 != 1 } }).prefix(8)))
    comparison.numbers = Self.numbers(of: run, network)
    // The forward values that the person's backward pass was given, as far as they are known.
    var (z, argument, a) = (truth.z, truth.argument, truth.a)
    for layer in 1...network.layerCount {
      let description = network.layers[layer - 1]
      let own = run.quantities[Quantity(.preactivation, layer)]
      if let own, own.isFinite {
        z[layer - 1] = own
        if description.normalization == nil, description.skip == nil {
          argument[layer - 1] = own * description.argumentFactor
        }
      }
      if let own = run.quantities[Quantity(.activation, layer)], own.isFinite { a[layer - 1] = own }
    }
    let unscaled = BackwardContext(
      network: network, parameters: run.parameters, inputs: run.inputs, targets: run.targets,
      masks: run.masks, given: run.quantities, z: z, argument: argument, a: a,
      lastPreactivationGradient: truth.dz[network.layerCount - 1], comparison: comparison)
    truth.da[network.layerCount - 1] = OutputStep(context: unscaled).gradient(of: network.loss.kind)
    let scale = Self.scale(run, truth, unscaled)
    let given = run.quantities.map { quantity, value in
      (
        quantity,
        scale == 1 || quantity.kind.isForward || quantity.kind.isParameter
          ? value : value * (1 / scale)
      )
    }
    context = BackwardContext(
      network: network, parameters: run.parameters, inputs: run.inputs, targets: run.targets,
      masks: run.masks, given: Dictionary(uniqueKeysWithValues: given), z: z, argument: argument,
      a: a, lastPreactivationGradient: truth.dz[network.layerCount - 1], comparison: comparison,
      spare: run.spare)
    self.truth = truth
    self.comparison = comparison
    self.scale = scale
  }

  /// The numbers by which programs multiply and divide, apart from those that are causes of their own.
  private static func numbers(
    of run: ProgramRun, _ network: ProgramNetwork
  ) -> [(value: Double, words: String)] {
    let (examples, features) = (Double(run.inputs.shape[0]), Double(run.inputs.shape[1]))
    let outputs = Double(run.targets.shape[1])
    let plain = [
      (outputs, "the number of outputs, \(outputs.text)"),
      (
        examples / features,
        "the number of examples over the number of features, \(examples.text)/\(features.text)"
      ),
      (
        examples / outputs,
        "the number of examples over the number of outputs, \(examples.text)/\(outputs.text)"
      ),
      (
        examples / (examples - 1),
        "m/(m - 1), \(examples.text)/\((examples - 1).text)"
      ),
    ]
    // A weighted mean that was taken as a plain one.
    let means = network.loss.kind.terms.ownScales.map { scale, _ in
      (1 / (scale * examples), "the sum of the weights over the number of examples")
    }
    let own = run.numbers.filter { $0.value != 0 }.sorted { $0.key < $1.key }.flatMap {
      name, value in
      [
        (abs(value), "\(name), \(value.text)"),
        (value * value, "\(name)², \((value * value).text)"),
      ]
        + [(abs(value).squareRoot(), "the square root of \(name), \(value.text)")]
    }
    return (plain + means + own).filter { $0.0.isFinite && $0.0 > 0 && abs($0.0 - 1) > 1e-3 }
  }

  /// m where gradients of intermediate values are each example's own, 1 where they are averaged; any other constant where the
  /// gradients of the parameters take it back.
  private static func scale(
    _ run: ProgramRun, _ truth: Derivatives, _ context: BackwardContext
  ) -> Double {
    let comparison = context.comparison
    let examples = comparison.examples
    guard examples > 1 else { return 1 }
    let layers = (1...truth.dz.count).reversed()
    let dz = truth.dz
    let anchor = layers.lazy.flatMap { layer -> [(Tensor<Double>?, Tensor<Double>)] in
      let (da, truth) = (run.quantities[Quantity(.activationGradient, layer)], truth.da[layer - 1])
      // Behind a dropout people save dA before its mask or after it.
      let masked = run.masks[layer].flatMap { $0.shape == truth.shape ? (da, truth * $0) : nil }
      return [(da, truth)] + (masked.map { [$0] } ?? [])
        + [(run.quantities[Quantity(.preactivationGradient, layer)], dz[layer - 1])]
    }.compactMap { own, right in
      own.flatMap { own in
        comparison.ratio(of: own, to: right).flatMap {
          own.count > 1 || comparison.hasMeaning($0) || comparison.isSame($0, 1) ? $0 : nil
        }
      }
    }.first
    // How each gradient of a parameter follows from the person's own gradient of pre-activations.
    var (averages, sums) = (0, 0)
    var ratios: [Double?] = []
    for layer in layers {
      guard let dz = run.quantities[Quantity(.preactivationGradient, layer)], dz.isFinite,
        dz.shape == truth.dz[layer - 1].shape
      else { continue }
      let step = ParameterStep(context: context, layer: layer, dz: dz, upstream: nil)
      func vote(_ own: Tensor<Double>?, _ sum: Tensor<Double>, _ penalty: Tensor<Double>?) {
        guard let own, own.shape == sum.shape else { return }
        let data = penalty.map { own - $0 } ?? own
        ratios.append(comparison.ratio(of: data, to: sum))
        if comparison.agree(data, sum) { sums += 1 }
        if comparison.agree(data, sum * (1 / examples)) { averages += 1 }
      }
      vote(run.quantities[Quantity(.weightGradient, layer)], step.data(dz), step.weightPenalty)
      vote(
        run.quantities[Quantity(.biasGradient, layer)], dz.sum(alongAxes: [0]), step.biasPenalty)
    }
    switch anchor {
    case .some(let ratio) where abs(abs(ratio) - 1) < 1e-3: return 1
    // Not averaged here and never after: then the average is missing here.
    case .some(let ratio) where abs(abs(ratio) / examples - 1) < 1e-3:
      return sums > 0 && averages == 0 ? 1 : examples
    // Every gradient of a parameter takes the constant back: a convention, as of a cost that is halved only where it is averaged.
    case .some(let ratio)
    where ratios.count > 1
      && ratios.allSatisfy({ $0.map { comparison.isSame($0 * ratio, 1) } ?? false }):
      return ratio
    default: return averages > sums ? examples : 1
    }
  }

  // MARK: The course of an audit

  mutating func judge() {
    judgeForward()
    for layer in (1...last).reversed() { judgeBackward(layer) }
    judgeInputGradient()
    judgeByOtherParameters()
    judgeByChangeAfterwards()
    judgeByPartOfBatch()
    judgeByEarlierParameters()
    judgeByCommonFactor()
    remarkOnZeros()
  }

  /// Gradients that are rightly zero tell that nothing is learned.
  private mutating func remarkOnZeros() {
    for layer in 1..<Swift.max(last, 1) where truth.a[layer - 1].norm == 0 {
      remarks.append(
        "Every unit of layer \(layer) is off for every example, so no gradient reaches the layers before it: they cannot learn."
      )
    }
  }

  mutating func add(
    _ quantity: Quantity, _ verdict: Verdict, _ error: Double?, _ cause: Cause?
  ) {
    var cause = cause
    let isGiven = context.given[Quantity(.preactivationGradient, quantity.layer)] != nil
    let isAlone = cause?.basis.isAlone ?? true
    cause?.basis = .init(isGiven: isGiven, isAlone: isAlone)
    items[quantity] = AuditReport.Item(
      quantity: quantity, verdict: verdict, relativeError: error, cause: cause)
    if verdict > .pass && cause?.id != .inherited { upstream = max(upstream, verdict) }
    // The gradient of a parameter goes nowhere: what arrives at the layers before is wrong only if it was so here already.
    if cause?.id == .nonFinite || cause?.id == .unknown && !isArrivalRight(for: quantity) {
      isUpstreamUnknown = true
    }
  }

  func cause(_ mistakes: [Mistake], alternatives: Int = 1) -> Cause? {
    let causes = mistakes.compactMap(\.cause)
    guard var first = causes.first else { return nil }
    if causes.count > 1 {
      first.explanation +=
        " And: " + causes.dropFirst().map(\.explanation).joined(separator: " And: ")
    }
    first.basis = .init(isGiven: true, isAlone: causes.count == 1 && alternatives == 1)
    return first
  }

  /// The cause of values that are not finite: values computed after others that cannot be judged may have inherited them.
  func nonFinite(_ quantity: Quantity, _ value: Tensor<Double>) -> Cause {
    Cause(
      id: isUpstreamUnknown ? Inherited.id : NonFinite.id,
      explanation: NonFinite.explanation(quantity, value))
  }
}

extension Audit {
  /// Every cause that an audit can report, with its meaning.
  public static let causes = knownCauses.map { Finding.CauseMeaning(.gradient, $0.id, $0.meaning) }
}
