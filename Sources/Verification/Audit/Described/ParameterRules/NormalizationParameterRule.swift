import Findings
import Plumbline

/// Scale and shift of a normalization.
enum NormalizationParameterRule: ParameterRule {
  /// Scale and shift: the sums of dy x and of dy over all but the channels, x being normalized.
  static func cause(
    of own: Tensor<Double>, at quantity: Quantity, _ site: ParameterSite
  ) -> Cause? {
    guard let form = site.form as? any NormalizationForm else { return nil }
    let isOverUnits = type(of: form).isOverFeatures
    let (input, output, gradient) = (site.input, site.output, site.gradient)
    let comparison = site.comparison
    let rank = gradient.shape.rank
    let axes =
      isOverUnits ? Array(0..<rank - 1) : [0] + Array(2..<Swift.max(rank, 2))
    let channels = own.count
    func sum(_ values: Tensor<Double>) -> Tensor<Double> {
      values.sum(alongAxes: axes).reshaped(to: [channels])
    }
    let own = own.reshaped(to: [channels])
    let candidates: [(Tensor<Double>, CauseID, String)] = [
      (
        sum(gradient * input), WrongLayerInput.id,
        "is computed with the input of the normalization, where the normalized values belong: sum of dy * x, with x normalized"
      ),
      (
        sum(gradient * output), WrongLayerInput.id,
        "is computed with the output of the layer, where the normalized values belong: sum of dy * x, with x normalized"
      ),
      (sum(gradient), BiasFromWrongQuantity.id, "is the sum of dy, which is the shift's gradient"),
    ]
    for (value, id, words) in candidates {
      if comparison.agree(own, value)
        || comparison.ratio(of: own, to: value).map(comparison.hasMeaning) ?? false
      {
        return Cause(id: id, explanation: "\(quantity) \(words).")
      }
    }
    return nil
  }
}
