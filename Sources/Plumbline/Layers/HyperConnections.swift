import Findings

/// Residual blocks on several streams: block l reads h = Σⱼ rⱼ xⱼ, and writes xᵢ ← Σⱼ Mᵢⱼ xⱼ + s wᵢ fₗ(h) to each stream, with
/// trained r, M and w for each block. The streams start as n copies of the input; the output is their mean.
///
/// With `free` mixing, M starts as the identity, r picks stream l mod n, and w is 1, so that the layer starts as a residual net:
/// Zhu et al., arXiv:2409.19606. Otherwise M is doubly stochastic, so that no product of such matrices grows (Xie et al.,
/// arXiv:2512.24880): by Sinkhorn's iterations, which end with the rows, so that any error that remains after `iterations` of them
/// is in the columns; or exactly, as the mean of all permutation matrices under a softmax. M then starts 0.95 of the way to the
/// identity, r is a sigmoid and w twice a sigmoid.
///
/// With `dependsOnInput`, z U is added to the values from which r, M and w are computed, where z is the root-mean-square norm of
/// all streams of an example, concatenated; with free mixing it is tanh(z U), as in the first paper. U starts at 0, and each of its
/// three parts has a trained factor that starts at 0.01.
///
/// x is `[..., width]`, and so is y. A block has 2n + n² parameters, or 2n + n! with permutations, besides those of its branch.
public struct HyperConnections: Layer, CustomStringConvertible {
  /// The kinds of matrices that mix the streams.
  public enum Mixing: String, Sendable, CaseIterable, Codable {
    /// Any matrix; doubly stochastic up to truncation; doubly stochastic.
    case free, sinkhorn, permutations
  }

  /// What the blocks add.
  public let branches: [any Layer]
  /// The number of streams.
  public let streams: Int
  /// The kind of matrices that mix the streams.
  public let mixing: Mixing
  /// Sinkhorn's iterations.
  public let iterations: Int
  /// Whether the factors depend on the input.
  public let dependsOnInput: Bool
  /// The factor on each branch.
  public let scale: Double
  /// For each block: the values from which r `[n]`, M and w `[n]` are computed; for M `[n, n]`, or `[n!]` with permutations.
  public let read: [Parameter], mix: [Parameter], write: [Parameter]
  /// For each block whose factors depend on the input: U `[n width, 2n + n²]`, or n! in place of n², and the factors `[3]`.
  public let dependence: [Parameter], factors: [Parameter]
  private let name = LayerName()

  /// The largest number of streams for which means of permutations are taken: 120 permutations.
  static let mostPermutedStreams = 5

  /// Blocks of these branches on streams of `width` features; a branch keeps the shape of its input.
  public init(
    _ width: Int, branches: [any Layer], streams: Int = 4, mixing: Mixing = .free,
    iterations: Int = 20, dependsOnInput: Bool = false, scale: Double = 1
  ) {
    require(width > 0 && streams > 0, "\(streams) streams of \(width) features")
    require(iterations > 0, "Sinkhorn's iterations, \(iterations) of them")
    require(
      mixing != .permutations || streams <= Self.mostPermutedStreams,
      "means of permutations of \(streams) streams, of at most \(Self.mostPermutedStreams)")
    self.branches = branches
    self.streams = streams
    self.mixing = mixing
    self.iterations = iterations
    self.dependsOnInput = dependsOnInput
    self.scale = scale
    let start = Start(streams, mixing)
    let count = start.mix.count
    read = branches.indices.map { Parameter([streams], .listed(start.read(ofBlock: $0))) }
    mix = branches.indices.map { _ in
      Parameter(mixing == .permutations ? [count] : [streams, streams], .listed(start.mix))
    }
    write = branches.indices.map { _ in
      Parameter([streams], .constant(mixing == .free ? 1 : 0))
    }
    let dependent = dependsOnInput ? branches.indices : 0..<0
    dependence = dependent.map { _ in Parameter([streams * width, 2 * streams + count], .zero) }
    factors = dependent.map { _ in Parameter([3], .constant(0.01)) }
  }

  /// The initial r and M.
  private struct Start {
    let streams: Int, mixing: Mixing
    let mix: [Double]
    /// The share of the identity in a matrix that is not free, and of one stream in the input of a block.
    private static let identityShare = 0.95, readShare = 0.7

    init(_ streams: Int, _ mixing: Mixing) {
      self.streams = streams
      self.mixing = mixing
      switch mixing {
      case .free: mix = (0..<streams * streams).map { $0 % (streams + 1) == 0 ? 1 : 0 }
      case .sinkhorn:
        let logit = Self.logit(Self.identityShare, others: streams - 1)
        mix = (0..<streams * streams).map { $0 % (streams + 1) == 0 ? logit : 0 }
      case .permutations:
        let count = (1...streams).reduce(1, *)
        // The first one is the identity.
        mix =
          [Self.logit(Self.identityShare, others: count - 1)]
          + Array(repeating: 0, count: count - 1)
      }
    }

    /// The number that has this share in a softmax with this many zeros; with a single zero, that is a sigmoid.
    private static func logit(_ share: Double, others: Int) -> Double {
      log(Tensor<Double>(share / (1 - share) * Double(max(others, 1)))).scalar
    }

    func read(ofBlock block: Int) -> [Double] {
      (0..<streams).map { stream in
        let isChosen = stream == block % streams
        if mixing == .free { return isChosen ? 1 : 0 }
        let rest = (1 - Self.readShare) / Double(max(streams - 1, 1))
        return Self.logit(isChosen ? Self.readShare : rest, others: 1)
      }
    }
  }

  /// The mean of the streams after the last block.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      let width = input.shape[-1]
      let rows = input.shape.elementCount / max(width, 1)
      let flat = input.reshaped(to: [rows, 1, width])
      // [rows, streams, width]
      var x = flat.broadcast(to: [rows, streams, width])
      for (block, branch) in branches.enumerated() {
        let (read, mix, write) = connections(block, x, pass)
        let h = matmul(read, x).reshaped(to: input.shape)
        let change = pass.output(of: branch, h, named: "branches.\(block)", in: name)
        require(
          change.shape == input.shape,
          "a block on streams adds shapes that are equal; a stream has \(input.shape) and the "
            + "branch \(change.shape)")
        x = matmul(mix, x) + write * change.reshaped(to: [rows, 1, width])
      }
      return x.mean(alongAxes: [1]).reshaped(to: input.shape)
    }
  }

  /// r `[1, streams]`, M `[streams, streams]` and s w `[streams, 1]` of a block, with a leading axis of rows if they depend on the
  /// input.
  private func connections<T>(_ block: Int, _ x: T, _ pass: Pass<T>) -> (T, T, T) {
    let n = streams
    var (read, mix, write) = (pass[read[block]], pass[mix[block]], pass[write[block]])
    let count = mix.shape.elementCount
    var rows: [Int] = []
    if dependsOnInput {
      rows = [x.shape[0]]
      let all = x.reshaped(to: [x.shape[0], n * x.shape[2]])
      let z = all / sqrt(all.squared().mean(alongAxes: [1], keepingAxes: true) + 1e-6)
      let change = matmul(z, pass[dependence[block]])
      let bounded = mixing == .free ? tanh(change) : change
      func part(_ index: Int, _ range: Range<Int>) -> T {
        bounded.sliced(axis: 1, range)
          * pass[factors[block]].sliced(axis: 0, index..<index + 1)
      }
      read = part(0, 0..<n) + read
      mix = part(1, n..<n + count) + mix.reshaped(to: [count])
      write = part(2, n + count..<2 * n + count) + write
    }
    if mixing != .free { (read, write) = (sigmoid(read), sigmoid(write) * 2) }
    if scale != 1 { write = write * scale }
    return (
      read.reshaped(to: Shape(rows + [1, n])),
      Self.matrix(mix, rows, streams: n, mixing, iterations: iterations),
      write.reshaped(to: Shape(rows + [n, 1]))
    )
  }

  /// The matrix M `[streams, streams]` given by the values of a parameter in ``mix``, if it does not depend on the input.
  public func matrix<T: TensorProtocol>(from logits: T) -> T {
    Self.matrix(logits, [], streams: streams, mixing, iterations: iterations)
  }

  /// M `[rows..., streams, streams]` from its logits.
  private static func matrix<T: TensorProtocol>(
    _ logits: T, _ rows: [Int], streams: Int, _ mixing: Mixing, iterations: Int
  ) -> T {
    let square = Shape(rows + [streams, streams])
    switch mixing {
    case .free: return logits.reshaped(to: square)
    case .sinkhorn:
      // The columns of exp(logits) divided by their sums, without overflow.
      var matrix = softmax(logits.reshaped(to: square), alongAxis: -2)
      for iteration in 0..<iterations {
        if iteration > 0 { matrix = matrix / matrix.sum(alongAxes: [-2], keepingAxes: true) }
        matrix = matrix / matrix.sum(alongAxes: [-1], keepingAxes: true)
      }
      return matrix
    case .permutations:
      let all = permutations(streams)
      let matrices = all.flatMap { order in
        order.flatMap { column in (0..<streams).map { $0 == column ? 1.0 : 0 } }
      }
      let weights = softmax(logits.reshaped(to: Shape(rows + [1, all.count])))
      return matmul(
        weights, logits.constant(Tensor([all.count, streams * streams], nearestTo: matrices))
      ).reshaped(to: square)
    }
  }

  /// All permutations of this many items, the identity first.
  private static func permutations(_ count: Int) -> [[Int]] {
    func orders(_ rest: [Int]) -> [[Int]] {
      rest.isEmpty
        ? [[]] : rest.flatMap { first in orders(rest.filter { $0 != first }).map { [first] + $0 } }
    }
    return orders(Array(0..<count))
  }
}

/// ``HyperConnections``: `hyper-connections`.
public struct HyperConnectionsForm: LayerForm {
  /// What the blocks add.
  public var branches: [[LayerDescription]] = []
  /// The number of streams, and Sinkhorn's iterations.
  public var streams = 4, iterations = 20
  /// The kind of matrices that mix the streams.
  public var mixing = HyperConnections.Mixing.free
  /// Whether the factors depend on the input.
  public var inputDependent = false
  /// The factor on each branch.
  public var scale = 1.0
  public let title = "hyper-connections"
  public static let fields: [Field<Self>] = [
    .branches("branches", \.branches),
    .whole("streams", \.streams, atLeast: 1), .choice("mixing", \.mixing),
    .whole("iterations", \.iterations, atLeast: 1, "Sinkhorn's"),
    .flag("input_dependent", \.inputDependent), .number("scale", \.scale),
  ]

  public init() {}

  public var inner: [[LayerDescription]] {
    get { branches }
    set { branches = newValue }
  }

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let most = HyperConnections.mostPermutedStreams
    guard mixing != .permutations || streams <= most else {
      throw builder.problem(
        "\(streams) streams have too many permutations", field: "streams",
        "give \(most) streams or fewer, or \"mixing\": \"sinkhorn\"")
    }
    let width = builder.input[-1]
    try builder.requireHeld([streams] + builder.input.extents, "the streams of an example")
    try builder.requireHeld(
      [streams * width, 2 * streams + max(streams * streams, 120)], "the weight")
    let made = try builder.branches(branches)
    return builder.layer(
      HyperConnections(
        width, branches: made.map(\.sequence), streams: streams, mixing: mixing,
        iterations: iterations, dependsOnInput: inputDependent, scale: scale),
      children: made.enumerated().flatMap { $1.labelled("branches.\($0)") })
  }

  /// At the start all streams hold the same values, each block reads a mean of them, and its output is added to each: residual
  /// blocks.
  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    branches.indices.reduce(signal) { sum, index in
      guard let sum,
        let change = layer.children.filter({ $0.role == "branches.\(index)" })
          .signal(after: sum), change.meanSquare == 0 || change.distribution == .normal
      else { return nil }
      return Signal(
        meanSquare: sum.meanSquare + scale * scale * change.meanSquare,
        distribution: change.meanSquare == 0
          ? sum.distribution : sum.distribution == .normal ? .normal : .other)
    }
  }

  public func signal(inside signal: Signal) -> Signal? { nil }
}

extension LayerForm where Self == HyperConnectionsForm {
  /// ``HyperConnections``.
  public static func hyperConnections(
    branches: [[LayerDescription]], streams: Int = 4,
    mixing: HyperConnections.Mixing = .free, iterations: Int = 20, inputDependent: Bool = false,
    scale: Double = 1
  ) -> Self {
    var form = HyperConnectionsForm()
    (form.branches, form.streams, form.mixing) = (branches, streams, mixing)
    (form.iterations, form.inputDependent, form.scale) = (iterations, inputDependent, scale)
    return form
  }
}
