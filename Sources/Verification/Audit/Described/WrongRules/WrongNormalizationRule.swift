import Findings
import Plumbline

/// Mean and variance of a normalization, treated as constants, and a scale that is left out.
enum WrongNormalizationRule: WrongRule {
  static func layers(_ site: LayerSite) -> [WrongLayers] {
    guard let form = site.form as? any NormalizationForm else { return [] }
    return layers(form, rank: site.input.shape.rank)
  }

  private static func layers<Form: NormalizationForm>(_ form: Form, rank: Int) -> [WrongLayers] {
    let (epsilon, isOverUnits) = (form.epsilon, Form.isOverFeatures)
    let words = ProgramNetwork.Normalization(epsilon: epsilon, isOverUnits: isOverUnits).words
    func layer(
      _ mean: Bool, _ variance: Bool, _ scale: Bool = true, divides: Bool = true
    ) -> [LayerDescription] {
      [
        LayerDescription(
          ConstantStatisticsForm(
            epsilon: epsilon, isOverUnits: isOverUnits, isCentered: Form.isCentered, mean: mean,
            variance: variance, hasScale: scale, isDivided: divides))
      ]
    }
    let statistics =
      Form.isCentered
      ? [(true, true, "mean and variance"), (false, true, "variance"), (true, false, "mean")]
      : [(false, true, "mean square")]
    let rule =
      Form.isCentered
      ? "dZ = (dx - mean(dx) - x * mean(dx * x)) / std" : "dZ = (dx - x * mean(dx * x)) / rms"
    return statistics.map { mean, variance, what in
      WrongLayers(
        id: StatisticsHeldConstant.id,
        words:
          "treats the \(what) \(words.of) as constant; \(words.dependence): \(rule), where x is normalized and dx its gradient.",
        layers: layer(mean, variance))
    } + [
      WrongLayers(
        id: NormalizationScaleMissing.id,
        words: "lacks the scale of the normalization: dx = dy * gamma.",
        layers: layer(false, false, false)),
      WrongLayers(
        id: NormalizationScaleMissing.id,
        words:
          "lacks the division by the \(Form.isCentered ? "standard deviation" : "root mean square"): \(rule).",
        layers: layer(false, false, divides: false)),
    ]
      + otherAxes(isOverUnits, rank).map { axes, what in
        WrongLayers(
          id: StatisticsHeldConstant.id,
          words:
            "takes the means of dx and dx * x over the \(what), where the forward pass has them \(words.of): \(rule).",
          layers: [
            LayerDescription(
              ConstantStatisticsForm(
                epsilon: epsilon, isOverUnits: isOverUnits, isCentered: Form.isCentered,
                mean: false,
                variance: false, hasScale: true, isDivided: true, axesOfGradient: axes))
          ])
      }
  }

  /// Axes over which the backward pass may take its means by mistake.
  private static func otherAxes(_ isOverUnits: Bool, _ rank: Int) -> [(axes: [Int], what: String)] {
    switch (isOverUnits, rank) {
    case (true, 2): [([0], "examples")]
    case (true, 3): [([0], "examples"), ([1], "steps"), ([0, 1], "examples and steps")]
    case (false, 2): [([1], "units")]
    default: []
    }
  }
}

/// A normalization whose statistics are constants on the way back or taken over other axes, or whose scale is not passed.
struct ConstantStatisticsForm: LayerForm {
  private var epsilon = 1e-5, isOverUnits = false, isCentered = true
  private var isMeanConstant = false, isVarianceConstant = false, hasScale = true
  private var isDivided = true
  private var axesOfGradient: [Int]?
  let title = "constant-statistics"

  init() {}
  init(
    epsilon: Double, isOverUnits: Bool, isCentered: Bool, mean: Bool, variance: Bool,
    hasScale: Bool, isDivided: Bool, axesOfGradient: [Int]? = nil
  ) {
    self.axesOfGradient = axesOfGradient
    (self.epsilon, self.isOverUnits, self.isCentered) = (epsilon, isOverUnits, isCentered)
    self.isDivided = isDivided
    (isMeanConstant, isVarianceConstant, self.hasScale) = (mean, variance, hasScale)
  }

  func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    let channels = isOverUnits ? builder.input[-1] : builder.input[0]
    return builder.layer(Normalization(self, channels))
  }

  private struct Normalization: Layer {
    let scale: Parameter
    /// Only with a mean that is subtracted.
    let shift: Parameter?
    let form: ConstantStatisticsForm
    private let name = LayerName()

    init(_ form: ConstantStatisticsForm, _ channels: Int) {
      scale = Parameter([channels], .constant(1))
      shift = form.isCentered ? Parameter([channels], .zero) : nil
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
        let deviation =
          form.isCentered ? input - (form.isMeanConstant ? mean.detached() : mean) : input
        // The variance is that of the values, whose mean does not matter to it.
        let variance = (form.isCentered ? input - mean : input).squared()
          .mean(alongAxes: axes, keepingAxes: true)
        let used = form.isVarianceConstant ? variance.detached() : variance
        var normalized = deviation / sqrt(used + form.epsilon)
        if !form.isDivided {
          // The gradient arrives as large as if it had not been divided.
          let whole = normalized * sqrt(variance + form.epsilon).detached()
          normalized = whole + (normalized - whole).detached()
        }
        if let axes = form.axesOfGradient {
          // dx - mean(dx) - x * mean(dx * x) is its own adjoint.
          let (x, z) = (normalized.detached(), input / sqrt(variance + form.epsilon).detached())
          var passed = z - x * (z * x).mean(alongAxes: axes, keepingAxes: true)
          if form.isCentered { passed = passed - z.mean(alongAxes: axes, keepingAxes: true) }
          normalized = passed + (normalized - passed).detached()
        }
        let factor = pass[scale].reshaped(to: along)
        let scaled =
          form.hasScale
          ? normalized * factor
            // The gradient of the scale is right, and what is normalized gets it unscaled.
          : normalized.detached() * factor + (normalized - normalized.detached())
        return shift.map { scaled + pass[$0].reshaped(to: along) } ?? scaled
      }
    }
  }
}
