import Plumbline

/// A tensor as the files write it.
struct GoldenTensor: Decodable, Sendable {
  let name: String?
  let shape: Shape
  let values: [Double]

  var tensor: Tensor<Double> { Tensor(shape, values) }
}

/// Says where two lists of numbers differ: by more than `relative` of the expected number, or of 1 where
/// that is more, or by more than `absolute`. NaN equals NaN, and an infinity only itself. The `positions` are
/// left out.
func differences(
  _ found: Tensor<Double>, _ expected: GoldenTensor, relativeToOne: Double = 0,
  relative: Double = 0, absolute: Double = 0, without positions: Set<Int> = []
) -> [String] {
  if found.shape != expected.shape { return ["shape \(found.shape), not \(expected.shape)"] }
  return zip(found.scalars, expected.values).enumerated().compactMap { position, pair in
    let (x, y) = pair
    if x == y || (x.isNaN && y.isNaN) || positions.contains(position) { return nil }
    let allowed = max(relativeToOne * max(1, abs(y)), relative * abs(y), absolute)
    if y.isFinite && abs(x - y) <= allowed { return nil }
    return "value \(position) is \(x), not \(y)"
  }
}
