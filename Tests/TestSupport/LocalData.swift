import Foundation
import Testing

/// Files that this machine may have: in `$PLUMB_DATA`, or in `../shared/data` next to the package.
package enum LocalData {
  /// The path of a file or a folder that is there; `nil` where neither folder has it.
  package static func path(_ name: String) -> String? {
    folders.map { "\($0)/\(name)" }.first { FileManager.default.fileExists(atPath: $0) }
  }

  /// Why a test that needs a file is not run.
  package static func absence(_ names: String...) -> Comment {
    "needs \(names.joined(separator: " and ")) in $PLUMB_DATA or in ../shared/data next to the package"
  }

  private static let folders: [String] = {
    let packageRoot = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let nearby = packageRoot.appendingPathComponent("../shared/data").standardizedFileURL.path
    return [ProcessInfo.processInfo.environment["PLUMB_DATA"], nearby].compactMap { $0 }
  }()
}

/// The real MNIST test pair, where this machine has it.
package enum RealData {
  private static let names = ["t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"]

  /// The folder of both files.
  package static let folder: String? =
    names.allSatisfy { LocalData.path($0) != nil }
    ? LocalData.path(names[0]).map { String($0.dropLast(names[0].count + 1)) } : nil

  package static let absence = LocalData.absence(names[0], names[1])
}

/// Cats and other pictures of CASES, where this machine has them.
package enum CatPictures {
  package static let path = LocalData.path("catvnoncat.npz")
  package static let absence = LocalData.absence("catvnoncat.npz")
}
