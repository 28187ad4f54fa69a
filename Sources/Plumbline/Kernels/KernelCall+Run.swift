/// Memory that holds the operands of kernel calls.
protocol OperandMemory {
  associatedtype Scalar: TensorScalar
  associatedtype Operand: KernelOperand

  /// The address of an operand.
  subscript(operand: Operand) -> UnsafeMutablePointer<Scalar> { get }

  /// Calls `body` with memory for this many values.
  func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Scalar>) -> Void)

  /// Carries out a kernel that exists only for these operands.
  func run(_ addition: Operand.Addition, _ operands: Operands<Operand>)
}

extension KernelCall {
  /// Carries out the call.
  @inline(__always)
  func run<Memory: OperandMemory>(in memory: Memory) where Memory.Operand == Operand {
    typealias Scalar = Memory.Scalar
    @inline(__always)
    func at(_ index: Int) -> UnsafeMutablePointer<Scalar> { memory[operands[index]] }
    switch kernel {
    case .unary(let function, let count, let a, let b):
      Scalar.unary(function, count: count, a, b, at(1), into: at(0))
    case .binary(let function, let count):
      Scalar.binary(function, count: count, at(1), step: 1, at(2), step: 1, into: at(0))
    case .broadcast(let function, let runs):
      runs.run(function, at(1), at(2), into: at(0))
    case .select(let count): Scalar.select(count: count, mask: at(1), at(2), at(3), into: at(0))
    case .pullback(let function, let count, let a):
      Scalar.pullback(function, count: count, a, at(1), input: at(2), output: at(3), into: at(0))
    case .rows(let function, let rows, let length):
      Scalar.rows(function, rows: rows, length: length, at(1), into: at(0))
    case .stridedRows(let function, let rows):
      memory.withScratch(rows.count) { rows.run(function, at(1), into: at(0), scratch: $0) }
    case .sumRows(let rows, let columns, let rowStride):
      Scalar.sumRows(rows: rows, columns: columns, at(1), rowStride: rowStride, into: at(0))
    case .product(let product):
      let parts = product.parts
      var epilogue = ProductEpilogue<Scalar>()
      if parts.contains(.bias) { epilogue.bias = UnsafePointer(at(FusedProduct.Position.bias)) }
      epilogue.scale = product.scale
      if parts.contains(.skip) { epilogue.skip = UnsafePointer(at(FusedProduct.Position.skip)) }
      epilogue.appliesRelu = parts.contains(.relu)
      if parts.contains(.gate) { epilogue.gate = UnsafePointer(at(FusedProduct.Position.gate)) }
      if parts.contains(.scaled) { epilogue.scaled = at(FusedProduct.Position.scaled) }
      epilogue.scaledFactor = product.scaledFactor
      if parts.contains(.columnSums) { epilogue.columnSums = at(FusedProduct.Position.columnSums) }
      Scalar.product(product.sizes, at(1), at(2), epilogue, into: at(0))
    case .products(let sizes, let starts):
      var target = at(0)
      for start in starts {
        Scalar.product(sizes, at(1) + start.a, at(2) + start.b, ProductEpilogue(), into: target)
        target += sizes.count
      }
    case .fill(let count, let value): at(0).update(repeating: Scalar(value), count: count)
    case .copy(let extents, let from, let to):
      StridedCopy.copy(at(1), from, extents: extents, into: at(0), to)
    case .indexed(let copy): copy.run(at(1), at(2), into: at(0))
    case .logLikelihood(let rows, let length):
      memory.withScratch(rows * length) { logProbabilities in
        let row = Scalar.logLikelihood(
          rows: rows, length: length, at(1), classes: at(2), logProbabilities: logProbabilities,
          into: at(0))
        if row != rows { IndexedCopy.refuse(at(2)[row], row: row, bound: length) }
      }
    case .logLikelihoodGradient(let rows, let length):
      Scalar.rows(.logSoftmax, rows: rows, length: length, at(2), into: at(0))
      let row = Scalar.logLikelihoodGradient(
        rows: rows, length: length, classes: at(3), upstream: at(1), into: at(0))
      if row != rows { IndexedCopy.refuse(at(3)[row], row: row, bound: length) }
    case .convolution(let sum, let geometry):
      memory.withScratch(geometry.memoryCount) {
        geometry.compute(sum, at(1), at(2), into: at(0), memory: $0)
      }
    case .patches(let patches, let padding):
      patches.takeAll(at(1), into: at(0), padding: Scalar(padding))
    case .foldPatches(let patches):
      memory.withScratch(patches.size * patches.positions) {
        patches.foldAll(at(1), into: at(0), memory: $0)
      }
    case .addition(let addition): memory.run(addition, operands)
    }
  }
}

extension BroadcastRuns {
  /// Carries out every run.
  func run<S: TensorScalar>(
    _ function: BinaryFunction, _ x: UnsafePointer<S>, _ y: UnsafePointer<S>,
    into z: UnsafeMutablePointer<S>
  ) {
    var target = z
    for (xStart, yStart) in starts {
      S.binary(
        function, count: length, x + xStart, step: steps.0, y + yStart, step: steps.1,
        into: target)
      target += length
    }
  }
}

extension StridedRows {
  /// Gathers the rows, applies the function to each, and puts results of the same length back in the tensor's order.
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
