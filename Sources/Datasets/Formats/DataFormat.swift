/// The formats that data are read from, told from the content.
enum DataFormat: Sendable, Hashable {
  case npz, npy, safetensors, idx, cifar, table

  /// The format of what `source` holds.
  ///
  /// - Throws: ``DatasetError`` that says what it is instead, and how to turn it into a format that
  ///   can be read.
  init(_ source: ByteSource) throws(DatasetError) {
    // Text has no end of its own: this many bytes tell it.
    let sampleSize = 4096
    let start = try source.read(sampleSize, at: 0)
    let isBinaryName = source.file.lowercased().hasSuffix(".bin")
    if isBinaryName, try CIFARFiles.isPlausible(source) {
      self = .cifar
      return
    }
    switch FileContent(startingWith: start) {
    case .zip: self = .npz
    case .npy: self = .npy
    case .idx: self = .idx
    case .text: self = .table
    case .gzip:
      var reader = try ByteReader(source)
      switch FileContent(startingWith: try reader.read(sampleSize)) {
      case .idx: self = .idx
      case .text, .nothing: self = .table
      case let other:
        throw Self.unusable(
          source, "\(other.phrase), compressed with gzip",
          other == .tar ? Self.remedy(other) : "decompress it first: gunzip")
      }
    case _
    where start.count > 8 && start[8] == UInt8(ascii: "{")
      && start.littleEndian(at: 0, size: 8) <= UInt64(SafetensorsHeader.sizeLimit):
      self = .safetensors
    case let other:
      if try CIFARFiles.isPlausible(source) {
        self = .cifar
        return
      }
      throw Self.unusable(source, other.phrase, Self.remedy(other))
    }
  }

  private static func remedy(_ content: FileContent) -> String {
    switch content {
    case .hdf5:
      "convert it: f = h5py.File(file); np.savez(\"data.npz\", **{k: f[k][()] for k in f})"
    case .pickle:
      "save its arrays instead: np.savez(\"data.npz\", X=X, Y=Y)"
    case .png, .jpeg:
      "collect the pictures of one size: np.savez(\"data.npz\", X=np.stack(pictures), Y=labels)"
    case .matlab:
      "convert it: np.savez(\"data.npz\", **{k: v for k, v in scipy.io.loadmat(file).items() "
        + "if k[0] != \"_\"})"
    case .tar:
      "unpack it (tar xf), and name the folder or the file in it; plumb data fetch cifar-10 does so "
        + "by itself"
    case .utf16: "save it as UTF-8"
    case .webPage: "this was saved instead of the file: download it again"
    default:
      "give NPZ, separated values, safetensors, IDX or CIFAR-10 binary, such as "
        + "np.savez(\"data.npz\", X=X, Y=Y)"
    }
  }

  private static func unusable(
    _ source: ByteSource, _ phrase: String, _ remedy: String
  ) -> DatasetError {
    DatasetError(
      .wrongFormat, file: source.file, place: "byte 0",
      problem: "this is \(phrase), which holds no data that can be read", remedy: remedy)
  }
}
