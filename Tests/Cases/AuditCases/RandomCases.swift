import Datasets
import Plumbline
import Verification

/// Random networks with random mistakes, apart from the own cases: what rates and confidences are measured on.
public enum RandomCases {
  /// Wrong passes with so many mistakes each, every one of which shows in the file.
  ///
  /// - Parameter seed: Other seeds give other networks, data and mistakes.
  public static func cases(_ count: Int, mistakes: Int, seed: Int = 0) -> [AuditCase] {
    let key = Key(seed: seed)["random zoo"][mistakes]
    var cases: [AuditCase] = []
    var draw = 0
    while cases.count < count {
      if let auditCase = auditCase(key[draw], "random \(seed).\(mistakes).\(draw)", mistakes) {
        cases.append(auditCase)
      }
      draw += 1
    }
    return cases
  }

  /// Wrong passes whose gradients of parameters hold a part of the examples, in one layer or in all, or a product for each example: they are
  /// one mistake in several quantities, or one of few networks, and so are drawn apart from the others.
  public static func casesOfExamples(_ count: Int, seed: Int = 0) -> [AuditCase] {
    let key = Key(seed: seed)["examples"]
    var cases: [AuditCase] = []
    var draw = 0
    while cases.count < count {
      if let auditCase = caseOfExamples(key[draw], "examples \(seed).\(draw)") {
        cases.append(auditCase)
      }
      draw += 1
    }
    return cases
  }

  private static func caseOfExamples(_ key: Key, _ name: String) -> AuditCase? {
    var dice = Dice(key: key)
    let network = network(&dice)
    let examples = 3 + dice.below(28)
    let layers = Array(1...network.layerCount)
    let mutations: [Mutation]
    if dice.chance(0.5) {
      let fitting = layers.filter {
        network.widths[$0] == 1 || network.widths[$0] == network.widths[$0 - 1]
      }
      guard !fitting.isEmpty else { return nil }
      mutations = [.unsummedWeights(dice.pick(fitting))]
    } else {
      let used = dice.chance(0.5) ? 1 : 1 + dice.below(examples - 1)
      mutations = (dice.chance(0.5) ? layers : [dice.pick(layers)]).flatMap { layer in
        [Quantity.Kind.weightGradient, .biasGradient].map {
          .lastExamples(Quantity($0, layer), used)
        }
      }
    }
    let auditCase = AuditCase(
      name, network, examples: examples, content: dice.pick(AuditCase.Content.allCases),
      layout: dice.pick(ArrayLayout.allCases), averagesFirst: dice.chance(0.4),
      deviation: dice.pick([0.3, 0.5, 0.8]), mutations: mutations)
    let isFinite = auditCase.run.cost?.isFinite ?? true
    return isFinite && auditCase.visibleMutations == mutations ? auditCase : nil
  }

  /// One draw; `nil` where the mistakes cannot be told from rounding, or from no mistake.
  private static func auditCase(_ key: Key, _ name: String, _ mistakes: Int) -> AuditCase? {
    var dice = Dice(key: key)
    let network = network(&dice)
    let hidden = Array(1..<max(network.layerCount, 2)).filter { $0 < network.layerCount }
    let dropout =
      dice.chance(0.2) ? Set(hidden.filter { !network.endsBlock($0) && dice.chance(0.6) }) : []
    let setting = Setting(
      network: network, examples: dice.chance(0.05) ? 1 : 2 + dice.below(30), dropout: dropout,
      content: dice.pick(AuditCase.Content.allCases), averagesFirst: dice.chance(0.4))
    var mutations: [Mutation] = []
    for _ in 0..<mistakes {
      // First the kind, then the location, so that frequent kinds do not crowd out the others.
      let kinds = setting.applicable(&dice).filter { !$0.isEmpty }
      let mutation = dice.pick(dice.pick(kinds))
      if mutations.contains(mutation) { return nil }
      mutations.append(mutation)
    }
    let auditCase = AuditCase(
      name, network, examples: setting.examples, content: setting.content,
      layout: dice.pick(ArrayLayout.allCases), averagesFirst: setting.averagesFirst,
      deviation: dice.pick([0.3, 0.5, 0.8, 1.1]), dropout: dropout, mutations: mutations,
      isSinglePrecision: dice.chance(0.2))
    // Of a cost that is infinite nobody can say which gradients it has.
    let isFinite = auditCase.run.cost?.isFinite ?? true
    return isFinite && auditCase.visibleMutations == mutations ? auditCase : nil
  }

  private static func network(_ dice: inout Dice) -> HandWrittenNetwork {
    let isResidual = dice.chance(0.3)
    let width = 2 + dice.below(5)
    let hidden =
      isResidual
      ? Array(repeating: width, count: dice.pick([3, 3, 5]))
      : (0..<1 + dice.below(4)).map { _ in dice.chance(0.4) ? width : 1 + dice.below(7) }
    let functions: [Activation] = [
      .relu, .relu, .tanh, .tanh, .sigmoid, .leakyRelu, .elu, .softplus, .gelu, .silu,
    ]
    let common = dice.pick(functions)
    let activations = hidden.map { _ in dice.chance(0.2) ? dice.pick(functions) : common }
    let (output, loss, outputs): (Activation, LossFunction, Int) =
      switch dice.below(6) {
      case 0, 1: (.sigmoid, .binaryCrossEntropy, 1)
      case 2, 3: (.softmax, .crossEntropy, 2 + dice.below(4))
      case 4: (.linear, .meanSquaredError, 1 + dice.below(3))
      default: (dice.pick([.sigmoid, .tanh]), .meanSquaredError, 1 + dice.below(3))
      }
    let penalties = dice.pick([(0, 0), (0, 0), (0, 0), (0, 0.6), (0, 0.6), (0.3, 0), (0.2, 0.5)])
    do {
      return try HandWrittenNetwork(
        widths: [2 + dice.below(6)] + hidden + [outputs], activations: activations + [output],
        loss: loss, isResidual: isResidual, l1: penalties.0, l2: penalties.1)
    } catch {
      fatalError("a network of the random cases: \(error)")
    }
  }
}

/// Draws one after the other from one key.
struct Dice {
  let key: Key
  private var draws = 0

  init(key: Key) { self.key = key }

  mutating func below(_ bound: Int) -> Int {
    draws += 1
    return key.integer(at: draws, below: bound)
  }
  mutating func chance(_ probability: Double) -> Bool {
    Double(below(1_000_000)) < probability * 1_000_000
  }
  mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }
  mutating func normal(_ count: Int) -> [Double] {
    draws += 1
    return key[draws].normal(count)
  }
}

/// What decides which mistakes somebody can make.
private struct Setting {
  let network: HandWrittenNetwork
  let examples: Int
  let dropout: Set<Int>
  let content: AuditCase.Content
  let averagesFirst: Bool

  /// The mistakes by kind.
  func applicable(_ dice: inout Dice) -> [[Mutation]] {
    gradientMistakes(&dice) + activationMistakes(&dice) + parameterMistakes() + structureMistakes()
  }

  private var last: Int { network.layerCount }
  private var layers: [Int] { Array(1...last) }
  private var hidden: [Int] { Array(layers.dropLast()) }
  private var showsIntermediates: Bool { content != .parameters }

  private func dz(_ layer: Int) -> Quantity { Quantity(.preactivationGradient, layer) }
  private func dw(_ layer: Int) -> Quantity { Quantity(.weightGradient, layer) }
  private func db(_ layer: Int) -> Quantity { Quantity(.biasGradient, layer) }

  /// Factors, signs, and what is in nobody's list.
  private func gradientMistakes(_ dice: inout Dice) -> [[Mutation]] {
    let factor = dice.pick([2, 0.5, 3.7, -2.5, 0.1])
    // The number of examples and dropout's scale have names of their own.
    let isNamed = [1, -1].contains { sign in
      [Double(examples), 1 / Double(examples), 1.25, 0.8].contains(sign * factor)
    }
    let quantities = layers.flatMap { [dz($0), dw($0), db($0)] }
    let visible = layers.map(showsIntermediates ? dz : dw) + layers.map(dw)
    return [
      quantities.map { .factor($0, -1) }, isNamed ? [] : quantities.map { .factor($0, factor) },
      visible.map { .notANumber($0) }, visible.map { .strange($0) },
    ]
  }

  private func activationMistakes(_ dice: inout Dice) -> [[Mutation]] {
    let curved = layers.filter {
      !network.endsBlock($0) && ![.linear, .softmax].contains(network.activation($0))
    }
    func of(_ functions: [Activation]) -> [Int] {
      curved.filter { functions.contains(network.activation($0)) }
    }
    let other = dice.pick([.tanh, .sigmoid, .relu, .leakyRelu, .elu] as [Activation])
    let isBinary =
      network.loss == .binaryCrossEntropy && network.activation(last) == .sigmoid
    return [
      curved.map { .noDerivative($0) },
      curved.filter { network.activation($0) != other }.map { .otherDerivative($0, other) },
      of([.tanh, .sigmoid, .softplus, .gelu, .silu]).map { .derivativeAtActivation($0) },
      of([.tanh, .sigmoid]).map { .formulaAtPreactivation($0) }, isBinary ? [.plusForMinus] : [],
      // Of a linear or rectified unit A is Z.
      of([.tanh, .sigmoid, .softplus, .gelu, .silu]).filter { $0 != last }
        .map { .activationForDerivative($0) },
      network.loss != .meanSquaredError ? [.squaredErrorGradient] : [],
      network.activation(last) == .softmax ? [.diagonalJacobian] : [],
      isBinary && examples > 1 ? [.broadcastLabels] : [],
      isBinary && !averagesFirst ? [.derivativeTwice] : [],
    ]
  }

  private func parameterMistakes() -> [[Mutation]] {
    let isPenalized = network.l1 != 0 || network.l2 != 0
    let both = layers.flatMap { [dw($0), db($0)] }
    let several = examples > 1
    return [
      several ? both.map { .noAverage($0) } : [], several ? both.map { .extraAverage($0) } : [],
      layers.map { .transposed($0) }, isPenalized ? layers.map { .noPenalty($0) } : [],
      isPenalized ? [] : layers.map { .strayPenalty($0) },
      isPenalized && several ? layers.map { .penaltyWithoutAverage($0) } : [],
      layers.filter { network.widths[$0] > 1 }.map { .penaltyOnBias($0) },
      several ? layers.map { .firstExampleBias($0) } : [],
      layers.filter { network.widths[$0] > 1 }.map { .totalBias($0) },
      several ? layers.map { .unsummedBias($0) } : [],
      layers.dropFirst().filter { network.activation($0 - 1) != .linear }
        .map { .preactivationInput($0) },
      layers.filter { network.widths[$0] == network.widths[$0 - 1] }.map { .ownOutput($0) },
      layers.map { .zero($0) }, several ? layers.map { .summedFirst($0) } : [],
      several
        ? layers.filter { network.widths[$0] > 1 && examples != network.widths[$0] }
          .map { .biasOverUnits($0) } : [],
      several ? layers.filter { network.widths[$0] > 1 }.map { .biasOfWeights($0) } : [],
    ]
  }

  private func structureMistakes() -> [[Mutation]] {
    let starts = network.blockStarts.sorted()
    let square = hidden.filter {
      network.widths[$0] == network.widths[$0 + 1] && network.widths[$0] > 1
    }
    return [
      square.map { .notTransposed($0) },
      hidden.filter { network.widths[$0 + 1] == 1 || network.widths[$0 + 1] == network.widths[$0] }
        .map { .notCarried($0) }, starts.map { .skipDropped($0) },
      starts.map { .skipTwice($0) }, dropout.sorted().map { .noMask($0) },
      dropout.sorted().map { .noMaskScale($0) }, hidden.map { .stale($0) },
    ]
  }
}
