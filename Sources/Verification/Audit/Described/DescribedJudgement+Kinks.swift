import Findings
import Networks
import Plumbline

extension DescribedJudgement {
  /// The gradients of the parameters under another cost, by the names of the file.
  private func gradients(_ cost: DescribedCost) -> [String: Tensor<Double>] {
    attempt.mapping.gradients(cost.gradients(attempt.parameters), of: values, layout)
  }

  /// Accepts gradients that are right with another slope wherever a function is met exactly at its kink, or with another of several cells
  /// that are the maximum.
  mutating func acceptSlopesAtKinks() throws(Problem) {
    for side in SlopeAtKink.Side.allCases {
      var description = network.description
      guard SlopeAtKink.take(side, in: &description.layers) else { return }
      let cost = attempt.cost
      let gradients = gradients(
        DescribedCost(
          network: try description.network(), output: cost.output, loss: cost.loss,
          inputs: cost.inputs, targets: cost.targets))
      let accepted = compared.indices.filter { index in
        let one = compared[index]
        return one.shapeCause == nil
          && comparison.agree(one.own, gradients[one.parameter.name]!, noise: one.noise)
      }
      // One choice at all kinks: what is right only by the engine's own must not be asked of another.
      guard accepted.contains(where: { !compared[$0].isRight }) else { continue }
      for index in accepted where !compared[index].isRight {
        compared[index].isRight = true
        compared[index].isAtKink = true
      }
      return
    }
  }

  /// The gradients over a range of the examples, by the names of the file.
  private func gradients(over examples: Range<Int>, factor: Double) -> [String: Tensor<Double>] {
    let cost = attempt.cost
    let rows = cost.targets.shape[0] / cost.inputs.shape[0]
    var loss = cost.loss
    loss.scale *= factor
    return gradients(
      DescribedCost(
        network: cost.network, output: cost.output, loss: loss,
        inputs: cost.inputs.sliced(axis: 0, examples),
        targets: cost.targets.sliced(
          axis: 0, examples.lowerBound * rows..<examples.upperBound * rows)))
  }

  /// The examples whose gradients these wrong ones hold, and no others.
  private func part(of wrong: [Compared]) -> Range<Int>? {
    let m = attempt.cost.inputs.shape[0]
    guard (2...256).contains(m), network.smallestTrainingBatch == 1,
      wrong.allSatisfy({ $0.shapeCause == nil && $0.own.isFinite && $0.own.norm > 0 }),
      let anchor = wrong.max(by: { $0.own.count < $1.own.count })
    else { return nil }
    let directions = (0..<2).map {
      Tensor(anchor.own.shape, Key(seed: 0)["part"][$0].normal(anchor.own.count))
    }
    let each = (0..<m).map { gradients(over: $0..<$0 + 1, factor: 1)[anchor.parameter.name]! }
    let parts = PartOfBatch(shares: directions.map { direction in each.map(direction.dot) })
      .parts(giving: directions.map { anchor.own.dot($0) })
    return parts.prefix(10).first { range, factor in
      let gradients = gradients(over: range, factor: factor)
      return wrong.allSatisfy {
        comparison.agree($0.own, gradients[$0.parameter.name]!, noise: $0.noise)
      }
    }?.examples
  }

  /// The examples whose gradients all that is wrong holds, and no others.
  func partOfBatch() -> Range<Int>? {
    let wrong = compared.filter { !$0.isRight }
    guard wrong.count > 1, wrong.contains(where: { $0.own.count > 3 }) else { return nil }
    return part(of: wrong)
  }

  /// The same for one gradient alone, where no other mistake explains it.
  func partOfBatch(alone one: Compared) -> Cause? {
    let m = attempt.cost.inputs.shape[0]
    guard PartOfBatch.tells(one.own.count, of: m, comparison), let part = part(of: [one]) else {
      return nil
    }
    return ExamplesMissing.cause(one.quantity, part, of: m)
  }
}

/// The same functions with one slope, or the mean of both, where they are met exactly at a kink.
enum SlopeAtKink {
  enum Side: Double, CaseIterable {
    case right = 1
    case left = -1
    case mean = 0
  }

  /// Takes a side in all layers that have kinks, those inside other layers included; whether there are any.
  static func take(_ side: Side, in layers: inout [LayerDescription]) -> Bool {
    var isAny = false
    var taken: [LayerDescription] = []
    for layer in layers {
      var layer = layer
      for index in layer.form.inner.indices {
        isAny = take(side, in: &layer.form.inner[index]) || isAny
      }
      if layer.form.hasKinks {
        layer.form = SidedForm(layer.form, side.rawValue)
        isAny = true
      }
      taken.append(layer)
      if var block = layer.form as? ResidualForm, block.after.hasKinks {
        taken.append(LayerDescription(SidedForm(block.after, side.rawValue)))
        block.after = .linear
        taken[taken.count - 2].form = block
        isAny = true
      }
    }
    layers = taken
    return isAny
  }
}

/// A layer with kinks whose gradient is that on one side of them: its input is moved by less than any difference that matters.
struct SidedForm: LayerForm {
  private var layer = LayerDescription(Activation.linear)
  private var side = 0.0
  let title = "sided"

  init() {}
  /// - Parameter side: 1 for the right side, -1 for the left one, 0 for the mean of both.
  init(_ form: any LayerForm, _ side: Double) {
    layer.form = form
    self.side = side
  }

  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let built = try layer.form.build(&builder)
    return builder.layer(
      Sided(layer: built.layer, side: side, isMaximum: layer.form is MaxPoolForm),
      output: built.output)
  }

  private struct Sided: Layer {
    let layer: any Layer
    let side: Double
    /// Whether cells compete: there the later ones are raised, or the earlier ones.
    let isMaximum: Bool

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      let count = input.shape.elementCount
      func moved(_ side: Double) -> T {
        let steps = isMaximum ? (0..<count).map { Double($0) / Double(count) } : []
        let shift = Tensor<Double>(
          input.shape,
          isMaximum ? steps.map { side * 1e-11 * $0 } : Array(repeating: side * 1e-12, count: count)
        )
        return layer(input + input.constant(Tensor(converting: shift)), pass)
      }
      let differentiated = side == 0 ? (moved(1) + moved(-1)) * 0.5 : moved(side)
      return differentiated + (layer(input, pass) - differentiated).detached()
    }
  }
}
