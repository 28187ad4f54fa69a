import Plumbline

/// Judges a backward pass that somebody wrote by hand: which quantity diverges first, and what was forgotten.
///
/// A quantity is compared with the engine's own. Where it differs, it is computed again from the person's own
/// upstream values, so that what is wrong there is wrong by itself; if that agrees, the mistake is inherited. Otherwise
/// the mistake is looked for: each cause is a formula, and the one with the fewest mistakes that gives the value to
/// rounding is named. Values that were not given are inferred the same way from those that follow from them.
///
/// Gradients of activations and pre-activations may be those of the mean cost or of each example's own; which is
/// recognized.
public struct Audit {
  let network: DenseNetwork
  let run: CanonicalRun
  let given: ManualRun
  let truth: Derivatives
  let comparison: Comparison
  let backward: BackwardHypotheses
  /// What the person's gradients of intermediate values are multiples of: m where they are not averaged.
  let scale: Double

  var items: [Quantity: AuditReport.Item] = [:]
  var remarks: [String] = []
  /// The gradients from which the next layer down is judged, in the scale of the mean cost.
  var dz: [Int: Tensor<Double>] = [:]
  var da: [Int: Tensor<Double>] = [:]
  /// Layers of which a gradient is masked already.
  var masked: Set<Int> = []
  /// The worst that stands upstream: what differs below may be inherited from it.
  var upstream = Verdict.pass
  var isUpstreamUnknown = false

  var description: DenseNetworkDescription { network.description }

  /// The judgement of a run of a network.
  ///
  /// - Throws: ``ManualRunError`` for arrays that are missing or do not fit the network.
  public static func report(
    on run: ManualRun, of network: DenseNetworkDescription
  ) throws(ManualRunError) -> AuditReport {
    var audit = try Audit(run, network)
    return audit.report()
  }

  /// How far a run's own forward values and cost are from those of a network; `nil` where it holds none.
  static func forwardDistance(
    of run: ManualRun, from network: DenseNetworkDescription
  ) throws(ManualRunError) -> Double? {
    let audit = try Audit(run, network)
    var distances: [Double] = []
    for (quantity, own) in audit.run.quantities where quantity.kind.isForward {
      let right =
        quantity.kind == .preactivation
        ? audit.truth.z[quantity.layer - 1] : audit.truth.a[quantity.layer - 1]
      distances.append(own.relativeDistance(to: right))
    }
    if distances.isEmpty, let cost = run.cost {
      let ours = audit.truth.cost
      let penalty = DenseNetworkCost.penalty(
        audit.run.parameters, network, examples: audit.comparison.examples)
      distances = [min(abs(cost - ours), abs(cost - ours - penalty)) / (abs(cost) + abs(ours))]
    }
    return distances.max()
  }

  init(_ given: ManualRun, _ description: DenseNetworkDescription) throws(ManualRunError) {
    self.given = given
    run = try CanonicalRun(given, description)
    network = DenseNetwork(description, masks: run.masks)
    let unpenalized = DenseNetwork(description.withoutPenalties, masks: run.masks)
    var truth = DenseNetworkCost(unpenalized, inputs: run.inputs, targets: run.targets)
      .derivatives(at: run.parameters)
    let examples = Double(run.inputs.shape[0])
    let lossScale = Self.lossScale(given.cost, truth.cost, run, description)
    if lossScale != 1 {
      truth = truth.scaled(by: lossScale)
      remarks.append(
        "Your cost is \(Comparison.text(lossScale)) times the mean over examples and outputs; gradients are judged by "
          + "yours.")
    }
    comparison = Comparison(
      tolerance: given.tolerance, examples: examples,
      dropoutScales: Array(
        Set(run.masks.values.flatMap { $0.scalars.filter { $0 != 0 && $0 != 1 } }).prefix(8)))
    // The forward values that the person's backward pass was given, as far as they are known.
    var (z, a) = (truth.z, truth.a)
    for layer in 1...description.layerCount {
      if let own = run.quantities[Quantity(.preactivation, layer)], own.isFinite {
        z[layer - 1] = own
      }
      if let own = run.quantities[Quantity(.activation, layer)], own.isFinite { a[layer - 1] = own }
    }
    backward = BackwardHypotheses(
      network: description, run: run, z: z, a: a,
      lastPreactivationGradient: truth.dz[description.layerCount - 1], lossScale: lossScale)
    truth.da[description.layerCount - 1] = backward.outputGradients()[0].value
    self.truth = truth
    scale = Self.scale(run, truth, backward, comparison)
  }

  // MARK: The course of an audit

  private mutating func report() -> AuditReport {
    judgeForward()
    for layer in (1...description.layerCount).reversed() { judgeBackward(layer) }
    judgeByEarlierParameters()
    remarkOnZeros()
    return AuditReport(
      items: items.values.sorted { $0.quantity < $1.quantity },
      cost: (
        given.cost,
        truth.cost
          + DenseNetworkCost.penalty(run.parameters, description, examples: comparison.examples)
      ), remarks: remarks)
  }

  /// Gradients that are rightly zero tell that nothing is learned.
  private mutating func remarkOnZeros() {
    let dead = (1..<description.layerCount + 1).filter { layer in
      layer < description.layerCount && truth.a[layer - 1].norm == 0
    }
    for layer in dead {
      remarks.append(
        "Every unit of layer \(layer) is off for every example, so that no gradient reaches the layers before it: they "
          + "cannot learn.")
    }
  }

  mutating func add(
    _ quantity: Quantity, _ verdict: Verdict, _ error: Double?, _ cause: Cause?
  ) {
    var cause = cause
    let isGiven = run.quantities[Quantity(.preactivationGradient, quantity.layer)] != nil
    let isAlone = cause?.basis.isAlone ?? true
    cause?.basis = .init(isGiven: isGiven, isAlone: isAlone)
    items[quantity] = AuditReport.Item(
      quantity: quantity, verdict: verdict, relativeError: error, cause: cause)
    if verdict > .pass && cause?.id != .inherited { upstream = max(upstream, verdict) }
    if cause?.id == .unknown || cause?.id == .nonFinite { isUpstreamUnknown = true }
  }

  func cause(_ findings: [Finding], alternatives: Int = 1) -> Cause? {
    let causes = findings.compactMap(\.cause)
    guard var first = causes.first else { return nil }
    if causes.count > 1 {
      first.explanation +=
        " And: " + causes.dropFirst().map(\.explanation).joined(separator: " And: ")
    }
    first.basis = .init(isGiven: true, isAlone: causes.count == 1 && alternatives == 1)
    return first
  }

  private func inherited(_ quantity: Quantity) -> Cause {
    Cause(
      id: .inherited, explanation: "\(quantity) follows rightly from values that are wrong already."
    )
  }

  func unknown(_ quantity: Quantity) -> Cause {
    Cause(
      id: .unknown,
      explanation: "\(quantity) is wrong in a way that no known mistake explains.")
  }

  private func nonFinite(_ quantity: Quantity, _ value: Tensor<Double>) -> Cause {
    let count = value.scalars.count { !$0.isFinite }
    return Cause(
      id: upstream == .fail ? .inherited : .nonFinite,
      explanation:
        "\(quantity) holds \(count) value\(count == 1 ? "" : "s") that are infinite or not a number: look for a "
        + "division by 0 or a logarithm of 0.")
  }

  // MARK: Forward

  private mutating func judgeForward() {
    for layer in 1...description.layerCount {
      let quantity = Quantity(.preactivation, layer)
      if let own = run.quantities[quantity] {
        let local =
          matmul(backward.entering(layer), backward.weight(layer)) + backward.bias(layer)
        judgeForward(quantity, own, truth.z[layer - 1], local: local)
      }
      let output = Quantity(.activation, layer)
      if let own = run.quantities[output] {
        var local = description.activation(layer)(backward.z[layer - 1])
        if description.endsBlock(layer) {
          local = backward.entering(layer - 1) + local * description.branchScale
        }
        if let mask = run.masks[layer] { local = local * mask }
        judgeForward(output, own, truth.a[layer - 1], local: local)
      }
    }
    // A wrong forward pass does not excuse the gradients, which are judged by the values that it left.
    upstream = .pass
    isUpstreamUnknown = false
  }

  private mutating func judgeForward(
    _ quantity: Quantity, _ own: Tensor<Double>, _ right: Tensor<Double>, local: Tensor<Double>
  ) {
    guard own.isFinite else { return add(quantity, .fail, .infinity, nonFinite(quantity, own)) }
    let error = own.relativeDistance(to: right)
    if comparison.agree(own, right) { return add(quantity, .pass, error, nil) }
    if comparison.agree(own, local) { return add(quantity, .fail, error, inherited(quantity)) }
    var explained = unknown(quantity)
    explained.explanation =
      "\(quantity) of the forward pass differs: check the activation's name, the order of the layers, and that X and "
      + "the parameters were saved in the same step."
    add(quantity, .fail, error, explained)
  }

  // MARK: Backward

  /// A given gradient of an intermediate value in the scale of the mean cost.
  private func own(_ kind: Quantity.Kind, _ layer: Int) -> Tensor<Double>? {
    run.quantities[Quantity(kind, layer)].map { scale == 1 ? $0 : $0 * (1 / scale) }
  }

  private mutating func judgeBackward(_ layer: Int) {
    let isLast = layer == description.layerCount
    let next = dz[layer + 1]
    // From the layer above.
    var arriving: [Hypothesis] = []
    if isLast {
      arriving = backward.outputGradients()
    } else if let next {
      arriving = backward.activationGradients(
        layer, from: next, nextUpstream: da[layer + 1], blockOutput: blockOutput(layer + 2))
    }
    if let own = own(.activationGradient, layer), !isOverwritten(own, layer, arriving) {
      judge(Quantity(.activationGradient, layer), own, truth.da[layer - 1], arriving, layer: layer)
      da[layer] = own.isFinite ? own : truth.da[layer - 1]
      arriving = own.isFinite ? [Hypothesis(value: own)] : arriving
    }
    // Through the activation.
    var through: [Hypothesis] = []
    if isLast && da[layer] == nil {
      through = backward.lastPreactivationGradients()
    } else {
      let isMasked = masked.contains(layer)
      for arrival in arriving where arrival.value.isFinite {
        through += backward.preactivationGradients(layer, from: arrival, isMasked: isMasked)
          .filter { $0.mistakes <= 2 }
      }
      if isLast, let given = da[layer], comparison.agree(given, truth.da[layer - 1]) {
        // The stable formula where the quotient of dA and f' has lost its digits.
        through.insert(Hypothesis(value: truth.dz[layer - 1], upstream: given), at: 0)
      }
    }
    if through.isEmpty { through = [Hypothesis(value: truth.dz[layer - 1])] }
    let quantity = Quantity(.preactivationGradient, layer)
    if let own = own(.preactivationGradient, layer) {
      let chosen = judge(quantity, own, truth.dz[layer - 1], through, layer: layer)
      dz[layer] = own.isFinite ? own : truth.dz[layer - 1]
      if da[layer] == nil { da[layer] = chosen?.upstream ?? through.first?.upstream }
    } else {
      infer(layer, among: through)
    }
    judgeParameters(layer)
  }

  /// Whether the array of dA holds dZ: a program that wrote dZ in place of dA has changed the array and made no
  /// mistake.
  private mutating func isOverwritten(
    _ own: Tensor<Double>, _ layer: Int, _ arriving: [Hypothesis]
  ) -> Bool {
    let quantity = Quantity(.activationGradient, layer)
    guard own.isFinite, let right = arriving.first, right.mistakes == 0,
      !comparison.agree(own, right.value),
      let through = backward.preactivationGradients(layer, from: right).first?.value,
      through.norm > 0, comparison.agree(own, through),
      let dz = self.own(.preactivationGradient, layer), comparison.agree(dz, through)
    else { return false }
    add(quantity, .pass, own.relativeDistance(to: through), nil)
    remarks.append(
      "\(quantity) holds the values of dZ\(layer): it was overwritten in place, after it had been used."
    )
    return true
  }

  /// The gradient of a block's output before dropout.
  func blockOutput(_ layer: Int) -> Tensor<Double>? {
    guard let gradient = da[layer] else { return nil }
    return masked.contains(layer) ? gradient : run.masks[layer].map { gradient * $0 } ?? gradient
  }

  /// Judges a gradient of an intermediate value that was given.
  @discardableResult
  private mutating func judge(
    _ quantity: Quantity, _ own: Tensor<Double>, _ right: Tensor<Double>,
    _ hypotheses: [Hypothesis], layer: Int
  ) -> Hypothesis? {
    guard own.isFinite else {
      add(quantity, .fail, .infinity, nonFinite(quantity, own))
      return nil
    }
    let error = own.relativeDistance(to: right)
    // What cancels or underflows is judged by the size of what it is made from.
    var noise = comparison.rounding * (hypotheses.first?.upstream?.norm ?? 0)
    if quantity.kind == .activationGradient, let next = dz[layer + 1] {
      noise = comparison.rounding * next.norm * backward.weight(layer + 1).norm
    }
    if comparison.agree(own, right, noise: noise) {
      add(quantity, .pass, error, nil)
      return hypotheses.first
    }
    // dA may have passed dropout's mask already.
    var hypotheses = hypotheses
    if quantity.kind == .activationGradient, let mask = run.masks[layer] {
      if comparison.agree(own, right * mask) {
        masked.insert(layer)
        add(quantity, .pass, own.relativeDistance(to: right * mask), nil)
        return nil
      }
      hypotheses += hypotheses.map { hypothesis in
        var hypothesis = hypothesis
        hypothesis.value = hypothesis.value * mask
        hypothesis.upstream = mask
        return hypothesis
      }
    }
    if own.norm == 0 && right.norm > 0 {
      add(
        quantity, .fail, error,
        Cause(
          id: .zeroGradient,
          explanation: "\(quantity) is zero: it was never computed, or overwritten."))
      return nil
    }
    guard
      let found = comparison.explanation(
        of: own, at: quantity, among: hypotheses, noise: noise)
    else {
      if isKink(own, right, quantity, hypotheses) {
        add(quantity, .kink, error, nil)
      } else if let stale = stale(own, quantity, hypotheses) {
        add(quantity, .fail, error, stale)
      } else {
        add(quantity, .fail, error, unknown(quantity))
      }
      return nil
    }
    if quantity.kind == .activationGradient, found.hypothesis.upstream != nil {
      masked.insert(layer)
    }
    if let cause = cause(found.hypothesis.findings, alternatives: found.alternatives) {
      add(quantity, .fail, error, cause)
    } else if found.hypothesis.findings.isEmpty {
      if upstream == .pass {
        // Right by its own upstream values, which were accepted: rounding, a step further.
        add(quantity, .pass, error, nil)
      } else {
        add(
          quantity, upstream == .kink ? .kink : .fail, error,
          upstream == .kink ? nil : inherited(quantity))
      }
    } else {
      add(quantity, found.hypothesis.findings.contains(where: \.isKink) ? .kink : .pass, error, nil)
    }
    return found.hypothesis
  }

  /// Whether a gradient of pre-activations differs only at kinks, and lies between the slopes there.
  private func isKink(
    _ own: Tensor<Double>, _ right: Tensor<Double>, _ quantity: Quantity,
    _ hypotheses: [Hypothesis]
  ) -> Bool {
    guard quantity.kind == .preactivationGradient,
      description.activation(quantity.layer).kinks.contains(0), let local = hypotheses.first
    else { return false }
    let z = backward.z[quantity.layer - 1].scalars
    let upper = (local.upstream ?? own).scalars
    let (values, rights) = (own.scalars, local.value.scalars)
    let size = rights.map(Swift.abs).max() ?? 0
    return values.indices.allSatisfy { place in
      if Swift.abs(values[place] - rights[place]) <= comparison.tolerance * size { return true }
      let (low, high) = (Swift.min(0, upper[place]), Swift.max(0, upper[place]))
      return z[place] == 0 && values[place] >= low && values[place] <= high
    }
  }

  /// Whether dA was computed with weights that had been changed already; where it is not given, dZ shows it.
  private func stale(
    _ own: Tensor<Double>, _ quantity: Quantity, _ hypotheses: [Hypothesis]
  ) -> Cause? {
    let layer = quantity.layer
    let isHidden = run.quantities[Quantity(.activationGradient, layer)] == nil
    guard let right = hypotheses.first?.value, let next = dz[layer + 1],
      quantity.kind == .activationGradient || isHidden,
      var direction = backward.staleDirection(layer, from: next)
    else { return nil }
    if quantity.kind == .preactivationGradient {
      direction =
        backward.preactivationGradients(layer, from: Hypothesis(value: direction))[0].value
    }
    return comparison.ratio(of: own - right, to: direction, noise: 1e-12 * right.norm)
      .map { staleCause(quantity, $0) }
  }

  func staleCause(_ quantity: Quantity, _ step: Double) -> Cause {
    Cause(
      id: .stale, factor: -step,
      explanation:
        "\(quantity) is computed with W\(quantity.layer + 1) after a step of \(Comparison.text(-step)) along its "
        + "gradient: compute all gradients before the first parameter is changed.")
  }

  // MARK: Parameters

  func parameters(_ layer: Int) -> ParameterHypotheses {
    // Intermediate gradients are kept in the scale of the mean cost here, so that sums need no average.
    ParameterHypotheses(backward: backward, comparison: comparison, layer: layer, average: 1)
  }

  func right(_ quantity: Quantity) -> Tensor<Double> {
    let layer = quantity.layer
    guard quantity.kind == .weightGradient else { return truth.db[layer - 1] }
    return parameters(layer).penalty().map { truth.dw[layer - 1] + $0 } ?? truth.dw[layer - 1]
  }

  private mutating func judgeParameters(_ layer: Int) {
    let parameters = parameters(layer)
    guard let dz = dz[layer] else { return }
    for kind in [Quantity.Kind.weightGradient, .biasGradient] {
      let quantity = Quantity(kind, layer)
      if let raw = run.unsummed[quantity] {
        add(quantity, .fail, 1, parameters.unsummedBias(raw, from: dz).cause)
        continue
      }
      guard let own = run.quantities[quantity], items[quantity] == nil else { continue }
      guard own.isFinite else {
        add(quantity, .fail, .infinity, nonFinite(quantity, own))
        continue
      }
      let right = right(quantity)
      let error = own.relativeDistance(to: right)
      let isTransposed = run.transposed.contains(quantity)
      let noise =
        kind == .weightGradient
        ? parameters.weightNoise(truth.dz[layer - 1]) : parameters.biasNoise(truth.dz[layer - 1])
      if !isTransposed && comparison.agree(own, right, noise: noise) {
        add(quantity, .pass, error, nil)
        continue
      }
      let findings =
        kind == .weightGradient
        ? parameters.weightFindings(own, from: dz, upstream: da[layer], isTransposed: isTransposed)
        : parameters.biasFindings(own, from: dz, upstream: da[layer])
      if let findings, findings.isEmpty {
        if upstream == .kink {
          add(quantity, .kink, error, nil)
        } else {
          add(
            quantity, upstream == .pass ? .pass : .fail, error,
            upstream == .pass ? nil : inherited(quantity))
        }
      } else if let findings {
        add(quantity, .fail, error, cause(findings))
      } else {
        add(quantity, .fail, error, isUpstreamUnknown ? inherited(quantity) : unknown(quantity))
      }
    }
  }
}
