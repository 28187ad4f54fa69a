import Findings
import Networks
import Plumbline

/// The judgement of a backward pass through a network of any layers, which a description gives: verdict and first divergence.
///
/// The file holds X, Y, the parameters under their paths, as in `0.weight`, each one's gradient (`0.weight.grad`, `d0.weight`), and the
/// cost, which decides the scale. Causes are told where a ratio or a transposition tells them.
public struct NetworkAudit {
  let network: Network
  let loss: LossFunction
  let saved: SavedArrays

  /// An audit of the arrays of a file.
  public init(_ network: Network, loss: LossFunction? = nil, saved: SavedArrays) {
    self.network = network
    self.loss = loss ?? .customary(for: network.description.output)
    self.saved = saved
  }

  private func array(_ wanted: [String]) -> SavedArray? {
    let names = wanted.map { $0.lowercased() }
    return saved.arrays.first { names.contains($0.name.lowercased()) }
  }

  private func needed(_ name: String, _ wanted: [String]) throws(Problem) -> SavedArray {
    if let found = array(wanted) { return found }
    throw saved.problem(
      "array \(name)",
      "there is no such array, only \(saved.arrays.map(\.name).joined(separator: ", "))",
      "save X, Y, cost, the parameters by their paths and each one's gradient as PATH.grad")
  }

  /// The report.
  ///
  /// - Throws: ``Problem`` for arrays that are missing or do not fit the network.
  public func report() throws(Problem) -> AuditReport {
    let x = try needed("X", ["X", "inputs", "input", "x_train"])
    let y = try needed("Y", ["Y", "labels", "targets", "target", "y_train"])
    let input = network.description.input
    let count = x.value.shape.extents.first ?? 0
    guard count > 0, x.value.count == count * input.elementCount, x.value.isFinite else {
      throw saved.problem(
        "array \(x.name)",
        "has shape \(x.value.shape), and the network takes \(input) for each example",
        "save the examples in rows")
    }
    let outputs = network.outputShape.elementCount
    let rows =
      y.value.count == count * outputs && outputs > 1
      ? y.value.reshaped(to: [count, outputs]) : y.value
    let targets = try loss.targets(rows, examples: count, outputs: outputs)
    let layout = ParameterLayout(of: network)
    var names = [x.name: "X", y.name: "Y"]
    let inputs = x.value.reshaped(to: Shape([count] + input.extents))
    let given = array(["cost", "loss", "J"])
    if let given { names[given.name] = "cost" }
    let yours = given?.value.scalars.first
    /// The parameters in one orientation, with the cost that they give.
    func read(_ prefersTurned: Bool) throws(Problem) -> Attempt {
      var parameters: [Tensor<Double>] = []
      var turned: [Bool] = []
      for entry in layout.entries {
        let own = try needed(entry.name, [entry.name])
        let (value, isTurned) = try fitted(own, entry.shape, entry.name, prefersTurned)
        parameters.append(value)
        turned.append(isTurned)
      }
      let cost = NetworkCost(network, loss: loss, inputs: inputs, targets: targets)
      let value = cost(parameters).scalar
      return Attempt(
        parameters: parameters, turned: turned, cost: value,
        factor: scale(yours, value, examples: count, outputs: outputs))
    }
    // Square weights fit both ways: the cost tells.
    let attempts = [try read(false), try read(true)]
    let attempt = attempts.first { $0.factor != nil } ?? attempts[0]
    let (ours, factor) = (attempt.cost, attempt.factor)
    for entry in layout.entries { names[try needed(entry.name, [entry.name]).name] = entry.name }
    let gradients = gradients(of: network, attempt, inputs, targets)
    let comparison = Comparison(
      tolerance: saved.arrays.map(\.tolerance).max() ?? 1e-5, examples: Double(count))
    var items: [AuditReport.Item] = []
    var values: [(own: Tensor<Double>, index: Int)] = []
    var notJudged: [String] = []
    for (index, entry) in layout.entries.enumerated().reversed() {
      guard let own = array(Self.gradientNames(entry.name)) else {
        notJudged.append("d\(entry.name)")
        continue
      }
      names[own.name] = "d\(entry.name)"
      let (value, isTurned) = try fitted(own, entry.shape, entry.name, attempt.turned[index])
      let right = gradients[index] * (factor?.value ?? 1)
      items.append(
        isTurned == attempt.turned[index]
          ? judged(value, right, entry.name, layer: index + 1, comparison)
          : AuditReport.Item(
            quantity: quantity(entry.name, index + 1), verdict: .fail, relativeError: 1,
            cause: Transposed.mistake(quantity(entry.name, index + 1)).cause))
      values.append((value, index))
    }
    if items.contains(where: { $0.cause?.id == .unknown }),
      let chunk = truncation(
        explaining: zip(items, values).filter { $0.0.verdict == .fail }.map(\.1), attempt, inputs,
        targets, comparison)
    {
      items = items.map { item in
        guard item.verdict == .fail else { return item }
        return AuditReport.Item(
          quantity: item.quantity, verdict: .fail, relativeError: item.relativeError,
          cause: Cause(
            id: TimeStepsMissing.id,
            explanation: "\(item.quantity) " + TimeStepsMissing.words(cutEvery: chunk)))
      }
    }
    guard !items.isEmpty else {
      throw saved.problem(
        "gradients", "there are none",
        "save each parameter's gradient as PATH.grad: 0.weight.grad, 0.bias.grad, ...")
    }
    return AuditReport(
      items: items, cost: (yours, ours * (factor?.value ?? 1)),
      remarks: yours == nil
        ? [
          "There is no cost in the file; gradients were taken for those of the mean over the examples."
        ] : [],
      reading: AuditReport.Reading(
        names: names, ignored: saved.arrays.map(\.name).filter { names[$0] == nil },
        notJudged: notJudged.reversed(),
        layout: attempt.turned.contains(true) ? "torch" : "rows", loss: loss.rawValue,
        costScale: factor?.words ?? "the mean", network: "as described"),
      undecided: factor == nil
        ? "The \(loss.rawValue) gives \(ours), and your cost is \(yours ?? .nan): no usual factor lies between them. Save the cost of this "
          + "step, or say which loss it is: --loss." : nil)
  }

  private static func gradientNames(_ path: String) -> [String] {
    [path + ".grad", "d" + path, "grad_" + path, path + "_grad", "d_" + path, "grad." + path]
  }

  /// The parameters as read in one orientation.
  private struct Attempt {
    let parameters: [Tensor<Double>]
    /// Whether each lies as in PyTorch: outputs first.
    let turned: [Bool]
    let cost: Double
    let factor: (value: Double, words: String)?
  }

  /// The gradients of the mean by all parameters.
  private func gradients(
    of network: Network, _ attempt: Attempt, _ inputs: Tensor<Double>, _ targets: Tensor<Double>
  ) -> [Tensor<Double>] {
    let tape = Tape<Double>()
    let variables = attempt.parameters.map { tape.variable($0) }
    let cost = NetworkCost(network, loss: loss, inputs: inputs, targets: targets)
    let gradients = tape.gradients(of: cost(variables))
    return variables.map { gradients.reaches($0) ? gradients[$0] : .zeros($0.shape) }
  }

  /// The steps after which the gradient of a recurrence is cut, where that explains all gradients that are wrong; `nil` elsewhere.
  private func truncation(
    explaining wrong: [(own: Tensor<Double>, index: Int)], _ attempt: Attempt,
    _ inputs: Tensor<Double>, _ targets: Tensor<Double>, _ comparison: Comparison
  ) -> Int? {
    let description = network.description
    guard description.layers.contains(where: { $0.form is any RecurrentForm }),
      description.input.rank == 2
    else { return nil }
    for steps in 1..<Swift.max(Swift.min(description.input[0], 65), 1) {
      var cut = description
      for index in cut.layers.indices {
        guard var form = cut.layers[index].form as? any RecurrentForm, form.truncation == nil else {
          continue
        }
        form.truncation = steps
        cut.layers[index].form = form
      }
      guard let network = try? cut.network() else { return nil }
      let values = gradients(of: network, attempt, inputs, targets)
      let explains = wrong.allSatisfy {
        comparison.agree($0.own, values[$0.index] * (attempt.factor?.value ?? 1))
      }
      if explains { return steps }
    }
    return nil
  }

  /// An array in the shape of its parameter: as it lies here, or as PyTorch has it, with the outputs first.
  private func fitted(
    _ own: SavedArray, _ shape: Shape, _ path: String, _ prefersTurned: Bool
  ) throws(Problem) -> (value: Tensor<Double>, isTurned: Bool) {
    let extents = shape.extents
    func straight() -> Tensor<Double>? {
      func significant(_ shape: Shape) -> [Int] { shape.extents.filter { $0 != 1 } }
      return own.value.shape == shape || significant(own.value.shape) == significant(shape)
        ? own.value.reshaped(to: shape) : nil
    }
    func turned() -> Tensor<Double>? {
      guard shape.rank >= 2,
        own.value.shape.extents == [extents[shape.rank - 1]] + Array(extents.dropLast())
      else { return nil }
      return own.value.transposed(permutation: Array(1..<shape.rank) + [0])
    }
    if prefersTurned, let value = turned() { return (value, true) }
    if let value = straight() { return (value, false) }
    if let value = turned() { return (value, true) }
    throw saved.problem(
      "array \(own.name)", "has shape \(own.value.shape), and \(path) of the network has \(shape)",
      "save the parameter, or its gradient, of this network")
  }

  /// The factor of the person's cost on the mean; 1 without a cost, `nil` where none is usual.
  private func scale(
    _ yours: Double?, _ ours: Double, examples: Int, outputs: Int
  ) -> (value: Double, words: String)? {
    guard let yours else { return (1, "the mean") }
    let (m, k) = (Double(examples), Double(outputs))
    let factors = [
      (1, "the mean"), (0.5, "half the mean"), (m, "the sum over the examples"),
      (m / 2, "half the sum over the examples"), (k, "the mean over the examples"),
      (k / 2, "half the mean over the examples"), (m * k, "the sum"), (m * k / 2, "half the sum"),
    ]
    return factors.first { abs($0.0 * ours - yours) <= 1e-5 * abs(yours) }
  }

  private func quantity(_ path: String, _ layer: Int) -> Quantity {
    Quantity(named: "d\(path)", path.hasSuffix("bias") ? .biasGradient : .weightGradient, layer)
  }

  private func judged(
    _ own: Tensor<Double>, _ right: Tensor<Double>, _ path: String, layer: Int,
    _ comparison: Comparison
  ) -> AuditReport.Item {
    let quantity = quantity(path, layer)
    func item(_ verdict: Verdict, _ cause: Cause? = nil) -> AuditReport.Item {
      AuditReport.Item(
        quantity: quantity, verdict: verdict, relativeError: own.relativeDistance(to: right),
        cause: cause)
    }
    let noise = 1e-12 * Double(own.count).squareRoot()
    guard own.isFinite else {
      return item(.fail, NonFinite.cause(quantity, own))
    }
    if comparison.agree(own, right, noise: right.norm <= noise ? noise : 0) { return item(.pass) }
    if own.norm == 0 { return item(.fail, ZeroGradient.mistake(quantity).cause) }
    if let ratio = comparison.factor(of: own, to: right) {
      return item(.fail, comparison.mistakes(ratio: ratio, at: quantity).first?.cause)
    }
    if own.shape.rank == 2, own.shape[0] == own.shape[1], comparison.agree(own.transposed(), right)
    {
      return item(.fail, Transposed.mistake(quantity).cause)
    }
    return item(.fail, UnknownMistake.cause(quantity))
  }
}
