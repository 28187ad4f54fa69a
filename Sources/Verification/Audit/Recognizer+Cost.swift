import Findings
import Plumbline

extension Recognizer {
  /// - Parameter strength: The strengths of the penalty; `nil` for those that the user has given, or that arrays are called.
  func costReading(
    _ arranged: ArrangedArrays, strength: CostReading.Strength? = nil
  ) -> CostReading {
    let isAsked = request.squares != nil || request.absolutes != nil
    return CostReading(
      arranged: arranged,
      strength: strength
        ?? .init(
          // What is called λ may be the one that was given for absolute values.
          squares: request.squares
            ?? (matched.squares == request.absolutes ? nil : matched.squares),
          absolutes: request.absolutes ?? matched.absolutes, isAsked: isAsked),
      tolerance: max(1e-5, tolerance <= 2e-4 ? 1e-5 : tolerance))
  }

  /// What else the numbers of a file may be strengths of: one that is called λ may be that of absolute values, and where none is called so, any may be.
  private var otherStrengths: [CostReading.Strength] {
    guard request.squares == nil, request.absolutes == nil else { return [] }
    if let named = matched.squares, matched.absolutes == nil { return [.init(absolutes: named)] }
    guard matched.absolutes == nil else { return [] }
    let numbers = matched.possibleStrengths.prefix(6)
    return numbers.map { .init(squares: $0) } + numbers.map { .init(absolutes: $0) }
  }

  /// The losses that a file may be of, what was asked for or is customary first.
  func kinds(_ forward: ForwardReading, _ arranged: ArrangedArrays) -> [ProgramLoss.Kind] {
    let customary = ProgramLoss.Kind.customary(after: forward.layers.last?.function ?? .linear)
    let first = request.loss ?? customary
    var hints = matched.lossHints
    hints.targets = arranged.targets
    let others = ProgramLoss.Kind.all(hints).filter { $0 != first }
    // Of labels -1 and 1 a loss that is made for them before one that takes any numbers, which may give the same gradients.
    let targets = arranged.targets
    let special =
      targets.scalars.contains(-1)
      ? others.filter { $0.isPossible(targets) && !$0.isPossible(targets * 0.7) } : []
    return [first] + special + others.filter { !special.contains($0) }
  }

  /// The ways to see a file whose cost comes out, what is likeliest first.
  func candidates(
    _ forwards: [Way],
    _ matches: (CostReading, ForwardReading, [ProgramLoss.Kind]) -> [CostReading.Match]
  ) -> [Candidate] {
    forwards.flatMap { arranged, forward, strangeness in
      let kinds = kinds(forward, arranged)
      return matches(costReading(arranged), forward, kinds).map { match in
        Candidate(
          arranged: arranged, forward: forward, match: match,
          strangeness: strangeness + (match.isWithoutPenalty ? 100 : 0)
            + 4 * (kinds.firstIndex(of: match.loss.kind) ?? 0))
      }
    }.sorted { $0.strangeness < $1.strangeness }
  }

  /// The network whose cost is that of the file.
  func confirmed(
    by cost: Double,
    _ forwards: [Way]
  ) throws(Problem) -> Recognition {
    var found: [Candidate] = []
    for candidate in candidates(forwards, { $0.matches(cost, $1, kinds: $2) }) {
      // Among so many losses and functions one may give the cost by chance: what is neither customary nor exact has to have a gradient
      // that is right by it.
      let isTold = candidate.forward.assumed.isEmpty || candidate.strangeness < 4
      var isKept = candidate.match.isExact || isTold
      if !isKept { isKept = try agreement(candidate).agreeing > 0 }
      if isKept { found.append(candidate) }
    }
    // A cost with all its digits has one reading: what only comes near it is of another penalty or scale.
    if found.contains(where: \.match.isExact) { found = found.filter(\.match.isExact) }
    for strength in otherStrengths where found.isEmpty {
      found = candidates(forwards) { reading, forward, kinds in
        costReading(reading.arranged, strength: strength)
          .matches(cost, forward, kinds: kinds)
          .filter { $0.isExact && !$0.penalty.isNone }
      }
    }
    if found.isEmpty, request.isProposal { throw notConfirmed }
    var mixed: [Way] = []
    if found.isEmpty {
      mixed = try mixedWalks(forwards.map(\.arranged))
      found = candidates(mixed) { reading, forward, kinds in
        reading.matches(cost, forward, kinds: kinds).filter { $0.isExact && !$0.isWithoutPenalty }
      }
    }
    // A penalty of a strength that is not in the file, or on a part of the layers: the gradients have to hold it too.
    for ways in [forwards, mixed] where found.isEmpty {
      found = try penalized(candidates(ways) { $0.free(cost, $1, kinds: $2) })
    }
    if found.isEmpty {
      found = try penalized(
        candidates(forwards) { reading, forward, kinds in
          reading.matches(cost, forward, kinds: kinds, penalizing: reading.partsOfLayers)
            .filter { $0.isExact && !$0.penalty.isNone }
            + reading.free(cost, forward, kinds: kinds, penalizing: reading.partsOfLayers)
        })
    }
    if let best = try best(found) {
      var recognition = try recognition(best)
      if let asked = request.loss, asked != best.match.loss.kind {
        recognition.remarks.append(
          best.match.loss.kind.remark(inPlaceOf: asked, best.match.scaleWords))
      }
      return recognition
    }
    if let broadcast = try ofBroadcast(cost, forwards) { return broadcast }
    if let part = try ofPart(cost, forwards) { return part }
    return try undecided(cost, forwards)
  }

  /// What is wrong with a proposal whose cost does not come out.
  private var notConfirmed: Problem {
    saved.problem("cost", "cannot be reproduced", "name the arrays: \(Setting.name) THEIRS=OURS")
  }

  /// The first of these whose penalty the gradients hold.
  private func penalized(_ candidates: [Candidate]) throws(Problem) -> [Candidate] {
    for candidate in candidates.prefix(420) {
      guard try holdsPenalty(candidate) else { continue }
      return [candidate]
    }
    return []
  }

  /// Whether gradients hold the penalty of a strength that only the cost tells: the whole gradient of a weight is right by it, or that of
  /// the last layer is so but for a factor on what the data give.
  private func holdsPenalty(_ candidate: Candidate) throws(Problem) -> Bool {
    let recognition = try recognition(candidate)
    let audit = audit(recognition)
    for layer in (1...audit.last).reversed() {
      let quantity = Quantity(.weightGradient, layer)
      // A layer that the penalty leaves out says nothing of it.
      guard recognition.network.penalty.counts(layer),
        let own = recognition.run.quantities[quantity], own.count > 3, own.isFinite,
        !recognition.run.transposed.contains(quantity)
      else { continue }
      let step = audit.parameterStep(layer, audit.truth.dz[layer - 1])
      if audit.comparison.agree(own, audit.right(quantity), noise: step.weightNoise) { return true }
      guard layer == audit.last, let penalty = step.weightPenalty,
        let fit = LeastSquares(own, [step.data(audit.truth.dz[layer - 1]), penalty]),
        fit.residual <= audit.comparison.tolerance * own.norm
      else { continue }
      let (data, strength) = (fit.coefficients[0], fit.coefficients[1])
      if audit.comparison.hasMeaning(data)
        && [1, data].contains(where: { audit.comparison.isSame(strength, $0) })
      {
        return true
      }
    }
    return false
  }

  /// The best of several ways to see a file, all of which its cost confirms: the one whose gradients agree most, and of these the most
  /// usual one.
  func best(_ candidates: [Candidate]) throws(Problem) -> Candidate? {
    guard let first = candidates.first else { return nil }
    let choices = distinct(candidates)
    guard choices.count > 1 else { return first }
    var best = first
    var most = -1
    var equal: [ArrangedArrays] = []
    for candidate in choices.prefix(24) {
      let agreement = try agreement(candidate)
      if agreement.agreeing == most { equal.append(candidate.arranged) }
      if agreement.agreeing > most {
        (best, most) = (candidate, agreement.agreeing)
        equal = [candidate.arranged]
        if agreement.agreeing == agreement.all { return best }
      }
    }
    try askForLayout(among: equal)
    return best
  }

  /// Where several layouts explain a file equally well, somebody has to say which it is.
  func askForLayout(among arranged: [ArrangedArrays]) throws(Problem) {
    var titles: [String] = []
    var seen: [ArrangedArrays] = []
    // Of one example, say, rows and columns are the same.
    for one in arranged
    where !seen.contains(where: {
      $0.inputs == one.inputs && $0.targets == one.targets
        && $0.parameters.weights == one.parameters.weights
    }) {
      seen.append(one)
      titles.append(one.arrangement.title)
    }
    // Where the biases are in the weights, the layout is the same whether they are read as biases or as weights of a feature that is 1.
    guard Set(seen.map(\.arrangement.layoutTitle)).count > 1 else { return }
    throw saved.problem(
      "shapes", "they fit the layouts \(titles.joined(separator: " and "))",
      "choose one with \(Setting.layout): columns (W is out x in, examples are columns), rows (W is in x out, examples are rows) or torch (W is "
        + "out x in, examples are rows); or save the cost and Z1, A1, ..., which decide it")
  }

  /// Those that differ in more than words.
  private func distinct(_ candidates: [Candidate]) -> [Candidate] {
    var seen: [(Arrangement, [ProgramNetwork.Layer], Double, ProgramLoss.Kind, Penalty)] = []
    return candidates.filter { candidate in
      let match = candidate.match
      let key = (
        candidate.arranged.arrangement, candidate.forward.layers, match.loss.scale, match.loss.kind,
        match.penalty
      )
      if seen.contains(where: { $0 == key }) { return false }
      seen.append(key)
      return true
    }
  }

  /// How many gradients of parameters are right under a way to see the file.
  func agreement(
    _ candidate: Candidate
  ) throws(Problem) -> (agreeing: Int, all: Int, weights: Int) {
    let recognition = try recognition(candidate)
    let audit = audit(recognition)
    var (agreeing, all, weights) = (0, 0, 0)
    for quantity in recognition.network.parameterGradients {
      guard recognition.run.holds(quantity) else { continue }
      all += 1
      guard let own = recognition.run.quantities[quantity],
        !recognition.run.transposed.contains(quantity)
      else { continue }
      let step = audit.parameterStep(quantity.layer, audit.truth.dz[quantity.layer - 1])
      let isRight = audit.comparison.agree(
        own, audit.right(quantity),
        noise: quantity.kind == .weightGradient
          ? step.weightNoise : quantity.kind == .biasGradient ? step.biasNoise : 0)
      if isRight {
        agreeing += 1
        if quantity.kind == .weightGradient { weights += 1 }
      }
    }
    return (agreeing, all, weights)
  }

  /// No loss gives the cost: unless parameters of another moment explain that, there is no verdict.
  func undecided(
    _ cost: Double,
    _ forwards: [Way]
  ) throws(Problem) -> Recognition {
    var nearest: Recognition?
    // What is said of the cost is said of the usual output for these targets.
    let usual = forwards.first?.forward.layers.last?.function
    for (arranged, forward, strangeness) in forwards.prefix(6)
    where forward.layers.last?.function == usual {
      let reading = costReading(arranged)
      let kind = kinds(forward, arranged)[0]
      for (scale, words) in reading.scales(kind).prefix(3) {
        for penalty in reading.penalties().prefix(1) {
          let candidate = Candidate(
            arranged: arranged, forward: forward,
            match: .init(
              loss: ProgramLoss(kind: kind, scale: scale), penalty: penalty.penalty,
              scaleWords: words, penaltyWords: penalty.words), strangeness: strangeness)
          var recognition = try recognition(candidate)
          // Values between the layers that follow from the parameters were computed by these.
          let isOfOthers = forward.quantities.isEmpty || forward.mismatches > 0
          if isOfOthers, Audit.earlierStep(recognition.run, recognition.network) != nil {
            return recognition
          }
          let value =
            (reading.value(ProgramLoss(kind: kind, scale: scale), forward) ?? .nan)
            + reading.value(penalty.penalty)
          recognition.ownCost = value
          recognition.undecided =
            "Your cost is \(text(cost)), and no loss that this audit knows gives that value for your outputs and targets: the \(kind.rawValue), "
            + "\(words), is \(text(value)). " + advice(forward)
          let isNearer = abs(value - cost) < abs((nearest?.ownCost ?? .infinity) - cost)
          if nearest == nil || isNearer { nearest = recognition }
        }
      }
    }
    guard let nearest else {
      throw saved.problem(
        "cost", "no known loss compares these outputs and targets",
        "give \(Setting.loss), or check that Y holds the targets")
    }
    return nearest
  }

  /// What to save or to type where the cost does not come out.
  private func advice(_ forward: ForwardReading) -> String {
    let count = forward.layers.count
    let hidden = forward.assumed.filter { $0 < count }.sorted()
    var parts: [String] = []
    if !hidden.isEmpty, request.functions.isEmpty {
      let list = (1...count).map { layer in
        forward.assumed.contains(layer)
          ? layer == count ? "OUTPUT" : "F\(layer)" : forward.layers[layer - 1].function.spelling
      }
      parts.append(
        "no array shows the function of layer\(hidden.count == 1 ? "" : "s") \(hidden.inWords), which was assumed to be "
          + "\(forward.layers[hidden[0] - 1].function.title): save \(hidden.map { "A\($0)" }.joined(separator: ", ")), or give "
          + "\(Setting.activations) \(list.joined(separator: ",")) with one of \(Nonlinearity.names.joined(separator: ", ")) for each layer"
      )
      let widths = [forward.layers[0].inputs] + forward.layers.map(\.outputs)
      if !request.isResidual, zip(widths.dropFirst(), widths.dropFirst(2)).contains(where: ==) {
        parts.append(
          "\(Setting.residual) makes layers of equal width residual blocks of two")
      }
    }
    parts.append(
      "the cost must be that of this very step, before the update, on the examples X and targets Y and with the parameters in the file"
    )
    var rest = forward.assumed.contains(count) ? ["the output A\(count)"] : []
    if matched.squares == nil && matched.absolutes == nil {
      rest.append("the strength of the penalty (reg=...)")
    }
    rest.append(
      "any other quantity in your loss (delta=..., sample_weight=..., pos_weight=..., label_smoothing=..., temperature=...)"
    )
    parts.append(
      "save \(rest.joined(separator: ", ")), if any; \(Setting.loss) takes \(ProgramLoss.Kind.names.joined(separator: ", "))"
    )
    return parts.map { $0.prefix(1) == "-" ? $0 : $0.prefix(1).uppercased() + $0.dropFirst() }
      .joined(separator: ". ") + "."
  }

  func text(_ value: Double) -> String {
    "\(Double("\(value)") ?? value)"
  }
}
