import Console
import Findings
import Foundation

/// A folder of pictures with a folder for each class: `cats/cat/1.png`, `cats/dog/2.png`; or folders `train`, `dev` (also `val`)
/// and `test` that each hold such folders.
///
/// Pictures are PNG, PGM or PPM, or JPEG if the system decodes those, of one size. Gray ones become `[height, width]`; if one has
/// colors, all become `[height, width, 3]`.
enum PictureFolderFormat: DataFormat {
  static let name = "folder of pictures"
  static let meaning =
    "a folder of PNG, JPEG, PGM or PPM images per class; or folders train, dev and test of such folders"

  private static let pictureEndings = [
    ".png", ".pgm", ".ppm", ".pnm", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".webp",
  ]

  /// A set, with the names of its folder.
  private enum Part: CaseIterable {
    case train, dev, test

    var names: Set<String> {
      switch self {
      case .train: ["train", "training"]
      case .dev: ["dev", "val", "valid", "validation"]
      case .test: ["test", "testing"]
      }
    }
  }

  static func recognizes(_ input: DataInput) throws(Problem) -> Bool {
    input.isFolder && Layout(input.path) != nil
  }

  static func files(ofFolder folder: String) -> [String] {
    Layout(folder)?.parts.values.flatMap(\.values).flatMap { $0 } ?? []
  }

  static func content(
    of input: DataInput, _ options: TableOptions
  ) throws(Problem) -> DataContent {
    DataContent(
      meaning: .labelled { () throws(Problem) in
        guard let layout = Layout(input.path) else {
          fatalError("\(input.path) is not a folder of pictures any more")
        }
        try layout.requireClasses()
        return try examples(of: layout)
      })
  }

  // MARK: What is where

  /// The pictures of each part by class.
  private struct Layout {
    let folder: String
    var parts: [Part: [String: [String]]] = [:]
    /// Folders without subfolders of classes, which are left out.
    var empty: [String] = []
    var classes: [String] {
      Set(parts.values.flatMap(\.keys)).sorted(by: PictureFolderFormat.isBefore)
    }

    /// Nil if there is no folder with pictures in the folder.
    init?(_ folder: String) {
      self.folder = folder
      let folders = Self.names(in: folder).filter {
        FilePaths.isFolder(FilePaths.joined(folder, $0)) == true
      }
      for name in folders {
        guard let part = Part.allCases.first(where: { $0.names.contains(name.lowercased()) })
        else { continue }
        let classes = Self.classes(in: FilePaths.joined(folder, name))
        if !classes.isEmpty { parts[part] = classes } else { empty.append(name) }
      }
      // If no set has classes, these are names like any other.
      if parts.isEmpty { empty = [] }
      // A dev set alone serves for training.
      if parts[.train] == nil, parts[.test] == nil, let dev = parts.removeValue(forKey: .dev) {
        parts[.train] = dev
      }
      if parts.isEmpty {
        let classes = Self.classes(in: folder)
        guard !classes.isEmpty else { return nil }
        // One folder of pictures among folders of folders: those hold the classes.
        if classes.count == 1,
          folders.contains(where: { name in
            classes[name] == nil && !Self.classes(in: FilePaths.joined(folder, name)).isEmpty
          })
        {
          return nil
        }
        parts[.train] = classes
        empty = folders.filter { classes[$0] == nil }
      }
    }

    /// Throws if all pictures are in one folder and a table next to it says what they are.
    func requireClasses() throws(Problem) {
      guard classes.count == 1, let name = classes.first,
        let table = Self.names(in: folder).first(where: {
          let name = $0.lowercased()
          return [".csv", ".tsv", ".txt", ".json"].contains(where: name.hasSuffix)
            && !name.hasPrefix("readme")
        })
      else { return }
      let line =
        "python3 -c 'import sys, csv, os, shutil; d = sys.argv[1]; "
        + "rows = list(csv.reader(open(os.path.join(d, sys.argv[2]))))[1:]; "
        + "[(os.makedirs(os.path.join(sys.argv[4], r[1]), exist_ok=True), "
        + "shutil.copy(os.path.join(d, sys.argv[3], r[0]), os.path.join(sys.argv[4], r[1]))) for r in rows]' "
        + [folder, table, name, FilePaths.unused("classes")].map(FilePaths.quoted).joined(
          separator: " ")
      throw Problem(
        .mislabelled, subject: folder, location: name,
        problem: "all images are in one folder, which makes one class, and \(table) is next to it",
        remedy:
          "make a folder for each class; if the table holds file names and classes in its first two columns: \(line)"
      )
    }

    private static func names(in folder: String) -> [String] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return names.filter { !$0.hasPrefix(".") }.sorted(by: PictureFolderFormat.isBefore)
    }

    /// The paths of the pictures in a folder.
    static func pictures(in folder: String) -> [String] {
      names(in: folder).filter(PictureFolderFormat.hasPictureEnding)
        .map { FilePaths.joined(folder, $0) }
    }

    /// The folders that hold pictures, with the paths of these.
    private static func classes(in folder: String) -> [String: [String]] {
      var classes: [String: [String]] = [:]
      for name in names(in: folder) {
        let path = FilePaths.joined(folder, name)
        guard FilePaths.isFolder(path) == true else { continue }
        let pictures = pictures(in: path)
        if !pictures.isEmpty { classes[name] = pictures }
      }
      return classes
    }
  }

  /// Numbers by size, other names by their scalars, so that the order is the same everywhere.
  private static func isBefore(_ a: String, _ b: String) -> Bool {
    if let first = Int(a), let second = Int(b), first != second { return first < second }
    return a.unicodeScalars.lexicographicallyPrecedes(b.unicodeScalars)
  }

  // MARK: Reading

  private static func examples(of layout: Layout) throws(Problem) -> LabelledArrays {
    let classes = layout.classes
    let remedy = conversion(of: layout.folder)
    var read: [Part: [(picture: Picture, label: Int)]] = [:]
    var first: (file: String, picture: Picture)?
    for part in Part.allCases {
      guard let folders = layout.parts[part] else { continue }
      var pictures: [(Picture, Int)] = []
      for (label, name) in classes.enumerated() {
        for file in folders[name] ?? [] {
          let picture = try picture(file, remedy)
          if let first { try check(picture, file, against: first.picture, first.file, remedy) }
          first = first ?? (file, picture)
          pictures.append((picture, label))
        }
      }
      read[part] = pictures
    }
    let all = read.values.flatMap { $0 }.map(\.picture)
    let channels = all.map(\.channels).max() ?? 1
    func set(_ part: Part) -> LabelledArrays.Part? {
      guard let pictures = read[part], let size = first?.picture else { return nil }
      let bytes = pictures.flatMap { picture, _ in picture.pixels(channels: channels) }
      let shape = [pictures.count, size.height, size.width] + (channels == 1 ? [] : [channels])
      return LabelledArrays.Part(
        features: NumericArray(.uint8, shape, bytes: bytes), labels: pictures.map(\.label),
        classCount: classes.count, classNames: classes, provenance: layout.folder)
    }
    var notes = ["\(all.count) images; the classes are their folders' names"]
    for name in layout.empty {
      let path = FilePaths.joined(layout.folder, name)
      let count = Layout.pictures(in: path).count
      notes.append(
        count > 0
          ? "the \(count) images in \(name) have no classes and are left out; after training: plumb predict DIR \(Setting.data) \(FilePaths.quoted(path)) \(Setting.out) FILE.csv"
          : "\(name) holds no images and is left out")
    }
    if all.contains(where: \.hasAlpha) { notes.append("transparency is ignored") }
    if channels > 1, all.contains(where: { $0.channels == 1 }) {
      notes.append("greyscale images are read as colour images")
    }
    return LabelledArrays(train: set(.train), dev: set(.dev), test: set(.test), notes: notes)
  }

  /// The picture in a file.
  ///
  /// - Throws: ``/Findings/Problem`` which, of a damaged file, also says how to leave it out.
  private static func picture(_ file: String, _ conversion: String) throws(Problem) -> Picture {
    do throws(Problem) {
      return try Picture(ByteSource(contentsOfFile: file), conversion: conversion)
    } catch {
      guard error.kind == .truncated || error.kind == .corrupt else { throw error }
      var told = error
      told.remedy += ", or leave it out: rm \(FilePaths.quoted(file))"
      throw told
    }
  }

  /// New pictures: those of a folder in the order of their names, those in its folders of classes (of the test set if there are sets),
  /// or a single one.
  ///
  /// - Parameter shape: The shape of an example of the training data, which says whether there are colors.
  /// - Returns: The pictures with the names of their files, as they are in the folder; `nil` if the path names no pictures.
  static func pictures(
    at path: String, like shape: [Int]
  ) throws(Problem) -> (features: NumericArray, files: [String])? {
    let files: [String]
    if FilePaths.isFolder(path) == true {
      if let layout = Layout(path) {
        let folders = layout.parts[.test] ?? layout.parts[.train] ?? [:]
        files = layout.classes.flatMap { folders[$0] ?? [] }
      } else {
        files = Layout.pictures(in: path)
      }
    } else {
      guard hasPictureEnding(path), try Picture.begins(ByteSource(contentsOfFile: path)) else {
        return nil
      }
      files = [path]
    }
    var pictures: [Picture] = []
    let channels = shape.count == 3 ? shape[2] : 1
    let isPicture = shape.count == 2 || shape.count == 3 && [1, 3].contains(channels)
    let remedy = conversion(
      of: path, size: isPicture ? (shape[1], shape[0]) : nil,
      mode: isPicture ? channels == 1 ? "L" : "RGB" : nil)
    for file in files {
      let picture = try picture(file, remedy)
      if let first = pictures.first {
        try check(picture, file, against: first, files[0], remedy)
      }
      if isPicture { try check(picture, file, like: shape, remedy) }
      pictures.append(picture)
    }
    guard let size = pictures.first else { return nil }
    let most = max(channels, pictures.map(\.channels).max() ?? 1)
    let features = NumericArray(
      .uint8, [pictures.count, size.height, size.width] + (most == 1 ? [] : [most]),
      bytes: pictures.flatMap { $0.pixels(channels: most) })
    let folder = FilePaths.joined(path, "")
    return (
      features,
      files.map {
        $0.hasPrefix(folder)
          ? String($0.dropFirst(folder.count)) : URL(fileURLWithPath: $0).lastPathComponent
      }
    )
  }

  private static func check(
    _ picture: Picture, _ file: String, against first: Picture, _ firstFile: String,
    _ remedy: String
  ) throws(Problem) {
    guard (picture.width, picture.height) != (first.width, first.height) else { return }
    throw Problem(
      .inconsistent, subject: file, location: "size",
      problem:
        "the image has \(picture.width) x \(picture.height) pixels, but \(firstFile) has "
        + "\(first.width) x \(first.height)",
      remedy: remedy)
  }

  /// Checks that a picture has the size and the colors of the training data's, whose gray is not guessed from colors.
  private static func check(
    _ picture: Picture, _ file: String, like shape: [Int], _ remedy: String
  ) throws(Problem) {
    let channels = shape.count == 3 ? shape[2] : 1
    guard (picture.height, picture.width) != (shape[0], shape[1]) || picture.channels > channels
    else { return }
    func described(_ width: Int, _ height: Int, _ channels: Int) -> String {
      "\(width) x \(height) pixels in \(channels == 1 ? "gray" : "color")"
    }
    throw Problem(
      .inconsistent, subject: file, location: "size and colors",
      problem: "the image has \(described(picture.width, picture.height, picture.channels)), but "
        + "those of the training data have \(described(shape[1], shape[0], channels))",
      remedy: remedy)
  }

  static func hasPictureEnding(_ name: String) -> Bool {
    pictureEndings.contains { name.lowercased().hasSuffix($0) }
  }

  /// The line that makes readable pictures of all in a folder, of any format, depth and size: copies in a new folder, with the
  /// folders of the classes and sets.
  ///
  /// - Parameters:
  ///   - size: Width and height of the training data's pictures; `nil` to keep a size that all have.
  ///   - mode: Their colors, as Pillow calls them; `nil` to keep gray gray and other colors.
  private static func conversion(
    of path: String, size: (width: Int, height: Int)? = nil, mode: String? = nil
  ) -> String {
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    let folder = FilePaths.unused("\(name.isEmpty ? "images" : name)-png")
    let sizes =
      size.map { "z = (\($0.width), \($0.height)); " }
      ?? "z = {Image.open(p).size for p in f}; z = z.pop() if len(z) == 1 else (64, 64); "
    // What cannot be read is named and left out.
    let filter =
      #"exec("def r(p):\n try: return Image.open(p).load() is not None\n except Exception as x: print(\"left out:\", p, x)"); "#
    let script =
      "from PIL import Image; s, o = map(pathlib.Path, sys.argv[1:]); e = Image.registered_extensions(); "
      + "f = sorted(p for p in s.rglob(\"*\") if p.suffix.lower() in e and p.name[0] != \".\") or [s]; "
      + filter + "f = [p for p in f if r(p)]; " + sizes
      // 16 bits are scaled to 8; Pillow would cut them off at 255.
      + "g = lambda i: Image.fromarray((np.asarray(i) / 257 + .5).astype(\"uint8\")) if i.mode[0] == \"I\" "
      + "else i.convert(\(mode.map { "\"\($0)\"" } ?? "\"L\" if i.mode in (\"1\", \"L\", \"LA\") else \"RGB\"")); "
      + "[(d.mkdir(parents=True, exist_ok=True), g(Image.open(p)).resize(z).save(d / (p.stem + p.suffix * (p.suffix.lower() != \".png\") + \".png\"))) "
      + "for p in f for d in [o / p.relative_to(s).parent]]"
    return PythonConversion.tellingPackages(
      "make copies as PNG of 8 bits\(size == nil ? " and one size" : "") in a new folder, where what cannot be read is named and left out, and give \(FilePaths.quoted(folder)) instead: "
        + PythonConversion.line("pathlib, numpy as np", script)
        .replacing("FILE", with: [path, folder].map(FilePaths.quoted).joined(separator: " ")))
  }
}
