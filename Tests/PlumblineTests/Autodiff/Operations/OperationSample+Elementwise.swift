import Plumbline
import TestSupport

extension OperationSample {
  private static let infinity = Tensor([Double.infinity])

  static let arithmetic: [OperationSample] = [
    OperationSample("add", golden: ["add"], at: { $0.two }, of: { x, _ in x[0] + x[1] }),
    OperationSample("subtract", golden: ["subtract"], at: { $0.two }, of: { x, _ in x[0] - x[1] }),
    OperationSample(
      "multiply",
      golden: ["multiply", Golden("square") { x, _ in x[0].squared() }], at: { $0.two },
      of: { x, _ in x[0] * x[1] }),
    OperationSample(
      "divide", golden: ["divide", Golden("reciprocal") { x, _ in 1 / x[0] }],
      at: { [$0.operand("x"), $0.operand("y", awayFromZeroBy: 0.6)] }, of: { x, _ in x[0] / x[1] }),
    OperationSample(
      "power", golden: ["power_of_tensors"],
      kinks: [
        Kink("d/dx = 0 where y = 0", at: [0], [0], is: [0], [0]),
        Kink("d/dy = 0 where x = 0", at: [0], [2], is: [0], [0]),
      ], at: { [$0.operand("x", from: 0.5, to: 2), $0.operand("y")] },
      of: { x, _ in pow(x[0], x[1]) }),
    OperationSample(
      "minimum", golden: ["minimum"],
      kinks: [Kink("half of the gradient goes to each", at: [3], [3], is: [0.5], [0.5])],
      at: { $0.separatedOperands }, of: { x, _ in minimum(x[0], x[1]) }),
    OperationSample(
      "maximum", golden: ["maximum"],
      kinks: [Kink("half of the gradient goes to each", at: [3], [3], is: [0.5], [0.5])],
      at: { $0.separatedOperands }, of: { x, _ in maximum(x[0], x[1]) }),
    OperationSample(
      "compare",
      kinks: [
        Kink("no gradient anywhere", at: [2], [2], is: [0], [0]) { compare($0[0], .equal, $0[1]) }
      ], at: { $0.separatedOperands + [$0.operand("z")] },
      of: { x, draw in
        compare(x[0], draw.key["relation"].choice(of: Relation.allCases), x[1]) * x[2]
      }),
    OperationSample(
      "gate",
      kinks: [
        Kink("closed at g = 0; no gradient to g", at: [5, 5], [0, 1], is: [0, 1], [0, 0])
      ],
      at: { [$0.smoothOperand("x"), $0.smoothOperand("y")] }, of: { x, _ in gate(x[0], by: x[1]) }),
    OperationSample(
      "select",
      golden: [
        Golden("where") { x, settings in
          settings.maskTensor.map { select(x[0].constant($0), x[0], x[1]) }
        }
      ],
      kinks: [
        Kink(
          "no gradient to the mask", at: [1, 0], [2, 3], [4, 5], is: [0, 0], [1, 0], [0, 1]
        ) {
          select($0[0], $0[1], $0[2])
        }
      ], at: { $0.two }, of: { x, draw in select(x[0].constant(draw.mask), x[0], x[1]) }),
  ]

  static let elementwise: [OperationSample] = [
    OperationSample("scale", at: { $0.whole }, of: { x, _ in x[0] * -1.7 }),
    OperationSample("offset", at: { $0.whole }, of: { x, _ in x[0] + 0.3 }),
    OperationSample("negate", golden: ["negate"], at: { $0.whole }, of: { x, _ in -x[0] }),
    OperationSample(
      "powerConstant",
      golden: [Golden("power") { x, settings in settings.exponent.map { pow(x[0], $0) } }],
      kinks: [Kink("infinite at 0", at: [0], is: infinity) { pow($0[0], 0.5) }],
      at: { [$0.key["x"].tensor($0.shape, from: 0.5, to: 2)] },
      of: { x, draw in pow(x[0], draw.key["exponent"].choice(of: [2, -1, 0.5, 3, 0, 1, -2.5, 1.7]))
      }),
    OperationSample(
      "absolute", golden: ["abs"], kinks: [Kink("0 at 0", at: [0], is: [0])],
      at: { [$0.smoothOperand("x")] }, of: { x, _ in abs(x[0]) }),
    OperationSample(
      "sign", golden: [Golden("sign") { x, _ in sign(x[0]) }],
      kinks: [
        Kink("0 everywhere, including at the step", at: [0, 1], is: [0, 0]) { sign($0[0]) }
      ], at: { [$0.smoothOperand("x"), $0.smoothOperand("y")] }, of: { x, _ in sign(x[0]) * x[1] }),
    OperationSample(
      "clip",
      golden: [
        Golden("clip") { x, settings in
          guard let lower = settings.lower, let upper = settings.upper else { return nil }
          return clip(x[0], to: lower...upper)
        }
      ], kinks: [Kink("1 at both ends", at: [-1, 1], is: [1, 1])],
      at: { [$0.smoothOperand("x") + $0.key["side"].choice(of: [-1, 1])] },
      of: { x, _ in clip(x[0], to: -1...1) }),
    OperationSample("exp", golden: ["exp"], at: { $0.whole }, of: { x, _ in exp(x[0]) }),
    OperationSample("expm1", golden: ["expm1"], at: { $0.whole }, of: { x, _ in expm1(x[0]) }),
    OperationSample(
      "log", golden: ["log"], kinks: [Kink("infinite at 0", at: [0], is: infinity)],
      at: { [$0.key["x"].tensor($0.shape, from: 0.5, to: 2)] }, of: { x, _ in log(x[0]) }),
    OperationSample(
      "log1p", golden: ["log1p"], kinks: [Kink("infinite at -1", at: [-1], is: infinity)],
      at: { [$0.key["x"].tensor($0.shape, from: -0.5, to: 2)] }, of: { x, _ in log1p(x[0]) }),
    OperationSample(
      "sqrt", golden: ["sqrt"], kinks: [Kink("infinite at 0", at: [0], is: infinity)],
      at: { [$0.key["x"].tensor($0.shape, from: 0.5, to: 2)] }, of: { x, _ in sqrt(x[0]) }),
    OperationSample(
      "detach",
      kinks: [Kink("no gradient, by intention", at: [2], is: [0]) { $0[0].detached() }],
      at: { $0.whole }, of: { x, draw in x[0].constant(.ones(draw.shape)).detached() * x[0] }),
  ]

  static let activations: [OperationSample] = [
    OperationSample("tanh", golden: ["tanh"], at: { $0.whole }, of: { x, _ in tanh(x[0]) }),
    OperationSample(
      "sigmoid", golden: ["sigmoid"], at: { $0.whole }, of: { x, _ in sigmoid(x[0]) }),
    OperationSample(
      "softplus", golden: ["softplus"], at: { $0.whole }, of: { x, _ in softplus(x[0]) }),
    OperationSample(
      "relu", golden: ["relu"], kinks: [Kink("0 at 0", at: [0, -0.0], is: [0, 0])],
      at: { [$0.smoothOperand("x")] }, of: { x, _ in relu(x[0]) }),
    OperationSample(
      "leakyRelu",
      golden: [
        Golden("leaky_relu") { x, settings in settings.slope.map { leakyRelu(x[0], slope: $0) } }
      ], kinks: [Kink("the slope of the negative side at 0", at: [0], is: [0.2])],
      at: { [$0.smoothOperand("x")] }, of: { x, _ in leakyRelu(x[0], slope: 0.2) }),
    OperationSample(
      "elu",
      golden: [Golden("elu") { x, settings in settings.alpha.map { elu(x[0], alpha: $0) } }],
      kinks: [Kink("alpha at 0", at: [0], is: [0.7]) { elu($0[0], alpha: 0.7) }],
      at: { [$0.smoothOperand("x")] },
      of: { x, draw in elu(x[0], alpha: draw.key["alpha"].choice(of: [1, 0.7])) }),
    OperationSample("gelu", golden: ["gelu"], at: { $0.whole }, of: { x, _ in gelu(x[0]) }),
    OperationSample("silu", golden: ["silu"], at: { $0.whole }, of: { x, _ in silu(x[0]) }),
    OperationSample("normalCDF", at: { $0.whole }, of: { x, _ in normalCDF(x[0]) }),
    OperationSample("sin", golden: ["sin"], at: { $0.whole }, of: { x, _ in sin(x[0]) }),
    OperationSample("cos", golden: ["cos"], at: { $0.whole }, of: { x, _ in cos(x[0]) }),
    OperationSample("erf", golden: ["erf"], at: { $0.whole }, of: { x, _ in erf(x[0]) }),
    OperationSample(
      "activationGradient",
      at: { draw in
        let activation = draw.activation
        return [draw.smoothOperand("d")] + (activation.readsInput ? [draw.smoothOperand("x")] : [])
          + (activation.readsOutput ? [draw.smoothOperand("y")] : [])
      },
      of: { x, draw in
        let activation = draw.activation
        return activationGradient(
          activation, x[0], input: activation.readsInput ? x[1] : nil,
          output: activation.readsOutput ? x[x.count - 1] : nil, 0.3)
      }),
  ]
}
