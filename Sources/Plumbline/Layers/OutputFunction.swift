/// How a network's outputs are interpreted.
public enum OutputFunction: Sendable, CaseIterable, Codable {
  /// As they are.
  case linear
  /// As logits of mutually exclusive classes.
  case softmax
  /// As independent yes/no logits.
  case sigmoid
  /// As log rates.
  case exponential

  /// Probabilities for logits, or the values themselves.
  public func callAsFunction<T: TensorProtocol>(_ values: T) -> T {
    switch self {
    case .linear: values
    case .softmax: Plumbline.softmax(values)
    case .sigmoid: Plumbline.sigmoid(values)
    case .exponential: exp(values)
    }
  }
}

extension OutputFunction: RawRepresentable {
  /// The name in files and options: that of the activation.
  public var rawValue: String { activation.title }

  /// What the outputs are, in words.
  public var meaning: String {
    switch self {
    case .linear: "values, as they are"
    case .softmax: "logits of mutually exclusive classes"
    case .sigmoid: "independent yes/no logits"
    case .exponential: "log rates"
    }
  }

  /// The activation for this interpretation.
  public var activation: Activation {
    switch self {
    case .linear: .linear
    case .softmax: .softmax
    case .sigmoid: .sigmoid
    case .exponential: .exponential
    }
  }

  /// The interpretation of this name, in any spelling that an activation may have.
  public init?(rawValue name: String) {
    let activation = Activation(rawValue: name)
    guard let found = Self.allCases.first(where: { $0.activation == activation }) else {
      return nil
    }
    self = found
  }
}
