import Datasets
import Plumbline
import Testing

extension BatchOrder {
  /// The examples of one step by definition: a part of its epoch.
  fileprivate func indices(atStep step: Int) -> [Int] {
    let start = step % batchesPerEpoch * batchSize
    return Array(
      examples(inEpoch: epoch(ofStep: step))[start..<min(start + batchSize, exampleCount)])
  }
}

@Suite("Batch order")
struct BatchOrderTests {
  private let key = Key(seed: 11)["order"]

  @Test("a shuffled epoch is its key's permutation, cut into batches")
  func permutation() throws {
    let order = try BatchOrder(exampleCount: 10, batchSize: 3, order: .shuffled(key))
    #expect(order.batchesPerEpoch == 3)
    for epoch in 0..<3 {
      let permutation = key[epoch].permutation(10)
      #expect(order.examples(inEpoch: epoch) == permutation)
      for batch in 0..<3 {
        #expect(
          order.indices(atStep: 3 * epoch + batch)
            == Array(permutation[3 * batch..<3 * batch + 3]))
      }
    }
    #expect(order.examples(inEpoch: 0) != order.examples(inEpoch: 1))
  }

  @Test("sequential order with a smaller last batch starts over")
  func sequential() throws {
    let order = try BatchOrder(
      exampleCount: 7, batchSize: 3, order: .sequential, remainder: .keep)
    let batches = (0..<5).map(order.indices(atStep:))
    #expect(batches == [[0, 1, 2], [3, 4, 5], [6], [0, 1, 2], [3, 4, 5]])
    #expect((0..<5).map(order.epoch(ofStep:)) == [0, 0, 0, 1, 1])
    let dropping = try BatchOrder(exampleCount: 7, batchSize: 3, order: .sequential)
    #expect((0..<3).map(dropping.indices(atStep:)) == [[0, 1, 2], [3, 4, 5], [0, 1, 2]])
  }

  @Test("each epoch shows each example once, and steps are pure", arguments: 0..<10)
  func properties(seed: Int) throws {
    let random = Key(seed: seed)
    let count = 1 + random.integer(at: 0, below: 40)
    let size = 1 + random.integer(at: 1, below: count)
    for remainder in [BatchOrder.Remainder.keep, .drop] {
      for kind in [BatchOrder.Order.shuffled(random["order"]), .sequential] {
        let order = try BatchOrder(
          exampleCount: count, batchSize: size, order: kind, remainder: remainder)
        let perEpoch = order.batchesPerEpoch
        let steps = (0..<3 * perEpoch).map(order.indices(atStep:))
        for epoch in 0..<3 {
          let seen = steps[epoch * perEpoch..<(epoch + 1) * perEpoch].flatMap { $0 }
          #expect(Set(seen).count == seen.count, "seed \(seed)")
          #expect(seen.allSatisfy { (0..<count).contains($0) }, "seed \(seed)")
          let expected = remainder == .keep ? count : count - count % size
          #expect(seen.count == expected, "seed \(seed)")
        }
        let start = random.integer(at: 2, below: 2 * perEpoch)
        let iterated = order.steps(from: start).prefix(steps.count - start).map { Array($0) }
        #expect(iterated == Array(steps[start...]), "seed \(seed)")
      }
    }
  }

  @Test("the whole data as one batch")
  func full() throws {
    let order = try BatchOrder(
      exampleCount: 5, batchSize: 5, order: .sequential, remainder: .keep)
    #expect(order.batchesPerEpoch == 1)
    #expect(order.steps(from: 123_456).prefix(1).map { Array($0) } == [[0, 1, 2, 3, 4]])
  }

  @Test("impossible batches", arguments: [0, -3])
  func impossible(size: Int) {
    expectError(.outOfRange, naming: ["\(size)"]) {
      try BatchOrder(exampleCount: 5, batchSize: size, order: .sequential)
    }
  }

  @Test("a batch larger than the data", arguments: BatchOrder.Remainder.all)
  func tooLarge(remainder: BatchOrder.Remainder) {
    expectError(.inconsistent, naming: ["128", "100"]) {
      try BatchOrder(
        exampleCount: 100, batchSize: 128, order: .shuffled(key), remainder: remainder)
    }
    expectError(.inconsistent, naming: ["at least one example"]) {
      try BatchOrder(exampleCount: 0, batchSize: 1, order: .sequential, remainder: remainder)
    }
  }
}

extension BatchOrder.Remainder {
  fileprivate static let all: [BatchOrder.Remainder] = [.drop, .keep]
}
