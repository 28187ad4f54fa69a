import Datasets
import Findings
import Foundation
import TestSupport
import Testing

@Suite("A folder of pictures")
struct PictureFolderTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Puts a golden picture into the folder.
  private func put(_ name: String, as path: String) throws {
    let file = folder.file(path)
    try FileManager.default.createDirectory(
      atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path,
      withIntermediateDirectories: true)
    try Data(try GoldenFile.bytes(name)).write(to: URL(fileURLWithPath: file))
  }

  private func problem(_ path: String = "pets") -> Problem? {
    do {
      _ = try LabelledSets(path: folder.file(path))
      return nil
    } catch {
      return error
    }
  }

  @Test("names its pictures as files that are read, so that no output takes their place")
  func files() throws {
    try put("grey.png", as: "pets/cat/1.png")
    try put("grey.png", as: "pets/dog/1.png")
    let files = LabelledSets.files(ofSource: folder.file("pets"))
    #expect(files.contains(folder.file("pets/cat/1.png")))
    #expect(files.contains(folder.file("pets/dog/1.png")))
  }

  @Test(
    "has the pixels that Pillow sees",
    arguments: ["grey", "grey-alpha", "colour", "colour-alpha", "palette", "filters"])
  func pixels(kind: String) throws {
    try put("\(kind).png", as: "pets/cat/1.png")
    try put("\(kind).png", as: "pets/dog/1.png")
    let sets = try LabelledSets(path: folder.file("pets"))
    let expected = try NumericArray(
      npy: GoldenFile.bytes("\(kind == "filters" ? "colour" : kind)-pixels.npy"), file: kind)
    #expect(sets.train.exampleShape == expected.shape && sets.train.divisor == 255)
    #expect(sets.train.features.doubles().suffix(expected.count) == expected.doubles()[...])
    #expect(sets.train.classNames == ["cat", "dog"] && sets.train.classCounts == [1, 1])
    #expect(
      sets.summary.notes.contains("transparency is ignored") == kind.hasSuffix("alpha"))
  }

  @Test("has the sets that its folders name; grey pictures go with coloured ones")
  func sets() throws {
    for (index, path) in ["train/2/a", "train/10/b", "train/10/c", "val/2/a", "test/10/a"]
      .enumerated()
    {
      try put(index.isMultiple(of: 2) ? "grey.png" : "colour.png", as: "pets/\(path).png")
    }
    let sets = try LabelledSets(path: folder.file("pets"))
    #expect(sets.train.exampleCount == 3 && sets.train.exampleShape == [24, 20, 3])
    #expect(sets.train.classNames == ["2", "10"] && sets.train.classCounts == [1, 2])
    #expect(sets.dev?.classCounts == [1, 0] && sets.test?.classCounts == [0, 1])
    #expect(sets.summary.notes.contains("greyscale images are read as colour images"))
  }

  @Test("says what it does not read, and what to type")
  func refusals() throws {
    try put("grey.png", as: "pets/cat/1.png")
    try put("sixteen-bits.png", as: "pets/cat/2.png")
    #expect(problem()?.description.contains("16 bits per channel") == true)
    // Copies of all of them, not the file itself.
    let remedy = try #require(problem()?.remedy)
    #expect(remedy.contains("from PIL import Image") && remedy.contains("/ 257"), "\(remedy)")
    #expect(remedy.hasSuffix("\(folder.file("pets")) pets-png"), "\(remedy)")
    try put("one-bit.png", as: "pets/cat/2.png")
    #expect(problem()?.description.contains("1 bits per channel") == true)
    try folder.write(Array("GIF89a....".utf8), as: "pets/cat/2.png")
    #expect(problem()?.description.contains("must be PNG, JPEG, PGM or PPM") == true)
    #expect(problem()?.remedy.contains("pets-png") == true)
    try folder.write([0xFF, 0xD8, 0xFF, 0xE0], as: "pets/cat/2.png")
    #expect(problem()?.description.contains("JPEG image") == true)
    if TurboJPEG.system == nil {
      #expect(problem()?.kind == .systemLibraryMissing)
      #expect(problem()?.remedy.contains("pets-png") == true)
    }
  }

  @Test(
    "has the pixels that Pillow sees in JPEG files, and takes none that is cut off",
    .enabled(if: TurboJPEG.system != nil, "the system has no libjpeg-turbo"),
    arguments: ["grey", "colour"])
  func jpeg(kind: String) throws {
    try put("\(kind).jpg", as: "pets/cat/1.jpg")
    try put("\(kind).jpg", as: "pets/dog/1.jpeg")
    let sets = try LabelledSets(path: folder.file("pets"))
    let expected = try NumericArray(
      npy: GoldenFile.bytes("\(kind)-jpg-pixels.npy"), file: kind)
    #expect(sets.train.exampleShape == expected.shape && sets.train.divisor == 255)
    // Releases of the library may round colours in their own way.
    let pairs = zip(sets.train.features.doubles().suffix(expected.count), expected.doubles())
    #expect(pairs.allSatisfy { abs($0 - $1) <= 2 })
    let whole = try GoldenFile.bytes("\(kind).jpg")
    for end in stride(from: 3, to: whole.count - 2, by: 31) {
      try folder.write(Array(whole[..<end]), as: "pets/cat/1.jpg")
      #expect(problem() != nil, "cut at \(end)")
    }
  }

  @Test("has the pixels of Netpbm's files, and refuses what is cut off or too deep")
  func netpbm() throws {
    let binary = Array("P5\n# a comment\n3 2\n255\n".utf8) + [0, 50, 100, 150, 200, 255]
    try folder.write(binary, as: "faces/a/1.pgm")
    try folder.write(Array("P2 3 2 5  0 1 2\n3 4 5\n".utf8), as: "faces/b/1.pgm")
    let sets = try LabelledSets(path: folder.file("faces"))
    #expect(sets.train.exampleShape == [2, 3])
    #expect(
      sets.train.features.doubles()
        == [0, 50, 100, 150, 200, 255, 0, 51, 102, 153, 204, 255])
    try folder.write(Array("P6 1 1 255\n".utf8) + [1, 2, 3], as: "dots/a/1.ppm")
    try folder.write(Array("P3 1 1 255 4 5 6".utf8), as: "dots/b/1.ppm")
    #expect(
      try LabelledSets(path: folder.file("dots")).train.features.doubles() == [1, 2, 3, 4, 5, 6])
    for end in 3..<binary.count {
      try folder.write(Array(binary[..<end]), as: "faces/a/1.pgm")
      #expect(throws: Problem.self, "cut at \(end)") {
        try LabelledSets(path: folder.file("faces"))
      }
    }
    try folder.write(Array("P5 1 1 65535\n".utf8) + [0, 1], as: "faces/a/1.pgm")
    let deep = #expect(throws: Problem.self) { try LabelledSets(path: folder.file("faces")) }
    #expect(deep?.description.contains("8 bits") == true)
  }

  @Test("pictures of one folder with a table next to it are not one class")
  func tableOfPictures() throws {
    try put("grey.png", as: "zoo/images/1.png")
    try folder.write(Array("file,label\n1.png,cat\n".utf8), as: "zoo/labels.csv")
    let problem = #expect(throws: Problem.self) { try LabelledSets(path: folder.file("zoo")) }
    #expect(problem?.problem.contains("labels.csv is next to it") == true)
  }

  @Test("new pictures are those of a folder without classes, or one of them")
  func newPictures() throws {
    for path in ["cat/1", "dog/1"] { try put("colour.png", as: "pets/\(path).png") }
    let preparation = DataPreparation(
      of: try LabelledSets(path: folder.file("pets")), normalization: nil)
    for (index, name) in ["10", "9", "x"].enumerated() {
      try put(index == 1 ? "grey.png" : "colour.png", as: "new/\(name).png")
    }
    try folder.write("by hand", as: "new/readme.txt")
    let examples = try preparation.examples(path: folder.file("new"))
    #expect(examples.files == ["10.png", "9.png", "x.png"])
    #expect(examples.features.shape == [3, 24, 20, 3])
    let grey = try NumericArray(npy: GoldenFile.bytes("grey-pixels.npy"), file: "grey").doubles()
    let values = examples.features.doubles()
    let reds = stride(from: grey.count * 3, to: grey.count * 6, by: 3).map { values[$0] }
    #expect(reds == grey)
    let one = try preparation.examples(path: folder.file("new/9.png"))
    #expect(one.files == ["9.png"] && one.features.shape == [1, 24, 20, 3])
    // A folder with classes is read as in training.
    let labelled = try preparation.examples(path: folder.file("pets"))
    #expect(labelled.files == ["cat/1.png", "dog/1.png"])
    #expect(labelled.features.shape == [2, 24, 20, 3])
  }

  @Test(
    "a new picture with colors, where the others are gray, is converted by the line that is given")
  func newColors() throws {
    for path in ["cat/1", "dog/1"] { try put("grey.png", as: "pets/\(path).png") }
    let preparation = DataPreparation(
      of: try LabelledSets(path: folder.file("pets")), normalization: nil)
    try put("colour.png", as: "new.png")
    let path = folder.file("new.png")
    let problem = #expect(throws: Problem.self) { try preparation.examples(path: path) }
    #expect(problem?.problem.contains("in color") == true, "\(String(describing: problem))")
    #expect(problem?.remedy.contains("z = (20, 24)") == true)
    #expect(problem?.remedy.contains("i.convert(\"L\")") == true)
  }

  @Test("a picture that is cut off or changed anywhere is not a picture")
  func damage() throws {
    try put("grey.png", as: "pets/cat/1.png")
    let whole = try GoldenFile.bytes("palette.png")
    func fails(_ bytes: [UInt8]) throws -> Bool {
      try folder.write(bytes, as: "pets/cat/1.png")
      return problem() != nil
    }
    #expect(try !fails(whole))
    for end in stride(from: 0, to: whole.count, by: 29) {
      #expect(try fails(Array(whole[..<end])), "cut at \(end)")
    }
    for position in stride(from: 0, to: whole.count, by: 31) {
      var bytes = whole
      bytes[position] ^= 0x40
      #expect(try fails(bytes), "changed at \(position)")
    }
  }

  @Test("without pictures says what could be in it")
  func empty() throws {
    try folder.write("nothing", as: "pets/readme.txt")
    #expect(problem()?.description.contains("a subfolder of images per class") == true)
  }
}
