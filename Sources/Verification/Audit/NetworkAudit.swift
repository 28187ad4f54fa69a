import Findings
import Networks
import Plumbline

/// The judgement of a backward pass through a network of any layers, which a description gives: verdict and first divergence.
///
/// The file holds X, Y, the parameters under their paths, as in `0.weight`, or under names of one's own, each one's gradient
/// (`0.weight.grad`, `d0.weight`, `dW1`), and the cost, which decides the scale, and which array is which parameter where shapes leave a
/// choice. Causes are told where a ratio or a transposition tells them.
public struct NetworkAudit {
  let network: Network
  let loss: LossFunction
  let saved: SavedArrays
  /// Names that were given, theirs by ours.
  let given: [String: String]
  private let named: [(array: SavedArray, name: ArrayName)]

  /// An audit of the arrays of a file.
  public init(
    _ network: Network, loss: LossFunction? = nil, saved: SavedArrays, names: [String: String] = [:]
  ) {
    self.network = network
    self.loss = loss ?? .customary(for: network.description.output)
    self.saved = saved
    given = names
    let words = Set(saved.arrays.map { ArrayName.words(of: names[$0.name] ?? $0.name) })
    named = saved.arrays.map { ($0, ArrayName(names[$0.name] ?? $0.name, among: words)) }
  }

  private func array(_ wanted: [String]) -> SavedArray? {
    let names = wanted.map { $0.lowercased() }
    return saved.arrays.first { names.contains((given[$0.name] ?? $0.name).lowercased()) }
  }

  /// The examples or the targets: of several the array of the plainest name.
  private func example(_ role: ArrayName.Role, _ name: String) throws(Problem) -> SavedArray {
    if let found = array([name]) { return found }
    let others: Set<String> = ["test", "val", "valid", "dev", "validation"]
    let found = named.filter {
      $0.name.role == role && !$0.name.isGradient && others.isDisjoint(with: $0.name.key)
    }
    if let best = found.min(by: { $0.name.key.count < $1.name.key.count }) { return best.array }
    throw saved.problem(
      "array \(name)",
      "there is no such array, only \(saved.arrays.map(\.name).joined(separator: ", "))",
      "save X, Y, cost, the parameters and each one's gradient; an array of another name is told by --name THEIRS=\(name)"
    )
  }

  /// The report.
  ///
  /// - Throws: ``Problem`` for arrays that are missing or do not fit the network.
  public func report() throws(Problem) -> AuditReport {
    let x = try example(.input, "X")
    let y = try example(.target, "Y")
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
    let cost = array(["cost"]) ?? array(["loss", "J"]) ?? plainCost
    let inputs = x.value.reshaped(to: Shape([count] + input.extents))
    do throws(Problem) {
      try network.check(inputs)
    } catch {
      throw saved.problem("array \(x.name), \(error.location ?? "")", error.problem, error.remedy)
    }
    let parameters = parameters(besides: [x, y] + (cost.map { [$0] } ?? []))
    guard !parameters.isEmpty else {
      throw saved.problem(
        "gradients", "there are none",
        "save each parameter's gradient as PATH.grad (0.weight.grad, 0.bias.grad, ...) or as dW1 for W1"
      )
    }
    let yours = cost?.value.scalars.first
    let attempt = try attempt(parameters, inputs, targets, yours)
    return try report(attempt, parameters, x, y, cost, inputs, targets)
  }

  /// What is called a cost with more words.
  private var plainCost: SavedArray? {
    named.filter {
      $0.name.role == .cost && !$0.name.isGradient && $0.array.value.count == 1
    }.min { $0.name.key.count < $1.name.key.count }?.array
  }

  // MARK: Which array is which parameter

  /// A parameter as it is in the file, with its gradient.
  private struct Own {
    let array: SavedArray, name: ArrayName
    let gradient: SavedArray?
  }

  private static func gradientNames(_ path: String) -> [String] {
    [path + ".grad", "d" + path, "grad_" + path, path + "_grad", "d_" + path, "grad." + path]
  }

  /// The arrays that are parameters: those of the network's paths, and those that have a gradient.
  private func parameters(besides others: [SavedArray]) -> [Own] {
    let paths = Set(ParameterLayout(of: network).entries.map { $0.name.lowercased() })
    let known = Set(others.map(\.name))
    return named.compactMap { array, name -> Own? in
      guard !known.contains(array.name), !array.value.shape.extents.contains(0) else { return nil }
      let called = given[array.name] ?? array.name
      let gradient =
        self.array(Self.gradientNames(called))
        ?? (name.isGradient
          ? nil
          : named.first {
            $0.name.isGradient && $0.name.role == name.role && name.role != nil
              && $0.name.key.sorted() == name.key.sorted()
          }?.array)
      let isParameter = paths.contains(called.lowercased())
      guard isParameter || (gradient != nil && !name.isGradient && gradient?.name != array.name)
      else { return nil }
      return Own(array: array, name: name, gradient: gradient)
    }
  }

  /// The parameters as read in one way, with the cost that they give.
  private struct Attempt {
    let mapping: DescribedArrays.Mapping
    let parameters: [Tensor<Double>]
    let cost: Double
    let factor: (value: Double, words: String)?
  }

  private func attempt(
    _ own: [Own], _ inputs: Tensor<Double>, _ targets: Tensor<Double>, _ yours: Double?
  ) throws(Problem) -> Attempt {
    let layout = ParameterLayout(of: network)
    let values = Dictionary(uniqueKeysWithValues: own.map { ($0.array.name, $0.array.value) })
    if let broken = own.first(where: { !$0.array.value.isFinite }) {
      throw saved.problem(
        "array \(broken.array.name)", "holds a value that is not finite",
        "save it before the step that spoils it")
    }
    let arrays = DescribedArrays(
      network, layout, candidates: own.map { ($0.array, $0.name) })
    let byPath = try byPath(own, layout)
    let mappings = byPath.isEmpty ? arrays.mappings() : byPath
    let cost = NetworkCost(network, loss: loss, inputs: inputs, targets: targets)
    var first: Attempt?
    for mapping in mappings {
      let parameters = mapping.parameters(values, layout)
      let value = cost(parameters).scalar
      let attempt = Attempt(
        mapping: mapping, parameters: parameters, cost: value,
        factor: scale(yours, value, examples: inputs.shape[0], outputs: targets.shape[1]))
      if attempt.factor != nil { return attempt }
      first = first ?? attempt
    }
    if let first { return first }
    let shapes = own.map { "\($0.array.name) \($0.array.value.shape)" }.joined(separator: ", ")
    let wanted = layout.entries.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    throw saved.problem(
      "shapes", "the parameters are \(shapes), and the network has \(wanted)",
      "save all parameters of this network, each with its gradient; --name THEIRS=PATH tells what one is"
    )
  }

  /// The mappings where every array has the path of its parameter: weights as they are here, and as PyTorch has them.
  private func byPath(
    _ own: [Own], _ layout: ParameterLayout
  ) throws(Problem) -> [DescribedArrays.Mapping] {
    var found: [SavedArray] = []
    for entry in layout.entries {
      guard let array = array([entry.name]) else { break }
      found.append(array)
    }
    guard !found.isEmpty else { return [] }
    guard found.count == layout.entries.count else {
      throw saved.problem(
        "array \(layout.entries[found.count].name)",
        "there is no such array, only \(saved.arrays.map(\.name).joined(separator: ", "))",
        "save X, Y, cost, the parameters by their paths and each one's gradient as PATH.grad")
    }
    var mappings: [DescribedArrays.Mapping] = []
    for prefersTurned in [false, true] {
      var sources: [DescribedArrays.Source] = []
      for (array, entry) in zip(found, layout.entries) {
        guard
          let isTurned = DescribedArrays.orientations(
            array.value.shape, entry.shape, prefersTurned: prefersTurned
          ).first
        else {
          throw saved.problem(
            "array \(array.name)",
            "has shape \(array.value.shape), and \(entry.name) of the network has \(entry.shape)",
            "save the parameter, or its gradient, of this network")
        }
        sources.append(.init(pieces: [.init(array: array.name, isTurned: isTurned)]))
      }
      mappings.append(.init(sources: sources))
    }
    return mappings
  }

  // MARK: The judgement

  private func report(
    _ attempt: Attempt, _ own: [Own], _ x: SavedArray, _ y: SavedArray, _ cost: SavedArray?,
    _ inputs: Tensor<Double>, _ targets: Tensor<Double>
  ) throws(Problem) -> AuditReport {
    let layout = ParameterLayout(of: network)
    let (mapping, factor) = (attempt.mapping, attempt.factor)
    let yours = cost?.value.scalars.first
    var names = [x.name: "X", y.name: "Y"]
    if let cost { names[cost.name] = "cost" }
    let values = Dictionary(uniqueKeysWithValues: own.map { ($0.array.name, $0.array.value) })
    func gradients(_ network: Network) -> [String: Tensor<Double>] {
      mapping.gradients(
        self.gradients(of: network, attempt, inputs, targets).map { $0 * (factor?.value ?? 1) },
        of: values, layout)
    }
    let right = gradients(network)
    let comparison = Comparison(
      tolerance: saved.arrays.map(\.tolerance).max() ?? 1e-5, examples: Double(inputs.shape[0]))
    var items: [AuditReport.Item] = []
    var compared: [(own: Tensor<Double>, name: String)] = []
    var notJudged: [String] = []
    let order = own.filter { right[$0.array.name] != nil }.enumerated().sorted {
      let (a, b) = (
        mapping.index(of: $0.element.array.name), mapping.index(of: $1.element.array.name)
      )
      return a == b ? $0.offset > $1.offset : a > b
    }.map(\.element)
    for parameter in order {
      let path = mapping.path(of: parameter.array.name, layout) ?? parameter.array.name
      names[parameter.array.name] = path
      guard let gradient = parameter.gradient else {
        notJudged.append("d\(path)")
        continue
      }
      names[gradient.name] = "d\(path)"
      let (value, isTurned) = try laid(gradient, as: parameter.array)
      let index = mapping.index(of: parameter.array.name)
      let quantity = quantity(
        path, index + 1, isBias: DescribedArrays.significant(parameter.array.value.shape).count < 2)
      items.append(
        isTurned
          ? AuditReport.Item(
            quantity: quantity, verdict: .fail, relativeError: 1,
            cause: Transposed.mistake(quantity).cause)
          : judged(value, right[parameter.array.name]!, quantity, comparison))
      compared.append((value, parameter.array.name))
    }
    if items.contains(where: { $0.cause?.id == .unknown }),
      let chunk = truncation(
        explaining: zip(items, compared).filter { $0.0.verdict == .fail }.map(\.1), gradients,
        comparison)
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
      items: items, cost: (yours, attempt.cost * (factor?.value ?? 1)),
      remarks: yours == nil
        ? [
          "There is no cost in the file; gradients were taken for those of the mean over the examples."
        ] : [],
      reading: AuditReport.Reading(
        names: names, ignored: saved.arrays.map(\.name).filter { names[$0] == nil },
        notJudged: notJudged.reversed(),
        layout: mapping.isTurned ? "torch" : "rows", loss: loss.rawValue,
        costScale: factor?.words ?? "the mean", network: "as described"),
      undecided: factor == nil
        ? "The \(loss.rawValue) gives \(attempt.cost), and your cost is \(yours ?? .nan): no usual factor lies between them. Save the cost of this "
          + "step, or say which loss it is: --loss." : nil)
  }

  /// A gradient in the shape of its parameter, and whether it is the transpose of that.
  private func laid(
    _ gradient: SavedArray, as parameter: SavedArray
  ) throws(Problem) -> (value: Tensor<Double>, isTurned: Bool) {
    let (own, shape) = (gradient.value.shape, parameter.value.shape)
    if own == shape { return (gradient.value, false) }
    if DescribedArrays.significant(own) == DescribedArrays.significant(shape) {
      return (gradient.value.reshaped(to: shape), false)
    }
    let isTurned =
      !DescribedArrays.orientations(own, shape, prefersTurned: true).isEmpty
      || !DescribedArrays.orientations(shape, own, prefersTurned: true).isEmpty
    guard isTurned else {
      throw saved.problem(
        "array \(gradient.name)",
        "has shape \(own), and its parameter \(parameter.name) has \(shape)",
        "save the gradient of this parameter under this name")
    }
    return (gradient.value.reshaped(to: shape), true)
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
    explaining wrong: [(own: Tensor<Double>, name: String)],
    _ gradients: (Network) -> [String: Tensor<Double>], _ comparison: Comparison
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
      let values = gradients(network)
      if wrong.allSatisfy({ comparison.agree($0.own, values[$0.name]!) }) { return steps }
    }
    return nil
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

  private func quantity(_ path: String, _ layer: Int, isBias: Bool) -> Quantity {
    Quantity(named: "d\(path)", isBias ? .biasGradient : .weightGradient, layer)
  }

  private func judged(
    _ own: Tensor<Double>, _ right: Tensor<Double>, _ quantity: Quantity, _ comparison: Comparison
  ) -> AuditReport.Item {
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
