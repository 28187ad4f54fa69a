import Datasets
import Diagnosis
import Findings
import Networks
import Plumbline
import Training

extension CaseIngredients {
  /// Runs whose settings, network or targets are at fault before anything is measured.
  func settingCases() throws -> [TrainingCase] {
    try settings() + networks() + targets()
  }

  private func truth(_ family: Finding.Family, _ causes: Finding.Cause...) -> TrainingCase.Truth {
    TrainingCase.Truth(family: family, causes: Set(causes))
  }

  /// Sorted by class, so that the examples of each stand together.
  private func sorted(_ examples: Examples<Float>) -> Examples<Float> {
    let labels = examples.targets.scalars
    let rows = labels.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
    return Examples(
      features: examples.features.selectingRows(rows), targets: examples.targets.selectingRows(rows)
    )
  }

  private func settings() throws -> [TrainingCase] {
    let ce = LossFunction.crossEntropy
    func sgd(
      _ name: String, _ truth: TrainingCase.Truth, _ number: Int, _ rate: Double = 0.1,
      _ optimizer: OptimizerChoice = .sgd, _ change: (inout TrainingSettings) throws -> Void
    ) throws -> TrainingCase {
      var settings = settings(ce, optimizer, rate, steps: 400, batch: 64, number)
      try change(&settings)
      return TrainingCase(
        name, truth,
        run(try network(widths(16, either(24, 32), 2, 4)), try classes(number), settings))
    }
    let data = sorted(try classes(84, count: 1024))
    var inOrder = settings(ce, .sgd, either(0.5, 0.7), steps: either(64, 48), batch: 64, 84)
    inOrder.order = .sequential
    let pictures = try classes(86)
    let asPictures = Examples(
      features: pictures.features, targets: pictures.targets,
      pictures: try PictureLayout([4, 4], order: nil))
    var noisy = settings(ce, .adam, 1e-3, steps: 300, batch: 64, 86)
    noisy.augmentation = try Augmentation(parsing: "noise=\(either(6, 8))")
    return [
      try sgd("gradients shortened", truth(.learningRate, .gradientClipped), 81) {
        $0.clipNorm = either(1e-4, 3e-4)
      },
      try sgd("rate halved at each step", truth(.learningRate, .scheduleTooFast), 82) {
        $0.schedule.form = .exponential(factor: either(0.5, 0.7))
      },
      try sgd(
        "momentum of 0.999", truth(.learningRate, .momentumTooLarge), 83, either(0.3, 0.5),
        .momentum
      ) { $0.optimizerOptions.momentum = 0.999 },
      try sgd(
        "epsilon above the gradients", truth(.learningRate, .epsilonTooLarge), 87, 1e-3, .adam
      ) { $0.optimizerOptions["epsilon"] = either(100, 30) },
      try sgd(
        "labels smoothed away", truth(.fit, .smoothingTooStrong), 88, 1e-3, .adam
      ) { settings in
        var form = CrossEntropyLoss()
        form.labelSmoothing = either(0.98, 0.95)
        settings.loss = LossFunction(form)
      },
      TrainingCase(
        "sorted by class", truth(.data, .sortedBatches), preventsLearning: false,
        run(try network(widths(16, 24, 2, 4)), data, inOrder)),
      TrainingCase(
        "normalized by pairs", truth(.fit, .batchStatistics), preventsLearning: false,
        run(
          try network(widths(16, either(16, 12), 4, 4), normalization: .batch), try classes(85),
          settings(ce, .sgd, 0.1, steps: 400, batch: 2, 85))),
      TrainingCase(
        "noise of \(either(6, 8))", truth(.data, .augmentationTooStrong), preventsLearning: false,
        run(try network(widths(16, 24, 2, 4)), asPictures, noisy)),
    ]
  }

  private func networks() throws -> [TrainingCase] {
    func changed(
      _ network: Network, _ change: (inout NetworkDescription) -> Void
    ) throws -> Network {
      var description = network.description
      change(&description)
      return try description.network()
    }
    let yesOrNo = try network(widths(8, either(16, 12), 2, 1), output: .sigmoid)
    let bce = LossFunction.binaryCrossEntropy
    let rings = Examples<Float>(
      try Rings(key: Key(seed: seed(94)), classCount: 2).dataset(count: 600))
    return [
      TrainingCase(
        "a ReLU below a sigmoid", truth(.baseRate, .outputLossMismatch), preventsLearning: false,
        run(
          try changed(yesOrNo) { $0.layers.append(LayerDescription(.relu)) }, try yesNo(91),
          settings(bce, .adam, 3e-3, steps: 300, batch: 64, 91))),
      TrainingCase(
        "answers dropped", truth(.fit, .dropoutMisplaced), preventsLearning: false,
        run(
          try changed(yesOrNo) {
            $0.layers.append(LayerDescription(.dropout(rate: either(0.5, 0.4))))
          }, try yesNo(92), settings(bce, .adam, 3e-3, steps: 300, batch: 64, 92))),
      TrainingCase(
        "units that start alike", truth(.signal, .equalInitialWeights), preventsLearning: false,
        run(
          try network(
            widths(16, 24, 2, 4), .relu, .fixed(.constant(either(0.05, 0.03)))),
          try classes(93), settings(.crossEntropy, .adam, 1e-3, steps: 300, batch: 64, 93))),
      TrainingCase(
        "no function between layers", truth(.fit, .cannotRepresent),
        run(
          try network([2, either(8, 12), 2], .linear), rings,
          settings(.crossEntropy, .adam, 1e-2, steps: 600, batch: 64, 94))),
    ]
  }

  private func targets() throws -> [TrainingCase] {
    let bce = LossFunction.binaryCrossEntropy
    let plain = try yesNo(101)
    let three = try Rings(key: Key(seed: seed(102)), classCount: 3).dataset(count: 600)
    let turned = relabelled(blobs(103, classCount: 8), classCount: 8, share: either(0.4, 0.35), 103)
    let copied = try yesNo(104)
    let leak = Tensor<Float>.concatenate(
      [copied.features, copied.targets * 3 - 1], alongAxis: 1)
    let numbers = Examples<Float>(three)
    let amounts = try values(105, factor: 2)
    let far = amounts.targets.scalars.enumerated().map { index, target in
      index % either(120, 150) == 7 ? either(3000, -2000) : target
    }
    return [
      TrainingCase(
        "a few targets far away", truth(.data, .targetOutliers),
        run(
          try network(widths(8, either(16, 12), 2, 1), output: .linear),
          Examples(features: amounts.features, targets: Tensor([amounts.count, 1], far)),
          settings(.meanSquaredError, .adam, 3e-3, steps: 400, batch: 64, 105))),
      TrainingCase(
        "one class only", truth(.data, .singleClass), preventsLearning: false,
        run(
          try network(widths(8, 8, 2, 1), output: .sigmoid),
          Examples(features: plain.features, targets: .ones(plain.targets.shape)),
          settings(bce, .adam, 1e-3, steps: 200, batch: 64, 101))),
      TrainingCase(
        "class numbers as values", truth(.data, .labelsReadAsValues), preventsLearning: false,
        classesAsValues: 3,
        run(
          try network([2, either(16, 24), 1], output: .linear), column(numbers),
          settings(.meanSquaredError, .adam, 3e-3, steps: 400, batch: 64, 102))),
      TrainingCase(
        "labels wrong at random", truth(.data, .labelNoise), preventsLearning: false,
        run(
          try network([8, either(32, 24), 8]), turned,
          settings(.crossEntropy, .adam, 5e-3, steps: 800, batch: 64, 103))),
      TrainingCase(
        "the label among the features", truth(.data, .targetLeak), preventsLearning: false,
        run(
          try network(widths(9, 16, 2, 1), output: .sigmoid),
          Examples(features: leak, targets: copied.targets),
          settings(bce, .adam, 3e-3, steps: 400, batch: 64, 104))),
    ]
  }
}
