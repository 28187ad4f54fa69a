import Plumbline

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
