import Console
import Findings
import Foundation

/// `new`: the skeleton of an experiment, which runs as it is.
enum NewCommand {
  private static let name = Argument<String>(
    "NAME", identifier, help: "the name of the experiment: lowercase letters, digits and dashes")
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
    "new", summary: "creates the skeleton of an experiment, here or in a separate package",
    arguments: [name], options: [package, library],
    examples: [
      Command.Example("\(Provenance.program) new my-block --package my-block", "a new package")
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    let name = options[name]
    guard let folder = options[package] else {
      let path = "Research/\(typeName(name)).swift"
      guard RegularFile.size("Research/main.swift") != nil else {
        throw Problem(
          subject: "Research/main.swift",
          problem: "there is no such file, so this is not Plumbline's folder",
          remedy: "give --package DIR to create a separate package")
      }
      try require(isMissing: path)
      try AtomicFile.write(Data(source(name).utf8), to: path)
      print(
        "\(path): add \(variableName(name)) to the list in Research/main.swift, then: "
          + "swift run -c release research \(name) --quick")
      return .done
    }
    let library = try libraryFolder(options)
    let sources = FilePaths.joined(folder, "Sources/\(typeName(name))")
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
      (FilePaths.joined(folder, "Package.swift"), manifest(name, library)),
      (FilePaths.joined(sources, "\(typeName(name)).swift"), source(name)),
      (FilePaths.joined(sources, "main.swift"), "\(variableName(name)).main()\n"),
    ]
    for (path, text) in files { try AtomicFile.write(Data(text.utf8), to: path) }
    print(
      "\(folder): the experiment is ready to run: cd \(FilePaths.quoted(folder)) && swift run -c release \(name) --quick"
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

  private static func typeName(_ name: String) -> String {
    name.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private static func variableName(_ name: String) -> String {
    let type = typeName(name)
    return type.prefix(1).lowercased() + type.dropFirst() + "Experiment"
  }

  private static func manifest(_ name: String, _ library: String) -> String {
    let path = library.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    return """
      // swift-tools-version: 6.3
      import PackageDescription

      let package = Package(
        name: "\(typeName(name))",
        platforms: [.macOS(.v15)],
        dependencies: [.package(name: "Plumbline", path: "\(path)")],
        targets: [
          .executableTarget(
            name: "\(name)",
            dependencies: [
              .product(name: "Experiments", package: "Plumbline"),
              .product(name: "Plumbline", package: "Plumbline"),
            ], path: "Sources/\(typeName(name))")
        ]
      )

      """
  }

  private static func source(_ name: String) -> String {
    """
    import Experiments
    import Plumbline

    /// A block of two layers, h + strength (relu(h W1 + b1) W2 + b2): change it into your own.
    private struct \(typeName(name))Block: Layer {
      let first: Dense, second: Dense, strength: Double

      init(width: Int, strength: Double) {
        first = Dense(width, width)
        second = Dense(width, width)
        self.strength = strength
      }

      func callAsFunction<T>(_ h: T, _ pass: Pass<T>) -> T {
        h + second(relu(first(h, pass)), pass) * strength
      }
    }

    let \(variableName(name)) = Experiment(
      "\(name)", claim: "the new blocks stay below plain nets",
      arms: [
        .plain, .residual,
        Arm("new", summary: "the new blocks", layersOfABlock: 2) { point in
          BlockNetwork(
            point,
            blocks: (0..<point.depth / 2).map { _ in
              \(typeName(name))Block(width: point.width, strength: point["strength", default: 0.25])
            })
        },
      ],
      depths: [4, 16, 64],
      // Further settings to vary; the arm reads them from its point.
      factors: [Factor("strength", [0.25])],
      predictions: [.isBelow("new", "plain")])

    """
  }
}
