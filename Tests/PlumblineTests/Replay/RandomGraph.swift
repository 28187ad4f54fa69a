import Plumbline
import TestSupport

/// A random computation on matrices of one shape: products, skips, scalings, activations, gates, views and
/// fan-out, so that every chain that a replay fuses, and its near misses, occur.
struct RandomGraph: Layer {
  let rows: Int
  let width: Int
  private let key: Key
  private let layers: [Dense]
  private let scale = Parameter([], .constant(0.7))

  init(key: Key) {
    self.key = key
    rows = key["rows"].integer(in: 1...9)
    let width = key["width"].integer(in: 1...9)
    self.width = width
    let count = key["layers"].integer(in: 1...4)
    layers = (0..<count).map { _ in Dense(width, width, initializer: .lecun()) }
  }

  func loss(_ pass: Pass<Variable<Float>>, _ input: Variable<Float>) -> Variable<Float> {
    let output = self(input, pass)
    return (output * output.sum(alongAxes: [0])).mean()
  }

  func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    var values = [input]
    for step in 0..<key["steps"].integer(in: 3...14) {
      let key = key["step"][step]
      // Mostly the newest value, so that chains arise; sometimes an old one, so that values fan out.
      func operand(_ name: String) -> T {
        key[name]["old"].integer(in: 0...2) == 0
          ? key[name].choice(of: values) : values[values.count - 1]
      }
      let x = operand("x")
      let y = operand("y")
      let layer = key["layer"].choice(of: layers)
      let next =
        switch key["operation"].integer(in: 0...11) {
        case 0, 1, 2: layer(x, pass)
        case 3: x + y
        case 4: relu(x)
        case 5: gate(x, by: y)
        case 6: x * key["factor"].choice(of: [0.5, 1, -2])
        case 7: layer(x, pass) * 0.25 + y
        case 8: tanh(x) * pass[scale]
        case 9: x.reshaped(to: [width, rows]).reshaped(to: [rows, width]) - y
        case 10: T.concatenate([x.sliced(axis: 0, 0..<1), y.sliced(axis: 0, 1..<rows)])
        default: matmul(matmul(x, y, transposingSecond: true), y) * (1 / Double(width))
        }
      values.append(next)
    }
    return values[values.count - 1] + values[values.count / 2]
  }
}
