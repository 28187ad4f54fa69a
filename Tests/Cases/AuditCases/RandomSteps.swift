import Networks
import Plumbline
import Verification

/// Random steps of networks that hand-written dense passes do not have, each with one mistake: rows of a table, a normalization, a
/// recurrence, parameters that were updated before they were saved. Confidences of the causes that only these have are measured on them.
public struct RandomStep: Sendable {
  /// Its kind, seed and number.
  public let name: String
  /// What is wrong.
  public let cause: CauseID
  let arrays: [String: Tensor<Double>]
  let cost: Double
  /// The network, where a file of its kind needs a description.
  let network: Network?

  /// What the audit says.
  public func report() throws -> AuditReport {
    let saved = SavedArrays(arrays, cost: cost, keep: nil, tolerance: 1e-5)
    guard let network else { return try Audit.report(on: saved) }
    return try NetworkAudit(network, saved: saved).report()
  }

  /// So many steps of each kind.
  public static func steps(_ count: Int, seed: Int = 0) -> [RandomStep] {
    let kinds: [(name: String, draw: (inout Dice) -> Parts?)] = [
      ("rows", rows), ("normalization", normalization), ("recurrence", recurrence),
      ("update", update), ("gates", gates), ("changes", changes),
    ]
    return kinds.flatMap { kind in
      let key = Key(seed: seed)["steps"][kind.name]
      var steps: [RandomStep] = []
      var draw = 0
      while steps.count < count {
        var dice = Dice(key: key[draw])
        if let parts = kind.draw(&dice) {
          steps.append(
            RandomStep(
              name: "\(kind.name) \(seed).\(draw)", cause: parts.cause, arrays: parts.arrays,
              cost: parts.cost, network: parts.network))
        }
        draw += 1
      }
      return steps
    }
  }

  private struct Parts {
    var arrays: [String: Tensor<Double>]
    var cost: Double
    var cause = CauseID.unknown
    var network: Network?

    /// With the mistake of its kind in two cases of three, else with one that any step can have.
    func spoiled(
      _ cause: CauseID, _ dice: inout Dice, _ spoil: (inout [String: Tensor<Double>]) -> Void
    ) -> Parts {
      var parts = self
      parts.cause = cause
      if dice.chance(2.0 / 3) {
        spoil(&parts.arrays)
        return parts
      }
      let gradients = arrays.keys.filter { $0.hasPrefix("d") || $0.hasSuffix(".grad") }.sorted()
      let name = dice.pick(gradients)
      let (other, factor) = dice.pick([(CauseID.signFlipped, -1.0), (.constantFactor, 3.7)])
      parts.cause = other
      parts.arrays[name] = arrays[name]! * factor
      return parts
    }
  }

  // MARK: Kinds

  /// One-hot rows choose rows of W1.
  private static func rows(_ dice: inout Dice) -> Parts? {
    let (examples, rows, units) = (6 + dice.below(20), 3 + dice.below(6), 2 + dice.below(5))
    let chosen = (0..<examples).map { _ in dice.below(rows) }
    guard Set(chosen).count < examples else { return nil }
    let step = HiddenStep(Tensor(classes: chosen).oneHot(classes: rows), units: units, &dice)
    let dz = step.carriedBack(to: step.z)
    var assigned = [Double](repeating: 0, count: rows * units)
    let source = dz.scalars
    for (example, row) in chosen.enumerated() {
      for unit in 0..<units { assigned[row * units + unit] = source[example * units + unit] }
    }
    return step.parts(dz, entering: step.z).spoiled(.rowsAssignedNotAdded, &dice) {
      $0["dW1"] = Tensor([rows, units], assigned)
    }
  }

  /// Between the first layer and tanh, over the batch or over the units of an example.
  private static func normalization(_ dice: inout Dice) -> Parts? {
    let units = 3 + dice.below(4)
    let step = HiddenStep(6 + dice.below(20), 2 + dice.below(4), units: units, &dice)
    let isOverUnits = dice.chance(0.5)
    func mean(_ tensor: Tensor<Double>) -> Tensor<Double> {
      tensor.mean(alongAxes: [isOverUnits ? 1 : 0], keepingAxes: true)
    }
    let gamma = Tensor([units], dice.normal(units)) + 2
    let beta = Tensor([units], dice.normal(units))
    let centered = step.z - mean(step.z)
    let deviation = Plumbline.sqrt(mean(centered.squared()) + 1e-5)
    let x = centered / deviation
    let dy = step.carriedBack(to: x * gamma + beta)
    let dx = dy * gamma
    var parts = step.parts(
      (dx - mean(dx) - x * mean(dx * x)) / deviation, entering: x * gamma + beta)
    parts.arrays["gamma1"] = gamma
    parts.arrays["beta1"] = beta
    parts.arrays["dgamma1"] = (dy * x).sum(alongAxes: [0])
    parts.arrays["dbeta1"] = dy.sum(alongAxes: [0])
    let (cause, wrong) = dice.pick([
      (CauseID.statisticsHeldConstant, dx / deviation),
      (.statisticsHeldConstant, (dx - mean(dx)) / deviation),
      (.statisticsHeldConstant, (dx - x * mean(dx * x)) / deviation),
      (.normalizationScaleMissing, (dy - mean(dy) - x * mean(dy * x)) / deviation),
      (.normalizationScaleMissing, dx - mean(dx) - x * mean(dx * x)),
      (.statisticsHeldConstant, dx), (.statisticsHeldConstant, dy),
    ])
    return parts.spoiled(cause, &dice) { $0.merge(step.gradients(wrong)) { $1 } }
  }

  /// A recurrent layer and a dense one, described, whose gradient is cut on its way through time.
  private static func recurrence(_ dice: inout Dice) -> Parts? {
    let layer = dice.pick(["recurrent", "lstm", "gru"])
    let (steps, features, units) = (4 + dice.below(4), 2 + dice.below(3), 2 + dice.below(4))
    let examples = 3 + dice.below(6)
    func network(_ truncation: Int?) throws -> Network {
      let cut = truncation.map { ", \"truncation\": \($0)" } ?? ""
      return try NetworkDescription(
        json: """
          {"input": [\(steps), \(features)], "output": "softmax", "layers": [
            {"layer": "\(layer)", "units": \(units)\(cut)}, {"layer": "dense", "outputs": 2}]}
          """
      ).network()
    }
    do {
      let cut = try network(1 + dice.below(steps - 1))
      let whole = DescribedPass(
        try network(nil), inputs: [examples, steps, features], &dice)
      return whole.parts.spoiled(.timeStepsMissing, &dice) { arrays in
        arrays.merge(whole.gradients(of: whole.cost(of: cut))) { $1 }
      }
    } catch {
      fatalError("a recurrence of the random steps: \(error)")
    }
  }

  /// A gated layer between dense ones, described, on whose way back a factor or one of two ways is forgotten.
  private static func gates(_ dice: inout Dice) -> Parts? {
    let (features, width, units) = (2 + dice.below(3), 3 + dice.below(3), 2 + dice.below(4))
    do {
      let network = try NetworkDescription(
        json: """
          {"input": [\(features)], "output": "softmax", "layers": [
            {"layer": "dense", "outputs": \(width)}, {"layer": "gated-mlp", "units": \(units)},
            {"layer": "dense", "outputs": 2}]}
          """
      ).network()
      let right = DescribedPass(network, inputs: [4 + dice.below(6), features], &dice)
      let (cause, mistake) = dice.pick([
        (CauseID.factorMissing, 0), (.factorMissing, 1), (.pathMissing, 2), (.pathMissing, 3),
      ])
      return right.parts.spoiled(cause, &dice) { arrays in
        let wrong = right.gradients(of: { tape, p in
          let x = linear(tape.constant(right.inputs), p["0.weight"]!, p["0.bias"]!)
          let gate = silu(matmul(mistake == 2 ? x.detached() : x, p["1.gateWeight"]!))
          let value = matmul(mistake == 3 ? x.detached() : x, p["1.weight"]!)
          let product =
            switch mistake {
            case 0: gate.detached() * value + (gate - gate.detached())
            case 1: gate * value.detached() + (value - value.detached())
            default: gate * value
            }
          let y = matmul(product, p["1.outputWeight"]!)
          return right.loss(linear(y, p["2.weight"]!, p["2.bias"]!))
        })
        arrays.merge(wrong) { $1 }
      }
    } catch {
      fatalError("gates of the random steps: \(error)")
    }
  }

  /// A pass through a described network with two classes.
  private struct DescribedPass {
    let network: Network
    let inputs: Tensor<Double>
    private let targets: Tensor<Double>
    private let parameters: Parameters<Double>

    init(_ network: Network, inputs shape: Shape, _ dice: inout Dice) {
      self.network = network
      inputs = Tensor(shape, dice.normal(shape.elementCount))
      targets = Tensor(classes: (0..<shape[0]).map { $0 % 2 })
      parameters = Parameters(of: network, key: dice.key["parameters"])
    }

    /// The loss of what the layers give.
    func loss(_ outputs: Variable<Double>) -> Variable<Double> {
      LossFunction.crossEntropy(outputs, outputs.constant(targets.oneHot(classes: 2)))
    }

    /// The cost of a network with the same parameters.
    func cost(
      of network: Network
    ) -> (Tape<Double>, [String: Variable<Double>]) -> Variable<Double> {
      { tape, variables in
        NetworkCost(
          network, loss: .crossEntropy, inputs: inputs, targets: targets.oneHot(classes: 2))(
            parameters.names.map { variables[$0]! })
      }
    }

    /// The gradients of a cost of the parameters, by the names that files give them.
    func gradients(
      of cost: (Tape<Double>, [String: Variable<Double>]) -> Variable<Double>
    ) -> [String: Tensor<Double>] {
      pass(cost).gradients
    }

    private func pass(
      _ cost: (Tape<Double>, [String: Variable<Double>]) -> Variable<Double>
    ) -> (cost: Double, gradients: [String: Tensor<Double>]) {
      let tape = Tape<Double>()
      let variables = Dictionary(
        uniqueKeysWithValues: parameters.names.map { ($0, tape.variable(parameters[$0])) })
      let result = cost(tape, variables)
      let value = result.value.scalar
      let gradients = tape.gradients(of: result)
      return (
        value,
        Dictionary(uniqueKeysWithValues: variables.map { ($0.key + ".grad", gradients[$0.value]) })
      )
    }

    /// What is saved of it, with the right gradients.
    var parts: Parts {
      let (cost, gradients) = pass(cost(of: network))
      var arrays = gradients
      (arrays["X"], arrays["Y"]) = (inputs, targets)
      for name in parameters.names { arrays[name] = parameters[name] }
      return Parts(arrays: arrays, cost: cost, network: network)
    }
  }

  /// A dense step whose parameters were saved after the update.
  private static func update(_ dice: inout Dice) -> Parts? {
    let step = HiddenStep(6 + dice.below(20), 2 + dice.below(4), units: 2 + dice.below(5), &dice)
    let rate = dice.pick([0.01, 0.1, 0.5])
    return step.parts(step.carriedBack(to: step.z), entering: step.z).spoiled(.stale, &dice) {
      for name in ["W1", "b1", "W2", "b2"] { $0[name] = $0[name]! - $0["d" + name]! * rate }
    }
  }

  /// Gradients that were clipped value by value, reduced to their signs, or divided by their own size before they were saved.
  private static func changes(_ dice: inout Dice) -> Parts? {
    let step = HiddenStep(6 + dice.below(20), 2 + dice.below(4), units: 2 + dice.below(5), &dice)
    let change = dice.below(3)
    let share = dice.pick([0.2, 0.5, 0.8])
    return step.parts(step.carriedBack(to: step.z), entering: step.z)
      .spoiled(.changedAfterwards, &dice) { arrays in
        let names = ["dW1", "db1", "dW2", "db2"]
        let bound = share * (names.map { arrays[$0]!.scalars.map(abs).max()! }.max() ?? 1)
        for name in names {
          let value = arrays[name]!
          arrays[name] =
            switch change {
            case 0: minimum(maximum(value, Tensor(-bound)), Tensor(bound))
            case 1: sign(value) * 0.01
            default: value / (abs(value) + 1e-8 * bound + 0.05 * bound) * 0.001
            }
        }
      }
  }

  /// A first layer, tanh, and a linear layer under the mean of half the squares.
  private struct HiddenStep {
    let x: Tensor<Double>, w: Tensor<Double>, b: Tensor<Double>
    private let targets: Tensor<Double>, v: Tensor<Double>, c: Tensor<Double>

    init(_ x: Tensor<Double>, units: Int, _ dice: inout Dice) {
      let (examples, inputs) = (x.shape[0], x.shape[1])
      self.x = x
      w = Tensor([inputs, units], dice.normal(inputs * units))
      b = Tensor([units], dice.normal(units)) * 0.3
      v = Tensor([units, 2], dice.normal(units * 2)) * 0.6
      c = Tensor([2], dice.normal(2)) * 0.3
      targets = Tensor([examples, 2], dice.normal(examples * 2))
    }

    init(_ examples: Int, _ inputs: Int, units: Int, _ dice: inout Dice) {
      self.init(Tensor([examples, inputs], dice.normal(examples * inputs)), units: units, &dice)
    }

    /// What the first layer gives.
    var z: Tensor<Double> { matmul(x, w) + b }

    private func error(_ a: Tensor<Double>) -> Tensor<Double> {
      (matmul(a, v) + c - targets) / Double(x.shape[0])
    }

    /// The gradient of what enters tanh.
    func carriedBack(to entering: Tensor<Double>) -> Tensor<Double> {
      let a = Plumbline.tanh(entering)
      return matmul(error(a), v, transposingSecond: true) * (1 - a * a)
    }

    /// The gradients of the first layer's parameters by that of what it gives.
    func gradients(_ dz: Tensor<Double>) -> [String: Tensor<Double>] {
      ["dW1": matmul(x, dz, transposingFirst: true), "db1": dz.sum(alongAxes: [0])]
    }

    /// What is saved where the first layer's gradient is `dz` and tanh is taken of `entering`.
    func parts(_ dz: Tensor<Double>, entering: Tensor<Double>) -> Parts {
      let a = Plumbline.tanh(entering)
      let error = error(a)
      var arrays = ["X": x, "Y": targets, "W1": w, "b1": b, "W2": v, "b2": c]
      arrays["dW2"] = matmul(a, error, transposingFirst: true)
      arrays["db2"] = error.sum(alongAxes: [0])
      return Parts(
        arrays: arrays.merging(gradients(dz)) { $1 },
        cost: (error * error).sum().scalar * Double(x.shape[0]) / 2)
    }
  }
}
