import Plots

/// A number for each kind of net, depth and seed; numbers with the same seed are paired across kinds and depths.
public struct NetTable<Kind: CaseIterable & Hashable & RawRepresentable & Sendable>
where Kind.RawValue == String {
  private let depths: [Int]
  private let table: SeedTable<Net, Double>

  fileprivate struct Net: Hashable {
    let kind: Kind, depth: Int
  }

  fileprivate init(depths: [Int], _ table: SeedTable<Net, Double>) {
    (self.depths, self.table) = (depths, table)
  }

  /// The numbers of a kind at a depth, in the order of the seeds; empty if they are not in the table.
  public subscript(kind: Kind, depth: Int) -> [Double] { table[Net(kind: kind, depth: depth)] }

  /// Their median with its interval.
  public func interval(_ kind: Kind, _ depth: Int) -> MedianInterval {
    table.interval(Net(kind: kind, depth: depth))
  }

  /// The differences of two kinds at a depth, seed by seed.
  public func difference(_ first: Kind, less second: Kind, _ depth: Int) -> MedianInterval {
    table.difference(Net(kind: first, depth: depth), less: Net(kind: second, depth: depth))
  }

  /// Each kind over depth: medians with their intervals.
  public var series: [Series] {
    Kind.allCases.map { kind in
      .medians(kind.rawValue, depths.map(Double.init), depths.map { interval(kind, $0) })
    }
  }
}

extension StudySession {
  /// Measurements of trained nets for each kind, depth and seed from 1: made in parallel, and recorded as they finish.
  ///
  /// - Parameters:
  ///   - depths: The depths, in the order of columns.
  ///   - seeds: The number of seeds.
  ///   - name: The prefix of a measurement's name, such as the data if they can vary.
  ///   - measure: Trains a net with a kind, depth and seed, and returns its number; depends only on these.
  public func table<Kind>(
    depths: [Int], seeds: Int, named name: String? = nil,
    measure: @escaping @Sendable (_ kind: Kind, _ depth: Int, _ seed: Int) throws -> Double
  ) throws -> NetTable<Kind> {
    let nets = depths.flatMap { depth in
      Kind.allCases.map { NetTable<Kind>.Net(kind: $0, depth: depth) }
    }
    return NetTable(
      depths: depths,
      try table(
        of: nets, seeds: seeds,
        named: {
          [name, $0.kind.rawValue, "\($0.depth) layers"].compactMap(\.self).joined(separator: ", ")
        },
        measure: { try measure($0.kind, $0.depth, $1) }))
  }
}
