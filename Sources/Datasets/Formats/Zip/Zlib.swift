import Findings
import Foundation

/// The system's zlib, found when it is first needed, so that building needs none of its headers.
///
/// Bound are inflation of streams and deflation in one call. If zlib is missing, everything else still works, and reading a
/// compressed file is an error that says what to do.
package struct Zlib: Sendable {
  /// The C structure `z_stream` of zlib 1, field by field; zlib itself checks the size.
  ///
  /// Swift lays fields out in the order of declaration at their natural alignment, as C does.
  package struct Stream {
    package var nextInput: UnsafePointer<UInt8>?
    package var availableInput: CUnsignedInt = 0
    package var totalInput: CUnsignedLong = 0
    package var nextOutput: UnsafeMutablePointer<UInt8>?
    package var availableOutput: CUnsignedInt = 0
    package var totalOutput: CUnsignedLong = 0
    package var message: UnsafePointer<CChar>?
    package var state: OpaquePointer?
    // No allocator functions: zlib then uses its own.
    package var allocate: OpaquePointer?
    package var release: OpaquePointer?
    package var allocatorArgument: OpaquePointer?
    package var dataType: CInt = 0
    package var checksum: CUnsignedLong = 0
    package var reserved: CUnsignedLong = 0

    package init() {}
  }

  /// What surrounds the deflated data.
  package enum Format: Sendable {
    /// One or more gzip members, each with header and checksum (RFC 1952).
    case gzip
    /// Nothing (RFC 1951), as inside a ZIP archive.
    case rawDeflate
    /// A header of two bytes and a checksum (RFC 1950), as inside PNG pictures.
    case zlib

    /// zlib's parameter `windowBits`: the largest window, 16 more for gzip, negative for no frame.
    var windowBits: CInt {
      switch self {
      case .gzip: 15 + 16
      case .rawDeflate: -15
      case .zlib: 15
      }
    }
  }

  // Swift structures are not representable in C signatures, hence raw pointers.
  private typealias InitializeFunction =
    @convention(c) @Sendable (UnsafeMutableRawPointer, CInt, UnsafePointer<CChar>, CInt) -> CInt
  private typealias InflateFunction =
    @convention(c) @Sendable (UnsafeMutableRawPointer, CInt) -> CInt
  private typealias StreamFunction = @convention(c) @Sendable (UnsafeMutableRawPointer) -> CInt

  // level, method, windowBits, memLevel, strategy, version, size of the structure
  private typealias DeflateInitializeFunction =
    @convention(c) @Sendable (
      UnsafeMutableRawPointer, CInt, CInt, CInt, CInt, CInt, UnsafePointer<CChar>, CInt
    ) -> CInt

  private let inflateInit2: InitializeFunction
  private let inflateStep: InflateFunction
  private let inflateReset: StreamFunction
  private let inflateEnd: StreamFunction
  private let deflateInit2: DeflateInitializeFunction
  private let deflateStep: InflateFunction
  private let deflateEnd: StreamFunction

  /// The names under which the dynamic linkers of Linux and macOS know zlib.
  package static let libraryNames = [
    "libz.so.1", "libz.so", "libz.1.dylib", "/usr/lib/libz.1.dylib", "libz.dylib",
  ]

  /// The system's zlib, or nil when it has none. Looked up once.
  package static let system = Zlib(libraryNames: libraryNames)

  /// Loads the first of these libraries that has the functions needed.
  package init?(libraryNames: [String]) {
    guard
      let found = SystemLibrary.functions(
        [
          "inflateInit2_", "inflate", "inflateReset", "inflateEnd", "deflateInit2_", "deflate",
          "deflateEnd",
        ], inFirstOf: libraryNames)
    else { return nil }
    // The signatures are those of zlib.h, unchanged since version 1.0.
    inflateInit2 = unsafeBitCast(found[0], to: InitializeFunction.self)
    inflateStep = unsafeBitCast(found[1], to: InflateFunction.self)
    inflateReset = unsafeBitCast(found[2], to: StreamFunction.self)
    inflateEnd = unsafeBitCast(found[3], to: StreamFunction.self)
    deflateInit2 = unsafeBitCast(found[4], to: DeflateInitializeFunction.self)
    deflateStep = unsafeBitCast(found[5], to: InflateFunction.self)
    deflateEnd = unsafeBitCast(found[6], to: StreamFunction.self)
  }

  /// The error for a file that needs zlib if there is none.
  package static func missing(for file: String) -> Problem {
    Problem(
      .systemLibraryMissing, subject: file, location: "compressed content",
      problem: "the system's zlib was not found (\(libraryNames.joined(separator: ", ")))",
      remedy: "install zlib, or decompress the file first (gunzip or unzip)")
  }

  // MARK: The calls

  /// What a call of zlib returned.
  package enum Status: Equatable {
    case progress
    case endOfStream
    case damaged
    case outOfMemory
    /// A version or structure layout other than this type declares, or a call out of order.
    case incompatible

    fileprivate init(_ code: CInt) {
      // zlib.h: Z_OK, Z_STREAM_END, Z_NEED_DICT, Z_DATA_ERROR, Z_MEM_ERROR, Z_BUF_ERROR. The last
      // means only that no progress was possible for want of input or room.
      self =
        switch code {
        case 0, -5: .progress
        case 1: .endOfStream
        case 2, -3: .damaged
        case -4: .outOfMemory
        default: .incompatible
        }
    }
  }

  /// Prepares a stream. It must not move in memory until ``end(_:)``: zlib keeps its address.
  package func initialize(_ stream: UnsafeMutablePointer<Stream>, _ format: Format) -> Status {
    // zlib compares the first character of the version and the size of the structure.
    let size = CInt(MemoryLayout<Stream>.size)
    return Status("1".withCString { inflateInit2(stream, format.windowBits, $0, size) })
  }

  /// Inflates as much as the stream's input and room allow.
  package func step(_ stream: UnsafeMutablePointer<Stream>) -> Status {
    let noFlush: CInt = 0
    return Status(inflateStep(stream, noFlush))
  }

  /// Makes an ended stream ready for the next member.
  package func reset(_ stream: UnsafeMutablePointer<Stream>) -> Status {
    Status(inflateReset(stream))
  }

  /// Releases what ``initialize(_:_:)`` allocated.
  package func end(_ stream: UnsafeMutablePointer<Stream>) {
    _ = inflateEnd(stream)
  }

  // MARK: Deflation

  /// These bytes as raw deflated data (RFC 1951) at zlib's standard level, or nil if it fails.
  ///
  /// The result depends on zlib's version; that it expands to these bytes does not.
  package func deflated(_ bytes: [UInt8]) -> [UInt8]? {
    var stream = Stream()
    let (level, method, memory, strategy) = (CInt(6), CInt(8), CInt(8), CInt(0))
    return withUnsafeMutablePointer(to: &stream) { stream in
      let size = CInt(MemoryLayout<Stream>.size)
      let started = "1".withCString {
        deflateInit2(
          stream, level, method, Format.rawDeflate.windowBits, memory, strategy, $0, size)
      }
      guard Status(started) == .progress else { return nil }
      defer { _ = deflateEnd(stream) }
      return deflateAll(bytes, stream)
    }
  }

  private func deflateAll(
    _ bytes: [UInt8], _ stream: UnsafeMutablePointer<Stream>
  ) -> [UInt8]? {
    let (noFlush, finish) = (CInt(0), CInt(4))
    var result: [UInt8] = []
    var output = [UInt8](repeating: 0, count: 1 << 18)
    let largestPiece = 1 << 30
    return bytes.withUnsafeBufferPointer { input in
      var position = 0
      while true {
        let count = min(input.count - position, largestPiece)
        let isLast = position + count == input.count
        let (status, produced) = output.withUnsafeMutableBufferPointer { output in
          // zlib uses the two pointers within this call only.
          stream.pointee.nextInput = input.baseAddress.map { $0 + position }
          stream.pointee.availableInput = CUnsignedInt(count)
          stream.pointee.nextOutput = output.baseAddress
          stream.pointee.availableOutput = CUnsignedInt(output.count)
          let status = Status(deflateStep(stream, isLast ? finish : noFlush))
          return (status, output.count - Int(stream.pointee.availableOutput))
        }
        position += count - Int(stream.pointee.availableInput)
        result.append(contentsOf: output[..<produced])
        switch status {
        case .progress: break
        case .endOfStream: return result
        case .damaged, .outOfMemory, .incompatible: return nil
        }
      }
    }
  }
}
