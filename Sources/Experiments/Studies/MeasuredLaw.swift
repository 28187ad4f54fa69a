import Plots
import Plumbline

/// A law of depth next to the means that were measured of it: what a study checks at each depth, and what its figure shows.
///
/// ```swift
/// func law(_ depth: Double) -> Double { pow(1 + 1 / depth, depth) }
/// let growth = try MeasuredLaw("residual", at: [4, 16, 64], law: law) { depth in
///   try session.mean("energy after \(depth) blocks", draws: 200, key["\(depth)"]) { key in ... }
/// }
/// let checks = growth.checks { "\($0) blocks: energy" }
/// ```
public struct MeasuredLaw {
  /// What the law is of, as the figure labels the measurements.
  public let label: String
  /// The depths at which it was measured.
  public let depths: [Int]
  /// What was measured at each depth.
  public let means: [SampleMean]
  private let law: (Double) -> Double

  /// A law and means that are measured already.
  ///
  /// - Parameters:
  ///   - label: What the law is of.
  ///   - depths: The depths, in the order of checks and points.
  ///   - law: The law's value at a depth.
  ///   - means: A mean for each depth.
  public init(
    _ label: String, at depths: [Int], law: @escaping (Double) -> Double, means: [SampleMean]
  ) {
    require(
      means.count == depths.count, "\(means.count) means of \(label) for \(depths.count) depths")
    (self.label, self.depths, self.law, self.means) = (label, depths, law, means)
  }

  /// A law and the means that `measure` finds at each depth.
  public init(
    _ label: String, at depths: [Int], law: @escaping (Double) -> Double,
    measure: (_ depth: Int) throws -> SampleMean
  ) rethrows {
    self.init(label, at: depths, law: law, means: try depths.map(measure))
  }

  /// A check for each depth.
  ///
  /// - Parameters:
  ///   - neglected: The relative size of what the law leaves out, the same at every depth; 0 for an exact law.
  ///   - name: What is measured at a depth, in words.
  public func checks(
    neglecting neglected: Double = 0, named name: (_ depth: Int) -> String
  ) -> [Check] {
    checks(named: name, neglecting: { _ in neglected })
  }

  /// A check for each depth, for a law that leaves out more at some depths than at others.
  public func checks(
    named name: (_ depth: Int) -> String, neglecting neglected: (_ depth: Double) -> Double
  ) -> [Check] {
    zip(depths, means).map { depth, mean in
      Check(
        name(depth), law: law(Double(depth)), measured: mean, neglecting: neglected(Double(depth)))
    }
  }

  /// Checks of several laws at the same depths, depth by depth.
  public static func depthByDepth(_ laws: [Check]...) -> [Check] {
    (0..<(laws.map(\.count).max() ?? 0)).flatMap { depth in
      laws.compactMap { $0.indices.contains(depth) ? $0[depth] : nil }
    }
  }

  /// The law, dashed, and the means with two standard errors on either side.
  public var series: [Series] { series(over: depths) }

  /// The same with the law at other depths, such as those between the measured ones.
  public func series(over shown: some Sequence<Int>) -> [Series] {
    [.law(shown.map(Double.init), law), .measured(label, depths.map(Double.init), means)]
  }
}
