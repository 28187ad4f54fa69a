import Findings
import Plumbline

/// A convolution: the product of every window with the gradient at its position.
enum ConvolutionParameterRule: ParameterRule {
  static func cause(
    of own: Tensor<Double>, at quantity: Quantity, _ site: ParameterSite
  ) -> Cause? {
    guard let form = site.form as? ConvolutionForm else { return nil }
    return unrolled(site, form).flatMap { site.product(of: $0.input, $0.gradient, own, quantity) }
      ?? mirrored(own, quantity, site, form)
  }

  /// A convolution as the product of a row for each position of the window.
  private static func unrolled(
    _ site: ParameterSite, _ form: ConvolutionForm
  ) -> (input: Tensor<Double>, gradient: Tensor<Double>)? {
    let (input, gradient) = (site.input, site.gradient)
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
  private static func mirrored(
    _ own: Tensor<Double>, _ quantity: Quantity, _ site: ParameterSite, _ form: ConvolutionForm
  ) -> Cause? {
    let (parameter, comparison) = (site.parameter, site.comparison)
    guard parameter.shape.rank == 4, let (input, gradient) = unrolled(site, form) else {
      return nil
    }
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
          "\(quantity) is flipped along both axes of the window (rotated by 180°), which a weight's gradient must not be."
      )
    }
    if height == width, comparison.agree(own.transposed(permutation: [0, 2, 1, 3]), right) {
      return Cause(
        id: Transposed.id,
        explanation: "\(quantity) has the rows and columns of the window exchanged.")
    }
    return nil
  }
}
