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
          "passes the gradient of a maximum to every cell of its window: it belongs to the largest only.",
          SubstitutedForm(pool, gradient: mean, factor: cells)),
        wrong(
          MaskMissing.id,
          "divides the gradient of a maximum among the cells of its window, as for a mean: it belongs to the largest only.",
          SubstitutedForm(pool, gradient: mean)),
      ] + overwritten(pool, site)
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
          ConstantFactor.id,
          "does not divide the gradient of a mean by its \(cells.text) \(site.input.shape.rank == 3 ? "steps" : "cells").",
          SubstitutedForm(pool, gradient: pool, factor: cells))
      ]
    default: return []
    }
  }

  /// Windows that overlap, each of which replaces what another has given to the same cell.
  private static func overwritten(_ pool: MaxPoolForm, _ site: LayerSite) -> [WrongLayers] {
    let stride = pool.stride ?? pool.kernel
    guard stride < pool.kernel, site.input.shape.rank == 4 else { return [] }
    let (height, width) = (site.input.shape[2], site.input.shape[3])
    let (rows, columns) = (site.output.shape[2], site.output.shape[3])
    let values = site.input.scalars
    /// Whether a window is the last one, in an order, that gives its gradient to its largest cell.
    func lasting(_ order: [Int]) -> Tensor<Double> {
      var gate = [Double](repeating: 0, count: site.output.count)
      for plane in 0..<site.output.shape[0] * site.output.shape[1] {
        var last: [Int: Int] = [:]
        for window in order {
          let (top, left) = (
            window / columns * stride - pool.padding,
            window % columns * stride - pool.padding
          )
          let cells = (max(top, 0)..<min(top + pool.kernel, height)).flatMap { row in
            (max(left, 0)..<min(left + pool.kernel, width)).map {
              (plane * height + row) * width + $0
            }
          }
          guard let first = cells.first else { continue }
          last[cells.dropFirst().reduce(first) { values[$1] > values[$0] ? $1 : $0 }] = window
        }
        for window in last.values { gate[plane * rows * columns + window] = 1 }
      }
      return Tensor(site.output.shape, gate)
    }
    let windows = Array(0..<rows * columns)
    let gates = [lasting(windows), lasting(windows.reversed())]
    return gates.filter { $0.scalars.contains(0) }.map { gate in
      WrongLayers(
        id: RowsAssignedNotAdded.id,
        words:
          "keeps only one window's gradient for a cell that is the largest of several windows: it was assigned (=) where it must "
          + "be added (+=).",
        layers: [
          LayerDescription(pool),
          LayerDescription(SubstitutedForm(Activation.linear, gradient: GateForm(gate))),
        ])
    }
  }
}
