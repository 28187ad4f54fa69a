import Plumbline

/// The layers of a file by its numbers alone: an array times some weights, or a function of that product, is another array of the
/// file.
///
/// Names are ignored, so they may be in any language. A few examples of each array are compared; a product does not agree with
/// saved values to rounding by accident.
struct ChainByValues {
  /// A layer that was found.
  struct Link {
    let input: SavedArray
    let weight: SavedArray
    var bias: SavedArray?
    /// The values that it makes: before its function, and after it or after a skip.
    var preactivation: SavedArray?
    var activations: [SavedArray] = []

    var results: [SavedArray] { (preactivation.map { [$0] } ?? []) + activations }

    func makes(_ array: SavedArray) -> Bool { results.contains { $0.name == array.name } }
  }

  /// The layers in their order.
  private(set) var links: [Link] = []
  /// Whether examples are columns.
  private(set) var areExamplesColumns = false

  private static let functions: [Nonlinearity] =
    [.linear] + Activation.elementwise.map(Nonlinearity.elementwise).filter { $0 != .linear }
    + [.exponential, .softmax]

  /// - Parameters:
  ///   - values: What may be examples, or values of layers; likely inputs first.
  ///   - parameters: What may be weights and biases.
  init(values: [SavedArray], parameters: [SavedArray]) {
    for columns in [false, true] {
      let links = Self.longest(values, parameters, columns)
      if links.count > self.links.count { (self.links, areExamplesColumns) = (links, columns) }
    }
  }

  /// The longest chain that begins with any of the values.
  private static func longest(
    _ values: [SavedArray], _ parameters: [SavedArray], _ columns: Bool
  ) -> [Link] {
    let samples = values.flatMap { array in
      // A row may be one example, or one value of each.
      (array.value.shape.rank == 1 ? [false, true] : [columns]).compactMap { Sample(array, $0) }
    }
    let weights = parameters.filter { $0.value.count > 1 && $0.value.shape.rank <= 2 }
    let most = weights.count { $0.value.shape.rank == 2 }
    var longest: [Link] = []
    for start in samples where longest.count < most {
      // No chain begins at what another chain has computed.
      if longest.contains(where: { $0.makes(start.array) }) { continue }
      var chain: [Link] = []
      var (inputs, before) = ([start], [start])
      while let link = next(from: inputs, weights, parameters, samples, after: chain, before) {
        chain.append(link)
        inputs = samples.filter { link.makes($0.array) }
        before += inputs
      }
      if chain.count > longest.count { longest = chain }
    }
    return longest
  }

  /// What the first of the remaining weights makes of one of the inputs, alone or added to one of the earlier values.
  private static func next(
    from inputs: [Sample], _ weights: [SavedArray], _ parameters: [SavedArray],
    _ samples: [Sample], after chain: [Link], _ before: [Sample]
  ) -> Link? {
    for skips in [[], before] {
      for input in inputs {
        for weight in weights
        where weight.name != input.array.name
          && !chain.contains(where: { $0.weight.name == weight.name })
        {
          let link = link(from: input, by: weight, parameters, samples, adding: skips)
          if let link { return link }
        }
      }
    }
    return nil
  }

  /// What these weights make of an input.
  private static func link(
    from input: Sample, by weight: SavedArray, _ parameters: [SavedArray], _ samples: [Sample],
    adding skips: [Sample]
  ) -> Link? {
    let one =
      weight.value.shape.rank == 1
      ? weight.value.reshaped(to: [weight.value.count, 1]) : weight.value
    for matrix in [one, one.transposed()] where matrix.shape[0] == input.values.shape[1] {
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
          let function = skips.isEmpty ? function(from: z, to: result) : nil
          if function == .linear, link.preactivation == nil {
            link.preactivation = result.array
          } else if function != nil || hasSkip(from: z, to: result, skips) {
            link.activations.append(result.array)
          }
        }
        if !link.results.isEmpty { return link }
      }
    }
    return nil
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

  /// Whether a layer adds one of the given values, before its function or after it.
  private static func hasSkip(
    from z: Tensor<Double>, to result: Sample, _ skips: [Sample]
  ) -> Bool {
    let comparison = Comparison(tolerance: result.array.tolerance, examples: 1)
    let others = skips.filter { $0.array.name != result.array.name && $0.values.shape == z.shape }
    return functions.dropLast().contains { function in
      others.contains { skip in
        if comparison.agree(result.values, function(z + skip.values)) { return true }
        // A branch may be scaled; one or two numbers are always a multiple.
        let scale = comparison.ratio(of: result.values - skip.values, to: function(z)) ?? 0
        return z.count > 2 && scale > 0
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
    /// Whether the values are of more than one kind, so that a comparison means something.
    let isVaried: Bool

    /// The most examples that are looked at: with ReLUs, few may be on.
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
        // Pictures lie one after the other.
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
