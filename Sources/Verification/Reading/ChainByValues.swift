import Plumbline

/// The layers of a file by its numbers alone: whichever array times whichever weights, and a function of that, is a third array.
///
/// Names are not looked at, so that those of any language serve. A few examples of each array are compared; a product that agrees with
/// saved values to their rounding does so for no other reason.
struct ChainByValues {
  /// A layer that was found.
  struct Link {
    let input: SavedArray
    let weight: SavedArray
    var bias: SavedArray?
    /// The values that it makes: before its function, and behind it or behind a skip.
    var preactivation: SavedArray?
    var activations: [SavedArray] = []

    var results: [SavedArray] { (preactivation.map { [$0] } ?? []) + activations }
  }

  /// The layers in their order.
  private(set) var links: [Link] = []
  /// Whether examples are columns.
  private(set) var areExamplesColumns = false

  private static let functions: [Nonlinearity] =
    [.linear] + Activation.elementwise.map(Nonlinearity.elementwise).filter { $0 != .linear }
    + [.exponential, .softmax]

  /// - Parameters:
  ///   - values: What may be examples, or values of layers.
  ///   - parameters: What may be weights and biases.
  init(values: [SavedArray], parameters: [SavedArray]) {
    for columns in [false, true] {
      let links = Self.links(values, parameters, columns)
      if links.count > self.links.count { (self.links, areExamplesColumns) = (links, columns) }
    }
  }

  private static func links(
    _ values: [SavedArray], _ parameters: [SavedArray], _ columns: Bool
  ) -> [Link] {
    let samples = values.flatMap { array in
      // A row may be one example, or one value of each.
      (array.value.shape.rank == 1 ? [false, true] : [columns]).compactMap { Sample(array, $0) }
    }
    var links: [Link] = []
    for weight in parameters where weight.value.count > 1 && weight.value.shape.rank <= 2 {
      links += Self.links(of: weight, samples, parameters)
    }
    // From what no layer makes onwards.
    let made = Set(links.flatMap(\.results).map(\.name))
    var chain: [Link] = []
    for start in links where !made.contains(start.input.name) {
      var candidate = [start]
      while let last = candidate.last,
        let next = links.first(where: { link in
          last.results.contains { $0.name == link.input.name }
            && !candidate.contains { $0.weight.name == link.weight.name }
        })
      {
        candidate.append(next)
      }
      if candidate.count > chain.count { chain = candidate }
    }
    return chain
  }

  /// What these weights make of each array.
  private static func links(
    of weight: SavedArray, _ samples: [Sample], _ parameters: [SavedArray]
  ) -> [Link] {
    samples.compactMap { input in
      let one =
        weight.value.shape.rank == 1
        ? weight.value.reshaped(to: [weight.value.count, 1]) : weight.value
      for matrix in [one, one.transposed()]
      where matrix.shape[0] == input.values.shape[1] && input.array.name != weight.name {
        let width = matrix.shape[1]
        let product = matmul(input.values, matrix)
        guard product.isFinite, product.norm > 0 else { continue }
        let results = samples.filter {
          $0.count == input.count && $0.values.shape == product.shape
            && $0.array.name != input.array.name && $0.isVaried
        }
        guard !results.isEmpty else { continue }
        let biases = parameters.filter { $0.value.count == width && $0.name != weight.name }
        for bias in [nil] + biases.map(Optional.some) {
          let z = bias.map { product + $0.value.reshaped(to: [width]) } ?? product
          var link = Link(input: input.array, weight: weight, bias: bias)
          for result in results {
            let skips = samples.filter {
              $0.values.shape == result.values.shape && $0.array.name != result.array.name
            }
            if let function = function(from: z, to: result) {
              if function == .linear, link.preactivation == nil {
                link.preactivation = result.array
              } else {
                link.activations.append(result.array)
              }
            } else if hasSkip(from: z, to: result, skips) {
              link.activations.append(result.array)
            }
          }
          if !link.results.isEmpty { return link }
        }
      }
      return nil
    }
  }

  /// The function that makes the values of an array.
  private static func function(from z: Tensor<Double>, to result: Sample) -> Nonlinearity? {
    let comparison = Comparison(tolerance: result.array.tolerance, examples: 1)
    let known = functions.first { function in
      (function != .softmax || z.shape[1] > 1) && comparison.agree(result.values, function(z))
    }
    return known
      ?? LeakySlope.fitted(result.values, z, comparison).map { .leaky(slope: $0.slope) }
      ?? RarerFunction.fitted(result.values, z, comparison).map { .rarer($0) }
  }

  /// Whether a layer adds one of some values to what it makes, before its function or behind it.
  private static func hasSkip(
    from z: Tensor<Double>, to result: Sample, _ skips: [Sample]
  ) -> Bool {
    let comparison = Comparison(tolerance: result.array.tolerance, examples: 1)
    return functions.dropLast().contains { function in
      skips.contains { skip in
        // A branch may be scaled.
        comparison.ratio(of: result.values - skip.values, to: function(z)).map { $0 > 0 } ?? false
          || comparison.agree(result.values, function(z + skip.values))
      }
    }
  }

  /// A few examples of an array.
  private struct Sample {
    let array: SavedArray
    /// Of shape [examples of the sample, units].
    let values: Tensor<Double>
    /// All examples.
    let count: Int
    /// Whether the values are of more than one kind, so that they can tell something.
    let isVaried: Bool

    /// The most examples that are looked at: of ReLUs few may be on.
    private static let most = 32

    /// `nil` for what is not a matrix of numbers.
    init?(_ array: SavedArray, _ columns: Bool) {
      let shape = array.value.shape
      guard shape.rank > 0, array.value.count > 1, array.value.isFinite else { return nil }
      let matrix: Tensor<Double>
      switch shape.rank {
      case 1:
        matrix = array.value.reshaped(
          to: columns ? [array.value.count, 1] : [1, array.value.count])
      case 2: matrix = columns ? array.value.transposed() : array.value
      default:
        // Pictures lie one behind the other.
        guard !columns else { return nil }
        matrix = array.value.reshaped(to: [shape[0], array.value.count / max(1, shape[0])])
      }
      let count = matrix.shape[0]
      let rows = (0..<min(count, Self.most)).map { $0 * count / min(count, Self.most) }
      self.array = array
      self.count = count
      values = matrix.rows(at: Tensor([rows.count], rows.map(Double.init)))
      isVaried = Set(values.scalars).count > 1 || values.count == 1 && values.scalars[0] != 0
    }
  }
}
