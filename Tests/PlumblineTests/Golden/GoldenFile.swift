import Foundation
import Plumbline
import Testing

/// The files of `Tests/Golden`: values and gradients from PyTorch and mpmath. Their README says what each
/// field means and how far to trust it.
enum GoldenFile {
  static func load<Content: Decodable>(_ name: String, file: String = #filePath) throws -> Content {
    let url = URL(fileURLWithPath: file)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/\(name)")
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try decoder.decode(Content.self, from: Data(contentsOf: url))
  }
}

/// A tensor as the files write it.
struct GoldenTensor: Decodable, Sendable {
  let name: String?
  let shape: Shape
  let values: [Double]

  var tensor: Tensor<Double> { Tensor(shape, values) }
}

/// Says where two lists of numbers differ: by more than `relative` of the expected number, or of 1 where
/// that is more, or by more than `absolute`. NaN equals NaN, and an infinity only itself. The `places` are
/// left out.
func differences(
  _ found: Tensor<Double>, _ expected: GoldenTensor, relativeToOne: Double = 0,
  relative: Double = 0, absolute: Double = 0, without places: Set<Int> = []
) -> [String] {
  if found.shape != expected.shape { return ["shape \(found.shape), not \(expected.shape)"] }
  return zip(found.scalars, expected.values).enumerated().compactMap { place, pair in
    let (x, y) = pair
    if x == y || (x.isNaN && y.isNaN) || places.contains(place) { return nil }
    let allowed = max(relativeToOne * max(1, abs(y)), relative * abs(y), absolute)
    if y.isFinite && abs(x - y) <= allowed { return nil }
    return "value \(place) is \(x), not \(y)"
  }
}
