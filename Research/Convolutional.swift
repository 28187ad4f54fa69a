import Experiments
import Plumbline

/// The original experiment, small: plain and residual convolutional nets of the same layers, on pictures in color. It claims nothing, since its
/// quick form is too small for that.
let convolutional = Experiment(
  "convolutional",
  claim:
    "explores: whether training loss rises with depth in plain convolutional nets, and in residual ones",
  source: "He et al. 2016 (arXiv:1512.03385), section 4.2, with its nets and fewer steps",
  topic: .architecture, cost: (quick: "4 min", full: "about 300 min"),
  arms: [
    Arm(
      "plain-conv", summary: "3 x 3 convolutions with batch normalization and ReLU",
      layersOfABlock: 2, definition: "1"
    ) { point in PictureNet(point, isResidual: false) },
    Arm(
      "residual-conv", summary: "the same with identity skips, option A", layersOfABlock: 2,
      definition: "1"
    ) { point in PictureNet(point, isResidual: true) },
  ], depths: [6, 18, 30, 54], reference: "plain-conv",
  finding: "Plain and residual convolutional nets side by side",
  data: "colored-glyphs:count=5000,halved=1",
  full: {
    $0.width = 16
    $0.steps = 600
    $0.batch = 64
    $0.optimizer = .momentum
    $0.learningRates = [0.01, 0.03, 0.1, 0.3]
  },
  quick: {
    $0.depths = [6, 54]
    $0.width = 8
    $0.steps = 60
    $0.batch = 32
    $0.learningRates = [0.03, 0.1]
  })

/// Three stages of equally many blocks with `width`, 2 width and 4 width channels, each but the first halving the picture; the depth counts
/// their convolutions.
private struct PictureNet: Layer {
  let side: Int
  let first: Sequential, blocks: [any Layer], output: Dense

  init(_ point: GridPoint, isResidual: Bool) {
    var side = 1
    while 3 * side * side < point.inputs { side += 1 }
    require(
      3 * side * side == point.inputs,
      "three channels of square pictures, not \(point.inputs) features")
    self.side = side
    let stages = [point.width, 2 * point.width, 4 * point.width]
    func convolution(_ inputs: Int, _ outputs: Int, stride: Int = 1) -> [any Layer] {
      [
        Conv2D(inputs, outputs, kernel: 3, stride: stride, padding: 1, bias: nil),
        BatchNorm(outputs),
      ]
    }
    first = Sequential(convolution(3, stages[0]) + [Activation.relu])
    let count = point.depth / 2
    var channels = stages[0]
    blocks = (0..<count).map { index in
      let outputs = stages[min(3 * index / count, 2)]
      let stride = outputs == channels ? 1 : 2
      defer { channels = outputs }
      let branch = Sequential(
        convolution(channels, outputs, stride: stride) + [Activation.relu]
          + convolution(outputs, outputs))
      guard isResidual else { return Sequential(branch.layers + [Activation.relu]) }
      return Residual(
        branch, after: .relu,
        projection: stride == 1 ? nil : PaddedShortcut(channels: outputs, stride: stride))
    }
    output = Dense(channels, point.classes, initializer: .lecun())
  }

  func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    var h = first(x.reshaped(to: [x.shape[0], 3, side, side]), pass)
    for block in blocks { h = pass.output(of: block, h) }
    return output(h.mean(alongAxes: [2, 3]), pass)
  }
}
