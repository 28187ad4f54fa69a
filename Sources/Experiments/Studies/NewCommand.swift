import Console
import Findings
import Foundation

/// `new`: the skeleton of an experiment or of a claim, which runs as it is.
enum NewCommand {
  private static let name = Argument<String>(
    "NAME", identifier, help: "the name of the study: lowercase letters, digits and dashes")
  private static let isClaim = Option(
    flag: "claim",
    help:
      "a law with its derivation, prediction, sampling error and control, in place of an experiment that trains networks"
  )
  private static let identifier = ValueForm<String>(
    accepted: "a name of lowercase letters, digits and dashes that begins with a letter"
  ) { text in text.wholeMatch(of: /[a-z][a-z0-9]*(-[a-z0-9]+)*/) == nil ? nil : text }
  private static let package = Option(
    "package", "DIR", .outputFolder(["Package.swift"]),
    defaultText: "the folder Research of this package",
    help: "creates a separate package in a new folder")
  private static let library = Option(
    "plumbline", "DIR", .input("Plumbline's package", files: { _ in [] }),
    defaultText: "where this program was built",
    help: "the Plumbline folder that the new package depends on")

  static let command = Command(
    "new", summary: "creates the skeleton of a study, here or in a separate package",
    arguments: [name], options: [isClaim, package, library],
    examples: [
      Command.Example(
        "\(Provenance.program) new my-law --claim --package my-law", "a law to check"),
      Command.Example("\(Provenance.program) new my-block --package my-block", "a new package"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    let name = options[name]
    let skeleton = Skeleton(name: name, isClaim: options[isClaim])
    guard let folder = options[package] else {
      let path = "Research/\(skeleton.typeName).swift"
      guard RegularFile.size("Research/Studies.swift") != nil else {
        throw Problem(
          subject: "Research/Studies.swift",
          problem: "there is no such file, so this is not Plumbline's folder",
          remedy: "give --package DIR to create a separate package")
      }
      try require(isMissing: path)
      try AtomicFile.write(Data(skeleton.source.utf8), to: path)
      print(
        "\(path): add \(skeleton.expression) to the list in Research/Studies.swift, then: "
          + "swift run -c release research \(name) --quick")
      return .done
    }
    let library = try libraryFolder(options)
    let sources = FilePaths.joined(folder, "Sources/\(skeleton.typeName)")
    for file in ["Package.swift", "Sources"] {
      try require(isMissing: FilePaths.joined(folder, file))
    }
    do {
      try FileManager.default.createDirectory(atPath: sources, withIntermediateDirectories: true)
    } catch {
      throw Problem(
        subject: sources, problem: "the folder cannot be created",
        remedy: "give a writable folder to --package")
    }
    let files = [
      (FilePaths.joined(folder, "Package.swift"), skeleton.manifest(library: library)),
      (FilePaths.joined(sources, "\(skeleton.typeName).swift"), skeleton.source),
      (FilePaths.joined(sources, "main.swift"), skeleton.main),
    ]
    for (path, text) in files { try AtomicFile.write(Data(text.utf8), to: path) }
    print(
      "\(folder): the study is ready to run: cd \(FilePaths.quoted(folder)) && swift run -c release \(name) --quick"
    )
    return .done
  }

  private static func require(isMissing path: String) throws(Problem) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    throw Problem(
      subject: path, problem: "it already exists", remedy: "give another name or folder")
  }

  /// The folder of Plumbline: as given, or the one whose build folder contains this program.
  private static func libraryFolder(_ options: ParsedOptions) throws(Problem) -> String {
    if let given = options[library] {
      guard PackageFolder.isPackage(given) else {
        throw Problem(
          setting: "plumbline", subject: given,
          problem: "this is not the folder of Plumbline's package",
          remedy: "give the folder that holds its Package.swift")
      }
      return absolute(given)
    }
    if let folder = PackageFolder.ofProgram { return folder }
    throw Problem(
      setting: "plumbline", problem: "this program is not in a build folder of Plumbline's package",
      remedy: "give the folder of the package")
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}
