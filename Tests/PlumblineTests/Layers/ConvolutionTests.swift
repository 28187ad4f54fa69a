import Plumbline
import TestSupport
import Testing

/// Random images and a window that fits them.
private struct ImageDraw {
  let images: Tensor<Double>
  let window: SlidingWindow
  let positions: (height: Int, width: Int)

  init(_ key: Key) throws {
    let shape = Shape([3, 3, 7, 7].enumerated().map { key["shape"][$0].integer(in: 1...$1) })
    images = key["images"].tensor(shape)
    let padding = key["padding"].integer(in: 0...2)
    window = SlidingWindow(
      height: key["height"].integer(in: 1...Swift.min(4, shape[2] + 2 * padding)),
      width: key["width"].integer(in: 1...Swift.min(4, shape[3] + 2 * padding)),
      stride: key["stride"].integer(in: 1...3), padding: padding)
    positions = try #require(window.positions(height: shape[2], width: shape[3]))
  }

  /// The value at a place that may lie in the padding; `nil` there.
  func value(_ image: Int, _ channel: Int, _ row: Int, _ column: Int) -> Double? {
    let shape = images.shape
    guard (0..<shape[2]).contains(row), (0..<shape[3]).contains(column) else { return nil }
    return images[image, channel, row, column]
  }

  /// The values that the window sees, by the definition.
  func seen(_ image: Int, _ channel: Int, _ row: Int, _ column: Int) -> [Double?] {
    (0..<window.height).flatMap { down in
      (0..<window.width).map { across in
        value(
          image, channel, row * window.stride + down - window.padding,
          column * window.stride + across - window.padding)
      }
    }
  }

  /// An output with a value for each image, channel and position.
  func output(channels: Int, _ element: (_ index: [Int]) -> Double) -> Tensor<Double> {
    Tensor(
      NaiveArray(
        extents: [images.shape[0], channels, positions.height, positions.width], element: element))
  }
}

@Suite("Convolution and pooling are what their definitions say")
struct ConvolutionTests {
  @Test("a convolution is the sum over channels and window", arguments: Trial.several(12))
  func definition(trial: Trial) throws {
    let draw = try ImageDraw(trial.key)
    let (inputs, outputs) = (draw.images.shape[1], trial.key["outputs"].integer(in: 1...4))
    let layer = Conv2D(inputs, outputs, window: draw.window)
    var parameters = Parameters<Double>(of: layer, key: trial.key)
    parameters["bias"] = trial.key["bias"].tensor([outputs])
    let (weight, bias) = (parameters["weight"], parameters["bias"])
    let expected = draw.output(channels: outputs) { index in
      var sum = bias[index[1]]
      for channel in 0..<inputs {
        let seen = draw.seen(index[0], channel, index[2], index[3])
        for (place, value) in seen.enumerated() {
          sum +=
            (value ?? 0)
            * weight[
              channel, place / draw.window.width, place % draw.window.width, index[1]]
        }
      }
      return sum
    }
    #expect(
      layer(draw.images, parameters.pass()).isClose(to: expected, absoluteTolerance: 1e-12),
      trial.comment)
  }

  @Test(
    "and a matrix product of the weight and the patches, bit for bit", arguments: Trial.several(6))
  func products(trial: Trial) throws {
    let draw = try ImageDraw(trial.key)
    let shape: Shape = [draw.images.shape[1], draw.window.height, draw.window.width, 3]
    let weight = trial.key["weight"].tensor(shape)
    let patches = draw.images.patches(draw.window)
    let size = shape.elementCount / 3
    let product = matmul(
      weight.reshaped(to: [size, 3]), patches.reshaped(to: [size, patches.shape[2]]),
      transposingFirst: true)
    let result = convolution(draw.images, weight, draw.window)
    let expected = product.reshaped(
      to: [3, draw.images.shape[0], draw.positions.height, draw.positions.width])
    #expect(result == expected.transposed(permutation: [1, 0, 2, 3]), trial.comment)
  }

  @Test("the three operations belong to one form, linear in each", arguments: Trial.several(6))
  func adjoints(trial: Trial) throws {
    let draw = try ImageDraw(trial.key)
    let (x, window) = (draw.images, draw.window)
    let shape: Shape = [x.shape[1], window.height, window.width, 2]
    let weight = trial.key["weight"].tensor(shape)
    let result = convolution(x, weight, window)
    let y = trial.key["y"].tensor(result.shape)
    let form = (result * y).sum().scalar
    let size = (abs(result) * abs(y)).sum().scalar
    let images = transposedConvolution(y, weight, window, into: x.shape)
    #expect(abs((images * x).sum().scalar - form) <= 1e-12 * size, trial.comment)
    let adjoint = convolutionWeight(x, y, window, into: shape)
    #expect(abs((adjoint * weight).sum().scalar - form) <= 1e-12 * size, trial.comment)
  }

  @Test("pooling is the largest value and the mean of the window", arguments: Trial.several(12))
  func pooling(trial: Trial) throws {
    let kernel = trial.key["kernel"].integer(in: 1...3)
    let padding = trial.key["half"].integer(in: 0...kernel / 2)
    let stride = trial.key["step"].integer(in: 1...3)
    let images = trial.key["images"].tensor([2, 2, 5, 4])
    let largest = MaxPool2D(kernel, stride: stride, padding: padding)
    let mean = AveragePool2D(kernel, stride: stride, padding: padding)
    let (rows, columns) = try #require(largest.window.positions(height: 5, width: 4))
    func expected(_ reduce: ([Double?]) -> Double) -> Tensor<Double> {
      Tensor(
        NaiveArray(extents: [2, 2, rows, columns]) { index in
          reduce(
            (0..<kernel * kernel).map { place in
              let row = index[2] * stride + place / kernel - padding
              let column = index[3] * stride + place % kernel - padding
              guard (0..<5).contains(row), (0..<4).contains(column) else { return nil }
              return images[index[0], index[1], row, column]
            })
        })
    }
    let pass = Parameters<Double>(of: largest, key: trial.key).pass()
    #expect(
      largest(images, pass) == expected { $0.compactMap { $0 }.max() ?? .nan }, trial.comment)
    let area = Double(kernel * kernel)
    #expect(
      mean(images, pass)
        .isClose(
          to: expected { $0.reduce(0) { $0 + ($1 ?? 0) } / area }, absoluteTolerance: 1e-14),
      trial.comment)
  }

  @Test("folding patches is the adjoint of taking them", arguments: Trial.several(12))
  func adjoint(trial: Trial) throws {
    let draw = try ImageDraw(trial.key)
    let patches = draw.images.patches(draw.window)
    #expect(
      patches.shape == [
        draw.images.shape[1], draw.window.area,
        draw.images.shape[0] * draw.positions.height * draw.positions.width,
      ])
    let weights = trial.key["weights"].tensor(patches.shape)
    let left = (patches * weights).sum().scalar
    let folded = weights.foldedPatches(draw.window, into: draw.images.shape)
    let right = (folded * draw.images).sum().scalar
    #expect(abs(left - right) < 1e-11, trial.comment)
    // In single precision, and the same sums with dual numbers.
    let single = Tensor<Float>(converting: weights)
      .foldedPatches(draw.window, into: draw.images.shape)
    #expect(
      Tensor<Double>(converting: single).isClose(to: folded, absoluteTolerance: 1e-5),
      trial.comment)
    let dual = Tensor<Dual<Double>>(converting: weights)
      .foldedPatches(draw.window, into: draw.images.shape)
    #expect(Tensor<Double>(converting: dual) == folded, trial.comment)
  }

  @Test("a padded shortcut thins the image and adds channels of zeros at the end")
  func paddedShortcut() {
    let images = Trial(number: 0).key.tensor([2, 2, 5, 4])
    let layer = PaddedShortcut(channels: 3, stride: 2)
    let output = layer(images, Parameters<Double>(of: layer, key: Key(seed: 0)).pass())
    #expect(output.shape == [2, 3, 3, 2])
    for index in NaiveArray<Double>.indices([2, 3, 3, 2]) {
      let expected = index[1] < 2 ? images[index[0], index[1], 2 * index[2], 2 * index[3]] : 0
      #expect(output[index[0], index[1], index[2], index[3]] == expected)
    }
    let identity = PaddedShortcut(channels: 2, stride: 1)
    #expect(identity(images, Parameters<Double>(of: identity, key: Key(seed: 0)).pass()) == images)
  }

  @Test("the fans of a convolution count the window")
  func fans() throws {
    let shape: Shape = [3, 5, 5, 8]
    for (fan, count) in [(Initializer.Fan.input, 75.0), (.output, 200), (.average, 137.5)] {
      let deviation = try #require(
        Initializer.varianceScaling(gain: 2, fan: fan).standardDeviation(shape: shape))
      #expect(abs(deviation - 2 / count.squareRoot()) < 1e-15)
    }
  }
}

@Suite("Residual networks for CIFAR-10")
struct ResNetTests {
  @Test(
    "have the paper's number of parameters: 0.27 M at depth 20",
    arguments: [(20, 269_722), (32, 464_154), (44, 658_586), (56, 853_018), (110, 1_727_962)])
  func parameterCount(depth: Int, count: Int) {
    #expect(ParameterLayout(of: Sequential.cifarResNet(depth: depth)).count == count)
  }

  @Test("with projections have those of the two projections more")
  func projections() {
    let network = Sequential.cifarResNet(depth: 20, shortcut: .projection)
    let projections = 16 * 32 + 32 * 64 + 2 * (32 + 64)
    #expect(ParameterLayout(of: network).count == 269_722 + projections)
  }

  @Test("take images of 32 x 32 to logits, in both modes, and count 41 M multiplications")
  func shapes() {
    let network = Sequential.cifarResNet(depth: 20)
    let parameters = Parameters<Float>(of: network, key: Key(seed: 1))
    let images = Tensor<Float>(
      [2, 3, 32, 32], nearestTo: Key(seed: 2).normal(2 * 3 * 32 * 32))
    let tape = Tape<Float>()
    let pass = parameters.pass(on: tape)
    let logits = network(tape.constant(images), pass)
    #expect(logits.shape == [2, 10])
    #expect(pass.activations["3"]?.shape == [2, 16, 32, 32])
    #expect(pass.activations["6"]?.shape == [2, 32, 16, 16])
    #expect(pass.activations["9"]?.shape == [2, 64, 8, 8])
    let gradients = tape.gradients(of: logits.squared().mean())[pass]
    #expect(gradients.vector.isFinite)
    for entry in gradients.layout.entries {
      #expect(gradients[entry.name].scalars.contains { $0 != 0 }, "\(entry.name)")
    }
    #expect(network(images, parameters.pass()).shape == [2, 10])
    let products = tape.entries.filter { ["convolution", "linear"].contains($0.title) }
      .reduce(0) { $0 + $1.floatingPointOperations }
    // 40.55 million multiplications an image, as such networks are usually quoted.
    #expect(abs(Double(products) / 2 / 2 / 40.55e6 - 1) < 0.01, "\(products)")
  }

  @Test("train by a recorded step with the eager tape's bits")
  func trainingStep() {
    let network = Sequential.cifarResNet(depth: 8, classes: 3)
    let loss: TrainingStep<Float>.Loss = { pass, inputs in
      softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1])
    }
    var step = TrainingStep<Float>(of: network, loss: loss)
    var parameters = Parameters<Float>(of: network, key: Key(seed: 1))
    var optimizer = SGD<Float>(learningRate: 0.05, momentum: 0.9)
    let images = Tensor<Float>([3, 3, 8, 8], nearestTo: Key(seed: 2).normal(3 * 3 * 64))
    let labels = Tensor<Float>(classes: [0, 1, 2])
    var losses: [Float] = []
    for _ in 0..<8 {
      let value = step.loss(at: parameters, inputs: [images, labels])
      let eager = parameters.valueWithGradientAndStatistics { pass in
        loss(pass, [pass.constant(images), pass.constant(labels)])
      }
      #expect(value == eager.value && step.gradient.vector == eager.gradient.vector)
      optimizer.update(&parameters, along: step.gradient)
      parameters.statistics = eager.statistics
      losses.append(value)
    }
    #expect(losses[7] < losses[0] / 2, "\(losses)")
    #expect(parameters.statistics.isFinite)
  }
}
