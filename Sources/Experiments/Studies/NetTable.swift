import Plots

/// A number for each kind of net, depth and seed; numbers with the same seed are paired across kinds and depths.
public struct NetTable<Kind: CaseIterable & Hashable & RawRepresentable & Sendable>
where Kind.RawValue == String {
  private let depths: [Int]
  private let values: [Kind: [Int: [Double]]]

  fileprivate init(depths: [Int], values: [Kind: [Int: [Double]]]) {
    (self.depths, self.values) = (depths, values)
  }

  /// The numbers of a kind at a depth, in the order of the seeds; empty if they are not in the table.
  public subscript(kind: Kind, depth: Int) -> [Double] { values[kind]?[depth] ?? [] }

  /// Their median with its interval.
  public func interval(_ kind: Kind, _ depth: Int) -> MedianInterval {
    MedianInterval(of: self[kind, depth])
  }

  /// The differences of two kinds at a depth, seed by seed.
  public func difference(_ first: Kind, less second: Kind, _ depth: Int) -> MedianInterval {
    MedianInterval(of: zip(self[first, depth], self[second, depth]).map { $0 - $1 })
  }

  /// Each kind over depth: medians with their intervals.
  public var series: [Series] {
    Kind.allCases.map { kind in
      Series(
        kind.rawValue,
        depths.map { depth in
          let interval = interval(kind, depth)
          return Series.Point(
            Double(depth), interval.median, lower: interval.low, upper: interval.high)
        })
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
    let nets = depths.flatMap { depth in Kind.allCases.map { (kind: $0, depth: depth) } }
    let names = nets.flatMap { kind, depth in
      (1...seeds).map { seed in
        [name, kind.rawValue, "\(depth) layers", "seed \(seed)"].compactMap(\.self)
          .joined(separator: ", ")
      }
    }
    let found = try values(names, stage: "trained nets") { index in
      let (kind, depth) = nets[index / seeds]
      return try measure(kind, depth, index % seeds + 1)
    }
    return NetTable(
      depths: depths,
      values: nets.enumerated().reduce(into: [:]) { table, entry in
        let (index, net) = entry
        table[net.kind, default: [:]][net.depth] = Array(
          found[index * seeds..<(index + 1) * seeds])
      })
  }
}
