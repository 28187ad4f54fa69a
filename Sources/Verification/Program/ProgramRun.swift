import Plumbline

/// What a user's program has computed in one step, in one layout: weights `[in, out]`, biases `[out]`, examples in rows.
struct ProgramRun: Sendable {
  var inputs: Tensor<Double>, targets: Tensor<Double>
  var parameters: ProgramParameters
  /// Given values and gradients, in the shapes of what they belong to.
  var quantities: [Quantity: Tensor<Double>] = [:]
  /// Masks with their scale, by layer.
  var masks: [Int: Tensor<Double>] = [:]
  /// Gradients of weights whose shape was that of the transpose.
  var transposed: Set<Quantity> = []
  /// Gradients of biases that still have a row for each example, or for biases that are one number for all units.
  var unsummed: [Quantity: Tensor<Double>] = [:]
  /// Gradients whose shape has the number of examples where it should have one output.
  var broadcast: [Quantity: Tensor<Double>] = [:]
  /// Gradients of weights in a wrong shape, as they are in the file.
  var misshapen: [Quantity: Tensor<Double>] = [:]
  /// Arrays that were read as nothing else, by name.
  var spare: [String: Tensor<Double>] = [:]
  /// Single numbers that were read as nothing else, by name.
  var numbers: [String: Double] = [:]
  /// The cost, where it is known.
  var cost: Double?
  /// The relative distance up to which two values differ by rounding alone.
  var tolerance: Double

  /// The gradients of parameters that can be judged.
  func holds(_ quantity: Quantity) -> Bool {
    quantities[quantity] != nil || unsummed[quantity] != nil || broadcast[quantity] != nil
      || misshapen[quantity] != nil
  }
}
