/// How far an optimizer moves the parameters inside a layer, relative to those of other layers.
///
/// A layer with a stored property of this type scales the steps of every parameter that it holds; factors of layers inside one
/// another are multiplied. Two numbers serve every optimizer, since each knows whether its steps follow the size of the gradient:
///
/// - An optimizer whose steps do not (Adam, RMSprop, Lion, Muon) takes `rate · step` as its learning rate and `epsilon · gradient` as
///   its epsilon.
/// - One whose steps are proportional to the gradient (SGD, with momentum or without) takes `rate · step / gradient`.
///
/// ``DepthScaling`` uses it to let the settings of a shallow net serve a deep one.
public struct UpdateScale: Sendable, Hashable, CustomStringConvertible {
  /// The factor on the length of a step.
  public var step = 1.0
  /// The factor by which the gradients here are known to be smaller or larger than elsewhere.
  public var gradient = 1.0

  /// Steps and gradients like those of all other parameters.
  public static let one = UpdateScale()

  /// A scale.
  ///
  /// - Precondition: Both factors are positive and finite.
  public init(step: Double = 1, gradient: Double = 1) {
    require(
      step > 0 && step.isFinite && gradient > 0 && gradient.isFinite,
      "an update scale has positive factors, not a step of \(step) and a gradient of \(gradient)")
    (self.step, self.gradient) = (step, gradient)
  }

  /// Both factors.
  public var description: String { "steps × \(plain(step)), gradients × \(plain(gradient))" }

  /// The scale of a layer inside another.
  static func * (outer: UpdateScale, inner: UpdateScale) -> UpdateScale {
    outer == .one
      ? inner
      : UpdateScale(step: outer.step * inner.step, gradient: outer.gradient * inner.gradient)
  }
}

/// Consecutive parameters that an optimizer moves in the same way.
struct UpdateGroup: Sendable {
  /// Their indices in the entries of the layout, and those of their values in the vector.
  let entries: Range<Int>, values: Range<Int>
  /// How far they are moved.
  let scale: UpdateScale

  /// The groups of parameters, in order.
  static func groups(of entries: [ParameterLayout.Entry]) -> [UpdateGroup] {
    var groups: [UpdateGroup] = []
    for (index, entry) in entries.enumerated() {
      let end = entry.offset + entry.shape.elementCount
      if let last = groups.last, last.scale == entry.updates {
        groups[groups.count - 1] = UpdateGroup(
          entries: last.entries.lowerBound..<index + 1, values: last.values.lowerBound..<end,
          scale: last.scale)
      } else {
        groups.append(
          UpdateGroup(
            entries: index..<index + 1, values: entry.offset..<end, scale: entry.updates))
      }
    }
    return groups
  }
}
