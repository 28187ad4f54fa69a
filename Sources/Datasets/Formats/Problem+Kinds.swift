import Findings

/// What is wrong with data, for callers that distinguish cases.
extension Problem.Kind {
  /// None of the files or names looked for exists.
  public static let notFound: Self = "notFound"
  /// One file or array of a pair exists but the other does not.
  public static let incompletePair: Self = "incompletePair"
  /// The path exists but cannot be read: a folder, no permission, a device.
  public static let unreadable: Self = "unreadable"
  /// The path cannot be written.
  public static let unwritable: Self = "unwritable"
  /// The content is not in the requested format.
  public static let wrongFormat: Self = "wrongFormat"
  /// The content is in the right format but of the wrong kind, such as images in a label file.
  public static let mislabelled: Self = "mislabelled"
  /// The file ends before what its header promises.
  public static let truncated: Self = "truncated"
  /// The file continues after what its header promises.
  public static let trailingBytes: Self = "trailingBytes"
  /// Compressed data or its checksum is damaged.
  public static let corrupt: Self = "corrupt"
  /// A value is outside its range: a label beyond the classes, a feature that is not finite.
  public static let outOfRange: Self = "outOfRange"
  /// Two parts do not fit together: counts, shapes, a batch larger than the data.
  public static let inconsistent: Self = "inconsistent"
  /// The content is valid but of an unsupported sort: an element type, a compression method.
  public static let unsupported: Self = "unsupported"
  /// The content would need more memory than the limit.
  public static let tooLarge: Self = "tooLarge"
  /// Something that the system should provide is missing.
  public static let systemLibraryMissing: Self = "systemLibraryMissing"
}
