/// A kernel call: what is computed, and on which operands.
///
/// The one vocabulary of the engine. An operation states its calls once; the eager engine carries them out on tensors, the plan of
/// a replay holds them on values that have no memory yet, and the replay on addresses, so a replay equals the eager engine by
/// construction.
struct KernelCall<Operand: KernelOperand> {
  /// What is computed.
  var kernel: Kernel<Operand.Addition>
  /// The operands.
  var operands: Operands<Operand>

  init(_ kernel: Kernel<Operand.Addition>, _ result: Operand, _ others: [Operand]) {
    self.kernel = kernel
    operands = Operands(result, others)
  }

  init(_ kernel: Kernel<Operand.Addition>, _ operands: Operands<Operand>) {
    self.kernel = kernel
    self.operands = operands
  }

  /// The same call on other operands.
  func map<New: KernelOperand>(
    _ transform: (Operand) -> New
  ) -> KernelCall<New> where New.Addition == Operand.Addition {
    let result = transform(operands[0])
    let others = kernel.description.uses.enumerated().dropFirst().map { index, use in
      use == nil ? result : transform(operands[index])
    }
    return KernelCall<New>(kernel, result, others)
  }

  /// Every operand and how it is used, the result first.
  var uses: [(operand: Operand, use: OperandUse)] {
    kernel.description.uses.enumerated().compactMap { index, use in
      use.map { (operands[index], $0) }
    }
  }

  /// The operands that are read.
  var reads: [Operand] { uses.filter { !$0.use.isWritten }.map(\.operand) }

  /// The operands that are written, the result first.
  var writes: [Operand] { uses.filter(\.use.isWritten).map(\.operand) }
}

/// The operands of a call by number. Eight are stored in place, as many as the largest kernel has, so that a call is copied
/// without its own memory.
struct Operands<Operand> {
  private var first: (Operand, Operand, Operand, Operand, Operand, Operand, Operand, Operand)
  private var more: [Operand]?

  /// The result and the others; unused entries hold the result.
  init(_ result: Operand, _ others: [Operand]) {
    func operand(_ index: Int) -> Operand { index <= others.count ? others[index - 1] : result }
    first = (
      result, operand(1), operand(2), operand(3), operand(4), operand(5), operand(6), operand(7)
    )
    more = others.count > 7 ? Array(others[7...]) : nil
  }

  @inline(__always)
  subscript(index: Int) -> Operand {
    get {
      switch index {
      case 0: first.0
      case 1: first.1
      case 2: first.2
      case 3: first.3
      case 4: first.4
      case 5: first.5
      case 6: first.6
      case 7: first.7
      default: more![index - 8]
      }
    }
    set {
      switch index {
      case 0: first.0 = newValue
      case 1: first.1 = newValue
      case 2: first.2 = newValue
      case 3: first.3 = newValue
      case 4: first.4 = newValue
      case 5: first.5 = newValue
      case 6: first.6 = newValue
      case 7: first.7 = newValue
      default: more![index - 8] = newValue
      }
    }
  }
}

/// An operand that can be moved along its memory.
protocol KernelOperand {
  /// The kernels on such operands besides those of ``Kernel``.
  associatedtype Addition: KernelAddition

  static func + (operand: Self, offset: Int) -> Self
}

extension UnsafeMutablePointer: KernelOperand where Pointee: TensorScalar {
  typealias Addition = Never
}

extension KernelCall {
  /// The calls that one of `count` workers carries out for this one; none if it has no part in it.
  ///
  /// Each part is computed by the same kernel, so every value is computed as it would be without the division.
  func part(_ worker: Int, of count: Int) -> [KernelCall] {
    let description = kernel.description
    guard let division = description.division else { return worker == 0 ? [self] : [] }
    let range = division.units * worker / count..<division.units * (worker + 1) / count
    var parts: [KernelCall] = []
    if !range.isEmpty {
      let (kernel, offsets) = division.part(range)
      var part = KernelCall(kernel, operands)
      for (index, use) in description.uses.enumerated() {
        guard let use else { continue }
        let offset = index < offsets.count ? offsets[index] : 0
        part.operands[index] = operands[index] + (use.step * range.lowerBound + offset)
      }
      parts.append(part)
    }
    if case .product(let product) = kernel, product.parts.contains(.columnSums) {
      let sizes = product.sizes
      let sums = KernelCall(
        .sumRows(rows: sizes.inner, columns: sizes.columns, rowStride: sizes.bRow),
        operands[FusedProduct.Position.columnSums], [operands[2]])
      parts += sums.part(worker, of: count)
    }
    return parts
  }
}
