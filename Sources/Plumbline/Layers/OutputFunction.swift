/// How the numbers that a network puts out are read.
public enum OutputFunction: Sendable, CaseIterable, Codable {
  /// As they are.
  case linear
  /// As logits of classes that exclude each other.
  case softmax
  /// As logits of yes or no, one by one.
  case sigmoid
  /// As logarithms of rates.
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

  /// The activation that puts out what is read so.
  public var activation: Activation {
    switch self {
    case .linear: .linear
    case .softmax: .softmax
    case .sigmoid: .sigmoid
    case .exponential: .exponential
    }
  }

  /// The reading of this name, in any spelling that an activation may have.
  public init?(rawValue name: String) {
    let activation = Activation(rawValue: name)
    guard let found = Self.allCases.first(where: { $0.activation == activation }) else {
      return nil
    }
    self = found
  }
}
