import Findings
import Foundation

extension GradientCheck.Report {
  /// What there is to say about the gradient: kinks, which are notes, and mistakes.
  ///
  /// - Parameter layerName: What the layer at a path is called.
  public func findings(layerName: (String) -> String = { $0 }) -> [Finding] {
    tensors.flatMap { tensor in tensor.kinks.map { $0.finding(in: tensor.name, layerName) } }
      + failures.map { failure in
        failure.finding(in: (failure.position?.input ?? failure.input).map { tensors[$0].name })
      }
  }
}

extension GradientCheck.Report: CustomStringConvertible {
  /// The verdict, what was compared, and each finding.
  public var description: String {
    func short(_ value: Double) -> String { String(format: "%.2g", value) }
    let all = tensors.reduce(0) { $0 + $1.count }
    let checked = tensors.reduce(0) { $0 + $1.entries.count }
    let order = slope.map { ", Taylor remainder of order \(String(format: "%.3f", $0))" } ?? ""
    let summary =
      "\(verdict.rawValue.uppercased()): \(checked) of \(all) entries in \(tensors.count) tensors, "
      + "largest relative error \(short(largestRelativeError))\(order)"
    let notes =
      unchecked.isEmpty
      ? [] : ["not compared because zero: \(unchecked.joined(separator: ", "))"]
    return ([summary] + notes + findings().map { "\($0)" }).joined(separator: "\n")
  }
}

extension Kink {
  /// The kink as a finding about a parameter.
  public func finding(
    in parameter: String, _ layerName: (String) -> String = { $0 }
  ) -> Finding {
    let shown = crossings.prefix(3).map { $0.description(layerName: layerName) }
    let more = crossings.count > 3 ? " and \(crossings.count - 3) more units" : ""
    let first = crossings.first
    return Finding(
      family: .gradient, cause: .kink, severity: .note,
      symptom: "the cost has two slopes here, and the gradient is a valid one",
      explanation: shown.joined(separator: "; ") + more,
      location: .init(
        layer: first?.layer.map(layerName), quantity: parameter,
        units: crossings.filter { $0.layer == first?.layer }.map(\.unit),
        detail: entry.map { "entry \($0)" } ?? "a random direction"),
      evidence: [
        .init("slope on the left", leftSlope), .init("slope on the right", rightSlope),
        .init("gradient", claimed), .init("gradient by convention", byConvention),
      ],
      remedy: "check at another point, for example with nonzero biases, to have one slope")
  }
}

extension GradientCheck.Failure {
  fileprivate func finding(in parameter: String?) -> Finding {
    let judge =
      switch oracle {
      case .difference: "central differences give"
      case .dual: "dual numbers give"
      case .taylorSlope: "the Taylor slope says"
      }
    return Finding(
      family: .gradient, cause: .differsFromOracle, severity: .error,
      symptom: "the gradient differs from what \(judge)",
      explanation: remark,
      location: .init(
        quantity: parameter,
        detail: position.map { "entry \($0.entry)" } ?? "along a random direction"),
      evidence: [
        .init("gradient", claimed), .init("found", found), .init("allowed difference", allowance),
      ].filter(\.value.isFinite), remedy: "")
  }
}

extension Finding.Family {
  /// A gradient: wrong, or at a kink.
  public static let gradient: Self = "gradient"
}

extension Finding.Cause {
  /// The check's point is at a kink of a function, where no single slope is right.
  public static let kink: Self = "kink"
  /// An oracle contradicts the gradient.
  public static let differsFromOracle: Self = "differs-from-oracle"
}

extension GradientCheck {
  /// The causes that its findings can report.
  public static let causes = [
    Finding.CauseMeaning(
      .gradient, .kink,
      "the check's point is at a kink of a function, where no single slope is right"),
    Finding.CauseMeaning(.gradient, .differsFromOracle, "an oracle contradicts the gradient"),
  ]
}
