import Findings

/// A picture as bytes, row after row, the channels of a pixel side by side.
struct Picture {
  let width: Int, height: Int
  /// 1 for gray, 3 for red, green and blue.
  let channels: Int
  let pixels: [UInt8]
  /// Whether the file has transparency, which was ignored.
  let hasAlpha: Bool

  /// Pictures with longer sides are refused.
  static let largestSide = 1 << 15

  /// The pixels with this many channels: gray ones repeat their value.
  func pixels(channels count: Int) -> [UInt8] {
    channels == count ? pixels : pixels.flatMap { [UInt8](repeating: $0, count: count) }
  }

}

extension Picture {
  private static let jpegSignature: [UInt8] = [0xFF, 0xD8, 0xFF]

  /// Whether a file begins like a supported picture.
  static func begins(_ source: ByteSource) throws(Problem) -> Bool {
    let start = try source.read(8, at: 0)
    return start == pngSignature || start.starts(with: jpegSignature) || beginsNetpbm(start)
  }

  /// Decodes a PNG, PGM or PPM file, or a JPEG file if the system has libjpeg-turbo.
  ///
  /// - Parameter conversion: The remedy for unsupported files: the line that makes data from them.
  /// - Throws: ``/Findings/Problem`` for anything else, and for damaged files.
  init(_ source: ByteSource, conversion: String, jpeg: TurboJPEG? = .system) throws(Problem) {
    let start = try source.read(512, at: 0)
    if start.prefix(8).elementsEqual(Self.pngSignature) {
      try self.init(png: source, conversion: conversion)
      return
    }
    if Self.beginsNetpbm(start) {
      try self.init(netpbm: source, conversion: conversion)
      return
    }
    guard start.starts(with: Self.jpegSignature) else {
      throw Problem(
        .wrongFormat, subject: source.file, location: "byte 0",
        problem:
          "this is \(FileContent(startingWith: start).phrase), but images must be PNG, JPEG, PGM or PPM",
        remedy: conversion)
    }
    guard let jpeg else {
      throw Problem(
        .systemLibraryMissing, subject: source.file, location: "byte 0",
        problem:
          "this is a JPEG image, which needs the system's libjpeg-turbo, and that was not found (\(TurboJPEG.libraryNames[0]))",
        remedy: "install it (apt install libturbojpeg0, or brew install jpeg-turbo), or "
          + conversion)
    }
    guard let picture = jpeg.picture(try source.read(source.size, at: 0)) else {
      throw Problem(
        .corrupt, subject: source.file, location: "content",
        problem: "this JPEG image is damaged or cut off, or is CMYK, or has too many pixels",
        remedy: "copy it again, or leave it out")
    }
    self = picture
  }
}
