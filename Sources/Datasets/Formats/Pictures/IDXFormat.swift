import Console
import Findings

/// The files of MNIST and similar sets: images and labels, found by their usual names.
enum IDXFormat: DataFormat {
  static let name = "IDX"
  static let meaning =
    "the MNIST files by their usual names, as a folder or one file of a pair; plain or gzip-compressed"

  static func recognizes(_ input: DataInput) throws(Problem) -> Bool {
    guard input.isFolder else { return input.content == .idx }
    for role in DigitFiles.Role.allCases where try DigitFiles.pair(role, in: input.path) != nil {
      return true
    }
    return false
  }

  static func files(ofFolder folder: String) -> [String] {
    DigitFiles.Role.allCases.flatMap { role in
      DigitFiles.Content.allCases.flatMap { DigitFiles.names(role, $0) }
    }.map { FilePaths.joined(folder, $0) }
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    var content = DataContent(
      meaning: .labelled { () throws(Problem) in
        let pairs = try DigitFiles.sets(at: input.path)
        return LabelledArrays(
          train: try pairs.train.map { pair throws(Problem) in try pair.examples() },
          test: try pairs.test.map { pair throws(Problem) in try pair.examples() })
      })
    if !input.isFolder {
      let array = try IDXArray(input.source)
      content.arrays = [
        .init(name: "array") { () throws(Problem) in
          array.elementType == .unsignedByte
            ? NumericArray(.uint8, array.shape, bytes: array.bytes)
            : NumericArray(array.shape, array.doubles())
        }
      ]
    }
    return content
  }
}
