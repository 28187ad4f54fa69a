import Console

/// Findings about the features and the labels of a set.
extension DataFinding {
  /// A root mean square of a feature beyond these is told.
  private static let largestSize = 10.0
  private static let smallestSize = 0.01
  /// The largest spread is compared with the smallest of examples with so few features.
  private static let comparedFeatureCount = 1000
  private static let largestSpreadRatio = 100.0
  /// A class with so many times the examples of another is told.
  private static let largestClassRatio = 10.0

  private static func text(_ value: Double) -> String {
    NumberFormat.significant(value, digits: 3)
  }

  /// Places as a list that does not grow beyond what somebody reads.
  static func list(_ positions: [String]) -> String {
    let shown = positions.prefix(5).joined(separator: ", ")
    return positions.count > 5 ? "\(shown) and \(positions.count - 5) more" : shown
  }

  // MARK: Features

  static func features(_ data: LabelledSet, _ moments: FeatureMoments) -> [DataFinding] {
    constants(data, moments) + scales(data, moments)
  }

  private static func constants(_ data: LabelledSet, _ moments: FeatureMoments) -> [DataFinding] {
    let constant = moments.means.indices.filter { moments.minima[$0] == moments.maxima[$0] }
    guard !constant.isEmpty, data.exampleCount > 1 else { return [] }
    let isAll = constant.count == moments.means.count
    // The borders of pictures are constant, and harmless.
    let isPicture = data.exampleShape.count > 1
    return [
      DataFinding(
        .constantFeatures, isAll ? .error : isPicture ? .note : .warning,
        symptom: isAll
          ? "all \(constant.count) features have one value in all examples: there is nothing to "
            + "learn from"
          : "\(constant.count) of \(moments.means.count) features have one value in all examples",
        position: "\(data.name), " + list(constant.map { data.featureName($0) }),
        evidence: [
          "count": Double(constant.count), "features": Double(moments.means.count),
        ],
        remedy: isAll
          ? "look at how the file was made"
          : isPicture
            ? "nothing to do; do not divide such features by their spread, which is 0"
            : "leave them out, and do not divide them by their spread, which is 0")
    ]
  }

  private static func scales(_ data: LabelledSet, _ moments: FeatureMoments) -> [DataFinding] {
    let sizes = zip(moments.means, moments.spreads).map { mean, spread in
      let unit = FeatureMoments.unit(ofLargest: max(abs(mean), spread))
      let (reduced, other) = (mean * unit, spread * unit)
      return (reduced * reduced + other * other).squareRoot() / unit
    }
    let varying = sizes.indices.filter { moments.minima[$0] < moments.maxima[$0] }
    guard let largest = varying.max(by: { sizes[$0] < sizes[$1] }),
      let widest = varying.max(by: { moments.spreads[$0] < moments.spreads[$1] }),
      let narrowest = varying.min(by: { moments.spreads[$0] < moments.spreads[$1] })
    else { return [] }
    let evidence = [
      "largest_size": sizes[largest], "largest_spread": moments.spreads[widest],
      "smallest_spread": moments.spreads[narrowest],
    ]
    let remedy =
      "subtract the training set's mean and divide by its standard deviation, the same numbers for "
      + "all sets"
    func finding(_ symptom: String, _ position: Int) -> DataFinding {
      DataFinding(
        .unscaledFeatures, .warning, symptom: symptom,
        position: "\(data.name), \(data.featureName(position))", evidence: evidence, remedy: remedy)
    }
    let range = "\(text(moments.minima[largest])) to \(text(moments.maxima[largest]))"
    if sizes[largest] > largestSize {
      return [
        finding(
          "features are not scaled: the largest has a root mean square of "
            + "\(text(sizes[largest])) (\(range))", largest)
      ]
    }
    if sizes[largest] < smallestSize {
      return [
        finding(
          "features are tiny: the largest has a root mean square of only \(text(sizes[largest])) "
            + "(\(range))", largest)
      ]
    }
    let ratio = moments.spreads[widest] / moments.spreads[narrowest]
    guard data.exampleShape.count == 1, sizes.count <= comparedFeatureCount,
      moments.spreads[widest] > 1, ratio > largestSpreadRatio
    else { return [] }
    return [
      finding(
        "spreads differ by a factor of \(text(ratio)): from "
          + "\(text(moments.spreads[narrowest])) (\(data.featureName(narrowest))) to "
          + text(moments.spreads[widest]), widest)
    ]
  }

  // MARK: Labels

  static func labels(_ sets: [LabelledSet], _ outputCount: Int?) -> [DataFinding] {
    guard let outputCount else { return [] }
    return sets.compactMap { data in
      guard case .classes(let labels, _, _) = data.targets else { return nil }
      let beyond = labels.indices.filter { labels[$0] >= outputCount }
      guard let first = beyond.first else { return nil }
      let largest = labels.max() ?? 0
      return DataFinding(
        .labelsOutOfRange, .error,
        symptom: "\(beyond.count) labels are outside 0 ... \(outputCount - 1), the network's "
          + "outputs; the largest is \(largest)",
        position: "\(data.name), example \(first)" + (beyond.count > 1 ? " and others" : ""),
        evidence: [
          "count": Double(beyond.count), "largest": Double(largest),
          "outputs": Double(outputCount),
        ],
        remedy: "give the network at least \(largest + 1) outputs, or correct the labels")
    }
  }

  static func classes(_ data: LabelledSet) -> [DataFinding] {
    guard case .classes(let labels, let count, let names) = data.targets else { return [] }
    let counts = data.classCounts
    func name(_ label: Int) -> String {
      guard let names, names.indices.contains(label) else { return "class \(label)" }
      return "class \(label) (\(names[label]))"
    }
    var findings: [DataFinding] = []
    let missing = counts.indices.filter { counts[$0] == 0 }
    let present = counts.indices.filter { counts[$0] > 0 }
    if !missing.isEmpty {
      findings.append(
        DataFinding(
          .missingClasses, present.count < 2 ? .error : .warning,
          symptom: present.count < 2
            ? "all examples are of one class"
            : "\(missing.count) of \(count) classes have no example",
          position: "\(data.name), " + list(missing.map(name)),
          evidence: ["missing": Double(missing.count), "classes": Double(count)],
          remedy: present.count < 2
            ? "look at how the labels were made, or which column they were taken from"
            : "number the classes without gaps, or add examples of them"))
    }
    let most = present.max { counts[$0] < counts[$1] } ?? 0
    let least = present.min { counts[$0] < counts[$1] } ?? 0
    if present.count > 1, Double(counts[most]) >= largestClassRatio * Double(counts[least]) {
      let share = Double(counts[most]) / Double(labels.count)
      findings.append(
        DataFinding(
          .classImbalance, .warning,
          symptom: "\(name(most)) has \(counts[most]) examples and \(name(least)) "
            + "\(counts[least]): to answer always \(name(most)) is right for "
            + NumberFormat.percent(share),
          position: data.name,
          evidence: [
            "largest_count": Double(counts[most]), "smallest_count": Double(counts[least]),
            "largest_share": share,
          ],
          remedy: "compare the error with \(NumberFormat.percent(1 - share)), look at the error of "
            + "each class, and weight or repeat the rare classes"))
    }
    return findings
  }
}
