/// An optimizer as data: its settings, how many state vectors it keeps, and how it moves parameters one step.
///
/// The rest is the same for all of them and is written once: the state's memory, the count of the steps, the learning rate and
/// schedules, JSON and options, and the division among threads (see ``RuleOptimizer``). Rules that move each value by its own
/// gradient and state alone and rules that treat a weight as a matrix both conform:
///
/// ```swift
/// struct SignRule: UpdateRule {                                  // p -= rate · sign g
///   let title = "sign"
///   var customaryRate: Double { 1e-3 }
///   func update<Scalar>(_ step: UpdateStep<Scalar>) {
///     step.elementwise { part in
///       for i in 0..<part.count where part.gradient[i] != 0 {
///         part.values[i] -= Scalar(part.gradient[i] > 0 ? step.learningRate : -step.learningRate)
///       }
///     }
///   }
/// }
/// var optimizer = RuleOptimizer<SignRule, Float>(SignRule(), learningRate: 1e-3)
/// ```
public protocol UpdateRule: Form {
  /// The number of state vectors, each as long as the parameters and initially zero.
  var slots: Int { get }

  /// The learning rate used if none is given.
  var customaryRate: Double { get }

  /// The eventual step length along a constant gradient, in units of learning rate · gradient; `nil` if
  /// the length of the gradient does not matter.
  var longRunFactor: Double? { get }

  /// Moves the parameters one step; called for each group of parameters whose steps are scaled alike (see ``UpdateScale``).
  func update<Scalar: TrainableScalar>(_ step: UpdateStep<Scalar>)

  /// The rule for gradients that are so much larger: the same, except for a number that is compared with gradients.
  func scaled(toGradients factor: Double) -> Self
}

extension UpdateRule {
  /// No state.
  public var slots: Int { 0 }

  /// The length of the gradient does not matter.
  public var longRunFactor: Double? { nil }

  /// The rule itself.
  public func scaled(toGradients factor: Double) -> Self { self }
}

/// A rule that adds a number to a measure of its gradients' size, so that it never divides by 0.
public protocol EpsilonRule: UpdateRule {
  /// The number.
  var epsilon: Double { get set }
}

extension EpsilonRule {
  /// The rule with an epsilon that grows with the gradients.
  public func scaled(toGradients factor: Double) -> Self {
    var rule = self
    rule.epsilon *= factor
    return rule
  }
}

/// One step of an optimizer on the vector of all parameters.
public struct UpdateStep<Scalar: TrainableScalar> {
  /// The learning rate.
  public let learningRate: Double
  /// The number of the step, from 1.
  public let number: Int
  /// The position of each parameter in the vectors.
  public let layout: ParameterLayout

  let group: UpdateGroup
  let all: Part
  let workers: Workers

  /// Some of the values, with their gradients and state.
  public struct Part {
    /// The number of values.
    public let count: Int
    /// The parameters' values, which the step changes.
    public let values: UnsafeMutablePointer<Scalar>
    /// Their gradient.
    public let gradient: UnsafePointer<Scalar>
    /// The state of the first slot, and how far it is from there to the same values in the next.
    let state: UnsafeMutablePointer<Scalar>, stride: Int

    /// A state vector.
    public func slot(_ index: Int) -> UnsafeMutablePointer<Scalar> { state + index * stride }

    /// The values of a range.
    public subscript(range: Range<Int>) -> Part {
      Part(
        count: range.count, values: values + range.lowerBound,
        gradient: gradient + range.lowerBound, state: state + range.lowerBound, stride: stride)
    }
  }

  /// Calls `body` for all values, part by part if several threads share them: for rules that move each value by its own
  /// gradient and state alone.
  public func elementwise(_ body: (Part) -> Void) {
    let all = all
    workers.divide(all.count) { range in body(all[range]) }
  }

  /// Calls `body` for each parameter tensor in order, with its shape.
  public func forEachTensor(_ body: (Shape, Part) -> Void) {
    for entry in layout.entries[group.entries] {
      let start = entry.offset - group.values.lowerBound
      body(entry.shape, all[start..<start + entry.shape.elementCount])
    }
  }
}

/// An optimizer by its rule: the state, the learning rate and the count of the steps.
public struct RuleOptimizer<Rule: UpdateRule, Scalar: TrainableScalar>: Optimizer {
  /// The settings.
  public let rule: Rule
  /// The learning rate.
  public var learningRate: Double

  /// All slots, one after the other; empty until the first step tells their length.
  private var slots = Tensor<Scalar>.zeros([0])
  private var steps = 0

  /// The slots and the count of the steps.
  public var state: OptimizerState<Scalar> {
    get { OptimizerState(steps: steps, slots: slots) }
    set { (steps, slots) = (newValue.steps, newValue.slots) }
  }

  /// An optimizer before its first step.
  public init(_ rule: Rule, learningRate: Double) {
    self.rule = rule
    self.learningRate = learningRate
  }

  /// Moves the parameters one step.
  public mutating func update(
    _ parameters: inout Parameters<Scalar>, along gradient: Parameters<Scalar>, on workers: Workers
  ) {
    let count = parameters.count
    require(
      count == gradient.count, "a gradient of \(gradient.count) values for \(count) parameters")
    if slots.count != rule.slots * count {
      require(
        slots.count == 0,
        "an optimizer that has moved \(slots.count / max(rule.slots, 1)) parameters was given "
          + "\(count)")
      slots = .zeros([rule.slots * count])
    }
    steps += 1
    let (rule, learningRate, number, layout) = (rule, learningRate, steps, parameters.layout)
    slots.withMutableValues { state in
      parameters.vector.withMutableValues { values in
        gradient.vector.withValues { gradient in
          let all = UpdateStep.Part(
            count: count, values: values, gradient: gradient, state: state, stride: count)
          for group in layout.updateGroups {
            rule.scaled(toGradients: group.scale.gradient).update(
              UpdateStep(
                learningRate: learningRate * rule.factor(on: group.scale), number: number,
                layout: layout, group: group, all: all[group.values], workers: workers))
          }
        }
      }
    }
  }
}

extension UpdateRule {
  /// An optimizer by this rule.
  public func optimizer<Scalar: TrainableScalar>(
    learningRate: Double, _ type: Scalar.Type = Scalar.self
  ) -> any Optimizer<Scalar> {
    RuleOptimizer<Self, Scalar>(self, learningRate: learningRate)
  }

  /// The factor on the learning rate of parameters whose updates are scaled so.
  fileprivate func factor(on scale: UpdateScale) -> Double {
    longRunFactor == nil ? scale.step : scale.step / scale.gradient
  }

  /// base^exponent by repeated squaring: the same on every platform.
  func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }
}
