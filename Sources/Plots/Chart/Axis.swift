import Foundation

/// One axis of a chart: what it measures, and how values become positions.
public struct Axis: Sendable, Hashable {
  /// How values are spaced along an axis.
  public enum Scale: Sendable, Hashable {
    /// Linear: equal differences have equal lengths.
    case linear
    /// Logarithmic, labeled at powers of ten.
    case log10
    /// Logarithmic, labeled at powers of two.
    case log2
  }

  /// How the values at the ticks are written.
  public enum TickFormat: Sendable, Hashable {
    /// As they are, with the fewest digits that distinguish the ticks.
    case number
    /// As percentages: 0.05 is shown as 5%.
    case percent
  }

  /// The label: what is measured, with its unit.
  public var label: String

  /// How values are spaced.
  public var scale: Scale

  /// The values at the two ends; nil to derive them from the data.
  public var range: ClosedRange<Double>?

  /// The values with a tick and a label; nil for round ones chosen by the chart.
  ///
  /// Values outside the range are left out; labels that would touch are thinned out.
  public var ticks: [Double]?

  /// How the values at the ticks are written.
  public var format: TickFormat

  /// Creates an axis.
  ///
  /// - Precondition: the range is finite and not empty, and above 0 on a logarithmic axis.
  public init(
    _ label: String, scale: Scale = .linear, range: ClosedRange<Double>? = nil,
    ticks: [Double]? = nil, format: TickFormat = .number
  ) {
    self.label = label
    self.scale = scale
    self.range = range
    self.ticks = ticks
    self.format = format
  }
}

/// The rule that maps values to fractions of an axis's length.
package struct AxisMap: Sendable, Hashable {
  package let scale: Axis.Scale
  package let low: Double
  package let high: Double

  /// The map of an axis that has to show these values.
  ///
  /// `values` may hold anything; what the axis cannot show is ignored. Without any value a linear
  /// axis runs from 0 to 1 and a logarithmic one over one decade or octave.
  /// - Parameter padding: the fraction of the length that stays free at each end.
  package init(_ axis: Axis, showing values: [Double], padding: Double) {
    scale = axis.scale
    if let range = axis.range {
      let isPositive = axis.scale == .linear || range.lowerBound > 0
      let isProper =
        range.lowerBound.isFinite && range.upperBound.isFinite
        && range.upperBound / 2 - range.lowerBound / 2 > 1e-300
      guard isPositive && isProper else {
        fatalError("the \(axis.scale) axis \"\(axis.label)\" cannot show the range \(range)")
      }
      (low, high) = (range.lowerBound, range.upperBound)
      return
    }
    let usable = values.filter { $0.isFinite && (axis.scale == .linear || $0 > 0) }
    guard let least = usable.min(), let greatest = usable.max() else {
      (low, high) = axis.scale == .linear ? (0, 1) : (1, axis.scale == .log2 ? 2 : 10)
      return
    }
    (low, high) =
      axis.scale == .linear
      ? Self.linearEnds(least, greatest, padding)
      : Self.logarithmicEnds(least, greatest, padding, base: axis.scale == .log2 ? 2 : 3)
  }

  /// A map with given ends, for the choice of ticks.
  package init(scale: Axis.Scale, low: Double, high: Double) {
    self.scale = scale
    self.low = low
    self.high = high
  }

  private static func linearEnds(
    _ least: Double, _ greatest: Double, _ padding: Double
  ) -> (Double, Double) {
    let size = max(abs(least), abs(greatest))
    // Halves, since the difference of two finite numbers may not be finite.
    let half = greatest / 2 - least / 2
    // Below 1e-300 halves and steps would underflow: treated as 0.
    guard size > 1e-300, half > size * 1e-10 else {
      let room = size > 1e-300 ? size / 2 * 0.2 : 1
      return (bounded(least - room), bounded(greatest + room))
    }
    let room = 2 * padding * half
    // An axis that nearly reaches zero starts there, and one that starts there does not go below.
    let low = least >= 0 && least < 0.35 * greatest ? 0 : bounded(least - room)
    let high = greatest <= 0 && greatest > 0.35 * least ? 0 : bounded(greatest + room)
    return (low, high)
  }

  private static func logarithmicEnds(
    _ least: Double, _ greatest: Double, _ padding: Double, base: Double
  ) -> (Double, Double) {
    let ratio = greatest / least
    let factor = ratio < 1 + 1e-9 ? base : exp(padding * (log(greatest) - log(least)))
    return (max(least / factor, .leastNonzeroMagnitude), bounded(greatest * factor))
  }

  private static func bounded(_ value: Double) -> Double {
    min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
  }

  /// Whether a value can be shown on an axis of this scale, inside its ends or not.
  package func canShow(_ value: Double) -> Bool {
    value.isFinite && (scale == .linear || value > 0)
  }

  /// Where a value is: 0 at the low end, 1 at the high end, bounded far outside them.
  ///
  /// A value that the axis cannot show at all, such as 0 on a logarithmic one, is far below.
  package func fraction(_ value: Double) -> Double {
    let fraction: Double
    if scale == .linear {
      fraction = (value / 2 - low / 2) / (high / 2 - low / 2)
    } else {
      fraction = value > 0 ? (log(value) - log(low)) / (log(high) - log(low)) : -.infinity
    }
    return min(max(fraction, -1e4), 1e4)
  }

  /// Whether a value lies between the ends, inclusive.
  package func contains(_ value: Double) -> Bool { value >= low && value <= high }
}
