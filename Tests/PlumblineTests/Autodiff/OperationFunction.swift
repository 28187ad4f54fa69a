import Plumbline
import TestSupport
import Verification

/// The operations, by their names in the library's list.
enum OperationKind: String, Sendable, CaseIterable {
  case add, subtract, multiply, divide, power, minimum, maximum
  case scale, offset, negate, powerConstant, absolute, sign, clip
  case exp, log, log1p, expm1, sqrt
  case tanh, sigmoid, softplus, relu, gate, leakyRelu, elu, gelu, silu, normalCDF, erf
  case activationGradient
  case compare, select
  case sum, broadcast, maximumOverAxes, logSumExp, softmax, logSoftmax
  case logLikelihood, logLikelihoodGradient
  case reshape, transpose, slice, pad, concatenate, gather, scatter, rows, scatterRows, oneHot
  case patches, foldPatches, convolution, convolutionImages, convolutionWeight
  case matmul, linear, detach
}

/// A function that uses one kind of operation, with random settings from a key, and a random point away
/// from its kinks.
///
/// Both switches are without a default, and a test compares the kinds with the library's list: an operation that is added there
/// and not here is told.
struct OperationFunction: DifferentiableFunction {
  let kind: OperationKind
  let key: Key

  /// The function. Inputs that have no gradient (masks, indices) are constants inside.
  func callAsFunction<T: TensorProtocol>(_ x: [T]) -> T {
    switch kind {
    case .add: x[0] + x[1]
    case .subtract: x[0] - x[1]
    case .multiply: x[0] * x[1]
    case .divide: x[0] / x[1]
    case .power: pow(x[0], x[1])
    case .minimum: minimum(x[0], x[1])
    case .maximum: maximum(x[0], x[1])
    case .scale: x[0] * -1.7
    case .offset: x[0] + 0.3
    case .negate: -x[0]
    case .powerConstant: pow(x[0], key["exponent"].choice(of: [2, -1, 0.5, 3, 0, 1, -2.5, 1.7]))
    case .absolute: abs(x[0])
    case .sign: sign(x[0]) * x[1]
    case .clip: clip(x[0], to: -1...1)
    case .exp: exp(x[0])
    case .log: log(x[0])
    case .log1p: log1p(x[0])
    case .expm1: expm1(x[0])
    case .sqrt: sqrt(x[0])
    case .tanh: tanh(x[0])
    case .sigmoid: sigmoid(x[0])
    case .softplus: softplus(x[0])
    case .relu: relu(x[0])
    case .gate: gate(x[0], by: x[1])
    case .leakyRelu: leakyRelu(x[0], slope: 0.2)
    case .elu: elu(x[0], alpha: key["alpha"].choice(of: [1, 0.7]))
    case .gelu: gelu(x[0])
    case .silu: silu(x[0])
    case .normalCDF: normalCDF(x[0])
    case .erf: erf(x[0])
    case .activationGradient:
      activationGradient(
        activation, x[0], input: activation.readsInput ? x[1] : nil,
        output: activation.readsOutput ? x[x.count - 1] : nil, 0.3)
    case .compare: compare(x[0], key["relation"].choice(of: Relation.allCases), x[1]) * x[2]
    case .select: select(x[0].constant(Tensor(converting: mask)), x[0], x[1])
    case .sum: x[0].sum(alongAxes: axes(x[0]), keepingAxes: key["keep"].coin)
    case .broadcast: x[0].broadcast(to: Shape([2] + shape.extents))
    case .maximumOverAxes: x[0].max(alongAxes: axes(x[0]), keepingAxes: key["keep"].coin)
    case .logSumExp: x[0].logSumExp(alongAxes: axes(x[0]), keepingAxes: key["keep"].coin)
    case .softmax: softmax(x[0], alongAxis: axis)
    case .logSoftmax: logSoftmax(x[0], alongAxis: axis)
    case .logLikelihood: logLikelihood(x[0], of: x[0].constant(Tensor(converting: indices)))
    case .logLikelihoodGradient:
      logLikelihoodGradient(
        x[0], logits: x[1], classes: x[0].constant(Tensor(converting: indices)))
    case .reshape: x[0].flattened().expanded(atAxis: 0)
    case .transpose: x[0].transposed(permutation: key["order"].permutation(shape.rank))
    case .slice: x[0].sliced(ranges)
    case .pad: x[0].padded(as: ranges, of: shape)
    case .concatenate: .concatenate([x[0], x[1], x[0]], alongAxis: axis)
    case .gather: x[0].gathered(at: x[0].constant(Tensor(converting: indices)))
    case .scatter:
      x[0].scattered(at: x[0].constant(Tensor(converting: indices)), classes: shape[-1])
    case .rows: x[0].rows(at: x[0].constant(Tensor(converting: rowNumbers)))
    case .scatterRows:
      x[0].scatteredRows(at: x[0].constant(Tensor(converting: rowNumbers)), count: shape[0])
    case .oneHot: x[0].constant(Tensor(converting: indices)).oneHot(classes: shape[-1]) * x[0]
    case .patches: x[0].patches(window, paddingWith: key["padding"].choice(of: [0, 0.5]))
    case .foldPatches: x[0].foldedPatches(window, into: images)
    case .convolution: convolution(x[0], x[1], window)
    case .convolutionImages: transposedConvolution(x[0], x[1], window, into: images)
    case .convolutionWeight: convolutionWeight(x[0], x[1], window, into: weight)
    case .matmul:
      matmul(
        x[0], x[1], transposingFirst: key["first"].coin, transposingSecond: key["second"].coin)
    case .linear: linear(x[0], x[1], x[2])
    case .detach: x[0].constant(.ones(shape)).detached() * x[0]
    }
  }

  /// The inputs.
  var point: [Tensor<Double>] {
    switch kind {
    case .add, .subtract, .multiply: [operand("x"), operand("y")]
    case .divide: [operand("x"), operand("y", awayFromZeroBy: 0.6)]
    case .power: [operand("x", from: 0.5, to: 2), operand("y")]
    case .minimum, .maximum: separatedOperands
    case .scale, .offset, .negate, .exp, .expm1, .tanh, .sigmoid, .softplus, .gelu, .silu,
      .normalCDF, .erf:
      [key["x"].tensor(shape)]
    case .activationGradient:
      [operand(of: "d")] + (activation.readsInput ? [operand(of: "x")] : [])
        + (activation.readsOutput ? [operand(of: "y")] : [])
    case .logLikelihoodGradient:
      [key["u"].tensor(Shape(shape.extents.dropLast())), key["x"].tensor(shape)]
    case .sum, .logSumExp, .softmax, .logSoftmax, .logLikelihood, .reshape, .transpose, .slice,
      .gather, .rows,
      .oneHot, .detach:
      [key["x"].tensor(shape)]
    case .powerConstant, .log, .sqrt: [key["x"].tensor(shape, from: 0.5, to: 2)]
    case .log1p: [key["x"].tensor(shape, from: -0.5, to: 2)]
    case .absolute, .relu, .leakyRelu, .elu: [key["x"].tensor(shape, awayFromZeroBy: 0.2)]
    case .clip: [key["x"].tensor(shape, awayFromZeroBy: 0.2) + key["side"].choice(of: [-1, 1])]
    case .sign, .gate:
      [
        key["x"].tensor(shape, awayFromZeroBy: 0.2), key["y"].tensor(shape, awayFromZeroBy: 0.2),
      ]
    case .compare: separatedOperands + [operand("z")]
    case .select: [operand("x"), operand("y")]
    case .broadcast: [key["x"].tensor(key["operand"].shape(broadcastingTo: shape))]
    case .maximumOverAxes: [key["x"].tensor(shape, separatedBy: 0.3)]
    case .pad: [key["x"].tensor(Shape(ranges.map(\.count)))]
    case .concatenate: [key["x"].tensor(shape), key["y"].tensor(shape)]
    case .scatter: [key["x"].tensor(Shape(shape.extents.dropLast()))]
    case .scatterRows:
      [key["x"].tensor(Shape([rowNumbers.count] + shape.extents.dropFirst()))]
    case .patches: [key["x"].tensor(images)]
    case .foldPatches: [key["x"].tensor(Tensor<Double>.zeros(images).patches(window).shape)]
    case .convolution: [key["x"].tensor(images), key["w"].tensor(weight)]
    case .convolutionImages: [key["y"].tensor(convolved), key["w"].tensor(weight)]
    case .convolutionWeight: [key["x"].tensor(images), key["y"].tensor(convolved)]
    case .matmul: matrices
    case .linear:
      [
        key["x"].tensor(shape), key["w"].tensor([shape[-1], 2]), key["b"].tensor([2]),
      ]
    }
  }

  // MARK: Settings

  /// The shape of the function's largest input: up to twelve values.
  private var shape: Shape {
    let smallest: Int
    switch kind {
    case .slice, .pad, .softmax, .logSoftmax, .logLikelihood, .logLikelihoodGradient, .concatenate,
      .gather, .scatter, .rows, .scatterRows,
      .oneHot, .linear:
      smallest = 1
    default: smallest = 0
    }
    let shape = key["shape"].shape(rank: smallest...3, extents: 1...3)
    return shape.elementCount <= 12 ? shape : Shape(Array(shape.extents.dropFirst()))
  }

  private var activation: PullbackFunction {
    key["function"].choice(of: BuiltInOperations.pullbackFunctions)
  }

  /// An operand of the shape, away from the kinks of every activation function.
  private func operand(of name: String) -> Tensor<Double> {
    key[name].tensor(shape, awayFromZeroBy: 0.2)
  }

  private var axis: Int { key["axis"].integer(in: 0...shape.rank - 1) }

  private func axes(_ x: some TensorProtocol) -> [Int] { key["axes"].axes(of: x.shape) }

  /// A block of the shape, of at least one value.
  private var ranges: [Range<Int>] {
    shape.extents.enumerated().map { axis, extent in
      let start = key["start"][axis].integer(in: 0...extent - 1)
      return start..<key["end"][axis].integer(in: start + 1...extent)
    }
  }

  /// An operand that broadcasts to the shape.
  private func operand(_ name: String) -> Tensor<Double> {
    key[name].tensor(key[name]["shape"].shape(broadcastingTo: shape))
  }

  private func operand(_ name: String, from low: Double, to high: Double) -> Tensor<Double> {
    key[name].tensor(key[name]["shape"].shape(broadcastingTo: shape), from: low, to: high)
  }

  private func operand(_ name: String, awayFromZeroBy distance: Double) -> Tensor<Double> {
    key[name].tensor(key[name]["shape"].shape(broadcastingTo: shape), awayFromZeroBy: distance)
  }

  /// Two operands of which no value of one is near a value of the other.
  private var separatedOperands: [Tensor<Double>] {
    let (left, right) = (
      key["x"]["shape"].shape(broadcastingTo: shape), key["y"]["shape"].shape(broadcastingTo: shape)
    )
    let values = key["values"].tensor(
      [left.elementCount + right.elementCount], separatedBy: 0.2)
    return [
      values.sliced(axis: 0, 0..<left.elementCount).reshaped(to: left),
      values.sliced(axis: 0, left.elementCount..<values.count).reshaped(to: right),
    ]
  }

  /// Zeros and ones of a shape that broadcasts to the shape.
  private var mask: Tensor<Double> {
    let shape = key["mask"].shape(broadcastingTo: shape)
    return Tensor(shape, (0..<shape.elementCount).map { key["mask"][$0].coin ? 1 : 0 })
  }

  /// A class number below the last extent for each row.
  private var indices: Tensor<Double> {
    let rows = Shape(shape.extents.dropLast())
    return Tensor<Double>(
      classes: (0..<rows.elementCount).map {
        key["class"][$0].integer(in: 0...shape[-1] - 1)
      }
    ).reshaped(to: rows)
  }

  /// Row numbers below the first extent, some of them repeated and some missing.
  private var rowNumbers: Tensor<Double> {
    Tensor(classes: (0..<4).map { key["row"][$0].integer(in: 0...shape[0] - 1) })
  }

  /// A window that fits the images, with every combination of overlap, gaps and padding.
  private var window: SlidingWindow {
    func extent(_ name: String, _ image: Int) -> Int {
      key["window"][name].integer(in: 1...Swift.min(3, image + 2 * padding))
    }
    let padding = key["window"]["padding"].integer(in: 0...1)
    return SlidingWindow(
      height: extent("height", images[2]), width: extent("width", images[3]),
      stride: key["window"]["stride"].integer(in: 1...2), padding: padding)
  }

  /// The shape of a few small images.
  private var images: Shape {
    Shape([2, 2, 3, 3].enumerated().map { key["images"][$0].integer(in: 1...$1) })
  }

  /// The shape of a weight of one or two outputs for the images, and of their convolution.
  private var weight: Shape {
    [images[1], window.height, window.width, key["outputs"].integer(in: 1...2)]
  }
  private var convolved: Shape {
    convolution(Tensor<Double>.zeros(images), .zeros(weight), window).shape
  }

  /// Two stacks of matrices that fit in the form that the function takes.
  private var matrices: [Tensor<Double>] {
    let batch = key["batch"].shape(rank: 0...1, extents: 1...2)
    let (rows, inner, columns) = (
      key["rows"].integer(in: 1...3), key["inner"].integer(in: 1...3),
      key["columns"].integer(in: 1...3)
    )
    return [
      key["x"].tensor(
        Shape(
          key["left"].shape(broadcastingTo: batch).extents
            + (key["first"].coin ? [inner, rows] : [rows, inner]))),
      key["y"].tensor(
        Shape(
          key["right"].shape(broadcastingTo: batch).extents
            + (key["second"].coin ? [columns, inner] : [inner, columns]))),
    ]
  }
}
