import Findings
import Plumbline

/// The examples of each training step: a pure function of a key and the step.
///
/// Epoch e of a shuffled order is the permutation `key[e].permutation(exampleCount)`, cut into
/// batches. There is no state, so a run that resumes at step 1,000 sees the batch it would have
/// seen, and two runs with the same key see the same batches whatever else differs between them.
public struct BatchOrder: Sendable, Hashable {
  /// The order of the examples within an epoch.
  public enum Order: Sendable, Hashable {
    /// A new permutation for every epoch, from this key.
    case shuffled(Key)
    /// As they are in the data, restarting in every epoch.
    case sequential
  }

  /// How to handle the examples left over if the batch size does not divide the data.
  public enum Remainder: String, Sendable, Hashable, Codable, CaseIterable {
    /// They are left out of this epoch, so every batch has the same size.
    case drop
    /// They form a last, smaller batch.
    case keep
  }

  /// The number of examples in the data.
  public let exampleCount: Int
  /// The number of examples in a batch.
  public let batchSize: Int
  /// The order of the examples within an epoch.
  public let order: Order
  /// How to handle the examples left over at an epoch's end.
  public let remainder: Remainder

  /// The order of batches of `batchSize` out of `exampleCount` examples.
  ///
  /// - Throws: ``/Findings/Problem`` if `batchSize` is below 1 or above `exampleCount`.
  public init(
    exampleCount: Int, batchSize: Int, order: Order, remainder: Remainder = .drop
  ) throws(Problem) {
    guard batchSize >= 1 else {
      throw Problem(
        .outOfRange, subject: "batches", location: "batch size",
        problem: "the batch size is \(batchSize)",
        remedy: "give a batch size of at least 1")
    }
    guard batchSize <= exampleCount else {
      throw Problem(
        .inconsistent, subject: "batches", location: "batch size",
        problem:
          "a batch of \(batchSize) exceeds the \(exampleCount) examples of the data",
        remedy: exampleCount < 1
          ? "give data with at least one example"
          : "give a batch size of at most \(exampleCount)")
    }
    self.exampleCount = exampleCount
    self.batchSize = batchSize
    self.order = order
    self.remainder = remainder
  }

  /// The number of steps in one epoch.
  public var batchesPerEpoch: Int {
    switch remainder {
    case .drop: exampleCount / batchSize
    case .keep: (exampleCount - 1) / batchSize + 1
    }
  }

  /// The epoch of a step, both counted from 0.
  public func epoch(ofStep step: Int) -> Int {
    guard step >= 0 else { fatalError("step \(step): steps are counted from 0") }
    return step / batchesPerEpoch
  }

  /// The examples of a whole epoch in order, before they are cut into batches.
  ///
  /// - Complexity: O(`exampleCount`).
  public func examples(inEpoch epoch: Int) -> [Int] {
    switch order {
    case .shuffled(let key): key[epoch].permutation(exampleCount)
    case .sequential: Array(0..<exampleCount)
    }
  }

  /// The examples of each step from `first` on, without end; steps are counted from 0.
  public func steps(from first: Int = 0) -> Steps {
    guard first >= 0 else { fatalError("step \(first): steps are counted from 0") }
    return Steps(batchOrder: self, step: first)
  }

  private func range(ofStep step: Int) -> Range<Int> {
    let start = step % batchesPerEpoch * batchSize
    return start..<min(start + batchSize, exampleCount)
  }

  /// An endless sequence of batches that makes one permutation per epoch.
  public struct Steps: Sequence, IteratorProtocol, Sendable {
    private let batchOrder: BatchOrder
    private var step: Int
    private var epoch = -1
    private var examples: [Int] = []

    fileprivate init(batchOrder: BatchOrder, step: Int) {
      self.batchOrder = batchOrder
      self.step = step
    }

    /// The examples of the next step; a slice of the epoch's order.
    ///
    /// - Complexity: O(1), and O(`exampleCount`) once per epoch.
    public mutating func next() -> ArraySlice<Int>? {
      let current = batchOrder.epoch(ofStep: step)
      if current != epoch {
        epoch = current
        examples = batchOrder.examples(inEpoch: current)
      }
      defer { step += 1 }
      return examples[batchOrder.range(ofStep: step)]
    }
  }
}
