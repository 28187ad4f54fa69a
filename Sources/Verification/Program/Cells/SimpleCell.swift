import Plumbline

/// h(t) = f(x(t) W + h(t-1) U + b).
struct SimpleCell: ProgramCell {
  private var activation = Activation.tanh

  var title: String { "recurrent" }

  init() {}
  init(_ activation: Activation) { self.activation = activation }
  init?(_ form: any RecurrentForm) {
    if let form = form as? CellForm<SimpleCell> {
      self = form.cell
    } else if let form = form as? SimpleRecurrenceForm {
      activation = form.activation
    } else {
      return nil
    }
  }

  var gates: [Set<Character>] { [[]] }
  var functions: [(activation: Activation, words: String)] {
    activation == .linear ? [] : [(activation, activation.title)]
  }
  var mistakes: [(mistake: WritableKeyPath<CellMistakes, Bool>, words: String)] { [] }

  func next<T: TensorProtocol>(_ step: CellStep<T>) -> (h: T, c: T) {
    (step.function(0, activation, step.input + step.share(step.entering)), step.c)
  }
}
