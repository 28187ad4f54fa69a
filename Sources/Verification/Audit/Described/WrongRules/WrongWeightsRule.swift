import Findings
import Plumbline

/// An error that is carried back through a dense layer by other numbers than its transposed weight.
enum WrongWeightsRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let form = site.form as? DenseForm, site.input.shape[-1] == form.outputs else {
      return []
    }
    return [
      WrongLayers(
        id: WeightsNotTransposed.id,
        words: "is carried back through the weight, where its transpose belongs.",
        layers: [LayerDescription(MiscarriedForm(form, isUntransposed: true))]),
      WrongLayers(
        id: ErrorNotCarriedThroughWeights.id,
        words: "is not carried back through the weight.",
        layers: [LayerDescription(MiscarriedForm(form, isUntransposed: false))]),
    ]
  }
}

/// A dense layer of equal width on both sides whose error comes back through the weight itself, or not through it at all.
struct MiscarriedForm: LayerForm {
  private var dense = DenseForm()
  private var isUntransposed = true
  let title = "miscarried"

  init() {}
  init(_ dense: DenseForm, isUntransposed: Bool) {
    (self.dense, self.isUntransposed) = (dense, isUntransposed)
  }

  func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let inputs = try builder.features()
    let layer = Dense(
      inputs, dense.outputs, initializer: dense.initializer, bias: dense.bias)
    return builder.layer(
      Miscarried(dense: layer, isUntransposed: isUntransposed),
      output: builder.input(withFeatures: dense.outputs))
  }

  private struct Miscarried: Layer {
    let dense: Dense
    let isUntransposed: Bool

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      let carried =
        isUntransposed
        ? matmul(input, pass[dense.weight].detached(), transposingSecond: true) : input
      return dense(input.detached(), pass) + (carried - carried.detached())
    }
  }
}
