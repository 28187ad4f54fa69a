import Findings
import Plumbline

/// A recurrence whose error does not come back through all of its steps, or past a function or a gate on the way.
enum WrongRecurrenceRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let form = site.form as? any RecurrentForm, site.input.shape.rank == 3 else { return [] }
    for cell in programCells {
      if let layers = layers(cell, form, steps: site.input.shape[1]) { return layers }
    }
    return []
  }

  /// The mistakes in a recurrence of a cell; `nil` if the layer has another.
  private static func layers<Cell: ProgramCell>(
    _: Cell.Type, _ form: any RecurrentForm, steps: Int
  ) -> [WrongLayers]? {
    guard let cell = Cell(form) else { return nil }
    func wrong(
      _ id: CauseID, _ words: String, _ change: (inout CellMistakes) -> Void
    ) -> WrongLayers {
      var mistaken = CellForm(cell, of: form)
      change(&mistaken.mistakes)
      return WrongLayers(id: id, words: words, layers: [LayerDescription(mistaken)])
    }
    var all: [WrongLayers] = []
    if form.truncation == nil, steps > 1 {
      if form.output == .sequence {
        for window in 0..<Swift.min(steps - 1, 64) {
          all.append(
            wrong(TimeStepsMissing.id, TimeStepsMissing.words(carriedBack: window)) {
              $0.window = window
            })
        }
      }
      for chunk in 1..<Swift.min(steps, 64) {
        all.append(
          wrong(TimeStepsMissing.id, TimeStepsMissing.words(cutEvery: chunk)) {
            $0.cuts = Set(stride(from: chunk, to: steps, by: chunk))
          })
      }
      for first in 1..<Swift.min(steps, 64) {
        all.append(
          wrong(
            TimeStepsMissing.id,
            "does not go back beyond step \(first) (counted from 0): earlier states depend on the weights too, so the gradient "
              + "must be carried back to the first one."
          ) { $0.cuts = [first] })
        all.append(
          wrong(
            TimeStepsMissing.id,
            "lacks the first \(first) step\(first == 1 ? "" : "s"): every step adds its part."
          ) { $0.silent = Set(0..<first) })
      }
      all += [
        wrong(
          TimeStepsMissing.id, "is that of the last step only: every step adds its part."
        ) { $0.silent = Set(0..<steps - 1) },
        wrong(
          TimeStepsMissing.id,
          "is that of the first step only: it was assigned in the loop over the steps where it must be added."
        ) { $0.silent = Set(1..<steps) },
        wrong(
          TimeStepsMissing.id,
          "is that of one step only, the last of the backward loop: it was assigned where it must be added."
        ) { $0.assigned = 0 },
        wrong(
          TimeStepsMissing.id,
          "is that of the last step only: the parts of all others must be added."
        ) { $0.assigned = steps - 1 },
      ]
      // One of the gradients alone.
      for parameter in CellParameter.allCases where form.bias || !parameter.isBias {
        all += [
          wrong(
            TimeStepsMissing.id,
            "is that of the first step only: it was assigned (=) in the loop over the steps where it must be added (+=)."
          ) { ($0.assigned, $0.alone) = (0, parameter) },
          wrong(
            TimeStepsMissing.id,
            "is that of the last step only: the parts of all others must be added (+=)."
          ) { ($0.assigned, $0.alone) = (steps - 1, parameter) },
        ]
      }
    }
    for (index, function) in cell.functions.enumerated() {
      let own = Nonlinearity.elementwise(function.activation)
      let start = all.count
      defer {
        // A function of the state after the gates is none of theirs.
        let gate = index < cell.gates.count ? index : nil
        for later in all[start...].indices { all[later].gate = gate }
      }
      all.append(
        wrong(
          MissingActivationDerivative.id(lacking: own),
          "lacks the derivative of \(function.words): dZ = dA * \(own.formula)."
        ) { $0.underived = index })
      guard WrongSlope.functions.contains(function.activation) else { continue }
      func sloped(_ id: CauseID, _ words: String, _ form: WrongSlope.Form) {
        all.append(
          wrong(id, "\(words): dZ = dA * \(own.formula).") {
            $0.slope = WrongSlope(index: index, form: form)
          })
      }
      sloped(
        DerivativeTakenAtActivation.id,
        "has the derivative of \(function.words) by its formula for A, written with Z",
        .ofInputAsOutput(function.activation))
      for other in WrongSlope.functions where other != function.activation {
        sloped(
          DerivativeOfWrongActivation.id,
          "uses the derivative of \(other.title) for \(function.words)", .ofOutput(other))
        sloped(
          DerivativeOfWrongActivation.id,
          "uses the derivative of \(other.title), taken before the function, for \(function.words)",
          .ofInput(other))
      }
      if function.activation == .sigmoid {
        sloped(
          MissingActivationDerivative.id,
          "lacks the factor 1 - A in the derivative of \(function.words)",
          .value)
        sloped(
          MissingActivationDerivative.id,
          "lacks the factor A in the derivative of \(function.words)",
          .rest)
      }
      sloped(
        ExtraActivationDerivative.id, "contains the derivative of \(function.words) twice",
        .twice(function.activation))
    }
    all.append(
      wrong(
        WeightsNotTransposed.id,
        "carries the error back through the state's weight, where its transpose belongs."
      ) { $0.isUntransposed = true })
    all.append(
      wrong(
        WrongLayerInput.id,
        "is computed with h(t) where h(t-1) belongs: the state's weight multiplies the state before the step."
      ) { $0.usesStateAfter = true })
    for (mistake, words) in cell.mistakes {
      let id =
        switch mistake {
        case \.lacksFactor: MissingActivationDerivative.id
        case \.gatesStateAfter: WrongLayerInput.id
        default: TimeStepsMissing.id
        }
      all.append(wrong(id, words) { $0[keyPath: mistake] = true })
    }
    return all
  }
}
