import Findings

/// Netpbm's gray and color files, in bytes or in decimal text: PGM (P2, P5) and PPM (P3, P6), up to 8 bits.
///
/// Source: the formats' manual pages pgm(5) and ppm(5).
extension Picture {
  /// Whether bytes begin such a file: P, a digit, and white space or a comment.
  static func beginsNetpbm(_ start: [UInt8]) -> Bool {
    start.count > 2 && start[0] == UInt8(ascii: "P")
      && [0x32, 0x33, 0x35, 0x36].contains(start[1]) && (isBlank(start[2]) || start[2] == 0x23)
  }

  /// Decodes a file.
  ///
  /// - Parameter conversion: The remedy for more than 8 bits: the line that makes a readable picture.
  /// - Throws: ``/Findings/Problem`` for what is damaged, cut off, or has more than 8 bits.
  /// - Complexity: O(size of the file).
  init(netpbm source: ByteSource, conversion: String) throws(Problem) {
    let bytes = try source.read(source.size, at: 0)
    var position = 2
    func damaged(_ location: String, _ problem: String) -> Problem {
      Problem(
        .corrupt, subject: source.file, location: location, problem: problem,
        remedy: "copy the image again, or leave it out")
    }
    /// The next number of the text; `nil` if there is none.
    func number() -> Int? {
      while position < bytes.count, Self.isBlank(bytes[position]) || bytes[position] == 0x23 {
        // A comment goes to the end of its line.
        if bytes[position] == 0x23 {
          while position < bytes.count, bytes[position] != 0x0A { position += 1 }
        } else {
          position += 1
        }
      }
      var (value, isNumber) = (0, false)
      while position < bytes.count, (0x30...0x39).contains(bytes[position]), value < 1 << 30 {
        value = value * 10 + Int(bytes[position] - 0x30)
        position += 1
        isNumber = true
      }
      return isNumber ? value : nil
    }
    guard let width = number(), let height = number(), let brightest = number(),
      (1...Self.largestSide).contains(width), (1...Self.largestSide).contains(height),
      brightest > 0
    else { throw damaged("header", "the width, the height or the maximum value is not a number") }
    guard brightest < 256 else {
      throw Problem(
        .unsupported, subject: source.file, location: "header",
        problem: "the image has more than 8 bits per value",
        remedy: conversion)
    }
    let isText = bytes[1] == 0x32 || bytes[1] == 0x33
    let channels = bytes[1] == 0x32 || bytes[1] == 0x35 ? 1 : 3
    let count = width * height * channels
    var pixels: [UInt8] = []
    if isText {
      while pixels.count < count, let value = number(), value <= brightest {
        pixels.append(UInt8(value))
      }
    } else {
      // One byte of white space ends the header.
      pixels = Array(bytes.dropFirst(position + 1).prefix(count))
    }
    guard pixels.count == count, pixels.allSatisfy({ $0 <= brightest }) else {
      throw damaged(
        "content", "the file holds \(pixels.count) of \(count) values, or one above \(brightest)")
    }
    self.init(
      width: width, height: height, channels: channels,
      pixels: brightest == 255
        ? pixels : pixels.map { UInt8((Int($0) * 255 + brightest / 2) / brightest) },
      hasAlpha: false)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (9...13).contains(byte) }
}
