import Plumbline

/// The losses, scales and penalties that reproduce a file's cost.
struct CostReading: Sendable {
  /// One of them.
  struct Match: Sendable {
    var loss: ProgramLoss
    var penalty = Penalty()
    /// How the scale and the penalty are put in words.
    var scaleWords: String, penaltyWords = ""
    /// Whether the cost of the file leaves out the penalty that gradients have.
    var isWithoutPenalty = false
    /// Whether the cost agrees to its last digits, and not only as people print it or guard its logarithms.
    var isExact = false
  }

  /// What a file or a flag says about a penalty.
  struct Strength: Sendable {
    var squares: Double?, absolutes: Double?
    /// Whether it was asked for by an option, whose form is λ/2m.
    var isAsked = false
  }

  let arranged: ArrangedArrays
  let strength: Strength
  let tolerance: Double

  private var m: Double { Double(arranged.examples) }

  /// The penalties that a strength can mean: on all layers, or on these parts of them.
  func penalties(on parts: [Set<Int>?] = [nil]) -> [(penalty: Penalty, words: String)] {
    var all: [(Penalty, String)] = []
    let squares = strength.squares ?? 0
    let absolutes = strength.absolutes ?? 0
    guard squares != 0 || absolutes != 0 else { return [(Penalty(), "")] }
    let forms: [(Double, String)] = [
      (0.5 / m, "λ/2m"), (1 / m, "λ/m"), (0.5, "λ/2"), (1, "λ"), (0.5 / (m * m), "λ/2m²"),
    ]
    for (layers, countsBiases) in parts.flatMap({ [($0, false), ($0, true)] }) {
      for (factor, words) in squares == 0 ? [(0.0, "")] : forms {
        for (other, otherWords) in absolutes == 0 ? [(0.0, "")] : [(1 / m, "λ/m"), (1.0, "λ")] {
          let parts = [
            squares == 0 ? nil : "\(words) Σw²", absolutes == 0 ? nil : "\(otherWords) Σ|w|",
          ].compactMap { $0 }
          let penalty = Penalty(
            squares: factor * squares, absolutes: other * absolutes, countsBiases: countsBiases,
            layers: layers)
          all.append((penalty, parts.joined(separator: " + ") + Self.extent(of: penalty)))
        }
      }
    }
    return all
  }

  /// Over which parameters a penalty runs, if these are not all the weights.
  private static func extent(of penalty: Penalty) -> String {
    (penalty.countsBiases ? " over weights and biases" : "")
      + (penalty.layers.map { " of layer\($0.count == 1 ? "" : "s") \($0.sorted().inWords)" } ?? "")
  }

  /// The parts of the layers that people penalize alone: one of them, or all but the first or the last.
  var partsOfLayers: [Set<Int>] {
    let all = Set(1...arranged.parameters.weights.count)
    guard all.count > 1 else { return [] }
    let rests = all.count > 2 ? [all.subtracting([1]), all.subtracting([all.count])] : []
    return all.sorted().reversed().map { [$0] } + rests
  }

  /// The value of a penalty at the parameters of the file.
  func value(_ penalty: Penalty) -> Double {
    penalty.value(weights: arranged.parameters.weights, biases: arranged.parameters.biases)
  }

  /// The cost without penalties at the outputs of the program; `nil` if the targets do not suit the loss.
  func value(_ loss: ProgramLoss, _ forward: ForwardReading) -> Double? {
    sum(loss.kind, forward).map(loss.value(ofSum:)).flatMap { $0.isFinite ? $0 : nil }
  }

  /// The sum of a loss's terms, which every scale of it shares.
  private func sum(_ kind: ProgramLoss.Kind, _ forward: ForwardReading) -> Double? {
    guard isPossible(kind, forward) else { return nil }
    let function = forward.layers.last?.function ?? .linear
    return kind.terms.sum(
      function == .linear && kind.takesShares ? forward.outputArgument : forward.output, function,
      targets: arranged.targets)
  }

  /// The sum of a loss's terms for each example alone; `nil` if the targets do not suit the loss.
  func sums(_ kind: ProgramLoss.Kind, _ forward: ForwardReading) -> [Double]? {
    guard isPossible(kind, forward) else { return nil }
    let function = forward.layers.last?.function ?? .linear
    let outputs =
      function == .linear && kind.takesShares ? forward.outputArgument : forward.output
    return (0..<arranged.examples).map { example in
      kind.terms.sum(
        outputs.sliced(axis: 0, example..<example + 1), function,
        targets: arranged.targets.sliced(axis: 0, example..<example + 1))
    }
  }

  /// Whether the targets are ones that a loss can compare.
  func isPossible(_ kind: ProgramLoss.Kind, _ forward: ForwardReading) -> Bool {
    kind.takes(forward.layers.last?.function ?? .linear) && kind.isPossible(arranged.targets)
  }

  func scales(_ kind: ProgramLoss.Kind) -> [(scale: Double, words: String)] {
    ProgramLoss.scales(kind, examples: arranged.examples, outputs: arranged.targets.shape[1])
  }

  /// Whether a cost is another's value, to rounding or as it was printed with a few decimals.
  private func isSame(_ cost: Double, _ value: Double) -> Bool {
    guard value.isFinite else { return false }
    let difference = abs(cost - value)
    if difference <= tolerance * max(abs(cost), abs(value)) { return true }
    guard difference <= 1e-3 * abs(value) else { return false }
    return [1e4, 1e5, 1e6].contains { unit in
      abs((cost * unit).rounded() - cost * unit) < 1e-6 && difference <= 0.5000001 / unit
    }
  }

  /// Every loss of these kinds that gives the cost, with a penalty on all layers or on these parts of them.
  func matches(
    _ cost: Double, _ forward: ForwardReading, kinds: [ProgramLoss.Kind],
    penalizing parts: [Set<Int>?] = [nil]
  ) -> [Match] {
    var (whole, withoutPenalty): ([Match], [Match]) = ([], [])
    let penalties = penalties(on: parts).map { ($0.penalty, $0.words, value($0.penalty)) }
    for kind in kinds {
      guard let sum = sum(kind, forward) else { continue }
      for (scale, words) in scales(kind) {
        let loss = ProgramLoss(kind: kind, scale: scale)
        let data = loss.value(ofSum: sum)
        guard data.isFinite else { break }
        for (penalty, penaltyWords, value) in penalties {
          let match = Match(
            loss: loss, penalty: penalty, scaleWords: words,
            penaltyWords: penaltyWords, isExact: abs(cost - data - value) <= 1e-10 * abs(cost))
          if isSame(cost, data + value) {
            whole.append(match)
          } else if strength.isAsked, isSame(cost, data) {
            // Somebody who asks for a penalty may print the cost without it.
            var match = match
            match.isWithoutPenalty = true
            withoutPenalty.append(match)
          }
        }
        // A strength that is in the file but not in its cost: then gradients should not contain it either.
        if !penalties.isEmpty, !penalties[0].0.isNone, !strength.isAsked, isSame(cost, data) {
          withoutPenalty.append(
            Match(
              loss: loss, scaleWords: words, isExact: abs(cost - data) <= 1e-10 * abs(cost)))
        }
      }
    }
    return whole + withoutPenalty
  }

  /// Losses with a penalty whose strength was not given, so that it follows from the cost alone; gradients have to confirm it.
  func free(
    _ cost: Double, _ forward: ForwardReading, kinds: [ProgramLoss.Kind],
    penalizing parts: [Set<Int>?] = [nil]
  ) -> [Match] {
    guard strength.squares == nil, strength.absolutes == nil else { return [] }
    let units = parts.flatMap { layers in
      [
        Penalty(squares: 1, layers: layers),
        Penalty(squares: 1, countsBiases: true, layers: layers),
        Penalty(absolutes: 1, layers: layers),
      ]
    }.map { ($0, value($0)) }
    // The cost alone always gives some strength: only what is usual is believed to be confirmed by gradients.
    return kinds.filter { isPossible($0, forward) }.prefix(3).flatMap { kind -> [Match] in
      guard let sum = sum(kind, forward) else { return [] }
      return scales(kind).prefix(6).flatMap { scale, words -> [Match] in
        let loss = ProgramLoss(kind: kind, scale: scale)
        let data = loss.value(ofSum: sum)
        guard data.isFinite else { return [] }
        return units.compactMap { unit, size -> Match? in
          let factor = (cost - data) / size
          guard factor > 0, factor.isFinite else { return nil }
          var penalty = unit
          (penalty.squares, penalty.absolutes) = (factor * unit.squares, factor * unit.absolutes)
          return Match(
            loss: loss, penalty: penalty, scaleWords: words,
            penaltyWords: "\(factor.text) \(unit.squares > 0 ? "Σw²" : "Σ|w|")"
              + Self.extent(of: penalty))
        }
      }
    }
  }
}
