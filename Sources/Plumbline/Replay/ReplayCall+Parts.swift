// A call divided among workers: each gets a call of its own on a part of the output, computed by the same kernel, so
// every value is computed as it would be without the division.

extension ReplayCall {
  /// The calls that one of `count` workers carries out for this one; none where it has no part in it.
  func part(_ worker: Int, of count: Int) -> [ReplayCall] {
    /// This worker's share of `length` values or rows, and no call where it is empty.
    func share(_ length: Int, _ call: (_ start: Int, _ count: Int) -> ReplayCall) -> [ReplayCall] {
      let start = length * worker / count
      let end = length * (worker + 1) / count
      return start == end ? [] : [call(start, end - start)]
    }
    switch self {
    case .unary(let function, let values, let x, let output):
      return share(values) { .unary(function, count: $1, x + $0, into: output + $0) }
    case .binary(let function, let values, let x, let y, let output):
      return share(values) { .binary(function, count: $1, x + $0, y + $0, into: output + $0) }
    case .binaryConstant(let function, let values, let x, let constant, let output):
      return share(values) {
        .binaryConstant(function, count: $1, x + $0, constant, into: output + $0)
      }
    case .select(let values, let mask, let x, let y, let output):
      return share(values) {
        .select(count: $1, mask: mask + $0, x + $0, y + $0, into: output + $0)
      }
    case .activation(let function, let values, let a, let b, let x, let output):
      return share(values) { .activation(function, count: $1, a, b, x + $0, into: output + $0) }
    case .activationGradient(let function, let values, let a, let d, let x, let y, let output):
      return share(values) { start, count in
        .activationGradient(
          function, count: count, a, d + start, input: x.map { $0 + start },
          output: y.map { $0 + start }, into: output + start)
      }
    case .rows(let function, let rows, let length, let x, let output):
      let outputLength = function == .logSumExp ? 1 : length
      return share(rows) {
        .rows(
          function, rows: $1, length: length, x + $0 * length, into: output + $0 * outputLength)
      }
    case .sumRows(let rows, let columns, let x, let rowStride, let output):
      return share(columns) {
        .sumRows(rows: rows, columns: $1, x + $0, rowStride: rowStride, into: output + $0)
      }
    case .sumRuns(let runs, let length, let x, let output):
      return share(runs) {
        .sumRuns(runs: $1, length: length, x + $0 * length, into: output + $0)
      }
    case .product(let call):
      var parts = share(call.product.rows) { .product(call.rows($0..<$0 + $1)) }
      if let sums = call.columnSums {
        let product = call.product
        let whole = ReplayCall.sumRows(
          rows: product.inner, columns: product.columns, call.b,
          rowStride: product.bStrides.row, into: sums)
        parts += whole.part(worker, of: count)
      }
      return parts
    case .draw(let values, let key, let first, let count, let output):
      // Number i of a key is the same whoever asks for it; what a function makes is made as a whole.
      guard case .mask = values else { return worker == 0 ? [self] : [] }
      return share(count) {
        .draw(values, key: key, from: first + $0, count: $1, into: output + $0)
      }
    case .convolution(.weight, let geometry, let x, let y, let output):
      // A sum over the images, in their order: divided by channels, whose weights lie side by side.
      let patches = geometry.patches
      return share(patches.channels) { start, count in
        .convolution(
          .weight, geometry.with(channels: count), x + start * patches.height * patches.width, y,
          into: output + start * patches.window.area * geometry.outputs)
      }
    case .convolution(let sum, let geometry, let x, let y, let output):
      let (image, result) = (geometry.patches.imageCount, geometry.resultCount)
      return share(geometry.patches.images) { start, count in
        .convolution(
          sum, geometry.with(images: count), x + start * (sum == .result ? image : result), y,
          into: output + start * (sum == .result ? result : image))
      }
    case .broadcastBinary(let function, let runs, let x, let y, let output):
      return share(runs.starts.count) { start, count in
        let part = runs.part(start..<start + count)
        return .broadcastBinary(
          function, part.runs, x + part.offsets.0, y + part.offsets.1,
          into: output + start * runs.length)
      }
    // Short ones, and those that are not divided by rows.
    case .gather, .logLikelihood, .logLikelihoodGradient, .patches, .foldPatches,
      .pad, .reduction, .operation:
      return worker == 0 ? [self] : []
    }
  }

  /// The values that the call needs memory for while it runs.
  var memoryCount: Int {
    switch self {
    case .convolution(_, let geometry, _, _, _): geometry.memoryCount
    case .foldPatches(let patches, _, _): patches.size * patches.positions
    case .reduction(_, _, let extents, _, _, _): extents.reduce(1, *)
    default: 0
    }
  }

  /// A run of values that a call reads or writes.
  struct Extent {
    let start: Address
    let count: Int
  }

  /// What the call reads and what it writes.
  var footprint: (reads: [Extent], writes: [Extent]) {
    func extent(_ start: Address, _ count: Int) -> Extent { Extent(start: start, count: count) }
    switch self {
    case .unary(_, let count, let x, let output),
      .binaryConstant(_, let count, let x, _, let output),
      .activation(_, let count, _, _, let x, let output):
      return ([extent(x, count)], [extent(output, count)])
    case .binary(_, let count, let x, let y, let output):
      return ([extent(x, count), extent(y, count)], [extent(output, count)])
    case .broadcastBinary(_, let runs, let x, let y, let output):
      let last = runs.starts.reduce((0, 0)) { (max($0.0, $1.0), max($0.1, $1.1)) }
      return (
        [
          extent(x, last.0 + (runs.length - 1) * runs.steps.0 + 1),
          extent(y, last.1 + (runs.length - 1) * runs.steps.1 + 1),
        ], [extent(output, runs.length * runs.starts.count)]
      )
    case .select(let count, let mask, let x, let y, let output):
      return ([mask, x, y].map { extent($0, count) }, [extent(output, count)])
    case .activationGradient(_, let count, _, let d, let x, let y, let output):
      return ([d, x, y].compactMap { $0 }.map { extent($0, count) }, [extent(output, count)])
    case .rows(let function, let rows, let length, let x, let output):
      let count = function == .logSumExp ? rows : rows * length
      return ([extent(x, rows * length)], [extent(output, count)])
    case .logLikelihood(let shape, let x, let classes, _, let output):
      let rows = shape.extents[0]
      return ([extent(x, shape.elementCount), extent(classes, rows)], [extent(output, rows)])
    case .logLikelihoodGradient(let shape, let upstream, let logits, let classes, let output):
      let rows = shape.extents[0]
      return (
        [extent(upstream, rows), extent(logits, shape.elementCount), extent(classes, rows)],
        [extent(output, shape.elementCount)]
      )
    case .sumRows(let rows, let columns, let x, let rowStride, let output):
      return ([extent(x, (rows - 1) * rowStride + columns)], [extent(output, columns)])
    case .sumRuns(let runs, let length, let x, let output):
      return ([extent(x, runs * length)], [extent(output, runs)])
    case .gather(let extents, let strides, let x, let output):
      let last = zip(extents, strides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
      return ([extent(x, last + 1)], [extent(output, extents.reduce(1, *))])
    case .draw(_, _, _, let count, let output): return ([], [extent(output, count)])
    case .convolution(let sum, let geometry, let x, let y, let output):
      let images = geometry.imagesCount
      let result = geometry.patches.images * geometry.resultCount
      let counts =
        switch sum {
        case .result: (images, geometry.weightCount, result)
        case .images: (result, geometry.weightCount, images)
        case .weight: (images, result, geometry.weightCount)
        }
      return ([extent(x, counts.0), extent(y, counts.1)], [extent(output, counts.2)])
    case .patches(let patches, _, let x, let output):
      let count = patches.images * patches.imageCount
      return ([extent(x, count)], [extent(output, patches.shape.elementCount)])
    case .foldPatches(let patches, let x, let output):
      let count = patches.images * patches.imageCount
      return ([extent(x, patches.shape.elementCount)], [extent(output, count)])
    case .pad(let count, let extents, _, _, let x, let output):
      return ([extent(x, extents.reduce(1, *))], [extent(output, count)])
    case .reduction(_, let runs, let extents, _, let x, let output):
      return ([extent(x, extents.reduce(1, *))], [extent(output, runs)])
    case .operation(_, let inputs, let shape, let output):
      return (
        inputs.map { extent($0.0, $0.1.elementCount) }, [extent(output, shape.elementCount)]
      )
    case .product(let call):
      let product = call.product
      let (m, n, k) = (product.rows, product.columns, product.inner)
      let (a, b) = (product.aStrides, product.bStrides)
      var reads = [
        extent(call.a, (m - 1) * a.row + (k - 1) * a.column + 1),
        extent(call.b, (k - 1) * b.row + (n - 1) * b.column + 1),
      ]
      if let bias = call.bias { reads.append(extent(bias, n)) }
      for matrix in [call.skip, call.gate].compactMap({ $0 }) {
        reads.append(extent(matrix, m * n))
      }
      var writes = [extent(call.output, m * n)]
      if let scaled = call.scaled { writes.append(extent(scaled, m * n)) }
      if let sums = call.columnSums { writes.append(extent(sums, n)) }
      return (reads, writes)
    }
  }
}

extension ReplayCall.ProductCall {
  /// Some rows of the product, without the column sums.
  fileprivate func rows(_ rows: Range<Int>) -> Self {
    let start = rows.lowerBound * product.columns
    var part = self
    part.product.rows = rows.count
    part.a = a + rows.lowerBound * product.aStrides.row
    part.output = output + start
    part.skip = skip.map { $0 + start }
    part.gate = gate.map { $0 + start }
    part.scaled = scaled.map { $0 + start }
    part.columnSums = nil
    return part
  }
}

extension ReplayMemory.Address {
  fileprivate static func + (address: Self, offset: Int) -> Self {
    Self(region: address.region, offset: address.offset + offset)
  }
}
