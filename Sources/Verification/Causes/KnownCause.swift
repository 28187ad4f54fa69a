import Findings
import Plumbline

/// The id of a mistake in a hand-written backward pass.
public typealias CauseID = Finding.Cause

/// A mistake that people make in a backward pass: its id, and how it would show at each step.
///
/// A cause is one file: it answers for the steps at which it can be made, and is listed in ``knownCauses``. At each step the audit
/// takes the explanation with the fewest mistakes.
protocol KnownCause: SendableMetatype {
  /// The id, as files have it.
  static var id: CauseID { get }
  /// What it means, in a sentence without a full stop.
  static var meaning: String { get }

  /// The mistake if a gradient is a constant multiple of what it should be and this ratio identifies it.
  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake?

  /// dA of the last layer with this mistake.
  static func outputGradients(_ step: OutputStep) -> [Hypothesis]
  /// dZ from dA with this mistake.
  static func throughFunction(_ step: FunctionStep) -> [Hypothesis]
  /// dA from dZ of the next layer with this mistake.
  static func throughWeights(_ step: WeightsStep) -> [Hypothesis]
  /// The data's part of dW with this mistake.
  static func weightGradients(_ step: ParameterStep) -> [Hypothesis]
  /// db with this mistake.
  static func biasGradients(_ step: ParameterStep) -> [Hypothesis]
}

extension KnownCause {
  static func mistake(
    ratio: Double, at quantity: Quantity, _ comparison: Comparison
  ) -> Mistake? { nil }
  static func outputGradients(_ step: OutputStep) -> [Hypothesis] { [] }
  static func throughFunction(_ step: FunctionStep) -> [Hypothesis] { [] }
  static func throughWeights(_ step: WeightsStep) -> [Hypothesis] { [] }
  static func weightGradients(_ step: ParameterStep) -> [Hypothesis] { [] }
  static func biasGradients(_ step: ParameterStep) -> [Hypothesis] { [] }
}

/// Every cause, a line each; of several that explain a value equally well the first is named.
let knownCauses: [any KnownCause.Type] = [
  SignFlipped.self,
  MissingBatchAverage.self,
  ExtraBatchAverage.self,
  DropoutScaleMissing.self,
  MaskMissing.self,
  OutputDerivativeMissing.self,
  MissingActivationDerivative.self,
  ExtraActivationDerivative.self,
  DiagonalJacobian.self,
  DerivativeTakenAtActivation.self,
  DerivativeOfWrongActivation.self,
  ActivationAsDerivative.self,
  LabelsBroadcast.self,
  GradientOfAnotherLoss.self,
  StatisticsHeldConstant.self,
  NormalizationScaleMissing.self,
  SkipGradientDropped.self,
  SkipGradientCountedTwice.self,
  WeightsNotTransposed.self,
  ErrorNotCarriedThroughWeights.self,
  WrongLayerInput.self,
  PathMissing.self,
  FactorMissing.self,
  SummedBeforeProduct.self,
  RowsAssignedNotAdded.self,
  BiasNotSummed.self,
  BiasSummedOverWrongAxis.self,
  BiasFromWrongQuantity.self,
  BiasAveragedTwice.self,
  RegularizedBias.self,
  ConstantFactor.self,
  ZeroGradient.self,
  Transposed.self,
  MissingRegularization.self,
  ExtraRegularization.self,
  UpdatedWeights.self,
  Stale.self,
  NonFinite.self,
  TimeStepsMissing.self,
  ExamplesMissing.self,
  ExamplesNotSummed.self,
  ChangedAfterwards.self,
  UnknownMistake.self,
  Inherited.self,
]

extension CauseID {
  /// Every id that an audit can give, for whoever measures how often they are right.
  package static let allOfAudits: [CauseID] = knownCauses.map { $0.id }
}
