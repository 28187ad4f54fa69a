/// The first value that was infinite or NaN: where it arose and from which inputs.
public struct NonFiniteError: Error, Sendable, CustomStringConvertible {
  /// Whether the value arose in the forward pass or as a gradient.
  public enum Direction: String, Sendable {
    /// The operation's result.
    case forward
    /// The operation's pullback.
    case reverse
  }

  /// The range of one input of the operation.
  public struct InputRange: Sendable {
    /// The operation or leaf that produced the input.
    public let name: String
    /// The shape of the value.
    public let shape: Shape
    /// The smallest and the largest of its finite values; `nil` if none is finite.
    public let finite: ClosedRange<Double>?
    /// How many of its values are infinite or NaN.
    public let nonFiniteCount: Int
  }

  /// The training step, if the tape knows it.
  public let step: Int?
  /// The path of the layer, if the operation belongs to one.
  public let layer: String?
  /// The operation's name in words, or the leaf's.
  public let operation: String
  /// Forward or reverse.
  public let direction: Direction
  /// The inputs of the operation.
  public let inputs: [InputRange]

  /// Step, layer, operation and its inputs' ranges in a sentence.
  public var description: String {
    let location =
      (step.map { "step \($0), " } ?? "") + (layer.map { "layer \($0), " } ?? "")
      + (direction == .forward ? "operation " : "the pullback of operation ") + operation
    let ranges = inputs.map { input in
      let range = input.finite.map { "\($0.lowerBound) ... \($0.upperBound)" } ?? "nothing finite"
      let rest = input.nonFiniteCount > 0 ? " and \(input.nonFiniteCount) not finite" : ""
      return "\(input.name) \(input.shape): \(range)\(rest)"
    }
    return "\(location) produced a non-finite value"
      + (ranges.isEmpty ? "" : "; inputs: " + ranges.joined(separator: "; "))
  }
}

extension Tape {
  func nonFiniteError(at index: Int, in direction: NonFiniteError.Direction) -> NonFiniteError {
    NonFiniteError(
      step: step, layer: layerPath(at: index), operation: words(at: index), direction: direction,
      inputs: nodes[index].inputs.map { input in
        let values = value(at: input).scalars
        let finite = values.lazy.map(\.real).filter(\.isFinite)
        let count = values.count { !$0.isFinite }
        return NonFiniteError.InputRange(
          name: words(at: input), shape: nodes[input].shape,
          finite: finite.min().flatMap { low in finite.max().map { low...$0 } },
          nonFiniteCount: count)
      })
  }

  /// The name of an operation in words, as in `maximum over axes`, or of a leaf.
  private func words(at index: Int) -> String {
    guard let name = nodes[index].operation?.name else { return title(at: index) }
    let letters = Array(name)
    return letters.indices.map { index in
      let (letter, next) = (letters[index], letters[min(index + 1, letters.count - 1)])
      guard letter.isUppercase, index > 0, letters[index - 1].isLowercase else {
        return "\(letter)"
      }
      return " " + (next.isUppercase ? "\(letter)" : letter.lowercased())
    }.joined()
  }

  /// Throws the first non-finite value that a checking tape has met.
  public func checkFinite() throws(NonFiniteError) {
    if let firstNonFinite { throw firstNonFinite }
  }
}
