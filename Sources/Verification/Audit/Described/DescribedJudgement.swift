import Findings
import Networks
import Plumbline

/// The judgement of the gradients of a described network, in one way to see the file.
struct DescribedJudgement {
  let attempt: DescribedReading.Attempt
  let layout: ParameterLayout
  let comparison: Comparison
  /// Names of the file with ours, and gradients that are not in it.
  private(set) var names: [String: String] = [:]
  private(set) var notJudged: [String] = []
  /// What the person calls the gradients, by our names; none where parameters have their paths for names.
  private(set) var ownNames: [String: String] = [:]
  private(set) var items: [AuditReport.Item] = []
  var remarks: [String] = []

  /// The gradient of one array, as given and as it should be.
  struct Compared {
    let parameter: SavedArray
    let own: Tensor<Double>, right: Tensor<Double>
    let quantity: Quantity
    /// The index of the layer in the description that holds it.
    let layer: Int
    /// The path of the layer that has it, inside blocks too.
    let holder: String
    /// What is wrong with the shape.
    var shapeCause: Cause?
    /// What rounding leaves of a gradient that is 0 by cancellation, as that of a bias before a batch normalization.
    let noise: Double
    var isRight = false
    /// Whether it is right by another slope at a kink than the engine takes.
    var isAtKink = false
  }
  var compared: [Compared] = []
  let values: [String: Tensor<Double>]
  let others: [(array: SavedArray, name: ArrayName)]

  /// The numbers of gradients that are right, and that are there.
  var rightCount: Int { compared.count(where: \.isRight) }
  var comparedCount: Int { compared.count }

  var network: Network { attempt.cost.network }
  var layers: [LayerDescription] { network.description.layers }

  /// - Throws: ``/Findings/Problem`` for a gradient that cannot be that of its parameter.
  init(
    attempt: DescribedReading.Attempt, own: [DescribedParameter],
    others: [(array: SavedArray, name: ArrayName)], layout: ParameterLayout, saved: SavedArrays
  ) throws(Problem) {
    self.attempt = attempt
    self.layout = layout
    self.others = others
    comparison = Comparison(
      // X and Y are as exact as the program took them; what is compared follows from the parameters.
      tolerance: own.flatMap { [$0.array, $0.gradient].compactMap { $0 } }
        .filter { !$0.isInteger }.map(\.tolerance).max() ?? 1e-5,
      examples: Double(attempt.cost.inputs.shape[0]))
    values = Dictionary(uniqueKeysWithValues: own.map { ($0.array.name, $0.array.value) })
    let mapping = attempt.mapping
    let right = mapping.gradients(
      attempt.cost.gradients(attempt.parameters), of: values, layout)
    let forward = attempt.cost.network.forwardOrder(of: layout)
    let positions = forward.indices.sorted { forward[$0] < forward[$1] }
    let order = own.filter { right[$0.array.name] != nil }.enumerated().sorted {
      let (a, b) = (
        positions[mapping.index(of: $0.element.array.name)],
        positions[mapping.index(of: $1.element.array.name)]
      )
      return a == b ? $0.offset > $1.offset : a > b
    }.map(\.element)
    let largest = max(right.values.map(\.norm).max() ?? 0, 1e-300)
    for parameter in order {
      let path = mapping.path(of: parameter.array.name, layout) ?? parameter.array.name
      names[parameter.array.name] = path
      guard let gradient = parameter.gradient else {
        notJudged.insert("d\(path)", at: 0)
        continue
      }
      names[gradient.name] = "d\(path)"
      let index = mapping.index(of: parameter.array.name)
      let isBias = DescribedArrays.significant(parameter.array.value.shape).count < 2
      let quantity = Quantity(
        named: "d\(path)", isBias ? .biasGradient : .weightGradient, index + 1)
      if parameter.array.name.lowercased() != path.lowercased() {
        ownNames["d\(path)"] = gradient.name
      }
      let right = right[parameter.array.name]!
      let layer = Int(layout.entries[index].name.prefix { $0 != "." }) ?? 0
      let (value, cause) = try Self.laid(
        gradient, as: parameter.array, quantity, saved, rows: attempt.cost.targets.shape[0])
      var one = Compared(
        parameter: parameter.array, own: value, right: right, quantity: quantity, layer: layer,
        holder: layout.entries[index].name.split(separator: ".").dropLast().joined(separator: "."),
        shapeCause: cause,
        noise: right.norm <= 1e-12 * largest ? max(comparison.rounding, 1e-12) * largest : 0)
      one.isRight = cause == nil && comparison.agree(value, right, noise: one.noise)
      compared.append(one)
    }
    noteOrphans()
  }

  /// Notes gradients that are given of parameters that are not, as of biases that are still 0: nothing says that they are right.
  private mutating func noteOrphans() {
    for (source, entry) in zip(attempt.mapping.sources, layout.entries) where source.pieces.isEmpty
    {
      let isGiven = others.contains {
        // Gradients of values have such shapes too where there is one example.
        $0.name.isGradient && [.bias, .scale, .shift].contains($0.name.role)
          && DescribedArrays.significant($0.array.value.shape)
            == DescribedArrays.significant(entry.shape)
      }
      if isGiven { notJudged.append("d\(entry.name)") }
    }
  }

  /// A gradient in the shape of its parameter, and what is wrong with its shape.
  private static func laid(
    _ gradient: SavedArray, as parameter: SavedArray, _ quantity: Quantity, _ saved: SavedArrays,
    rows: Int
  ) throws(Problem) -> (value: Tensor<Double>, cause: Cause?) {
    let (own, shape) = (gradient.value.shape, parameter.value.shape)
    if own == shape { return (gradient.value, nil) }
    if DescribedArrays.significant(own) == DescribedArrays.significant(shape) {
      return (gradient.value.reshaped(to: shape), nil)
    }
    let isTurned =
      !DescribedArrays.orientations(own, shape, prefersTurned: true).isEmpty
      || !DescribedArrays.orientations(shape, own, prefersTurned: true).isEmpty
      || own.rank > 1 && own.extents.sorted() == shape.extents.sorted()
    if isTurned {
      return (gradient.value.reshaped(to: shape), Transposed.mistake(quantity).cause)
    }
    // A bias gradient that still has the examples, or the positions, in its shape, or that is one number.
    if quantity.kind == .biasGradient,
      gradient.value.count == 1 || gradient.value.count % parameter.value.count == 0
    {
      return (
        gradient.value.count == 1
          ? Tensor(shape, Array(repeating: gradient.value.scalars[0], count: shape.elementCount))
          : .zeros(shape), BiasNotSummed.cause(ofShape: own, quantity)
      )
    }
    throw saved.problem(
      "array \(gradient.name)",
      "has shape \(own), but its parameter \(parameter.name) has \(shape)",
      "save the gradient of this parameter under this name")
  }

  // MARK: The course

  mutating func judge() throws(Problem) {
    try judgeParameters()
    if let item = inputGradient() { items.append(item) }
  }

  /// The gradient of the examples, if it is in the file.
  private mutating func inputGradient() -> AuditReport.Item? {
    let quantity = Quantity.inputGradient
    guard
      let array = others.first(where: {
        $0.name.isGradient && $0.name.role == .input && $0.name.key.isEmpty
      })?.array, let right = attempt.cost.gradientOfInputs(attempt.parameters)
    else { return nil }
    let ways = DescribedArrays.arranged(array.value, as: right.shape).map(\.value)
    guard let first = ways.first else { return nil }
    names[array.name] = "\(quantity)"
    // Each example's own gradient is a convention.
    let scales = [1, comparison.examples]
    let own =
      ways.first { way in scales.contains { comparison.agree(way, right * $0) } }
    let error = (own ?? first).relativeDistance(to: right)
    guard own == nil else {
      return AuditReport.Item(quantity: quantity, verdict: .pass, relativeError: error, cause: nil)
    }
    let isFirst = compared.allSatisfy(\.isRight)
    let plain = ways.lazy.compactMap { [comparison] in
      comparison.plainCause(of: $0, right: right, at: quantity, isMultiple: isFirst)
    }.first
    return AuditReport.Item(
      quantity: quantity, verdict: .fail, relativeError: error,
      cause: plain
        ?? (isFirst ? UnknownMistake.cause(quantity) : Inherited.cause(quantity)))
  }

  private mutating func judgeParameters() throws(Problem) {
    if compared.contains(where: { !$0.isRight }) { try acceptSlopesAtKinks() }
    guard compared.contains(where: { !$0.isRight }) else {
      items = compared.map {
        AuditReport.Item(
          quantity: $0.quantity, verdict: $0.isAtKink ? .kink : .pass,
          relativeError: $0.own.relativeDistance(to: $0.right), cause: nil)
      }
      return
    }
    let between = try attempt.cost.between(attempt.parameters)
    let given = betweenGradients(between)
    var causes: [Int: Cause] = [:]
    if let change = changeAfterwards() {
      for (index, one) in compared.enumerated() where !one.isRight {
        causes[index] = ChangedAfterwards.cause(change, one.quantity)
      }
      return write(causes, given, nil)
    }
    for (index, one) in compared.enumerated() where !one.isRight {
      causes[index] = ownCause(one)
    }
    if let part = partOfBatch() {
      for index in compared.indices where !compared[index].isRight {
        causes[index] = ExamplesMissing.cause(
          compared[index].quantity, part, of: attempt.cost.inputs.shape[0])
      }
    }
    // What arrives at a layer is right where another of its gradients is. In attention it goes on through the scores, on the way to queries
    // and keys: several wrong ones have a cause in common.
    for (index, one) in compared.enumerated() where !one.isRight && causes[index] == nil {
      if siblings(of: one).contains(where: { !$0.isRight }),
        holder(of: one, between)?.form is AttentionForm
      {
        continue
      }
      let isLocal = compared[..<index].contains {
        $0.isRight && $0.noise == 0 && $0.holder == one.holder
      }
      if isLocal { causes[index] = localCause(one, between) }
    }
    let wrong = compared.indices.filter { !compared[$0].isRight && causes[$0] == nil }
    var location: (layer: Int, cause: (Quantity) -> Cause)?
    if let first = wrong.first {
      if let found = try substitution(wrong, between) {
        let own = found.explained.filter { compared[$0].holder == compared[first].holder }
        // Where each gate has arrays of its own, those of the mistake's gate show it first.
        let ofGate = own.filter { found.gate != nil && gate(of: compared[$0]) == found.gate }
        let shown = ofGate.isEmpty ? own : ofGate
        for index in found.explained {
          causes[index] =
            shown.contains(index)
            ? found.cause(compared[index].quantity) : Inherited.cause(compared[index].quantity)
        }
        location = (found.layer, found.cause)
      } else if let ratio = commonRatio(wrong) {
        for index in wrong {
          causes[index] =
            compared[index].holder == compared[first].holder
            ? cause(ofRatio: ratio, compared[index]) : Inherited.cause(compared[index].quantity)
        }
        location = (
          compared[first].layer,
          { [self] in
            cause(ofRatio: ratio, compared[first], named: $0)
          }
        )
      }
    }
    var isUpstreamWrong = false
    for index in compared.indices where !compared[index].isRight {
      if causes[index] == nil {
        let one = compared[index]
        let found = localCause(one, between) ?? copied(one) ?? partOfBatch(alone: one)
        causes[index] =
          found
          ?? (isUpstreamWrong && !isArrivalRight(one)
            ? Inherited.cause(one.quantity) : UnknownMistake.cause(one.quantity))
      }
      if !isArrivalRight(compared[index]) { isUpstreamWrong = true }
    }
    write(causes, given, location)
  }

  /// What was done to the right gradients before they were saved; `nil` if they are wrong in another way.
  private func changeAfterwards() -> ChangedAfterwards.Change? {
    let wrong = compared.filter { !$0.isRight }
    guard compared.count > 1, wrong.allSatisfy({ $0.shapeCause == nil && $0.own.isFinite }) else {
      return nil
    }
    return ChangedAfterwards.Change(
      wrong.flatMap(\.own.scalars), wrong.flatMap(\.right.scalars),
      tolerance: comparison.tolerance)
  }

  /// Whether another gradient of the same layer shows that what arrives there is right. Inside a recurrence or attention it may still go
  /// wrong on its way.
  private func isArrivalRight(_ one: Compared) -> Bool {
    let siblings = siblings(of: one)
    return siblings.count == 1 && siblings[0].isRight && siblings[0].noise == 0
  }

  /// The gradients of the other parameters of the same layer.
  private func siblings(of one: Compared) -> [Compared] {
    compared.filter { $0.holder == one.holder && $0.quantity != one.quantity }
  }

  /// The index of the gate that an array holds alone; `nil` if it holds all gates, or the layer has none.
  private func gate(of one: Compared) -> Int? {
    attempt.mapping.sources.lazy.compactMap { source in
      source.pieces.count > 1
        ? source.pieces.firstIndex { $0.array == one.parameter.name } : nil
    }.first
  }

  /// The layer that has a parameter, inside blocks too; `nil` if the description has none of this index.
  func holder(of one: Compared, _ between: [ObservedLayer]) -> ObservedLayer? {
    guard between.indices.contains(one.layer) else { return nil }
    return between[one.layer].holder(of: one.holder.split(separator: ".").dropFirst())
  }

  /// The items in the order of the backward pass, with given gradients between the layers before those of the parameters after them.
  private mutating func write(
    _ causes: [Int: Cause],
    _ given: [(layer: Int, quantity: Quantity, error: Double, isRight: Bool)],
    _ location: (layer: Int, cause: (Quantity) -> Cause)?
  ) {
    let wrongLayers = compared.filter { !$0.isRight }.map(\.layer)
    var causes = causes
    // A gradient between the layers that is wrong shows the mistake before the parameters do.
    let shown = given.filter { one in !one.isRight && wrongLayers.contains { $0 <= one.layer } }
      .max { $0.layer < $1.layer }
    let explains =
      shown.map { shown in
        compared.indices.first { !compared[$0].isRight }.map {
          compared[$0].layer <= shown.layer
        } ?? false
      } ?? false
    var all: [(layer: Int, order: Int, item: AuditReport.Item)] = []
    for one in given {
      guard one.isRight || wrongLayers.contains(where: { $0 <= one.layer }) else { continue }
      var cause: Cause?
      if !one.isRight {
        if explains, one.quantity == shown?.quantity {
          cause = location?.cause(one.quantity) ?? UnknownMistake.cause(one.quantity)
        } else {
          cause = Inherited.cause(one.quantity)
        }
      }
      all.append(
        (
          one.layer, 0,
          AuditReport.Item(
            quantity: one.quantity, verdict: one.isRight ? .pass : .fail, relativeError: one.error,
            cause: cause)
        ))
    }
    if explains, location != nil {
      for index in compared.indices where !compared[index].isRight {
        if causes[index]?.id != .inherited, compared[index].shapeCause == nil,
          compared[index].layer <= shown?.layer ?? 0
        {
          causes[index] = Inherited.cause(compared[index].quantity)
        }
      }
    }
    for (index, one) in compared.enumerated() {
      let size = one.own.shape == one.right.shape && one.shapeCause == nil
      all.append(
        (
          one.layer, 1 + index,
          AuditReport.Item(
            quantity: one.quantity,
            verdict: one.isRight ? one.isAtKink ? .kink : .pass : .fail,
            relativeError: size ? one.own.relativeDistance(to: one.right) : 1,
            cause: one.isRight ? nil : causes[index])
        ))
    }
    items = all.sorted { ($0.layer, -$0.order) > ($1.layer, -$1.order) }.map(\.item)
  }

  // MARK: Gradients between the layers

  /// The index of the layer whose output a number of a name means: the number of the weights before it, and after its function for an
  /// activation.
  private func layer(_ number: Int, isActivation: Bool) -> Int? {
    let weighted = layers.indices.filter { index in
      layout.entries.contains { $0.name.hasPrefix("\(index).") && $0.shape.rank > 1 }
    }
    guard weighted.indices.contains(number - 1) else { return nil }
    let index = weighted[number - 1]
    guard isActivation else { return index }
    return layers.indices.first { $0 > index && layers[$0].form is Activation }
  }

  private mutating func betweenGradients(
    _ between: [ObservedLayer]
  ) -> [(layer: Int, quantity: Quantity, error: Double, isRight: Bool)] {
    var found: [(layer: Int, quantity: Quantity, error: Double, isRight: Bool)] = []
    for (array, name) in others where name.isGradient || name.role == .delta {
      // What has more than a number in its name, as dZ1_norm, is of a step in between.
      guard let number = name.numbers.last, name.key == ["\(number)"],
        let role = name.role, [.preactivation, .activation, .delta].contains(role),
        let layer = layer(number, isActivation: role == .activation)
      else { continue }
      let right = between[layer].gradient
      // Each example's own gradient, averaged where the parameters' are made, is a convention.
      func agrees(_ own: Tensor<Double>) -> Bool {
        comparison.agree(own, right) || comparison.agree(own, right * comparison.examples)
      }
      let arranged = DescribedArrays.arranged(array.value, as: right.shape)
      guard let first = arranged.first else { continue }
      let own = arranged.first { agrees($0.value) } ?? first
      if own.isChannelsLast {
        remarks.append("\(array.name) was read with its channels last.")
      }
      let quantity = Quantity(
        role == .activation ? .activationGradient : .preactivationGradient, number)
      found.append((layer, quantity, own.value.relativeDistance(to: right), agrees(own.value)))
    }
    return found
  }
}
