import Plumbline
import Training

/// The largest eigenvalue of the loss's Hessian, in absolute value: gradient descent at rate η is stable up to 2 / η.
///
/// Computed by power iteration on Hessian-vector products, each the gradient of ⟨gradient, v⟩: the reverse pass is recorded once
/// and differentiated again. Source: Cohen et al., arXiv:2103.00065.
public struct Sharpness: Sendable, Hashable {
  /// The eigenvalue.
  public let value: Double
  /// The number of Hessian-vector products that it took.
  public let iterations: Int
  /// Whether the last ones agreed to within 0.1 %.
  public let isConverged: Bool

  /// The sharpness of the mean loss on all examples, without penalties, in training mode.
  ///
  /// - Parameters:
  ///   - network: The network.
  ///   - parameters: The point at which the sharpness is computed.
  ///   - examples: The examples over which the mean is taken.
  ///   - loss: The loss of the network's output.
  ///   - key: The key from which the first direction of the power iteration and the network's masks are drawn.
  ///   - maximumIterations: At most this many products; each costs about four training steps on all examples, and all share one
  ///     recording.
  /// - Complexity: The memory of the recorded reverse pass and of each product: for small networks.
  public init<Scalar: TrainableScalar>(
    of network: any Layer, at parameters: Parameters<Scalar>, on examples: Examples<Scalar>,
    loss: LossFunction, key: Key, maximumIterations: Int = 40
  ) {
    let tape = Tape<Scalar>()
    let pass = parameters.pass(on: tape, mode: .training, key: key)
    let output = network(tape.constant(examples.features), pass)
    let cost = loss(output, tape.constant(examples.targets))
    let gradients = tape.gradients(of: cost, withRespectTo: pass.all)
    var direction = Parameters<Scalar>(
      layout: parameters.layout,
      vector: Tensor([parameters.count], nearestTo: key["direction"].normal(parameters.count)))
    var estimate = 0.0
    for iteration in 1...max(1, maximumIterations) {
      let length = direction.vector.squared().sum().scalar.real.squareRoot()
      guard length > 0, length.isFinite else {
        self.init(value: length.isFinite ? 0 : length, iterations: iteration, isConverged: false)
        return
      }
      direction.vector = direction.vector / length
      let terms = zip(gradients, direction.names).map { gradient, name in
        (gradient * tape.constant(direction[name])).sum()
      }
      let product = terms.dropFirst().reduce(terms[0], +)
      let image = tape.gradients(of: product)[pass]
      // The Rayleigh quotient of a unit vector.
      let next = (direction.vector * image.vector).sum().scalar.real
      if abs(next - estimate) <= 1e-3 * abs(next) {
        self.init(value: next, iterations: iteration, isConverged: true)
        return
      }
      estimate = next
      direction.vector = image.vector
    }
    self.init(value: estimate, iterations: maximumIterations, isConverged: false)
  }

  private init(value: Double, iterations: Int, isConverged: Bool) {
    self.value = value
    self.iterations = iterations
    self.isConverged = isConverged
  }
}
