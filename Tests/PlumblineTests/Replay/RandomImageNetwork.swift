import Plumbline
import TestSupport

/// A random network on images: convolutions, batch normalizations, activations, dropout, poolings, residual blocks with
/// stochastic depth and shortcuts, checkpointed and reversible parts, then dense layers.
struct RandomImageNetwork {
  let channels: Int
  let size: Int
  let classes = 3
  let network: Sequential

  init(key: Key) {
    let channels = key["channels"].integer(in: 1...3)
    self.channels = channels
    let size = key["size"].integer(in: 5...9)
    self.size = size
    var (width, extent) = (channels, size)
    var layers: [any Layer] = []
    for number in 0..<key["layers"].integer(in: 3...9) {
      let key = key["layer"][number]
      let next = key["width"].integer(in: 1...5)
      switch key["kind"].integer(in: 0...9) {
      case 0:
        let kernel = min(extent, key["kernel"].integer(in: 1...3))
        layers.append(
          Conv2D(
            width, next, kernel: kernel, padding: kernel / 2,
            bias: key["bias"].integer(in: 0...1) == 0 ? nil : .zero))
        extent += 2 * (kernel / 2) - kernel + 1
        width = next
      case 1 where extent > 3:
        layers.append(Conv2D(width, next, kernel: 3, stride: 2, padding: 1, bias: nil))
        extent = (extent - 1) / 2 + 1
        width = next
      case 2, 3: layers.append(BatchNorm(width))
      case 4: layers.append(Dropout(0.3))
      case 5 where extent > 3:
        if key["pool"].integer(in: 0...1) == 0 {
          layers.append(MaxPool2D(3, stride: 2, padding: 1))
          extent = (extent - 1) / 2 + 1
        } else {
          layers.append(AveragePool2D(2))
          extent /= 2
        }
      case 6:
        let unit = key["unit"].choice(of: StochasticDepth.Unit.allCases)
        layers.append(
          Residual(
            Sequential(
              Conv2D(width, width, kernel: 3, padding: 1, bias: nil), BatchNorm(width),
              StochasticDepth(survival: 0.6, unit: unit)), after: .relu))
      case 7 where extent > 3:
        layers.append(
          Residual(
            Sequential(
              Conv2D(width, width + next, kernel: 3, stride: 2, padding: 1), BatchNorm(width + next)
            ),
            projection: PaddedShortcut(channels: width + next, stride: 2)))
        width += next
        extent = (extent - 1) / 2 + 1
      default: layers.append(key["activation"].choice(of: [Activation.relu, .tanh, .silu]))
      }
    }
    layers += [GlobalAveragePool(), Dense(width, 4), BatchNorm(4)]
    layers.append(
      Reversible([
        Sequential(Dense(2, 2), Dropout(0.4)), Sequential(Dense(2, 2), Activation.tanh),
      ]))
    layers.append(Dense(4, classes))
    let interval = key["interval"].integer(in: 0...3)
    network =
      interval == 0 ? Sequential(layers) : Sequential(layers, checkpointInterval: interval)
  }

  /// The softmax cross-entropy of images and labels.
  func loss<Scalar: TrainableScalar>() -> TrainingStep<Scalar>.Loss {
    let network = network
    return { pass, inputs in softmaxCrossEntropy(network(inputs[0], pass), labels: inputs[1]) }
  }

  /// Random images and their labels.
  func examples<Scalar: TrainableScalar>(_ count: Int, key: Key) -> [Tensor<Scalar>] {
    let values = key["images"].normal(count * channels * size * size)
    return [
      Tensor([count, channels, size, size], nearestTo: values),
      Tensor(classes: (0..<count).map { key["labels"].integer(at: $0, below: classes) }),
    ]
  }
}
