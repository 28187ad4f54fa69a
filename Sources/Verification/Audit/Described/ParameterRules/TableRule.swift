import Findings
import Plumbline

/// The rows of an embedding's table, of which a batch uses some several times.
enum TableRule: ParameterRule {
  static func cause(
    of own: Tensor<Double>, at quantity: Quantity, _ site: ParameterSite
  ) -> Cause? {
    guard site.form is EmbeddingForm else { return nil }
    let (parameter, gradient, comparison) = (site.parameter, site.gradient, site.comparison)
    let width = parameter.shape[1]
    let rows = gradient.reshaped(to: [gradient.count / width, width]).scalars
    var (last, first, mean) = (
      [Double](repeating: 0, count: parameter.count),
      [Double](repeating: 0, count: parameter.count),
      [Double](repeating: 0, count: parameter.count)
    )
    var uses = [Int](repeating: 0, count: parameter.shape[0])
    for (position, number) in site.input.scalars.enumerated() {
      let row = Int(number)
      for column in 0..<width {
        let value = rows[position * width + column]
        last[row * width + column] = value
        if uses[row] == 0 { first[row * width + column] = value }
        mean[row * width + column] += value
      }
      uses[row] += 1
    }
    for row in uses.indices where uses[row] > 1 {
      for column in 0..<width { mean[row * width + column] /= Double(uses[row]) }
    }
    for (values, words) in [
      (last, "holds the gradient of each row's last use alone"),
      (first, "holds the gradient of each row's first use alone"),
      (mean, "is averaged over the uses of each row"),
    ] where comparison.agree(own, Tensor(parameter.shape, values)) {
      return Cause(
        id: RowsAssignedNotAdded.id,
        explanation:
          "\(quantity) \(words): those of all uses must be added (np.add.at, not table[rows] += ...)."
      )
    }
    return nil
  }
}
