import Plumbline

/// c(t) = f c(t-1) + i g and h(t) = o tanh c(t), with sigmoids for the gates i, f and o and tanh for the candidate g.
struct LongShortTermCell: ProgramCell {
  var title: String { "lstm" }

  init() {}
  init?(_ form: any RecurrentForm) {
    guard form is LSTMForm || form is CellForm<LongShortTermCell> else { return nil }
  }

  /// The input gate is also called the update gate, and the candidate the cell.
  var gates: [Set<Character>] { [["i", "u"], ["f"], ["g", "c", "a"], ["o"]] }
  var functions: [(activation: Activation, words: String)] {
    [
      (.sigmoid, "the input gate's sigmoid"), (.sigmoid, "the forget gate's sigmoid"),
      (.tanh, "the candidate's tanh"), (.sigmoid, "the output gate's sigmoid"),
      (.tanh, "tanh of the cell"),
    ]
  }
  var mistakes: [(mistake: WritableKeyPath<CellMistakes, Bool>, words: String)] {
    [
      (
        \.lacksDirectWay,
        "lacks the path back through the cell: c(t) = f c(t-1) + i g, so dc(t-1) = f dc(t)."
      ),
      (
        \.lacksGates,
        "lacks the path back through the state h(t-1), which enters every gate: it comes back only through the cell."
      ),
      (
        \.gatesStateAfter,
        "is computed with c(t) where c(t-1) belongs: the forget gate multiplies the cell before the step."
      ),
      (
        \.lacksFactor,
        "carries the cell's gradient back without the forget gate: dc(t-1) = f dc(t)."
      ),
    ]
  }

  func next<T: TensorProtocol>(_ step: CellStep<T>) -> (h: T, c: T) {
    let all = step.input + step.share(step.entering)
    let input = step.function(0, .sigmoid, step.gate(0, all))
    let forget = step.function(1, .sigmoid, step.gate(1, all))
    let candidate = step.function(2, .tanh, step.gate(2, all))
    let output = step.function(3, .sigmoid, step.gate(3, all))
    var cell = step.product(forget, step.direct(step.c)) + input * candidate
    if step.mistakes.gatesStateAfter {
      let change = forget * (cell - step.c).detached()
      cell = cell + (change - change.detached())
    }
    return (output * step.function(4, .tanh, cell), cell)
  }
}
