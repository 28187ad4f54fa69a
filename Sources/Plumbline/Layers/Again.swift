import Findings

/// An earlier layer used again, with the same parameters: `again`.
///
/// Its signal has no closed form: a reused weight is no longer independent of the signal.
public struct AgainForm: LayerForm {
  /// The name of the layer.
  public var of = ""
  public let title = "again"
  public static let fields: [Field<Self>] = [
    .value("of", \.of, isRequired: true, "the name of an earlier layer")
  ]

  public init() {}

  public func build(_ builder: inout LayerBuilder) throws(Problem) -> BuiltLayer {
    let original = try builder.earlier(of)
    if builder.input == original.input {
      return builder.again(original, output: original.output)
    }
    // A layer with no inner layers may take another input shape if rebuilding it gives the same parameters.
    if original.children.isEmpty {
      let anew = try builder.trial(original.form)
      if ParameterLayout(of: anew.layer) == ParameterLayout(of: original.layer) {
        return builder.again(original, output: anew.output)
      }
    }
    throw builder.problem(
      "the layer \"\(of)\" takes examples of shape \(original.input), but the layer before "
        + "gives \(builder.input)",
      "use it again only where the shape is the same")
  }
}

extension LayerForm where Self == AgainForm {
  /// The layer of that name again, with the same parameters.
  public static func again(of name: String) -> Self {
    var form = AgainForm()
    form.of = name
    return form
  }
}

extension LayerBuilder {
  fileprivate func again(_ original: BuiltLayer, output: Shape) -> BuiltLayer {
    layer(original.layer, output: output, smallestBatch: original.ownSmallestBatch)
  }
}
