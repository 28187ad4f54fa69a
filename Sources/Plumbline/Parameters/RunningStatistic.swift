/// A tensor of a layer that follows the data and is not trained: the running mean of a batch normalization, say.
///
/// Like a ``Parameter`` it is found in the stored properties and named by its path. Its value stands in
/// ``Parameters/statistics``, beside the vector that optimizers move. A pass reads it by
/// ``Pass/value(of:beside:)`` and puts out a new value by ``Pass/update(_:to:)``; nothing changes behind anyone's
/// back: whoever trains takes the new values from the pass.
///
/// ```swift
/// let pass = parameters.pass(on: tape)
/// let loss = softmaxCrossEntropy(network(tape.constant(x), pass), labels: tape.constant(labels))
/// optimizer.update(&parameters, along: tape.gradients(of: loss)[pass])
/// parameters.statistics = pass.updatedStatistics()
/// ```
public struct RunningStatistic: Sendable {
  /// The shape of the value.
  public let shape: Shape
  /// What every element is before the first update.
  public let initial: Double

  let identity = Identity()

  /// A statistic of `shape` that starts at `initial`.
  public init(_ shape: Shape, initial: Double) {
    self.shape = shape
    self.initial = initial
  }
}

/// The running statistics of one pass, by their places in the layout: the stored values, the constants that
/// stand for them where a layer has read them, and the new values.
package final class StatisticsRecord<T: TensorProtocol> {
  package let stored: [Tensor<T.Scalar>]
  package private(set) var constants: [Int: T] = [:]
  package private(set) var updates: [Int: T] = [:]

  init(_ stored: [Tensor<T.Scalar>]) { self.stored = stored }

  func value(at place: Int, beside input: T) -> T {
    if let value = updates[place] ?? constants[place] { return value }
    let constant = input.constant(stored[place])
    constants[place] = constant
    return constant
  }

  func update(at place: Int, to value: T) { updates[place] = value }

  /// The stored values with the new ones in their places, as one vector.
  func vector(_ value: (T) -> Tensor<T.Scalar>) -> Tensor<T.Scalar> {
    stored.isEmpty
      ? .zeros([0])
      : .concatenate(
        stored.enumerated().map { place, stored in
          (updates[place].map(value) ?? stored).flattened()
        })
  }
}

extension Pass {
  /// The value of a running statistic, as a constant beside `input`; after an ``update(_:to:)`` in the same pass,
  /// the new value, so that a layer that is used twice updates twice.
  public func value(of statistic: RunningStatistic, beside input: T) -> T {
    statistics.value(at: place(of: statistic), beside: input)
  }

  /// Puts out a new value of a running statistic. No gradient should flow to it: give a detached value.
  public func update(_ statistic: RunningStatistic, to value: T) {
    require(
      value.shape == statistic.shape,
      "a running statistic of shape \(statistic.shape) was given \(value.shape)")
    statistics.update(at: place(of: statistic), to: value)
  }

  private func place(of statistic: RunningStatistic) -> Int {
    guard let place = layout.index(of: statistic) else {
      fatalError(
        "a running statistic of shape \(statistic.shape) does not belong to these parameters; is the "
          + "layer part of the network that they were made for?")
    }
    return place
  }

  /// The running statistics after the pass, in the order of the layout, as ``Parameters/statistics`` takes them.
  public func updatedStatistics<Scalar>() -> Tensor<Scalar> where T == Tensor<Scalar> {
    statistics.vector { $0 }
  }

  /// The running statistics after the pass, in the order of the layout, as ``Parameters/statistics`` takes them.
  public func updatedStatistics<Scalar>() -> Tensor<Scalar> where T == Variable<Scalar> {
    statistics.vector(\.value)
  }
}
