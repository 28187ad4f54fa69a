/// A run that differs from the diagnosed one only in the remedy, and its result.
public struct Counterfactual: Codable, Sendable, Hashable {
  /// What was changed.
  public let change: String
  /// The options of the changed run, in place of the diagnosed run's own: what to type to get it; `nil` if no option changes it.
  public var options: String?
  /// The training loss of the changed run at its end.
  public let loss: Double
  /// Its training error at its end, a fraction; `nil` if the targets are not classes.
  public let error: Double?
  /// Its number of updates.
  public let steps: Int
  /// Whether it learned and the diagnosed run did not.
  public let learned: Bool
  /// Its learning rate.
  public let learningRate: Double
  /// Its loss and error on the dev set at its end, if there is one.
  public let devLoss: Double?, devError: Double?
  /// Loss of the diagnosed run, and its loss and error on the dev set.
  public var lossBefore: Double?, devLossBefore: Double?, devErrorBefore: Double?

  /// A run of these numbers.
  public init(
    change: String, loss: Double, error: Double?, steps: Int, learned: Bool, learningRate: Double,
    devLoss: Double? = nil, devError: Double? = nil
  ) {
    self.change = change
    self.loss = loss
    self.error = error
    self.steps = steps
    self.learned = learned
    self.learningRate = learningRate
    self.devLoss = devLoss
    self.devError = devError
  }
}

extension Counterfactual: CustomStringConvertible {
  /// A sentence: "same network, He's weights: loss 0.03 after 200 steps".
  public var description: String {
    "\(change): loss \(Self.rounded(loss))\(Self.before(lossBefore)) after \(steps) steps" + dev
      + (learned ? "" : ", which does not help enough")
  }

  /// The value without the change.
  private static func before(_ value: Double?, unit: String = "") -> String {
    value.flatMap { $0.isFinite ? " (\(rounded($0))\(unit) without)" : nil } ?? ""
  }

  /// Its result on the dev set; empty if there is none.
  private var dev: String {
    if let devError {
      return ", dev error \(Self.rounded(100 * devError)) %"
        + Self.before(devErrorBefore.map { 100 * $0 }, unit: " %")
    }
    return devLoss.map { ", dev loss \(Self.rounded($0))" + Self.before(devLossBefore) } ?? ""
  }

  /// Three significant digits.
  private static func rounded(_ value: Double) -> String {
    guard value.isFinite else { return "not finite" }
    guard value != 0 else { return "\(value)" }
    var (scaled, exponent) = (abs(value), 0)
    while scaled >= 1000 { (scaled, exponent) = (scaled / 10, exponent + 1) }
    while scaled < 100 { (scaled, exponent) = (scaled * 10, exponent - 1) }
    // Read as a decimal number, so that 0.035 is not 0.035000000000000003.
    let sign = value < 0 ? "-" : ""
    let rounded = Double("\(sign)\(Int(scaled.rounded()))e\(exponent)") ?? value
    let text = "\(rounded)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
