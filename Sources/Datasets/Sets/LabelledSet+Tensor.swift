import Plumbline

extension LabelledSet {
  /// A set of features, examples first, whose targets are values, or classes if there are labels; without either, there are none.
  package init<Scalar: TensorScalar>(
    name: String, _ features: Tensor<Scalar>, targets: Tensor<Scalar>? = nil, labels: [Int]? = nil
  ) {
    let count = features.shape[0]
    self.init(
      name: name, features: NumericArray(features),
      targets: labels.map { .classes($0, count: ($0.max() ?? 0) + 1, names: nil) }
        ?? .values(targets.map { NumericArray($0) } ?? NumericArray([count, 0], [Double]())),
      provenance: name)
  }

  /// All features as a matrix `[examples, features]`, scaled.
  ///
  /// - Complexity: O(number of features).
  public func featureMatrix<Scalar: TensorScalar>() -> Tensor<Scalar> {
    let shape: Shape = [exampleCount, featureCount]
    if Scalar.self == Float.self, let matrix = Tensor(shape, floats()) as? Tensor<Scalar> {
      return matrix
    }
    let values = features.doubles()
    return Tensor(shape, nearestTo: divisor == 1 ? values : values.map { $0 / divisor })
  }

  /// The targets: a vector `[examples]` of classes as whole numbers, or a matrix of values
  /// `[examples, outputs]`.
  ///
  /// - Complexity: O(number of targets).
  public func targetTensor<Scalar: TensorScalar>() -> Tensor<Scalar> {
    switch targets {
    case .classes(let labels, _, _): Tensor(classes: labels)
    case .values(let values):
      values.reshaped(to: [exampleCount, values.count / max(1, exampleCount)]).tensor()
    }
  }
}
