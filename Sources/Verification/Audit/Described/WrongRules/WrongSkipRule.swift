import Findings
import Plumbline

/// The gradient of a residual block that lacks one of its two parts, or counts it twice.
enum WrongSkipRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let block = site.form as? ResidualForm else { return [] }
    func changed(_ change: (inout ResidualForm) -> Void) -> [LayerDescription] {
      var form = block
      change(&form)
      return [LayerDescription(form)]
    }
    func skip(_ factor: Double) -> [LayerDescription] {
      changed { $0.projection = [LayerDescription(GradientFactorForm(factor))] + $0.projection }
    }
    let sum =
      "the gradient at the input of a residual block is that through its branch plus that through its skip"
    var all = [
      WrongLayers(
        id: SkipGradientDropped.id, words: "lacks the skip's part: \(sum).", layers: skip(0)),
      WrongLayers(
        id: SkipGradientCountedTwice.id, words: "contains the skip's part twice: \(sum).",
        layers: skip(2)),
      WrongLayers(
        id: ZeroGradient.id, words: "lacks the branch's part: \(sum).",
        layers: changed { $0.branch = [LayerDescription(GradientFactorForm(0))] + $0.branch }),
    ]
    if block.after != .linear {
      let function = Nonlinearity.elementwise(block.after)
      all.append(
        WrongLayers(
          id: MissingActivationDerivative.id(lacking: function),
          words:
            "lacks the derivative of the \(block.after.title) after the sum: dZ = dA * \(function.formula).",
          layers: changed { $0.after = .linear } + [
            LayerDescription(SubstitutedForm(block.after, gradient: Activation.linear))
          ]))
    }
    if block.scale != 1 {
      all.append(
        WrongLayers(
          id: ConstantFactor.id,
          words: "lacks the factor on the block's branch, \(block.scale.text).",
          layers: changed {
            $0.branch.append(LayerDescription(GradientFactorForm(1 / block.scale)))
          }))
    }
    return all
  }
}
