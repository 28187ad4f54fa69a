import Foundation
import Plots

extension GridReport {
  /// Training loss, training error and the additional measures, against depth, or against the first numeric factor if there is
  /// only one depth; one row of charts for each level of the other factors.
  ///
  /// - Parameter command: The command that reproduces the figure.
  public func figure(command: String) -> FigureGrid {
    let axis = horizontalAxis
    let facets = results.conditions.map { condition in
      axis.factor.map { condition.omitting([$0]) } ?? condition
    }
    var seen: Set<Condition> = []
    let rows = facets.filter { seen.insert($0).inserted }.map { facet in
      charts(facet, axis)
    }
    return FigureGrid(
      rows.flatMap(\.self), columns: rows.first?.count, title: title, caption: caption(command))
  }

  /// What the charts have along their horizontal axes.
  private struct HorizontalAxis {
    /// The factor; `nil` for the depth.
    let factor: String?
    let axis: Axis
    let values: [Double]
  }

  private var horizontalAxis: HorizontalAxis {
    let factor = configuration.factors?.first { factor in
      factor.levels.count > 1 && factor.levels.allSatisfy { $0.number != nil }
    }
    guard results.depths.count == 1, let factor else {
      let depths = results.depths.map(Double.init)
      return HorizontalAxis(
        factor: nil, axis: Axis("depth (hidden weight layers)", scale: .log2, ticks: depths),
        values: depths)
    }
    let levels = factor.levels.compactMap(\.number).sorted()
    let (least, greatest) = (levels[0], levels[levels.count - 1])
    let scale: Axis.Scale =
      least <= 0 || greatest / least < 3 ? .linear : greatest / least >= 100 ? .log10 : .log2
    return HorizontalAxis(
      factor: factor.name, axis: Axis(factor.name, scale: scale, ticks: levels), values: levels)
  }

  private func charts(_ facet: Condition, _ axis: HorizontalAxis) -> [Chart] {
    let label = facet.settings.isEmpty ? "" : ", \(facet)"
    var charts = [
      Chart(
        title: "Training loss" + label,
        x: axis.axis, y: Axis("cross-entropy (nats)", scale: .log10, range: lossRange),
        series: series(facet, axis, \.loss)),
      Chart(
        title: "Training error" + label,
        x: axis.axis, y: Axis("share of the training set", scale: .linear, format: .percent),
        series: series(facet, axis, \.error)),
    ]
    for name in configuration.measures ?? [] {
      let measure = measures.first { $0.name == name }
      charts.append(
        Chart(
          title: name + label, x: axis.axis,
          y: Axis(
            measure?.summary ?? name, scale: scale(of: name),
            format: measure?.isShare == true ? .percent : .number),
          series: series(facet, axis) { $0.measure(name) }))
    }
    return charts
  }

  /// Logarithmic where all values are above 0 and differ much.
  private func scale(of measure: String) -> Axis.Scale {
    let values = results.cells.map { $0.measure(measure).median }.filter(\.isFinite)
    guard let least = values.min(), let greatest = values.max(), least > 0 else { return .linear }
    return greatest / least > 30 ? .log10 : .linear
  }

  private func series(
    _ facet: Condition, _ axis: HorizontalAxis,
    _ value: (GridResults.CellResult) -> MedianInterval
  ) -> [Series] {
    results.arms.map { arm in
      let points = axis.values.compactMap { x -> Series.Point? in
        guard let cell = cell(arm, facet, axis, x) else { return nil }
        let interval = value(cell)
        let isDiverged = 2 * cell.divergedCount > cell.outcomes.count
        if isDiverged { return .diverged(at: x) }
        // A measure that most runs do not have leaves a gap even though none of them diverged.
        guard interval.median.isFinite || cell.divergedCount > 0 else {
          return Series.Point(x, nil)
        }
        return Series.Point(
          x, interval.median, lower: interval.low.isFinite ? interval.low : interval.median,
          upper: interval.high.isFinite ? interval.high : interval.median)
      }
      return Series(arm.rawValue, points, slot: slot(of: arm))
    }
  }

  /// The library's arms look the same in every figure; others use the remaining styles.
  func slot(of arm: Arm) -> Int {
    let library = Arm.library
    if let position = library.firstIndex(of: arm) { return position }
    let taken = Set(results.arms.compactMap { library.firstIndex(of: $0) })
    let free = (0..<results.arms.count + taken.count).filter { !taken.contains($0) }
    let own = results.arms.filter { !library.contains($0) }
    return own.firstIndex(of: arm).map { free[$0] } ?? 0
  }

  private func cell(
    _ arm: Arm, _ facet: Condition, _ axis: HorizontalAxis, _ x: Double
  ) -> GridResults.CellResult? {
    results.cells.first { result in
      let cell = result.cell
      guard cell.arm == arm else { return false }
      guard let factor = axis.factor else {
        return Double(cell.depth) == x && cell.condition == facet
      }
      return cell.condition.omitting([factor]) == facet && cell.condition[factor]?.number == x
    }
  }

  private func caption(_ command: String) -> Caption {
    let coverage = results.cells.map(\.loss.coverage).min() ?? 0
    let varied = Set((configuration.factors ?? []).map(\.name))
    let settings = [
      ("width", "width \(configuration.width)"), ("batch", "batch \(configuration.batch)"),
      ("steps", "\(configuration.steps) steps"),
    ].filter { !varied.contains($0.0) }.map(\.1)
    let optimizer = varied.contains("optimizer") ? "" : " of \(configuration.optimizer.rawValue)"
    return Caption(
      "Median and \(percent(coverage)) interval over \(configuration.reportSeeds) fresh seeds; "
        + settings.joined(separator: ", ") + optimizer
        + ", learning rate chosen for each point. \(dataStatement)",
      source: source, command: command)
  }

  /// From a little below the smallest loss up to 10 nats, if there are larger losses: chance is 2.3 for ten classes, and a control
  /// that explodes to 10⁹ must not press everything else to the bottom.
  private var lossRange: ClosedRange<Double>? {
    let losses = results.cells.flatMap { [$0.loss.low, $0.loss.high] }.filter { $0 > 0 }
    guard let least = losses.min(), let greatest = losses.max(), greatest > 10, least < 5 else {
      return nil
    }
    return least / 1.3...10
  }
}
