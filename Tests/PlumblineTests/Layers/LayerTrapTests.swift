import Plumbline
import TestSupport
import Testing

@Suite("A mistake with layers stops the program and says what it was")
struct LayerTrapTests {
  /// A mistake, and what the message has to say.
  enum Mistake: String, CaseIterable, Codable {
    case residualShape, residualWithProjection, input, insideOfMany, ownLayerInside,
      layerWithoutFeatures, unknownName
    case dropoutRate, survival, decayBlock, fixupLayers, foreignRandomLayer, concatenatedShapes
    case sharedVector, batchOfOne, batchNormChannels, foreignStatistic, statisticShape
    case statisticsVector, windowOfNothing, largeWindow, convolutionChannels, imagesWithoutHeight
    case largePadding, narrowShortcut, networkDepth, convolutionWeight
    case parameterShape, vectorShape, layoutShape, foreignParameter, fanOfVector
    case optimizerOtherSize, gradientOtherSize, nesterovWithoutMomentum, clippingNorm
    case clippingValue, scheduleInterval, lossShapes, labelOutside

    func make() {
      let network = Dense(2, 3)
      var parameters = Parameters<Double>(of: network, key: Key(seed: 0))
      let other = Parameters<Double>(of: Dense(3, 3), key: Key(seed: 0))
      let input = Tensor<Double>.ones([5, 2])
      switch self {
      case .residualShape: run(Residual(Dense(2, 3)), input)
      case .residualWithProjection:
        run(Residual(Dense(2, 3), projection: Dense(2, 4)), input)
      case .input: run(network, .ones([5, 4]))
      case .insideOfMany:
        run(
          Sequential(
            (0..<64).map { Residual(Sequential(Dense(2, 3), Dense($0 == 40 ? 4 : 3, 2))) }),
          input)
      case .ownLayerInside:
        struct Own: Layer {
          func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T { input.reshaped(to: [3]) }
        }
        run(Sequential(Dense(2, 2), Own()), input)
      case .layerWithoutFeatures: _ = Dense(2, 0)
      case .dropoutRate: _ = Dropout(1)
      case .survival: _ = StochasticDepth(survival: 0)
      case .decayBlock: _ = StochasticDepth.linearDecay(block: 4, of: 3)
      case .fixupLayers: _ = Initializer.fixup(branches: 3, layersPerBranch: 1)
      case .foreignRandomLayer: _ = Dropout(0.5)(input, parameters.pass(mode: .training))
      case .concatenatedShapes: run(ConcatenatingSkip(Dense(2, 3), axis: 0), .ones([5, 2, 2]))
      case .sharedVector: _ = Dense(sharing: Dense(2, 3).bias ?? Parameter([], .zero))
      case .batchOfOne:
        let norm = BatchNorm(2)
        let pass = Parameters<Double>(of: norm, key: Key(seed: 0)).pass(mode: .training)
        _ = norm(Tensor.ones([1, 2]), pass)
      case .batchNormChannels: run(BatchNorm(3), input)
      case .foreignStatistic:
        _ = parameters.pass().value(of: RunningStatistic([2], initial: 0), like: input)
      case .statisticShape:
        let norm = BatchNorm(2)
        Parameters<Double>(of: norm, key: Key(seed: 0)).pass()
          .update(norm.runningMean, to: .zeros([3]))
      case .statisticsVector: parameters.statistics = .ones([2])
      case .windowOfNothing: _ = SlidingWindow(height: 3, width: 0)
      case .largeWindow: run(Conv2D(2, 2, kernel: 5, padding: 1), .ones([1, 2, 2, 2]))
      case .convolutionChannels: run(Conv2D(3, 2, kernel: 1), .ones([1, 2, 2, 2]))
      case .imagesWithoutHeight: run(MaxPool2D(2), input)
      case .largePadding: _ = MaxPool2D(3, padding: 2)
      case .narrowShortcut: run(PaddedShortcut(channels: 1, stride: 2), .ones([1, 2, 2, 2]))
      case .networkDepth: _ = Sequential.cifarResNet(depth: 18)
      case .convolutionWeight:
        _ = convolution(
          Tensor<Double>.ones([1, 2, 4, 4]), .ones([2, 3, 2, 5]), SlidingWindow(height: 3, width: 3)
        )
      case .unknownName: _ = parameters["wight"]
      case .parameterShape: parameters["weight"] = .ones([3, 2])
      case .vectorShape: parameters.vector = .ones([8])
      case .layoutShape: _ = Parameters<Double>(layout: parameters.layout, vector: .ones([3, 3]))
      case .foreignParameter: _ = Dense(2, 3)(input, parameters.pass())
      case .fanOfVector: _ = Initializer.he().values(shape: [4], key: Key(seed: 0))
      case .optimizerOtherSize:
        var optimizer = Adam<Double>(learningRate: 0.1)
        var larger = other
        optimizer.update(&parameters, along: parameters)
        optimizer.update(&larger, along: other)
      case .gradientOtherSize:
        var optimizer = SGD<Double>(learningRate: 0.1)
        optimizer.update(&parameters, along: other)
      case .nesterovWithoutMomentum: _ = SGD<Double>(learningRate: 0.1, nesterov: true)
      case .clippingNorm: _ = parameters.clipped(toNorm: 0)
      case .clippingValue: _ = parameters.clipped(toValue: -1)
      case .scheduleInterval: _ = Schedule.step(0.1, every: 0)
      case .lossShapes: _ = meanSquaredError(input, .ones([5]))
      case .labelOutside: _ = softmaxCrossEntropy(input, labels: Tensor(classes: [0, 1, 2, 0, 0]))
      }
    }

    private func run(_ network: some Layer, _ input: Tensor<Double>) {
      _ = network(input, Parameters<Double>(of: network, key: Key(seed: 0)).pass())
    }

    var message: [String] {
      switch self {
      case .residualShape:
        ["the skip has [5, 2] and the branch [5, 3]", "give a projection, or keep the width"]
      case .residualWithProjection: ["the skip has [5, 4] and the branch [5, 3]"]
      case .input: ["linear", "[5, 4]", "[2, 3]"]
      case .insideOfMany: ["[5, 3]", "[4, 2]", "in the layer 40.branch.1"]
      case .ownLayerInside: ["[3]", "in the layer 1"]
      case .layerWithoutFeatures: ["from 2 to 0 features"]
      case .dropoutRate: ["up to but not including 1, not 1.0"]
      case .survival: ["above 0 and at most 1, not 0.0"]
      case .decayBlock: ["block 4 of 3 does not exist"]
      case .fixupLayers: ["branches of at least two layers, not 3 of 1"]
      case .foreignRandomLayer: ["a random layer does not belong to these parameters"]
      case .concatenatedShapes: ["the input has [5, 2, 2] and the branch [5, 2, 3]"]
      case .sharedVector: ["shares a matrix, not a parameter of [3]"]
      case .batchOfOne: ["more than one value per channel", "[1, 2]"]
      case .batchNormChannels: ["takes [examples, 3, ...], not [5, 2]"]
      case .foreignStatistic: ["a running statistic of shape [2] does not belong"]
      case .statisticShape: ["a running statistic of shape [2] was given [3]"]
      case .statisticsVector: ["a vector of 0 values, not a tensor of [2]"]
      case .windowOfNothing: ["a window of 3 x 0 with stride 1"]
      case .largeWindow: ["5x5 stride 1 padding 1 is larger than the images of shape [1, 2, 2, 2]"]
      case .convolutionChannels: ["takes [images, 3, height, width], not [1, 2, 2, 2]"]
      case .imagesWithoutHeight: ["[images, channels, height, width], not [5, 2]"]
      case .largePadding: ["a padding of 2 is more than half of the window 3"]
      case .narrowShortcut: ["to 1 channels takes images with at most that many, not [1, 2, 2, 2]"]
      case .networkDepth: ["a depth of 6 n + 2, not 18"]
      case .convolutionWeight: ["a weight [channels, 3, 3, out]", "[1, 2, 4, 4] and [2, 3, 2, 5]"]
      case .unknownName: ["there is no parameter wight among weight, bias"]
      case .parameterShape: ["parameter weight has shape [2, 3], but was given [3, 2]"]
      case .vectorShape: ["a vector of 9 values, not a tensor of [8]"]
      case .layoutShape: ["a layout of 9 values", "[3, 3]"]
      case .foreignParameter: ["a parameter of shape [2, 3] does not belong to these parameters"]
      case .fanOfVector: ["a fan needs a weight [in, out]; the shape is [4]"]
      case .optimizerOtherSize: ["moved 9 parameters was given 12"]
      case .gradientOtherSize: ["a gradient of 12 values for 9 parameters"]
      case .nesterovWithoutMomentum: ["Nesterov's momentum needs a momentum above 0"]
      case .clippingNorm: ["clipped to a norm above 0, not 0"]
      case .clippingValue: ["clipped to a bound above 0, not -1"]
      case .scheduleInterval: ["an interval above 0, not 0"]
      case .lossShapes: ["meanSquaredError", "[5, 2]", "[5]"]
      case .labelOutside: ["index 2.0 of row 2", "0 to 1"]
      }
    }
  }

  @Test("of layers, parameters, optimizers and losses", arguments: Mistake.allCases)
  func message(mistake: Mistake) async {
    let result = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) { [mistake] in
      mistake.make()
    }
    expectMessage(result, contains: mistake.message)
  }
}
