import Plumbline
import TestSupport

extension OperationSample {
  static let rows: [OperationSample] = [
    OperationSample(
      "sum",
      golden: [
        Golden("sum") { x, settings in
          x[0].sum(alongAxes: settings.axes, keepingAxes: settings.keepsAxes)
        },
        Golden("mean") { x, settings in
          x[0].mean(alongAxes: settings.axes, keepingAxes: settings.keepsAxes)
        },
        Golden("variance") { x, settings in
          settings.correction.map {
            x[0].variance(
              alongAxes: settings.axes, correction: $0, keepingAxes: settings.keepsAxes)
          }
        },
      ], at: { $0.whole },
      of: { x, draw in x[0].sum(alongAxes: draw.axes(x[0]), keepingAxes: draw.keeps) }),
    OperationSample(
      "broadcast",
      golden: [
        Golden("broadcast_to") { x, settings in
          settings.shape.map { x[0].broadcast(to: Shape($0)) }
        }
      ], at: { [$0.key["x"].tensor($0.key["operand"].shape(broadcastingTo: $0.shape))] },
      of: { x, draw in x[0].broadcast(to: Shape([2] + draw.shape.extents)) }),
    OperationSample(
      "maximumOverAxes",
      golden: [
        Golden("max") { x, settings in
          x[0].max(alongAxes: settings.axes, keepingAxes: settings.keepsAxes)
        }
      ],
      kinks: [
        Kink("share the gradient evenly", at: [7, 1, 7], is: [0.5, 0, 0.5]) { $0[0].max() }
      ], at: { [$0.key["x"].tensor($0.shape, separatedBy: 0.3)] },
      of: { x, draw in x[0].max(alongAxes: draw.axes(x[0]), keepingAxes: draw.keeps) }),
    OperationSample(
      "logSumExp",
      golden: [
        Golden("logsumexp") { x, settings in
          x[0].logSumExp(alongAxes: settings.axes, keepingAxes: settings.keepsAxes)
        }
      ], at: { $0.whole },
      of: { x, draw in x[0].logSumExp(alongAxes: draw.axes(x[0]), keepingAxes: draw.keeps) }),
    OperationSample(
      "softmax", rank: 1,
      golden: [
        Golden("softmax") { x, settings in settings.axis.map { softmax(x[0], alongAxis: $0) } }
      ],
      at: { $0.whole }, of: { x, draw in softmax(x[0], alongAxis: draw.axis) }),
    OperationSample(
      "logSoftmax", rank: 1,
      golden: [
        Golden("log_softmax") { x, settings in
          settings.axis.map { logSoftmax(x[0], alongAxis: $0) }
        }
      ], at: { $0.whole }, of: { x, draw in logSoftmax(x[0], alongAxis: draw.axis) }),
    OperationSample(
      "logLikelihood", rank: 1,
      golden: [
        Golden("cross_entropy") { x, settings in
          settings.indexTensor.map { softmaxCrossEntropy(x[0], labels: x[0].constant($0)) }
        }
      ],
      kinks: [
        Kink("no gradient to the classes", at: [[0, 800]], [0], is: [[1, -1]], [0]) {
          logLikelihood($0[0], of: $0[1])
        }
      ], at: { $0.whole }, of: { x, draw in logLikelihood(x[0], of: x[0].constant(draw.indices)) }),
    OperationSample(
      "logLikelihoodGradient", rank: 1,
      kinks: [
        Kink("no gradient to the classes", at: [2], [[0, 800]], [0], is: [0], [[0, 0]], [0]) {
          logLikelihoodGradient($0[0], logits: $0[1], classes: $0[2])
        }
      ],
      at: { draw in
        [
          draw.key["u"].tensor(Shape(draw.shape.extents.dropLast())),
          draw.key["x"].tensor(draw.shape),
        ]
      },
      of: { x, draw in
        logLikelihoodGradient(x[0], logits: x[1], classes: x[0].constant(draw.indices))
      }),
  ]
}
