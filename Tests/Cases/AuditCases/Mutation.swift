import Plumbline
import Verification

/// A mistake that a case plants into a backward pass.
public enum Mutation: Sendable, Hashable {
  /// dZ, dA or dW of a layer is multiplied with a constant: a sign, a forgotten or repeated factor.
  case factor(Quantity, Double)
  /// dA of the output with a plus for the minus.
  case plusForMinus
  /// The division by m is missing in one gradient of a parameter, or done once more.
  case noAverage(Quantity)
  case extraAverage(Quantity)
  /// The derivative of a layer's activation is missing.
  case noDerivative(Int)
  /// The derivative of another activation.
  case otherDerivative(Int, Activation)
  /// f' taken at A, and the formula in A taken at Z.
  case derivativeAtActivation(Int)
  case formulaAtPreactivation(Int)
  /// A - Y multiplied with the output's derivative though it holds it.
  case derivativeTwice
  /// The transpose of dW.
  case transposed(Int)
  /// The penalty's gradient is missing, is there without a penalty, or is m times too large.
  case noPenalty(Int)
  case strayPenalty(Int)
  case penaltyWithoutAverage(Int)
  /// The penalty on a bias.
  case penaltyOnBias(Int)
  /// db of the first example only; the sum over everything; the sum over no axis.
  case firstExampleBias(Int)
  case totalBias(Int)
  case unsummedBias(Int)
  /// dW with Z in place of A, and with the layer's own output.
  case preactivationInput(Int)
  case ownOutput(Int)
  /// W in place of its transpose.
  case notTransposed(Int)
  /// The block that begins with a layer: its input's gradient lacks the skip, or has it twice.
  case skipDropped(Int)
  case skipTwice(Int)
  /// The backward pass lacks dropout's mask, or its scale.
  case noMask(Int)
  case noMaskScale(Int)
  /// dW is zero.
  case zero(Int)
  /// dA is computed after the weights behind it were changed.
  case stale(Int)
  /// A gradient holds NaN.
  case notANumber(Quantity)
  /// A mistake that is in nobody's list.
  case strange(Quantity)
  /// A in place of the derivative.
  case activationForDerivative(Int)
  /// The gradient of the squared error under a cross-entropy.
  case squaredErrorGradient
  /// Softmax's derivative taken element by element.
  case diagonalJacobian
  /// Labels of (m,) next to outputs of (m, 1).
  case broadcastLabels
  /// dZ of the next layer handed down as it is.
  case notCarried(Int)
  /// dW as a product of sums.
  case summedFirst(Int)
  /// db summed over the units, and made of dW.
  case biasOverUnits(Int)
  case biasOfWeights(Int)
  /// A gradient of a parameter made of so many of the last examples alone.
  case lastExamples(Quantity, Int)
  /// dW as a product element by element, not summed over the examples.
  case unsummedWeights(Int)
  /// The derivative 1 or 1/2 at a kink: not a mistake.
  case otherSideOfKink(Double)

  /// Where the audit should see it first, and what it should call it.
  func expectation(_ network: HandWrittenNetwork) -> (Quantity, CauseID)? {
    func dz(_ layer: Int) -> Quantity { Quantity(.preactivationGradient, layer) }
    func da(_ layer: Int) -> Quantity { Quantity(.activationGradient, layer) }
    func dw(_ layer: Int) -> Quantity { Quantity(.weightGradient, layer) }
    func db(_ layer: Int) -> Quantity { Quantity(.biasGradient, layer) }
    switch self {
    case .factor(let quantity, let factor):
      return (quantity, factor == -1 ? .signFlipped : .constantFactor)
    case .plusForMinus: return (da(network.layerCount), .signFlipped)
    case .noAverage(let quantity): return (quantity, .missingBatchAverage)
    case .extraAverage(let quantity):
      return (quantity, quantity.kind == .biasGradient ? .biasAveragedTwice : .extraBatchAverage)
    case .noDerivative(let layer):
      if layer == network.layerCount { return (dz(layer), .outputDerivativeMissing) }
      return (
        dz(layer), network.activation(layer) == .relu ? .maskMissing : .missingActivationDerivative
      )
    case .otherDerivative(let layer, _): return (dz(layer), .derivativeOfWrongActivation)
    case .derivativeAtActivation(let layer), .formulaAtPreactivation(let layer):
      return (dz(layer), .derivativeTakenAtActivation)
    case .derivativeTwice: return (dz(network.layerCount), .extraActivationDerivative)
    case .transposed(let layer): return (dw(layer), .transposed)
    case .noPenalty(let layer): return (dw(layer), .missingRegularization)
    case .strayPenalty(let layer), .penaltyWithoutAverage(let layer):
      return (dw(layer), .extraRegularization)
    case .penaltyOnBias(let layer): return (db(layer), .regularizedBias)
    case .firstExampleBias(let layer), .totalBias(let layer), .unsummedBias(let layer):
      return (db(layer), .biasNotSummed)
    case .preactivationInput(let layer), .ownOutput(let layer): return (dw(layer), .wrongLayerInput)
    case .notTransposed(let layer): return (da(layer), .weightsNotTransposed)
    case .skipDropped(let layer): return (da(layer - 1), .skipGradientDropped)
    case .skipTwice(let layer): return (da(layer - 1), .skipGradientCountedTwice)
    case .noMask(let layer): return (dz(layer), .maskMissing)
    case .noMaskScale(let layer): return (dz(layer), .dropoutScaleMissing)
    case .zero(let layer): return (dw(layer), .zeroGradient)
    case .stale(let layer): return (da(layer), .updatedWeights)
    case .notANumber(let quantity): return (quantity, .nonFinite)
    case .strange(let quantity): return (quantity, .unknown)
    case .activationForDerivative(let layer): return (dz(layer), .activationAsDerivative)
    case .squaredErrorGradient: return (da(network.layerCount), .gradientOfAnotherLoss)
    case .diagonalJacobian: return (dz(network.layerCount), .diagonalJacobian)
    case .broadcastLabels: return (dz(network.layerCount), .labelsBroadcast)
    case .notCarried(let layer): return (da(layer), .errorNotCarriedThroughWeights)
    case .summedFirst(let layer): return (dw(layer), .summedBeforeProduct)
    case .biasOverUnits(let layer): return (db(layer), .biasSummedOverWrongAxis)
    case .biasOfWeights(let layer): return (db(layer), .biasFromWrongQuantity)
    case .lastExamples(let quantity, _): return (quantity, .examplesMissing)
    case .unsummedWeights(let layer): return (dw(layer), .examplesNotSummed)
    case .otherSideOfKink: return nil
    }
  }

  /// Another name that is true of it: a bias gradient of one example alone is one that is not summed.
  var otherName: CauseID? {
    if case .lastExamples(let quantity, 1) = self, quantity.kind == .biasGradient {
      return .biasNotSummed
    }
    return nil
  }
}
