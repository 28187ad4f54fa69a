import Plumbline
import TestSupport
import Testing

@Suite("Convolution and pooling agree with PyTorch")
struct GoldenConvolutionTests {
  struct File: Decodable {
    let cases: [Case]
  }

  struct Case: Decodable {
    let name, layer: String
    let attributes: Attributes
    let parameters, parameterGradients: [GoldenTensor]
    let input, upstream, output, inputGradient: GoldenTensor

    struct Attributes: Decodable {
      let kernel: [Int]?
      let stride, padding: Int?
    }
  }

  /// A network that computes what a case describes; its parameters stand in the case's order.
  private func network(of item: Case) throws -> any Layer {
    let (inputs, outputs) = (item.input.shape[1], item.output.shape[1])
    if item.layer == "global_avg_pool" { return GlobalAveragePool() }
    if item.layer == "residual_block" {
      return Residual(
        Sequential(
          Conv2D(inputs, outputs, kernel: 3, stride: 2, padding: 1, bias: nil), BatchNorm(outputs),
          Activation.relu, Conv2D(outputs, outputs, kernel: 3, padding: 1, bias: nil),
          BatchNorm(outputs)),
        after: .relu, projection: PaddedShortcut(channels: outputs, stride: 2))
    }
    let kernel = try #require(item.attributes.kernel)
    let stride = try #require(item.attributes.stride)
    let padding = try #require(item.attributes.padding)
    switch item.layer {
    case "conv2d":
      return Conv2D(
        inputs, outputs,
        window: SlidingWindow(
          height: kernel[0], width: kernel[1], stride: stride, padding: padding),
        bias: item.parameters.count == 2 ? .zero : nil)
    case "max_pool2d": return MaxPool2D(kernel[0], stride: stride, padding: padding)
    case "avg_pool2d": return AveragePool2D(kernel[0], stride: stride, padding: padding)
    default: throw UnknownName(name: item.layer)
    }
  }

  @Test("in value and in the gradients of input and parameters, to 1e-13 of the number or of 1")
  func cases() throws {
    let file: File = try GoldenFile.load("convolution.json")
    #expect(file.cases.count == 18)
    for item in file.cases {
      let network = try network(of: item)
      var parameters = Parameters<Double>(of: network, key: Key(seed: 0))
      for (name, parameter) in zip(parameters.names, item.parameters) {
        parameters[name] = parameter.tensor
      }
      #expect(parameters.names.count == item.parameters.count)
      let tape = Tape<Double>()
      let input = tape.variable(item.input.tensor)
      let pass = parameters.pass(on: tape)
      let output = network(input, pass)
      let gradients = tape.gradients(of: output, seed: item.upstream.tensor)
      var found = differences(output.value, item.output, relativeToOne: 1e-13)
      found += differences(gradients[input], item.inputGradient, relativeToOne: 1e-13)
      for (name, expected) in zip(parameters.names, item.parameterGradients) {
        found += differences(gradients[pass][name], expected, relativeToOne: 1e-13)
      }
      #expect(found.isEmpty, "\(item.name): \(found.joined(separator: "; "))")
    }
  }
}
