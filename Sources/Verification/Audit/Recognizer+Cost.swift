import Findings
import Plumbline

extension Recognizer {
  func costReading(_ arranged: ArrangedArrays) -> CostReading {
    CostReading(
      arranged: arranged,
      strength: .init(
        squares: request.squares ?? matched.squares,
        absolutes: request.absolutes ?? matched.absolutes,
        isAsked: request.squares != nil || request.absolutes != nil),
      tolerance: max(1e-5, tolerance <= 2e-4 ? 1e-5 : tolerance))
  }

  func kinds(_ forward: ForwardReading) -> [ProgramLoss.Kind] {
    let customary = ProgramLoss.Kind.customary(after: forward.layers.last?.function ?? .linear)
    let first = request.loss ?? customary
    return [first] + ProgramLoss.Kind.allCases.filter { $0 != first }
  }

  /// The network whose cost is that of the file.
  func confirmed(
    by cost: Double,
    _ forwards: [(arranged: ArrangedArrays, forward: ForwardReading, strangeness: Int)]
  ) throws(Problem) -> Recognition {
    func candidates(
      _ matches: (CostReading, ForwardReading, [ProgramLoss.Kind]) -> [CostReading.Match]
    ) -> [Candidate] {
      forwards.flatMap { arranged, forward, strangeness in
        let kinds = kinds(forward)
        return matches(costReading(arranged), forward, kinds).map { match in
          Candidate(
            arranged: arranged, forward: forward, match: match,
            strangeness: strangeness + (match.isWithoutPenalty ? 100 : 0)
              + 4 * (kinds.firstIndex(of: match.loss.kind) ?? 0))
        }
      }.sorted { $0.strangeness < $1.strangeness }
    }
    var found = candidates { $0.matches(cost, $1, kinds: $2) }
    if found.isEmpty {
      // A penalty of a strength that is not in the file: the gradients have to hold it too.
      for candidate in candidates({ $0.free(cost, $1, kinds: $2) }) {
        let agreement = try agreement(candidate)
        if agreement.weights > 0 && agreement.agreeing == agreement.all { found.append(candidate) }
      }
    }
    if let best = try best(found) {
      var recognition = try recognition(best)
      if let asked = request.loss, asked != best.match.loss.kind {
        recognition.remarks.append(
          "Your cost is no \(asked.rawValue), but the \(best.match.loss.kind.rawValue): gradients are judged by your cost."
        )
      }
      return recognition
    }
    return try undecided(cost, forwards)
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
    guard titles.count > 1 else { return }
    throw saved.problem(
      "shapes", "they fit the layouts \(titles.joined(separator: " and "))",
      "say which with --layout: columns (W is out x in, examples are columns), rows (W is in x out, examples are rows) or torch (W is "
        + "out x in, examples are rows); or save the cost and Z1, A1, ..., which tell it")
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
    let audit = Audit(recognition.run, recognition.network)
    var (agreeing, all, weights) = (0, 0, 0)
    for quantity in recognition.network.parameterGradients {
      guard recognition.run.holds(quantity) else { continue }
      all += 1
      guard let own = recognition.run.quantities[quantity],
        !recognition.run.transposed.contains(quantity)
      else { continue }
      let step = audit.parameterStep(quantity.layer, audit.truth.dz[quantity.layer - 1])
      let noise =
        quantity.kind == .weightGradient
        ? step.weightNoise : quantity.kind == .biasGradient ? step.biasNoise : 0
      if audit.comparison.agree(own, audit.right(quantity), noise: noise) {
        agreeing += 1
        if quantity.kind == .weightGradient { weights += 1 }
      }
    }
    return (agreeing, all, weights)
  }

  /// No loss gives the cost: unless parameters of another moment explain that, there is no verdict.
  func undecided(
    _ cost: Double,
    _ forwards: [(arranged: ArrangedArrays, forward: ForwardReading, strangeness: Int)]
  ) throws(Problem) -> Recognition {
    var nearest: Recognition?
    for (arranged, forward, strangeness) in forwards.prefix(6) {
      let reading = costReading(arranged)
      let kind = kinds(forward)[0]
      for (scale, words) in reading.scales(kind).prefix(3) {
        for penalty in reading.penalties().prefix(1) {
          let candidate = Candidate(
            arranged: arranged, forward: forward,
            match: .init(
              loss: ProgramLoss(kind: kind, scale: scale), penalty: penalty.penalty,
              scaleWords: words, penaltyWords: penalty.words), strangeness: strangeness)
          var recognition = try recognition(candidate)
          if Audit.earlierStep(recognition.run, recognition.network) != nil { return recognition }
          let value = (reading.sum(kind, forward) ?? .nan) * scale + reading.value(penalty.penalty)
          recognition.ownCost = value
          recognition.undecided =
            "No loss that is known gives your cost: it is \(text(cost)), and the \(kind.rawValue), \(words), of your outputs and targets is "
            + "\(text(value)). Save the cost of this very step, before the update, on the examples X and with the parameters of the file; and "
            + "the output A\(forward.layers.count) and the strength of the penalty (reg=...), if there is one."
          let isNearer = abs(value - cost) < abs((nearest?.ownCost ?? .infinity) - cost)
          if nearest == nil || isNearer { nearest = recognition }
        }
      }
    }
    guard let nearest else {
      throw saved.problem(
        "cost", "no loss that is known compares these outputs and targets",
        "give --loss, or check that Y holds the targets")
    }
    return nearest
  }

  func text(_ value: Double) -> String {
    "\(Double("\(value)") ?? value)"
  }
}
