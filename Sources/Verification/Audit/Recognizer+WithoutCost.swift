import Findings
import Plumbline

extension Recognizer {
  /// Without a cost the gradients of the last layer tell the scale, and the loss is the one that was asked for or is customary.
  func withoutCost(
    _ forwards: [(arranged: ArrangedArrays, forward: ForwardReading, strangeness: Int)]
  ) throws(Problem) -> Recognition {
    var best: (candidate: Candidate, agreeing: Int, all: Int)?
    var equal: [ArrangedArrays] = []
    search: for (arranged, forward, strangeness) in forwards {
      let reading = costReading(arranged)
      let kind = kinds(forward, arranged).first { reading.isPossible($0, forward) } ?? .squaredError
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
    let isRight = best.agreeing == best.all
    recognition.assumedCost = "\(match.loss.kind.rawValue), \(match.scaleWords)"
    // What was not averaged at all is the gradient of a sum, or that of a mean without its 1/m.
    let m = Double(best.candidate.arranged.examples)
    let isSum = !ProgramLoss.averagesExamples(match.scaleWords)
    // Half the sum of squares is how textbooks write it, and who names the loss may mean that.
    let isTextbook = request.loss == .squaredError && match.loss.scale == 0.5
    if isRight, isSum, !isTextbook, m > 1, best.all > 0 {
      recognition.undecided =
        "There is no cost in the file, and that decides here: every gradient is right if your cost is the \(match.loss.kind.rawValue), "
        + "\(match.scaleWords); if it is a mean over the \(Int(m)) examples, all of them lack the factor 1/m. Save the cost "
        + "(np.savez(..., cost=cost))."
    }
    recognition.remarks.append(
      "There is no cost in the file. It was taken for the \(match.loss.kind.rawValue), \(match.scaleWords)"
        + (match.penaltyWords.isEmpty ? "" : ", plus \(match.penaltyWords)")
        + ": save cost=cost to have that confirmed.")
    if best.agreeing < best.all, let other = try rival(best, forwards) {
      recognition.undecided =
        "There is no cost in the file, and the gradients fit the \(other.rawValue) and not the \(match.loss.kind.rawValue) that is usual "
        + "here. Save the cost (np.savez(..., cost=cost)) or say which loss it is: --loss "
        + "\(other.name)."
    }
    return recognition
  }

  /// Another loss under which every gradient would be right, where nobody has said which it is.
  private func rival(
    _ best: (candidate: Candidate, agreeing: Int, all: Int),
    _ forwards: [(arranged: ArrangedArrays, forward: ForwardReading, strangeness: Int)]
  ) throws(Problem) -> ProgramLoss.Kind? {
    guard request.loss == nil else { return nil }
    for (arranged, forward, strangeness) in forwards.prefix(6) {
      let reading = costReading(arranged)
      for kind in kinds(forward, arranged).dropFirst()
      where ProgramLoss.Kind.plain.contains(kind) && reading.isPossible(kind, forward) {
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
}
