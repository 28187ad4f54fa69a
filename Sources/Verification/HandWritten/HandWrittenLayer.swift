import Plumbline

/// A layer with a hand-written backward pass, to be compared with the engine's.
///
/// The forward pass is written over any kind of tensor, so that the engine can differentiate it. The backward pass
/// is hand-written, on plain tensors:
///
/// ```swift
/// struct MyDense: HandWrittenLayer {
///   let name = "my dense"
///   func forward<T: TensorProtocol>(_ x: [T]) -> T { relu(matmul(x[0], x[1]) + x[2]) }
///   func backward(
///     _ upstream: Tensor<Double>, inputs: [Tensor<Double>], output: Tensor<Double>
///   ) -> [Tensor<Double>] {
///     let dz = gate(upstream, by: output)
///     return [
///       matmul(dz, inputs[1], transposingSecond: true),
///       matmul(inputs[0], dz, transposingFirst: true), dz.sum(alongAxes: [0]),
///     ]
///   }
/// }
/// let report = LayerAudit.report(on: MyDense(), at: [x, w, b])
/// ```
///
/// ``MountedLayer`` puts it into a network, which is then checked with this backward pass in place.
public protocol HandWrittenLayer: Sendable {
  /// The layer's name in reports.
  var name: String { get }

  /// The output for the layer's inputs and its parameters.
  func forward<T: TensorProtocol>(_ inputs: [T]) -> T

  /// The gradient of each input, in that input's shape, given that of the output.
  func backward(
    _ upstream: Tensor<Double>, inputs: [Tensor<Double>], output: Tensor<Double>
  ) -> [Tensor<Double>]
}

/// A hand-written layer as an operation of the engine: its forward pass, and its own backward pass as pullback.
///
/// First derivatives only: the result of the backward pass is treated as a constant.
public struct HandWrittenOperation<Written: HandWrittenLayer>: TensorOperation {
  /// The hand-written layer, whose backward pass is the pullback.
  public let layer: Written

  /// The operation of a layer.
  public init(_ layer: Written) { self.layer = layer }

  /// The layer's name.
  public var name: String { layer.name }

  /// Whether the forward pass is piecewise, which only its tape shows.
  public var isPiecewise: Bool { true }

  /// The decisions of all piecewise operations of the forward pass, concatenated; `nil` if there are none.
  public func decisions(_ inputs: [Tensor<Double>]) -> Decisions? {
    let tape = Tape<Double>()
    let output = layer.forward(inputs.map { tape.constant($0) })
    let recorded = tape.decisions
    // Units and samples keep their meaning where one operation decides for each element of the output.
    if recorded.count == 1, recorded[0].decisions.shape == output.shape {
      return recorded[0].decisions
    }
    let codes = recorded.flatMap(\.decisions.codes)
    return codes.isEmpty ? nil : Decisions(shape: [codes.count], codes: codes)
  }

  /// The shape of the forward pass's result. Complexity: that of one forward pass.
  public func shape(of inputs: [Shape]) -> Shape {
    layer.forward(inputs.map { Tensor<Double>.zeros($0) }).shape
  }

  /// The forward pass.
  public func forward<Scalar>(_ inputs: [Tensor<Scalar>]) -> Tensor<Scalar> {
    layer.forward(inputs)
  }

  /// The hand-written backward pass.
  public func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let gradients = layer.backward(
      plain(upstream), inputs: call.inputs.map(plain), output: plain(call.output))
    return gradients.map { upstream.constant(Tensor(converting: $0)) }
  }

  /// The values of a tensor or variable, as the hand-written code takes them.
  private func plain<T: TensorProtocol>(_ value: T) -> Tensor<Double> {
    switch value {
    case let tensor as Tensor<Double>: tensor
    case let tensor as Tensor<Float>: Tensor(converting: tensor)
    case let variable as Variable<Double>: variable.value
    case let variable as Variable<Float>: Tensor(converting: variable.value)
    default:
      fatalError(
        "the backward pass of \(name) is written for plain numbers, not for \(T.Scalar.self)")
    }
  }
}

/// A hand-written layer in a network, with its own parameters, which come after the layer's input.
public struct MountedLayer<Written: HandWrittenLayer>: Layer {
  /// The layer.
  public let written: Written
  /// Its parameters, in the order in which it takes them.
  public let parameters: [Parameter]
  private let name = LayerName()

  /// A layer with these parameters.
  public init(_ written: Written, parameters: [Parameter] = []) {
    self.written = written
    self.parameters = parameters
  }

  /// The output; gradients go through the hand-written backward pass.
  public func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
    pass.named(name) {
      T.apply(HandWrittenOperation(written), to: [input] + parameters.map { pass[$0] })
    }
  }
}
