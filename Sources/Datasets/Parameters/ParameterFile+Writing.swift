import Console
import Findings
import Foundation
import Plumbline

extension ParameterFile {
  /// The formats of parameter files.
  public enum Format: String, Sendable, Hashable, CaseIterable {
    /// A NumPy archive.
    case npz
    /// A safetensors file.
    case safetensors

    /// The format for a name's extension; `nil` for any other extension.
    public init?(ofFileNamed path: String) {
      guard let dot = path.lastIndex(of: ".") else { return nil }
      self.init(rawValue: path[path.index(after: dot)...].lowercased())
    }
  }

  /// The content of a file with these parameters and running statistics, bit for bit.
  ///
  /// A network with only dense layers is written as `W1`, `b1`, ...; any other by its paths. A file for PyTorch
  /// (``ArrayLayout/torch``) always has the names of a `state_dict`. An entry `layout` gives the layout of the weights, so that
  /// ``ParameterFile`` need not be given it.
  ///
  /// - Throws: ``/Findings/Problem`` if the layout is ``ArrayLayout/columns`` and the network has layers other than dense ones.
  /// - Complexity: O(number of values).
  public static func data<Scalar: TensorScalar>(
    _ parameters: Parameters<Scalar>, format: Format, layout: ArrayLayout = .rows
  ) throws(Problem) -> Data {
    let arrays = try arrays(parameters, layout)
    switch format {
    case .npz:
      let text = Array(layout.rawValue.utf8)
      return try NPZFile.data(
        arrays + [(name: layoutName, array: NumericArray([text.count], text))])
    case .safetensors:
      let writer = layout == .torch ? "pt" : "plumbline"
      return try SafetensorsFile.data(
        arrays, metadata: ["format": writer, layoutName: layout.rawValue])
    }
  }

  /// Writes these parameters and running statistics to the file at `path`, in the format of its ending. The file appears
  /// whole or not at all.
  ///
  /// - Throws: ``/Findings/Problem`` for an ending other than `.npz` and `.safetensors`, for a path that cannot be written,
  ///   and as ``data(_:format:layout:)`` does.
  /// - Complexity: O(number of values).
  public static func write<Scalar: TensorScalar>(
    _ parameters: Parameters<Scalar>, to path: String, layout: ArrayLayout = .rows
  ) throws(Problem) {
    guard let format = Format(ofFileNamed: path) else {
      throw Problem(
        .unsupported, subject: path, location: "name",
        problem: "no parameter format has this file ending",
        remedy: "end the name in .npz or .safetensors")
    }
    let data = try data(parameters, format: format, layout: layout)
    do {
      try AtomicFile.write(data, to: path)
    } catch {
      throw Problem(
        .unwritable, subject: path, location: "file", problem: "\(error)",
        remedy: "give a path in an existing, writable folder")
    }
  }

  private static func arrays<Scalar: TensorScalar>(
    _ parameters: Parameters<Scalar>, _ layout: ArrayLayout
  ) throws(Problem) -> [(name: String, array: NumericArray)] {
    let network = parameters.layout
    func array(_ parameter: StoredParameter) -> NumericArray {
      let value = parameters[parameter.path]
      return NumericArray(
        layout.transposesWeights && parameter.isWeight
          ? value.transposed(permutation: parameter.torchAxes) : value)
    }
    let stored = (network.entries + network.statistics).map(StoredParameter.init)
    switch (layout, StoredDenseLayers(network)) {
    case (.rows, let dense?), (.columns, let dense?):
      return dense.layers.enumerated().flatMap { index, layer in
        let weight = ("W\(index + 1)", array(layer.weight))
        guard let bias = layer.bias else { return [weight] }
        let values = array(bias)
        let column = layout == .columns ? values.reshaped(to: [values.count, 1]) : values
        return [weight, ("b\(index + 1)", column)]
      }
    case (.columns, nil):
      throw Problem(
        .unsupported, subject: "parameters", location: "layout",
        problem: "columns is a layout of dense layers, and the network has other parameters",
        remedy: "write them in the layout rows or torch")
    case (.rows, nil): return stored.map { ($0.path, array($0)) }
    case (.torch, _):
      return stored.map { ($0.torchPath, array($0)) }
        + StoredRepetition.all(in: network).map { ($0.parameter.torchPath, array($0.first)) }
    }
  }
}
