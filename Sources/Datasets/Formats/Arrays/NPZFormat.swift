import Findings

/// NumPy archives with features and labels.
enum NPZFormat: DataFormat {
  static let name = "NPZ"
  static let meaning =
    "NumPy arrays X and Y; or train_x, train_y, dev_x, dev_y, test_x, test_y; or arrays of such names"
  static let endings = [".npz"]

  static func recognizes(_ input: DataInput) -> Bool {
    !input.isCompressed && input.content == .zip
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let file = try NPZFile(ZipArchive(input.source))
    try requireDense(file)
    return DataContent(
      arrays: file.names.map { name in
        .init(
          name: name, read: { () throws(Problem) in try file.array(named: name) },
          texts: { () throws(Problem) in try file.texts(named: name) })
      }, meaning: .arrays)
  }

  /// Refuses a matrix that SciPy has saved: its arrays are those of its values, not of examples.
  private static func requireDense(_ file: NPZFile) throws(Problem) {
    guard Set(["format", "shape", "data"]).isSubset(of: file.names) else { return }
    throw Problem(
      .wrongFormat, subject: file.file, location: "arrays",
      problem: "this is a sparse matrix of SciPy, without labels next to it",
      remedy: PythonConversion.remedy(
        "convert it, with the label of each row in labels.npy: "
          + PythonConversion.line(
            "numpy as np, scipy.sparse",
            "np.savez(\"data.npz\", X=scipy.sparse.load_npz(sys.argv[1]).toarray(), Y=np.load(sys.argv[2]))"
          ) + " labels.npy", for: file.file))
  }
}
