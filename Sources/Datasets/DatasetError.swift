/// Data that cannot be used: which file, where in it, what is wrong, and what to do about it.
///
/// ``description`` reads `file: place: problem; remedy`.
public struct DatasetError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What sort of thing went wrong, for callers that act on it and for tests.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// None of the files looked for exists.
    case notFound
    /// One file of an image-and-label pair exists and the other does not.
    case incompletePair
    /// The path exists and cannot be read: a folder, no permission, a device.
    case unreadable
    /// The path cannot be written.
    case unwritable
    /// The content is not of the format that was asked for.
    case wrongFormat
    /// The content is of the right format and of the wrong kind, such as images in a label file.
    case mislabelled
    /// The file ends before what its header promises.
    case truncated
    /// The file goes on after what its header promises.
    case trailingBytes
    /// Compressed data or its checksum is damaged.
    case corrupt
    /// A value is outside its range: a label beyond the classes, a feature that is not finite.
    case outOfRange
    /// Two parts do not fit together: counts, shapes, a batch larger than the data.
    case inconsistent
    /// The content is sound and of a sort that cannot be used: an element type, a way of packing.
    case unsupported
    /// The content would need more memory than the limit.
    case tooLarge
    /// Something that the system should provide is missing.
    case systemLibraryMissing
  }

  /// What sort of thing went wrong.
  public let kind: Kind
  /// The path of the file, or the name of the data set when no file is involved.
  public let file: String
  /// Where in it: a byte offset, an example, a field of the header.
  public let place: String
  /// What is wrong there, with the values found and expected.
  public let problem: String
  /// What the user can do.
  public let remedy: String

  /// An error of these parts; each is a phrase without a full stop.
  public init(_ kind: Kind, file: String, place: String, problem: String, remedy: String) {
    self.kind = kind
    self.file = file
    self.place = place
    self.problem = problem
    self.remedy = remedy
  }

  /// The error in one line: `file: place: problem; remedy`.
  public var description: String { "\(file): \(place): \(problem); \(remedy)" }
}
