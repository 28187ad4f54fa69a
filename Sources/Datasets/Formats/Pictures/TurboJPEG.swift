import Findings
import Foundation

/// The system's libjpeg-turbo, found when it is first needed, so that building needs none of its headers.
///
/// Four functions of its TurboJPEG interface are bound, which take and return plain memory; if the library is missing, JPEG
/// pictures are refused with the line that converts them.
package struct TurboJPEG: Sendable {
  private typealias Initialize = @convention(c) @Sendable () -> UnsafeMutableRawPointer?
  private typealias Destroy = @convention(c) @Sendable (UnsafeMutableRawPointer) -> CInt
  // handle, file, its size, then to be filled: width, height, subsampling, color space
  private typealias ReadHeader =
    @convention(c) @Sendable (
      UnsafeMutableRawPointer, UnsafePointer<UInt8>, CUnsignedLong, UnsafeMutablePointer<CInt>,
      UnsafeMutablePointer<CInt>, UnsafeMutablePointer<CInt>, UnsafeMutablePointer<CInt>
    ) -> CInt
  // handle, file, its size, pixels to be filled, width, bytes of a row, height, format of a pixel, flags
  private typealias Decompress =
    @convention(c) @Sendable (
      UnsafeMutableRawPointer, UnsafePointer<UInt8>, CUnsignedLong, UnsafeMutablePointer<UInt8>,
      CInt, CInt, CInt, CInt, CInt
    ) -> CInt

  private let initialize: Initialize
  private let readHeader: ReadHeader
  private let decompress: Decompress
  private let destroy: Destroy

  /// The names under which the dynamic linkers of Linux and macOS know it.
  package static let libraryNames = [
    "libturbojpeg.so.0", "libturbojpeg.so", "libturbojpeg.0.dylib",
    "/opt/homebrew/opt/jpeg-turbo/lib/libturbojpeg.dylib",
    "/usr/local/opt/jpeg-turbo/lib/libturbojpeg.dylib",
  ]

  /// The system's library, or nil if it has none; looked up once.
  package static let system = TurboJPEG(libraryNames: libraryNames)

  /// The largest number of bytes of a picture per byte of its file.
  private static let largestRatio = 4096

  /// Loads the first of these libraries that has the functions needed.
  package init?(libraryNames: [String]) {
    guard
      let found = SystemLibrary.functions(
        ["tjInitDecompress", "tjDecompressHeader3", "tjDecompress2", "tjDestroy"],
        inFirstOf: libraryNames)
    else { return nil }
    // The signatures are those of turbojpeg.h, unchanged since version 1.4.
    initialize = unsafeBitCast(found[0], to: Initialize.self)
    readHeader = unsafeBitCast(found[1], to: ReadHeader.self)
    decompress = unsafeBitCast(found[2], to: Decompress.self)
    destroy = unsafeBitCast(found[3], to: Destroy.self)
  }

  /// The picture of a JPEG file; nil for damaged or cut-off files, for pictures that are too large, and for those with four inks.
  ///
  /// Decoded by the accurate transform, so that the bytes are the same on every processor. Complexity: O(size of the picture).
  func picture(_ bytes: [UInt8]) -> Picture? {
    guard let handle = initialize() else { return nil }
    defer { _ = destroy(handle) }
    var (width, height, subsampling, colours) = (CInt(0), CInt(0), CInt(0), CInt(0))
    let size = CUnsignedLong(bytes.count)
    // turbojpeg.h: TJCS_GRAY, TJCS_CMYK; TJPF_RGB, TJPF_GRAY; TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING.
    let (grey, inks) = (CInt(2), CInt(3))
    let flags: CInt = 4096 | 8192
    return bytes.withUnsafeBufferPointer { bytes -> Picture? in
      guard let file = bytes.baseAddress,
        readHeader(handle, file, size, &width, &height, &subsampling, &colours) == 0,
        colours < inks, (1...CInt(Picture.largestSide)).contains(width),
        (1...CInt(Picture.largestSide)).contains(height)
      else { return nil }
      let channels: CInt = colours == grey ? 1 : 3
      let count = Int(width) * Int(height) * Int(channels)
      // A header alone must not cause allocation: even an empty picture takes some bits for its blocks.
      guard count / Self.largestRatio <= bytes.count else { return nil }
      var isWhole = false
      let pixels = [UInt8](unsafeUninitializedCapacity: count) { pixels, initializedCount in
        guard let start = pixels.baseAddress else { return }
        start.initialize(repeating: 0, count: count)
        initializedCount = count
        isWhole =
          decompress(
            handle, file, size, start, width, width * channels, height, channels == 1 ? 6 : 0,
            flags) == 0
      }
      guard isWhole else { return nil }
      return Picture(
        width: Int(width), height: Int(height), channels: Int(channels), pixels: pixels,
        hasAlpha: false)
    }
  }
}
