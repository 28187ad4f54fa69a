import Plumbline

/// (a - y)² / 2 where |a - y| < δ, and δ (|a - y| - δ/2) beyond.
struct HuberTerms: LibraryLossTerms {
  var delta = 1.0
  /// Whether the terms are divided by δ, as in PyTorch's smooth L1 loss.
  var isDivided = false

  var title: String {
    (isDivided ? "smooth L1 loss" : "huber loss") + (delta == 1 ? "" : " (delta \(delta.text))")
  }
  var library: HuberLoss {
    var loss = HuberLoss()
    loss.delta = delta
    return loss
  }
  static let names = [HuberLoss().title, "smooth-l1"]
  /// With the δ in the file, or else the usual ones.
  static func forms(_ hints: LossHints) -> [Self] {
    func losses(_ deltas: [Double], isDivided: Bool) -> [Self] {
      deltas.filter { $0 > 0 && $0 != 1 }.map { Self(delta: $0, isDivided: isDivided) }
    }
    let usual = [0.5, 1.345, 1.35, 1.5, 2, 5]
    let delta = hints.number(["delta", "huberdelta", "d", "threshold"])
    // PyTorch calls it beta where the terms are divided by it.
    let beta = hints.number(["beta", "smoothl1beta"])
    return [Self()] + losses(delta.map { [$0] } ?? usual, isDivided: false)
      + losses((beta ?? delta).map { [$0] } ?? usual, isDivided: true)
  }
  var name: String {
    (isDivided ? "smooth-l1" : "huber") + (delta == 1 ? "" : ":\(delta.text)")
  }
  static func numbered(_ number: Double) -> [Self] {
    number > 0 ? [Self(delta: number), Self(delta: number, isDivided: true)] : []
  }

  func terms<T: TensorProtocol>(
    _ outputs: T, _ function: Nonlinearity, of preactivations: T, targets: T
  ) -> T {
    library.elements(outputs, targets) * (isDivided ? 1 / delta : 1)
  }

  func halfWritten(
    _ outputs: Tensor<Double>, _ function: Nonlinearity, of preactivations: Tensor<Double>,
    targets: Tensor<Double>
  ) -> [(Tensor<Double>, String)] {
    let difference = outputs - targets
    let isNear = compare(Tensor(delta), .greaterOrEqual, abs(difference))
    // Within delta the slope is A - Y, or A - Y divided by delta, and beyond it is `far`.
    let near = isDivided ? difference * (1 / delta) : difference
    let formula = isDivided ? "(A - Y) / \(delta.text)" : "A - Y"
    let far = isDivided ? "1" : delta.text
    let others: [(value: Double, text: String)] = [(1, "1"), (delta, delta.text)]
    return [
      (near, "\(formula) everywhere, not clipped to -\(far)...\(far)"),
      (near * isNear, "0 beyond delta, where \(far) and -\(far) belong"),
      (
        select(isNear, near, Tensor(isDivided ? 1 : delta)),
        "\(far) beyond delta on both sides, without the sign of A - Y"
      ),
    ]
      + others.filter { $0.text != far }.map { other in
        (
          select(isNear, near, sign(difference) * other.value),
          "\(other.text) and -\(other.text) beyond delta, where \(far) and -\(far) belong"
        )
      }
      + (isDivided && delta != 1
        ? [(clip(difference, to: -delta...delta), "A - Y without the division by \(delta.text)")]
        : [])
  }
}

extension ProgramLoss.Kind {
  /// (a - y)² / 2 where |a - y| < 1, and |a - y| - 1/2 beyond.
  public static let huber = Self(HuberTerms())
}
