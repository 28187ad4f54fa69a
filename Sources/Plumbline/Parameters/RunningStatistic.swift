/// A tensor of a layer that follows the data without being trained, such as the running mean of a batch normalization.
///
/// Like a ``Parameter`` it is found in the stored properties and named by its path. Its value is kept in
/// ``Parameters/statistics``, next to the vector that optimizers move. A pass reads it by
/// ``Pass/value(of:like:)`` and sets a new value by ``Pass/update(_:to:)``; nothing changes implicitly:
/// the training loop takes the new values from the pass.
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
  /// The value of every element before the first update.
  public let initial: Double

  let identity = Identity()

  /// A statistic of `shape` that starts at `initial`.
  public init(_ shape: Shape, initial: Double) {
    self.shape = shape
    self.initial = initial
  }
}

/// The running statistics of one pass, by their indices in the layout: the stored values, the constants that
/// replace them where a layer has read them, and the new values.
package final class StatisticsRecord<T: TensorProtocol> {
  package let stored: [Tensor<T.Scalar>]
  package private(set) var constants: [Int: T] = [:]
  package private(set) var updates: [Int: T] = [:]

  init(_ stored: [Tensor<T.Scalar>]) { self.stored = stored }

  func value(at index: Int, like input: T) -> T {
    if let value = updates[index] ?? constants[index] { return value }
    let constant = input.constant(stored[index])
    constants[index] = constant
    return constant
  }

  func update(at index: Int, to value: T) { updates[index] = value }

  /// The stored values with the new ones instead, as one vector.
  func vector(_ value: (T) -> Tensor<T.Scalar>) -> Tensor<T.Scalar> {
    stored.isEmpty
      ? .zeros([0])
      : .concatenate(
        stored.enumerated().map { index, stored in
          (updates[index].map(value) ?? stored).flattened()
        })
  }
}

extension Pass {
  /// The value of a running statistic, as a constant recorded where `input` is; after an ``update(_:to:)`` in the same pass,
  /// the new value, so that a layer that is used twice updates twice.
  public func value(of statistic: RunningStatistic, like input: T) -> T {
    statistics.value(at: index(of: statistic), like: input)
  }

  /// Sets a new value of a running statistic. No gradient should flow to it: give a detached value.
  public func update(_ statistic: RunningStatistic, to value: T) {
    require(
      value.shape == statistic.shape,
      "a running statistic of shape \(statistic.shape) was given \(value.shape)")
    statistics.update(at: index(of: statistic), to: value)
  }

  private func index(of statistic: RunningStatistic) -> Int {
    guard let index = layout.index(of: statistic) else {
      fatalError(
        "a running statistic of shape \(statistic.shape) does not belong to these parameters; is the "
          + "layer part of the network that they were made for?")
    }
    return index
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
