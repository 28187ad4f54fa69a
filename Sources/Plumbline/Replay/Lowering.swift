// What each built-in operation is in kernel calls. An operation that is not listed is carried out through
// tensors, as eagerly; a test replays every kind of operation and compares the bits.

/// An operation of a recorded step: a view of one of its inputs, or a kernel call.
enum Lowered {
  /// The same values, from an offset on.
  case view(offset: Int)
  /// A call.
  case call(ReplayStep.Kind)
}

/// The kernel call of `operation` on inputs that lie at `places` and have `shapes`.
func lower(
  _ operation: any Operation, _ places: [ReplayPlace], _ shapes: [Shape], output: Shape
) -> Lowered {
  let count = output.elementCount
  func unary(_ function: UnaryFunction) -> Lowered {
    .call(.unary(function, count: count, places[0]))
  }
  func constant(_ function: BinaryFunction, _ value: Double) -> Lowered {
    .call(.binaryConstant(function, count: count, places[0], value))
  }
  func binary(_ function: BinaryFunction) -> Lowered {
    if shapes[0] == shapes[1] {
      return .call(.binary(function, count: count, places[0], places[1]))
    }
    let runs = BroadcastRuns(output, shapes[0], shapes[1])
    return .call(.broadcastBinary(function, runs, places[0], places[1]))
  }
  func activation(_ function: ActivationFunction, _ a: Double = 0, _ b: Double = 0) -> Lowered {
    .call(.activation(function, count: count, a, b, places[0]))
  }
  func rows(_ function: RowFunction) -> Lowered {
    let length = shapes[0][-1]
    return .call(
      .rows(function, rows: shapes[0].elementCount / length, length: length, places[0]))
  }
  var asTensors: Lowered { .call(.operation(operation, Array(zip(places, shapes)), output)) }
  func reduction(_ function: ReplayStep.Reduction, over axes: [Int]) -> Lowered {
    // Whether there is a maximum of no values is the operation's business.
    if shapes[0].elementCount == 0 { return asTensors }
    let (extents, strides) = (shapes[0].extents, shapes[0].strides)
    let order = extents.indices.filter { !axes.contains($0) } + axes
    return .call(
      .reduction(
        function, runs: count, extents: order.map { extents[$0] },
        strides: order.map { strides[$0] },
        places[0]))
  }
  switch operation {
  case is Add: return binary(.add)
  case is Subtract: return binary(.subtract)
  case is Multiply: return binary(.multiply)
  case is Divide: return binary(.divide)
  case is Power: return binary(.power)
  case let extremum as Extremum: return binary(extremum.isMaximum ? .maximum : .minimum)
  case let comparison as Compare:
    switch comparison.relation {
    case .greater: return binary(.greater)
    case .greaterOrEqual: return binary(.greaterEqual)
    case .equal: return binary(.equal)
    }
  case is Gate: return binary(.gate)
  case is Select:
    return .call(.select(count: count, mask: places[0], places[1], places[2]))

  case let scale as Scale: return constant(.multiply, scale.factor)
  case let offset as Offset: return constant(.add, offset.term)
  case let power as PowerConstant:
    switch power.exponent {
    case 2: return unary(.square)
    case -1: return unary(.reciprocal)
    default: return constant(.power, power.exponent)
    }

  case is Negate: return unary(.negate)
  case is Absolute: return unary(.absolute)
  case is Sign: return unary(.sign)
  case is Exp: return unary(.exp)
  case is Expm1: return unary(.expm1)
  case is Log: return unary(.log)
  case is Log1p: return unary(.log1p)
  case is Sqrt: return unary(.sqrt)
  case is Tanh: return unary(.tanh)
  case is Sigmoid: return unary(.sigmoid)
  case is Softplus: return unary(.softplus)
  case is NormalCDF: return unary(.normalCDF)
  case is Relu: return unary(.relu)
  case let leaky as LeakyRelu: return activation(.leakyRelu, leaky.slope)
  case let elu as Elu: return activation(.elu, elu.alpha)
  case is Gelu: return activation(.gelu)
  case is Silu: return activation(.silu)
  case let clip as Clip: return activation(.clip, clip.low, clip.high)
  case let gradient as ActivationGradient:
    let function = gradient.function
    return .call(
      .activationGradient(
        function, count: count, gradient.setting, places[0],
        input: function.gradientReadsInput ? places[1] : nil,
        output: function.gradientReadsOutput ? places.last : nil))

  case let softmax as Softmax where softmax.axes == [shapes[0].rank - 1]: return rows(.softmax)
  case let softmax as LogSoftmax where softmax.axis == shapes[0].rank - 1:
    return rows(.logSoftmax)
  case let sum as LogSumExp where sum.axes == [shapes[0].rank - 1]: return rows(.logSumExp)
  case is LogLikelihood:
    return .call(
      .logLikelihood(
        rows: count, length: shapes[0][-1], places[0], classes: places[1]))
  case is LogLikelihoodGradient:
    return .call(
      .logLikelihoodGradient(
        rows: shapes[0].elementCount, length: shapes[1][-1], places[0], logits: places[1],
        classes: places[2]))

  case is Reshape, is Detach: return .view(offset: 0)
  case let slice as Slice where slice.isView(of: shapes[0]):
    return .view(offset: count == 0 ? 0 : slice.start(in: shapes[0]))
  case let slice as Slice:
    let start = ReplayPlace(
      root: places[0].root, offset: places[0].offset + slice.start(in: shapes[0]))
    return .call(.gather(extents: output.extents, strides: shapes[0].strides, start))
  case let transpose as Transpose:
    let strides = shapes[0].strides
    return .call(
      .gather(
        extents: output.extents, strides: transpose.permutation.map { strides[$0] }, places[0]))
  case let broadcast as Broadcast:
    let strides = shapes[0].strides(broadcastTo: broadcast.target)!
    return .call(.gather(extents: output.extents, strides: strides, places[0]))

  case let sum as Sum:
    switch Summation(of: shapes[0], over: sum.axes) {
    case .view: return .view(offset: 0)
    case .rows(let rows, let columns):
      return .call(.sumRows(rows: rows, columns: columns, places[0]))
    case .runs(let runs, let length):
      return .call(.sumRuns(runs: runs, length: length, places[0]))
    case .permuted: return reduction(.sum, over: sum.axes)
    }
  case let maximum as MaximumOverAxes: return reduction(.maximum, over: maximum.axes)

  case let product as Matmul where shapes[0].rank == 2 && shapes[1].rank == 2:
    let (a, b) = (shapes[0].extents, shapes[1].extents)
    return .call(
      .product(
        ReplayStep.Product(
          rows: output.extents[0], columns: output.extents[1],
          inner: product.transposesFirst ? a[0] : a[1], a: places[0],
          aStrides: product.transposesFirst ? (1, a[1]) : (a[1], 1), b: places[1],
          bStrides: product.transposesSecond ? (1, b[1]) : (b[1], 1))))
  case is Linear:
    let weight = shapes[1].extents
    return .call(
      .product(
        ReplayStep.Product(
          rows: shapes[0].rowCount, columns: weight[1], inner: weight[0],
          a: places[0], aStrides: (weight[0], 1), b: places[1], bStrides: (weight[1], 1),
          bias: places[2])))

  case let sum as Convolution:
    let geometry = ConvolutionGeometry(sum.window, images: shapes[0], weight: shapes[1])
    return .call(.convolution(.result, geometry, places[0], places[1]))
  case let sum as ConvolutionImages:
    let geometry = ConvolutionGeometry(sum.window, images: sum.target, weight: shapes[1])
    return .call(.convolution(.images, geometry, places[0], places[1]))
  case let sum as ConvolutionWeight:
    let geometry = ConvolutionGeometry(sum.window, images: shapes[0], weight: sum.target)
    return .call(.convolution(.weight, geometry, places[0], places[1]))
  case let patches as Patches:
    return .call(
      .patches(ImagePatches(patches.window, shapes[0]), padding: patches.padding, places[0]))
  case let fold as FoldPatches:
    return .call(.foldPatches(ImagePatches(fold.window, fold.target), places[0]))
  case let pad as Pad:
    let strides = pad.target.strides
    let start = zip(pad.ranges, strides).reduce(0) { $0 + $1.0.lowerBound * $1.1 }
    return .call(
      .pad(count: count, extents: shapes[0].extents, strides: strides, start: start, places[0]))
  default: break
  }
  return asTensors
}

/// How a sum over axes is carried out on contiguous memory; the order of the additions follows from it.
enum Summation {
  /// Every axis has extent 1: the values themselves.
  case view
  /// Over leading axes: row by row.
  case rows(rows: Int, columns: Int)
  /// Over trailing axes: run by run.
  case runs(runs: Int, length: Int)
  /// Over axes in the middle: run by run after the axes are permuted.
  case permuted

  init(of shape: Shape, over axes: [Int]) {
    let extents = shape.extents
    if axes.allSatisfy({ extents[$0] == 1 }) {
      self = .view
    } else if axes == Array(0..<axes.count), axes.count < shape.rank {
      self = .rows(
        rows: extents[..<axes.count].reduce(1, *), columns: extents[axes.count...].reduce(1, *))
    } else if axes == Array(shape.rank - axes.count..<shape.rank) {
      let kept = shape.rank - axes.count
      self = .runs(
        runs: extents[..<kept].reduce(1, *), length: extents[kept...].reduce(1, *))
    } else {
      self = .permuted
    }
  }
}
