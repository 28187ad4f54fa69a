/// Points of the unit circle, the same on every machine.
///
/// The C library's sine and cosine differ in their last bit from system to system; these sums of
/// rounded products do not. Their error is below 3 × 10⁻¹⁶.
package enum UnitCircle {
  /// The cosine and the sine of an angle in full turns.
  package static func point(atTurns turns: Double) -> (x: Double, y: Double) {
    let rest = turns - turns.rounded()
    let quarter = (4 * rest).rounded()
    let angle = 2 * Double.pi * (rest - quarter / 4)
    let (sine, cosine) = (sine(angle), cosine(angle))
    switch Int(quarter) & 3 {
    case 0: return (cosine, sine)
    case 1: return (-sine, cosine)
    case 2: return (-cosine, -sine)
    default: return (sine, -cosine)
    }
  }

  /// Taylor's series, up to the term that no longer matters for angles within an eighth of a turn.
  private static func sine(_ angle: Double) -> Double {
    let square = angle * angle
    var sum = 0.0
    for order in stride(from: 17.0, through: 3, by: -2) {
      sum = (1 + sum) * (-square / (order * (order - 1)))
    }
    return angle + angle * sum
  }

  private static func cosine(_ angle: Double) -> Double {
    let square = angle * angle
    var sum = 0.0
    for order in stride(from: 18.0, through: 2, by: -2) {
      sum = (1 + sum) * (-square / (order * (order - 1)))
    }
    return 1 + sum
  }
}
