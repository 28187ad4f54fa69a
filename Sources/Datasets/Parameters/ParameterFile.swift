import Findings
import Plumbline

/// The parameters of a network in a file: an NPZ archive or, by the name's ending, a safetensors file.
///
/// ```swift
/// try ParameterFile.write(parameters, to: "parameters.npz")
/// let again: Parameters<Double> = try ParameterFile.read("parameters.npz", into: network)
/// ```
///
/// Arrays are recognized under three kinds of names:
///
/// - `W1`, `b1`, ..., `WL`, `bL`: dense layers in the order in which a plain or residual network uses them. Whatever else an
///   audit file contains (`X`, `Y`, `dW1`, ...) is ignored.
/// - the paths of the network: `0.weight`, `2.branch.0.weight`, `1.runningMean`.
/// - those of PyTorch's `state_dict`: `1.running_mean`; a normalization's scale and shift are `weight` and `bias`.
///   A prefix that all names share (`layers.`, `module.`) and `num_batches_tracked` are ignored, and a layer that occurs
///   at several positions may be listed at each. For a network with only
///   dense layers, modules that differ in one number (`fc1.weight`, `fc2.weight`) are taken in its order.
///
/// Weights are in x out or out x in (``ArrayLayout``); a convolution's are `[in, height, width, out]` or, as PyTorch
/// has them, `[out, in, height, width]`. Which one applies is stated by the caller, by an entry `layout` in the file (in an NPZ an
/// array of the ASCII codes of `rows`, in safetensors an entry of the metadata), or by the shapes. If all weights are
/// square and nothing else decides, reading is refused.
public struct ParameterFile: Sendable {
  /// The path.
  public let path: String
  /// The names of the arrays, in the order of the file, without the entry for the layout.
  public let names: [String]
  /// The layout that the file itself states.
  public let statedLayout: ArrayLayout?

  private enum Content: Sendable {
    case npz(NPZFile)
    case safetensors(SafetensorsFile)
  }

  /// The name of the entry that gives the layout.
  static let layoutName = "layout"

  private let content: Content

  /// Whether the metadata say that PyTorch has written the file.
  let isMarkedAsTorch: Bool

  /// Opens the file at `path`, of either format.
  ///
  /// - Throws: ``/Findings/Problem`` as ``NPZFile`` and ``SafetensorsFile`` do, and for a layout that does not exist.
  /// - Complexity: O(number of arrays).
  public init(contentsOfFile path: String) throws(Problem) {
    try self.init(ByteSource(contentsOfFile: path))
  }

  /// Opens such a file in the format that the name of `source` indicates.
  package init(_ source: ByteSource) throws(Problem) {
    let path = source.file
    self.path = path
    if Format(ofFileNamed: path) == .safetensors {
      let file = try SafetensorsFile(source)
      content = .safetensors(file)
      names = file.names
      isMarkedAsTorch = file.metadata["format"] == "pt"
      statedLayout = try file.metadata[Self.layoutName].map { text throws(Problem) in
        try Self.layout(text, path)
      }
    } else {
      let file = try NPZFile(ZipArchive(source))
      content = .npz(file)
      names = file.names.filter { $0 != Self.layoutName }
      isMarkedAsTorch = false
      statedLayout = try file.names.contains(Self.layoutName) ? Self.layout(in: file) : nil
    }
  }

  private static func layout(in file: NPZFile) throws(Problem) -> ArrayLayout {
    guard let array = try? file.array(named: layoutName), array.elementType == .uint8 else {
      throw unknownLayout("is not an array of uint8", file.file)
    }
    return try layout(String(decoding: array.bytes, as: UTF8.self), file.file)
  }

  private static func layout(_ text: String, _ path: String) throws(Problem) -> ArrayLayout {
    guard let layout = ArrayLayout(rawValue: text) else {
      throw unknownLayout("says \"\(text.prefix(40))\"", path)
    }
    return layout
  }

  private static func unknownLayout(_ problem: String, _ path: String) -> Problem {
    Problem(
      .wrongFormat, subject: path, location: "entry \(layoutName)", problem: problem,
      remedy: "write rows, columns or torch there: layout=np.frombuffer(b\"rows\", np.uint8)")
  }

  /// The array of this name, as in the file.
  func array(named name: String) throws(Problem) -> NumericArray {
    switch content {
    case .npz(let file): try file.array(named: name)
    case .safetensors(let file): try file.array(named: name)
    }
  }

  func failure(
    _ kind: Problem.Kind, _ position: String, _ problem: String, _ remedy: String
  ) -> Problem {
    Problem(kind, subject: path, location: position, problem: problem, remedy: remedy)
  }

  // MARK: Reading

  /// The parameters and running statistics of a network from the file at `path`.
  ///
  /// - Parameters:
  ///   - path: An NPZ or a safetensors file.
  ///   - network: The layer whose parameters, and their paths, are searched for.
  ///   - layout: The layout of the weights, if the file does not say.
  /// - Throws: ``/Findings/Problem`` as ``init(contentsOfFile:)`` and ``parameters(for:layout:)`` do.
  /// - Complexity: O(size of the file).
  public static func read<Scalar: TensorScalar>(
    _ path: String, into network: some Layer, layout: ArrayLayout? = nil
  ) throws(Problem) -> Parameters<Scalar> {
    try ParameterFile(contentsOfFile: path)
      .parameters(for: ParameterLayout(of: network), layout: layout)
  }

  /// The values for a network's parameters and running statistics, each the nearest in `Scalar` to the file's.
  ///
  /// - Parameters:
  ///   - parameterLayout: The parameter layout of the network.
  ///   - layout: The layout of the weights, if the file does not say.
  /// - Throws: ``/Findings/Problem`` for an array that is missing, surplus, of another shape or holds a value that is not
  ///   finite, for the parameters of another network, and if the layout is undetermined.
  /// - Complexity: O(size of the file).
  public func parameters<Scalar: TensorScalar>(
    for parameterLayout: ParameterLayout, layout: ArrayLayout? = nil
  ) throws(Problem) -> Parameters<Scalar> {
    let naming = try naming(for: parameterLayout)
    var arrays: [NumericArray] = []
    for match in naming.matches { arrays.append(try array(named: match.name)) }
    for (name, first) in naming.repetitions {
      let (array, original) = (try array(named: name), try self.array(named: first))
      guard array.shape == original.shape, array.doubles() == original.doubles() else {
        throw failure(
          .inconsistent, "array \(name)",
          "differs from \(first), but in the network the two are one parameter",
          "leave it out, or describe the network with two layers")
      }
    }
    let isTransposed = try isTransposed(
      naming, shapes: arrays.map(\.shape), asked: layout, StoredDenseLayers(parameterLayout))
    var result = Parameters<Scalar>(
      layout: parameterLayout, vector: .zeros([parameterLayout.count]))
    for (match, array) in zip(naming.matches, arrays) {
      let values: Tensor<Scalar> = try finite(array, match)
      let parameter = match.parameter
      result[parameter.path] =
        isTransposed && parameter.isWeight
        ? values.transposed(permutation: parameter.axesFromTorch)
        : values.reshaped(to: parameter.shape)
    }
    return result
  }

  /// The values of an array, which are checked: none may be infinite or NaN, and no variance negative.
  private func finite<Scalar: TensorScalar>(
    _ array: NumericArray, _ match: Naming.Match
  ) throws(Problem) -> Tensor<Scalar> {
    let values: Tensor<Scalar> = array.tensor()
    let isVariance = match.parameter.path.hasSuffix("runningVariance")
    let scalars = values.scalars
    let position = scalars.firstIndex { !$0.isFinite || (isVariance && $0.real < 0) }
    guard let position else { return values }
    let stored = array.doubles()[position]
    let (problem, remedy) =
      scalars[position].isFinite
      ? ("a variance is \(stored)", "give the variances, which are 0 or more")
      : stored.isFinite
        ? ("the value \(stored) does not fit into \(Scalar.self)", "use double precision")
        : (
          "the value is \(stored)",
          "give finite parameters, for example saved before training diverged"
        )
    throw failure(
      .outOfRange,
      "array \(match.name), element \(NumericArray.description(of: array.indices(of: position)))",
      problem, remedy)
  }
}
