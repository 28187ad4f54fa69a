/// Batch normalization: y = (x - mean) / √(variance + ε) · scale + shift, with mean and variance of each channel
/// over the batch (and the positions in an image) in training, and running averages of them in inference.
///
/// x is `[examples, channels]` or `[examples, channels, ...]`; scale, shift and the running statistics are
/// `[channels]`. The formulas are PyTorch's: the batch is normalized by its biased variance, and the running
/// variance follows the unbiased one; running = (1 - momentum) running + momentum · batch, from mean 0 and
/// variance 1. In training the output depends only on the batch and the gradient flows through its mean and
/// variance. A training pass returns the new running statistics, see ``RunningStatistic``. Source: Ioffe and
/// Szegedy, arXiv:1502.03167.
public struct BatchNorm: Layer, CustomStringConvertible {
  /// The factor on each normalized channel.
  public let scale: Parameter
  /// What is added to each channel.
  public let shift: Parameter
  /// The running averages that inference uses.
  public let runningMean: RunningStatistic, runningVariance: RunningStatistic
  /// The weight of the newest batch in the running averages.
  public let momentum: Double
  /// The ε that is added to the variance.
  public let epsilon: Double
  private let name = LayerName()

  /// A layer for `channels` channels.
  ///
  /// - Parameters:
  ///   - channels: The size of the input's second axis.
  ///   - momentum: The weight of a batch's statistics in the running ones.
  ///   - epsilon: Added to the variance, in the square of the input's unit.
  ///   - initialScale: The initial factor: with 0 at the end of a residual branch the block starts as its skip (Goyal et
  ///     al., arXiv:1706.02677).
  public init(
    _ channels: Int, momentum: Double = 0.1, epsilon: Double = 1e-5, initialScale: Double = 1
  ) {
    require(channels > 0, "a batch normalization of \(channels) channels")
    require(momentum >= 0 && momentum <= 1, "a momentum must be from 0 to 1, not \(momentum)")
    scale = Parameter([channels], .constant(initialScale))
    shift = Parameter([channels], .zero)
    runningMean = RunningStatistic([channels], initial: 0)
    runningVariance = RunningStatistic([channels], initial: 1)
    self.momentum = momentum
    self.epsilon = epsilon
  }

  /// The normalized input. Traps in training if a channel has a single value, which has no variance.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    let channels = scale.shape[0]
    require(
      input.shape.rank >= 2 && input.shape[1] == channels,
      "a batch normalization of \(channels) channels takes [examples, \(channels), ...], not "
        + "\(input.shape)")
    // Channels come before the positions in an image.
    let alongChannels = Shape([channels] + Array(repeating: 1, count: input.shape.rank - 2))
    return pass.named(name) {
      switch pass.mode {
      case .training: normalizedByBatch(input, pass, alongChannels)
      case .inference: normalizedByRunningStatistics(input, pass, alongChannels)
      }
    }
  }

  private func normalizedByBatch<T>(_ input: T, _ pass: Pass<T>, _ alongChannels: Shape) -> T {
    let channels = scale.shape[0]
    let count = input.shape.elementCount / channels
    require(
      count > 1,
      "batch normalization in training needs more than one value per channel; the input has "
        + "shape \(input.shape)")
    let mean = sum(input) / Double(count)
    let deviation = input - mean
    let variance = sum(deviation.squared()) / Double(count)
    follow(runningMean, mean, factor: 1, pass)
    follow(runningVariance, variance, factor: Double(count) / Double(count - 1), pass)
    let factor = pass[scale].reshaped(to: alongChannels) / sqrt(variance + epsilon)
    return deviation * factor + pass[shift].reshaped(to: alongChannels)
  }

  /// The sum of each channel, `[1, channels, 1, ...]`: over the positions first, which are contiguous.
  private func sum<T: TensorProtocol>(_ x: T) -> T {
    let channels =
      x.shape.rank > 2 ? x.sum(alongAxes: Array(2..<x.shape.rank), keepingAxes: true) : x
    return channels.sum(alongAxes: [0], keepingAxes: true)
  }

  private func follow<T>(
    _ statistic: RunningStatistic, _ batch: T, factor: Double, _ pass: Pass<T>
  ) {
    let newest = batch.detached().reshaped(to: statistic.shape) * (momentum * factor)
    let running = pass.value(of: statistic, like: batch)
    pass.update(statistic, to: running * (1 - momentum) + newest)
  }

  private func normalizedByRunningStatistics<T>(
    _ input: T, _ pass: Pass<T>, _ alongChannels: Shape
  ) -> T {
    let mean = pass.value(of: runningMean, like: input)
    let variance = pass.value(of: runningVariance, like: input)
    let factor = pass[scale] / sqrt(variance + epsilon)
    let term = pass[shift] - mean * factor
    return input * factor.reshaped(to: alongChannels) + term.reshaped(to: alongChannels)
  }
}

/// ``BatchNorm``: `batch-norm`.
public struct BatchNormForm: NormalizationForm {
  /// The settings of the layer.
  public var momentum = 0.1, epsilon = 1e-5, initialScale = 1.0
  public let title = "batch-norm"
  public static let isOverFeatures = false, isCentered = true
  public static let fields: [Field<Self>] = [
    .number("momentum", \.momentum, in: .from(0, to: 1)),
    .number("epsilon", \.epsilon, in: .atLeast(0)), .number("initial_scale", \.initialScale),
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    let channels = builder.input[0]
    return builder.layer(
      BatchNorm(channels, momentum: momentum, epsilon: epsilon, initialScale: initialScale),
      smallestBatch: builder.input.elementCount == channels ? 2 : 1)
  }

  public func signal(after signal: Signal, in layer: BuiltLayer) -> Signal? {
    signal.normalized(to: initialScale * initialScale)
  }
}

extension LayerForm where Self == BatchNormForm {
  /// ``BatchNorm``.
  public static func batchNorm(
    momentum: Double = 0.1, epsilon: Double = 1e-5, initialScale: Double = 1
  ) -> Self {
    var form = BatchNormForm()
    (form.momentum, form.epsilon, form.initialScale) = (momentum, epsilon, initialScale)
    return form
  }
}
