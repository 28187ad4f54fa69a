import Console
import Findings
import Verification

/// What `plumb check` prints.
struct CheckText {
  private(set) var lines: [String] = []
  private let subject: CheckedNetwork

  init(_ report: GradientCheck.Report, of subject: CheckedNetwork, order: Int, step: Double? = nil)
  {
    self.subject = subject
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 2) }
    var table = Table("tensor", "entries", "checked", "distance", "verdict")
    for tensor in report.tensors {
      table.add(
        tensor.name, NumberFormat.count(tensor.count), NumberFormat.count(tensor.entries.count),
        Self.distance(tensor),
        tensor.isSurrogate ? "SURROGATE" : tensor.verdict.rawValue.uppercased())
    }
    lines.append(table.text())
    let projection = report.projection
    lines.append(
      "along a random direction: gradient \(NumberFormat.significant(projection.claimed, digits: 9))"
    )
    lines.append(
      "  dual numbers            \(NumberFormat.significant(projection.dual, digits: 9))")
    lines.append(
      "  central differences     \(NumberFormat.significant(projection.difference, digits: 9))")
    lines.append(
      "  order of the remainder  "
        + (projection.order.map { NumberFormat.fixed($0, decimals: 2) } ?? "rounding only")
        + "  (2 if right, 1 if wrong)")
    let distance = report.distance
    lines.append(
      "\nnormalized distance ‖a - b‖ / (‖a‖ + ‖b‖): \(number(distance.value)), "
        + (step.map {
          "by differences with step \(NumberFormat.plain($0)), whose own error this shows"
        }
          ?? distance.meaning))
    if report.checkedShare < 1 {
      lines.append(
        "compared one by one: \(NumberFormat.percent(report.checkedShare, decimals: 4)) of all entries"
      )
    }
    for tensor in report.tensors where !tensor.kinks.isEmpty && !tensor.isSurrogate {
      lines.append("\n\(tensor.name) is at a kink:")
      for kink in tensor.kinks.prefix(5) {
        lines.append("  " + Self.sentence(kink, kink.finding(in: tensor.name, subject.name)))
      }
      if tensor.kinks.count > 5 { lines.append("  and \(tensor.kinks.count - 5) more entries") }
    }
    if report.verdict == .kink {
      lines.append(
        "without those entries, the distance is \(number(report.distanceWithoutKinks.value))")
    }
    for tensor in report.tensors where tensor.isSurrogate || tensor.verdict == .fail {
      if let line = Self.comparison(tensor) { lines.append(line) }
    }
    for failure in report.failures.prefix(10) { lines.append("  \(failure)") }
    if report.failures.count > 10 { lines.append("  and \(report.failures.count - 10) more") }
    if !report.moved.isEmpty {
      lines.append(
        "zero at this point, so compared at another one where it is not: "
          + report.moved.joined(separator: ", "))
    }
    if !report.unchecked.isEmpty {
      lines.append(
        "NOT CHECKED, because the gradient is zero here and nearby: "
          + report.unchecked.joined(separator: ", "))
    }
    let what = order == 1 ? "gradient" : "second derivatives"
    switch report.verdict {
    case .pass:
      lines.append(
        "\nPASS: the \(what) is right.".replacing("derivatives is", with: "derivatives are"))
    case .kink:
      lines.append(
        """

        KINK: the code is right. At some entries a unit switches for any perturbation, however small, so the cost has
        two slopes there and a central difference gives their mean. The gradient is a valid one between them.
        """)
    case .fail: lines.append("\nFAIL: the gradient is wrong.")
    }
  }

  /// The distance of a tensor. For a gradient that is 0 except for rounding, such as that of a bias before a batch normalization,
  /// it says nothing.
  private static func distance(_ tensor: GradientCheck.TensorReport) -> String {
    let isZero = tensor.entries.allSatisfy { $0.claimed == 0 && $0.difference == 0 }
    if tensor.entries.isEmpty { return "in its group" }
    if isZero { return "both 0" }
    let distance = tensor.distance.value
    return tensor.verdict == .pass && !tensor.isSurrogate && distance > 1e-3
      ? "rounding only" : NumberFormat.significant(distance, digits: 2)
  }

  /// The ratio of a wrong, or deliberately different, gradient to the derivative; `nil` if there is nothing to report.
  private static func comparison(_ tensor: GradientCheck.TensorReport) -> String? {
    let ratio = tensor.ratio.map {
      "the gradient is \(NumberFormat.significant($0, digits: 6)) times the derivative in every entry that was compared"
    }
    guard tensor.isSurrogate else { return ratio.map { "\(tensor.name): \($0)" } }
    return "\(tensor.name): meant to differ from the derivative, and not judged; "
      + (ratio
        ?? "its distance is \(NumberFormat.significant(tensor.distance.value, digits: 2))")
  }

  /// As in "entry 3: slopes 0.1 and 0.2, gradient 0.1: relu of layer 2, unit 3, 17 samples".
  private static func sentence(_ kink: Kink, _ finding: Finding) -> String {
    func text(_ value: Double) -> String { NumberFormat.significant(value, digits: 4) }
    return "\(finding.location.detail ?? ""): slopes \(text(kink.leftSlope)) and "
      + "\(text(kink.rightSlope)), gradient \(text(kink.claimed)): \(finding.explanation)"
  }
}

/// The result as JSON.
struct CheckResult: Encodable {
  struct Tensor: Encodable {
    let name: String, verdict: Verdict
    let relativeError: Double?
    let entries: Int, checkedEntries: Int
    let kinks: [Kink]
    /// Whether it is not judged, and the ratio of its gradient to the derivative, if that is a single number.
    let surrogate: Bool, ratio: Double?
  }
  struct Kink: Encodable {
    let index: Int?
    let operation: String
    /// The number of the layer, if layers have numbers, and its path.
    let layer: Int?, path: String?
    let unit: Int, samples: [Int]
    let leftSlope: Double, rightSlope: Double, claimed: Double
  }
  struct Oracles: Encodable {
    let difference: Double?, dual: Double?, taylorSlope: Double?
  }
  let verdict: Verdict
  /// The tensors compared at another point, and those not compared at all, since the gradient is zero.
  let moved: [String], unchecked: [String]
  let distance: Double?, distanceWithoutKinks: Double?
  let meaning: String
  let checkedShare: Double
  let tensors: [Tensor]
  let oracles: Oracles
  let findings: [Finding]

  init(_ report: GradientCheck.Report, of subject: CheckedNetwork) {
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    verdict = report.verdict
    (moved, unchecked) = (report.moved, report.unchecked)
    distance = finite(report.distance.value)
    distanceWithoutKinks = finite(report.distanceWithoutKinks.value)
    meaning = report.distance.meaning
    checkedShare = report.checkedShare
    tensors = report.tensors.map { tensor in
      Tensor(
        name: tensor.name, verdict: tensor.verdict, relativeError: finite(tensor.distance.value),
        entries: tensor.count, checkedEntries: tensor.entries.count,
        kinks: tensor.kinks.flatMap { kink in
          kink.crossings.map {
            Kink(
              index: kink.entry, operation: $0.operation, layer: $0.layer.flatMap(subject.number),
              path: $0.layer, unit: $0.unit, samples: $0.samples, leftSlope: kink.leftSlope,
              rightSlope: kink.rightSlope, claimed: kink.claimed)
          }
        }, surrogate: tensor.isSurrogate, ratio: tensor.ratio)
    }
    findings = report.findings(layerName: subject.name)
    let projection = report.projection
    func gap(_ found: Double) -> Double? {
      finite(NormalizedDistance([(projection.claimed, found)]).value)
    }
    oracles = Oracles(
      difference: gap(projection.difference), dual: gap(projection.dual),
      taylorSlope: projection.order.flatMap(finite))
  }
}
