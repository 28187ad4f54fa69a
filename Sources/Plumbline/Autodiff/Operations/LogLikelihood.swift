/// y[i] = log softmax(row i)[k_i], the log-likelihood of class k_i; dx = the gradient below
struct LogLikelihood: BuiltInOperation {
  static let name = "logLikelihood"
  var convention: String? { "no gradient to the classes" }
  func shape(of inputs: [Shape]) -> Shape { Gather().shape(of: inputs) }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(.logLikelihood(rows: site.count, length: site.shapes[0][-1]))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    [logLikelihoodGradient(upstream, logits: call.inputs[0], classes: call.inputs[1]), nil]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 5 * inputs[0].elementCount }
}

/// z[i, j] = u_i (δ(j, k_i) - softmax(row i)[j]); du_i = dz[i, k_i] - Σ_j s_j dz[i, j], dx = -u s (dz - Σ s dz)
struct LogLikelihoodGradient: BuiltInOperation {
  static let name = "logLikelihoodGradient"
  var convention: String? { "no gradient to the classes" }
  func shape(of inputs: [Shape]) -> Shape {
    require(
      inputs.count == 3 && inputs[0] == inputs[2],
      "the gradient of log-likelihoods takes a value and a class for each row, not \(inputs)")
    return inputs[1]
  }
  func kernelCalls<Operand: KernelOperand>(_ site: CallSite<Operand>) -> KernelCalls<Operand> {
    site.call(
      .logLikelihoodGradient(rows: site.shapes[0].elementCount, length: site.shape[-1]))
  }
  func pullback<T>(_ upstream: T, _ call: Call<T>) -> [T?] {
    let (u, x, classes) = (call.inputs[0], call.inputs[1], call.inputs[2])
    let weighted = upstream * softmax(x)
    let sums = weighted.sum(alongAxes: [-1], keepingAxes: true)
    let change = softmax(x) * sums - weighted
    return [
      upstream.gathered(at: classes) - sums.reshaped(to: u.shape),
      change * u.expanded(atAxis: -1), nil,
    ]
  }
  func floatingPointOperations(inputs: [Shape], output: Shape) -> Int { 6 * output.elementCount }
}

/// The gradient of each row's log-likelihood times an upstream value.
package func logLikelihoodGradient<T: TensorProtocol>(_ upstream: T, logits: T, classes: T) -> T {
  T.apply(LogLikelihoodGradient(), to: [upstream, logits, classes])
}

/// log softmax(x)[k] for each row's class k: x is `[..., classes]`, the classes are `[...]`, whole numbers.
public func logLikelihood<T: TensorProtocol>(_ logits: T, of classes: T) -> T {
  T.apply(LogLikelihood(), to: [logits, classes])
}
