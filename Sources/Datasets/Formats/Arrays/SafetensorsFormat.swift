import Findings

/// Safetensors files with features and labels.
enum SafetensorsFormat: DataFormat {
  static let name = "safetensors"
  static let meaning =
    "arrays by the same names as in NPZ"
  static let endings = [".safetensors"]

  static func recognizes(_ input: DataInput) -> Bool {
    !input.isCompressed && input.start.count > 8 && input.start[8] == UInt8(ascii: "{")
      && input.start.littleEndian(at: 0, size: 8) <= UInt64(SafetensorsHeader.sizeLimit)
      && input.content == .unknown
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let file = try SafetensorsFile(input.source)
    return DataContent(
      arrays: file.names.map { name in
        .init(name: name) { () throws(Problem) in try file.array(named: name) }
      }, meaning: .arrays)
  }
}
