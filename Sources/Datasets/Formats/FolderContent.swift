import Console
import Findings
import Foundation

/// What a folder holds that is not data itself: the files or folders in it that may be meant.
enum FolderContent {
  private static let dataEndings = DataFormats.all.flatMap { $0.endings } + [".gz"]
  /// Folders of pictures are looked for this deep.
  private static let depthLimit = 4
  private static let listLimit = 4

  /// What to say about a folder that is in none of the formats.
  static func problem(in folder: String) -> Problem {
    func problem(_ text: String, _ remedy: String) -> Problem {
      Problem(.wrongFormat, subject: folder, location: "path", problem: text, remedy: remedy)
    }
    let names = names(in: folder)
    let pictures = names.filter(PictureFolderFormat.hasPictureEnding)
    if pictures.count > 1 {
      return problem(
        "this folder holds \(pictures.count) images but no subfolder per class",
        "make a folder for each class, here by the first word of the file names: "
          + "python3 -c 'import sys, os, re, shutil; d = sys.argv[1]; "
          + "[(os.makedirs(os.path.join(sys.argv[2], c), exist_ok=True), shutil.copy(os.path.join(d, f), os.path.join(sys.argv[2], c))) "
          + "for f in os.listdir(d) if os.path.isfile(os.path.join(d, f)) for c in [re.split(r\"[^A-Za-z]\", f)[0] or \"other\"]]' \(FilePaths.quoted(folder)) \(FilePaths.unused("classes"))"
      )
    }
    let inner = folders(in: folder, depth: 0)
    if !inner.isEmpty {
      return problem(
        "this folder has subfolders that hold data: "
          + inner.prefix(listLimit).joined(separator: ", "),
        "give one of them, such as \(FilePaths.quoted(inner[0]))")
    }
    let data = names.filter { name in
      !name.lowercased().hasPrefix("readme")
        && dataEndings.contains { name.lowercased().hasSuffix($0) }
    }
    if let first = data.first(where: { $0.lowercased().contains("train") }) ?? data.first {
      return problem(
        "this folder has files that may hold data: "
          + data.prefix(listLimit).joined(separator: ", ")
          + (data.count > listLimit ? ", ..." : ""),
        "give one of them, such as \(FilePaths.quoted(FilePaths.joined(folder, first)))")
    }
    return problem(
      "no data were found in this folder",
      "give a file in it, or a folder with a subfolder of images per class, the MNIST IDX files, or "
        + "CIFAR-10's binary files")
  }

  private static func names(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { !$0.hasPrefix(".") && !$0.hasPrefix("__MACOSX") }.sorted()
  }

  /// The folders below one that hold data, the shallowest of each branch.
  private static func folders(in folder: String, depth: Int) -> [String] {
    guard depth < depthLimit else { return [] }
    var found: [String] = []
    for name in names(in: folder) where found.count <= listLimit {
      let path = FilePaths.joined(folder, name)
      guard FilePaths.isFolder(path) == true else { continue }
      let isData =
        (try? DataInput(path: path)).map { input in
          DataFormats.all.contains { (try? $0.recognizes(input)) == true }
        } ?? false
      found += isData ? [path] : folders(in: path, depth: depth + 1)
    }
    return found
  }
}
