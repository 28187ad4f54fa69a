import Foundation

/// The folder of this package, if a program runs from its build folder.
package enum PackageFolder {
  /// Whether a folder is that of Plumbline's package.
  package static func isPackage(_ folder: String) -> Bool {
    guard let data = RegularFile.contents(FilePaths.joined(folder, "Package.swift")) else {
      return false
    }
    return String(decoding: data, as: UTF8.self).contains("name: \"Plumbline\"")
  }

  /// The folder whose build folder contains this program; `nil` if there is none.
  package static var ofProgram: String? {
    var folder = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent()
    while let candidate = folder, candidate.path != "/" {
      if isPackage(candidate.path) { return candidate.path }
      folder = candidate.deletingLastPathComponent()
    }
    return nil
  }
}
