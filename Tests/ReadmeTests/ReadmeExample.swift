import Datasets
import Plumbline
import Verification

/// x + scale · W2 relu(W1 x): a residual block whose scale is learned and starts at zero.
struct Block: Layer {
  let first: Dense, second: Dense
  let scale = Parameter([], .zero)

  init(width: Int) {
    first = Dense(width, width)
    second = Dense(width, width)
  }

  func callAsFunction<T>(_ x: T, _ pass: Pass<T>) -> T {
    x + pass[scale] * second(relu(first(x, pass)), pass)
  }
}

func trainAndCheck() throws -> (losses: [Float], check: GradientCheck.Report) {
  let network = Sequential(
    [Dense(784, 32), Activation.relu] + (0..<4).map { _ in Block(width: 32) } + [Dense(32, 10)])
  var parameters = Parameters<Float>(of: network, key: Key(seed: 1))
  var optimizer = Adam<Float>(learningRate: 3e-3)
  let glyphs = try Glyphs(key: Key(seed: 2)).dataset(count: 500)
  var losses: [Float] = []
  for _ in 0..<30 {
    let (loss, gradient) = parameters.valueWithGradient { pass in
      let images = pass.constant(glyphs.featureMatrix())
      return softmaxCrossEntropy(network(images, pass), labels: pass.constant(glyphs.labelVector()))
    }
    optimizer.update(&parameters, along: gradient)
    losses.append(loss)
  }
  let block = Block(width: 6)
  let check = GradientCheck().report(
    on: block, parameters: Parameters<Double>(of: block, key: Key(seed: 3)),
    input: Tensor([5, 6], Key(seed: 4).normal(30)))
  return (losses, check)
}
