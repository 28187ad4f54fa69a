import Findings
import Plumbline

/// Mean and variance of a normalization, treated as constants, and a scale that is left out.
enum WrongNormalizationRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    let (epsilon, isOverUnits): (Double, Bool)
    switch site.form {
    case let form as BatchNormForm: (epsilon, isOverUnits) = (form.epsilon, false)
    case let form as LayerNormForm: (epsilon, isOverUnits) = (form.epsilon, true)
    default: return []
    }
    let words = ProgramNetwork.Normalization(epsilon: epsilon, isOverUnits: isOverUnits).words
    func layer(
      _ mean: Bool, _ variance: Bool, _ scale: Bool = true, divides: Bool = true
    ) -> [LayerDescription] {
      [
        LayerDescription(
          ConstantStatisticsForm(
            epsilon: epsilon, isOverUnits: isOverUnits, mean: mean, variance: variance,
            hasScale: scale, isDivided: divides))
      ]
    }
    let statistics = [
      (true, true, "mean and variance"), (false, true, "variance"), (true, false, "mean"),
    ]
    return statistics.map { mean, variance, what in
      WrongLayers(
        id: StatisticsHeldConstant.id,
        words:
          "treats the \(what) \(words.of) as constant; \(words.dependence): dZ = (dx - mean(dx) - x * mean(dx * x)) / std, "
          + "where x is normalized and dx its gradient.", layers: layer(mean, variance))
    } + [
      WrongLayers(
        id: NormalizationScaleMissing.id,
        words: "lacks the scale of the normalization: dx = dy * gamma.",
        layers: layer(false, false, false)),
      WrongLayers(
        id: NormalizationScaleMissing.id,
        words:
          "lacks the division by the standard deviation: dZ = (dx - mean(dx) - x * mean(dx * x)) / std.",
        layers: layer(false, false, divides: false)),
    ]
  }
}

/// A normalization whose statistics are constants on the way back, or whose scale is not passed.
struct ConstantStatisticsForm: LayerForm {
  private var epsilon = 1e-5, isOverUnits = false
  private var isMeanConstant = false, isVarianceConstant = false, hasScale = true
  private var isDivided = true
  let title = "constant-statistics"

  init() {}
  init(
    epsilon: Double, isOverUnits: Bool, mean: Bool, variance: Bool, hasScale: Bool, isDivided: Bool
  ) {
    (self.epsilon, self.isOverUnits, self.isDivided) = (epsilon, isOverUnits, isDivided)
    (isMeanConstant, isVarianceConstant, self.hasScale) = (mean, variance, hasScale)
  }

  func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    let channels = isOverUnits ? builder.input[-1] : builder.input[0]
    return builder.layer(Normalization(self, channels))
  }

  private struct Normalization: Layer {
    let scale: Parameter, shift: Parameter
    let form: ConstantStatisticsForm
    private let name = LayerName()

    init(_ form: ConstantStatisticsForm, _ channels: Int) {
      scale = Parameter([channels], .constant(1))
      shift = Parameter([channels], .zero)
      self.form = form
    }

    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      pass.named(name) {
        let rank = input.shape.rank
        let axes = form.isOverUnits ? [rank - 1] : [0] + Array(2..<Swift.max(rank, 2))
        let along = Shape(
          form.isOverUnits
            ? [scale.shape[0]] : [scale.shape[0]] + Array(repeating: 1, count: rank - 2))
        let mean = input.mean(alongAxes: axes, keepingAxes: true)
        let deviation = input - (form.isMeanConstant ? mean.detached() : mean)
        // The variance is that of the values, whose mean does not matter to it.
        let variance = (input - mean).squared().mean(alongAxes: axes, keepingAxes: true)
        let used = form.isVarianceConstant ? variance.detached() : variance
        var normalized = deviation / sqrt(used + form.epsilon)
        if !form.isDivided {
          // The gradient arrives as large as if it had not been divided.
          let whole = normalized * sqrt(variance + form.epsilon).detached()
          normalized = whole + (normalized - whole).detached()
        }
        let factor = pass[scale].reshaped(to: along)
        let scaled =
          form.hasScale
          ? normalized * factor
            // The gradient of the scale is right, and what is normalized gets it unscaled.
          : normalized.detached() * factor + (normalized - normalized.detached())
        return scaled + pass[shift].reshaped(to: along)
      }
    }
  }
}
