import CKernels
import Console
import Datasets
import Foundation

/// What a record says about the program and the machine that produced a result.
public struct Provenance: Codable, Sendable, Hashable {
  /// The words of the command.
  public let command: [String]
  /// The revision of the source, if the program runs next to its repository; with `-dirty` if that has
  /// uncommitted changes.
  public let sourceRevision: String?
  /// A digest of the program's own bytes: two builds with the same digest compute the same.
  public let executableHash: String?
  /// The compiler's version, as far as the program can know it.
  public let toolchain: String
  /// The processor, the number of cores and the operating system.
  public let processor: String, cores: Int, operatingSystem: String
  /// The instruction set that the kernels use. It affects only speed.
  public let instructionSet: String
  /// When the program started, in UTC.
  public let started: String

  /// The provenance of this process.
  ///
  /// - Parameter command: The words that request the whole study, if they differ from those of this process.
  public init(command: [String] = CommandLine.arguments) {
    self.command = command
    sourceRevision = Self.revision()
    executableHash = Self.executableHash
    toolchain = Self.compiler
    processor = Self.processorName()
    cores = ProcessInfo.processInfo.activeProcessorCount
    operatingSystem = ProcessInfo.processInfo.operatingSystemVersionString
    instructionSet = Self.kernels
    started = Self.now()
  }

  /// The version of the engine's arithmetic. It changes whenever the same run would have different bits; results of
  /// two versions are never mixed in one folder.
  public static let numericalVersion = 1

  /// What `--version` says: the version of the arithmetic, and the source of the build.
  @Sendable public static func version() -> String {
    "numerical version \(numericalVersion), source \(revision() ?? "not known"), "
      + "\(compiler), kernels for \(kernels)"
  }

  /// The command of this process in a form that can be retyped in a shell.
  public static var commandLine: String { line(CommandLine.arguments) }

  /// The name by which this program was invoked.
  public static var program: String {
    CommandLine.arguments.first.map { ($0 as NSString).lastPathComponent } ?? "research"
  }

  /// A command of this program in a form that can be typed in a shell.
  static func line(of words: String...) -> String { line([program] + words) }

  /// The words of a command as a line for a shell.
  static func line(_ command: [String]) -> String {
    let program = command.first.map { ($0 as NSString).lastPathComponent } ?? ""
    return ([program] + command.dropFirst()).map(FilePaths.quoted).joined(separator: " ")
  }

  /// The time in UTC, to the second.
  public static func now() -> String { Date.now.formatted(.iso8601) }

  private static var compiler: String {
    #if compiler(>=6.3)
      "Swift 6.3 or later"
    #else
      "Swift before 6.3"
    #endif
  }

  private static var kernels: String { String(cString: plumb_isa_name(plumb_isa_active())) }

  /// Read once for all studies of a process, and only where something is recorded: it is most of what a short command takes.
  private static let executableHash: String? = {
    guard let path = Bundle.main.executablePath,
      let data = try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
    else { return nil }
    return data.withUnsafeBytes { ContentHash(ofWords: $0).hexadecimal }
  }()

  private static func revision() -> String? {
    guard
      let folder = Bundle.main.executablePath.map({ ($0 as NSString).deletingLastPathComponent })
    else { return nil }
    let words = ["git", "-C", folder, "describe", "--always", "--dirty", "--abbrev=40"]
    // On a file system that does not respond, neither does git; a record without a revision is better than none.
    guard let output = CommandOutput.of(words, within: 1) else { return nil }
    let text = output.trimmingCharacters(in: .whitespacesAndNewlines)
    return text.isEmpty ? nil : text
  }

  private static func processorName() -> String {
    #if os(Linux)
      let text = FileManager.default.contents(atPath: "/proc/cpuinfo").map {
        String(decoding: $0, as: UTF8.self)
      }
      let line = text?.split(separator: "\n").first { $0.hasPrefix("model name") }
      return line?.split(separator: ":").last.map {
        $0.trimmingCharacters(in: .whitespaces)
      } ?? "unknown"
    #else
      var size = 0
      sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
      var name = [UInt8](repeating: 0, count: size)
      sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0)
      return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
    #endif
  }
}
