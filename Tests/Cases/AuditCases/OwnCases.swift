import Dispatch
import Plumbline
import Synchronization
import Verification

/// Hand-written backward passes with known mistakes, and right ones, that measure what the audit sees.
public enum OwnCases {
  /// All cases.
  public static let all = singleMistakes + doubleMistakes + rightPasses

  /// How one case was judged.
  public struct Score: Sendable {
    /// The case.
    public let auditCase: AuditCase
    /// What the audit said, or why it could not.
    public let report: AuditReport?
    /// Whether pass, kink or fail was said rightly.
    public let isVerdictRight: Bool
    /// Whether the first quantity that diverges was named rightly, and its cause; `nil` for a right pass.
    public let isPlaceRight: Bool?, isCauseRight: Bool?
    /// What the audit said, in a few words.
    public let answer: String
  }

  /// Audits cases, with weights and data of a seed, several at a time.
  ///
  /// - Parameter step: Every so many of them.
  public static func scores(seed: Int = 0, every step: Int = 1) -> [Score] {
    let chosen = stride(from: 0, to: all.count, by: step).map { all[$0].reseeded(seed) }
    let scores = Mutex<[Int: Score]>([:])
    DispatchQueue.concurrentPerform(iterations: chosen.count) { index in
      let score = score(chosen[index])
      scores.withLock { $0[index] = score }
    }
    return scores.withLock { scores in chosen.indices.compactMap { scores[$0] } }
  }

  /// Audits one.
  public static func score(_ auditCase: AuditCase) -> Score {
    let report = try? Audit.report(on: auditCase.run, of: auditCase.network)
    let first = report?.firstDivergence
    let expected = auditCase.expectation
    let answer = first.map { "\($0.quantity) \($0.cause?.id.rawValue ?? "")" }
    return Score(
      auditCase: auditCase, report: report,
      isVerdictRight: report?.verdict.rawValue == auditCase.verdict.rawValue,
      isPlaceRight: expected.map { $0.quantity == first?.quantity },
      isCauseRight: expected.map { expected in
        first?.cause.map { expected.causes.contains($0.id) } ?? false
      },
      answer: report == nil ? "unreadable" : answer ?? report?.verdict.rawValue ?? "")
  }

  // MARK: Networks

  private static func network(
    _ widths: [Int], _ activations: [Activation], output: Activation? = nil,
    loss: LossFunction? = nil, residual: Bool = false, l1: Double = 0, l2: Double = 0
  ) -> HandWrittenNetwork {
    do {
      return try HandWrittenNetwork(
        widths: widths, activations: activations, output: output, loss: loss, isResidual: residual,
        l1: l1, l2: l2)
    } catch {
      fatalError("a network of the cases: \(error)")
    }
  }

  private static let tanhNet = network([5, 4, 4, 1], [.tanh], output: .sigmoid)
  private static let reluNet = network([5, 4, 4, 1], [.relu], output: .sigmoid)
  private static let softmaxNet = network([4, 6, 5, 3], [.relu], output: .softmax)
  private static let leakyNet = network([4, 6, 6, 3], [.leakyRelu], output: .softmax)
  private static let sigmoidNet = network([3, 5, 2], [.sigmoid], output: .linear)
  private static let squaredNet = network(
    [4, 5, 3, 1], [.tanh], output: .sigmoid, loss: .meanSquaredError)
  private static let penaltyNet = network([5, 4, 3, 1], [.relu], output: .sigmoid, l2: 0.7)
  private static let bothPenalties = network(
    [4, 5, 3], [.tanh], output: .softmax, l1: 0.3, l2: 0.5)
  private static let residualNet = network(
    [4, 5, 5, 5, 5, 5, 2], [.relu], output: .softmax, residual: true)
  private static let residualTanh = network(
    [3, 4, 4, 4, 1], [.tanh], output: .sigmoid, residual: true, l2: 0.4)
  private static let smoothNet = network([4, 5, 4, 1], [.softplus, .elu], output: .sigmoid)
  private static let modernNet = network([4, 5, 4, 3], [.gelu, .silu], output: .softmax)
  private static let narrowNet = network([3, 1, 1, 1], [.tanh], output: .sigmoid)
  private static let courseNet = network([4, 3, 3, 1], [.relu], output: .sigmoid)

  private static func dz(_ layer: Int) -> Quantity { Quantity(.preactivationGradient, layer) }
  private static func da(_ layer: Int) -> Quantity { Quantity(.activationGradient, layer) }
  private static func dw(_ layer: Int) -> Quantity { Quantity(.weightGradient, layer) }
  private static func db(_ layer: Int) -> Quantity { Quantity(.biasGradient, layer) }

  // MARK: Cases

  private static let singleMistakes: [AuditCase] = [
    AuditCase("sign of dZ3", tanhNet, content: .everything, mutations: [.factor(dz(3), -1)]),
    AuditCase(
      "sign of dZ2, parameters only", tanhNet, content: .parameters, mutations: [.factor(dz(2), -1)]
    ),
    AuditCase(
      "sign of dW1", reluNet, content: .parameters, layout: .rows, mutations: [.factor(dw(1), -1)]),
    AuditCase(
      "sign of db2", softmaxNet, content: .preactivations, layout: .torch,
      mutations: [.factor(db(2), -1)]),
    AuditCase("plus for minus in dA3", tanhNet, content: .everything, mutations: [.plusForMinus]),
    AuditCase(
      "plus for minus in dA3, parameters only", reluNet, content: .parameters, averagesFirst: true,
      mutations: [.plusForMinus]),
    AuditCase("no 1/m in dW3", reluNet, content: .everything, mutations: [.noAverage(dw(3))]),
    AuditCase(
      "no 1/m in dW1, parameters only", tanhNet, content: .parameters, layout: .rows,
      mutations: [.noAverage(dw(1))]),
    AuditCase(
      "no 1/m in db2", softmaxNet, content: .parameters, layout: .torch,
      mutations: [.noAverage(db(2))]),
    AuditCase(
      "1/m twice in dW2", reluNet, content: .preactivations, mutations: [.extraAverage(dw(2))]),
    AuditCase(
      "1/m twice in db3", tanhNet, content: .everything, averagesFirst: true,
      mutations: [.extraAverage(db(3))]),
    AuditCase(
      "1/m twice in db1, parameters only", leakyNet, content: .parameters,
      mutations: [.extraAverage(db(1))]),
    AuditCase("no tanh' in layer 2", tanhNet, content: .everything, mutations: [.noDerivative(2)]),
    AuditCase(
      "no tanh' in layer 1, parameters only", tanhNet, content: .parameters,
      mutations: [.noDerivative(1)]),
    AuditCase("no relu' in layer 2", reluNet, content: .everything, mutations: [.noDerivative(2)]),
    AuditCase(
      "no relu' in layer 1, parameters only", softmaxNet, content: .parameters, layout: .torch,
      mutations: [.noDerivative(1)]),
    AuditCase(
      "no leaky' in layer 2", leakyNet, content: .preactivations, layout: .rows,
      mutations: [.noDerivative(2)]),
    AuditCase(
      "no sigmoid' in layer 1", sigmoidNet, content: .parameters, layout: .rows,
      mutations: [.noDerivative(1)]),
    AuditCase(
      "no output derivative after squares", squaredNet, content: .everything, averagesFirst: true,
      mutations: [.noDerivative(3)]),
    AuditCase(
      "no output derivative after squares, parameters only", squaredNet, content: .parameters,
      averagesFirst: true, mutations: [.noDerivative(3)]),
    AuditCase(
      "sigmoid' for tanh' in layer 2", tanhNet, content: .everything,
      mutations: [.otherDerivative(2, .sigmoid)]),
    AuditCase(
      "tanh' for sigmoid' at the output", squaredNet, content: .everything, averagesFirst: true,
      mutations: [.otherDerivative(3, .tanh)]),
    AuditCase(
      "relu' for leaky' in layer 1", leakyNet, content: .parameters,
      mutations: [.otherDerivative(1, .relu)]),
    AuditCase(
      "tanh' for relu' in layer 2", reluNet, content: .preactivations,
      mutations: [.otherDerivative(2, .tanh)]),
    AuditCase(
      "relu' for elu' in layer 2", smoothNet, content: .parameters,
      mutations: [.otherDerivative(2, .relu)]),
    AuditCase(
      "sigmoid' for gelu'", modernNet, content: .everything,
      mutations: [.otherDerivative(1, .sigmoid)]),
    AuditCase(
      "tanh' at A in layer 2", tanhNet, content: .everything,
      mutations: [.derivativeAtActivation(2)]),
    AuditCase(
      "softplus' at A in layer 1", smoothNet, content: .parameters,
      mutations: [.derivativeAtActivation(1)]),
    AuditCase(
      "silu' at A in layer 2", modernNet, content: .preactivations,
      mutations: [.derivativeAtActivation(2)]),
    AuditCase(
      "1 - Z² in layer 2", tanhNet, content: .everything, mutations: [.formulaAtPreactivation(2)]),
    AuditCase(
      "1 - Z² in layer 1, parameters only", tanhNet, content: .parameters, layout: .rows,
      mutations: [.formulaAtPreactivation(1)]),
    AuditCase(
      "Z (1 - Z) in layer 1", sigmoidNet, content: .everything,
      mutations: [.formulaAtPreactivation(1)]),
    AuditCase(
      "sigmoid' twice at the output", tanhNet, content: .everything, mutations: [.derivativeTwice]),
    AuditCase(
      "sigmoid' twice at the output, parameters only", reluNet, content: .parameters,
      mutations: [.derivativeTwice]),
    AuditCase("dW2 transposed, square", tanhNet, content: .everything, mutations: [.transposed(2)]),
    AuditCase(
      "dW1 transposed, not square", softmaxNet, content: .parameters, layout: .torch,
      mutations: [.transposed(1)]),
    AuditCase("no penalty in dW2", penaltyNet, content: .everything, mutations: [.noPenalty(2)]),
    AuditCase(
      "no penalty in dW1, parameters only", penaltyNet, content: .parameters,
      mutations: [.noPenalty(1)]),
    AuditCase(
      "no penalties in dW1", bothPenalties, content: .parameters, layout: .rows,
      mutations: [.noPenalty(1)]),
    AuditCase(
      "λ without 1/m in dW3", penaltyNet, content: .preactivations,
      mutations: [.penaltyWithoutAverage(3)]),
    AuditCase(
      "λ W though there is no penalty", reluNet, content: .parameters, mutations: [.strayPenalty(2)]
    ),
    AuditCase("penalty on b2", penaltyNet, content: .everything, mutations: [.penaltyOnBias(2)]),
    AuditCase(
      "penalty on b1, parameters only", reluNet, content: .parameters,
      mutations: [.penaltyOnBias(1)]),
    AuditCase(
      "db2 of the first example", tanhNet, content: .everything, mutations: [.firstExampleBias(2)]),
    AuditCase(
      "db2 summed over everything", reluNet, content: .parameters, mutations: [.totalBias(2)]),
    AuditCase(
      "db1 not summed", softmaxNet, content: .parameters, layout: .rows,
      mutations: [.unsummedBias(1)]),
    AuditCase("dW2 with Z1", tanhNet, content: .everything, mutations: [.preactivationInput(2)]),
    AuditCase(
      "dW3 with Z2, parameters only", reluNet, content: .parameters,
      mutations: [.preactivationInput(3)]),
    AuditCase("dW2 with A2", tanhNet, content: .parameters, mutations: [.ownOutput(2)]),
    AuditCase("W2 not transposed", tanhNet, content: .everything, mutations: [.notTransposed(1)]),
    AuditCase(
      "W2 not transposed, parameters only", leakyNet, content: .parameters, layout: .torch,
      mutations: [.notTransposed(1)]),
    AuditCase(
      "skip dropped at block 2", residualNet, content: .everything, mutations: [.skipDropped(4)]),
    AuditCase(
      "skip dropped at block 1, parameters only", residualNet, content: .parameters, layout: .rows,
      mutations: [.skipDropped(2)]),
    AuditCase("skip twice", residualTanh, content: .everything, mutations: [.skipTwice(2)]),
    AuditCase(
      "skip twice, parameters only", residualTanh, content: .parameters, mutations: [.skipTwice(2)]),
    AuditCase(
      "no relu' in a block", residualNet, content: .preactivations, mutations: [.noDerivative(4)]),
    AuditCase(
      "W3 not transposed in a block", residualTanh, content: .everything,
      mutations: [.notTransposed(2)]),
    AuditCase(
      "no mask backward", tanhNet, content: .everything, dropout: [1, 2], mutations: [.noMask(2)]),
    AuditCase(
      "no mask backward, parameters only", tanhNet, content: .parameters, dropout: [1],
      mutations: [.noMask(1)]),
    AuditCase(
      "no dropout scale backward", tanhNet, content: .preactivations, dropout: [2],
      mutations: [.noMaskScale(2)]),
    AuditCase("half of dZ2", tanhNet, content: .everything, mutations: [.factor(dz(2), 0.5)]),
    AuditCase(
      "2 counted twice after squares", sigmoidNet, content: .everything, averagesFirst: true,
      mutations: [.factor(da(2), 2)]),
    AuditCase(
      "a factor of 3.7 in dW2", reluNet, content: .parameters, mutations: [.factor(dw(2), 3.7)]),
    AuditCase("dW2 zero", tanhNet, content: .everything, mutations: [.zero(2)]),
    AuditCase(
      "dW1 zero, parameters only", residualNet, content: .parameters, mutations: [.zero(1)]),
    AuditCase("weights changed too early", tanhNet, content: .everything, mutations: [.stale(1)]),
    AuditCase(
      "weights changed too early, parameters only", reluNet, content: .parameters,
      mutations: [.stale(2)]),
    AuditCase("NaN in dW2", softmaxNet, content: .parameters, mutations: [.notANumber(dw(2))]),
    AuditCase("NaN in dZ2", tanhNet, content: .preactivations, mutations: [.notANumber(dz(2))]),
    AuditCase("a strange dZ2", tanhNet, content: .everything, mutations: [.strange(dz(2))]),
    AuditCase(
      "a strange dW3, parameters only", softmaxNet, content: .parameters,
      mutations: [.strange(dw(3))]),
    AuditCase(
      "one example: no tanh'", tanhNet, examples: 1, content: .everything,
      mutations: [.noDerivative(2)]),
    AuditCase(
      "one example: sign of dZ3", reluNet, examples: 1, content: .parameters, layout: .rows,
      mutations: [.factor(dz(3), -1)]),
    AuditCase(
      "width 1: no tanh' in layer 2", narrowNet, content: .everything, mutations: [.noDerivative(2)]
    ),
    AuditCase(
      "width 1: no 1/m in dW2", narrowNet, content: .parameters, mutations: [.noAverage(dw(2))]),
    AuditCase(
      "duplicated examples: 1/m twice", reluNet, content: .parameters, duplicatedExamples: true,
      mutations: [.extraAverage(dw(3))]),
  ]

  private static let doubleMistakes: [AuditCase] = [
    AuditCase(
      "no 1/m in dW3 and no tanh' in layer 1", tanhNet, content: .everything,
      mutations: [.noAverage(dw(3)), .noDerivative(1)]),
    AuditCase(
      "no 1/m in db3 and 1 - Z² in layer 2, parameters only", tanhNet, content: .parameters,
      mutations: [.noAverage(db(3)), .formulaAtPreactivation(2)]),
    AuditCase(
      "sign of dZ3 and no relu' in layer 2, parameters only", reluNet, content: .parameters,
      mutations: [.factor(dz(3), -1), .noDerivative(2)]),
    AuditCase(
      "no penalty in dW2 and a penalty on b1", penaltyNet, content: .everything,
      mutations: [.noPenalty(2), .penaltyOnBias(1)]),
    AuditCase(
      "skip dropped and no 1/m in dW1", residualNet, content: .parameters,
      mutations: [.skipDropped(4), .noAverage(dw(1))]),
    AuditCase(
      "skip twice and no relu' in the block", residualNet, content: .everything,
      mutations: [.skipTwice(4), .noDerivative(2)]),
    AuditCase(
      "dW2 transposed and without 1/m", tanhNet, content: .parameters,
      mutations: [.transposed(2), .noAverage(dw(2))]),
    AuditCase(
      "tanh' at A in layers 2 and 1", tanhNet, content: .parameters, layout: .rows,
      mutations: [.derivativeAtActivation(2), .derivativeAtActivation(1)]),
    AuditCase(
      "dW1 and db1 without 1/m", softmaxNet, content: .preactivations, layout: .torch,
      mutations: [.noAverage(dw(1)), .noAverage(db(1))]),
    AuditCase(
      "plus for minus, and tanh' for sigmoid' at the output", tanhNet, content: .preactivations,
      mutations: [.plusForMinus, .otherDerivative(3, .tanh), .formulaAtPreactivation(2)]),
  ]

  private static let rightPasses: [AuditCase] = [
    AuditCase("right: tanh", tanhNet, content: .everything),
    AuditCase("right: tanh, averaged first", tanhNet, content: .everything, averagesFirst: true),
    AuditCase("right: relu, rows", reluNet, content: .preactivations, layout: .rows),
    AuditCase("right: softmax, torch", softmaxNet, content: .everything, layout: .torch),
    AuditCase("right: softmax, parameters only", softmaxNet, content: .parameters),
    AuditCase("right: leaky", leakyNet, content: .parameters, layout: .rows),
    AuditCase("right: squares", sigmoidNet, content: .everything),
    AuditCase(
      "right: squares after a sigmoid", squaredNet, content: .parameters, averagesFirst: true),
    AuditCase("right: L2", penaltyNet, content: .everything),
    AuditCase("right: L1 and L2", bothPenalties, content: .parameters),
    AuditCase("right: residual", residualNet, content: .everything, layout: .torch),
    AuditCase("right: residual, tanh, L2", residualTanh, content: .parameters, layout: .rows),
    AuditCase("right: dropout", tanhNet, content: .everything, dropout: [1, 2]),
    AuditCase(
      "right: dropout, parameters only", softmaxNet, content: .parameters, layout: .rows,
      dropout: [2]),
    AuditCase("right: softplus and elu", smoothNet, content: .preactivations),
    AuditCase("right: gelu and silu", modernNet, content: .everything),
    AuditCase("right: one example", reluNet, examples: 1, content: .everything),
    AuditCase("right: width 1", narrowNet, content: .parameters),
    AuditCase(
      "right: duplicated examples", reluNet, content: .everything, duplicatedExamples: true),
    AuditCase(
      "right: zero biases", courseNet, examples: 200, content: .parameters, zeroBiases: true,
      deviation: 0.01),
    AuditCase(
      "kink: relu'(0) = 1", courseNet, examples: 200, content: .everything, zeroBiases: true,
      deviation: 0.01, mutations: [.otherSideOfKink(1)]),
    AuditCase(
      "kink: relu'(0) = 1, parameters only", courseNet, examples: 200, content: .parameters,
      zeroBiases: true, deviation: 0.01, mutations: [.otherSideOfKink(1)]),
    AuditCase(
      "kink: relu'(0) = 1/2", courseNet, examples: 200, content: .preactivations, zeroBiases: true,
      deviation: 0.01, mutations: [.otherSideOfKink(0.5)]),
  ]
}
