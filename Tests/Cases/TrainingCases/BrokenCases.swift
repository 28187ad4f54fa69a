import Datasets
import Diagnosis
import Findings
import Networks
import Plumbline
import Training

extension CaseIngredients {
  /// Runs of which each has one thing wrong with it.
  func brokenCases() throws -> [TrainingCase] {
    try unlearning() + signals() + units() + rates() + fits() + dataAndNumbers() + settingCases()
  }

  private typealias Truth = TrainingCase.Truth

  /// Family 1.
  private func unlearning() throws -> [TrainingCase] {
    let bce = LossFunction.binaryCrossEntropy
    func killed(_ name: String, _ widths: [Int], _ rate: Double, _ number: Int) throws
      -> TrainingCase
    {
      TrainingCase(
        name,
        Truth(
          family: .baseRate, causes: [.updateKilledUnits], layer: nil,
          onset: .zeroGradient(of: "0.weight")),
        run(
          try network(widths, .relu, .he, output: .sigmoid),
          shifted(try yesNo(number, features: widths[0])),
          settings(bce, .sgd, rate, steps: 400, number)))
    }
    func tiny(
      _ name: String, _ network: Network, _ examples: Examples<Float>, _ settings: TrainingSettings
    ) -> TrainingCase {
      TrainingCase(
        name,
        Truth(family: .baseRate, causes: [.initialScaleTooSmall], onset: .start),
        run(network, examples, settings))
    }
    let constant = try classes(28)
    return [
      try killed("rate kills 8-7-7-1", either([8, 7, 7, 1], [8, 6, 6, 1]), either(10, 8), 21),
      try killed("rate kills 64-7-1", either([64, 7, 1], [96, 5, 1]), either(3, 2), 22),
      try killed(
        "rate kills 16-8-8-8-1", either([16, 8, 8, 8, 1], [16, 6, 6, 6, 6, 1]), either(8, 6), 23),
      tiny(
        "8-7-7-3-1, weights 0.01",
        try network(
          either([8, 7, 7, 3, 1], [8, 6, 6, 4, 1]), .relu, normal(0.01), output: .sigmoid),
        try yesNo(24), settings(bce, .sgd, either(0.3, 1), steps: 1500, 24)),
      tiny(
        "plain depth \(either(5, 6)), weights 0.01",
        try network(widths(16, 16, either(4, 5), 4), .relu, normal(0.01)), try classes(25),
        settings(.crossEntropy, .sgd, 0.5, steps: 1000, batch: 64, 25)),
      tiny(
        "tanh depth \(either(6, 8)), weights 0.02",
        try network(widths(16, 20, either(5, 7), 4), .tanh, normal(0.02)), try classes(26),
        settings(.crossEntropy, .momentum, 0.05, steps: 600, batch: 64, 26)),
      TrainingCase(
        "shuffled labels", Truth(family: .baseRate, causes: [.noSignalInInputs]),
        run(
          try network(either([8, 4, 1], [8, 5, 1]), output: .sigmoid),
          shuffled(try yesNo(27, count: 3000), 27),
          settings(bce, .sgd, 0.2, steps: 500, batch: 64, 27))
      ),
      TrainingCase(
        "constant inputs", Truth(family: .baseRate, causes: [.noSignalInInputs, .constantInputs]),
        run(
          try network(widths(16, 16, 2, 4)),
          Examples(features: .ones(constant.features.shape), targets: constant.targets),
          settings(.crossEntropy, .adam, 1e-3, steps: 300, batch: 64, 28))),
      TrainingCase(
        "born dead: 2 wide, depth \(either(30, 40))",
        Truth(family: .baseRate, causes: [.bornDead], onset: .start),
        run(
          try network(widths(8, 2, either(30, 40), 1), output: .sigmoid), try yesNo(29),
          settings(bce, .sgd, 0.1, steps: 400, 29))),
    ]
  }

  /// Family 2.
  private func signals() throws -> [TrainingCase] {
    let vanishing = Truth(family: .signal, causes: [.initialScaleTooSmall], onset: .start)
    func weak(at layer: Int, _ description: NetworkDescription) throws -> Network {
      var description = description
      description.layers[layer] = LayerDescription(
        .dense(outputs: 24, initializer: .normal(standardDeviation: 1e-6)))
      return try description.network()
    }
    var onePlace = vanishing
    let position = either(6, 8)
    onePlace.layer = "\(position)"
    return [
      TrainingCase(
        "Glorot under ReLU, depth \(either(30, 40))", vanishing,
        run(
          try network(widths(16, 32, either(30, 40), 4), .relu, .fixed(.glorot(.normal))),
          try classes(31), settings(.crossEntropy, .sgd, 0.1, steps: 200, batch: 64, 31))),
      TrainingCase(
        "LeCun under ReLU, depth \(either(24, 28))", vanishing,
        run(
          try network(widths(16, 24, either(24, 28), 4), .relu, .fixed(.lecun())),
          try classes(32), settings(.crossEntropy, .momentum, 0.02, steps: 200, batch: 64, 32))),
      TrainingCase(
        "one weak layer", onePlace,
        run(
          try weak(at: position, try network(widths(16, 24, 7, 4)).description), try classes(33),
          settings(.crossEntropy, .sgd, 0.03, steps: 300, batch: 64, 33))),
      TrainingCase(
        "unscaled branches, \(either(64, 48)) layers",
        Truth(family: .signal, causes: [.branchesUnscaled], onset: .start),
        run(
          try network(widths(16, 24, either(65, 49), 4), residual: true, branchScale: 1),
          try classes(34), settings(.crossEntropy, .sgd, 0.05, steps: 150, batch: 64, 34))),
      TrainingCase(
        "weights of deviation 1",
        Truth(family: .signal, causes: [.initialScaleTooLarge], onset: .start),
        run(
          try network(widths(16, either(48, 64), 6, 4), .relu, normal(1)), try classes(35),
          settings(.crossEntropy, .sgd, 0.01, steps: 200, batch: 64, 35))),
      TrainingCase(
        "plain He, depth \(either(100, 90))",
        Truth(family: .signal, causes: [.depthCollapse, .initialScaleTooSmall], onset: .start),
        run(
          try network(widths(16, 24, either(99, 89), 4)), try classes(36),
          settings(.crossEntropy, .adam, 1e-3, steps: 200, batch: 64, 36))),
    ]
  }

  /// Family 3.
  private func units() throws -> [TrainingCase] {
    let saturated = Truth(family: .units, causes: [.saturation, .initialScaleTooLarge])
    return [
      TrainingCase(
        "tanh of weights of deviation \(either(3, 4))", saturated,
        run(
          try network(widths(16, 32, 4, 4), .tanh, normal(either(3, 4))), try classes(41),
          settings(.crossEntropy, .sgd, 0.003, steps: 200, batch: 64, 41))),
      TrainingCase(
        "sigmoid of large weights", saturated,
        run(
          try network(widths(16, 32, 3, 4), .sigmoid, normal(either(6, 8))), try classes(42),
          settings(.crossEntropy, .sgd, 0.003, steps: 200, batch: 64, 42))),
      TrainingCase(
        "most units killed",
        Truth(family: .units, causes: [.updateKilledUnits, .learningRateTooLarge]),
        preventsLearning: false,
        run(
          try network(widths(16, either(32, 40), 2, 4)), try classes(43),
          settings(.crossEntropy, .adam, either(0.3, 0.4), steps: 300, batch: 64, 43))),
    ]
  }

  /// Family 4.
  private func rates() throws -> [TrainingCase] {
    let tooLarge = Truth(
      family: .learningRate, causes: [.learningRateTooLarge, .updateKilledUnits, .overflow])
    let tooSmall = Truth(
      family: .learningRate, causes: [.learningRateTooSmall], onset: .start)
    return [
      TrainingCase(
        "tanh at rate \(either(30, 20))", tooLarge,
        run(
          try network(widths(16, 24, 3, 4), .tanh, .fixed(.glorot())), try classes(51),
          settings(.crossEntropy, .sgd, either(30, 20), steps: 300, batch: 64, 51))),
      TrainingCase(
        "Adam at rate 1", tooLarge,
        run(
          try network(widths(16, 24, either(2, 3), 4), .leakyRelu), try classes(52),
          settings(.crossEntropy, .adam, 1, steps: 300, batch: 64, 52))),
      TrainingCase(
        "residual at momentum \(either(1, 2))", tooLarge,
        run(
          try network(widths(16, 24, 9, 4), .tanh, .fixed(.glorot()), residual: true),
          try classes(53),
          settings(.crossEntropy, .momentum, either(1, 2), steps: 200, batch: 64, 53))),
      TrainingCase(
        "sigmoids on XOR",
        Truth(family: .learningRate, causes: [.learningRateTooSmall]),
        run(
          try network([2, either(4, 3), 1], .sigmoid, .fixed(.glorot()), output: .sigmoid),
          Examples(
            features: Tensor([4, 2], [0, 0, 0, 1, 1, 0, 1, 1]),
            targets: Tensor([4, 1], [0, 1, 1, 0])),
          settings(.binaryCrossEntropy, .sgd, either(0.02, 0.03), steps: 1000, 58))),
      TrainingCase(
        "descent at rate 1e-5", tooSmall,
        run(
          try network(widths(16, 32, either(2, 3), 4)), try classes(54),
          settings(.crossEntropy, .sgd, 1e-5, steps: 300, batch: 64, 54))),
      TrainingCase(
        "Adam at rate 1e-7", tooSmall,
        run(
          try network(widths(16, 32, 2, 4), .tanh, .fixed(.glorot())), try classes(55),
          settings(.crossEntropy, .adam, either(1e-7, 3e-7), steps: 300, batch: 64, 55))),
      TrainingCase(
        "residual descent at rate 1e-6", tooSmall,
        run(
          try network(widths(16, 24, either(9, 17), 4), residual: true), try classes(56),
          settings(.crossEntropy, .sgd, 1e-6, steps: 300, batch: 64, 56))),
    ]
  }

  /// Family 5.
  private func fits() throws -> [TrainingCase] {
    func fit(_ causes: Finding.Cause...) -> Truth { Truth(family: .fit, causes: Set(causes)) }
    let rings = Examples<Float>(
      try Rings(key: Key(seed: seed(63)), classCount: 5).dataset(count: 600))
    let noise = RandomLabels(key: Key(seed: seed(62)), featureCount: 16, classCount: 4)
    let shifted = try classes(65, count: 400, from: 9000)
    var penalized = settings(.crossEntropy, .adam, 3e-3, steps: 600, batch: 64, 66)
    penalized.l2 = either(300, 400)
    return [
      TrainingCase(
        "penalty of \(either(300, 400))", fit(.tooMuchRegularization), preventsLearning: false,
        run(try network(widths(16, either(32, 24), 2, 4)), try classes(66), penalized)),
      TrainingCase(
        "nineteen of twenty units dropped", fit(.tooMuchRegularization), preventsLearning: false,
        run(
          try network(widths(16, either(20, 24), 2, 4), dropout: 0.95), try classes(67),
          settings(.crossEntropy, .adam, 3e-3, steps: 400, batch: 64, 67))),
      TrainingCase(
        "dev of another distribution", fit(.differentDistributions), preventsLearning: false,
        run(
          try network(widths(16, 32, 2, 4)), try classes(68, count: 8192),
          settings(.crossEntropy, .adam, 5e-3, steps: 1500, batch: 64, 68),
          dev: Examples(
            features: try classes(68, count: 400, from: 8192).features + either(1.5, 2),
            targets: try classes(68, count: 400, from: 8192).targets))),
      TrainingCase(
        "overfitting \(either(40, 50)) examples", fit(.highVariance), preventsLearning: false,
        run(
          try network(widths(16, 32, 2, 4)), try classes(61, count: either(40, 50)),
          settings(.crossEntropy, .adam, 3e-3, steps: 500, 61),
          dev: try classes(61, count: 400, from: 1000))),
      TrainingCase(
        "random labels by heart",
        Truth(family: .fit, causes: [.highVariance, .noSignalInInputs]), preventsLearning: false,
        run(
          try network(widths(16, 64, 2, 4)), Examples(try noise.dataset(count: 200)),
          settings(.crossEntropy, .adam, 5e-3, steps: 800, 62),
          dev: Examples(try noise.dataset(count: 400, startingAt: 1000)))),
      TrainingCase(
        "too small for rings", fit(.highBias, .cannotRepresent), preventsLearning: false,
        run(
          try network(either([2, 2, 5], [2, 3, 5])), rings,
          settings(.crossEntropy, .adam, 1e-2, steps: 1500, batch: 64, 63))),
      TrainingCase(
        "stopped too early", fit(.stoppedTooEarly, .tooFewSteps), preventsLearning: false,
        run(
          try network(widths(16, either(32, 40), 2, 4)), try classes(64),
          settings(.crossEntropy, .adam, 1e-3, steps: either(90, 80), batch: 64, 64))),
      TrainingCase(
        "test of another distribution", fit(.differentDistributions), preventsLearning: false,
        run(
          try network(widths(16, 32, 2, 4)), try classes(65, count: 8192),
          settings(.crossEntropy, .adam, 5e-3, steps: 1500, batch: 64, 65),
          dev: try classes(65, count: 400, from: 8192),
          test: Examples(features: shifted.features + 1.5, targets: shifted.targets))),
    ]
  }

  /// Families 6 and 7.
  private func dataAndNumbers() throws -> [TrainingCase] {
    let train = try classes(72, count: 512)
    let rare = try yesNo(73, count: 600)
    // One label in twenty stays, without regard to the features.
    let labels = rare.targets.scalars.indices.map { Float($0 % either(20, 25) == 0 ? 1 : 0) }
    return [
      TrainingCase(
        "features times \(either(300, 500))",
        Truth(family: .data, causes: [.unscaledInputs]),
        run(
          try network(widths(16, 24, 2, 4)),
          scaled(try classes(71), by: either(300, 500)),
          settings(.crossEntropy, .sgd, 0.1, steps: 300, batch: 64, 71))),
      TrainingCase(
        "dev stands in train", Truth(family: .data, causes: [.duplicates]), preventsLearning: false,
        run(
          try network(widths(16, 32, 2, 4)), train,
          settings(.crossEntropy, .adam, 3e-3, steps: 400, batch: 64, 72),
          dev: train.prefix(either(100, 60)))),
      TrainingCase(
        "one class in \(either(20, 25))", Truth(family: .data, causes: [.imbalance]),
        run(
          try network(widths(8, 8, 2, 1), output: .sigmoid),
          Examples(features: rare.features, targets: Tensor([rare.count, 1], labels)),
          settings(.binaryCrossEntropy, .adam, 1e-3, steps: 300, batch: 64, 73))),
      TrainingCase(
        "targets times \(either(100_000, 30_000))",
        Truth(family: .data, causes: [.unscaledTargets]),
        run(
          try network(widths(8, 24, 2, 1), output: .linear),
          try values(76, factor: either(100_000, 30_000)),
          settings(.meanSquaredError, .adam, 3e-3, steps: 300, batch: 64, 76))),
      TrainingCase(
        "real targets at rate \(either(5, 8))",
        Truth(family: .numbers, causes: [.learningRateTooLarge]),
        run(
          try network(widths(8, 24, 3, 1), output: .linear), try values(74),
          settings(.meanSquaredError, .sgd, either(5, 8), steps: 200, batch: 64, 74))),
      TrainingCase(
        "weights of deviation 1000", Truth(family: .numbers, causes: [.overflow], onset: .start),
        run(
          try network(widths(8, 24, either(9, 10), 1), .relu, normal(1e5), output: .linear),
          try values(75), settings(.meanSquaredError, .sgd, 1e-3, steps: 50, batch: 64, 75))),
    ]
  }
}
