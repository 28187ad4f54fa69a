/// What mean-field theory knows of a signal in a wide network at initialization: its mean square, and what its
/// distribution is like.
struct Signal: Sendable, Hashable {
  enum Distribution: Sendable, Hashable {
    /// Nearly normal with mean 0: sums over many independent weights.
    case normal
    /// Not below 0: what a ReLU puts out.
    case rectified
    /// Anything else.
    case other
  }

  var meanSquare: Double
  var distribution: Distribution

  /// Standardized data.
  static let input = Signal(meanSquare: 1, distribution: .other)

  func scaled(by factor: Double) -> Signal {
    Signal(meanSquare: meanSquare * factor, distribution: distribution)
  }
}

extension NetworkPart {
  /// The signal behind the layer, over random weights, in training mode; `nil` where there is no closed form.
  ///
  /// Weights with independent entries of mean 0 multiply the mean square by fan-in times their variance, whatever
  /// comes in (He et al., arXiv:1502.01852). Activations are integrated over the normal distribution. A residual
  /// block adds mean squares, since its branch ends in such a weight: (1 + η²) for a branch that keeps it. The rim of
  /// padding of convolutions is neglected.
  func signal(after signal: Signal) -> Signal? {
    switch description.kind {
    case .dense, .convolution: return signalAfterWeight(signal)
    case .activation(let activation): return signal.after(activation)
    case .batchNorm(_, _, let initialScale):
      return Signal(
        meanSquare: initialScale * initialScale,
        distribution: signal.distribution == .normal ? .normal : .other)
    case .layerNorm:
      return Signal(
        meanSquare: 1, distribution: signal.distribution == .normal ? .normal : .other)
    case .rmsNorm: return Signal(meanSquare: 1, distribution: signal.distribution)
    case .dropout(let rate): return signal.masked(keeping: 1 - rate)
    case .stochasticDepth(let survival, _): return signal.masked(keeping: survival)
    case .scalarBias(let initial): return initial == 0 ? signal : nil
    case .scalarMultiplier(let initial): return signal.scaled(by: initial * initial)
    case .flatten: return signal
    case .paddedShortcut(let channels, _):
      return Signal(
        meanSquare: signal.meanSquare * Double(input[0]) / Double(channels),
        distribution: channels == input[0]
          ? signal.distribution : signal.distribution == .rectified ? .rectified : .other)
    case .sequence: return children.reduce(signal) { $0.flatMap($1.signal(after:)) }
    case .residual: return signalAfterResidual(signal)
    case .concatenating:
      guard let branch = children.reduce(signal, { $0.flatMap($1.signal(after:)) }) else {
        return nil
      }
      let (own, added) = (Double(input.elementCount), Double(output.elementCount))
      let sum = signal.meanSquare * own + branch.meanSquare * (added - own)
      return Signal(
        meanSquare: sum / added,
        distribution: signal.distribution == branch.distribution ? signal.distribution : .other)
    // A weight that is used again is not independent of the signal any more.
    case .again, .transposedDense: return nil
    case .highway, .maxPool, .averagePool, .globalAveragePool, .reversible: return nil
    }
  }

  private func signalAfterWeight(_ signal: Signal) -> Signal? {
    let (weight, bias): (Parameter, Parameter?)
    if let dense = layer as? Dense {
      (weight, bias) = (dense.weight, dense.bias)
    } else if let convolution = layer as? Conv2D {
      (weight, bias) = (convolution.weight, convolution.bias)
    } else {
      return nil
    }
    guard let variance = weight.initializer.meanSquareOfIndependentValues(shape: weight.shape)
    else { return nil }
    let fanIn = Double(weight.shape.elementCount / max(weight.shape[-1], 1))
    // A weight that starts at zero puts out zeros, which any distribution describes.
    let product = Signal(meanSquare: fanIn * variance * signal.meanSquare, distribution: .normal)
    guard let bias else { return product }
    guard let offset = bias.initializer.meanSquareOfIndependentValues(shape: bias.shape) else {
      return nil
    }
    return Signal(meanSquare: product.meanSquare + offset, distribution: .normal)
  }

  private func signalAfterResidual(_ signal: Signal) -> Signal? {
    guard
      case .residual(_, let scale, let learnedScale, let before, let after, _) = description.kind
    else { return nil }
    func through(_ role: String, _ start: Signal?) -> Signal? {
      children.filter { $0.role == role }.reduce(start) { $0.flatMap($1.signal(after:)) }
    }
    guard let skip = through("projection", signal) else { return nil }
    let factor = scale * (learnedScale ?? 1)
    if factor == 0 { return skip.after(after) }
    guard let branch = through("branch", signal.after(before)) else { return nil }
    // The mean square of a sum is the sum of the mean squares where the branch has mean 0 for any given input.
    if branch.meanSquare > 0, branch.distribution != .normal { return nil }
    let sum = Signal(
      meanSquare: skip.meanSquare + factor * factor * branch.meanSquare,
      distribution: branch.meanSquare == 0
        ? skip.distribution : skip.distribution == .normal ? .normal : .other)
    return sum.after(after)
  }
}

extension LayerDescription.Kind {
  /// The signal that the layers inside get.
  func signalInside(_ signal: Signal) -> Signal? {
    switch self {
    case .residual(_, _, _, let before, _, _): signal.after(before)
    case .reversible: nil
    default: signal
    }
  }
}

extension Signal {
  /// Behind an activation; `nil` where its argument's distribution is not known well enough.
  func after(_ activation: Activation) -> Signal? {
    if activation == .linear { return self }
    if meanSquare == 0 {
      let value = activation(Tensor<Double>(0)).scalar
      return Signal(meanSquare: value * value, distribution: .other)
    }
    switch (activation, distribution) {
    case (.relu, .normal): return Signal(meanSquare: meanSquare / 2, distribution: .rectified)
    case (.relu, .rectified), (.leakyRelu, .rectified), (.elu, .rectified): return self
    case (_, .normal):
      return Signal(
        meanSquare: Self.meanSquare(of: activation, at: meanSquare), distribution: .other)
    default: return nil
    }
  }

  /// Behind a random mask that keeps the mean.
  func masked(keeping probability: Double) -> Signal {
    Signal(
      meanSquare: meanSquare / probability,
      distribution: probability == 1 || distribution == .rectified ? distribution : .other)
  }

  /// E f(x)² for x normal with mean 0 and this variance, by the trapezoidal rule, whose error is below 10⁻⁵ with a
  /// kink at 0 and rounding without.
  private static func meanSquare(of activation: Activation, at variance: Double) -> Double {
    let step = 1.0 / 256
    let points = Tensor<Double>.indices(2 * 10 * 256 + 1) * step - 10
    let values = activation(points * variance.squareRoot())
    return (values.squared() * normalDensity(points)).sum().scalar * step
  }
}

extension Initializer {
  /// The mean square of values that are independent with mean 0, or as good as: of a random orthogonal matrix the
  /// rows or columns are. `nil` for other constants than 0.
  func meanSquareOfIndependentValues(shape: Shape) -> Double? {
    switch rule {
    case .constant(let value): value == 0 ? 0 : nil
    case .scaled, .varianceScaling:
      standardDeviation(shape: shape).map { $0 * $0 }
    case .orthogonal(let gain):
      // Unit vectors as long as the longer side.
      gain * gain / Double(max(shape.elementCount / max(shape[-1], 1), shape[-1]))
    }
  }
}
