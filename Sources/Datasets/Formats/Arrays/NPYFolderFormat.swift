import Console
import Findings
import Foundation

/// A folder of NumPy arrays with a file for each: `X.npy` and `y.npy`, or `X_train.npy`, `y_train.npy` and so on.
enum NPYFolderFormat: DataFormat {
  static let name = "folder of NPY"
  static let meaning =
    "a folder with X.npy and y.npy, or X_train.npy, y_train.npy, X_test.npy, y_test.npy"

  static func recognizes(_ input: DataInput) -> Bool {
    input.isFolder && files(ofFolder: input.path).count > 1
  }

  static func files(ofFolder folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasSuffix(".npy") && !$0.hasPrefix(".") }.sorted()
      .map { FilePaths.joined(folder, $0) }
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    DataContent(
      arrays: files(ofFolder: input.path).map { file in
        let bytes = { () throws(Problem) -> [UInt8] in
          let source = try ByteSource(contentsOfFile: file)
          return try source.read(source.size, at: 0)
        }
        let name = URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
        return .init(
          name: name, read: { () throws(Problem) in try NumericArray(npy: bytes(), file: file) },
          texts: { () throws(Problem) in
            try NPYTexts.read(bytes(), NPYHeader.Origin(file: file, member: nil))
          })
      }, meaning: .arrays)
  }
}
