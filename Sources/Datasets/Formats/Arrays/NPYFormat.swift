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
          remedy: "save both in one file: np.savez(\"data.npz\", X=X, Y=Y)")
      })
  }
}
