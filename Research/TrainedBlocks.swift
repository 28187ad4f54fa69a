import Datasets
import Experiments
import Plumbline
import Training

// What studies share that look into trained nets: their streams, and least squares between two of them.

/// A net of the library's blocks with its parameters, whose stream and blocks can be looked at.
struct TrainedBlocks {
  private let network: BlockNetwork, parameters: Parameters<Float>

  /// An untrained net of an arm for ten classes.
  init(_ arm: String, blocks: Int, width: Int, inputs: Int, key: Key) {
    network = Self.network(arm, blocks, width, inputs)
    parameters = Parameters(of: network, key: key)
  }

  /// A net of an arm, trained by Adam; not at all with 0 steps.
  init(
    _ arm: String, blocks: Int, width: Int, on train: Examples<Float>, steps: Int, rate: Double,
    seed: Int
  ) throws {
    let inputs = train.features.shape[1]
    network = Self.network(arm, blocks, width, inputs)
    guard steps > 0 else {
      parameters = Parameters(of: network, key: Key(seed: seed))
      return
    }
    parameters = try TrainingResult.after(
      .short(.adam, rate: rate, steps: steps, batch: 64, seed: seed), of: network, on: train
    ).parameters
  }

  private static func network(
    _ arm: String, _ blocks: Int, _ width: Int, _ inputs: Int
  ) -> BlockNetwork {
    let point = GridPoint(inputs: inputs, width: width, classes: 10, depth: 2 * blocks)
    guard let network = try? Arm(rawValue: arm)?.network(point) as? BlockNetwork else {
      fatalError("the arm \(arm) is one of blocks")
    }
    return network
  }

  /// The stream before the first block and after each, `[examples, width]`.
  func streams(of features: Tensor<Float>) -> [Tensor<Double>] {
    streams(from: relu(network.input(features, parameters.pass())))
  }

  /// The same from a stream before the first block.
  func streams(from start: Tensor<Float>) -> [Tensor<Double>] {
    let pass = parameters.pass()
    var streams = [start]
    for block in network.hidden {
      streams.append(pass.output(of: block, streams[streams.count - 1]))
    }
    return streams.map { Tensor(converting: $0) }
  }

  /// The loss of the net without one of its blocks, or whole.
  func loss(on examples: Examples<Float>, without deleted: Int? = nil) -> Double {
    Evaluation(
      of: network.passing(network.hidden.indices.filter { $0 != deleted }), parameters,
      on: examples,
      loss: .crossEntropy
    ).loss
  }

  /// By how much the loss rises without each block.
  func risesWithout(on examples: Examples<Float>) -> [Double] {
    let whole = loss(on: examples)
    return network.hidden.indices.map { loss(on: examples, without: $0) - whole }
  }
}

/// Least squares from one stream to another.
enum LinearMap {
  /// Orthonormal rows that span the columns of `[examples, features]`, less their means, by the method of Gram and Schmidt.
  static func basis(_ values: Tensor<Double>) -> Tensor<Double> {
    let columns = (values - values.mean(alongAxes: [0], keepingAxes: true)).transposed()
    let (count, length) = (columns.shape[0], columns.shape[1])
    let all = columns.scalars
    func product(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var rows: [[Double]] = []
    for index in 0..<count {
      var row = Array(all[index * length..<(index + 1) * length])
      let size = product(row, row)
      // Twice, so that rounding leaves nothing along the earlier ones.
      for _ in 0..<2 {
        for other in rows {
          let part = product(row, other)
          for position in row.indices { row[position] -= part * other[position] }
        }
      }
      let left = product(row, row)
      if left > 1e-12 * size { rows.append(row.map { $0 / left.squareRoot() }) }
    }
    return Tensor<Double>([rows.count, length], rows.flatMap { $0 })
  }

  /// The share of the variance of `[examples, features]` that the best linear map from a basis leaves.
  static func leftVariance(
    of target: Tensor<Double>, mappedFrom basis: Tensor<Double>
  ) -> Double {
    let centered = target - target.mean(alongAxes: [0], keepingAxes: true)
    return 1 - matmul(basis, centered).squared().sum().scalar / centered.squared().sum().scalar
  }
}

/// Spearman's rank correlation; equal values share their mean rank, and constants are correlated with nothing.
func rankCorrelation(_ x: [Double], _ y: [Double]) -> Double {
  func ranks(_ values: [Double]) -> [Double] {
    values.map { value in
      Double(values.count { $0 < value }) + Double(values.count { $0 == value } - 1) / 2
        - Double(values.count - 1) / 2
    }
  }
  func product(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
  let (a, b) = (ranks(x), ranks(y))
  let size = (product(a, a) * product(b, b)).squareRoot()
  return size > 0 ? product(a, b) / size : 0
}

extension Examples where Scalar == Float {
  /// Generated digits, all light on dark: those that are the other way round are what training learns last.
  static func uprightGlyphs(count: Int, key: Key) throws -> Examples {
    try uprightGlyphs(train: count, test: 1, key: key).train
  }

  /// The same, and others for evaluation; both shifted and scaled by the mean and deviation of the first.
  static func uprightGlyphs(
    train: Int, test: Int, key: Key
  ) throws -> (train: Examples, test: Examples) {
    var variation = Glyphs.Variation.standard
    variation.inversion = 0
    let glyphs = Glyphs(key: key, variation: variation)
    let set = try glyphs.dataset(count: train)
    let normalization = try Normalization(fitting: set, scope: .global)
    return (
      Examples(try normalization.applied(to: set)),
      Examples(try normalization.applied(to: glyphs.dataset(count: test, startingAt: train)))
    )
  }
}
