import Plots

/// What was measured of some nets with each of a number of seeds; values with the same seed are paired across the nets.
public struct SeedTable<Net: Hashable & Sendable, Value: Sendable>: Sendable {
  private let values: [Net: [Value]]

  /// The values of a net in the order of the seeds; empty if it is not in the table.
  public subscript(net: Net) -> [Value] { values[net] ?? [] }

  /// A row for each seed with the values of these nets.
  public func rows(_ nets: [Net]) -> [[Value]] {
    guard let first = nets.first else { return [] }
    return self[first].indices.map { seed in nets.map { self[$0][seed] } }
  }

  /// The median of a number over the seeds, with its interval.
  public func interval(_ net: Net, _ number: (Value) -> Double) -> MedianInterval {
    MedianInterval(of: self[net].map(number))
  }

  /// The median of a number that two nets of the same seed give, such as the difference of their losses, with its interval.
  public func paired(
    _ first: Net, _ second: Net, _ number: (Value, Value) -> Double
  ) -> MedianInterval {
    MedianInterval(of: zip(self[first], self[second]).map(number))
  }

  fileprivate init(_ values: [Net: [Value]]) { self.values = values }
}

extension SeedTable where Value == Double {
  /// The median of the values of a net, with its interval.
  public func interval(_ net: Net) -> MedianInterval { MedianInterval(of: self[net]) }

  /// The values of some nets, one for each x: medians with their intervals.
  public func series(
    _ label: String, _ x: [Double], _ nets: [Net], style: Series.Style = .lineAndPoints
  ) -> Series {
    .medians(label, x, nets.map { interval($0) }, style: style)
  }

  /// The median of the differences of two nets, seed by seed, with its interval.
  public func difference(_ first: Net, less second: Net) -> MedianInterval {
    paired(first, second, -)
  }
}

extension StudySession {
  /// A value for each net and each seed from 1: measured in parallel, and recorded as they finish.
  ///
  /// - Parameters:
  ///   - nets: What is compared.
  ///   - seeds: The number of seeds.
  ///   - stage: A description of the values, for the progress display.
  ///   - name: A net's name in the journal; no two have the same.
  ///   - measure: Measures the value of a net with a seed; its result must depend only on these.
  public func table<Net, Value: Codable & Sendable>(
    of nets: [Net], seeds: Int, stage: String = "trained nets", named name: (Net) -> String,
    measure: @escaping @Sendable (_ net: Net, _ seed: Int) throws -> Value
  ) throws -> SeedTable<Net, Value> {
    let names = nets.flatMap { net in (1...seeds).map { "\(name(net)), seed \($0)" } }
    let found = try values(names, stage: stage) { index in
      try measure(nets[index / seeds], index % seeds + 1)
    }
    return SeedTable(
      Dictionary(
        uniqueKeysWithValues: nets.enumerated().map { index, net in
          (net, Array(found[index * seeds..<(index + 1) * seeds]))
        }))
  }
}
