import Plumbline
import TestSupport

extension OperationSample {
  static let products: [OperationSample] = [
    OperationSample(
      "patches", at: { [$0.key["x"].tensor($0.images)] },
      of: { x, draw in
        x[0].patches(draw.window, paddingWith: draw.key["padding"].choice(of: [0, 0.5]))
      }),
    OperationSample(
      "foldPatches",
      at: { [$0.key["x"].tensor(Tensor<Double>.zeros($0.images).patches($0.window).shape)] },
      of: { x, draw in x[0].foldedPatches(draw.window, into: draw.images) }),
    OperationSample(
      "convolution", at: { [$0.key["x"].tensor($0.images), $0.key["w"].tensor($0.weight)] },
      of: { x, draw in convolution(x[0], x[1], draw.window) }),
    OperationSample(
      "convolutionImages",
      at: { [$0.key["y"].tensor($0.convolved), $0.key["w"].tensor($0.weight)] },
      of: { x, draw in transposedConvolution(x[0], x[1], draw.window, into: draw.images) }),
    OperationSample(
      "convolutionWeight",
      at: { [$0.key["x"].tensor($0.images), $0.key["y"].tensor($0.convolved)] },
      of: { x, draw in convolutionWeight(x[0], x[1], draw.window, into: draw.weight) }),
    OperationSample(
      "matmul",
      golden: [
        Golden("matmul") { x, settings in
          matmul(
            x[0], x[1], transposingFirst: settings.transposeLeft ?? false,
            transposingSecond: settings.transposeRight ?? false)
        }
      ], at: { $0.matrices },
      of: { x, draw in
        matmul(
          x[0], x[1], transposingFirst: draw.key["first"].coin,
          transposingSecond: draw.key["second"].coin)
      }),
    OperationSample(
      "linear", rank: 1, golden: ["linear"],
      at: { draw in
        [
          draw.key["x"].tensor(draw.shape), draw.key["w"].tensor([draw.shape[-1], 2]),
          draw.key["b"].tensor([2]),
        ]
      }, of: { x, _ in linear(x[0], x[1], x[2]) }),
  ]
}
