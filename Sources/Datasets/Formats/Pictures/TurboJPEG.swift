import Findings
import Foundation

/// The system's libjpeg-turbo, found when it is first needed, so that building needs none of its headers.
///
/// Bound are four functions of its TurboJPEG interface, which take and give plain memory; where the library is missing, JPEG pictures
/// are refused with the line that converts them.
package struct TurboJPEG: Sendable {
  private typealias Initialize = @convention(c) @Sendable () -> UnsafeMutableRawPointer?
  private typealias Destroy = @convention(c) @Sendable (UnsafeMutableRawPointer) -> CInt
  // handle, file, its size, then to be filled: width, height, subsampling, colour space
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

  /// The system's library, or nil when it has none. Looked up once.
  package static let system = TurboJPEG(libraryNames: libraryNames)

  /// Loads the first of these libraries that has the functions needed.
  package init?(libraryNames: [String]) {
    for name in libraryNames {
      guard let library = dlopen(name, RTLD_NOW | RTLD_LOCAL) else { continue }
      // The library stays loaded for the life of the process: the functions point into it.
      guard let initialize = dlsym(library, "tjInitDecompress"),
        let readHeader = dlsym(library, "tjDecompressHeader3"),
        let decompress = dlsym(library, "tjDecompress2"),
        let destroy = dlsym(library, "tjDestroy")
      else {
        dlclose(library)
        continue
      }
      // The signatures are those of turbojpeg.h, unchanged since version 1.4.
      self.initialize = unsafeBitCast(initialize, to: Initialize.self)
      self.readHeader = unsafeBitCast(readHeader, to: ReadHeader.self)
      self.decompress = unsafeBitCast(decompress, to: Decompress.self)
      self.destroy = unsafeBitCast(destroy, to: Destroy.self)
      return
    }
    return nil
  }

  /// The picture of a JPEG file; nil for what is damaged or cut off, for pictures larger than any network takes, and for those that
  /// are printed with four inks.
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
