// [readme example]
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
// [end of readme example]

import Foundation
import Testing

@Suite("README")
struct ReadmeExampleTests {
  @Test("the example trains, and its block's gradient passes the check")
  func exampleRuns() throws {
    let (losses, check) = try trainAndCheck()
    #expect(losses[29] < 0.7 * losses[0])
    #expect(check.passes, "\(check.failures)")
    // One entry for each parameter and one for the input: nothing was left out.
    #expect(check.slope != nil)
  }

  @Test("README shows the example as it stands in this file")
  func readmeHoldsTheExample() throws {
    let here = URL(fileURLWithPath: #filePath)
    let package = here.deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let source = try String(contentsOf: here, encoding: .utf8)
    let readme = try String(
      contentsOf: package.appendingPathComponent("README.md"), encoding: .utf8)
    let example = try #require(
      source.split(separator: "// [readme example]\n").first?
        .split(separator: "// [end of readme example]").first)
    #expect(readme.contains("```swift\n" + example + "```\n"))
  }
}
