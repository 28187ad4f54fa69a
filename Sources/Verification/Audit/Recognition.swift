import Findings
import Plumbline

/// What an audit has made of a file: the network, the run, and how each was told.
struct Recognition: Sendable {
  var network: ProgramNetwork
  var run: ProgramRun
  /// Theirs by ours.
  var names: [String: String]
  var ignored: [String]
  var layout: String
  /// How the scale of the cost and its penalty are said.
  var scaleWords: String, penaltyWords: String
  /// What was told by values, and what was taken for granted.
  var remarks: [String]
  /// Why no verdict can be given; `nil` where one can.
  var undecided: String?
  /// The cost as computed here, of the program's own outputs.
  var ownCost: Double?
}

/// Finds the network that a file is of: its arrangement, functions, loss, scale and penalty, all of which its cost and its values have to
/// confirm.
struct Recognizer {
  let saved: SavedArrays
  let request: ReadingRequest
  let matched: MatchedArrays

  init(_ saved: SavedArrays, _ request: ReadingRequest) throws(Problem) {
    self.saved = saved
    self.request = request
    matched = try MatchedArrays(saved, given: request.names)
  }

  /// One way to see the file.
  private struct Candidate {
    let arranged: ArrangedArrays
    let forward: ForwardReading
    var match: CostReading.Match
    /// How far it is from what was asked for, and from what is customary.
    let strangeness: Int
  }

  func recognition() throws(Problem) -> Recognition {
    let arrangements = try ArrangedArrays.all(matched, saved, layout: request.layout)
    try refuseOtherWidths(arrangements[0])
    try refuseTargets(arrangements[0])
    var forwards: [(arranged: ArrangedArrays, forward: ForwardReading, strangeness: Int)] = []
    for arranged in arrangements {
      for (forward, strangeness) in try walks(arranged) {
        forwards.append((arranged, forward, strangeness))
      }
    }
    let fewest = forwards.map(\.forward.mismatches).min() ?? 0
    forwards.removeAll { $0.forward.mismatches > fewest }
    if let cost, cost.isFinite {
      return try confirmed(by: cost, forwards)
    }
    var recognition = try withoutCost(forwards)
    if cost != nil {
      recognition.undecided =
        "Your cost is \(cost?.isNaN == true ? "not a number" : "infinite"), so that nothing tells which cost the gradients are of: "
        + "\(saturation(forwards.map(\.forward)) ?? "look for a logarithm of 0 or an overflow in it"), and save it again."
    }
    return recognition
  }

  /// What to do about an output of which the logarithm is infinite, where there is one.
  private func saturation(_ forwards: [ForwardReading]) -> String? {
    let functions: Set<Nonlinearity> = [.softmax, .elementwise(.sigmoid)]
    guard
      let forward = forwards.first(where: {
        functions.contains($0.layers.last?.function ?? .linear)
      }
      ), let index = forward.output.scalars.firstIndex(where: { $0 == 0 || $0 == 1 })
    else { return nil }
    let (units, value) = (forward.output.shape[1], Int(forward.output.scalars[index]))
    let unit = units == 1 ? "" : ", unit \(index % units)"
    return
      "A\(forward.layers.count) is exactly \(value) for example \(index / units)\(unit) (counted from 0), and log \(value == 0 ? "A" : "(1 - A)") "
      + "is infinite there. Compute the cost from Z, or of np.clip(A, 1e-12, 1 - 1e-12)"
  }

  private var cost: Double? { matched.cost?.value.scalars[0] }

  /// The coarsest rounding among the arrays that are compared.
  private var tolerance: Double {
    let layers = matched.layers.flatMap { layer in
      [
        layer.weight, layer.weightGradient, layer.bias, layer.biasGradient, layer.scaleGradient,
        layer.shiftGradient,
      ].compactMap { $0 }
    }
    let floating = (layers + matched.others.map(\.array)).filter { !$0.isInteger }
    return floating.map(\.tolerance).max() ?? 1e-5
  }

  private func comparison(_ arranged: ArrangedArrays) -> Comparison {
    Comparison(tolerance: tolerance, examples: Double(arranged.examples))
  }

  private func refuseOtherWidths(_ arranged: ArrangedArrays) throws(Problem) {
    guard let widths = request.widths, widths != arranged.widths else { return }
    func text(_ widths: [Int]) -> String { widths.map(String.init).joined(separator: ",") }
    throw Problem(
      setting: "network", subject: saved.path,
      problem:
        "the arrays are those of a network \(text(arranged.widths)), and the one that was asked for is \(text(widths))",
      remedy: "leave --network out, or save the run of that network")
  }

  /// A cross-entropy that was asked for compares shares.
  private func refuseTargets(_ arranged: ArrangedArrays) throws(Problem) {
    guard let loss = request.loss, loss.takesShares, matched.cost == nil,
      let outside = arranged.targets.scalars.first(where: { !(0...1).contains($0) })
    else { return }
    throw saved.problem(
      "array \(matched.target.name)", "holds the target \(outside), outside 0 to 1",
      "give 0, 1 or a share between them for each output, or another --loss")
  }

  // MARK: Walks

  /// The functions that were asked for, one for each layer; `nil` where the hidden ones were not.
  private func asked(_ count: Int) throws(Problem) -> (
    hidden: [Nonlinearity]?, output: Nonlinearity?
  ) {
    let functions = request.functions
    if functions.isEmpty { return (count == 1 ? [] : nil, request.output) }
    if functions.dropLast().contains(.softmax) {
      throw Problem(
        setting: "activations",
        problem: "softmax is an activation of the output, not of a hidden layer",
        remedy: "give one function for all hidden layers, or one for each layer")
    }
    switch functions.count {
    case count where count > 1 || functions != [.elementwise(.relu)]:
      return (Array(functions.dropLast()), request.output ?? functions.last)
    case count - 1: return (functions, request.output)
    case 1: return (Array(repeating: functions[0], count: count - 1), request.output)
    default:
      throw Problem(
        setting: "activations",
        problem: "there are \(functions.count) activations for \(count) layers",
        remedy: "give one for each layer, or one for all hidden layers")
    }
  }

  /// The forward readings of an arrangement: one where values tell all functions, and one for each assumption elsewhere.
  private func walks(
    _ arranged: ArrangedArrays
  ) throws(Problem) -> [(ForwardReading, strangeness: Int)] {
    let count = arranged.parameters.weights.count
    let asked = try asked(count)
    let outputs = arranged.targets.shape[1]
    func walk(_ functions: [Nonlinearity], _ epsilon: Double, _ skips: [Int: ProgramNetwork.Skip])
      -> ForwardReading
    {
      ForwardWalk(
        arranged: arranged,
        assumption: ForwardAssumption(functions: functions, epsilon: epsilon, skips: skips),
        pool: matched.others, firstNumber: matched.firstNumber, keep: matched.keep,
        comparison: comparison(arranged)
      ).reading()
    }
    var customary: [Nonlinearity] =
      outputs == 1
      ? [.sigmoid, .linear, .tanh, .relu].map(Nonlinearity.elementwise)
      : [.softmax] + [.sigmoid, .linear, .tanh, .relu].map(Nonlinearity.elementwise)
    let areReal = !arranged.targets.scalars.allSatisfy { (0...1).contains($0) }
    if areReal {
      customary = [.linear, .elementwise(.tanh), .elementwise(.relu), .elementwise(.sigmoid)]
    }
    if request.loss == .squaredError || request.loss == .absoluteError {
      customary = [.linear] + customary.filter { $0 != .linear }
    }
    let outputFunctions = asked.output.map { [$0] } ?? customary
    let hidden: [[Nonlinearity]] =
      asked.hidden.map { [$0] }
      ?? ForwardWalk.functions.map { Array(repeating: $0, count: count - 1) }
    let skips = assumedSkips(arranged.widths)
    var result: [(ForwardReading, strangeness: Int)] = []
    // What values tell needs no second assumption.
    let first = walk(hidden[0] + [outputFunctions[0]], 1e-5, skips[0])
    let isHiddenAssumed = first.assumed.contains { $0 < count }
    let isOutputAssumed = first.assumed.contains(count)
    let isNormalizationAssumed = first.assumed.contains { arranged.parameters.scales[$0] != nil }
    let epsilons = isNormalizationAssumed ? [1e-5, 1e-8, 1e-3] : [1e-5]
    for (h, functions) in (isHiddenAssumed ? hidden : [hidden[0]]).enumerated() {
      for (o, output) in (isOutputAssumed ? outputFunctions : [outputFunctions[0]]).enumerated() {
        for (e, epsilon) in epsilons.enumerated() {
          for (s, skip) in (first.assumed.isEmpty ? [skips[0]] : skips).enumerated() {
            let strangeness = h + o + e + s
            result.append(
              (strangeness == 0 ? first : walk(functions + [output], epsilon, skip), strangeness))
          }
        }
      }
    }
    return result
  }

  /// The residual blocks that were asked for, in every usual form.
  private func assumedSkips(_ widths: [Int]) -> [[Int: ProgramNetwork.Skip]] {
    guard request.isResidual else { return [[:]] }
    var ends: [Int] = []
    var layer = 2
    while layer + 1 < widths.count - 1 {
      // Both layers of a block keep the width of what enters it, which a hidden layer has put out.
      if widths[layer - 1] == widths[layer] && widths[layer] == widths[layer + 1] {
        ends.append(layer + 1)
        layer += 2
      } else {
        layer += 1
      }
    }
    guard !ends.isEmpty else { return [[:]] }
    let scales: [Double] =
      request.branchScale.map { [$0] } ?? [1 / Double(ends.count).squareRoot(), 1]
    return scales.flatMap { scale in
      [false, true].map { isInside in
        Dictionary(
          uniqueKeysWithValues: ends.map {
            ($0, ProgramNetwork.Skip(source: $0 - 2, branchScale: scale, isInside: isInside))
          })
      }
    }
  }

  // MARK: Losses

  private func costReading(_ arranged: ArrangedArrays) -> CostReading {
    CostReading(
      arranged: arranged,
      strength: .init(
        squares: request.squares ?? matched.squares,
        absolutes: request.absolutes ?? matched.absolutes,
        isAsked: request.squares != nil || request.absolutes != nil),
      tolerance: max(1e-5, tolerance <= 2e-4 ? 1e-5 : tolerance))
  }

  private func kinds(_ forward: ForwardReading) -> [ProgramLoss.Kind] {
    let customary = ProgramLoss.Kind.customary(after: forward.layers.last?.function ?? .linear)
    let first = request.loss ?? customary
    return [first] + ProgramLoss.Kind.allCases.filter { $0 != first }
  }

  /// The network whose cost is that of the file.
  private func confirmed(
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
  private func best(_ candidates: [Candidate]) throws(Problem) -> Candidate? {
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
  private func askForLayout(among arranged: [ArrangedArrays]) throws(Problem) {
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
  private func agreement(
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
  private func undecided(
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

  private func text(_ value: Double) -> String {
    "\(Double("\(value)") ?? value)"
  }

  /// Without a cost the gradients of the last layer tell the scale, and the loss is the one that was asked for or is customary.
  private func withoutCost(
    _ forwards: [(arranged: ArrangedArrays, forward: ForwardReading, strangeness: Int)]
  ) throws(Problem) -> Recognition {
    var best: (candidate: Candidate, agreeing: Int, all: Int)?
    var equal: [ArrangedArrays] = []
    search: for (arranged, forward, strangeness) in forwards {
      let reading = costReading(arranged)
      let kind = kinds(forward).first { reading.isPossible($0, forward) } ?? .squaredError
      for (penalty, penaltyWords) in reading.penalties().prefix(4) {
        for (scale, words) in reading.scales(kind) {
          let candidate = Candidate(
            arranged: arranged, forward: forward,
            match: .init(
              loss: ProgramLoss(kind: kind, scale: scale), penalty: penalty, scaleWords: words,
              penaltyWords: penaltyWords), strangeness: strangeness)
          let agreement = try agreement(candidate)
          if agreement.agreeing == best?.agreeing { equal.append(arranged) }
          if agreement.agreeing > best?.agreeing ?? -1 {
            best = (candidate, agreement.agreeing, agreement.all)
            equal = [arranged]
          }
          if agreement.agreeing == agreement.all, agreement.all > 0 { break search }
        }
      }
    }
    guard let best else {
      throw saved.problem(
        "shapes", "no network fits them",
        "save X, Y, the parameters and their gradients of one step")
    }
    if best.agreeing < best.all { try askForLayout(among: equal) }
    var recognition = try recognition(best.candidate)
    let match = best.candidate.match
    recognition.remarks.append(
      "There is no cost in the file. It was taken for the \(match.loss.kind.rawValue), \(match.scaleWords)"
        + (match.penaltyWords.isEmpty ? "" : ", plus \(match.penaltyWords)")
        + ": save cost=cost to have that confirmed.")
    if best.agreeing < best.all, let other = try rival(best, forwards) {
      recognition.undecided =
        "There is no cost in the file, and the gradients fit the \(other.rawValue) and not the \(match.loss.kind.rawValue) that is usual "
        + "here. Save the cost (np.savez(..., cost=cost)) or say which loss it is: --loss "
        + "\(other.loss.rawValue)."
    }
    return recognition
  }

  /// Another loss under which every gradient would be right, where nobody has said which it is.
  private func rival(
    _ best: (candidate: Candidate, agreeing: Int, all: Int),
    _ forwards: [(arranged: ArrangedArrays, forward: ForwardReading, strangeness: Int)]
  ) throws(Problem) -> ProgramLoss.Kind? {
    guard request.loss == nil else { return nil }
    for (arranged, forward, strangeness) in forwards {
      let reading = costReading(arranged)
      for kind in kinds(forward).dropFirst() where reading.isPossible(kind, forward) {
        for (scale, words) in reading.scales(kind) {
          let candidate = Candidate(
            arranged: arranged, forward: forward,
            match: .init(loss: ProgramLoss(kind: kind, scale: scale), scaleWords: words),
            strangeness: strangeness)
          let agreement = try agreement(candidate)
          if agreement.agreeing == agreement.all { return kind }
        }
      }
    }
    return nil
  }

  // MARK: The run

  private func recognition(_ candidate: Candidate) throws(Problem) -> Recognition {
    let (arranged, forward, match) = (candidate.arranged, candidate.forward, candidate.match)
    var run = ProgramRun(
      inputs: arranged.inputs, targets: arranged.targets, parameters: arranged.parameters,
      quantities: forward.quantities.merging(arranged.gradients) { $1 }, masks: forward.masks,
      transposed: arranged.transposed, unsummed: arranged.unsummed, broadcast: arranged.broadcast,
      cost: cost, tolerance: tolerance)
    var names = arranged.names.merging(forward.names) { $1 }
    BetweenGradients(
      pool: matched.others, arranged: arranged, forward: forward, firstNumber: matched.firstNumber
    ).take(into: &run, &names)
    if let cost = matched.cost { names[cost.name] = "cost" }
    var network = ProgramNetwork(layers: forward.layers, loss: match.loss, penalty: match.penalty)
    network.ties = ties(arranged)
    let ignored = matched.ignored.filter { names[$0] == nil }
    return Recognition(
      network: network, run: run, names: names, ignored: ignored,
      layout: arranged.arrangement.title, scaleWords: match.scaleWords,
      penaltyWords: match.penaltyWords, remarks: arranged.remarks + forward.remarks,
      ownCost: costReading(arranged).sum(match.loss.kind, forward).map {
        $0 * match.loss.scale
          + (match.isWithoutPenalty ? 0 : costReading(arranged).value(match.penalty))
      })
  }

  /// Weights that are another's transpose, and whose gradients are so as well.
  private func ties(_ arranged: ArrangedArrays) -> [Int: Int] {
    let (weights, gradients) = (arranged.parameters.weights, arranged.gradients)
    for first in weights.indices {
      for second in weights.indices where second > first {
        guard weights[first] == weights[second].transposed(), weights[first].count > 1,
          let own = gradients[Quantity(.weightGradient, first + 1)],
          let other = gradients[Quantity(.weightGradient, second + 1)],
          comparison(arranged).agree(own, other.transposed())
        else { continue }
        return [second + 1: first + 1]
      }
    }
    return [:]
  }
}
