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
    return DataContent(
      arrays: file.names.map { name in
        .init(
          name: name, read: { () throws(Problem) in try file.array(named: name) },
          texts: { () throws(Problem) in try file.texts(named: name) })
      }, meaning: .arrays)
  }
}
