import Foundation
import Testing

/// The real MNIST test pair, where this machine has it: in `$PLUMB_DATA` or in `../shared/data`
/// beside the package.
enum RealData {
  static let folder: String? = {
    let packageRoot = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let beside = packageRoot.appendingPathComponent("../shared/data").standardizedFileURL.path
    let chosen = ProcessInfo.processInfo.environment["PLUMB_DATA"]
    return [chosen, beside].compactMap { $0 }.first { folder in
      FileManager.default.fileExists(atPath: "\(folder)/t10k-images-idx3-ubyte.gz")
        && FileManager.default.fileExists(atPath: "\(folder)/t10k-labels-idx1-ubyte.gz")
    }
  }()

  static let absence: Comment = """
    needs t10k-images-idx3-ubyte.gz and t10k-labels-idx1-ubyte.gz in $PLUMB_DATA or in \
    ../shared/data beside the package
    """
}
