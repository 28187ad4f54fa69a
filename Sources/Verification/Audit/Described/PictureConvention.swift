import Findings
import Networks
import Plumbline

/// How a program with pictures lies if it is not as this library: channels last before a flattening, and windows before channels in the
/// weights of a convolution.
struct PictureConvention: ProgramConvention {
  /// Whether pictures are flattened with their channels last.
  var flattensChannelsLast = false
  /// Whether a convolution's weight is [height, width, in, out].
  var hasWindowsFirst = false

  /// Every one but that of the library.
  static let others = [
    PictureConvention(hasWindowsFirst: true), PictureConvention(flattensChannelsLast: true),
    PictureConvention(flattensChannelsLast: true, hasWindowsFirst: true),
  ]

  /// What is said where it explains a file.
  var remark: String {
    let parts =
      (flattensChannelsLast ? ["images were flattened with channels last"] : [])
      + (hasWindowsFirst
        ? ["weights of convolutions were read as [height, width, channels in, channels out]"] : [])
    let text = parts.joined(separator: ", and ")
    return text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  /// The network and the arrays as the library has them; `nil` if there is nothing that could lie otherwise.
  func applied(
    to network: Network, _ saved: SavedArrays
  ) throws(Problem) -> (Network, SavedArrays)? {
    var description = network.description
    guard description.layers.contains(where: { $0.form is ConvolutionForm }) else { return nil }
    var arrays = saved
    if flattensChannelsLast {
      let flattened = description.layers.indices.filter {
        description.layers[$0].form is FlattenForm
      }
      guard !flattened.isEmpty else { return nil }
      for index in flattened { description.layers[index].form = ChannelsLastFlattenForm() }
    }
    if hasWindowsFirst {
      let wanted = ParameterLayout(of: network).entries.map(\.shape.extents).filter {
        $0.count == 4
      }
      .map { [$0[1], $0[2], $0[0], $0[3]] }
      func turns(_ array: SavedArray) -> Bool { wanted.contains(array.value.shape.extents) }
      guard saved.arrays.contains(where: turns) else { return nil }
      arrays = saved.with { array in
        turns(array)
          ? SavedArray(
            name: array.name, value: array.value.transposed(permutation: [2, 0, 1, 3]),
            isInteger: array.isInteger, tolerance: array.tolerance) : array
      }
    }
    return (try description.network(), arrays)
  }
}

/// Pictures `[examples, channels, height, width]` as rows with the channels of each position next to one another.
struct ChannelsLastFlattenForm: LayerForm {
  let title = "channels-last-flatten"

  init() {}

  func build(_ builder: inout LayerBuilder) -> BuiltLayer {
    builder.layer(ChannelsLastFlatten(), output: [builder.input.elementCount])
  }

  private struct ChannelsLastFlatten: Layer {
    func callAsFunction<T>(_ input: T, _ pass: Pass<T>) -> T {
      let last = input.shape.rank == 4 ? input.transposed(permutation: [0, 2, 3, 1]) : input
      return last.reshaped(to: [input.shape[0], input.shape.elementCount / input.shape[0]])
    }
  }
}
