import Findings
import Plumbline

extension Recognizer {
  /// The cost of outputs (m, 1) that were compared with labels (m,): NumPy takes every output with the labels of all examples.
  func ofBroadcast(
    _ cost: Double,
    _ forwards: [Way]
  ) throws(Problem) -> Recognition? {
    for (arranged, forward, strangeness) in forwards where arranged.targets.shape[1] == 1 {
      let m = arranged.examples
      guard (2...400).contains(m) else { return nil }
      let function = forward.layers.last?.function ?? .linear
      let targets = arranged.targets * Tensor<Double>.ones([m, m])
      for kind in kinds(forward, arranged).prefix(4) where kind.takes(function) {
        guard kind.isPossible(arranged.targets), !kind.terms.isOverClasses else { continue }
        let outputs =
          function == .linear && kind.takesShares ? forward.outputArgument : forward.output
        let sum = kind.terms.sum(
          outputs.transposed() * Tensor<Double>.ones([m, m]), function, targets: targets)
        // A mean is taken over all m x m, a sum divided by m over their number by mistake.
        let scales = ProgramLoss.scales(kind, examples: m * m, outputs: 1).prefix(6)
        for (scale, _) in scales + ProgramLoss.scales(kind, examples: m, outputs: 1).prefix(4) {
          let loss = ProgramLoss(kind: kind, scale: scale)
          guard abs(loss.value(ofSum: sum) - cost) <= 1e-9 * abs(cost) else { continue }
          var recognition = try recognition(
            Candidate(
              arranged: arranged, forward: forward,
              match: .init(
                loss: ProgramLoss(kind: kind, scale: scale * Double(m)),
                scaleWords: "of every output with the labels of all examples"),
              strangeness: strangeness))
          recognition.broadcastsLabels = true
          recognition.ownCost = loss.value(ofSum: sum)
          return recognition
        }
      }
    }
    return nil
  }
}
