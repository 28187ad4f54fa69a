/// What a recorded step computes besides the kernels on its operands: kernels that depend on the step's randomness, take whole
/// tensors, or put parts together in place.
enum ReplayKernel: KernelAddition {
  /// A random mask of numbers from `first` on, by a key that is looked up when the call is carried out. Operands: y.
  case mask(RandomMask, key: Int, first: Int, count: Int)
  /// A computation on whole tensors, by its number among those of the step: such as a custom operation. Operands: the result, then
  /// the inputs.
  indirect case computation(Int, [Shape], Shape)
  /// y = x + 0 in a block of other strides: what is left of x in a sum of blocks that do not overlap, each of them among zeros. Operands:
  /// y, x.
  indirect case block(extents: [Int], from: [Int], to: [Int])

  var description: KernelDescription<Self> {
    switch self {
    case .mask(let mask, let key, let first, let count):
      // Number i of a key is the same for every worker.
      return KernelDescription([OperandUse(isWritten: true, count: count, step: 1)], units: count) {
        .mask(mask, key: key, first: first + $0.lowerBound, count: $0.count)
      }
    case .computation(_, let inputs, let shape):
      return KernelDescription(
        [OperandUse(isWritten: true, count: shape.elementCount)]
          + inputs.map { OperandUse(count: $0.elementCount) })
    case .block(let extents, let from, let to):
      func use(_ strides: [Int], isWritten: Bool) -> OperandUse {
        OperandUse(
          isWritten: isWritten, count: Loop.span(extents, strides), step: strides.first ?? 0)
      }
      return KernelDescription(
        [use(to, isWritten: true), use(from, isWritten: false)], units: extents.first ?? 1
      ) {
        .block(extents: [$0.count] + extents.dropFirst(), from: from, to: to)
      }
    }
  }
}

extension ReplayKernel {
  /// Carries out a ``block(extents:from:to:)``.
  static func addZero<Scalar: TensorScalar>(
    _ source: UnsafePointer<Scalar>, _ from: [Int], extents: [Int],
    into target: UnsafeMutablePointer<Scalar>, _ to: [Int]
  ) {
    let loop = Loop(extents: extents, strides: [from, to])
    let (sourceStep, targetStep) = (loop.innerStrides[0], loop.innerStrides[1])
    var zero = Scalar(0)
    loop.forEachRun { offsets in
      let (source, target) = (source + offsets[0], target + offsets[1])
      // In one call where the results are neighbors, otherwise in one for each value.
      let (count, calls) = targetStep == 1 ? (loop.innerExtent, 1) : (1, loop.innerExtent)
      for index in 0..<calls {
        Scalar.binary(
          .add, count: count, source + index * sourceStep, step: sourceStep, &zero, step: 0,
          into: target + index * targetStep)
      }
    }
  }
}
