import Findings
import Plumbline

extension Recognizer {
  /// A step on a part of the examples, as of stochastic descent: the cost is that of these alone, and a gradient is right by it.
  func ofPart(
    _ cost: Double,
    _ forwards: [Way]
  ) throws(Problem) -> Recognition? {
    var tried: [(arrangement: Arrangement, examples: Range<Int>)] = []
    for (arranged, forward, _) in forwards where arranged.part == nil {
      let examples = parts(cost, arranged, forward).filter { examples in
        !tried.contains { $0 == (arranged.arrangement, examples) }
      }
      for examples in examples.prefix(4) {
        tried.append((arranged.arrangement, examples))
        let part = arranged.restricted(to: examples)
        let walks = try walks(part).map { (arranged: part, forward: $0, strangeness: $1) }
        for candidate in candidates(walks, { $0.matches(cost, $1, kinds: $2) })
        where candidate.match.isExact {
          guard try agreement(candidate).agreeing > 0 else { continue }
          var recognition = try recognition(candidate)
          recognition.remarks.append(
            "Your cost is that of \(ExamplesMissing.part(examples, of: arranged.examples)) of the \(arranged.examples), and the gradients "
              + "are judged by it, as in stochastic gradient descent.")
          return recognition
        }
      }
    }
    return nil
  }

  /// The parts of the examples whose cost it is, to the last digits.
  private func parts(
    _ cost: Double, _ arranged: ArrangedArrays, _ forward: ForwardReading
  ) -> [Range<Int>] {
    let m = arranged.examples
    guard (2...2000).contains(m) else { return [] }
    let parts = PartOfBatch.ranges(of: m)
    return ProgramLoss.Kind.plain.flatMap { kind -> [Range<Int>] in
      guard let terms = costReading(arranged).sums(kind, forward) else { return [] }
      let sums = terms.reduce(into: [0.0]) { $0.append($0[$0.count - 1] + $1) }
      let bound = 1e-9 * abs(cost)
      return parts.filter { part in
        let sum = sums[part.upperBound] - sums[part.lowerBound]
        return ProgramLoss.scales(
          kind, examples: part.count, outputs: arranged.targets.shape[1]
        ).contains {
          abs(ProgramLoss(kind: kind, scale: $0.scale).value(ofSum: sum) - cost) <= bound
        }
      }
    }
  }
}
