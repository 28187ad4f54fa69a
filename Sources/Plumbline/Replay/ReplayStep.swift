/// A value of a recorded step: the node that computed it, and where in that node's values it begins. Views
/// (reshapes, slices of rows) are places in what they view.
struct ReplayPlace: Hashable {
  var root: Int
  var offset = 0
}

/// One kernel call of a recorded step, on values that have no memory yet.
struct ReplayStep {
  /// A matrix product and what is fused to it.
  struct Product {
    var rows: Int, columns: Int, inner: Int
    var a: ReplayPlace, aStrides: (row: Int, column: Int)
    var b: ReplayPlace, bStrides: (row: Int, column: Int)
    var bias: ReplayPlace?
    var scale = 1.0
    var skip: ReplayPlace?
    var appliesRelu = false
    var gate: ReplayPlace?
    var scaled: (factor: Double, root: Int)?
    var columnSums: Int?

    var count: Int { rows * columns }
    /// Whether more can be fused behind what there is: nobody else reads what the pass has computed so far.
    var isOpen: Bool { !appliesRelu && gate == nil && scaled == nil && columnSums == nil }
  }

  /// A reduction of values that do not lie side by side.
  enum Reduction: Sendable {
    case sum, maximum
  }

  /// What is called.
  enum Kind {
    case unary(UnaryFunction, count: Int, ReplayPlace)
    case binary(BinaryFunction, count: Int, ReplayPlace, ReplayPlace)
    case broadcastBinary(BinaryFunction, BroadcastRuns, ReplayPlace, ReplayPlace)
    case binaryConstant(BinaryFunction, count: Int, ReplayPlace, Double)
    case select(count: Int, mask: ReplayPlace, ReplayPlace, ReplayPlace)
    case product(Product)
    case sumRows(rows: Int, columns: Int, ReplayPlace)
    case sumRuns(runs: Int, length: Int, ReplayPlace)
    case gather(extents: [Int], strides: [Int], ReplayPlace)
    case activation(ActivationFunction, count: Int, Double, Double, ReplayPlace)
    case activationGradient(
      ActivationFunction, count: Int, Double, ReplayPlace, input: ReplayPlace?, output: ReplayPlace?
    )
    case rows(RowFunction, rows: Int, length: Int, ReplayPlace)
    case logLikelihood(rows: Int, length: Int, ReplayPlace, classes: ReplayPlace)
    case logLikelihoodGradient(
      rows: Int, length: Int, ReplayPlace, logits: ReplayPlace, classes: ReplayPlace)
    case draw(number: Int, count: Int)
    case convolution(ConvolutionSum, ConvolutionGeometry, ReplayPlace, ReplayPlace)
    case patches(ImagePatches, padding: Double, ReplayPlace)
    case foldPatches(ImagePatches, ReplayPlace)
    case pad(count: Int, extents: [Int], strides: [Int], start: Int, ReplayPlace)
    case reduction(Reduction, runs: Int, extents: [Int], strides: [Int], ReplayPlace)
    case operation(any Operation, [(ReplayPlace, Shape)], Shape)
  }

  var kind: Kind
  /// The node whose value the call computes.
  var output: Int

  /// Everything that the call reads.
  var inputs: [ReplayPlace] {
    switch kind {
    case .unary(_, _, let x), .binaryConstant(_, _, let x, _), .sumRows(_, _, let x),
      .sumRuns(_, _, let x), .gather(_, _, let x), .activation(_, _, _, _, let x),
      .rows(_, _, _, let x), .patches(_, _, let x), .foldPatches(_, let x),
      .pad(_, _, _, _, let x), .reduction(_, _, _, _, let x):
      [x]
    case .activationGradient(_, _, _, let d, let input, let output):
      [d, input, output].compactMap { $0 }
    case .logLikelihood(_, _, let x, let classes): [x, classes]
    case .logLikelihoodGradient(_, _, let upstream, let logits, let classes):
      [upstream, logits, classes]
    case .binary(_, _, let x, let y), .broadcastBinary(_, _, let x, let y),
      .convolution(_, _, let x, let y):
      [x, y]
    case .select(_, let mask, let x, let y): [mask, x, y]
    case .product(let product):
      [product.a, product.b] + [product.bias, product.skip, product.gate].compactMap { $0 }
    case .draw: []
    case .operation(_, let inputs, _): inputs.map(\.0)
    }
  }

  /// Everything that it writes.
  var outputs: [Int] {
    guard case .product(let product) = kind else { return [output] }
    return [output] + [product.scaled?.root, product.columnSums].compactMap { $0 }
  }

  /// The multiplications of a product or a convolution; 0 for every other call.
  var multiplications: Int {
    switch kind {
    case .product(let product): product.rows * product.columns * product.inner
    case .convolution(_, let geometry, _, _): geometry.multiplications
    default: 0
    }
  }

  /// An input whose memory the output may take over where nothing else needs it: the kernel reads each
  /// value before it writes in its place.
  var replaceableInputs: [ReplayPlace] {
    switch kind {
    case .unary(_, _, let x), .binaryConstant(_, _, let x, _), .activation(_, _, _, _, let x): [x]
    case .binary(_, _, let x, let y): [x, y]
    case .activationGradient(_, _, _, let d, let input, let output):
      [d, input, output].compactMap { $0 }
    case .product(let product): product.skip.map { [$0] } ?? []
    default: []
    }
  }
}

/// The runs of a broadcasting operation, with their starts computed beforehand.
struct BroadcastRuns: Sendable {
  let length: Int
  let steps: (Int, Int)
  let starts: [(Int, Int)]

  init(_ shape: Shape, _ left: Shape, _ right: Shape) {
    let loop = Loop(
      extents: shape.extents,
      strides: [left.strides(broadcastTo: shape)!, right.strides(broadcastTo: shape)!])
    length = loop.innerExtent
    steps = (loop.innerStrides[0], loop.innerStrides[1])
    var starts: [(Int, Int)] = []
    loop.forEachRun { starts.append(($0[0], $0[1])) }
    self.starts = starts
  }

  private init(length: Int, steps: (Int, Int), starts: [(Int, Int)]) {
    self.length = length
    self.steps = steps
    self.starts = starts
  }

  /// Some of the runs, on operands that begin where the first value lies that one of them reads.
  func part(_ range: Range<Int>) -> (runs: BroadcastRuns, offsets: (Int, Int)) {
    let part = starts[range]
    let first = part.reduce((Int.max, Int.max)) { (min($0.0, $1.0), min($0.1, $1.1)) }
    let runs = BroadcastRuns(
      length: length, steps: steps, starts: part.map { ($0.0 - first.0, $0.1 - first.1) })
    return (runs, first)
  }
}
