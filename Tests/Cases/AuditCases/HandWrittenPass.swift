import Plumbline
import Verification

/// A forward and backward pass as people write them by hand: one line after the other, examples in columns,
/// without the engine's tape. Mutations are planted where people make them.
struct HandWrittenPass {
  let network: HandWrittenNetwork
  let x: Tensor<Double>, y: Tensor<Double>
  let w: [Tensor<Double>], b: [Tensor<Double>]
  let masks: [Int: Tensor<Double>]
  let keep: Double
  let mutations: [Mutation]
  /// Whether dZ of the last layer is divided by m, or each gradient of a parameter.
  let averagesFirst: Bool

  /// The same pass with other mistakes.
  func with(_ mutations: [Mutation]) -> HandWrittenPass {
    HandWrittenPass(
      network: network, x: x, y: y, w: w, b: b, masks: masks, keep: keep, mutations: mutations,
      averagesFirst: averagesFirst)
  }

  private var m: Double { Double(x.shape[1]) }
  private var last: Int { network.layerCount }
  private func has(_ mutation: Mutation) -> Bool { mutations.contains(mutation) }

  /// What the pass leaves: all arrays under their names, and the cost.
  func arrays() -> (arrays: [String: Tensor<Double>], cost: Double) {
    var store: [String: Tensor<Double>] = ["X": x, "Y": y]
    var (z, a): ([Tensor<Double>], [Tensor<Double>]) = ([x], [x])
    for layer in 1...last {
      let linear = matmul(w[layer - 1], a[layer - 1]) + b[layer - 1]
      var output =
        network.activation(layer) == .softmax
        ? softmax(linear, alongAxis: 0) : network.activation(layer)(linear)
      if network.endsBlock(layer) { output = a[layer - 2] + network.branchScale * output }
      if let mask = masks[layer] { output = output * mask / keep }
      z.append(linear)
      a.append(output)
      store["Z\(layer)"] = linear
      store["A\(layer)"] = output
      store["W\(layer)"] = w[layer - 1]
      store["b\(layer)"] = b[layer - 1]
      if let mask = masks[layer] { store["D\(layer)"] = mask }
    }
    let cost = cost(a[last])
    var da = outputGradient(a[last])
    var blockOutput = da
    for layer in (1...last).reversed() {
      da = planted(da, Quantity(.activationGradient, layer))
      store["dA\(layer)"] = da
      if network.endsBlock(layer) { blockOutput = masked(da, layer) }
      var dz = throughActivation(da, z[layer], a[layer], layer)
      dz = planted(dz, Quantity(.preactivationGradient, layer))
      store["dZ\(layer)"] = dz
      parameterGradients(dz, da, z, a, layer, &store)
      guard layer > 1 else { break }
      var weight = w[layer - 1]
      if has(.stale(layer - 1)), let dw = store["dW\(layer)"], dw.shape == weight.shape {
        weight = weight - 0.05 * dw
      }
      var below =
        has(.notTransposed(layer - 1)) ? matmul(weight, dz) : matmul(weight.transposed(), dz)
      if has(.notCarried(layer - 1)) { below = dz * .ones(below.shape) }
      if network.blockStarts.contains(layer) && !has(.skipDropped(layer)) {
        below = below + blockOutput * (has(.skipTwice(layer)) ? 2 : 1)
      }
      da = below
    }
    return (store, cost)
  }

  private func cost(_ output: Tensor<Double>) -> Double {
    let penalty = w.reduce(0.0) {
      $0 + network.l2 / (2 * m) * $1.squared().sum().scalar + network.l1 / m * abs($1).sum().scalar
    }
    let data: Double =
      switch network.loss {
      case .crossEntropy: -(y * log(output)).sum().scalar / m
      case .binaryCrossEntropy:
        -(y * log(output) + (1 - y) * log(1 - output)).sum().scalar / m
      default: (output - y).squared().mean().scalar
      }
    return data + penalty
  }

  /// dA of the output, averaged or not.
  private func outputGradient(_ output: Tensor<Double>) -> Tensor<Double> {
    let value: Tensor<Double> =
      switch network.loss {
      case _ where has(.squaredErrorGradient): 2 * (output - y)
      case .crossEntropy: -(y / output)
      case .binaryCrossEntropy:
        has(.plusForMinus)
          ? -(y / output + (1 - y) / (1 - output)) : -(y / output - (1 - y) / (1 - output))
      default: 2 * (output - y) / Double(y.shape[0])
      }
    return averagesFirst ? value / m : value
  }

  private func masked(_ da: Tensor<Double>, _ layer: Int) -> Tensor<Double> {
    guard let mask = masks[layer], !has(.noMask(layer)) else { return da }
    return has(.noMaskScale(layer)) ? da * mask : da * mask / keep
  }

  private func throughActivation(
    _ da: Tensor<Double>, _ z: Tensor<Double>, _ a: Tensor<Double>, _ layer: Int
  ) -> Tensor<Double> {
    let da = masked(da, layer)
    if network.endsBlock(layer) { return da * network.branchScale }
    if has(.noDerivative(layer)) { return da }
    if has(.activationForDerivative(layer)) { return da * a }
    let activation = network.activation(layer)
    // With dropout the activation before the mask is not kept; people take the derivative at Z.
    let own = activation == .softmax ? a : activation(z)
    if layer == last, has(.diagonalJacobian) { return da * a * (1 - a) }
    if layer == last, has(.broadcastLabels) {
      return (a * m - y.sum()) * (averagesFirst ? 1 / m : 1)
    }
    if layer == last, activation == .softmax, has(.squaredErrorGradient) {
      return a * (da - (da * a).sum(alongAxes: [0], keepingAxes: true))
    }
    if layer == last, !averagesFirst || activation == .softmax, activation != .linear,
      network.loss != .meanSquaredError, !has(.plusForMinus), !has(.squaredErrorGradient),
      !changesOutputDerivative
    {
      let difference = (a - y) * (averagesFirst ? 1 / m : 1)
      return has(.derivativeTwice) ? difference * derivative(activation, z, own) : difference
    }
    for mutation in mutations {
      switch mutation {
      case .otherDerivative(layer, let other): return da * derivative(other, z, other(z))
      case .derivativeAtActivation(layer): return da * derivative(activation, own, activation(own))
      case .formulaAtPreactivation(layer): return da * derivative(activation, z, z)
      default: break
      }
    }
    return da * derivative(activation, z, own)
  }

  private var changesOutputDerivative: Bool {
    mutations.contains {
      switch $0 {
      case .otherDerivative(last, _), .derivativeAtActivation(last), .formulaAtPreactivation(last),
        .factor(Quantity(.activationGradient, last), _):
        true
      default: false
      }
    }
  }

  /// f' as textbooks have it: by A where that is shorter.
  private func derivative(
    _ activation: Activation, _ z: Tensor<Double>, _ a: Tensor<Double>
  ) -> Tensor<Double> {
    let zero = Tensor(0.0)
    let isPositive = compare(z, .greater, zero)
    let bend =
      mutations.compactMap { if case .otherSideOfKink(let value) = $0 { value } else { nil } }
      .first ?? 0
    switch activation {
    case .linear, .softmax: return .ones(z.shape)
    case .relu: return isPositive + bend * compare(z, .equal, zero)
    case .leakyRelu: return select(isPositive, Tensor(1), Tensor(0.01))
    case .elu: return select(isPositive, Tensor(1), a + 1)
    case .tanh: return 1 - a.squared()
    case .sigmoid: return a * (1 - a)
    case .softplus: return 1 / (1 + exp(-z))
    case .gelu:
      return normalCDF(z) + z * exp(z.squared() * -0.5) / (2 * Double.pi).squareRoot()
    default:  // silu
      let s = 1 / (1 + exp(-z))
      return s + z * s * (1 - s)
    }
  }

  private func parameterGradients(
    _ dz: Tensor<Double>, _ da: Tensor<Double>, _ z: [Tensor<Double>], _ a: [Tensor<Double>],
    _ layer: Int, _ store: inout [String: Tensor<Double>]
  ) {
    let (dwName, dbName) = (Quantity(.weightGradient, layer), Quantity(.biasGradient, layer))
    let average = averagesFirst ? 1 : 1 / m
    var input = a[layer - 1]
    if has(.preactivationInput(layer)) { input = z[layer - 1] }
    if has(.ownOutput(layer)) { input = a[layer] }
    var dw =
      matmul(used(dz, dwName), used(input, dwName).transposed())
      * (has(.noAverage(dwName)) ? 1 : average)
    if has(.noAverage(dwName)) && averagesFirst { dw = dw * m }
    if has(.extraAverage(dwName)) { dw = dw / m }
    let weight = w[layer - 1]
    if !has(.noPenalty(layer)) {
      let scale = has(.penaltyWithoutAverage(layer)) ? 1 : 1 / m
      dw = dw + network.l2 * scale * weight
      dw = dw + network.l1 * scale * sign(weight)
    }
    if has(.strayPenalty(layer)) { dw = dw + 0.7 / m * weight }
    if has(.summedFirst(layer)) {
      dw =
        matmul(
          dz.sum(alongAxes: [1], keepingAxes: true),
          input.sum(alongAxes: [1], keepingAxes: true).transposed()) * average
    }
    if has(.unsummedWeights(layer)) { dw = input * dz * average }
    if has(.transposed(layer)) { dw = dw.transposed() }
    if has(.zero(layer)) { dw = .zeros(dw.shape) }
    store["\(dwName)"] = planted(dw, dwName)

    var db = used(dz, dbName).sum(alongAxes: [1], keepingAxes: true) * average
    if has(.noAverage(dbName)) { db = db * m }
    if has(.extraAverage(dbName)) { db = db / m }
    if has(.penaltyOnBias(layer)) {
      db = db + (network.l2 == 0 ? 0.7 : network.l2) / m * b[layer - 1]
    }
    if has(.firstExampleBias(layer)) { db = dz.sliced(axis: 1, 0..<1) }
    if has(.totalBias(layer)) { db = .ones(db.shape) * (dz.sum().scalar * average) }
    if has(.unsummedBias(layer)) { db = dz * average }
    if has(.biasOverUnits(layer)) { db = dz.sum(alongAxes: [0], keepingAxes: true) * average }
    if has(.biasOfWeights(layer)) {
      db = matmul(dz, input.transposed()).sum(alongAxes: [1], keepingAxes: true) * average
    }
    store["\(dbName)"] = planted(db, dbName)
  }

  /// The examples that a gradient is made of.
  private func used(_ value: Tensor<Double>, _ quantity: Quantity) -> Tensor<Double> {
    for case .lastExamples(quantity, let count) in mutations {
      return value.sliced(axis: 1, value.shape[1] - count..<value.shape[1])
    }
    return value
  }

  private func planted(_ value: Tensor<Double>, _ quantity: Quantity) -> Tensor<Double> {
    var value = value
    for mutation in mutations {
      switch mutation {
      case .factor(quantity, let factor): value = value * factor
      case .notANumber(quantity):
        var flat = value.reshaped(to: [value.count])
        flat[0] = .nan
        value = flat.reshaped(to: value.shape)
      case .strange(quantity):
        value = value * (1.3 + 0.4 * tanh(7 * value / (abs(value).max() + 1e-300)))
      default: break
      }
    }
    return value
  }
}
