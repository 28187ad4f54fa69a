import Plumbline

/// A pair of IDX files that a tiny network learns: ten random patterns of 8 x 8 pixels, with noise.
package enum SmallDigits {
  package static let count = 600
  package static let side = 8

  package static let imageName = "train-images-idx3-ubyte"
  package static let labelName = "train-labels-idx1-ubyte"

  /// The classes 0 ... 9 in turn.
  package static let labels: [UInt8] = (0..<count).map { UInt8($0 % 10) }

  private static let pixels: [UInt8] = {
    let size = side * side
    let patterns = Key(seed: 1)["patterns"].mask(10 * size, keeping: 0.5)
    let noise = Key(seed: 1)["noise"].normal(count * size)
    return (0..<count * size).map { position in
      let pattern = patterns[Int(labels[position / size]) * size + position % size]
      let value = (pattern ? 192.0 : 64.0) + 60 * noise[position]
      return UInt8(max(0, min(255, value.rounded())))
    }
  }()

  /// The header of an IDX array of bytes.
  package static func header(_ shape: [Int]) -> [UInt8] {
    [0, 0, 8, UInt8(shape.count)]
      + shape.flatMap { size in
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: size >> $0) }
      }
  }

  package static let imageFile = header([count, side, side]) + pixels
  package static let labelFile = header([count]) + labels

  /// Writes the pair into a folder.
  package static func write(
    to folder: TemporaryFolder, images: [UInt8]? = imageFile, labels: [UInt8]? = labelFile,
    in name: String = "digits"
  ) throws {
    if let images { try folder.write(images, as: "\(name)/\(imageName)") }
    if let labels { try folder.write(labels, as: "\(name)/\(labelName)") }
  }
}
