import TestSupport
import Testing
import Verification

@testable import Plumbline

/// One operation of the library as all tests try it: a function that uses it, random points away from its kinks, what PyTorch's files
/// call it, and what it says of its kinks. An operation is added to the library with a sample here.
///
/// It feeds the three oracles at both orders, the replay in both precisions, the golden values and the conventions.
struct OperationSample: Sendable, CustomTestStringConvertible {
  /// A function as people write it. It is recorded once, and evaluated on any kind of tensor from the record.
  typealias Written = @Sendable (_ x: [Variable<Double>], _ draw: OperationDraw) -> Variable<Double>

  /// The operation's name in the library's list.
  let name: String
  private let smallestRank: Int
  private let point: @Sendable (OperationDraw) -> [Tensor<Double>]
  private let written: Written
  /// What PyTorch's files call it, one name for each spelling.
  let golden: [Golden]
  /// Where its derivative is a matter of convention.
  let kinks: [Kink]

  var testDescription: String { name }

  /// A sample. Inputs that have no gradient (masks, indices) are constants of the function.
  ///
  /// - Parameter smallestRank: The number of axes that the operation needs at least.
  init(
    _ name: String, rank smallestRank: Int = 0, golden: [Golden] = [], kinks: [Kink] = [],
    at point: @escaping @Sendable (OperationDraw) -> [Tensor<Double>], of written: @escaping Written
  ) {
    self.name = name
    self.smallestRank = smallestRank
    self.point = point
    self.written = written
    self.golden = golden.map { $0.written == nil ? $0.with(written) : $0 }
    self.kinks = kinks.map { kink in
      var kink = kink
      kink.operation = name
      kink.written =
        kink.written ?? { written($0, OperationDraw(key: Key(seed: 0), smallestRank: 0)) }
      return kink
    }
  }

  /// The function with the settings of a key, at its point.
  func function(_ key: Key) -> OperationFunction {
    let draw = OperationDraw(key: key[name], smallestRank: smallestRank)
    return OperationFunction(at: point(draw)) { written($0, draw) }
  }

  /// All of them.
  static let all: [OperationSample] =
    arithmetic + elementwise + activations + rows + rearrangements + indexing + products

  /// A name in PyTorch's files.
  struct Golden: Sendable, ExpressibleByStringLiteral {
    typealias Written =
      @Sendable (_ x: [Variable<Double>], GoldenOperation.Attributes) -> Variable<Double>?

    let name: String
    let written: Written?

    /// The sample's own function, which has no settings.
    init(stringLiteral name: String) { (self.name, written) = (name, nil) }

    /// The function with a case's settings; `nil` where one is missing.
    init(_ name: String, _ written: @escaping Written) {
      (self.name, self.written) = (name, written)
    }

    func with(_ written: @escaping OperationSample.Written) -> Golden {
      Golden(name) { x, _ in
        written(x, OperationDraw(key: Key(seed: 0), smallestRank: 0))
      }
    }
  }

  /// A point where the derivative is a matter of convention, and the gradient of the sum there.
  struct Kink: Sendable, CustomTestStringConvertible {
    fileprivate(set) var operation = ""
    let words: String
    let point: [Tensor<Double>]
    let gradients: [Tensor<Double>]
    fileprivate var written: (@Sendable ([Variable<Double>]) -> Variable<Double>)?

    /// The sample's own function, or another with every input of the operation as an input of its own.
    init(
      _ words: String, at point: Tensor<Double>..., is: Tensor<Double>...,
      of written: (@Sendable ([Variable<Double>]) -> Variable<Double>)? = nil
    ) {
      self.words = words
      self.point = point
      gradients = `is`
      self.written = written
    }

    var testDescription: String { "\(operation) at \(point): \(words)" }

    var function: OperationFunction { OperationFunction(at: point, written!) }
  }
}

/// A function of tensors that was recorded on a tape, and is evaluated on any kind of tensor from the record.
struct OperationFunction: DifferentiableFunction {
  private enum Node: Sendable {
    case input(Int)
    case constant(Tensor<Double>)
    case result(any TensorOperation, [Int])
  }

  /// The point at which it was recorded.
  let point: [Tensor<Double>]
  private var nodes: [Node] = []
  private var result = 0

  init(
    at point: [Tensor<Double>], _ written: ([Variable<Double>]) -> Variable<Double>
  ) {
    self.init(at: point) { Optional(written($0)) }!
  }

  /// `nil` where the function is.
  init?(at point: [Tensor<Double>], _ written: ([Variable<Double>]) -> Variable<Double>?) {
    self.point = point
    let tape = Tape<Double>()
    guard let result = written(point.map { tape.variable($0) }) else { return nil }
    self.result = result.index
    for (index, node) in tape.nodes.enumerated() {
      if index < point.count {
        nodes.append(.input(index))
      } else if let operation = node.operation {
        nodes.append(.result(operation, node.inputs))
      } else {
        nodes.append(.constant(tape.value(at: index)))
      }
    }
  }

  func callAsFunction<T: TensorProtocol>(_ inputs: [T]) -> T {
    var values: [T] = []
    for node in nodes {
      switch node {
      case .input(let index): values.append(inputs[index])
      case .constant(let value): values.append(inputs[0].constant(Tensor(converting: value)))
      case .result(let operation, let arguments):
        values.append(T.apply(operation, to: arguments.map { values[$0] }))
      }
    }
    return values[result]
  }
}
