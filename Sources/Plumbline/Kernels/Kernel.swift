/// What a kernel call computes and how much of it, without its operands: those are numbered, the result first.
///
/// ``uses`` describes every operand; what a call reads and writes, and how it is divided among threads, follow from
/// that. What holds more than plain numbers is in a box of its own, so that a replay copies a call without counting references.
enum Kernel: Sendable {
  /// y[i] = f(x[i]) with settings. Operands: y, x.
  case unary(UnaryFunction, count: Int, Double, Double)
  /// z[i] = f(x[i], y[i]). Operands: z, x, y.
  case binary(BinaryFunction, count: Int)
  /// The same with operands that are repeated.
  indirect case broadcast(BinaryFunction, BroadcastRuns)
  /// z[i] = x[i] where the mask is not 0, y[i] elsewhere. Operands: z, mask, x, y.
  case select(count: Int)
  /// dx[i] from d[i] and what the backward pass reads. Operands: dx, d, x, y; the result fills the position of what is not read.
  case pullback(PullbackFunction, count: Int, Double)
  /// A function of contiguous rows. Operands: y, x.
  case rows(RowFunction, rows: Int, length: Int)
  /// A function of rows whose values do not lie next to each other. Operands: y, x.
  indirect case stridedRows(RowFunction, StridedRows)
  /// y[j] = the sum over the rows of x[row, j]. Operands: y, x.
  case sumRows(rows: Int, columns: Int, rowStride: Int)
  /// A matrix product and what is fused to it. Operands: ``FusedProduct``.
  case product(FusedProduct)
  /// Matrix products one after the other, of operands that begin at `starts`. Operands: c, a, b.
  indirect case products(ProductSizes, starts: [MatrixStarts])
  /// y[i] = a value. Operands: y.
  case fill(count: Int, Double)
  /// A block of these extents, read with one list of strides and written with another. Operands: y, x.
  indirect case copy(extents: [Int], from: [Int], to: [Int])
  /// A copy in which a tensor of whole numbers says from where, or to where. Operands: y, x, indices.
  case indexed(IndexedCopy)
  /// y[i] = log softmax(row i of x)[classes[i]]. Operands: y, x, classes.
  case logLikelihood(rows: Int, length: Int)
  /// Its gradient, weighted by an upstream value for each row. Operands: dx, upstream, logits, classes.
  case logLikelihoodGradient(rows: Int, length: Int)
  /// A random mask of numbers from `first` on, by a key that is looked up when the call is carried out. Operands: y.
  case mask(RandomMask, key: Int, first: Int, count: Int)
  /// One of the three sums of a convolution. Operands: the sum, then the other two.
  indirect case convolution(ConvolutionSum, ConvolutionGeometry)
  /// The patches of images that a window sees. Operands: patches, images.
  indirect case patches(ImagePatches, padding: Double)
  /// The images into which patches fold. Operands: images, patches.
  indirect case foldPatches(ImagePatches)
  /// A computation on whole tensors, by its number among those that the memory knows: a custom operation, say.
  /// Operands: the result, then the inputs.
  indirect case computation(Int, [Shape], Shape)
}

/// A matrix product and the parts that are fused to it. Operands: c, a, b, bias, skip, gate, scaled, column sums; the result fills the
/// positions of the parts that are left out.
struct FusedProduct: Sendable {
  /// What a product may have next to its two factors.
  struct Parts: OptionSet, Sendable {
    let rawValue: UInt8
    static let bias = Parts(rawValue: 1), skip = Parts(rawValue: 2), relu = Parts(rawValue: 4)
    static let gate = Parts(rawValue: 8), scaled = Parts(rawValue: 16)
    static let columnSums = Parts(rawValue: 32)
  }

  /// Where each operand is.
  enum Position { static let bias = 3, skip = 4, gate = 5, scaled = 6, columnSums = 7 }

  var sizes: ProductSizes
  var parts: Parts = []
  var scale = 1.0
  /// The factor of the second result.
  var scaledFactor = 1.0
}

/// Where the two operands of one product of several begin.
struct MatrixStarts: Sendable {
  let a: Int, b: Int
}

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

extension Kernel {
  /// How each operand is used; `nil` for one that is not.
  var uses: [OperandUse?] {
    func read(_ count: Int, step: Int = 0, isReplaceable: Bool = false) -> OperandUse {
      OperandUse(count: count, step: step, isReplaceable: isReplaceable)
    }
    func write(_ count: Int, step: Int = 0) -> OperandUse {
      OperandUse(isWritten: true, count: count, step: step)
    }
    func each(_ count: Int) -> OperandUse { read(count, step: 1, isReplaceable: true) }
    switch self {
    case .unary(_, let count, _, _): return [write(count, step: 1), each(count)]
    case .binary(_, let count): return [write(count, step: 1), each(count), each(count)]
    case .broadcast(_, let runs):
      return [
        write(runs.count, step: runs.length), read(runs.readCounts.0), read(runs.readCounts.1),
      ]
    case .select(let count):
      return [write(count, step: 1)] + Array(repeating: read(count, step: 1), count: 3)
    case .pullback(let function, let count, _):
      return [
        write(count, step: 1), each(count), function.readsInput ? each(count) : nil,
        function.readsOutput ? each(count) : nil,
      ]
    case .rows(let function, let rows, let length):
      let result = function.keepsLength ? length : 1
      return [write(rows * result, step: result), read(rows * length, step: length)]
    case .stridedRows(let function, let rows):
      return [write(function.keepsLength ? rows.count : rows.rows), read(rows.count)]
    case .sumRows(let rows, let columns, let rowStride):
      return [write(columns, step: 1), read((rows - 1) * rowStride + columns, step: 1)]
    case .product(let product):
      let (sizes, parts) = (product.sizes, product.parts)
      return [
        write(sizes.count, step: sizes.columns), read(sizes.aCount, step: sizes.aRow),
        read(sizes.bCount),
        parts.contains(.bias) ? read(sizes.columns) : nil,
        parts.contains(.skip)
          ? read(sizes.count, step: sizes.columns, isReplaceable: true) : nil,
        parts.contains(.gate) ? read(sizes.count, step: sizes.columns) : nil,
        parts.contains(.scaled) ? write(sizes.count, step: sizes.columns) : nil,
        parts.contains(.columnSums) ? write(sizes.columns) : nil,
      ]
    case .products(let sizes, let starts):
      return [
        write(starts.count * sizes.count, step: sizes.count),
        read((starts.map(\.a).max() ?? 0) + sizes.aCount),
        read((starts.map(\.b).max() ?? 0) + sizes.bCount),
      ]
    case .fill(let count, _): return [write(count, step: 1)]
    case .copy(let extents, let from, let to):
      func span(_ strides: [Int]) -> Int {
        extents.contains(0) ? 0 : zip(extents, strides).reduce(1) { $0 + ($1.0 - 1) * $1.1 }
      }
      return [write(span(to)), read(span(from))]
    case .indexed(let copy):
      return [
        write(copy.targetCount), copy.isOfOnes ? nil : read(copy.sourceCount), read(copy.rows),
      ]
    case .logLikelihood(let rows, let length):
      return [write(rows), read(rows * length), read(rows)]
    case .logLikelihoodGradient(let rows, let length):
      return [write(rows * length), read(rows), read(rows * length), read(rows)]
    case .mask(_, _, _, let count): return [write(count, step: 1)]
    case .convolution(let sum, let geometry):
      let use = geometry.use(in: sum)
      return [
        write(use.counts.2, step: use.steps.2), read(use.counts.0, step: use.steps.0),
        read(use.counts.1, step: use.steps.1),
      ]
    case .patches(let patches, _):
      return [write(patches.shape.elementCount), read(patches.images * patches.imageCount)]
    case .foldPatches(let patches):
      return [write(patches.images * patches.imageCount), read(patches.shape.elementCount)]
    case .computation(_, let inputs, let shape):
      return [write(shape.elementCount)] + inputs.map { read($0.elementCount) }
    }
  }

  /// The multiplications of a product or a convolution; 0 for every other call.
  var multiplications: Int {
    switch self {
    case .product(let product): product.sizes.count * product.sizes.inner
    case .products(let sizes, let starts): starts.count * sizes.count * sizes.inner
    case .convolution(_, let geometry): geometry.multiplications
    default: 0
    }
  }

  /// The values that the call needs memory for while it is carried out.
  var scratchCount: Int {
    switch self {
    case .convolution(_, let geometry): geometry.memoryCount
    case .foldPatches(let patches): patches.size * patches.positions
    case .stridedRows(_, let rows): rows.count
    case .logLikelihood(let rows, let length): rows * length
    default: 0
    }
  }

  // MARK: Division among threads

  /// How many units a call consists of that can be computed apart; `nil` for short calls and those whose parts hang
  /// together.
  var divisibleUnits: Int? {
    switch self {
    case .unary(_, let count, _, _), .binary(_, let count), .select(let count),
      .pullback(_, let count, _), .fill(let count, _), .mask(_, _, _, let count):
      count
    case .broadcast(_, let runs): runs.starts.count
    case .rows(_, let rows, _): rows
    case .sumRows(_, let columns, _): columns
    case .product(let product): product.sizes.rows
    case .products(_, let starts): starts.count
    case .convolution(let sum, let geometry): geometry.units(of: sum)
    case .stridedRows, .copy, .indexed, .logLikelihood, .logLikelihoodGradient, .patches,
      .foldPatches, .computation:
      nil
    }
  }

  /// Some units of the call, on operands that begin with the first of them, and how much further than by its step each
  /// operand begins.
  func part(_ range: Range<Int>) -> (kernel: Kernel, offsets: [Int]) {
    let count = range.count
    switch self {
    case .unary(let function, _, let a, let b): return (.unary(function, count: count, a, b), [])
    case .binary(let function, _): return (.binary(function, count: count), [])
    case .broadcast(let function, let runs):
      let part = runs.part(range)
      return (.broadcast(function, part.runs), [0, part.offsets.0, part.offsets.1])
    case .select: return (.select(count: count), [])
    case .pullback(let function, _, let a): return (.pullback(function, count: count, a), [])
    case .rows(let function, _, let length):
      return (.rows(function, rows: count, length: length), [])
    case .sumRows(let rows, _, let rowStride):
      return (.sumRows(rows: rows, columns: count, rowStride: rowStride), [])
    case .product(var product):
      product.sizes.rows = count
      product.parts.remove(.columnSums)
      return (.product(product), [])
    case .products(let sizes, let starts):
      return (.products(sizes, starts: Array(starts[range])), [])
    case .fill(_, let value): return (.fill(count: count, value), [])
    case .mask(let mask, let key, let first, _):
      // Number i of a key is the same whichever worker asks for it.
      return (.mask(mask, key: key, first: first + range.lowerBound, count: count), [])
    case .convolution(let sum, let geometry):
      return (.convolution(sum, geometry.with(count, unitsOf: sum)), [])
    default: return (self, [])
    }
  }
}

extension ProductSizes {
  /// The number of values from an operand's first to its last.
  var aCount: Int { (rows - 1) * aRow + (inner - 1) * aColumn + 1 }
  var bCount: Int { (inner - 1) * bRow + (columns - 1) * bColumn + 1 }
}
