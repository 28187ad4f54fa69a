/// Memory in which the operands of kernel calls lie.
protocol OperandMemory {
  associatedtype Scalar: TensorScalar
  associatedtype Operand

  /// Where an operand lies.
  subscript(operand: Operand) -> UnsafeMutablePointer<Scalar> { get }

  /// Calls `body` with memory for so many values.
  func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Scalar>) -> Void)

  /// The key of this number.
  func key(_ number: Int) -> Key

  /// Carries out the computation of this number on whole tensors.
  func compute(_ number: Int, _ inputs: [(Operand, Shape)], _ shape: Shape, into output: Operand)
}

extension KernelCall {
  /// Carries out the call.
  @inline(__always)
  func run<Memory: OperandMemory>(in memory: Memory) where Memory.Operand == Operand {
    typealias Scalar = Memory.Scalar
    func optional(_ operand: Operand?) -> UnsafePointer<Scalar>? {
      operand.map { UnsafePointer(memory[$0]) }
    }
    switch self {
    case .unary(let function, let count, let a, let b, let x, let y):
      Scalar.unary(function, count: count, a, b, memory[x], into: memory[y])
    case .binary(let function, let count, let x, let y, let z):
      Scalar.binary(
        function, count: count, memory[x], step: 1, memory[y], step: 1, into: memory[z])
    case .broadcast(let function, let runs, let x, let y, let z):
      var target = memory[z]
      let (x, y) = (memory[x], memory[y])
      for (xStart, yStart) in runs.starts {
        Scalar.binary(
          function, count: runs.length, x + xStart, step: runs.steps.0, y + yStart,
          step: runs.steps.1, into: target)
        target += runs.length
      }
    case .select(let count, let mask, let x, let y, let z):
      Scalar.select(count: count, mask: memory[mask], memory[x], memory[y], into: memory[z])
    case .pullback(let function, let count, let a, let d, let x, let y, let dx):
      Scalar.pullback(
        function, count: count, a, memory[d], input: optional(x), output: optional(y),
        into: memory[dx])
    case .rows(let function, let rows, let length, let x, let y):
      Scalar.rows(function, rows: rows, length: length, memory[x], into: memory[y])
    case .stridedRows(let function, let rows, let x, let y):
      memory.withScratch(rows.count) {
        rows.run(function, memory[x], into: memory[y], scratch: $0)
      }
    case .sumRows(let rows, let columns, let rowStride, let x, let y):
      Scalar.sumRows(
        rows: rows, columns: columns, memory[x], rowStride: rowStride, into: memory[y])
    case .product(let call):
      var epilogue = ProductEpilogue<Scalar>()
      epilogue.bias = optional(call.bias)
      epilogue.scale = call.scale
      epilogue.skip = optional(call.skip)
      epilogue.appliesRelu = call.appliesRelu
      epilogue.gate = optional(call.gate)
      epilogue.scaled = call.scaled.map { memory[$0] }
      epilogue.scaledFactor = call.scaledFactor
      epilogue.columnSums = call.columnSums.map { memory[$0] }
      Scalar.product(
        call.sizes, memory[call.a], memory[call.b], epilogue, into: memory[call.output])
    case .products(let sizes, let starts, let a, let b, let c):
      let (a, b) = (memory[a], memory[b])
      var target = memory[c]
      for start in starts {
        Scalar.product(sizes, a + start.a, b + start.b, ProductEpilogue(), into: target)
        target += sizes.count
      }
    case .fill(let count, let value, let y):
      memory[y].update(repeating: Scalar(value), count: count)
    case .copy(let extents, let from, let to, let x, let y):
      StridedCopy.copy(memory[x], from, extents: extents, into: memory[y], to)
    case .indexed(let copy, let x, let indices, let y):
      copy.run(optional(x), memory[indices], into: memory[y])
    case .logLikelihood(let rows, let length, let x, let classes, let y):
      memory.withScratch(rows * length) { logProbabilities in
        let row = Scalar.logLikelihood(
          rows: rows, length: length, memory[x], classes: memory[classes],
          logProbabilities: logProbabilities, into: memory[y])
        if row != rows { IndexedCopy.refuse(memory[classes][row], row: row, bound: length) }
      }
    case .logLikelihoodGradient(let rows, let length, let upstream, let logits, let classes, let dx):
      Scalar.rows(.logSoftmax, rows: rows, length: length, memory[logits], into: memory[dx])
      let row = Scalar.logLikelihoodGradient(
        rows: rows, length: length, classes: memory[classes], upstream: memory[upstream],
        into: memory[dx])
      if row != rows { IndexedCopy.refuse(memory[classes][row], row: row, bound: length) }
    case .mask(let mask, let key, let first, let count, let y):
      Scalar.mask(
        count: count, key: memory.key(key), from: first, below: mask.threshold, kept: mask.kept,
        into: memory[y])
    case .convolution(let sum, let geometry, let x, let y, let output):
      memory.withScratch(geometry.memoryCount) {
        geometry.compute(sum, memory[x], memory[y], into: memory[output], memory: $0)
      }
    case .patches(let patches, let padding, let x, let y):
      patches.takeAll(memory[x], into: memory[y], padding: Scalar(padding))
    case .foldPatches(let patches, let x, let y):
      memory.withScratch(patches.size * patches.positions) {
        patches.foldAll(memory[x], into: memory[y], memory: $0)
      }
    case .computation(let number, let inputs, let shape, let output):
      memory.compute(number, inputs, shape, into: output)
    }
  }
}

extension StridedRows {
  /// Brings the rows together, takes the function of each, and puts what keeps its length back in the tensor's order.
  func run<S: TensorScalar>(
    _ function: RowFunction, _ x: UnsafePointer<S>, into y: UnsafeMutablePointer<S>,
    scratch: UnsafeMutablePointer<S>
  ) {
    let contiguous = Shape(extents).strides
    StridedCopy.copy(x, strides, extents: extents, into: scratch, contiguous)
    if function.keepsLength {
      S.rows(function, rows: rows, length: length, scratch, into: scratch)
      StridedCopy.copy(scratch, contiguous, extents: extents, into: y, strides)
    } else {
      S.rows(function, rows: rows, length: length, scratch, into: y)
    }
  }
}
