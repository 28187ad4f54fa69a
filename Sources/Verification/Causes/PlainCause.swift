import Plumbline

extension Comparison {
  /// What a gradient shows by itself, whatever the network computes: that it is not finite, zero, the transpose of the right one or a
  /// constant multiple of it; `nil` for none of these.
  ///
  /// - Parameter isMultiple: Whether a constant multiple is a cause here.
  func plainCause(
    of own: Tensor<Double>, right: Tensor<Double>, at quantity: Quantity, isMultiple: Bool = true
  ) -> Cause? {
    if !own.isFinite { return NonFinite.cause(quantity, own) }
    if own.norm == 0 { return ZeroGradient.mistake(quantity).cause }
    if own.shape.rank == 2, own.shape[0] == own.shape[1], own.count > 1,
      agree(own.transposed(), right)
    {
      return Transposed.mistake(quantity).cause
    }
    guard isMultiple, let ratio = factor(of: own, to: right) else { return nil }
    return mistakes(ratio: ratio, at: quantity).first?.cause
  }
}
