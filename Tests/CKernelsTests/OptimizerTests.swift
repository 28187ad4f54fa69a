import CKernels
import Testing

extension KernelSuite {
  @Suite struct Optimizers {}
}

/// One optimizer by its kernel, and by the formula written as a plain loop body.
private protocol Optimizer<Scalar> {
  associatedtype Scalar: KernelScalar
  /// Updates `count` values in place: the parameters and up to three vectors of state.
  static func kernel(
    _ count: Int, _ p: UnsafeMutablePointer<Scalar>, _ gradient: [Scalar],
    _ state: [UnsafeMutablePointer<Scalar>], _ settings: OptimizerSettings)
  static func reference(
    _ p: inout Scalar, _ gradient: Scalar, _ state: inout [Scalar], _ settings: OptimizerSettings)
}

private enum SGD<Scalar: KernelScalar>: Optimizer {
  static func kernel(
    _ count: Int, _ p: UnsafeMutablePointer<Scalar>, _ gradient: [Scalar],
    _ state: [UnsafeMutablePointer<Scalar>], _ settings: OptimizerSettings
  ) {
    Scalar.sgd(count, p, gradient, settings.hasVelocity ? state[0] : nil, settings)
  }

  static func reference(
    _ p: inout Scalar, _ gradient: Scalar, _ state: inout [Scalar], _ settings: OptimizerSettings
  ) {
    var change = gradient + Scalar(settings.weightDecay) * p
    if settings.hasVelocity {
      let kept = settings.isFirst ? 0 : Scalar(settings.momentum)
      let share = settings.isFirst ? 1 : Scalar(1 - settings.dampening)
      state[0] = kept * state[0] + share * change
      change = settings.isNesterov ? change + Scalar(settings.momentum) * state[0] : state[0]
    }
    p -= Scalar(settings.rate) * change
  }
}

private enum RMSprop<Scalar: KernelScalar>: Optimizer {
  static func kernel(
    _ count: Int, _ p: UnsafeMutablePointer<Scalar>, _ gradient: [Scalar],
    _ state: [UnsafeMutablePointer<Scalar>], _ settings: OptimizerSettings
  ) {
    Scalar.rmsprop(
      count, p, gradient, state[0], settings.hasMean ? state[1] : nil,
      settings.hasVelocity ? state[2] : nil, settings)
  }

  static func reference(
    _ p: inout Scalar, _ gradient: Scalar, _ state: inout [Scalar], _ settings: OptimizerSettings
  ) {
    let g = gradient + Scalar(settings.weightDecay) * p
    let kept = Scalar(settings.decay)
    let share = Scalar(1 - settings.decay)
    state[0] = kept * state[0] + share * g * g
    var spread = state[0]
    if settings.hasMean {
      state[1] = kept * state[1] + share * g
      spread -= state[1] * state[1]
    }
    var change = g / (spread.squareRoot() + Scalar(settings.epsilon))
    if settings.hasVelocity {
      state[2] = Scalar(settings.momentum) * state[2] + change
      change = state[2]
    }
    p -= Scalar(settings.rate) * change
  }
}

private enum Adagrad<Scalar: KernelScalar>: Optimizer {
  static func kernel(
    _ count: Int, _ p: UnsafeMutablePointer<Scalar>, _ gradient: [Scalar],
    _ state: [UnsafeMutablePointer<Scalar>], _ settings: OptimizerSettings
  ) {
    Scalar.adagrad(count, p, gradient, state[0], settings)
  }

  static func reference(
    _ p: inout Scalar, _ gradient: Scalar, _ state: inout [Scalar], _ settings: OptimizerSettings
  ) {
    let g = gradient + Scalar(settings.weightDecay) * p
    state[0] += g * g
    p -= Scalar(settings.rate) * g / (state[0].squareRoot() + Scalar(settings.epsilon))
  }
}

private enum Adam<Scalar: KernelScalar>: Optimizer {
  static func kernel(
    _ count: Int, _ p: UnsafeMutablePointer<Scalar>, _ gradient: [Scalar],
    _ state: [UnsafeMutablePointer<Scalar>], _ settings: OptimizerSettings
  ) {
    Scalar.adam(count, p, gradient, state[0], state[1], settings)
  }

  static func reference(
    _ p: inout Scalar, _ gradient: Scalar, _ state: inout [Scalar], _ settings: OptimizerSettings
  ) {
    let value = p * Scalar(1 - settings.shrink)
    let g = gradient + Scalar(settings.weightDecay) * value
    state[0] += (g - state[0]) * Scalar(1 - settings.momentum)
    state[1] = Scalar(settings.decay) * state[1] + Scalar(1 - settings.decay) * g * g
    let scale = state[1].squareRoot() / Scalar(settings.rootCorrection)
    p = value - Scalar(settings.rate) * state[0] / (scale + Scalar(settings.epsilon))
  }
}

extension KernelSuite.Optimizers {
  /// Two updates, so that the second starts from a state that the first has written.
  private func check<Update: Optimizer>(
    _: Update.Type, _ settings: OptimizerSettings, count: Int, random: inout RandomCases
  ) {
    typealias Scalar = Update.Scalar
    let parameters: [Scalar] = random.values(count)
    let gradients: [[Scalar]] = [random.values(count), random.values(count)]
    // Squares are not negative, and a mean's square is at most the mean square: 1 and more.
    let start: [Scalar] = random.values(count).map { abs($0) + 1 }

    var expected = [parameters, start, start, start]
    for gradient in gradients {
      for i in 0..<count {
        var state = [expected[1][i], expected[2][i], expected[3][i]]
        Update.reference(&expected[0][i], gradient[i], &state, settings)
        (expected[1][i], expected[2][i], expected[3][i]) = (state[0], state[1], state[2])
      }
    }
    KernelSuite.onEveryInstructionSet { set in
      let actual = Self.updated(parameters, start) { p, state in
        for gradient in gradients { Update.kernel(count, p, gradient, state, settings) }
      }
      for (name, (actual, expected)) in zip(
        ["parameters", "state 0", "state 1", "state 2"], zip(actual, expected))
      {
        let difference = firstDifference(actual, expected)
        #expect(
          difference == nil,
          """
          \(set): \(Update.self), \(count) values, \(settings), seed \(random.seed): \(name): \
          \(difference ?? "")
          """)
      }
    }
  }

  /// The parameters and three vectors of state after `body`, with guards around each.
  private static func updated<Scalar: KernelScalar>(
    _ parameters: [Scalar], _ start: [Scalar],
    _ body: (UnsafeMutablePointer<Scalar>, [UnsafeMutablePointer<Scalar>]) -> Void
  ) -> [[Scalar]] {
    func fill(_ vectors: [[Scalar]], _ filled: [UnsafeMutablePointer<Scalar>]) -> [[Scalar]] {
      guard let first = vectors.first else {
        body(filled[0], Array(filled[1...]))
        return []
      }
      var rest: [[Scalar]] = []
      let values = Scalar.output(first.count) { pointer in
        for i in first.indices { pointer[i] = first[i] }
        rest = fill(Array(vectors.dropFirst()), filled + [pointer])
      }
      return [values] + rest
    }
    return fill([parameters, start, start, start], [])
  }

  private func checkAll<Scalar: KernelScalar>(_: Scalar.Type) {
    var random = RandomCases()
    for count in Array(0...40) + [1000] {
      var settings = OptimizerSettings()
      settings.weightDecay = count % 2 == 0 ? 0 : 0.1
      settings.shrink = count % 3 == 0 ? 0 : 0.01
      for flags in 0..<8 {
        settings.hasVelocity = flags & 1 != 0
        settings.isNesterov = flags & 2 != 0
        settings.hasMean = flags & 2 != 0
        settings.isFirst = flags & 4 != 0
        settings.dampening = flags == 5 ? 0.3 : 0
        check(SGD<Scalar>.self, settings, count: count, random: &random)
        if flags < 4 { check(RMSprop<Scalar>.self, settings, count: count, random: &random) }
      }
      check(Adagrad<Scalar>.self, settings, count: count, random: &random)
      check(Adam<Scalar>.self, settings, count: count, random: &random)
    }
  }

  @Test func updatesEqualTheirFormulas() {
    checkAll(Float.self)
    checkAll(Double.self)
  }
}
