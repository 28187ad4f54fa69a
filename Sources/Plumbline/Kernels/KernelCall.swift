/// A kernel call: what is computed, how much of it, and on which operands.
///
/// The one vocabulary of the engine. An operation states its calls once; the eager engine carries them out on tensors, the plan of a
/// replay holds them on values that have no memory yet, and the replay on addresses, so a replay equals the eager engine by
/// construction. ``map(_:)`` describes every operand; what a call reads and writes, and how it is divided among
/// threads, follow from that.
enum KernelCall<Operand> {
  /// y[i] = f(x[i]) with settings.
  case unary(UnaryFunction, count: Int, Double, Double, Operand, into: Operand)
  /// z[i] = f(x[i], y[i]).
  case binary(BinaryFunction, count: Int, Operand, Operand, into: Operand)
  /// The same with operands that are repeated.
  case broadcast(BinaryFunction, BroadcastRuns, Operand, Operand, into: Operand)
  /// z[i] = x[i] where the mask is not 0, y[i] elsewhere.
  case select(count: Int, mask: Operand, Operand, Operand, into: Operand)
  /// dx[i] from d[i] and what the backward pass reads.
  case pullback(
    PullbackFunction, count: Int, Double, Operand, input: Operand?, output: Operand?, into: Operand)
  /// A function of contiguous rows.
  case rows(RowFunction, rows: Int, length: Int, Operand, into: Operand)
  /// A function of rows whose values do not lie next to each other.
  case stridedRows(RowFunction, StridedRows, Operand, into: Operand)
  /// y[j] = the sum over the rows of x[row, j].
  case sumRows(rows: Int, columns: Int, rowStride: Int, Operand, into: Operand)
  /// A matrix product and what is fused to it.
  case product(ProductCall<Operand>)
  /// Matrix products one after the other, of operands that begin at `starts`.
  case products(ProductSizes, starts: [MatrixStarts], Operand, Operand, into: Operand)
  /// y[i] = a value.
  case fill(count: Int, Double, into: Operand)
  /// A block of these extents, read with one list of strides and written with another.
  case copy(extents: [Int], from: [Int], to: [Int], Operand, into: Operand)
  /// A copy in which a tensor of whole numbers says from where, or to where.
  case indexed(IndexedCopy, Operand?, indices: Operand, into: Operand)
  /// y[i] = log softmax(row i of x)[classes[i]].
  case logLikelihood(rows: Int, length: Int, Operand, classes: Operand, into: Operand)
  /// Its gradient, weighted by an upstream value for each row.
  case logLikelihoodGradient(
    rows: Int, length: Int, Operand, logits: Operand, classes: Operand, into: Operand)
  /// A random mask of numbers from `first` on, by a key that is looked up when the call is carried out.
  case mask(RandomMask, key: Int, first: Int, count: Int, into: Operand)
  /// One of the three sums of a convolution.
  case convolution(ConvolutionSum, ConvolutionGeometry, Operand, Operand, into: Operand)
  /// The patches of images that a window sees.
  case patches(ImagePatches, padding: Double, Operand, into: Operand)
  /// The images into which patches fold.
  case foldPatches(ImagePatches, Operand, into: Operand)
  /// A computation on whole tensors, by its number among those that the memory knows: a custom operation, say.
  case computation(Int, [(Operand, Shape)], Shape, into: Operand)
}

/// A matrix product with the operands of everything that is fused to it.
struct ProductCall<Operand> {
  var sizes: ProductSizes
  var a: Operand, b: Operand, output: Operand
  var bias: Operand?
  var scale = 1.0
  var skip: Operand?
  var appliesRelu = false
  var gate: Operand?
  /// A second result, the first times a factor.
  var scaled: Operand?
  var scaledFactor = 1.0
  /// The sums over the rows of b.
  var columnSums: Operand?
}

/// Where the two operands of one product of several begin.
struct MatrixStarts: Sendable {
  let a: Int, b: Int
}

/// An operand that can be moved along its memory.
protocol KernelOperand {
  static func + (operand: Self, offset: Int) -> Self
}

extension UnsafeMutablePointer: KernelOperand where Pointee: TensorScalar {}

/// How a call uses an operand.
struct OperandUse {
  /// Whether it is written, and otherwise read.
  var isWritten = false
  /// The number of values from the operand's first to the last one that is used.
  var count: Int
  /// How far it moves from one unit of a divided call to the next; 0 where all parts use the same values.
  var step = 0
  /// Whether the output may take its memory: each value is read before the output is written in its place.
  var isReplaceable = false
}

extension KernelCall {
  /// The same call on other operands, given each one and how it is used.
  func map<New>(_ transform: (Operand, OperandUse) -> New) -> KernelCall<New> {
    func read(
      _ operand: Operand, _ count: Int, step: Int = 0, isReplaceable: Bool = false
    ) -> New {
      transform(operand, OperandUse(count: count, step: step, isReplaceable: isReplaceable))
    }
    func write(_ operand: Operand, _ count: Int, step: Int = 0) -> New {
      transform(operand, OperandUse(isWritten: true, count: count, step: step))
    }
    switch self {
    case .unary(let function, let count, let a, let b, let x, let y):
      return .unary(
        function, count: count, a, b, read(x, count, step: 1, isReplaceable: true),
        into: write(y, count, step: 1))
    case .binary(let function, let count, let x, let y, let z):
      return .binary(
        function, count: count, read(x, count, step: 1, isReplaceable: true),
        read(y, count, step: 1, isReplaceable: true), into: write(z, count, step: 1))
    case .broadcast(let function, let runs, let x, let y, let z):
      return .broadcast(
        function, runs, read(x, runs.readCounts.0), read(y, runs.readCounts.1),
        into: write(z, runs.count, step: runs.length))
    case .select(let count, let mask, let x, let y, let z):
      return .select(
        count: count, mask: read(mask, count, step: 1), read(x, count, step: 1),
        read(y, count, step: 1), into: write(z, count, step: 1))
    case .pullback(let function, let count, let a, let d, let x, let y, let dx):
      return .pullback(
        function, count: count, a, read(d, count, step: 1, isReplaceable: true),
        input: x.map { read($0, count, step: 1, isReplaceable: true) },
        output: y.map { read($0, count, step: 1, isReplaceable: true) },
        into: write(dx, count, step: 1))
    case .rows(let function, let rows, let length, let x, let y):
      let result = function.keepsLength ? length : 1
      return .rows(
        function, rows: rows, length: length, read(x, rows * length, step: length),
        into: write(y, rows * result, step: result))
    case .stridedRows(let function, let rows, let x, let y):
      return .stridedRows(
        function, rows, read(x, rows.count),
        into: write(y, function.keepsLength ? rows.count : rows.rows))
    case .sumRows(let rows, let columns, let rowStride, let x, let y):
      return .sumRows(
        rows: rows, columns: columns, rowStride: rowStride,
        read(x, (rows - 1) * rowStride + columns, step: 1), into: write(y, columns, step: 1))
    case .product(let call):
      let sizes = call.sizes
      return .product(
        ProductCall<New>(
          sizes: sizes, a: read(call.a, sizes.aCount, step: sizes.aRow),
          b: read(call.b, sizes.bCount),
          output: write(call.output, sizes.count, step: sizes.columns),
          bias: call.bias.map { read($0, sizes.columns) }, scale: call.scale,
          skip: call.skip.map {
            read($0, sizes.count, step: sizes.columns, isReplaceable: true)
          },
          appliesRelu: call.appliesRelu,
          gate: call.gate.map { read($0, sizes.count, step: sizes.columns) },
          scaled: call.scaled.map { write($0, sizes.count, step: sizes.columns) },
          scaledFactor: call.scaledFactor,
          columnSums: call.columnSums.map { write($0, sizes.columns) }))
    case .products(let sizes, let starts, let a, let b, let c):
      return .products(
        sizes, starts: starts, read(a, (starts.map(\.a).max() ?? 0) + sizes.aCount),
        read(b, (starts.map(\.b).max() ?? 0) + sizes.bCount),
        into: write(c, starts.count * sizes.count, step: sizes.count))
    case .fill(let count, let value, let y):
      return .fill(count: count, value, into: write(y, count, step: 1))
    case .copy(let extents, let from, let to, let x, let y):
      func span(_ strides: [Int]) -> Int {
        extents.contains(0) ? 0 : zip(extents, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
      }
      return .copy(
        extents: extents, from: from, to: to, read(x, span(from)), into: write(y, span(to)))
    case .indexed(let copy, let x, let indices, let y):
      return .indexed(
        copy, x.map { read($0, copy.sourceCount) }, indices: read(indices, copy.rows),
        into: write(y, copy.targetCount))
    case .logLikelihood(let rows, let length, let x, let classes, let y):
      return .logLikelihood(
        rows: rows, length: length, read(x, rows * length), classes: read(classes, rows),
        into: write(y, rows))
    case .logLikelihoodGradient(let rows, let length, let upstream, let logits, let classes, let dx):
      return .logLikelihoodGradient(
        rows: rows, length: length, read(upstream, rows), logits: read(logits, rows * length),
        classes: read(classes, rows), into: write(dx, rows * length))
    case .mask(let mask, let key, let first, let count, let y):
      return .mask(mask, key: key, first: first, count: count, into: write(y, count, step: 1))
    case .convolution(let sum, let geometry, let x, let y, let output):
      let use = geometry.use(in: sum)
      return .convolution(
        sum, geometry, read(x, use.counts.0, step: use.steps.0),
        read(y, use.counts.1, step: use.steps.1),
        into: write(output, use.counts.2, step: use.steps.2))
    case .patches(let patches, let padding, let x, let y):
      return .patches(
        patches, padding: padding, read(x, patches.images * patches.imageCount),
        into: write(y, patches.shape.elementCount))
    case .foldPatches(let patches, let x, let y):
      return .foldPatches(
        patches, read(x, patches.shape.elementCount),
        into: write(y, patches.images * patches.imageCount))
    case .computation(let number, let inputs, let shape, let output):
      return .computation(
        number, inputs.map { (read($0.0, $0.1.elementCount), $0.1) }, shape,
        into: write(output, shape.elementCount))
    }
  }

  /// Every operand and how it is used, in the order in which ``map(_:)`` meets them.
  var uses: [(operand: Operand, use: OperandUse)] {
    var uses: [(Operand, OperandUse)] = []
    _ = map { uses.append(($0, $1)) }
    return uses
  }

  /// The operands that are read.
  var reads: [Operand] { uses.filter { !$0.use.isWritten }.map(\.operand) }

  /// The operands that are written, the result first.
  var writes: [Operand] { uses.filter(\.use.isWritten).map(\.operand) }

  /// The multiplications of a product or a convolution; 0 for every other call.
  var multiplications: Int {
    switch self {
    case .product(let call): call.sizes.count * call.sizes.inner
    case .products(let sizes, let starts, _, _, _): starts.count * sizes.count * sizes.inner
    case .convolution(_, let geometry, _, _, _): geometry.multiplications
    default: 0
    }
  }

  /// The values that the call needs memory for while it is carried out.
  var scratchCount: Int {
    switch self {
    case .convolution(_, let geometry, _, _, _): geometry.memoryCount
    case .foldPatches(let patches, _, _): patches.size * patches.positions
    case .stridedRows(_, let rows, _, _): rows.count
    case .logLikelihood(let rows, let length, _, _, _): rows * length
    default: 0
    }
  }
}

// MARK: - Division among threads

extension KernelCall where Operand: KernelOperand {
  /// The calls that one of `count` workers carries out for this one; none where it has no part in it.
  ///
  /// Each part is computed by the same kernel, so every value is computed as it would be without the division.
  func part(_ worker: Int, of count: Int) -> [KernelCall] {
    guard let units = divisibleUnits else { return worker == 0 ? [self] : [] }
    let range = units * worker / count..<units * (worker + 1) / count
    var parts = range.isEmpty ? [] : [part(range)]
    if case .product(let call) = self, let sums = call.columnSums {
      let whole = KernelCall.sumRows(
        rows: call.sizes.inner, columns: call.sizes.columns, rowStride: call.sizes.bRow, call.b,
        into: sums)
      parts += whole.part(worker, of: count)
    }
    return parts
  }

  /// How many units a call consists of that can be computed apart; `nil` for short calls and those whose parts hang
  /// together.
  private var divisibleUnits: Int? {
    switch self {
    case .unary(_, let count, _, _, _, _), .binary(_, let count, _, _, _),
      .select(let count, _, _, _, _), .pullback(_, let count, _, _, _, _, _),
      .fill(let count, _, _), .mask(_, _, _, let count, _):
      count
    case .broadcast(_, let runs, _, _, _): runs.starts.count
    case .rows(_, let rows, _, _, _): rows
    case .sumRows(_, let columns, _, _, _): columns
    case .product(let call): call.sizes.rows
    case .products(_, let starts, _, _, _): starts.count
    case .convolution(let sum, let geometry, _, _, _): geometry.units(of: sum)
    case .stridedRows, .copy, .indexed, .logLikelihood, .logLikelihoodGradient, .patches,
      .foldPatches, .computation:
      nil
    }
  }

  /// Some units of the call.
  private func part(_ range: Range<Int>) -> KernelCall {
    let count = range.count
    switch map({ $0 + $1.step * range.lowerBound }) {
    case .unary(let function, _, let a, let b, let x, let y):
      return .unary(function, count: count, a, b, x, into: y)
    case .binary(let function, _, let x, let y, let z):
      return .binary(function, count: count, x, y, into: z)
    case .broadcast(let function, let runs, let x, let y, let z):
      let part = runs.part(range)
      return .broadcast(
        function, part.runs, x + part.offsets.0, y + part.offsets.1, into: z)
    case .select(_, let mask, let x, let y, let z):
      return .select(count: count, mask: mask, x, y, into: z)
    case .pullback(let function, _, let a, let d, let x, let y, let dx):
      return .pullback(function, count: count, a, d, input: x, output: y, into: dx)
    case .rows(let function, _, let length, let x, let y):
      return .rows(function, rows: count, length: length, x, into: y)
    case .sumRows(let rows, _, let rowStride, let x, let y):
      return .sumRows(rows: rows, columns: count, rowStride: rowStride, x, into: y)
    case .product(var call):
      call.sizes.rows = count
      call.columnSums = nil
      return .product(call)
    case .products(let sizes, let starts, let a, let b, let c):
      return .products(sizes, starts: Array(starts[range]), a, b, into: c)
    case .fill(_, let value, let y): return .fill(count: count, value, into: y)
    case .mask(let mask, let key, let first, _, let y):
      // Number i of a key is the same whoever asks for it.
      return .mask(mask, key: key, first: first + range.lowerBound, count: count, into: y)
    case .convolution(let sum, let geometry, let x, let y, let output):
      return .convolution(sum, geometry.with(count, unitsOf: sum), x, y, into: output)
    case let undivided: return undivided
    }
  }
}

extension ProductSizes {
  /// The number of values from an operand's first to its last.
  var aCount: Int { (rows - 1) * aRow + (inner - 1) * aColumn + 1 }
  var bCount: Int { (inner - 1) * bRow + (columns - 1) * bColumn + 1 }
}
