import Findings
import Plumbline

/// A dense layer: the product of what enters with the gradient of what leaves.
enum DenseParameterRule: ParameterRule {
  static func cause(
    of own: Tensor<Double>, at quantity: Quantity, _ site: ParameterSite
  ) -> Cause? {
    guard site.form is DenseForm else { return nil }
    let units = site.gradient.shape[-1]
    let rows = site.gradient.count / units
    return site.product(
      of: site.input.reshaped(to: [rows, site.input.count / rows]),
      site.gradient.reshaped(to: [rows, units]), own, quantity)
  }
}
