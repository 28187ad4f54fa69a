import Plumbline

/// (a - y)² / 2 where |a - y| < δ, and δ (|a - y| - δ/2) beyond.
struct HuberTerms: LossTerms {
  var delta = 1.0
  /// Whether the terms are divided by δ, as in PyTorch's smooth L1 loss.
  var isDivided = false

  var title: String {
    (isDivided ? "smooth L1 loss" : "huber loss") + (delta == 1 ? "" : " (delta \(delta.text))")
  }
  static let names = ["huber", "smooth-l1"]
  /// That of the file, or else those that people take.
  static func forms(_ hints: LossHints) -> [Self] {
    var deltas: [Double] = [0.5, 1.345, 1.35, 1.5, 2, 5]
    if let own = hints.number(["delta", "huberdelta", "d", "beta", "threshold"]) { deltas = [own] }
    let others = deltas.filter { $0 > 0 && $0 != 1 }
    return [Self()] + others.map { Self(delta: $0) }
      + others.map { Self(delta: $0, isDivided: true) }
  }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    let difference = outputs - targets
    let near = clip(difference, to: -delta...delta)
    return near * (difference - near * 0.5) * (isDivided ? 1 / delta : 1)
  }

  func halfWritten(
    _ outputs: Tensor<Double>, targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)] {
    let difference = outputs - targets
    let isNear = compare(Tensor(delta), .greaterOrEqual, abs(difference))
    return [
      (difference, "A - Y everywhere, and not clipped to -\(delta.text)...\(delta.text)"),
      (
        select(isNear, difference, sign(difference)),
        "1 and -1 beyond delta, where \(delta.text) and -\(delta.text) belong"
      ), (difference * isNear, "0 beyond delta, where \(delta.text) and -\(delta.text) belong"),
    ]
  }
}

extension ProgramLoss.Kind {
  /// (a - y)² / 2 where |a - y| < 1, and |a - y| - 1/2 beyond.
  public static let huber = Self(HuberTerms())
}
