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
    var parameters: [Tensor<Double>] = []
    for entry in layout.entries {
      let own = try needed(entry.name, [entry.name])
      names[own.name] = entry.name
      parameters.append(try fitted(own, entry.shape, entry.name))
    }
    let cost = NetworkCost(
      network, loss: loss, inputs: x.value.reshaped(to: Shape([count] + input.extents)),
      targets: targets)
    let tape = Tape<Double>()
    let variables = parameters.map { tape.variable($0) }
    let value = cost(variables)
    let ours = value.scalar
    let gradients = tape.gradients(of: value)
    let given = array(["cost", "loss", "J"])
    if let given { names[given.name] = "cost" }
    let yours = given?.value.scalars.first
    let factor = scale(yours, ours, examples: count, outputs: outputs)
    let comparison = Comparison(
      tolerance: saved.arrays.map(\.tolerance).max() ?? 1e-5, examples: Double(count))
    var items: [AuditReport.Item] = []
    var notJudged: [String] = []
    for (index, entry) in layout.entries.enumerated().reversed() {
      guard let own = array(Self.gradientNames(entry.name)) else {
        notJudged.append("d\(entry.name)")
        continue
      }
      names[own.name] = "d\(entry.name)"
      let right =
        gradients.reaches(variables[index]) ? gradients[variables[index]] : .zeros(entry.shape)
      items.append(
        judged(
          try fitted(own, entry.shape, entry.name), right * (factor?.value ?? 1), entry.name,
          layer: index + 1, comparison))
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
        notJudged: notJudged.reversed(), layout: "rows", loss: loss.rawValue,
        costScale: factor?.words ?? "the mean", network: "as described"),
      undecided: factor == nil
        ? "The \(loss.rawValue) gives \(ours), and your cost is \(yours ?? .nan): no usual factor lies between them. Save the cost of this "
          + "step, or say which loss it is: --loss." : nil)
  }

  private static func gradientNames(_ path: String) -> [String] {
    [path + ".grad", "d" + path, "grad_" + path, path + "_grad", "d_" + path, "grad." + path]
  }

  /// An array in the shape of its parameter; a matrix may be turned.
  private func fitted(
    _ own: SavedArray, _ shape: Shape, _ path: String
  ) throws(Problem) -> Tensor<Double> {
    if own.value.shape == shape { return own.value }
    if own.value.count == shape.elementCount, own.value.shape.rank != 2 || shape.rank != 2 {
      return own.value.reshaped(to: shape)
    }
    if shape.rank == 2, own.value.shape == Shape(shape.extents.reversed()) {
      return own.value.transposed()
    }
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

  private func judged(
    _ own: Tensor<Double>, _ right: Tensor<Double>, _ path: String, layer: Int,
    _ comparison: Comparison
  ) -> AuditReport.Item {
    let quantity = Quantity(
      named: "d\(path)", path.hasSuffix("bias") ? .biasGradient : .weightGradient, layer)
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
