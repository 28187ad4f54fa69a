import Plumbline

/// A training step of an everyday network, with random masks, batch normalization, convolutions,
/// recurrence or attention: softmax cross-entropy, gradient descent with momentum 0.9, in single precision.
public enum NetworkCase: String, Sendable, CaseIterable {
  /// 784 inputs, five hidden layers of 64 with ReLU and dropout of 0.1, 10 classes; batch 128.
  case denseDropout = "dense-dropout"
  /// The same with batch normalization before each ReLU and no dropout.
  case denseBatchNorm = "dense-batchnorm"
  /// The residual network of depth 20 for CIFAR-10, with padded shortcuts; 32 images of 3 x 32 x 32.
  case resNet20 = "resnet20"
  /// Twelve pre-norm blocks of causal attention, with four heads, and two dense layers with GELU; 32 sequences of 64 steps of 64
  /// features, and the mean over the steps.
  case transformer
  /// A layer of long short-term memory, 64 units over 64 steps of 64 features, and 10 classes from the last; 32 sequences.
  case lstm
  /// The same with gated recurrent units.
  case gru

  /// The measured speed of a case.
  public struct Timing: Codable, Sendable {
    /// The case's name.
    public let name: String
    /// The time of one step, and of one whose loss and gradient are computed on the tape.
    public let milliseconds: Double, eagerMilliseconds: Double

    private enum CodingKeys: String, CodingKey {
      case name = "case"
      case milliseconds, eagerMilliseconds
    }
  }

  /// The measurements of a run.
  public struct Result: Codable, Sendable {
    /// The cases in the requested order.
    public let cases: [Timing]
  }

  /// Measures each case, replayed and on the tape.
  public static func run(_ cases: [NetworkCase], threads: Int = 1) -> Result {
    Result(
      cases: cases.map { shape in
        var workload = shape.workload(threads: threads)
        // Enough runs for a step on several threads to have chosen their number.
        for _ in 0..<(threads == 1 ? 3 : 50) { workload.run() }
        let replayed = StepBenchmark.seconds { workload.run() }
        let eager = StepBenchmark.seconds { workload.runEagerly() }
        return Timing(
          name: shape.rawValue, milliseconds: replayed * 1e3, eagerMilliseconds: eager * 1e3)
      })
  }

  /// The measured memory requirement in bytes, with a margin.
  public var bytes: Double {
    switch self {
    case .denseDropout, .denseBatchNorm: 50e6
    case .resNet20, .transformer: 400e6
    case .lstm, .gru: 100e6
    }
  }

  /// The network, and the shape of its batch.
  private var setting: (network: Sequential, inputs: Shape) {
    let sequences: Shape = [32, 64, 64]
    switch self {
    case .denseDropout: return (Self.dense { [Activation.relu, Dropout(0.1)] }, [128, 784])
    case .denseBatchNorm: return (Self.dense { [BatchNorm(64), Activation.relu] }, [128, 784])
    case .resNet20: return (.cifarResNet(depth: 20), [32, 3, 32, 32])
    case .lstm: return (Sequential(LSTM(64, 64), Dense(64, 10)), sequences)
    case .gru: return (Sequential(GRU(64, 64), Dense(64, 10)), sequences)
    case .transformer:
      let blocks = (0..<12).flatMap { _ -> [any Layer] in
        [
          Residual(Sequential(LayerNorm(64), Attention(64, heads: 4, isCausal: true))),
          Residual(
            Sequential(LayerNorm(64), Dense(64, 256), Activation.gelu, Dense(256, 64))),
        ]
      }
      return (
        Sequential(blocks + [LayerNorm(64), GlobalAveragePool(), Dense(64, 10)]), sequences
      )
    }
  }

  private static func dense(_ after: () -> [any Layer]) -> Sequential {
    var layers: [any Layer] = []
    for inputs in [784, 64, 64, 64, 64] {
      layers.append(Dense(inputs, 64))
      layers += after()
    }
    return Sequential(layers + [Dense(64, 10, initializer: .lecun())])
  }

  /// The step, with random data, on this many threads.
  func workload(threads: Int = 1) -> StepWorkload {
    let (network, inputs) = setting
    return StepWorkload(network, inputs: inputs, classes: 10, threads: threads)
  }
}
