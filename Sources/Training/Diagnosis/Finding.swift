/// Something that keeps a network from learning, or from what it could learn: what is seen, where, since when, why,
/// and what to do.
public struct Finding: Codable, Sendable, Hashable {
  /// The kinds of trouble.
  public enum Family: String, Codable, Sendable, Hashable, CaseIterable {
    /// The network answers every example alike.
    case baseRate = "base-rate"
    /// The signal grows or shrinks along the depth.
    case signal
    /// Units are dead or saturated.
    case units
    /// The learning rate is too large or too small.
    case learningRate = "learning-rate"
    /// Bias, variance, when to stop.
    case fit
    /// The data themselves.
    case data
    /// Values that are infinite or NaN.
    case numbers
  }

  /// What causes a trouble.
  public enum Cause: String, Codable, Sendable, Hashable, CaseIterable {
    /// An update was so large that it turned units off for every example.
    case updateKilledUnits = "update-killed-units"
    /// The units were off for every example from the start.
    case bornDead = "born-dead"
    /// The initial weights are too small, or too large, for the depth.
    case initialScaleTooSmall = "initial-scale-too-small"
    case initialScaleTooLarge = "initial-scale-too-large"
    /// The branches of residual blocks are added without a factor that falls with their number.
    case branchesUnscaled = "branches-unscaled"
    /// The depth makes the representations of different inputs alike.
    case depthCollapse = "depth-collapse"
    /// Inputs and targets have nothing to do with each other.
    case noSignalInInputs = "no-signal-in-inputs"
    /// The rate.
    case learningRateTooLarge = "learning-rate-too-large"
    case learningRateTooSmall = "learning-rate-too-small"
    /// Penalties, weight decay or dropout hold the network back.
    case tooMuchRegularization = "too-much-regularization"
    /// Units stand where their function is flat.
    case saturation
    /// The fit.
    case highBias = "high-bias"
    case highVariance = "high-variance"
    case differentDistributions = "different-distributions"
    case stoppedTooEarly = "stopped-too-early"
    case stoppedTooLate = "stopped-too-late"
    /// The data.
    case unscaledInputs = "unscaled-inputs"
    case constantInputs = "constant-inputs"
    /// Real targets far from the size of what a network puts out at the start.
    case unscaledTargets = "unscaled-targets"
    /// Real targets beyond what the function of the last layer can put out.
    case targetsOutOfReach = "targets-out-of-reach"
    case imbalance
    case duplicates
    case nonFiniteData = "non-finite-data"
    /// A number became too large for its type.
    case overflow
  }

  /// A number that the finding rests on.
  public struct Number: Codable, Sendable, Hashable {
    /// What it is, and its value.
    public let name: String, value: Double

    /// A number under a name.
    public init(_ name: String, _ value: Double) {
      self.name = name
      self.value = value
    }
  }

  /// The kind of trouble.
  public var family: Family
  /// What causes it.
  public var cause: Cause
  /// What is seen, in a sentence.
  public var symptom: String
  /// Why, in a sentence or two.
  public var explanation: String
  /// The path of the layer; `nil` where it is the network or the data as a whole.
  public var layer: String?
  /// The units of that layer; empty for all.
  public var units: [Int]
  /// The step at which it began; `nil` where it has no beginning.
  public var step: Int?
  /// The numbers.
  public var evidence: [Number]
  /// What to do.
  public var remedy: String
  /// The run that shows the remedy working, where one was made.
  public var counterfactual: Counterfactual?

  /// A finding without a counterfactual run.
  public init(
    family: Family, cause: Cause, symptom: String, explanation: String, layer: String? = nil,
    units: [Int] = [], step: Int? = nil, evidence: [Number] = [], remedy: String
  ) {
    self.family = family
    self.cause = cause
    self.symptom = symptom
    self.explanation = explanation
    self.layer = layer
    self.units = units
    self.step = step
    self.evidence = evidence
    self.remedy = remedy
  }

  /// How often this cause was the right one among the runs of the zoo that were said to have it, see
  /// ``Calibration``.
  public var confidence: Double { Calibration.confidence(in: cause) }

  /// The value of a number of the evidence.
  public subscript(name: String) -> Double? { evidence.first { $0.name == name }?.value }
}

extension Finding: CustomStringConvertible {
  /// Symptom, cause and remedy as a paragraph.
  public var description: String {
    let place = [layer.map { "layer \($0)" }, step.map { "step \($0)" }].compactMap { $0 }
    let head = place.isEmpty ? "" : " (" + place.joined(separator: ", ") + ")"
    return "\(family.rawValue)\(head): \(symptom)\n  cause: \(explanation)\n  remedy: \(remedy)"
      + (counterfactual.map { "\n  shown: \($0)" } ?? "")
  }
}
