import Findings
import Plumbline

/// What people get wrong in the gradient of a parameter of one form of layer.
///
/// To add one, write its file and a line in ``parameterRules``.
protocol ParameterRule: SendableMetatype {
  /// The mistake that gives a gradient; `nil` if it is not one of this form's.
  static func cause(of own: Tensor<Double>, at quantity: Quantity, _ site: ParameterSite) -> Cause?
}

/// Every rule.
let parameterRules: [any ParameterRule.Type] = [
  DenseParameterRule.self,
  ConvolutionParameterRule.self,
  TableRule.self,
  NormalizationParameterRule.self,
  AttentionParameterRule.self,
]
