import Findings

/// What is wrong with data, where somebody decides by it.
extension Problem.Kind {
  /// None of the files or names looked for exists.
  public static let notFound: Self = "notFound"
  /// One file or array of a pair exists and the other does not.
  public static let incompletePair: Self = "incompletePair"
  /// The path exists and cannot be read: a folder, no permission, a device.
  public static let unreadable: Self = "unreadable"
  /// The path cannot be written.
  public static let unwritable: Self = "unwritable"
  /// The content is not of the format that was asked for.
  public static let wrongFormat: Self = "wrongFormat"
  /// The content is of the right format and of the wrong kind, such as images in a label file.
  public static let mislabelled: Self = "mislabelled"
  /// The file ends before what its header promises.
  public static let truncated: Self = "truncated"
  /// The file goes on after what its header promises.
  public static let trailingBytes: Self = "trailingBytes"
  /// Compressed data or its checksum is damaged.
  public static let corrupt: Self = "corrupt"
  /// A value is outside its range: a label beyond the classes, a feature that is not finite.
  public static let outOfRange: Self = "outOfRange"
  /// Two parts do not fit together: counts, shapes, a batch larger than the data.
  public static let inconsistent: Self = "inconsistent"
  /// The content is sound and of a sort that cannot be used: an element type, a way of packing.
  public static let unsupported: Self = "unsupported"
  /// The content would need more memory than the limit.
  public static let tooLarge: Self = "tooLarge"
  /// Something that the system should provide is missing.
  public static let systemLibraryMissing: Self = "systemLibraryMissing"
}
