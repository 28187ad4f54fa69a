import Plumbline

/// An optimizer by name, with PyTorch's defaults.
public enum OptimizerChoice: String, Codable, Sendable, CaseIterable {
  /// Gradient descent; with momentum 0.9; with Nesterov's momentum 0.9.
  case sgd, momentum, nesterov
  /// The adaptive ones.
  case rmsprop, adagrad, adam, adamw

  /// The optimizer at a learning rate.
  public func optimizer<Scalar: TrainableScalar>(
    learningRate: Double
  ) -> any Optimizer<Scalar> {
    switch self {
    case .sgd: SGD(learningRate: learningRate)
    case .momentum: SGD(learningRate: learningRate, momentum: 0.9)
    case .nesterov: SGD(learningRate: learningRate, momentum: 0.9, nesterov: true)
    case .rmsprop: RMSprop(learningRate: learningRate)
    case .adagrad: Adagrad(learningRate: learningRate)
    case .adam: Adam(learningRate: learningRate)
    case .adamw: Adam.adamW(learningRate: learningRate)
    }
  }
}
