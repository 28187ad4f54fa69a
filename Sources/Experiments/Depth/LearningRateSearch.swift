/// The search for a cell's learning rate: the same grid for every cell, the rate with the best median loss, and
/// the grid widened while the best lies at its edge.
public struct LearningRateSearch: Sendable, Hashable {
  /// The rates tried so far, ascending.
  public private(set) var rates: [Double]
  private let grid: [Double]
  private var losses: [Double: Double] = [:]

  /// How many rates are added at either end before the search gives up.
  public static let widenings = 4

  /// A search that starts with the grid.
  public init(grid: [Double]) {
    self.grid = Array(Set(grid)).sorted()
    rates = self.grid
  }

  /// The rates whose loss is not known yet.
  public var open: [Double] { rates.filter { losses[$0] == nil } }

  /// Notes the median loss of a rate (infinite where it diverged), and widens the grid where all are known and the
  /// best lies at its edge.
  public mutating func note(_ rate: Double, medianLoss: Double) {
    losses[rate] = medianLoss
    guard open.isEmpty, grid.count > 1 else { return }
    // Where everything diverged the next rate to try is a smaller one.
    let best = self.best
    if best == rates.first, let next = neighbour(below: true) { rates.insert(next, at: 0) }
    if best == rates.last, best != rates.first, let next = neighbour(below: false) {
      rates.append(next)
    }
  }

  /// The rate with the smallest loss; of equal ones, the smallest rate.
  public var best: Double { rates.min { loss($0) < loss($1) } ?? grid[0] }

  /// Whether the best rate lies at the edge even of the widened grid, so that a better one may lie beyond.
  public var isAtEdge: Bool { grid.count > 1 && (best == rates.first || best == rates.last) }

  private func loss(_ rate: Double) -> Double { losses[rate] ?? .infinity }

  /// The next rate outside the grid, in the grid's own rhythm: 1, 3, 10, 30 goes on with 100 and 0.3.
  private func neighbour(below: Bool) -> Double? {
    let added =
      below ? rates.firstIndex(of: grid[0])! : rates.count - 1 - rates.lastIndex(of: grid.last!)!
    guard added < Self.widenings else { return nil }
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
