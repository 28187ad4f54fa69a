/// The form of a layer that divides by the standard deviation or the root mean square of its input, and multiplies by a trained
/// scale.
public protocol NormalizationForm: LayerForm {
  /// What is added to the variance or mean square.
  var epsilon: Double { get set }
  /// Whether the statistics are those of an example's features; otherwise they are those of a feature in the batch.
  static var isOverFeatures: Bool { get }
  /// Whether the mean is subtracted, and a trained shift added.
  static var isCentered: Bool { get }
}

extension NormalizationForm {
  /// The title without `-norm`, as options name it: `batch`.
  public var shortName: String { title.replacing("-norm", with: "") }
}
