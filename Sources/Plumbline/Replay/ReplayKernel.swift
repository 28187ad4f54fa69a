/// What a recorded step computes besides the kernels on its operands: kernels that depend on the step's randomness, or take whole
/// tensors.
enum ReplayKernel: KernelAddition {
  /// A random mask of numbers from `first` on, by a key that is looked up when the call is carried out. Operands: y.
  case mask(RandomMask, key: Int, first: Int, count: Int)
  /// A computation on whole tensors, by its number among those of the step: such as a custom operation. Operands: the result, then
  /// the inputs.
  indirect case computation(Int, [Shape], Shape)

  var description: KernelDescription<Self> {
    switch self {
    case .mask(let mask, let key, let first, let count):
      // Number i of a key is the same for every worker.
      KernelDescription([OperandUse(isWritten: true, count: count, step: 1)], units: count) {
        .mask(mask, key: key, first: first + $0.lowerBound, count: $0.count)
      }
    case .computation(_, let inputs, let shape):
      KernelDescription(
        [OperandUse(isWritten: true, count: shape.elementCount)]
          + inputs.map { OperandUse(count: $0.elementCount) })
    }
  }
}
