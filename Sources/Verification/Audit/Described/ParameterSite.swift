import Findings
import Networks
import Plumbline

/// A parameter of a described layer with what enters the layer and the right gradient of what it puts out: all that its own gradient is
/// made of.
struct ParameterSite {
  let form: any LayerForm
  let input: Tensor<Double>, output: Tensor<Double>
  /// The gradient of the output.
  let gradient: Tensor<Double>
  let parameter: Tensor<Double>
  let loss: ProgramLoss
  let comparison: Comparison

  /// The mistake that gives a gradient of the parameter; `nil` where none that is known does.
  func cause(of own: Tensor<Double>, at quantity: Quantity) -> Cause? {
    switch form {
    case is DenseForm:
      let units = gradient.shape[-1]
      let rows = gradient.count / units
      return product(
        of: input.reshaped(to: [rows, input.count / rows]), gradient.reshaped(to: [rows, units]),
        own, quantity)
    case let convolution as ConvolutionForm:
      return unrolled(convolution).flatMap { product(of: $0.input, $0.gradient, own, quantity) }
        ?? mirrored(own, quantity, convolution)
    case is EmbeddingForm: return assignedRows(own, quantity)
    case is BatchNormForm, is LayerNormForm: return normalization(own, quantity)
    default: return nil
    }
  }

  // MARK: Products

  /// The mistakes in the gradient of a weight `[in, out]`, or of a bias, of rows that are multiplied with it.
  private func product(
    of input: Tensor<Double>, _ gradient: Tensor<Double>, _ own: Tensor<Double>,
    _ quantity: Quantity
  ) -> Cause? {
    let (inputs, units) = (input.shape[1], gradient.shape[1])
    let isWeight = parameter.shape.rank > 1
    let layer = ProgramNetwork.Layer(inputs: inputs, outputs: units, function: .linear)
    let weight = isWeight ? parameter.reshaped(to: [inputs, units]) : .zeros([inputs, units])
    let bias = isWeight ? Tensor<Double>.zeros([units]) : parameter
    let context = BackwardContext(
      network: ProgramNetwork(layers: [layer], loss: loss),
      parameters: ProgramParameters(weights: [weight], biases: [bias]), inputs: input,
      targets: .zeros(gradient.shape), masks: [:], given: [:], z: [gradient], argument: [gradient],
      a: [gradient], lastPreactivationGradient: gradient, comparison: comparison)
    let step = ParameterStep(context: context, layer: 1, dz: gradient, upstream: nil)
    let mistakes =
      isWeight
      ? WeightExplanation(step: step).mistakes(
        in: own.reshaped(to: [inputs, units]), isTransposed: false)
      : BiasExplanation(step: step).mistakes(in: own.reshaped(to: [units]))
    guard var cause = mistakes?.compactMap(\.cause).first else { return nil }
    for (theirs, ours) in [
      ("dW1", isWeight ? "\(quantity)" : "dW"), ("db1", isWeight ? "db" : "\(quantity)"),
      ("dZ1", "dZ"),
    ] {
      cause.explanation = cause.explanation.replacing(theirs, with: ours)
    }
    return cause
  }

  /// A convolution as the product of a row for each position of the window.
  private func unrolled(
    _ form: ConvolutionForm
  ) -> (input: Tensor<Double>, gradient: Tensor<Double>)? {
    guard input.shape.rank == 4, gradient.shape.rank == 4, form.kernel.extents.count == 2 else {
      return nil
    }
    let (images, channels, height, width) = (
      input.shape[0], input.shape[1], input.shape[2], input.shape[3]
    )
    let (rows, columns, units) = (gradient.shape[2], gradient.shape[3], gradient.shape[1])
    let (kernelHeight, kernelWidth) = (form.kernel.extents[0], form.kernel.extents[1])
    let count = images * rows * columns
    guard count * channels * kernelHeight * kernelWidth <= 4_000_000 else { return nil }
    let x = input.scalars
    var patches: [Double] = []
    patches.reserveCapacity(count * channels * kernelHeight * kernelWidth)
    for image in 0..<images {
      for row in 0..<rows {
        for column in 0..<columns {
          for channel in 0..<channels {
            for dy in 0..<kernelHeight {
              for dx in 0..<kernelWidth {
                let (i, j) = (
                  row * form.stride + dy - form.padding, column * form.stride + dx - form.padding
                )
                let isInside = (0..<height).contains(i) && (0..<width).contains(j)
                patches.append(
                  isInside ? x[((image * channels + channel) * height + i) * width + j] : 0)
              }
            }
          }
        }
      }
    }
    return (
      Tensor([count, channels * kernelHeight * kernelWidth], patches),
      gradient.transposed(permutation: [0, 2, 3, 1]).reshaped(to: [count, units])
    )
  }

  /// A window's gradient that is mirrored along both axes, or has rows and columns exchanged.
  private func mirrored(
    _ own: Tensor<Double>, _ quantity: Quantity, _ form: ConvolutionForm
  ) -> Cause? {
    guard parameter.shape.rank == 4, let (input, gradient) = unrolled(form) else { return nil }
    let right = matmul(input, gradient, transposingFirst: true).reshaped(to: parameter.shape)
    let (channels, height, width, units) = (
      parameter.shape[0], parameter.shape[1], parameter.shape[2], parameter.shape[3]
    )
    let values = right.scalars
    var mirrored: [Double] = []
    for c in 0..<channels {
      for h in 0..<height {
        for w in 0..<width {
          for o in 0..<units {
            mirrored.append(
              values[
                ((c * height + height - 1 - h) * width + width - 1 - w) * units + o])
          }
        }
      }
    }
    if comparison.agree(own, Tensor(parameter.shape, mirrored)) {
      return Cause(
        id: Transposed.id,
        explanation:
          "\(quantity) is mirrored along both axes of the window (rotated by 180°): the gradient of a weight is not."
      )
    }
    if height == width, comparison.agree(own.transposed(permutation: [0, 2, 1, 3]), right) {
      return Cause(
        id: Transposed.id,
        explanation: "\(quantity) has the rows and columns of the window exchanged.")
    }
    return nil
  }

  // MARK: Rows of a table

  private func assignedRows(_ own: Tensor<Double>, _ quantity: Quantity) -> Cause? {
    let width = parameter.shape[1]
    let rows = gradient.reshaped(to: [gradient.count / width, width]).scalars
    var (last, first, mean) = (
      [Double](repeating: 0, count: parameter.count),
      [Double](repeating: 0, count: parameter.count),
      [Double](repeating: 0, count: parameter.count)
    )
    var uses = [Int](repeating: 0, count: parameter.shape[0])
    for (position, number) in input.scalars.enumerated() {
      let row = Int(number)
      for column in 0..<width {
        let value = rows[position * width + column]
        last[row * width + column] = value
        if uses[row] == 0 { first[row * width + column] = value }
        mean[row * width + column] += value
      }
      uses[row] += 1
    }
    for row in uses.indices where uses[row] > 1 {
      for column in 0..<width { mean[row * width + column] /= Double(uses[row]) }
    }
    for (values, words) in [
      (last, "holds the gradient of each row's last use alone"),
      (first, "holds the gradient of each row's first use alone"),
      (mean, "is averaged over the uses of each row"),
    ] where comparison.agree(own, Tensor(parameter.shape, values)) {
      return Cause(
        id: RowsAssignedNotAdded.id,
        explanation:
          "\(quantity) \(words): those of all uses have to be added (np.add.at, not table[rows] += ...)."
      )
    }
    return nil
  }

  // MARK: Normalizations

  /// Scale and shift: the sums of dy x and of dy over all but the channels, x being normalized.
  private func normalization(_ own: Tensor<Double>, _ quantity: Quantity) -> Cause? {
    let isOverUnits = form is LayerNormForm
    let rank = gradient.shape.rank
    let axes =
      isOverUnits ? Array(0..<rank - 1) : [0] + Array(2..<Swift.max(rank, 2))
    let channels = own.count
    func sum(_ values: Tensor<Double>) -> Tensor<Double> {
      values.sum(alongAxes: axes).reshaped(to: [channels])
    }
    let own = own.reshaped(to: [channels])
    let candidates: [(Tensor<Double>, CauseID, String)] = [
      (
        sum(gradient * input), WrongLayerInput.id,
        "is made with what enters the normalization, where the normalized values belong: sum of dy * x, x being normalized"
      ),
      (
        sum(gradient * output), WrongLayerInput.id,
        "is made with what the layer puts out, where the normalized values belong: sum of dy * x, x being normalized"
      ),
      (sum(gradient), BiasFromWrongQuantity.id, "is the sum of dy, which belongs to the shift"),
    ]
    for (value, id, words) in candidates {
      if comparison.agree(own, value)
        || comparison.ratio(of: own, to: value).map(comparison.hasMeaning) ?? false
      {
        return Cause(id: id, explanation: "\(quantity) \(words).")
      }
    }
    return nil
  }
}
