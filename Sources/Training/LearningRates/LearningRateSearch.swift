/// The search for a learning rate: the losses on a grid of rates, the best rate, and a grid that is widened while the
/// best lies at its edge.
///
/// The caller tries the ``open`` rates, in parts, in parallel or one by one, and records the result of each. A cell of a sweep
/// records the median loss of its seeds on a grid that may be widened; a ladder is a fixed grid.
public struct LearningRateSearch: Sendable, Hashable {
  /// The rates tried so far, ascending.
  public private(set) var rates: [Double]
  private let grid: [Double]
  private var losses: [Double: Double] = [:]

  private let widenings: Int
  /// The rates that were given up before their loss was known.
  private var discarded: Set<Double> = []

  /// The default number of rates added at either end before the search gives up.
  public static let widenings = 4

  /// A search that starts with the grid, and adds at most `widenings` rates at either end.
  public init(grid: [Double], widenings: Int = Self.widenings) {
    self.grid = Array(Set(grid)).sorted()
    self.widenings = widenings
    rates = self.grid
  }

  /// The rates whose loss is not yet known.
  public var open: [Double] { rates.filter { losses[$0] == nil } }

  /// Records the loss of a rate (infinite if it diverged; the median of several), and widens the grid if all are known and the
  /// best lies at its edge.
  public mutating func note(_ rate: Double, loss: Double) {
    losses[rate] = loss
    guard open.isEmpty, grid.count > 1 else { return }
    // If everything diverged, the next rate to try is a smaller one.
    let best = self.best
    if best == rates.first, let next = neighbour(below: true) { rates.insert(next, at: 0) }
    if best == rates.last, best != rates.first, let next = neighbour(below: false) {
      rates.append(next)
    }
  }

  /// Gives up a rate, since others are better after a fraction of the steps.
  public mutating func discard(_ rate: Double) {
    discarded.insert(rate)
    losses[rate] = .infinity
  }

  /// The rates whose loss is known, ascending.
  public var tried: [(rate: Double, loss: Double)] {
    rates.compactMap { rate in
      discarded.contains(rate) ? nil : losses[rate].map { (rate, $0) }
    }
  }

  /// The rate with the smallest loss; among equal ones, the smallest rate.
  public var best: Double { rates.min { loss($0) < loss($1) } ?? grid[0] }

  /// Whether the best rate lies at the edge even of the widened grid, so that a better one may lie beyond.
  public var isAtEdge: Bool { grid.count > 1 && (best == rates.first || best == rates.last) }

  private func loss(_ rate: Double) -> Double { losses[rate] ?? .infinity }

  /// The next rate outside the grid, in the grid's own pattern: 1, 3, 10, 30 continues with 100 and 0.3.
  private func neighbour(below: Bool) -> Double? {
    let added =
      below ? rates.firstIndex(of: grid[0])! : rates.count - 1 - rates.lastIndex(of: grid.last!)!
    guard added < widenings else { return nil }
    let count = rates.count
    let next: Double
    if count == 2 {
      next = below ? rates[0] * rates[0] / rates[1] : rates[1] * rates[1] / rates[0]
    } else if below {
      next = rates[1] * (rates[0] / rates[2])
    } else {
      next = rates[count - 2] * (rates[count - 1] / rates[count - 3])
    }
    return Self.rounded(next)
  }

  /// To three significant digits, so that 3e-05 is not 2.9999999999999997e-05.
  private static func rounded(_ value: Double) -> Double {
    var exponent = 0
    var scaled = value
    while scaled >= 1000 { (scaled, exponent) = (scaled / 10, exponent + 1) }
    while scaled < 100 { (scaled, exponent) = (scaled * 10, exponent - 1) }
    return Double("\(Int(scaled.rounded()))e\(exponent)") ?? value
  }
}
