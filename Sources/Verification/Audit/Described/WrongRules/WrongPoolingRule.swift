import Findings
import Plumbline

/// The gradient of pooling: given to every cell of a window, or not divided among them.
enum WrongPoolingRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    func wrong(_ id: CauseID, _ words: String, _ form: any LayerForm) -> WrongLayers {
      WrongLayers(id: id, words: words, layers: [LayerDescription(form)])
    }
    switch site.form {
    case let pool as MaxPoolForm:
      var mean = AveragePoolForm()
      (mean.kernel, mean.stride, mean.padding) = (pool.kernel, pool.stride, pool.padding)
      let cells = Double(pool.kernel * pool.kernel)
      return [
        wrong(
          MaskMissing.id,
          "gives the gradient of a maximum to every cell of its window: it belongs to the largest alone.",
          SubstitutedForm(pool, gradient: mean, factor: cells)),
        wrong(
          MaskMissing.id,
          "divides the gradient of a maximum among the cells of its window, as for a mean: it belongs to the largest alone.",
          SubstitutedForm(pool, gradient: mean)),
      ]
    case let pool as AveragePoolForm:
      let cells = Double(pool.kernel * pool.kernel)
      return [
        wrong(
          ConstantFactor.id,
          "does not divide the gradient of a mean by the \(cells.text) cells of its window.",
          SubstitutedForm(pool, gradient: pool, factor: cells))
      ]
    case let pool as GlobalAveragePoolForm:
      let cells = Double(site.input.count) / Double(Swift.max(site.output.count, 1))
      return [
        wrong(
          ConstantFactor.id, "does not divide the gradient of a mean by its \(cells.text) cells.",
          SubstitutedForm(pool, gradient: pool, factor: cells))
      ]
    default: return []
    }
  }
}
