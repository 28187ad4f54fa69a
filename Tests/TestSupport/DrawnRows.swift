import Plumbline

/// Examples of normal features, each changed together with a target that the draw of the example decides.
package struct DrawnRows {
  /// Of shape `[count, features]` and `[count, 1]`.
  package let features: Tensor<Double>, targets: Tensor<Double>

  /// - Parameter row: Changes the features of an example, and gives its target.
  package init(
    _ width: Int, count: Int, seed: Int,
    _ row: (_ features: inout [Double], _ draw: Double) -> Double
  ) {
    let values = Key(seed: seed)["features"].normal(count * width)
    let draws = Key(seed: seed)["draws"].normal(count)
    var (rows, answers): ([Double], [Double]) = ([], [])
    for index in 0..<count {
      var own = Array(values[index * width..<(index + 1) * width])
      answers.append(row(&own, draws[index]))
      rows += own
    }
    features = Tensor([count, width], rows)
    targets = Tensor([count, 1], answers)
  }
}
