/// A mistake in a hand-written backward pass, as the audit names it.
public enum CauseID: String, Sendable, Hashable, CaseIterable, Codable {
  case signFlipped = "sign-flipped"
  case missingBatchAverage = "missing-batch-average"
  case extraBatchAverage = "extra-batch-average"
  case missingActivationDerivative = "missing-activation-derivative"
  case extraActivationDerivative = "extra-activation-derivative"
  case derivativeOfWrongActivation = "derivative-of-wrong-activation"
  case derivativeTakenAtActivation = "derivative-taken-at-activation"
  case outputDerivativeMissing = "output-derivative-missing"
  case transposed
  case missingRegularization = "missing-regularization"
  case extraRegularization = "extra-regularization"
  case regularizedBias = "regularized-bias"
  case biasNotSummed = "bias-not-summed"
  case biasAveragedTwice = "bias-averaged-twice"
  case wrongLayerInput = "wrong-layer-input"
  case weightsNotTransposed = "weights-not-transposed"
  case skipGradientDropped = "skip-gradient-dropped"
  case skipGradientCountedTwice = "skip-gradient-counted-twice"
  case maskMissing = "mask-missing"
  case dropoutScaleMissing = "dropout-scale-missing"
  case constantFactor = "constant-factor"
  case zeroGradient = "zero-gradient"
  case stale
  case nonFinite = "non-finite"
  case unknown
  /// Not a mistake of its own: right for the wrong quantity that it was computed from.
  case inherited
}

/// Why a quantity is wrong.
public struct Cause: Sendable, Hashable {
  /// The kind of mistake.
  public let id: CauseID
  /// The number that belongs to it, where there is one: the constant ratio, the wrong coefficient.
  public var factor: Double?
  /// What the claim rests on.
  public var basis = CauseCalibration.Basis.given
  /// The share of such claims that were right where it was known, see ``CauseCalibration``.
  public var confidence: Double { CauseCalibration.stored.confidence(in: id, on: basis) }
  /// A sentence with the line of algebra that is missing.
  public var explanation: String
}

/// A cause at a place.
struct Finding: Sendable, Hashable {
  let quantity: Quantity
  /// `nil` for a choice that is not wrong: another derivative at a kink, a small number that guards a division.
  var cause: Cause?
  /// Whether it is a choice at a kink.
  var isKink = false

  init(_ quantity: Quantity, _ id: CauseID, factor: Double? = nil, _ explanation: String) {
    self.quantity = quantity
    cause = Cause(id: id, factor: factor, explanation: explanation)
  }

  private init(rightAt quantity: Quantity) { self.quantity = quantity }

  static func kink(_ quantity: Quantity) -> Finding {
    var finding = Finding(rightAt: quantity)
    finding.isKink = true
    return finding
  }

  /// A small number added to what is divided by.
  static func guarded(_ quantity: Quantity) -> Finding { Finding(rightAt: quantity) }
}

/// A quantity of a network's forward or backward pass.
public struct Quantity: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The kinds, in the order of the backward pass within a layer after the forward ones.
  public enum Kind: String, Sendable, CaseIterable {
    case preactivation = "Z"
    case activation = "A"
    case activationGradient = "dA"
    case preactivationGradient = "dZ"
    case weightGradient = "dW"
    case biasGradient = "db"

    var isForward: Bool { self == .preactivation || self == .activation }
  }

  /// The kind.
  public let kind: Kind
  /// The layer, from 1.
  public let layer: Int

  /// A quantity of a layer.
  public init(_ kind: Kind, _ layer: Int) {
    self.kind = kind
    self.layer = layer
  }

  /// A quantity by its name, as in "dZ3".
  public init?(name: String) {
    let letters = name.prefix { !$0.isNumber }
    guard let kind = Kind(rawValue: String(letters)),
      let layer = Int(name.dropFirst(letters.count)),
      layer >= 1
    else { return nil }
    self.init(kind, layer)
  }

  /// As in "dZ3".
  public var description: String { "\(kind.rawValue)\(layer)" }

  /// In the order in which they are computed: forward from the first layer, backward from the last.
  public static func < (left: Quantity, right: Quantity) -> Bool {
    if left.kind.isForward != right.kind.isForward { return left.kind.isForward }
    if left.layer != right.layer {
      return left.kind.isForward ? left.layer < right.layer : left.layer > right.layer
    }
    return Kind.allCases.firstIndex(of: left.kind)! < Kind.allCases.firstIndex(of: right.kind)!
  }
}
