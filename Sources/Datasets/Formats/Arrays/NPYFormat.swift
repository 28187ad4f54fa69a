import Findings

/// A single NumPy array, which is half of what training needs.
enum NPYFormat: DataFormat {
  static let name = "NPY"
  static let meaning =
    "one NumPy array: for plumb data inspect; training needs features and labels, which NPZ holds"
  static let endings = [".npy"]

  static func recognizes(_ input: DataInput) -> Bool {
    !input.isCompressed && input.content == .npy
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let array = try NumericArray(
      npy: input.source.read(input.source.size, at: 0), file: input.path)
    return DataContent(
      arrays: [.init(name: "array") { () throws(Problem) in array }],
      meaning: .labelled { () throws(Problem) in
        throw Problem(
          .incompletePair, subject: input.path, location: "content",
          problem: "this is a single array, but training needs features and labels",
          remedy: dividing(array, "np.load(sys.argv[1])", input.path))
      })
  }

  /// The line that makes features and labels of a single array: its last column are the labels, or those of another file.
  ///
  /// - Parameter reading: What gives the array for the path `sys.argv[1]`.
  static func dividing(_ array: NumericArray, _ reading: String, _ file: String) -> String {
    func line(_ script: String) -> String {
      PythonConversion.line("numpy as np", "a = \(reading); " + script)
    }
    let others =
      "with the labels in labels.npy: "
      + line("np.savez(\"data.npz\", X=a, Y=np.load(sys.argv[2]))") + " labels.npy"
    guard array.shape.count == 2, array.shape[1] > 1 else {
      return PythonConversion.remedy("save both in one file, " + others, for: file)
    }
    return PythonConversion.remedy(
      "if its last column holds the labels: "
        + line("np.savez(\"data.npz\", X=a[:, :-1], Y=a[:, -1])")
        + "; otherwise save both in one file, " + others, for: file)
  }
}
