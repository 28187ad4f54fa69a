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
  /// The loss and scale that were assumed if there is no cost.
  var assumedCost: String?
  /// Why no verdict can be given; `nil` if one can.
  var undecided: String?
  /// How many gradients are right where no cost confirms the network; `nil` if one does.
  var agreeing: Int?
  /// Whether functions were taken for granted that no value tells.
  var assumesFunctions = false
  /// Whether the cost compares every output with the labels of all examples.
  var broadcastsLabels = false
  /// The cost as computed here, of the program's own outputs.
  var ownCost: Double?
}

/// Finds the network that a file is of: its arrangement, functions, loss, scale and penalty, all of which its cost and its values have to
/// confirm.
struct Recognizer {
  let saved: SavedArrays
  let request: ReadingRequest
  let matched: MatchedArrays
  private let tried = TriedNetworks()
  let fits = FitMemory()

  init(_ saved: SavedArrays, _ request: ReadingRequest) throws(Problem) {
    self.saved = saved
    self.request = request
    matched = try MatchedArrays(saved, given: request.names)
  }

  /// One way to see the arrays, before anything is said of the loss; the strangeness is how far it is from what is customary.
  typealias Way = (arranged: ArrangedArrays, forward: ForwardReading, strangeness: Int)

  /// One way to see the file.
  struct Candidate {
    let arranged: ArrangedArrays
    let forward: ForwardReading
    var match: CostReading.Match
    /// How far it is from what was asked for, and from what is customary.
    let strangeness: Int
  }

  func recognition() throws(Problem) -> Recognition {
    let arrangements: [ArrangedArrays]
    do {
      arrangements = try ArrangedArrays.all(matched, saved, layout: request.layout)
    } catch {
      throw matched.missingTarget ?? error
    }
    try refuseOtherWidths(arrangements[0])
    try refuseTargets(arrangements[0])
    var forwards: [Way] = []
    for arranged in arrangements {
      for (forward, strangeness) in try walks(arranged) {
        forwards.append((arranged, forward, strangeness))
      }
    }
    let fewest = forwards.map(\.forward.mismatches).min() ?? 0
    forwards.removeAll { $0.forward.mismatches > fewest }
    if let cost, cost.isFinite {
      var recognition = try confirmed(by: cost, forwards)
      if recognition.undecided != nil, matched.isCostGuessed, let name = matched.cost?.name,
        MatchedArrays.mayBeDifference(name)
      {
        let other = try withoutCost(forwards)
        // Where no gradient is right either, the network may be another one.
        guard other.agreeing ?? 0 > 0 else { return recognition }
        recognition = other
        recognition.run.cost = nil
        recognition.names[name] = nil
        recognition.ignored.append(name)
        recognition.remarks.append(
          "\(name) was not read as the cost: no loss of your outputs and targets gives it.")
      }
      if let missing = matched.missingTarget {
        if recognition.undecided != nil { throw missing }
        recognition.remarks.append(
          "There are no targets in the file, and the cost is that of an autoencoder: \(matched.input.name) was used as them."
        )
      }
      return recognition
    }
    var recognition = try withoutCost(forwards)
    if cost != nil {
      recognition.undecided =
        "Your cost is \(cost?.isNaN == true ? "not a number" : "infinite"), so there is no telling which cost the gradients belong to: "
        + "\(saturation(forwards.map(\.forward)) ?? "look for a logarithm of 0 or an overflow in it"), and save it again."
    }
    return recognition
  }

  /// What to do about an output of which the logarithm is infinite, if there is one.
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

  var cost: Double? { matched.cost?.value.scalars[0] }

  /// The audit of what was recognized, which may have been tried with another scale before.
  func audit(_ recognition: Recognition) -> Audit {
    Audit(
      recognition.run, recognition.network,
      derivatives: tried.derivatives(recognition.run, recognition.network))
  }

  /// The coarsest rounding among the arrays that are compared.
  var tolerance: Double {
    let layers = matched.layers.flatMap { layer in
      [
        layer.weight, layer.weightGradient, layer.bias, layer.biasGradient, layer.scaleGradient,
        layer.shiftGradient,
      ].compactMap { $0 }
    }
    let floating = (layers + matched.others.map(\.array)).filter { !$0.isInteger }
    return floating.map(\.tolerance).max() ?? 1e-5
  }

  func comparison(_ arranged: ArrangedArrays) -> Comparison {
    Comparison(tolerance: tolerance, examples: Double(arranged.examples))
  }

  private func refuseOtherWidths(_ arranged: ArrangedArrays) throws(Problem) {
    guard let widths = request.widths, widths != arranged.widths else { return }
    func text(_ widths: [Int]) -> String { widths.map(String.init).joined(separator: ",") }
    throw Problem(
      setting: "network", subject: saved.path,
      problem:
        "the arrays are those of a network \(text(arranged.widths)), but the one given is \(text(widths))",
      remedy: "leave \(Setting.network) out, or save that network's run")
  }

  /// A cross-entropy that was asked for compares shares.
  private func refuseTargets(_ arranged: ArrangedArrays) throws(Problem) {
    guard let loss = request.loss, loss.takesShares, matched.cost == nil,
      let outside = arranged.targets.scalars.first(where: { !(0...1).contains($0) })
    else { return }
    throw saved.problem(
      "array \(matched.target.name)", "holds the target \(outside), outside 0 to 1",
      "give 0, 1 or a value between them for each output, or another \(Setting.loss)")
  }

  func recognition(_ candidate: Candidate) throws(Problem) -> Recognition {
    let (arranged, forward, match) = (candidate.arranged, candidate.forward, candidate.match)
    var run = ProgramRun(
      inputs: arranged.inputs, targets: arranged.targets, parameters: arranged.parameters,
      quantities: forward.quantities.merging(arranged.gradients) { $1 }, masks: forward.masks,
      transposed: arranged.transposed, unsummed: arranged.unsummed, broadcast: arranged.broadcast,
      misshapen: arranged.misshapen,
      cost: cost, tolerance: tolerance)
    var names = arranged.names.merging(forward.names) { $1 }
    BetweenGradients(
      pool: matched.others, arranged: arranged, forward: forward, firstNumber: matched.firstNumber
    ).take(into: &run, &names)
    if let cost = matched.cost { names[cost.name] = "cost" }
    for (array, name) in matched.others where names[array.name] == nil && !name.isGradient {
      if array.value.shape.rank == 2, array.value.isFinite { run.spare[array.name] = array.value }
    }
    for array in saved.arrays where names[array.name] == nil && array.value.count == 1 {
      if array.value.isFinite { run.numbers[array.name] = array.value.scalars[0] }
    }
    var network = ProgramNetwork(layers: forward.layers, loss: match.loss, penalty: match.penalty)
    network.ties = ties(arranged)
    let ignored = matched.ignored.filter {
      names[$0] == nil && !isPart(array: $0, of: network, arranged)
    }
    return Recognition(
      network: network, run: run, names: names, ignored: ignored,
      layout: arranged.arrangement.title, scaleWords: match.scaleWords,
      penaltyWords: match.penaltyWords, remarks: arranged.remarks + forward.remarks,
      undecided: unknown(forward),
      ownCost: costReading(arranged).value(match.loss, forward).map {
        $0 + (match.isWithoutPenalty ? 0 : costReading(arranged).value(match.penalty))
      })
  }

  /// Whether an array that was read as nothing else is a number or a weight of the loss, or a temperature: without it the network could not be told.
  private func isPart(
    array name: String, of network: ProgramNetwork, _ arranged: ArrangedArrays
  ) -> Bool {
    guard let value = saved.arrays.first(where: { $0.name == name })?.value else { return false }
    var hints = matched.lossHints
    hints.targets = arranged.targets
    var others = hints
    others.numbers[ArrayName.words(of: name).joined()] = nil
    others.weights.removeAll { $0.shape == value.shape && $0 == value }
    let kind = network.loss.kind
    if ProgramLoss.Kind.all(hints).contains(kind), !ProgramLoss.Kind.all(others).contains(kind) {
      return true
    }
    guard value.count == 1, value.scalars[0] != 1 else { return false }
    return network.layers.contains {
      abs($0.argumentFactor * value.scalars[0] - 1) < 1e-12
    }
  }

  /// What to say of a function that is not known: no derivative can be judged by it.
  private func unknown(_ forward: ForwardReading) -> String? {
    forward.unknown.min().map { layer in
      "A\(layer) is a function of Z\(layer), element by element, but not a known one, so its derivative cannot be judged. "
        + "Known functions are \(Nonlinearity.names.joined(separator: ", ")), multiples of them, and a few more; plumbline.check (from plumb python) "
        + "checks the gradients of any function."
    }
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
