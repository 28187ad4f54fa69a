import Plumbline

/// The terms of a loss that the library trains with: what an output costs, which targets it takes and what it is called come from
/// the library, and a conforming type adds what only an audit needs.
protocol LibraryLossTerms: LossTerms {
  associatedtype Library: LossForm
  /// The loss.
  var library: Library { get }
}

extension LibraryLossTerms {
  static var names: [String] { [Library().title] }

  /// The function by which the loss reads what a network outputs.
  private var reading: Nonlinearity { Nonlinearity(library.output.activation) }

  /// The function that the loss is made for is computed together with the loss; a linear output is taken as its argument.
  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    switch function {
    case .linear: library.elements(outputs, targets)
    case reading: library.elements(preactivations, targets)
    default: library.elements(read: outputs, targets)
    }
  }

  func isCustomary(after function: Nonlinearity) -> Bool {
    reading != .linear && function == reading
  }
  func isPossible(_ targets: Tensor<Double>) -> Bool {
    switch library.targets {
    case .classes, .shares: targets.scalars.allSatisfy { (0...1).contains($0) }
    case .counts: targets.scalars.allSatisfy { $0 >= 0 && $0 == $0.rounded() }
    case .reals: true
    }
  }
  var comparesNumbers: Bool { library.targets == .reals }
  var takesShares: Bool { reading == .softmax || reading == .elementwise(.sigmoid) }
  var isOverClasses: Bool { library.targets == .classes }
}
