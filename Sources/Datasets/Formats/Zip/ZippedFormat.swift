import Findings

/// A ZIP archive with one file of data in it, as often downloaded.
enum ZippedFormat: DataFormat {
  static let name = "ZIP"
  static let meaning =
    "an archive with one data file of any other kind"
  static let endings = [".zip"]

  static func recognizes(_ input: DataInput) throws(Problem) -> Bool {
    guard input.content == .zip, !input.isCompressed else { return false }
    return try !members(input).isEmpty
  }

  /// The files in the archive that may be data; none if it is an archive of arrays or a document.
  private static func members(_ input: DataInput) throws(Problem) -> [ZipArchive.Member] {
    let archive = try ZipArchive(input.source)
    let names = archive.members.map(\.name)
    guard
      !names.contains(where: {
        $0.hasSuffix(".npy") || $0.hasSuffix(".pkl") || $0 == "[Content_Types].xml"
      })
    else { return [] }
    return archive.members.filter { member in
      let file = member.name.split(separator: "/").last ?? ""
      return !member.name.hasSuffix("/") && !member.name.hasPrefix("__MACOSX")
        && !file.hasPrefix(".") && !file.lowercased().hasPrefix("readme")
        && !["names", "md", "pdf", "doc", "docx", "html", "index"].contains {
          file.lowercased().hasSuffix("." + $0)
        } && file != "Index"
    }
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    let members = try members(input)
    if Set(["mimetype", "content.xml"]).isSubset(of: members.map(\.name)) {
      throw Problem(
        .wrongFormat, subject: input.path, location: "directory",
        problem: "this is \(FileContent.openDocument.phrase), which is not read",
        remedy: PythonConversion.remedy(FileContent.openDocument.remedy, for: input.path))
    }
    guard members.count == 1, let member = members.first else {
      throw Problem(
        .wrongFormat, subject: input.path, location: "directory",
        problem: "this ZIP archive has \(members.count) possible data files: "
          + members.prefix(8).map(\.name).joined(separator: ", "),
        remedy:
          "unzip it and give the file, or put features and labels into one: np.savez(file, X=X, Y=Y)"
      )
    }
    let bytes = try ZipArchive(input.source).content(of: member)
    let inner = try DataInput(ByteSource(bytes, named: "\(input.path)/\(member.name)"))
    guard inner.content != .zip else {
      throw Problem(
        .wrongFormat, subject: input.path, location: "member \(member.name)",
        problem: "this is an archive in an archive", remedy: "unzip it and give the file in it")
    }
    return try DataFormats.format(of: inner).content(of: inner, options)
  }
}
