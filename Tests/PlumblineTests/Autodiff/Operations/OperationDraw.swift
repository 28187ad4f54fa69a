import CKernels
import Plumbline
import TestSupport

/// Random settings and operands from a key.
struct OperationDraw {
  let key: Key
  /// The smallest number of axes that the shape may have.
  let smallestRank: Int

  /// The shape of the function's largest input: up to twelve values.
  var shape: Shape {
    let shape = key["shape"].shape(rank: smallestRank...3, extents: 1...3)
    return shape.elementCount <= 12 ? shape : Shape(Array(shape.extents.dropFirst()))
  }

  /// One operand of the shape.
  var whole: [Tensor<Double>] { [key["x"].tensor(shape)] }

  /// Two operands that broadcast to the shape.
  var two: [Tensor<Double>] { [operand("x"), operand("y")] }

  /// One of the backward passes that are one kernel.
  var activation: PullbackFunction {
    key["function"].choice(
      of: (0..<UInt32(PLUMB_PULLBACK_COUNT)).compactMap(PullbackFunction.init(rawValue:)))
  }

  /// An operand of the shape, away from the kinks of every activation function.
  func smoothOperand(_ name: String) -> Tensor<Double> {
    key[name].tensor(shape, awayFromZeroBy: 0.2)
  }

  var axis: Int { key["axis"].integer(in: 0...shape.rank - 1) }

  func axes(_ x: some TensorProtocol) -> [Int] { key["axes"].axes(of: x.shape) }

  /// Whether reduced axes are kept.
  var keeps: Bool { key["keep"].coin }

  /// A block of the shape, of at least one value.
  var ranges: [Range<Int>] {
    shape.extents.enumerated().map { axis, extent in
      let start = key["start"][axis].integer(in: 0...extent - 1)
      return start..<key["end"][axis].integer(in: start + 1...extent)
    }
  }

  /// An operand that broadcasts to the shape.
  func operand(_ name: String) -> Tensor<Double> {
    key[name].tensor(key[name]["shape"].shape(broadcastingTo: shape))
  }

  func operand(_ name: String, from low: Double, to high: Double) -> Tensor<Double> {
    key[name].tensor(key[name]["shape"].shape(broadcastingTo: shape), from: low, to: high)
  }

  func operand(_ name: String, awayFromZeroBy distance: Double) -> Tensor<Double> {
    key[name].tensor(key[name]["shape"].shape(broadcastingTo: shape), awayFromZeroBy: distance)
  }

  /// Two operands of which no value of one is near a value of the other.
  var separatedOperands: [Tensor<Double>] {
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
  var mask: Tensor<Double> {
    let shape = key["mask"].shape(broadcastingTo: shape)
    return Tensor(shape, (0..<shape.elementCount).map { key["mask"][$0].coin ? 1 : 0 })
  }

  /// A class number below the last extent for each row.
  var indices: Tensor<Double> {
    let rows = Shape(shape.extents.dropLast())
    return Tensor<Double>(
      classes: (0..<rows.elementCount).map {
        key["class"][$0].integer(in: 0...shape[-1] - 1)
      }
    ).reshaped(to: rows)
  }

  /// Row numbers below the first extent, some of them repeated and some missing.
  var rowNumbers: Tensor<Double> {
    Tensor(classes: (0..<4).map { key["row"][$0].integer(in: 0...shape[0] - 1) })
  }

  /// A window that fits the images, with every combination of overlap, gaps and padding.
  var window: SlidingWindow {
    func extent(_ name: String, _ image: Int) -> Int {
      key["window"][name].integer(in: 1...Swift.min(3, image + 2 * padding))
    }
    let padding = key["window"]["padding"].integer(in: 0...1)
    return SlidingWindow(
      height: extent("height", images[2]), width: extent("width", images[3]),
      stride: key["window"]["stride"].integer(in: 1...2), padding: padding)
  }

  /// The shape of a few small images.
  var images: Shape {
    Shape([2, 2, 3, 3].enumerated().map { key["images"][$0].integer(in: 1...$1) })
  }

  /// The shape of a weight of one or two outputs for the images, and of their convolution.
  var weight: Shape {
    [images[1], window.height, window.width, key["outputs"].integer(in: 1...2)]
  }
  var convolved: Shape {
    convolution(Tensor<Double>.zeros(images), .zeros(weight), window).shape
  }

  /// Two stacks of matrices that fit in the form that the function takes.
  var matrices: [Tensor<Double>] {
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
