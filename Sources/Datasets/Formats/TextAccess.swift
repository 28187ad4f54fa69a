import Console

/// How a program reaches the text of a file that may be compressed or in an archive, so that a remedy works on the file as it is.
struct TextAccess {
  /// The file that a program opens.
  private let path: String
  private enum Wrapping {
    case none, gzip, utf16
    /// A member of a ZIP archive.
    case zip(String)
  }
  private let wrapping: Wrapping

  /// - Parameter path: The path as errors name it: that of a member of an archive follows on the archive's.
  init(_ path: String) {
    func start(_ path: String) -> [UInt8] {
      (try? ByteSource(contentsOfFile: path).read(256, at: 0)) ?? []
    }
    var archive = path[...]
    while FilePaths.isFolder(String(archive)) == nil, let slash = archive.lastIndex(of: "/") {
      archive = archive[..<slash]
    }
    let first = start(String(archive))
    if archive.count < path.count, first.starts(with: [0x50, 0x4B]) {
      self.path = String(archive)
      wrapping = .zip(String(path.dropFirst(archive.count + 1)))
      return
    }
    self.path = path
    wrapping =
      if first.starts(with: [0x1F, 0x8B]) {
        .gzip
      } else if ByteSource.wideEncoding(of: first) != nil {
        .utf16
      } else {
        .none
      }
  }

  /// Whether a program that expects a plain file can open it.
  var isPlain: Bool {
    if case .none = wrapping { true } else { false }
  }

  /// The path as a word of a shell.
  var argument: String { FilePaths.quoted(path) }

  /// The expression of Python that opens the text of `sys.argv[1]`, without single quotes: byte for byte, so that no encoding is
  /// wrong.
  var python: String {
    let bytes = "newline=\"\", encoding=\"latin1\""
    return switch wrapping {
    case .none: "open(sys.argv[1], \(bytes))"
    case .gzip: "__import__(\"gzip\").open(sys.argv[1], \"rt\", \(bytes))"
    case .utf16: "open(sys.argv[1], newline=\"\", encoding=\"utf16\")"
    case .zip(let member):
      "__import__(\"io\").TextIOWrapper(__import__(\"zipfile\").ZipFile(sys.argv[1]).open(\"\(member)\"), \(bytes))"
    }
  }

  /// The expression of Python that opens a file for what was read from there.
  func python(writing name: String) -> String {
    let encoding = if case .utf16 = wrapping { "utf8" } else { "latin1" }
    return "open(\"\(name)\", \"w\", newline=\"\", encoding=\"\(encoding)\")"
  }

  /// A line for a shell in which a command takes the text as its input and writes a file: none is left behind if it fails.
  func shell(_ command: String, into name: String) -> String {
    let output = "> \(FilePaths.quoted(name)) || rm \(FilePaths.quoted(name))"
    return switch wrapping {
    case .none: "\(command) < \(argument) \(output)"
    case .gzip: "gunzip -c \(argument) | \(command) \(output)"
    case .utf16: "iconv -f UTF-16 -t UTF-8 \(argument) | \(command) \(output)"
    case .zip(let member): "unzip -p \(argument) \(FilePaths.quoted(member)) | \(command) \(output)"
    }
  }

  /// The line that unpacks the file, with the name of what it makes; nil if it is plain.
  var unpacking: (line: String, name: String)? {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    switch wrapping {
    case .none, .utf16: return nil
    case .gzip:
      let name = FilePaths.unused(
        file.lowercased().hasSuffix(".gz") && file.count > 3 ? String(file.dropLast(3)) : "data")
      return ("gunzip -c \(argument) > \(FilePaths.quoted(name))", name)
    case .zip(let member):
      let name = FilePaths.unused(member.split(separator: "/").last.map(String.init) ?? "data")
      return (
        "unzip -p \(argument) \(FilePaths.quoted(member)) > \(FilePaths.quoted(name))", name
      )
    }
  }
}
