import Findings

enum ExamplesMissing: KnownCause {
  static let id = CauseID.examplesMissing
  static let meaning = "a gradient over part of the batch, where the cost is over all of it"

  static func cause(_ quantity: Quantity, _ part: Range<Int>, of examples: Int) -> Cause {
    Cause(
      id: id, explanation: "\(quantity) " + words(part, of: examples))
  }

  static func mistake(_ quantity: Quantity, _ part: Range<Int>, of examples: Int) -> Mistake {
    Mistake(quantity, id, "\(quantity) " + words(part, of: examples))
  }

  /// A range in a sentence.
  static func part(_ range: Range<Int>, of examples: Int) -> String {
    if range.count > 1 {
      return "examples \(range.lowerBound) to \(range.upperBound - 1) (counted from 0)"
    }
    switch range.lowerBound {
    case 0: return "the first example only"
    case examples - 1: return "the last example only"
    default: return "example \(range.lowerBound) (counted from 0) only"
    }
  }

  static func words(_ range: Range<Int>, of examples: Int) -> String {
    "holds the gradient of \(part(range, of: examples)), but the cost is that of all \(examples): add up the gradients of "
      + "all examples (dW += ..., not dW = ... in a loop over them), or save the cost and the examples of this step only."
  }
}

extension CauseID {
  /// A gradient over part of the batch, where the cost is over all of it.
  public static let examplesMissing: Self = "examples-missing"
}
