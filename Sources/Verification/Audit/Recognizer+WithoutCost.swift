import Findings
import Plumbline

extension Recognizer {
  /// A way to see a file without a cost, and how far its gradients confirm it.
  private struct Guess {
    let candidate: Candidate
    let agreeing: Int, all: Int
    /// How much the gradients of the last layer confirm: they follow from the loss alone, whatever is wrong before them.
    let top: Int
    /// What was not said by anybody: penalties and losses other than the customary.
    let strangeness: Int

    var isWhole: Bool { agreeing == all && all > 0 }
    func isBetter(than other: Guess) -> Bool { (agreeing, top) > (other.agreeing, other.top) }
  }

  /// Without a cost the gradients tell the scale, and where those of the last layer ask for it another loss; otherwise the loss is the one
  /// that was asked for or is customary.
  func withoutCost(
    _ forwards: [Way]
  ) throws(Problem) -> Recognition {
    var best: Guess?
    var equal: [ArrangedArrays] = []
    search: for (arranged, forward, strangeness) in forwards {
      let reading = costReading(arranged)
      let kind = kinds(forward, arranged).first { reading.isPossible($0, forward) } ?? .squaredError
      for penalty in reading.penalties().prefix(4) {
        for (scale, words) in reading.scales(kind) {
          let guess = try guess(
            arranged, forward, kind, (scale, words), penalty, strangeness: strangeness)
          if guess.agreeing == best?.agreeing { equal.append(arranged) }
          if best.map({ guess.isBetter(than: $0) }) ?? true {
            if guess.agreeing != best?.agreeing { equal = [arranged] }
            best = guess
          }
          if guess.isWhole { break search }
        }
      }
    }
    guard var best else {
      throw saved.problem(
        "shapes", "no network fits them",
        "save X, Y, the parameters and their gradients of one step")
    }
    if !best.isWhole { try askForLayout(among: equal) }
    var (rival, isTurned): (ProgramLoss.Kind?, Bool) = (nil, false)
    let usual = best.candidate.match.loss.kind
    if !best.isWhole, let other = try otherLoss(than: best, forwards) {
      // The weights of the usual loss's terms are in the file, and make no other loss of it.
      if other.isWhole, other.candidate.match.loss.kind.name != usual.name {
        rival = other.candidate.match.loss.kind
        isTurned = other.candidate.match.loss.scale < 0
      } else {
        best = other
      }
    }
    let penalized =
      best.isWhole || rival != nil ? nil : try withPenaltyOfGradients(best)
    if let penalized { best = penalized.guess }
    var recognition = try recognition(best.candidate)
    let match = best.candidate.match
    recognition.agreeing = best.agreeing + best.top
    recognition.assumesFunctions = !best.candidate.forward.assumed.isEmpty
    let penaltyWords = match.penaltyWords.isEmpty ? "" : ", plus \(match.penaltyWords)"
    recognition.assumedCost = "\(match.loss.kind.rawValue), \(match.scaleWords)\(penaltyWords)"
    // What was not averaged at all is the gradient of a sum, or that of a mean without its 1/m.
    let m = Double(best.candidate.arranged.examples)
    let isSum = !ProgramLoss.averagesExamples(match.scaleWords)
    // Half the sum of squares is how textbooks write it, and who names the loss may mean that.
    let isTextbook = request.loss == .squaredError && match.loss.scale == 0.5
    if let penalized, best.isWhole {
      recognition.undecided =
        "There is no cost in the file, and it decides here: every gradient is right if your cost is the \(match.loss.kind.rawValue), "
        + "\(match.scaleWords)\(penaltyWords); without that penalty the gradients of the weights have \(penalized.gradient) too much. Save the "
        + "cost (np.savez(..., cost=cost)), or give the penalty: \(penalized.option)."
    } else if best.isWhole, isSum, !isTextbook, m > 1 {
      recognition.undecided =
        "There is no cost in the file, and it decides here: every gradient is right if your cost is the \(match.loss.kind.rawValue), "
        + "\(match.scaleWords)\(penaltyWords); if it is a mean over the \(Int(m)) examples, all of them lack the factor 1/m. Save the cost "
        + "(np.savez(..., cost=cost))."
    }
    recognition.remarks.append(
      "There is no cost in the file. It was assumed to be the \(match.loss.kind.rawValue), \(match.scaleWords)"
        + penaltyWords
        + (match.loss.kind == usual
          ? "" : ", which the last layer's gradients fit, unlike the \(usual.rawValue)")
        + ": save cost=cost to confirm that.")
    if let rival {
      recognition.undecided =
        "There is no cost in the file, and the gradients fit \(isTurned ? "minus those of " : "")the \(rival.rawValue), not the "
        + "\(usual.rawValue) that is usual here. Save the cost (np.savez(..., cost=cost)) or give the loss: \(Setting.loss) "
        + "\(rival.name)."
        + (isTurned
          ? " The minus is right if your update adds them; an update that subtracts them ascends."
          : "")
    }
    return recognition
  }

  private func guess(
    _ arranged: ArrangedArrays, _ forward: ForwardReading, _ kind: ProgramLoss.Kind,
    _ scale: (scale: Double, words: String), _ penalty: (penalty: Penalty, words: String),
    strangeness: Int
  ) throws(Problem) -> Guess {
    let candidate = Candidate(
      arranged: arranged, forward: forward,
      match: .init(
        loss: ProgramLoss(kind: kind, scale: scale.scale), penalty: penalty.penalty,
        scaleWords: scale.words, penaltyWords: penalty.words), strangeness: strangeness)
    let agreement = try agreement(candidate)
    return Guess(
      candidate: candidate, agreeing: agreement.agreeing, all: agreement.all,
      top: try confirmation(candidate), strangeness: strangeness)
  }

  /// How many gradients of the last layer are right under a way to see a file, those of parameters before those of values.
  private func confirmation(_ candidate: Candidate) throws(Problem) -> Int {
    let recognition = try recognition(candidate)
    let audit = audit(recognition)
    let (last, comparison) = (audit.last, audit.comparison)
    let rights: [(Quantity.Kind, Tensor<Double>, weight: Int)] = [
      (.weightGradient, audit.right(Quantity(.weightGradient, last)), 4),
      (.biasGradient, audit.right(Quantity(.biasGradient, last)), 2),
      (.preactivationGradient, audit.truth.dz[last - 1], 2),
      (.activationGradient, audit.truth.da[last - 1], 1),
    ]
    return rights.reduce(0) { sum, one in
      guard let own = recognition.run.quantities[Quantity(one.0, last)], own.norm > 0,
        comparison.agree(own, one.1)
      else { return sum }
      return sum + one.weight
    }
  }

  /// Another loss than the customary one, where nobody has said which it is and the last layer's gradients are right by it.
  private func otherLoss(
    than best: Guess,
    _ forwards: [Way]
  ) throws(Problem) -> Guess? {
    var found: Guess?
    for (arranged, forward, strangeness) in forwards.prefix(6) {
      let reading = costReading(arranged)
      // Weights are in the file, and not in the name of the loss that was asked for.
      for kind in kinds(forward, arranged).dropFirst()
      where reading.isPossible(kind, forward)
        && (ProgramLoss.Kind.plain.contains(kind) || kind.terms is any TermsOfAnotherLoss)
        && request.loss.map({ $0.name == kind.name }) ?? true
      {
        for scale in reading.scales(kind) {
          for penalty in reading.penalties().prefix(4) {
            let guess = try guess(
              arranged, forward, kind, scale, penalty, strangeness: strangeness)
            if guess.isWhole { return guess }
            if guess.top > 0, guess.isBetter(than: best),
              found.map({ guess.isBetter(than: $0) }) ?? true
            {
              found = guess
            }
          }
          guard request.loss == nil else { continue }
          // Programs that add their updates save what they add.
          let turned = try self.guess(
            arranged, forward, kind, (-scale.scale, "minus " + scale.words), (Penalty(), ""),
            strangeness: strangeness)
          if turned.isWhole { return turned }
        }
      }
    }
    return found
  }

  /// The same way to see a file with the penalty that its gradients include, what it adds to them, and the option that asks for it; `nil` if
  /// there is none that the gradients of all the weights share.
  private func withPenaltyOfGradients(
    _ best: Guess
  ) throws(Problem) -> (guess: Guess, gradient: String, option: String)? {
    guard best.candidate.match.penalty.isNone else { return nil }
    var audit = audit(try recognition(best.candidate))
    audit.judge()
    let factors = audit.items.values.filter {
      $0.verdict == .fail && $0.cause?.id == ExtraRegularization.id
    }.compactMap(\.cause?.factor)
    guard let factor = factors.first, factor > 0,
      factors.allSatisfy({ audit.comparison.isSame($0, factor) })
    else { return nil }
    let (candidate, loss) = (best.candidate, best.candidate.match.loss)
    let m = Double(candidate.arranged.examples)
    for (penalty, words, gradient, option) in [
      (
        Penalty(squares: factor / 2), "\((factor / 2).text) Σw²", "\(factor.text) W",
        "\(Setting.l2) \((factor * m).text), which means λ/2m Σw²"
      ),
      (
        Penalty(absolutes: factor), "\(factor.text) Σ|w|", "\(factor.text) sign(W)",
        "\(Setting.l1) \((factor * m).text), which means λ/m Σ|w|"
      ),
    ] {
      let found = try guess(
        candidate.arranged, candidate.forward, loss.kind, (loss.scale, candidate.match.scaleWords),
        (penalty, words), strangeness: best.strangeness)
      if found.isBetter(than: best) { return (found, gradient, option) }
    }
    return nil
  }
}
