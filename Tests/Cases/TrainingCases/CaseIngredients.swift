import Datasets
import Diagnosis
import Networks
import Plumbline
import Training

/// What the runs of the own cases are made of. The halves differ in seeds, widths and depths.
struct CaseIngredients {
  let half: CaseHalf

  /// The first of two values in the development half, the second in the other.
  func either<Value>(_ first: Value, _ second: Value) -> Value {
    half == .development ? first : second
  }

  func seed(_ number: Int) -> Int { number + either(100, 1900) }

  // MARK: Networks

  func network(
    _ widths: [Int], _ activation: Activation = .relu,
    _ scheme: DenseNetworkOptions.Scheme = .he, output: OutputFunction = .softmax,
    residual: Bool = false, branchScale: Double? = nil,
    normalization: DenseNetworkOptions.Normalization? = nil, dropout: Double = 0
  ) throws -> Network {
    var options = DenseNetworkOptions()
    options.activation = activation
    options.scheme = scheme
    options.output = output
    options.isResidual = residual
    options.branchScale = branchScale
    options.normalization = normalization
    options.dropout = dropout
    return try NetworkDescription(widths: widths, options: options).network()
  }

  /// `input`, then `depth` hidden layers of one width, then `outputs`.
  func widths(_ input: Int, _ width: Int, _ depth: Int, _ outputs: Int) -> [Int] {
    [input] + Array(repeating: width, count: depth) + [outputs]
  }

  func normal(_ deviation: Double) -> DenseNetworkOptions.Scheme {
    .fixed(.normal(standardDeviation: deviation))
  }

  // MARK: Data

  /// Normal features and four classes of a linear teacher.
  func classes(
    _ number: Int, features: Int = 16, count: Int = 512, from first: Int = 0, gain: Double = 1
  ) throws -> Examples<Float> {
    let teacher = TeacherNetwork(key: Key(seed: seed(number)), widths: [features, 4], gain: gain)
    return Examples(try teacher.dataset(count: count, startingAt: first))
  }

  /// The same with one yes or no.
  func yesNo(
    _ number: Int, features: Int = 8, count: Int = 400, from first: Int = 0
  ) throws -> Examples<Float> {
    let teacher = TeacherNetwork(key: Key(seed: seed(number)), widths: [features, 2], gain: 1)
    let data = try teacher.dataset(count: count, startingAt: first)
    return column(Examples(data))
  }

  func column(_ examples: Examples<Float>) -> Examples<Float> {
    Examples(
      features: examples.features, targets: examples.targets.reshaped(to: [examples.count, 1]))
  }

  /// Real targets: one output of a crooked teacher, which a network can learn.
  func values(
    _ number: Int, features: Int = 8, count: Int = 400, factor: Double = 1
  ) throws -> Examples<Float> {
    let teacher = TeacherNetwork(
      key: Key(seed: seed(number)), widths: [features, 16, 2], gain: 1)
    let features: Tensor<Float> = try teacher.dataset(count: count).featureMatrix()
    let outputs = teacher.outputs(for: Tensor(converting: features)).sliced(axis: 1, 0..<1)
    return Examples(features: features, targets: Tensor(converting: outputs * factor))
  }

  /// A share of the answers turned round: no network should learn them.
  func noisy(_ examples: Examples<Float>, share: Double, _ number: Int) -> Examples<Float> {
    let draws = Key(seed: seed(number))["noise"].uniform(examples.count)
    let targets = zip(examples.targets.scalars, draws).map { target, draw -> Float in
      draw < share ? 1 - target : target
    }
    return Examples(
      features: examples.features, targets: Tensor([examples.count, 1], targets))
  }

  /// Heaps of eight features far from each other, one for each class.
  func blobs(_ number: Int, classCount: Int, count: Int = 800) -> Examples<Float> {
    let key = Key(seed: seed(number))
    let centers = key["centers"].normal(classCount * 8).map { 4 * $0 }
    let noise = key["noise"].normal(count * 8)
    let values = noise.indices.map { index in
      Float(centers[index / 8 % classCount * 8 + index % 8] + noise[index])
    }
    return Examples(
      features: Tensor([count, 8], values),
      targets: Tensor([count], (0..<count).map { Float($0 % classCount) }))
  }

  /// A share of the classes drawn anew.
  func relabelled(
    _ examples: Examples<Float>, classCount: Int, share: Double, _ number: Int
  ) -> Examples<Float> {
    let draws = Key(seed: seed(number))["relabelled"].uniform(examples.count)
    let others = Key(seed: seed(number))["labels"].uniform(examples.count)
    let labels = examples.targets.scalars.enumerated().map { index, label -> Float in
      draws[index] < share ? Float(Int(others[index] * Double(classCount))) : label
    }
    return Examples(features: examples.features, targets: Tensor([examples.count], labels))
  }

  /// Rows of eight bits, of which any two sets have many in common; the answer is a function of three of them.
  func bits(_ number: Int, count: Int) -> Examples<Float> {
    let draws = Key(seed: seed(number))["bits"].uniform(count * 8)
    let values: [Float] = draws.map { $0 < 0.5 ? 0 : 1 }
    let targets = (0..<count).map { row -> Float in
      let first = row * 8
      return max(values[first] * values[first + 1], values[first + 2])
    }
    return Examples(features: Tensor([count, 8], values), targets: Tensor([count, 1], targets))
  }

  /// The targets of other examples.
  func shuffled(_ examples: Examples<Float>, _ number: Int) -> Examples<Float> {
    Examples(
      features: examples.features,
      targets: examples.targets.selectingRows(
        Key(seed: seed(number))["shuffle"].permutation(examples.count)))
  }

  func scaled(_ examples: Examples<Float>, by factor: Double) -> Examples<Float> {
    Examples(features: examples.features * factor, targets: examples.targets)
  }

  /// Features that are mostly positive, as those of pictures are: one update then moves all arguments of a unit alike.
  func shifted(_ examples: Examples<Float>) -> Examples<Float> {
    Examples(features: examples.features + 1.5, targets: examples.targets)
  }

  // MARK: Settings

  func settings(
    _ loss: LossFunction, _ optimizer: OptimizerChoice, _ rate: Double, steps: Int,
    batch: Int? = nil, _ number: Int
  ) -> TrainingSettings {
    var settings = TrainingSettings(loss: loss)
    settings.optimizer = optimizer
    settings.learningRate = rate
    settings.length = .steps(steps)
    settings.batchSize = batch
    settings.order = batch == nil ? .sequential : .shuffled
    settings.seed = seed(number)
    return settings
  }

  func run(
    _ network: Network, _ examples: Examples<Float>, _ settings: TrainingSettings,
    dev: Examples<Float>? = nil, test: Examples<Float>? = nil
  ) -> TrainingRun<Float> {
    TrainingRun(network, on: examples, settings, dev: dev, test: test)
  }
}
