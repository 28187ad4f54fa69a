/// What a file holds, told from its first bytes.
///
/// The bytes decide and not the name, so that a wrong name gives a message that helps.
package enum FileContent: Sendable, Hashable {
  case nothing, zip, npy, gzip, tar, hdf5, pickle, webPage, png, jpeg, matlab, idx, text, utf16
  case unknown

  /// The content of a file that starts with these bytes; eight are enough for most, and a tar archive is
  /// told by the 263rd.
  package init(startingWith bytes: [UInt8]) {
    let signatures: [([UInt8], FileContent)] = [
      ([0x50, 0x4B, 3, 4], .zip), ([0x50, 0x4B, 5, 6], .zip), ([0x93] + Array("NUMPY".utf8), .npy),
      ([0x1F, 0x8B], .gzip), ([0x89] + Array("HDF".utf8), .hdf5), ([0x80, 2], .pickle),
      ([0x80, 3], .pickle), ([0x80, 4], .pickle), ([0x80, 5], .pickle),
      ([0x89] + Array("PNG".utf8), .png), ([0xFF, 0xD8, 0xFF], .jpeg),
      (Array("MATLAB".utf8), .matlab), (Array("<!".utf8), .webPage),
      (Array("<html".utf8), .webPage),
      (Array("<HTML".utf8), .webPage),
    ]
    if bytes.isEmpty {
      self = .nothing
    } else if let found = signatures.first(where: { bytes.starts(with: $0.0) }) {
      self = found.1
    } else if bytes.count >= 4, bytes[0] == 0, bytes[1] == 0,
      IDXArray.ElementType(rawValue: bytes[2]) != nil
    {
      self = .idx
    } else if bytes.dropFirst(257).starts(with: Array("ustar".utf8)) {
      self = .tar
    } else if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      self = .utf16
    } else if bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || (9...13).contains($0) }) {
      self = .text
    } else {
      self = .unknown
    }
  }

  /// The content in words, for a message.
  package var phrase: String {
    switch self {
    case .nothing: "an empty file"
    case .zip: "a ZIP archive"
    case .npy: "a single NumPy array (.npy)"
    case .gzip: "data compressed with gzip"
    case .tar: "a tar archive"
    case .hdf5: "an HDF5 file"
    case .pickle: "a Python pickle"
    case .webPage: "a web page"
    case .png: "a PNG picture"
    case .jpeg: "a JPEG picture"
    case .matlab: "a MATLAB file"
    case .idx: "an IDX array"
    case .text: "text"
    case .utf16: "text in UTF-16"
    case .unknown: "something unknown"
    }
  }
}
