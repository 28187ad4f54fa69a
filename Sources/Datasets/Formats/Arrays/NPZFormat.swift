import Findings

/// NumPy archives with features and labels.
enum NPZFormat: DataFormat {
  static let name = "NPZ"

  static func recognizes(_ input: DataInput) -> Bool {
    !input.isCompressed && input.content == .zip
  }

  static func content(
    of input: DataInput, _ options: CSVTable.Options
  ) throws(Problem) -> DataContent {
    let file = try NPZFile(ZipArchive(input.source))
    return DataContent(
      arrays: file.names.map { name in
        .init(name: name) { () throws(Problem) in try file.array(named: name) }
      }, meaning: .arrays)
  }
}
