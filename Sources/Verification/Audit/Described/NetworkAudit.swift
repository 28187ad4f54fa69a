import Findings
import Networks
import Plumbline

/// The judgement of a backward pass through any network that has a description: verdict, first divergence and cause.
///
/// The file contains X, Y, the parameters under their paths, as in `0.weight`, or under custom names, the gradient of each
/// (`0.weight.grad`, `d0.weight`, `dW1`), and the cost, which decides loss and scale, and which array is which parameter where shapes leave
/// a choice. Gradients between the layers (dZ1, dA1, ...) are compared if present; values (Z1, A1) are not, since the layers of
/// a description have no numbers that a name could refer to, and are listed as unused. A cause is found by giving the
/// layers around the first divergence one wrong rule after another, and comparing the resulting gradients of the
/// whole network.
public struct NetworkAudit {
  private let described: Network
  private let asked: ProgramLoss.Kind?
  let saved: SavedArrays
  /// Names that were given, theirs by ours.
  private let names: [String: String]
  private let named: [(array: SavedArray, name: ArrayName)]

  /// An audit of the arrays of a file.
  public init(
    _ network: Network, loss: ProgramLoss.Kind? = nil, saved: SavedArrays,
    names: [String: String] = [:]
  ) {
    described = network
    asked = loss
    let saved = saved.withoutNone(names)
    self.saved = saved
    self.names = names.filter { $0.value.lowercased() != "none" }
    let words = Set(saved.arrays.map { ArrayName.words(of: names[$0.name] ?? $0.name) })
    named = saved.arrays.map { ($0, ArrayName(names[$0.name] ?? $0.name, among: words)) }
  }

  /// The array of one of these names, in any capitals if none has it as it is written.
  private func array(_ wanted: [String]) -> SavedArray? {
    if let exact = saved.arrays.first(where: { wanted.contains(names[$0.name] ?? $0.name) }) {
      return exact
    }
    let small = wanted.map { $0.lowercased() }
    return saved.arrays.first { small.contains((names[$0.name] ?? $0.name).lowercased()) }
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
      "save X, Y, cost, the parameters and each one's gradient; for an array with another name use \(Setting.name) THEIRS=\(name)"
    )
  }

  /// What is called a cost with more words.
  private var plainCost: SavedArray? {
    let numbers = named.filter { $0.array.value.count == 1 && !$0.name.isGradient }
    let told = numbers.filter { $0.name.role == .cost }
    if let plainest = told.min(by: { $0.name.key.count < $1.name.key.count }) {
      return plainest.array
    }
    let called = numbers.filter {
      MatchedArrays.isCost($0.array.name) && !$0.array.isInteger && $0.array.value.scalars[0] >= 0
    }
    return MatchedArrays.cost(among: called.map(\.array)) {
      self.array(Self.gradientNames($0.name)) != nil
    }
  }

  /// The report.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are missing or do not fit the network.
  public func report() throws(Problem) -> AuditReport {
    let named = Result { () throws(Problem) in try reportByConventions() }
    if case .success(let report) = named, report.verdict != .undecided { return report }
    let smaller = AuditReport.withoutLeftovers(of: saved, keeping: names) {
      smaller throws(Problem) in
      try NetworkAudit(described, loss: asked, saved: smaller, names: names).reportByConventions()
    }
    if let smaller { return smaller }
    return try named.get()
  }

  private func reportByConventions() throws(Problem) -> AuditReport {
    var problem: Problem?
    var first: AuditReport?
    do throws(Problem) {
      let report = try reportAsWritten()
      // Without a cost, only right gradients show how the program computes; and one that is only nearly reproduced may be of another way.
      if report.verdict == .pass { return report }
      if report.verdict != .undecided, report.assumedCost == nil, report.costDistance < 1e-10 {
        return report
      }
      first = report
    } catch {
      problem = error
    }
    for convention in programConventions {
      guard let (network, arrays) = try convention.applied(to: described, saved) else { continue }
      let audit = NetworkAudit(network, loss: asked, saved: arrays, names: names)
      guard var report = try? audit.reportAsWritten() else { continue }
      // What the library's way decides is told otherwise only by a cost that comes out much better.
      let isDecided = first.map { $0.verdict != .undecided && $0.assumedCost == nil } ?? false
      let isNearer = report.costDistance < 0.01 * (first?.costDistance ?? .infinity)
      guard
        report.verdict == .pass || (report.verdict != .undecided && report.assumedCost == nil),
        !isDecided || isNearer
      else { continue }
      report.remarks.append(convention.remark)
      return report
    }
    guard let first else { throw problem ?? noGradients() }
    return first
  }

  private func reportAsWritten() throws(Problem) -> AuditReport {
    let x = try example(.input, "X")
    let (y, isOwnTarget) = try targets(x)
    let cost = array(["cost"]) ?? array(["loss", "J"]) ?? plainCost
    let (network, outputs) = try withoutEnding()
    guard x.value.isFinite, y.value.isFinite else {
      throw saved.problem(
        "array \((x.value.isFinite ? y : x).name)", "holds a value that is not finite",
        "save it before the step that makes it non-finite")
    }
    let layout = ParameterLayout(of: network)
    let own = try parameters(
      layout, besides: [x, y] + (cost.map { [$0] } ?? []), examples: x.value.shape.extents)
    var hints = LossHints()
    for (array, name) in named where array.value.count == 1 && !name.isGradient {
      hints.numbers[ArrayName.words(of: array.name).joined()] = array.value.scalars[0]
    }
    let reading = DescribedReading(
      network: network, outputs: outputs, asked: asked, hints: hints,
      mappings: try mappings(own, network, layout),
      values: Dictionary(uniqueKeysWithValues: own.map { ($0.array.name, $0.array.value) }))
    guard !reading.inputs(x.value).isEmpty else {
      throw saved.problem(
        "array \(x.name)",
        "has shape \(x.value.shape), but the network takes \(network.description.input) per example",
        "save the examples as rows")
    }
    do throws(Problem) {
      for inputs in reading.inputs(x.value).prefix(1) { try network.check(inputs) }
    } catch {
      throw saved.problem("array \(x.name), \(error.location ?? "")", error.problem, error.remedy)
    }
    if let inputs = reading.inputs(x.value).first,
      inputs.shape[0] < network.smallestTrainingBatch
    {
      throw saved.problem(
        "array \(x.name)", "holds one example, which has no variance for batch normalization",
        "save a step on at least two examples")
    }
    let yours = cost?.value.scalars.first.flatMap { $0.isFinite ? $0 : nil }
    let attempts = reading.attempts(x.value, y.value, cost: yours)
    guard !attempts.isEmpty else {
      let shape = DescribedCost.rows(of: network, examples: reading.inputs(x.value)[0].shape[0])
      throw saved.problem(
        "array \(y.name)",
        "has shape \(y.value.shape) for \(shape.rows) rows of \(shape.outputs) outputs, or holds values that no loss compares",
        "save one target or class number per example")
    }
    var best: (judgement: DescribedJudgement, right: Int)?
    // Small networks are tried in every way, large ones in the likeliest.
    let size = max(1, layout.count * x.value.shape[0])
    let affordable = max(40, min(600, 20_000_000 / size))
    for attempt in attempts.prefix(yours == nil ? affordable : 8) {
      let judgement = try DescribedJudgement(
        attempt: attempt, own: own, others: others(own, [x, y, cost]), layout: layout,
        saved: saved)
      let right = judgement.rightCount
      if right > best?.right ?? -1 { best = (judgement, right) }
      if right == judgement.comparedCount { break }
    }
    guard var judgement = best?.judgement, judgement.comparedCount > 0 else {
      throw noGradients()
    }
    try judgement.judge()
    // Targets that are not in the file were only guessed.
    if isOwnTarget, !judgement.attempt.isConfirmed { _ = try example(.target, "Y") }
    var report = report(judgement, x, y, cost, yours, usual: attempts[0])
    if isOwnTarget {
      report.remarks.append(
        "There are no targets in the file, and the cost is that of an autoencoder: \(x.name) was used as them."
      )
    }
    return report
  }

  /// The targets; those of a network that outputs what it takes are the examples, if there are no others.
  private func targets(_ x: SavedArray) throws(Problem) -> (array: SavedArray, areExamples: Bool) {
    do {
      return (try example(.target, "Y"), false)
    } catch {
      guard described.outputShape.elementCount == described.description.input.elementCount,
        array(["cost"]) != nil || array(["loss", "J"]) != nil || plainCost != nil
      else { throw error }
      return (x, true)
    }
  }

  private func report(
    _ judgement: DescribedJudgement, _ x: SavedArray, _ y: SavedArray, _ cost: SavedArray?,
    _ yours: Double?, usual: DescribedReading.Attempt
  ) -> AuditReport {
    var names = judgement.names
    names[y.name] = "Y"
    names[x.name] = "X"
    if let cost { names[cost.name] = "cost" }
    let attempt = judgement.attempt
    let loss = attempt.cost.loss
    let ours = attempt.cost.value(attempt.parameters)
    var remarks = attempt.remarks
    if attempt.cost.output != .linear, described.description.output == .linear,
      !(described.description.layers.last?.form is Activation)
    {
      remarks.append(
        "The description ends without a function, but your cost is that of a \(attempt.cost.output.title) after it."
      )
    }
    var assumed: String?
    var undecided: String?
    if cost == nil {
      assumed = "\(loss.kind.rawValue), \(attempt.scaleWords)"
      let usual = usual.cost.loss.kind
      let isRight = judgement.rightCount == judgement.comparedCount
      if isRight, asked == nil, loss.kind != usual {
        undecided =
          "There is no cost in the file, and the gradients fit the \(loss.kind.rawValue), not the \(usual.rawValue) that is usual "
          + "here. Save the cost (np.savez(..., cost=cost)) or give the loss: \(Setting.loss) \(loss.kind.name)."
      } else if isRight, !ProgramLoss.averagesExamples(attempt.scaleWords),
        attempt.cost.inputs.shape[0] > 1
      {
        undecided =
          "There is no cost in the file, and it decides here: every gradient is right if your cost is the \(assumed ?? ""); if it is a "
          + "mean over the examples, all of them lack that factor. Save the cost (np.savez(..., cost=cost))."
      }
      // Nothing says that the file's network is this one: neither a gradient, nor a value between the layers, nor a known mistake.
      if judgement.rightCount == 0,
        judgement.items.first(where: { $0.verdict == .fail })?.cause?.id == .unknown
      {
        undecided =
          "There is no cost in the file, and nothing in it agrees with the network as described: its layers may compute something "
          + "else, or its parameters may be in a different order. Save the cost (np.savez(..., cost=cost)) and the layers' outputs."
      }
      remarks.append(
        "There is no cost in the file; gradients were assumed to be those of the \(assumed ?? "").")
    } else if !attempt.isConfirmed
      || !attempt.isExact && judgement.rightCount == 0
        && loss.kind != .customary(after: attempt.cost.output)
    {
      undecided =
        "Your cost is \(yours ?? .nan), and no loss that this audit knows gives that value for the output of the described network: the "
        + "\(loss.kind.rawValue), \(attempt.scaleWords), is \(ours). "
        + (attempt.cost.output == .linear
          ? "The description ends without a function: if your program has a sigmoid or a softmax there, write it as the last layer, "
            + "{\"layer\": \"sigmoid\"}, or as \"output\": \"softmax\". " : "")
        + absent(attempt.mapping, judgement.layout)
        + "Check what the layers do, and that X, Y, the parameters and the cost are from the same step before the update; or give the loss "
        + "with \(Setting.loss), one of \(ProgramLoss.Kind.names.joined(separator: ", "))."
    }
    if let asked, attempt.isConfirmed, loss.kind != asked {
      remarks.append(loss.kind.remark(inPlaceOf: asked, attempt.scaleWords))
    }
    var report = AuditReport(
      items: judgement.items, cost: (yours, ours),
      remarks: remarks + judgement.remarks
        + judgement.comparison.doubts(about: judgement.items),
      reading: AuditReport.Reading(
        names: names, ignored: saved.arrays.map(\.name).filter { names[$0] == nil },
        notJudged: judgement.notJudged,
        layout: attempt.mapping.isTurned ? "torch" : "rows", loss: loss.kind.rawValue,
        costScale: attempt.scaleWords, network: "as described"),
      undecided: undecided)
    report.assumedCost = assumed
    report.ownNames = judgement.ownNames
    return report
  }

  /// What to say of parameters that no array was found for.
  private func absent(_ mapping: DescribedArrays.Mapping, _ layout: ParameterLayout) -> String {
    let missing = zip(mapping.sources, layout.entries).filter { $0.0.pieces.isEmpty }.map(\.1.name)
    guard let first = missing.first else { return "" }
    return
      "No array was found for \(missing.joined(separator: ", ")), taken as 0: \(Setting.name) THEIRS=\(first) says which it is. "
  }

  /// The network without the function at its end, and the functions that its outputs may go through.
  private func withoutEnding() throws(Problem) -> (Network, [Nonlinearity]) {
    var description = described.description
    if description.output != .linear {
      let told = Nonlinearity(spelled: description.output.rawValue) ?? .linear
      return (described, [told, .linear])
    }
    if let last = description.layers.last?.form as? Activation, description.layers.count > 1,
      let function = Nonlinearity(spelled: last.title)
    {
      description.layers.removeLast()
      return (try description.network(), [function])
    }
    return (
      described, [.linear, .elementwise(.sigmoid), .softmax, .elementwise(.tanh), .exponential]
    )
  }

  // MARK: Which array is which parameter

  private static func gradientNames(_ path: String) -> [String] {
    [
      path + ".grad", "d" + path, "grad_" + path, path + "_grad", "d_" + path, "grad." + path,
      "g" + path, "g_" + path,
    ]
  }

  private func noGradients() -> Problem {
    saved.problem(
      "gradients", "there are none",
      "save each parameter's gradient as PATH.grad (0.weight.grad, 0.bias.grad, ...) or as dW1 for W1"
    )
  }

  /// The arrays that are parameters: those of the network's paths, and those that have a gradient and are not values between the layers.
  private func parameters(
    _ layout: ParameterLayout, besides others: [SavedArray], examples: [Int]
  ) throws(Problem) -> [DescribedParameter] {
    let paths = Set(layout.entries.map { $0.name.lowercased() })
    let known = Set(others.map(\.name))
    let between: Set<ArrayName.Role> = [.preactivation, .activation, .delta, .mask, .error]
    let shapes = layout.entries.map { DescribedArrays.significant($0.shape).sorted() }
    let found = named.compactMap { array, name -> DescribedParameter? in
      guard !known.contains(array.name), !array.value.shape.extents.contains(0) else { return nil }
      let called = names[array.name] ?? array.name
      let ownGradient =
        self.array(Self.gradientNames(called))
        ?? (called == array.name ? nil : self.array(Self.gradientNames(array.name)))
      // g1 with dg1 is a scale, and not the gradient of 1.
      let isGradient = name.isGradient && ownGradient == nil
      let gradient =
        ownGradient
        ?? (name.isGradient
          ? nil
          : named.first {
            $0.name.isGradient && $0.name.role == name.role && name.role != nil
              && $0.name.key.sorted() == name.key.sorted()
          }?.array)
      let isParameter = paths.contains(called.lowercased())
      // Z1 with dZ1 goes between the layers, unless it has the shape of a parameter and nothing of the examples.
      if !isParameter, names[array.name] == nil, let role = name.role, between.contains(role) {
        let own = DescribedArrays.significant(array.value.shape).sorted()
        let isOfExamples = examples.first.map { array.value.shape.extents.contains($0) } ?? false
        guard shapes.contains(own), !isOfExamples else { return nil }
      }
      guard isParameter || (gradient != nil && !isGradient && gradient?.name != array.name)
      else { return nil }
      return DescribedParameter(array: array, name: name, gradient: gradient)
    }
    guard !found.isEmpty else {
      throw noGradients()
    }
    if let broken = found.first(where: { !$0.array.value.isFinite }) {
      throw saved.problem(
        "array \(broken.array.name)", "holds a value that is not finite",
        "save it before the step that makes it non-finite")
    }
    return found
  }

  /// What is neither a parameter nor one of its gradients, nor of the examples.
  private func others(
    _ own: [DescribedParameter], _ known: [SavedArray?]
  ) -> [(array: SavedArray, name: ArrayName)] {
    let used = Set(
      own.flatMap { [$0.array.name] + ($0.gradient.map { [$0.name] } ?? []) }
        + known.compactMap { $0?.name })
    return named.filter { !used.contains($0.array.name) && $0.array.value.count > 1 }
  }

  private func mappings(
    _ own: [DescribedParameter], _ network: Network, _ layout: ParameterLayout
  ) throws(Problem) -> [DescribedArrays.Mapping] {
    let byPath = try byPath(layout)
    if !byPath.isEmpty { return byPath }
    let arrays = DescribedArrays(
      network, layout, candidates: own.map { ($0.array, $0.name) }, called: names)
    // Who writes all names by path has forgotten a parameter.
    let missing = layout.entries.first { array([$0.name]) == nil }
    if let missing, arrays.known.count == own.count {
      throw saved.problem(
        "array \(missing.name)",
        "there is no such array, only \(saved.arrays.map(\.name).joined(separator: ", "))",
        "save X, Y, cost, the parameters by their paths and each one's gradient as PATH.grad")
    }
    let mappings = arrays.mappings()
    guard mappings.isEmpty else { return mappings }
    let shapes = own.map { "\($0.array.name) \($0.array.value.shape)" }.joined(separator: ", ")
    let wanted = layout.entries.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
    throw saved.problem(
      "shapes", "the parameters are \(shapes), but the network has \(wanted)",
      "save all parameters of this network, each with its gradient; \(Setting.name) THEIRS=PATH says what an array is"
    )
  }

  /// The mappings where every parameter has an array of its path: weights as they are here, and as PyTorch has them.
  private func byPath(
    _ layout: ParameterLayout
  ) throws(Problem) -> [DescribedArrays.Mapping] {
    let found = layout.entries.compactMap { array([$0.name]) }
    guard !found.isEmpty, found.count == layout.entries.count else { return [] }
    var mappings: [DescribedArrays.Mapping] = []
    // One weight that fits turned alone says how a square one lies.
    let isTorch = zip(found, layout.entries).contains {
      DescribedArrays.orientations($0.value.shape, $1.shape, prefersTurned: false) == [true]
    }
    for prefersTurned in isTorch ? [true, false] : [false, true] {
      var sources: [DescribedArrays.Source] = []
      for (array, entry) in zip(found, layout.entries) {
        guard
          let isTurned = DescribedArrays.orientations(
            array.value.shape, entry.shape, prefersTurned: prefersTurned
          ).first
        else {
          throw saved.problem(
            "array \(array.name)",
            "has shape \(array.value.shape), but \(entry.name) of the network has \(entry.shape)",
            "save this network's parameter or its gradient")
        }
        sources.append(.init(pieces: [.init(array: array.name, isTurned: isTurned)]))
      }
      mappings.append(.init(sources: sources))
    }
    return mappings
  }
}

/// A parameter as it is in the file, with its gradient.
struct DescribedParameter {
  let array: SavedArray, name: ArrayName
  let gradient: SavedArray?
}
