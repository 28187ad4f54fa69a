import Plumbline

// The gradients of parameters.

extension Audit {
  func parameterStep(
    _ layer: Int, _ dz: Tensor<Double>, upstream: Tensor<Double>? = nil
  ) -> ParameterStep {
    ParameterStep(context: context, layer: layer, dz: dz, upstream: upstream)
  }

  /// What the gradient of a parameter should be.
  func right(_ quantity: Quantity) -> Tensor<Double> {
    let layer = quantity.layer
    let step = parameterStep(layer, truth.dz[layer - 1])
    switch quantity.kind {
    case .weightGradient:
      return step.weightPenalty.map { truth.dw[layer - 1] + $0 } ?? truth.dw[layer - 1]
    case .scaleGradient: return truth.dscale[layer] ?? .zeros([network.width(layer)])
    case .shiftGradient: return truth.dshift[layer] ?? .zeros([network.width(layer)])
    default: return step.biasPenalty.map { truth.db[layer - 1] + $0 } ?? truth.db[layer - 1]
    }
  }

  mutating func judgeParameters(_ layer: Int) {
    guard let dz = dz[layer] else { return }
    judgeNormalization(layer)
    let step = parameterStep(layer, dz, upstream: da[layer])
    for kind in [Quantity.Kind.weightGradient, .biasGradient] {
      let quantity = Quantity(kind, layer)
      if items[quantity] != nil { continue }
      if let raw = run.unsummed[quantity] {
        add(quantity, .fail, 1, unsummed(raw, step).cause)
        continue
      }
      if let raw = run.misshapen[quantity] ?? run.broadcast[quantity] {
        if let mistake = misshapen(raw, step) {
          add(quantity, .fail, 1, cause([mistake]))
        } else if run.broadcast[quantity] != nil {
          add(
            quantity, .fail, 1,
            Cause(id: LabelsBroadcast.id, explanation: LabelsBroadcast.words(quantity)))
        }
        continue
      }
      guard let own = context.given[quantity] else { continue }
      guard own.isFinite else {
        add(quantity, .fail, .infinity, nonFinite(quantity, own))
        continue
      }
      let right = right(quantity)
      let error = own.relativeDistance(to: right)
      let isTransposed = run.transposed.contains(quantity)
      let known = parameterStep(layer, truth.dz[layer - 1])
      let noise = kind == .weightGradient ? known.weightNoise : known.biasNoise
      if !isTransposed, error < 1e-3,
        let mistake = smallPenalty(own, right, quantity, noise: noise)
      {
        add(quantity, .fail, error, cause([mistake]))
        continue
      }
      if !isTransposed && comparison.agree(own, right, noise: noise) {
        add(quantity, .pass, error, nil)
        continue
      }
      let mistakes =
        kind == .weightGradient
        ? isTied(layer)
          ? tiedMistakes(own, layer)
          : WeightExplanation(step: step).mistakes(in: own, isTransposed: isTransposed)
        : BiasExplanation(step: step).mistakes(in: own)
      if let mistakes, mistakes.isEmpty {
        add(quantity, upstream, error, upstream == .fail ? Inherited.cause(quantity) : nil)
      } else if let mistakes {
        add(quantity, .fail, error, cause(mistakes))
      } else {
        add(
          quantity, .fail, error,
          isUpstreamUnknown && !isArrivalRight(for: quantity)
            ? Inherited.cause(quantity) : UnknownMistake.cause(quantity))
      }
    }
  }

  /// A bias gradient of a shape that is not the bias's.
  private func unsummed(_ raw: Tensor<Double>, _ step: ParameterStep) -> Mistake {
    if raw.shape.rank == 2, raw.shape[1] == 1, step.dz.shape[1] > 1 {
      for value in [step.dz, step.upstream ?? step.dz] {
        let sum = value.sum(alongAxes: [1], keepingAxes: true)
        let found = [1, step.examples, 1 / step.examples].contains {
          comparison.agree(raw, sum * $0)
        }
        if found { return BiasSummedOverWrongAxis.mistake(step.layer) }
      }
    }
    return BiasNotSummed.mistake(ofShape: raw.shape, step)
  }

  /// A weight gradient of a shape that is not the weight's: a product that was not summed, or one of other factors.
  private func misshapen(_ raw: Tensor<Double>, _ step: ParameterStep) -> Mistake? {
    let (layer, dz, input) = (step.layer, step.dz, step.input)
    let name = layer == 1 ? "X" : "A\(layer - 1)"
    func gives(_ value: Tensor<Double>) -> Bool {
      [raw, raw.shape.rank == 2 ? raw.transposed() : raw].contains { own in
        [1, step.examples, 1 / step.examples].contains {
          comparison.agree(own, (value * $0).reshaped(to: own.shape))
        }
      }
    }
    if input.count == raw.count, dz.shape[1] == 1 || dz.shape == input.shape, gives(input * dz) {
      return Mistake(
        Quantity(.weightGradient, layer), ExamplesNotSummed.id,
        "dW\(layer) is the product of \(name) and dZ\(layer) element by element, not summed over the examples: it must be the matrix "
          + "product \(name)ᵀ · dZ\(layer).")
    }
    for other in 0...last where other != layer - 1 {
      let value = other == 0 ? context.inputs : context.a[other - 1]
      guard value.shape[1] * dz.shape[1] == raw.count,
        gives(matmul(value, dz, transposingFirst: true))
      else { continue }
      return Mistake(
        Quantity(.weightGradient, layer), WrongLayerInput.id,
        "dW\(layer) is computed with \(other == 0 ? "X" : "A\(other)") where \(name) , the layer's input, belongs."
      )
    }
    return nil
  }

  // MARK: Normalization

  /// The gradients of a batch normalization's scale and shift.
  private mutating func judgeNormalization(_ layer: Int) {
    for kind in [Quantity.Kind.scaleGradient, .shiftGradient] {
      let quantity = Quantity(kind, layer)
      guard let own = context.given[quantity], items[quantity] == nil else { continue }
      guard own.isFinite else {
        add(quantity, .fail, .infinity, nonFinite(quantity, own))
        continue
      }
      let right = right(quantity)
      let error = own.relativeDistance(to: right)
      if comparison.agree(own, right) {
        add(quantity, .pass, error, nil)
      } else if own.norm == 0 {
        add(quantity, .fail, error, ZeroGradient.mistake(quantity).cause)
      } else if let ratio = comparison.factor(of: own, to: right) {
        add(quantity, .fail, error, cause(comparison.mistakes(ratio: ratio, at: quantity)))
      } else {
        add(
          quantity, .fail, error,
          upstream == .fail && !isArrivalRight(for: quantity)
            ? Inherited.cause(quantity) : UnknownMistake.cause(quantity))
      }
    }
  }

  /// Whether the gradient of another parameter of the same step shows that what arrives there is right; `false` for what is not the gradient of a
  /// parameter.
  func isArrivalRight(for quantity: Quantity) -> Bool {
    let others: [Quantity.Kind: Quantity.Kind] = [
      .weightGradient: .biasGradient, .biasGradient: .weightGradient,
      .scaleGradient: .shiftGradient, .shiftGradient: .scaleGradient,
    ]
    guard let other = others[quantity.kind].map({ Quantity($0, quantity.layer) }),
      let own = context.given[other], own.isFinite, !run.transposed.contains(other)
    else { return false }
    let right = right(other)
    guard own.shape == right.shape, comparison.agree(own, right) else { return false }
    // A gradient that is 0 by cancellation is so whatever arrives.
    let step = parameterStep(quantity.layer, truth.dz[quantity.layer - 1])
    return right.norm > 1e3 * max(step.weightNoise, step.biasNoise)
  }

  // MARK: Tied weights

  func isTied(_ layer: Int) -> Bool {
    network.ties[layer] != nil || network.ties.values.contains(layer)
  }

  /// One weight at two layers, whose gradients must be added.
  private func tiedMistakes(_ own: Tensor<Double>, _ layer: Int) -> [Mistake]? {
    guard let other = network.ties[layer] ?? network.ties.first(where: { $0.value == layer })?.key
    else { return nil }
    let quantity = Quantity(.weightGradient, layer)
    func part(_ layer: Int) -> Tensor<Double> {
      parameterStep(layer, truth.dz[layer - 1]).data(truth.dz[layer - 1])
    }
    for (value, origin) in [(part(layer), layer), (part(other).transposed(), other)]
    where comparison.agree(own, value) {
      return [
        Mistake(
          quantity, RowsAssignedNotAdded.id,
          "\(quantity) holds the gradient of layer \(origin) alone; the weight serves the layers \(min(layer, other)) and "
            + "\(max(layer, other)), so both gradients must be added.")
      ]
    }
    return comparison.factor(of: own, to: right(quantity)).map {
      comparison.mistakes(ratio: $0, at: quantity)
    }
  }

  // MARK: Broadcasting

  /// The cost itself shows that every output is compared with the labels of all examples, and all gradients come from that.
  mutating func judgeBroadcastCost() {
    let first =
      items.filter { !$0.key.kind.isForward && $0.value.verdict == .fail }.keys.min()
      ?? Quantity(.preactivationGradient, last)
    for (quantity, item) in items where quantity == first || item.verdict == .fail {
      items[quantity] = AuditReport.Item(
        quantity: quantity, verdict: .fail, relativeError: item.relativeError,
        cause: quantity == first ? nil : Inherited.cause(quantity))
    }
    add(
      first, .fail, items[first]?.relativeError,
      Cause(
        id: LabelsBroadcast.id,
        explanation: LabelsBroadcast.words(first) + " Your cost shows this too."))
  }

  /// Whether a gradient of the output layer has the examples twice in its shape, as labels of (m,) next to outputs of (m, 1) make it.
  mutating func judgeBroadcast(_ layer: Int) -> Bool {
    let quantities = [
      Quantity(.activationGradient, layer), Quantity(.preactivationGradient, layer),
      Quantity(.weightGradient, layer), Quantity(.biasGradient, layer),
    ].filter { run.broadcast[$0] != nil }
    guard let first = quantities.first else { return false }
    // A product that was not summed has as many numbers.
    if first.kind == .weightGradient, let raw = run.broadcast[first],
      misshapen(raw, parameterStep(layer, truth.dz[layer - 1])) != nil
    {
      return false
    }
    let words = LabelsBroadcast.words(first)
    add(first, .fail, 1, Cause(id: LabelsBroadcast.id, explanation: words))
    for quantity in quantities.dropFirst() { add(quantity, .fail, 1, Inherited.cause(quantity)) }
    return true
  }
}
