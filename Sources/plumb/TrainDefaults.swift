import Console
import Datasets
import Plumbline
import Training

/// The defaults of a training if no network is given: layers by the number of examples, and features and targets of a suitable
/// scale. They are reported as the options that request the same.
struct TrainDefaults {
  /// The hidden layers, if inputs and outputs come from the data; `nil` if --network gives everything.
  let hidden: [Int]?
  /// How features are shifted and scaled.
  let normalization: Normalization.Scope?
  /// Whether real targets are shifted and scaled.
  let scalesTargets: Bool
  /// What was chosen besides the layers, as options; `nil` for nothing.
  let chosenWithLayers: String?
  /// What was chosen; `nil` if the options gave everything.
  let note: String?

  init(_ options: ParsedOptions, for data: LabelledSet) {
    let asked = options[TrainCommand.normalize]
    guard options[NetworkOptions.network] == nil, options[NetworkOptions.hidden] == nil else {
      hidden = options[NetworkOptions.hidden]
      (normalization, scalesTargets) = (asked, options[TrainCommand.scaleTargets])
      (chosenWithLayers, note) = (nil, nil)
      return
    }
    let layers = Self.layers(data)
    let features: Tensor<Float> = data.featureMatrix()
    let scales = features.isFinite ? FeatureScales(features) : nil
    // The columns of a table have different units; pixels have the same.
    let isTable = data.exampleShape.count == 1
    let isUnscaled =
      scales.map { $0.areUnscaled || isTable && !$0.areNearlyStandard } ?? false
    let areValues =
      data.classCount == nil && TrainedNetwork.customaryLoss(options, for: data).targets == .reals
    hidden = layers
    normalization = asked ?? (isUnscaled ? .perFeature : nil)
    scalesTargets = options[TrainCommand.scaleTargets] || areValues
    let others =
      (asked == nil && isUnscaled ? ["--normalize per-feature"] : [])
      + (areValues && !options[TrainCommand.scaleTargets] ? ["--scale-targets"] : [])
    chosenWithLayers = others.isEmpty ? nil : others.joined(separator: " ")
    note =
      ([
        "chosen, since no network was given: --hidden "
          + layers.map(String.init).joined(separator: ",")
      ] + others).joined(separator: " ")
  }

  /// Two layers, wider if there is more to fit.
  private static func layers(_ data: LabelledSet) -> [Int] {
    let width = data.exampleCount < 500 ? 16 : data.exampleCount < 5000 ? 32 : 64
    let arePictures = data.exampleShape.count > 1 && data.featureCount >= 64
    return Array(repeating: arePictures ? max(width, 32) : width, count: 2)
  }

  /// The scale of real targets in a line.
  static func text(ofTargetScale scale: Normalization) -> String {
    func numbers(_ values: [Double]) -> String {
      values.prefix(4).map { NumberFormat.significant($0, digits: 4) }.joined(separator: ", ")
        + (values.count > 4 ? ", ..." : "")
    }
    return "targets scaled: mean \(numbers(scale.mean)) and standard deviation "
      + "\(numbers(scale.standardDeviation)) of the training set; losses are on the scaled targets"
  }
}
