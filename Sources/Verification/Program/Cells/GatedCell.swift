import Plumbline

/// The gated recurrent unit with the gates r, z and n: in the library, h(t) = (1 - z) n + z h(t-1) with
/// n = tanh(x Wn + bn + r (h(t-1) Un + cn)), or with one of the two conventions that people use instead.
struct GatedCell: ProgramCell {
  /// Whether the reset gate is multiplied by the state before its product, r h(t-1) Un, as Cho et al. (arXiv:1406.1078) have it.
  var resetsFirst = false
  /// Whether the update gate lets the new state in, h(t) = z n + (1 - z) h(t-1).
  var updatesByGate = false

  var title: String { "gru" }

  init() {}
  init(resetsFirst: Bool, updatesByGate: Bool) {
    self.resetsFirst = resetsFirst
    self.updatesByGate = updatesByGate
  }
  init?(_ form: any RecurrentForm) {
    if let form = form as? CellForm<GatedCell> {
      self = form.cell
    } else if !(form is GRUForm) {
      return nil
    }
  }

  /// The update gate is called z or u, and the candidate for the new state n, h, c or g.
  var gates: [Set<Character>] { [["r"], ["z", "u"], ["n", "h", "c", "g"]] }
  var functions: [(activation: Activation, words: String)] {
    [
      (.sigmoid, "the reset gate's sigmoid"), (.sigmoid, "the update gate's sigmoid"),
      (.tanh, "the new state's tanh"),
    ]
  }
  var mistakes: [(mistake: WritableKeyPath<CellMistakes, Bool>, words: String)] {
    let (kept, state) =
      updatesByGate
      ? ("(1 - z)", "h(t) = z n + (1 - z) h(t-1)") : ("z", "h(t) = (1 - z) n + z h(t-1)")
    return [
      (
        \.lacksDirectWay,
        "lacks the direct path back: \(state), so dh(t-1) includes \(kept) dh(t)."
      ),
      (
        \.lacksGates,
        "lacks the path back through the gates, which h(t-1) enters: it comes back only through \(kept) h(t-1)."
      ),
      (
        \.lacksFactor,
        "lacks the reset gate on the path back through the new state: r multiplies h(t-1) there."
      ),
    ]
  }

  func next<T: TensorProtocol>(_ step: CellStep<T>) -> (h: T, c: T) {
    let own = step.share(step.entering)
    func gate(_ index: Int) -> T {
      step.function(index, .sigmoid, step.gate(index, step.input) + step.gate(index, own))
    }
    let (reset, update) = (gate(0), gate(1))
    let state =
      resetsFirst
      ? step.gate(2, step.share(step.product(reset, step.entering)))
      : step.product(reset, step.gate(2, own))
    let new = step.function(2, .tanh, step.gate(2, step.input) + state)
    let before = step.direct(step.h)
    let h = updatesByGate ? before + update * (new - before) : new + update * (before - new)
    return (h, step.c)
  }
}
