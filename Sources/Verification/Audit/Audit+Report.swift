import Findings
import Plumbline

// From arrays to a report.

extension Audit {
  /// The judgement of the arrays of a file.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are missing or do not fit one another.
  public static func report(
    on saved: SavedArrays, _ request: ReadingRequest = ReadingRequest()
  ) throws(Problem) -> AuditReport {
    let saved = saved.withoutNone(request.names)
    var request = request
    request.names = request.names.filter { $0.value.lowercased() != "none" }
    // Names that cost and values confirm at once; else what values tell; else all that names may mean.
    var proposal = request
    proposal.isProposal = true
    let named = try? reportByNames(saved, proposal)
    if let named, named.isDecidedByCost { return named }
    let smaller = AuditReport.withoutLeftovers(of: saved, keeping: request.names) {
      [proposal] smaller throws(Problem) in
      try reportByNames(smaller, proposal)
    }
    if let smaller { return smaller }
    let values = NamesByValue(saved, given: request.names)
    for names in values.proposals() {
      proposal.names = names
      guard var report = try? reportByNames(saved, proposal), report.verdict != .undecided,
        report.cost.yours != nil || named == nil, values.areAllGradients(in: report.reading.names)
      else { continue }
      report.remarks.insert(
        "The names do not say what each array is; it was inferred from shapes and values, as the table shows.",
        at: 0)
      return report
    }
    return try reportByNames(saved, request)
  }

  /// The judgement of a file whose names tell what its arrays are.
  private static func reportByNames(
    _ saved: SavedArrays, _ request: ReadingRequest
  ) throws(Problem) -> AuditReport {
    let recognizer = try Recognizer(saved, request)
    if let recurrent = try RecurrentAudit(recognizer) { return try recurrent.report() }
    let recognition = try recognizer.recognition()
    guard
      recognition.network.parameterGradients.contains(where: recognition.run.holds)
        || recognition.run.quantities.keys.contains(where: { !$0.kind.isForward })
        || !recognition.run.broadcast.isEmpty
    else { throw recognizer.noGradients() }
    var audit = recognizer.audit(recognition)
    audit.judge()
    if let plain = audit.withoutPenaltyOfGradients() { audit = plain }
    if let problem = audit.unknownShape(recognition, saved) { throw problem }
    if recognition.broadcastsLabels { audit.judgeBroadcastCost() }
    var report = audit.report(recognition)
    report.rightFor = recognizer.otherScale(than: audit, report, recognition)
    return report
  }

  /// The judgement of a run in memory, of a network that is known.
  ///
  /// - Throws: ``/Findings/Problem`` for arrays that are missing or do not fit the network.
  public static func report(
    on run: ManualRun, _ request: ReadingRequest
  ) throws(Problem) -> AuditReport {
    var request = request
    request.layout = run.layout
    return try report(
      on: SavedArrays(
        run.arrays, cost: run.cost, keep: run.keepProbability, tolerance: run.tolerance), request)
  }

  func report(_ recognition: Recognition) -> AuditReport {
    let layers = network.layers
    let functions =
      Set(layers.dropLast().map(\.function)).count <= 1 && layers.count > 2
      ? [layers[0].function.title, layers[layers.count - 1].function.title]
      : layers.map(\.function.title)
    let turned = deltasOfOtherSign
    let named = turned.map { quantity in
      recognition.names.first { $0.value == quantity.description }?.key ?? quantity.description
    }
    let convention =
      turned.isEmpty
      ? []
      : [
        "\(named.joined(separator: " and ")) \(turned.count == 1 ? "is" : "are") minus \(turned.map(\.description).joined(separator: " and ")), as in programs "
          + "that add their updates; the gradients computed from \(turned.count == 1 ? "it" : "them") are right."
      ]
    let unused = valuesOfOtherMeaning(recognition)
    let unusedNames = unused.map { quantity in
      recognition.names.first { $0.value == quantity.description }?.key ?? quantity.description
    }
    let left =
      unused.isEmpty
      ? []
      : [
        "\(unusedNames.joined(separator: " and ")) \(unused.count == 1 ? "is not a gradient" : "are not gradients") from which the others were computed: every gradient of a "
          + "parameter is right, so \(unused.count == 1 ? "it was" : "they were") not judged."
      ]
    // Where another gradient of a parameter is right, an update that adds one and subtracts the other is not meant.
    let isMixed = network.parameterGradients.contains { items[$0]?.verdict == .pass }
    var report = AuditReport(
      items: items.values.filter { !unused.contains($0.quantity) }
        .sorted { $0.quantity < $1.quantity }.map { item in
          turned.contains(item.quantity)
            ? .init(quantity: item.quantity, verdict: .pass, relativeError: nil, cause: nil)
            : isMixed ? item.withoutPermission : item
        },
      cost: (run.cost, recognition.ownCost ?? truth.cost),
      remarks: recognition.remarks + remarks + convention + left
        + comparison.doubts(about: items.values),
      reading: AuditReport.Reading(
        names: recognition.names.filter { !unusedNames.contains($0.key) },
        ignored: recognition.ignored + unusedNames.sorted(),
        notJudged: network.parameterGradients.filter { items[$0] == nil }.map(\.description),
        layout: recognition.layout, loss: network.loss.kind.rawValue,
        costScale: recognition.scaleWords, penalty: recognition.penaltyWords,
        network: network.widths.map(String.init).joined(separator: ",") + ", "
          + functions.joined(separator: ", ") + structure),
      undecided: recognition.undecided ?? unknownOperation
        ?? unconfirmed(recognition) ?? penaltyWithoutCost)
    report.assumedCost = recognition.assumedCost
    return report
  }

  /// The values between the layers that are minus what they are here, where every gradient of a parameter is in the file and right, so that the
  /// sign is one that is meant; none otherwise.
  private var deltasOfOtherSign: [Quantity] {
    let wrong = items.values.filter { $0.verdict == .fail }.sorted { $0.quantity < $1.quantity }
    guard network.parameterGradients.allSatisfy({ items[$0]?.verdict == .pass }),
      wrong.contains(where: { $0.cause?.id == .signFlipped && $0.quantity != .inputGradient }),
      wrong.allSatisfy({ item in
        // ‖yours - ours‖ / (‖yours‖ + ‖ours‖) is 1 for the negative of each other alone, and where one is zero.
        !item.quantity.kind.isForward
          && item.cause.map { [.signFlipped, .inherited].contains($0.id) } == true
          && abs((item.relativeError ?? 0) - 1) < 1e-6
      })
    else { return [] }
    return wrong.map(\.quantity)
  }

  /// Arrays that have the name of a gradient between the layers and that no known mistake explains, where every gradient of a parameter is in the
  /// file and right: they hold something else, as a `d1` that is what dropout lets pass; none otherwise.
  private func valuesOfOtherMeaning(_ recognition: Recognition) -> [Quantity] {
    let wrong = items.values.filter { $0.verdict == .fail }.sorted { $0.quantity < $1.quantity }
    guard run.cost != nil,
      network.parameterGradients.allSatisfy({ items[$0]?.verdict == .pass }),
      wrong.contains(where: { $0.cause?.id == .unknown }),
      wrong.allSatisfy({ item in
        item.quantity != .inputGradient
          && [.activationGradient, .preactivationGradient].contains(item.quantity.kind)
          && item.cause.map { [.unknown, .inherited].contains($0.id) } == true
          // dZ1 and dA1 say what they are.
          && recognition.names.contains {
            $0.value == item.quantity.description && $0.key.firstMatch(of: /^[dD]_?[0-9]+$/) != nil
          }
      })
    else { return [] }
    return wrong.map(\.quantity)
  }

  /// What is wrong where an array has the name of a gradient and neither its shape nor one that a known mistake gives.
  private func unknownShape(_ recognition: Recognition, _ saved: SavedArrays) -> Problem? {
    guard let (quantity, value) = run.misshapen.first(where: { items[$0.key] == nil }) else {
      return nil
    }
    func theirs(_ ours: String) -> String {
      recognition.names.first { $0.value == ours }?.key ?? ours
    }
    let weight = theirs("W\(quantity.layer)")
    let shape = saved.arrays.first { $0.name == weight }?.value.shape
    return saved.problem(
      "array \(theirs("\(quantity)"))",
      "has shape \(value.shape), but its weight \(weight) has \(shape.map { "\($0)" } ?? "another")",
      "save the gradient of \(weight) under this name")
  }

  /// Why nothing is decided where every gradient of a weight holds the same penalty, all others are right, and the cost has no penalty:
  /// then people print the cost of the data alone.
  private var penaltyWithoutCost: String? {
    let wrong = items.values.filter { $0.verdict == .fail }.sorted { $0.quantity < $1.quantity }
    let weights = (1...last).map { Quantity(.weightGradient, $0) }
    guard run.cost != nil, network.penalty.isNone, last > 1,
      Set(wrong.map(\.quantity)) == Set(weights),
      wrong.allSatisfy({ $0.cause?.id == ExtraRegularization.id && $0.cause?.basis.isAlone == true }
      ),
      let factor = wrong.first?.cause?.factor, factor > 0,
      wrong.allSatisfy({ comparison.isSame($0.cause?.factor ?? 0, factor) })
    else { return nil }
    return
      "The gradients of all weights include the penalty's \(factor.text) W, but your cost does not include the penalty, \((factor / 2).text) Σw². "
      + "If you train with this penalty, every gradient is right and the saved cost lacks it: save the whole cost. If not, "
      + "remove it from the gradients (extra-regularization)."
  }

  /// Why gradients cannot be judged where the forward pass does something that is not known here: its values do not follow from those
  /// before them, and the cost, if there is one, is that of its outputs. `nil` if all that was saved follows.
  private var unknownOperation: String? {
    guard run.cost?.isFinite ?? true,
      let first = items.values.filter({
        $0.quantity.kind.isForward && $0.verdict == .fail && $0.cause?.id == .unknown
          && !isSoftmaxOverExamples($0.quantity)
      }).min(by: { $0.quantity < $1.quantity }), let cause = first.cause
    else { return nil }
    return
      "\(cause.explanation) "
      + (run.cost == nil ? "This may" : "Your cost is that of your outputs, so this may well")
      + " be an operation that the audit does not know: then the "
      + "gradients cannot be judged from these arrays alone. Describe the network with \(Setting.network) FILE.json, or compare "
      + "\(first.quantity) with what you intend it to be."
  }

  /// Why nothing is decided where neither a cost nor a gradient that is right nor a known mistake confirms what was assumed of the network.
  private func unconfirmed(_ recognition: Recognition) -> String? {
    guard run.cost == nil, recognition.agreeing == 0, recognition.assumesFunctions,
      let first = items.values.filter({
        $0.verdict == .fail && $0.cause?.id != .inherited
      }).min(by: { $0.quantity < $1.quantity }), first.cause?.id == .unknown
    else { return nil }
    return
      "There is no cost in the file, no gradient is right under the assumptions made, and no known mistake explains them: the network may "
      + "not be what it was taken for. Save the cost (np.savez(..., cost=cost)) and every layer's output (A1, A2, ...)."
  }

  /// Skips, normalizations and masks in words.
  private var structure: String {
    let skips = network.layers.compactMap(\.skip)
    var words: [String] = []
    if let skip = skips.first {
      words.append(
        "\(skips.count) skip\(skips.count == 1 ? "" : "s") (branch scale \(skip.branchScale.text)"
          + (skip.isInside ? ", activation after the sum)" : ")"))
    }
    if let normalization = network.layers.lazy.compactMap(\.normalization).first {
      words.append(normalization.title)
    }
    if !run.masks.isEmpty { words.append("dropout") }
    if !network.ties.isEmpty { words.append("tied weights") }
    if network.layers.contains(where: \.hasSharedBias) {
      words.append("a single bias for all units of a layer")
    }
    if network.layers.allSatisfy({ !$0.hasBias }) { words.append("no biases") }
    return words.isEmpty ? "" : ", " + words.joined(separator: ", ")
  }
}

extension Recognizer {
  func noGradients() -> Problem {
    if let object = saved.unreadable.first { return object.reason }
    return saved.problem(
      "gradients", "there are no dW1, db1, ..., dZ1, dA1, ...",
      "save the gradients to be judged: np.savez(file, ..., **gradients); for gradients with other names use \(Setting.name) THEIRS=dW1"
    )
  }

}
