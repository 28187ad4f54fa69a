import Foundation
import Plumbline

/// The growth of the signal along the depth before the first step: measured, predicted, and what a scale that keeps
/// the signal allows.
///
/// A network of width n whose weights keep the second moment in expectation (He et al., arXiv:1502.01852) has after L layers
/// log M ~ N(-5 L / 2n, 5 L / n) (Hanin and Rolnick, arXiv:1803.01719). A growth more than three standard deviations away from
/// that is not chance.
struct SignalLaw {
  /// The natural logarithm of the mean square, fitted by a line over the stations, for each station.
  let slope: Double
  /// The same of the gradient's mean square, from the end to the start.
  let gradientSlope: Double
  /// The slope that theory predicts for this network; `nil` if it has none.
  let predictedSlope: Double?
  /// The stations except the last, which the output's own scale determines.
  let stations: [ProbeMeasurement.Station]
  /// The number of joins.
  let blocks: Int
  /// The initial share of the signal that tells examples apart, at the last station relative to the first.
  let distinguishing: Double
  private let allowed: ClosedRange<Double>
  /// The mean square of the features.
  private let inputMeanSquare: Double
  /// Whether the network divides the signal by its own size, so that its weights have no scale.
  let isNormalized: Bool
  /// Whether the hidden weights start with a variance near 2 / fan-in, which keeps the signal of ReLUs at any depth.
  let hasHeScale: Bool
  /// Whether the hidden weights start with three times the size that keeps the signal, or more.
  let hasLargeScale: Bool
  /// Whether most hidden functions are sigmoids, whose slope of at most 1/4 shrinks gradients at any scale, and the weights are not
  /// too small by themselves.
  let isSquashed: Bool

  /// From this multiple of the size that keeps the signal on, initial weights are large.
  static let largeScale = 3.0

  init?(_ evidence: Evidence) {
    // How much of a signal a gated recurrence keeps depends on its gates, not on a scale.
    guard evidence.facts.otherLayers?.areGated != true, evidence.exampleCount > 1,
      let start = evidence.start, start.stations.count >= 3,
      start.stations.allSatisfy({ $0.meanSquare.isFinite && $0.gradientMeanSquare.isFinite })
    else { return nil }
    stations = Array(start.stations.dropLast())
    inputMeanSquare = evidence.data.scales.size * evidence.data.scales.size
    isNormalized = evidence.facts.isNormalized
    let scales = evidence.hiddenScales
    hasHeScale = !scales.isEmpty && scales.allSatisfy { (0.8...1.25).contains($0) }
    hasLargeScale = !scales.isEmpty && scales.allSatisfy { $0 > Self.largeScale }
    isSquashed = evidence.isMadeOfSigmoids && scales.allSatisfy { $0 > 0.35 }
    blocks = start.joins.count
    let logs = stations.map { Foundation.log(max($0.meanSquare, 1e-300)) }
    slope = Self.slope(logs)
    gradientSlope = -Self.slope(
      stations.map { Foundation.log(max($0.gradientMeanSquare, 1e-300)) })
    let predictions = Dictionary(
      evidence.predictions.map { ($0.layer, $0.meanSquare) },
      uniquingKeysWith: { first, _ in first })
    let predicted = stations.map { predictions[$0.layer] }
    predictedSlope =
      predicted.contains { $0 == nil }
      ? nil
      : Self.slope(predicted.compactMap { $0.map { Foundation.log(max($0, 1e-300)) } })
    let first = max(stations[0].distinguishingShare, 1e-300)
    distinguishing = (stations.last?.distinguishingShare ?? 0) / first
    let steps = Double(stations.count - 1)
    let load = stations.reduce(0) { $0 + 5 / Double($1.width) } / Double(stations.count) * steps
    let deviation = load.squareRoot()
    // One unit beyond, for the scale of a residual sum at 1/√blocks, which grows to e.
    allowed = (-load / 2 - 3 * deviation - 1)...(-load / 2 + 3 * deviation + 1)
  }

  /// The least-squares slope over 0, 1, 2, ...
  static func slope(_ values: [Double]) -> Double {
    let count = Double(values.count)
    guard count > 1 else { return 0 }
    let center = (count - 1) / 2
    let products = values.enumerated().reduce(0) { $0 + (Double($1.offset) - center) * $1.element }
    return products / (count * (count * count - 1) / 12)
  }

  private var total: Double { slope * Double(stations.count - 1) }
  private var gradientTotal: Double { gradientSlope * Double(stations.count - 1) }

  var isVanishing: Bool {
    // Pooling and other changes of shape between two stations change the scale too: with weights of He's scale, three stations are
    // needed to judge.
    !isNormalized && min(total, gradientTotal) < allowed.lowerBound
      && (stations.count > 2 || !hasHeScale)
  }
  /// Whether only the gradient shrinks, on its way back.
  var isSignalKept: Bool { total >= allowed.lowerBound }
  /// Whether only the gradient grows, on its way back: squashing functions bound the signal.
  var isSignalBounded: Bool { total <= allowed.upperBound }
  var isExploding: Bool { !isNormalized && max(total, gradientTotal) > allowed.upperBound }
  /// What distinguishes two inputs is lost: by the map of the angle, 1 - ρ falls like 9π² / 2L², while residual blocks times
  /// 1/√blocks keep three quarters of it at any depth. From about 20 plain layers on, less than a tenth is left.
  var isCollapsing: Bool { distinguishing < 0.1 }

  /// The layer after which more than half of the growth arises, if depth alone does not explain it. The first layer's
  /// growth is that from the inputs.
  var outlier: String? {
    let squares = [inputMeanSquare] + stations.map(\.meanSquare)
    let logs = squares.map { Foundation.log(max($0, 1e-300)) }
    let growths = zip(logs.dropFirst(), logs).map { $0 - $1 }
    guard let position = growths.indices.max(by: { abs(growths[$0]) < abs(growths[$1]) }) else {
      return nil
    }
    let others = growths.reduce(0) { $0 + abs($1) } - abs(growths[position])
    return abs(growths[position]) > 2 * others ? stations[position].layer : nil
  }
}

extension Evidence {
  /// The initial size of the weights of each hidden layer, where 1 is a variance of 2 / fan-in.
  var hiddenScales: [Double] {
    zip(start?.parameters ?? [], gradients).filter { $1.shape.count == 2 }.dropLast()
      .map { $0.rootMeanSquare * (Double($1.shape[0]) / 2).squareRoot() }
  }

  /// The smallest of them; `nil` without hidden layers of this kind.
  var initialScale: Double? { hiddenScales.min() }
}
