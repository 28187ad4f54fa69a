import Findings

enum ExamplesMissing: KnownCause {
  static let id = CauseID.examplesMissing
  static let summary = "a gradient of a part of the batch's examples, where the cost is that of all"

  static func cause(_ quantity: Quantity, _ part: Range<Int>, of examples: Int) -> Cause {
    Cause(
      id: id, explanation: "\(quantity) " + words(part, of: examples))
  }

  static func words(_ part: Range<Int>, of examples: Int) -> String {
    "holds the gradient of \(PartOfBatch.words(part, of: examples)), and the cost is that of all \(examples): add up the gradients of "
      + "all examples (dW += ..., not dW = ... in a loop over them), or save the cost and the examples of this step alone."
  }
}

extension CauseID {
  public static let examplesMissing: Self = "examples-missing"
}
