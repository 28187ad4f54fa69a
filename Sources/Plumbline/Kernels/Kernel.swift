/// What a kernel call computes and how much of it, without its operands: those are numbered, the result first.
///
/// A new kind of kernel is a case here, its ``description``, and how it is carried out (``KernelCall/run(in:)``); both switches
/// name every case, so that the compiler requires them. What a call reads and writes, and how it is divided among threads, follow
/// from the description. Whatever holds more than plain numbers is in its own box, so that a replay copies a call without counting
/// references.
enum Kernel<Addition: KernelAddition>: Sendable {
  /// y[i] = f(x[i]) with settings. Operands: y, x.
  case unary(UnaryFunction, count: Int, Double, Double)
  /// z[i] = f(x[i], y[i]). Operands: z, x, y.
  case binary(BinaryFunction, count: Int)
  /// The same with operands that are repeated.
  indirect case broadcast(BinaryFunction, BroadcastRuns)
  /// z[i] = x[i] where the mask is not 0, y[i] elsewhere. Operands: z, mask, x, y.
  case select(count: Int)
  /// dx[i] from d[i] and what the backward pass reads. Operands: dx, d, x, y; the result fills the position of an operand that is
  /// not read.
  case pullback(PullbackFunction, count: Int, Double)
  /// A function of contiguous rows. Operands: y, x.
  case rows(RowFunction, rows: Int, length: Int)
  /// A function of rows whose values are not contiguous. Operands: y, x.
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
  /// A copy in which a tensor of whole numbers gives the sources or the targets. Operands: y, x, indices.
  case indexed(IndexedCopy)
  /// y[i] = log softmax(row i of x)[classes[i]]. Operands: y, x, classes.
  case logLikelihood(rows: Int, length: Int)
  /// Its gradient, weighted by an upstream value for each row. Operands: dx, upstream, logits, classes.
  case logLikelihoodGradient(rows: Int, length: Int)
  /// One of the three sums of a convolution. Operands: the sum, then the other two.
  indirect case convolution(ConvolutionSum, ConvolutionGeometry)
  /// The patches of images that a window sees. Operands: patches, images.
  indirect case patches(ImagePatches, padding: Double)
  /// The images into which patches fold. Operands: images, patches.
  indirect case foldPatches(ImagePatches)
  /// A kernel that exists only for some operands.
  indirect case addition(Addition)
}

/// A kernel for some kind of operands only, for example one that depends on the randomness of a recorded step. `Never` for operands
/// that have only the kernels of ``Kernel``.
protocol KernelAddition: Sendable {
  /// What is known about it before it is carried out.
  var description: KernelDescription<Self> { get }
}

extension Never: KernelAddition {
  var description: KernelDescription<Never> { switch self {} }
}

/// A matrix product and the parts that are fused to it. Operands: c, a, b, bias, skip, gate, scaled, column sums; the result fills
/// the positions of the parts that are left out.
struct FusedProduct: Sendable {
  /// What a product may have in addition to its two factors.
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
  /// Whether it is written; otherwise it is read.
  var isWritten = false
  /// The number of values from the operand's first to the last one that is used.
  var count: Int
  /// How far it moves from one unit of a divided call to the next; 0 if all parts use the same values.
  var step = 0
  /// Whether the output may take over its memory: each value is read before the output is written in its place.
  var isReplaceable = false
}

/// What is known about a kernel before it is carried out.
struct KernelDescription<Kernel> {
  /// How each operand is used; `nil` for one that is not.
  var uses: [OperandUse?]
  /// The multiplications of a product or a convolution; 0 for every other kernel.
  var multiplications = 0
  /// The number of values for which the kernel needs memory while it is carried out.
  var scratchCount = 0
  /// How it is divided among threads; `nil` for short kernels and those whose parts depend on each other.
  var division: Division?

  /// Units that can be computed separately.
  struct Division {
    /// How many there are.
    let units: Int
    /// A kernel for some of them, on operands that begin with the first of these, and how much farther than by its step each
    /// operand begins.
    let part: (Range<Int>) -> (kernel: Kernel, offsets: [Int])
  }

  /// A kernel that is carried out whole.
  init(_ uses: [OperandUse?], scratchCount: Int = 0) {
    self.uses = uses
    self.scratchCount = scratchCount
  }

  /// A kernel of units; from one to the next, every operand begins farther by its step.
  init(
    _ uses: [OperandUse?], multiplications: Int = 0, scratchCount: Int = 0, units: Int,
    part: @escaping (Range<Int>) -> Kernel
  ) {
    self.init(uses, scratchCount: scratchCount)
    self.multiplications = multiplications
    division = Division(units: units) { (part($0), []) }
  }

  /// The same for a kernel that contains this one.
  func map<New>(_ transform: @escaping (Kernel) -> New) -> KernelDescription<New> {
    var new = KernelDescription<New>(uses, scratchCount: scratchCount)
    new.multiplications = multiplications
    new.division = division.map { division in
      .init(units: division.units) { range in
        let (kernel, offsets) = division.part(range)
        return (transform(kernel), offsets)
      }
    }
    return new
  }
}

extension Kernel {
  /// What is known about the kernel before it is carried out.
  var description: KernelDescription<Kernel> {
    typealias Description = KernelDescription<Kernel>
    func read(_ count: Int, step: Int = 0, isReplaceable: Bool = false) -> OperandUse {
      OperandUse(count: count, step: step, isReplaceable: isReplaceable)
    }
    func write(_ count: Int, step: Int = 0) -> OperandUse {
      OperandUse(isWritten: true, count: count, step: step)
    }
    func each(_ count: Int) -> OperandUse { read(count, step: 1, isReplaceable: true) }
    switch self {
    case .unary(let function, let count, let a, let b):
      return Description([write(count, step: 1), each(count)], units: count) {
        .unary(function, count: $0.count, a, b)
      }
    case .binary(let function, let count):
      return Description([write(count, step: 1), each(count), each(count)], units: count) {
        .binary(function, count: $0.count)
      }
    case .broadcast(let function, let runs):
      let counts = runs.readCounts
      var description = Description([
        write(runs.count, step: runs.length), read(counts.0), read(counts.1),
      ])
      description.division = .init(units: runs.starts.count) { range in
        let part = runs.part(range)
        return (.broadcast(function, part.runs), [0, part.offsets.0, part.offsets.1])
      }
      return description
    case .select(let count):
      return Description(
        [write(count, step: 1)] + Array(repeating: read(count, step: 1), count: 3), units: count
      ) { .select(count: $0.count) }
    case .pullback(let function, let count, let a):
      let uses = [
        write(count, step: 1), each(count), function.readsInput ? each(count) : nil,
        function.readsOutput ? each(count) : nil,
      ]
      return Description(uses, units: count) { .pullback(function, count: $0.count, a) }
    case .rows(let function, let rows, let length):
      let result = function.keepsLength ? length : 1
      return Description(
        [write(rows * result, step: result), read(rows * length, step: length)], units: rows
      ) { .rows(function, rows: $0.count, length: length) }
    case .stridedRows(let function, let rows):
      return Description(
        [write(function.keepsLength ? rows.count : rows.rows), read(rows.count)],
        scratchCount: rows.count)
    case .sumRows(let rows, let columns, let rowStride):
      return Description(
        [write(columns, step: 1), read((rows - 1) * rowStride + columns, step: 1)], units: columns
      ) { .sumRows(rows: rows, columns: $0.count, rowStride: rowStride) }
    case .product(let product):
      return Description(
        product.uses, multiplications: product.sizes.count * product.sizes.inner,
        units: product.sizes.rows
      ) { range in
        var part = product
        part.sizes.rows = range.count
        part.parts.remove(.columnSums)
        return .product(part)
      }
    case .products(let sizes, let starts):
      let uses = [
        write(starts.count * sizes.count, step: sizes.count),
        read((starts.map(\.a).max() ?? 0) + sizes.aCount),
        read((starts.map(\.b).max() ?? 0) + sizes.bCount),
      ]
      return Description(
        uses, multiplications: starts.count * sizes.count * sizes.inner, units: starts.count
      ) { .products(sizes, starts: Array(starts[$0])) }
    case .fill(let count, let value):
      return Description([write(count, step: 1)], units: count) { .fill(count: $0.count, value) }
    case .copy(let extents, let from, let to):
      return Description([write(Loop.span(extents, to)), read(Loop.span(extents, from))])
    case .indexed(let copy):
      return Description([
        write(copy.targetCount), copy.isOfOnes ? nil : read(copy.sourceCount), read(copy.rows),
      ])
    case .logLikelihood(let rows, let length):
      return Description(
        [write(rows), read(rows * length), read(rows)], scratchCount: rows * length)
    case .logLikelihoodGradient(let rows, let length):
      return Description([write(rows * length), read(rows), read(rows * length), read(rows)])
    case .convolution(let sum, let geometry):
      let use = geometry.use(in: sum)
      let uses = [
        write(use.counts.2, step: use.steps.2), read(use.counts.0, step: use.steps.0),
        read(use.counts.1, step: use.steps.1),
      ]
      return Description(
        uses, multiplications: geometry.multiplications, scratchCount: geometry.memoryCount,
        units: geometry.units(of: sum)
      ) { .convolution(sum, geometry.with($0.count, unitsOf: sum)) }
    case .patches(let patches, _):
      return Description([
        write(patches.shape.elementCount), read(patches.images * patches.imageCount),
      ])
    case .foldPatches(let patches):
      return Description(
        [write(patches.images * patches.imageCount), read(patches.shape.elementCount)],
        scratchCount: patches.size * patches.positions)
    case .addition(let addition):
      return addition.description.map { .addition($0) }
    }
  }
}

extension FusedProduct {
  /// How each operand is used; `nil` for the operand of a part that is left out.
  fileprivate var uses: [OperandUse?] {
    let matrix = OperandUse(count: sizes.count, step: sizes.columns)
    var output = matrix
    var replaceable = matrix
    output.isWritten = true
    replaceable.isReplaceable = true
    return [
      output, OperandUse(count: sizes.aCount, step: sizes.aRow), OperandUse(count: sizes.bCount),
      parts.contains(.bias) ? OperandUse(count: sizes.columns) : nil,
      parts.contains(.skip) ? replaceable : nil, parts.contains(.gate) ? matrix : nil,
      parts.contains(.scaled) ? output : nil,
      parts.contains(.columnSums) ? OperandUse(isWritten: true, count: sizes.columns) : nil,
    ]
  }
}

extension ProductSizes {
  /// The number of values from an operand's first to its last.
  var aCount: Int { (rows - 1) * aRow + (inner - 1) * aColumn + 1 }
  var bCount: Int { (inner - 1) * bRow + (columns - 1) * bColumn + 1 }
}
