import Plots

/// The losses of some nets at several learning rates each, with each of a number of seeds.
public struct RateTable<Net: Hashable & Sendable>: Sendable {
  private let rates: [Net: [Double]]
  private let losses: SeedTable<Trial, Double>

  fileprivate struct Trial: Hashable {
    let net: Net, rate: Double
  }

  fileprivate init(rates: [Net: [Double]], _ losses: SeedTable<Trial, Double>) {
    (self.rates, self.losses) = (rates, losses)
  }

  /// A row for each seed with the losses of a net at its rates; none if it is not in the table.
  public subscript(net: Net) -> [[Double]] {
    losses.rows((rates[net] ?? []).map { Trial(net: net, rate: $0) })
  }

  /// The logarithm, of base 10, of the best rate of a net with each seed; see ``bestRate(_:losses:)``.
  public func bestRates(_ net: Net) -> [Double] {
    self[net].map { bestRate(rates[net] ?? [], losses: $0) }
  }

  /// By how many decades the best rate of the second net is above that of the first, seed by seed.
  public func decades(from first: Net, to second: Net) -> [Double] {
    zip(bestRates(second), bestRates(first)).map(-)
  }

  /// A chart of the losses of nets over their rates: medians with their intervals.
  ///
  /// - Parameters:
  ///   - title: The title.
  ///   - curves: The nets, with the labels of their curves.
  ///   - limit: Losses above are drawn as this.
  public func chart(
    _ title: String, _ curves: [(label: String, net: Net)], upTo limit: Double = .infinity
  ) -> Chart {
    Chart(
      title: title, x: Axis("rate", scale: .log10), y: Axis("training loss (nats)", scale: .log10),
      series: curves.map { label, net in
        .medians(label, rates[net] ?? [], over: self[net].map { $0.map { min($0, limit) } })
      })
  }
}

extension StudySession {
  /// Losses for each net, learning rate and seed from 1: measured in parallel, and recorded as they finish.
  ///
  /// - Parameters:
  ///   - nets: What is compared.
  ///   - rates: The learning rates that a net is tried at, ascending.
  ///   - seeds: The number of seeds.
  ///   - stage: A description of the losses, for the progress display.
  ///   - name: The name of a net with a rate in the journal; no two have the same.
  ///   - measure: Trains a net with a rate and seed, and returns its loss; depends only on these.
  public func table<Net>(
    of nets: [Net], rates: (Net) -> [Double], seeds: Int, stage: String = "trained nets",
    named name: (Net, Double) -> String,
    measure: @escaping @Sendable (_ net: Net, _ rate: Double, _ seed: Int) throws -> Double
  ) throws -> RateTable<Net> {
    let trials = nets.flatMap { net in
      rates(net).map { RateTable<Net>.Trial(net: net, rate: $0) }
    }
    return RateTable(
      rates: Dictionary(uniqueKeysWithValues: nets.map { ($0, rates($0)) }),
      try table(
        of: trials, seeds: seeds, stage: stage, named: { name($0.net, $0.rate) },
        measure: { try measure($0.net, $0.rate, $1) }))
  }
}
