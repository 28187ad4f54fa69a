import Plumbline

/// The losses, scales and penalties under which a file's cost comes out.
struct CostReading: Sendable {
  /// One of them.
  struct Match: Sendable {
    var loss: ProgramLoss
    var penalty = Penalty()
    /// How the scale and the penalty are said.
    var scaleWords: String, penaltyWords = ""
    /// Whether the cost of the file leaves out the penalty that gradients have.
    var isWithoutPenalty = false
    /// Whether the cost comes out to its last digits, and not only as people print it or guard its logarithms.
    var isExact = false
  }

  /// What a file or a flag says of a penalty.
  struct Strength: Sendable {
    var squares: Double?, absolutes: Double?
    /// Whether it was asked for by an option, whose form is λ/2m.
    var isAsked = false
  }

  let arranged: ArrangedArrays
  let strength: Strength
  let tolerance: Double

  private var m: Double { Double(arranged.examples) }

  /// The penalties that a strength can mean.
  func penalties() -> [(penalty: Penalty, words: String)] {
    var all: [(Penalty, String)] = []
    let squares = strength.squares ?? 0
    let absolutes = strength.absolutes ?? 0
    guard squares != 0 || absolutes != 0 else { return [(Penalty(), "")] }
    let forms: [(Double, String)] = [
      (0.5 / m, "λ/2m"), (1 / m, "λ/m"), (0.5, "λ/2"), (1, "λ"), (0.5 / (m * m), "λ/2m²"),
    ]
    for countsBiases in [false, true] {
      for (factor, words) in squares == 0 ? [(0.0, "")] : forms {
        for (other, otherWords) in absolutes == 0 ? [(0.0, "")] : [(1 / m, "λ/m"), (1.0, "λ")] {
          let parts = [
            squares == 0 ? nil : "\(words) Σw²", absolutes == 0 ? nil : "\(otherWords) Σ|w|",
          ].compactMap { $0 }
          all.append(
            (
              Penalty(
                squares: factor * squares, absolutes: other * absolutes,
                countsBiases: countsBiases),
              parts.joined(separator: " + ") + (countsBiases ? " over weights and biases" : "")
            ))
        }
      }
    }
    return all
  }

  /// The value of a penalty at the parameters of the file.
  func value(_ penalty: Penalty) -> Double {
    penalty.value(weights: arranged.parameters.weights, biases: arranged.parameters.biases)
  }

  /// The cost without penalties at the outputs of the program; `nil` where its targets are none of the loss.
  func value(_ loss: ProgramLoss, _ forward: ForwardReading) -> Double? {
    guard isPossible(loss.kind, forward) else { return nil }
    let function = forward.layers.last?.function ?? .linear
    let value = loss.value(
      function == .linear && loss.kind.takesShares ? forward.outputArgument : forward.output,
      function, targets: arranged.targets)
    return value.isFinite ? value : nil
  }

  /// Whether the targets are such as a loss compares.
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

  /// Every loss of these kinds that gives the cost.
  func matches(
    _ cost: Double, _ forward: ForwardReading, kinds: [ProgramLoss.Kind]
  ) -> [Match] {
    var (whole, withoutPenalty): ([Match], [Match]) = ([], [])
    let penalties = penalties().map { ($0.penalty, $0.words, value($0.penalty)) }
    for kind in kinds where isPossible(kind, forward) {
      for (scale, words) in scales(kind) {
        guard let data = self.value(ProgramLoss(kind: kind, scale: scale), forward) else { break }
        for (penalty, penaltyWords, value) in penalties {
          let match = Match(
            loss: ProgramLoss(kind: kind, scale: scale), penalty: penalty, scaleWords: words,
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
        // A strength that is in the file and not in its cost: then gradients should not hold it either.
        if !penalties.isEmpty, !penalties[0].0.isNone, !strength.isAsked, isSame(cost, data) {
          withoutPenalty.append(
            Match(
              loss: ProgramLoss(kind: kind, scale: scale), scaleWords: words,
              isExact: abs(cost - data) <= 1e-10 * abs(cost)))
        }
      }
    }
    return whole + withoutPenalty
  }

  /// Losses with a penalty of squares whose strength nobody has told and that the cost alone gives; gradients have to confirm it.
  func free(
    _ cost: Double, _ forward: ForwardReading, kinds: [ProgramLoss.Kind]
  ) -> [Match] {
    guard strength.squares == nil, strength.absolutes == nil else { return [] }
    // The cost alone always gives some strength: only what is usual is believed to be confirmed by gradients.
    return kinds.filter { isPossible($0, forward) }.prefix(3).flatMap { kind -> [Match] in
      return scales(kind).prefix(6).flatMap { scale, words -> [Match] in
        guard let data = self.value(ProgramLoss(kind: kind, scale: scale), forward) else {
          return []
        }
        return [false, true].compactMap { countsBiases -> Match? in
          let size = value(Penalty(squares: 1, countsBiases: countsBiases))
          let factor = (cost - data) / size
          guard factor > 0, factor.isFinite else { return nil }
          return Match(
            loss: ProgramLoss(kind: kind, scale: scale),
            penalty: Penalty(squares: factor, countsBiases: countsBiases), scaleWords: words,
            penaltyWords: "\(factor.text) Σw²" + (countsBiases ? " over weights and biases" : ""))
        }
      }
    }
  }
}
