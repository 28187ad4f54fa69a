import Datasets
import Plumbline

/// A hand-written backward pass with a mistake in it, for users who have none yet: a network 4,5,1 of tanh and sigmoid whose tanh
/// is differentiated as 1 - Z².
enum AuditExample {
  /// The arrays of one step on 50 examples in columns, by their names.
  static var arrays: [(name: String, array: NumericArray)] {
    let key = Key(seed: 0)
    let x = Tensor<Double>([4, 50], key["X"].normal(200))
    let y = Tensor<Double>(
      [1, 50], (0..<50).map { x.scalars[$0] * x.scalars[50 + $0] > 0 ? 1 : 0 })
    let w1 = Tensor<Double>([5, 4], key["W1"].normal(20)) * 0.5
    let w2 = Tensor<Double>([1, 5], key["W2"].normal(5)) * 0.5
    let z1 = matmul(w1, x)
    let a1 = tanh(z1)
    let a2 = sigmoid(matmul(w2, a1))
    let cost = -(y * log(a2) + (1 - y) * log(1 - a2)).mean()
    let dz2 = (a2 - y) * (1 / 50)
    let dz1 = matmul(w2, dz2, transposingFirst: true) * (1 - z1.squared())
    let tensors = [
      ("X", x), ("Y", y), ("W1", w1), ("W2", w2), ("Z1", z1), ("A1", a1), ("A2", a2),
      ("cost", cost), ("dZ2", dz2),
      ("dW2", matmul(dz2, a1, transposingSecond: true)), ("dZ1", dz1),
      ("dW1", matmul(dz1, x, transposingSecond: true)),
    ]
    return tensors.map { (name: $0, array: NumericArray($1)) }
  }
}
