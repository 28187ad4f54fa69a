/// The operations of the library, one line each. The tests check every gradient, convention and replay of this list.
package enum BuiltInOperations {
  /// Every one of them.
  static let all: [any BuiltInOperation.Type] = [
    Add.self, Subtract.self, Multiply.self, Divide.self, Power.self, Minimum.self, Maximum.self,
    Compare.self, Gate.self, Select.self,
    Scale.self, Offset.self, Negate.self, PowerConstant.self, Absolute.self, Sign.self, Clip.self,
    Exp.self, Expm1.self, Log.self, Log1p.self, Sqrt.self,
    Tanh.self, Sigmoid.self, Softplus.self, Relu.self, LeakyRelu.self, Elu.self, Gelu.self,
    Silu.self, NormalCDF.self, Erf.self, Sine.self, Cosine.self,
    ActivationGradient.self,
    Sum.self, Broadcast.self, MaximumOverAxes.self, LogSumExp.self, Softmax.self, LogSoftmax.self,
    LogLikelihood.self, LogLikelihoodGradient.self,
    Reshape.self, Transpose.self, Slice.self, Pad.self, Concatenate.self,
    Gather.self, Scatter.self, Rows.self, ScatterRows.self, OneHot.self,
    Patches.self, FoldPatches.self,
    Convolution.self, ConvolutionImages.self, ConvolutionWeight.self,
    Matmul.self, Linear.self, Detach.self,
  ]

  /// Their names.
  package static var names: [String] { all.map { $0.name } }

  /// The operation of each function of one argument, which knows its slope.
  static let ofUnary: [UnaryFunction: any UnaryOperation.Type] = {
    var types: [UnaryFunction: any UnaryOperation.Type] = [:]
    for case let type as any UnaryOperation.Type in all {
      for function in type.functions { types[function] = type }
    }
    return types
  }()

  /// The operation of each function of two arguments, which knows its tangent.
  static let ofBinary: [BinaryFunction: any BinaryOperation.Type] = {
    var types: [BinaryFunction: any BinaryOperation.Type] = [:]
    for case let type as any BinaryOperation.Type in all {
      for function in type.functions { types[function] = type }
    }
    return types
  }()

  /// The operation of each function of rows, which knows its tangent.
  static let ofRows: [RowFunction: any RowOperation.Type] = {
    var types: [RowFunction: any RowOperation.Type] = [:]
    for case let type as any RowOperation.Type in all { types[type.function] = type }
    return types
  }()

  /// The operation of each backward pass, which knows its formula.
  static let ofPullback: [PullbackFunction: any ActivationOperation.Type] = {
    var types: [PullbackFunction: any ActivationOperation.Type] = [:]
    for case let type as any ActivationOperation.Type in all { types[type.pullbackFunction] = type }
    return types
  }()
}

/// An operation of the library itself: it states its kernel calls, from which the eager engine and the replay both follow.
protocol BuiltInOperation: TensorOperation {
  /// The name of the operation.
  static var name: String { get }

  /// What it does to a signal that passes through it, if instruments need that; `nil` otherwise.
  static var role: SignalRole? { get }

  /// The calls that compute the result.
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand>

  /// Where the result begins in the first input's values, if it is a run of them and nothing is computed; `nil` otherwise.
  func viewOffset(_ inputs: [Shape], _ result: Shape) -> Int?
}

/// An operation whose result is always a view of its input: no kernel is called.
protocol ViewOperation: BuiltInOperation {}

extension ViewOperation {
  func viewOffset(_ inputs: [Shape], _ result: Shape) -> Int? { 0 }

  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    .several([])
  }
}

/// What an operation does to a signal on its way through a network.
package enum SignalRole: Sendable {
  /// A product with weights.
  case product
  /// A sum, element by element.
  case sum
  /// A factor or a divisor, element by element.
  case factor
  /// Several values one after another.
  case sequence
}

/// The operands of an operation, wherever they are.
struct CallSite<Operand: KernelOperand> {
  /// The inputs and their shapes.
  let inputs: [Operand], shapes: [Shape]
  /// The result and its shape.
  let output: Operand, shape: Shape

  /// The number of values of the result.
  var count: Int { shape.elementCount }

  /// A kernel on the result and the inputs, in their order.
  func call(_ kernel: Kernel<Operand.Addition>) -> KernelCalls<Operand> {
    .one(KernelCall(kernel, output, inputs))
  }
}

/// The kernel calls of one operation: almost always one.
enum KernelCalls<Operand: KernelOperand> {
  case one(KernelCall<Operand>)
  case several([KernelCall<Operand>])
}

extension BuiltInOperation {
  /// The type's name.
  public var name: String { Self.name }

  static var role: SignalRole? { nil }

  func viewOffset(_ inputs: [Shape], _ result: Shape) -> Int? { nil }

  /// The kernel calls, executed on the tensors' memory.
  func forward<S>(_ inputs: [Tensor<S>]) -> Tensor<S> {
    let shapes = inputs.shapes
    let shape = shape(of: shapes)
    if let start = viewOffset(shapes, shape) { return inputs[0].viewed(from: start, as: shape) }
    return Tensor(shape) { target in
      Tensor.withPointers(to: inputs) { pointers in
        let site = CallSite(inputs: pointers, shapes: shapes, output: target, shape: shape)
        switch kernelCalls(site) {
        case .one(let call): call.run(in: TensorMemory<S>())
        case .several(let calls): for call in calls { call.run(in: TensorMemory<S>()) }
        }
      }
    }
  }
}

/// The memory of tensors: an operand is its address.
struct TensorMemory<Scalar: TensorScalar>: OperandMemory {
  typealias Operand = UnsafeMutablePointer<Scalar>

  @inline(__always)
  subscript(operand: Operand) -> UnsafeMutablePointer<Scalar> { operand }

  func withScratch(_ count: Int, _ body: (UnsafeMutablePointer<Scalar>) -> Void) {
    let scratch = Storage<Scalar>(count: count)
    withExtendedLifetime(scratch) { body(scratch.pointer) }
  }

  func run(_ addition: Never, _ operands: Operands<Operand>) {}
}

// MARK: - Operations of one kernel

/// A built-in function of each element of one input.
protocol UnaryOperation: BuiltInOperation {
  /// The kernel; several if a setting chooses among them.
  static var functions: [UnaryFunction] { get }

  /// The kernel of this value.
  var function: UnaryFunction { get }

  /// The settings that the kernel takes.
  var settings: (Double, Double) { get }

  /// dy/dx at x with y = f(x), by calculus and independently of the pullback: the tangent of dual numbers.
  static func slope<S>(_ x: Tensor<S>, _ y: Tensor<S>, _ a: Double, _ b: Double) -> Tensor<S>
}

extension UnaryOperation {
  var function: UnaryFunction { Self.functions[0] }
  var settings: (Double, Double) { (0, 0) }

  /// The shape of the input.
  public func shape(of inputs: [Shape]) -> Shape { inputs[0] }

  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    let (a, b) = settings
    return site.call(.unary(function, count: site.count, a, b))
  }
}

/// A built-in function of two operands with NumPy's broadcasting.
protocol BinaryOperation: BuiltInOperation {
  /// The kernel; several if a setting chooses among them.
  static var functions: [BinaryFunction] { get }

  /// The kernel of this value.
  var function: BinaryFunction { get }

  /// The derivative of z = f(x, y) when x changes by dx and y by dy, by calculus and independently of the pullback.
  static func tangent<S>(
    _ x: Tensor<S>, _ dx: Tensor<S>, _ y: Tensor<S>, _ dy: Tensor<S>, _ z: Tensor<S>
  ) -> Tensor<S>
}

extension BinaryOperation {
  var function: BinaryFunction { Self.functions[0] }

  /// The shape that both operands are broadcast to.
  public func shape(of inputs: [Shape]) -> Shape {
    require(inputs.count == 2, "\(name) takes two operands, not \(inputs.count)")
    guard let shape = Shape.broadcast(inputs[0], inputs[1]) else {
      fatalError("\(name) cannot broadcast shapes \(inputs[0]) and \(inputs[1])")
    }
    return shape
  }

  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    if site.shapes[0] == site.shapes[1] {
      return site.call(.binary(function, count: site.count))
    }
    let runs = BroadcastRuns(site.shape, site.shapes[0], site.shapes[1])
    return site.call(.broadcast(function, runs))
  }
}
