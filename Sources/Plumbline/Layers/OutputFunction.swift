/// How the numbers that a network puts out are read.
public enum OutputFunction: String, Sendable, CaseIterable, Codable {
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
