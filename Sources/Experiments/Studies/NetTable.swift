import Plots

/// What was measured of nets of each kind, depth and seed; values with the same seed are paired across kinds and depths.
public struct NetTable<Kind: CaseIterable & Hashable & RawRepresentable & Sendable, Value: Sendable>
where Kind.RawValue == String {
  private let depths: [Int]
  private let table: SeedTable<Net, Value>

  fileprivate struct Net: Hashable {
    let kind: Kind, depth: Int
  }

  fileprivate init(depths: [Int], _ table: SeedTable<Net, Value>) {
    (self.depths, self.table) = (depths, table)
  }

  /// The values of a kind at a depth, in the order of the seeds; empty if they are not in the table.
  public subscript(kind: Kind, depth: Int) -> [Value] { table[Net(kind: kind, depth: depth)] }

  /// The median of a number with its interval.
  public func interval(
    _ kind: Kind, _ depth: Int, _ number: (Value) -> Double
  ) -> MedianInterval {
    table.interval(Net(kind: kind, depth: depth), number)
  }

  /// The differences of a number of two kinds at a depth, seed by seed.
  public func difference(
    _ first: Kind, less second: Kind, _ depth: Int, _ number: (Value) -> Double
  ) -> MedianInterval {
    table.paired(Net(kind: first, depth: depth), Net(kind: second, depth: depth)) {
      number($0) - number($1)
    }
  }

  /// A number that two depths of a kind give with the same seed.
  public func paired(
    _ kind: Kind, _ first: Int, _ second: Int, _ number: (Value, Value) -> Double
  ) -> MedianInterval {
    table.paired(Net(kind: kind, depth: first), Net(kind: kind, depth: second), number)
  }

  /// A number of each kind over depth: medians with their intervals.
  public func series(_ number: (Value) -> Double) -> [Series] {
    Kind.allCases.map { kind in
      .medians(
        kind.rawValue, depths.map(Double.init), depths.map { interval(kind, $0, number) })
    }
  }
}

extension NetTable {
  /// A chart of a number of each kind over depth: medians with their intervals.
  ///
  /// - Parameters:
  ///   - title: The title.
  ///   - subtitle: The line below it; empty for none.
  ///   - depth: What the depths count.
  ///   - y: The axis of the number.
  ///   - laws: Laws that the number is drawn next to.
  ///   - number: The number.
  public func chart(
    _ title: String, subtitle: String = "", over depth: String = "layers", _ y: Axis,
    laws: [Series] = [], _ number: (Value) -> Double
  ) -> Chart {
    Chart(
      title: title, subtitle: subtitle, x: .doubling(depth, depths), y: y,
      series: laws + series(number))
  }
}

extension NetTable where Value == Double {
  /// The median of the numbers of a kind at a depth, with its interval.
  public func interval(_ kind: Kind, _ depth: Int) -> MedianInterval {
    interval(kind, depth, \.self)
  }

  /// The differences of two kinds at a depth, seed by seed.
  public func difference(_ first: Kind, less second: Kind, _ depth: Int) -> MedianInterval {
    difference(first, less: second, depth, \.self)
  }

  /// A chart of each kind over depth: medians with their intervals.
  public func chart(
    _ title: String, subtitle: String = "", over depth: String = "layers", _ y: Axis
  ) -> Chart {
    chart(title, subtitle: subtitle, over: depth, y, \.self)
  }
}

extension StudySession {
  /// Measurements of nets for each kind, depth and seed from 1: made in parallel, and recorded as they finish.
  ///
  /// - Parameters:
  ///   - depths: The depths, in the order of columns.
  ///   - seeds: The number of seeds.
  ///   - name: The name of a kind at a depth in the journal; no two have the same.
  ///   - measure: Trains a net with a kind, depth and seed, and measures it; depends only on these.
  public func table<Kind, Value: Codable & Sendable>(
    depths: [Int], seeds: Int, named name: (Kind, Int) -> String,
    measure: @escaping @Sendable (_ kind: Kind, _ depth: Int, _ seed: Int) throws -> Value
  ) throws -> NetTable<Kind, Value> {
    let nets = depths.flatMap { depth in
      Kind.allCases.map { NetTable<Kind, Value>.Net(kind: $0, depth: depth) }
    }
    return NetTable(
      depths: depths,
      try table(
        of: nets, seeds: seeds, named: { name($0.kind, $0.depth) },
        measure: { try measure($0.kind, $0.depth, $1) }))
  }

  /// The same under the names of kinds and depths, with `name` before them, such as the data if they can vary.
  public func table<Kind, Value: Codable & Sendable>(
    depths: [Int], seeds: Int, named name: String? = nil,
    measure: @escaping @Sendable (_ kind: Kind, _ depth: Int, _ seed: Int) throws -> Value
  ) throws -> NetTable<Kind, Value> {
    try table(
      depths: depths, seeds: seeds,
      named: { kind, depth in
        [name, kind.rawValue, "\(depth) layers"].compactMap(\.self).joined(separator: ", ")
      }, measure: measure)
  }
}
