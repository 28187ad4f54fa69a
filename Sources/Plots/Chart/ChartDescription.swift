/// A chart in words: for people who listen to it, and for a pointer that rests on a point.
package enum ChartDescription {
  /// What a chart shows: its axes, and where each series begins, ends and diverges.
  package static func text(_ chart: Chart) -> String {
    var sentences: [String] = []
    if !chart.subtitle.isEmpty { sentences.append(chart.subtitle + ".") }
    sentences.append("Horizontal axis: \(axis(chart.x)). Vertical axis: \(axis(chart.y)).")
    if let field = chart.field { sentences.append(field.description) }
    sentences += chart.series.map { describe($0, chart) }
    for annotation in chart.annotations where !annotation.label.isEmpty {
      sentences.append("Remark: \(annotation.label).")
    }
    if let caption = chart.caption, !caption.text.isEmpty { sentences.append(caption.text) }
    return sentences.joined(separator: " ")
  }

  /// One point in words: name, position, value and interval.
  package static func tooltip(_ name: String, _ point: Series.Point, _ chart: Chart) -> String {
    let label = chart.x.label.isEmpty ? "x" : chart.x.label
    var text = "\(label) \(Ticks.label(point.x, chart.x.format)): "
    if !name.isEmpty { text = "\(name), " + text }
    guard let y = point.y else { return text + "not measured" }
    guard y.isFinite else { return text + "diverged" }
    text += value(y, chart.y)
    if let lower = point.lower, let upper = point.upper {
      text += " (\(value(lower, chart.y)) to \(value(upper, chart.y)))"
    }
    return text
  }

  private static func axis(_ axis: Axis) -> String {
    let label = axis.label.isEmpty ? "unnamed" : axis.label
    switch axis.scale {
    case .linear: return label
    case .log10, .log2: return label + ", logarithmic"
    }
  }

  private static func value(_ value: Double, _ axis: Axis) -> String {
    guard Ticks.isPercent(axis.format, value) else { return NumberText.significant(value) }
    return NumberText.significant(value * 100) + "%"
  }

  private static func describe(_ series: Series, _ chart: Chart) -> String {
    let name = series.label.isEmpty ? "Unnamed series" : "Series \(series.label)"
    let measured = series.points.compactMap { point in
      point.y.flatMap { y in y.isFinite ? (x: point.x, y: y) : nil }
    }
    func at(_ x: Double) -> String { NumberText.significant(x) }
    guard let first = measured.first, let last = measured.last else {
      return series.points.contains(where: \.isDiverged)
        ? "\(name): diverged everywhere." : "\(name): no data."
    }
    var text = "\(name): \(value(first.y, chart.y)) at \(at(first.x))"
    if measured.count > 1 {
      text += ", \(value(last.y, chart.y)) at \(at(last.x)), \(measured.count) points"
    }
    let diverged = series.points.filter(\.isDiverged).map { at($0.x) }
    if !diverged.isEmpty { text += "; diverged at \(diverged.joined(separator: ", "))" }
    return text + "."
  }
}
