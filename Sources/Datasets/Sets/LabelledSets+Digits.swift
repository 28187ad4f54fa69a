import Foundation

/// Training digits, test digits where there are any, and a sentence that says what was used.
public struct DigitSets: Sendable, Equatable {
  /// The training digits.
  public let train: Dataset
  /// Nil when the only pair found serves as the training set.
  public let test: Dataset?
  /// What was read, from where, and what stands in for what: a sentence for a report.
  public let statement: String
}

extension Dataset {
  /// The folders in which digits are looked for: `$PLUMB_DATA` first, if set, then `data` and
  /// `../shared/data`, relative to the current folder.
  ///
  /// - Throws: ``DatasetError`` when `PLUMB_DATA` is set to something that is not a folder.
  public static func digitFolders(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(DatasetError) -> [String] {
    let standard = ["data", "../shared/data"]
    guard let chosen = environment["PLUMB_DATA"], !chosen.isEmpty else { return standard }
    guard DigitFiles.isFolder(chosen) == true else {
      throw DatasetError(
        .notFound, file: chosen, place: "PLUMB_DATA",
        problem: "the environment variable does not name a folder",
        remedy: "set it to the folder with the data, or unset it")
    }
    return [chosen] + standard
  }

  /// The MNIST digits from the first of the standard folders that has any of their four files.
  ///
  /// - Throws: ``DatasetError`` as ``digits(in:)`` and ``digitFolders(environment:)`` do.
  public static func digits() throws(DatasetError) -> DigitSets {
    try digits(in: digitFolders())
  }

  /// The digits from the first of these folders that has any of the four files.
  ///
  /// The files are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
  /// and `t10k-labels-idx1-ubyte`, also with a dot before `idx`, also with `.gz`. Without the
  /// training pair the test pair serves as the training set, and ``DigitSets/statement`` says so.
  /// Pixels are scaled to 0...1; examples have the shape [rows, columns] and ten classes.
  ///
  /// - Throws: ``DatasetError`` of kind `notFound` when no folder has any of the files; of kind
  ///   `incompletePair` when images lack their labels or the reverse; and whatever a damaged file
  ///   gives.
  /// - Complexity: O(number of pixels).
  public static func digits(in folders: [String]) throws(DatasetError) -> DigitSets {
    for folder in folders {
      let train = try DigitFiles.pair(.train, in: folder)
      let test = try DigitFiles.pair(.test, in: folder)
      if train != nil || test != nil { return try load(train: train, test: test) }
    }
    throw DigitFiles.notFound(in: folders)
  }

  /// The digits at a path that a user gave: a folder, or one of the four files.
  ///
  /// A file of the training pair means the folder's sets; a file of the test pair means that pair
  /// alone, as the training set.
  /// - Throws: ``DatasetError`` as ``digits(in:)`` does, and when the path does not exist or the
  ///   file's name is none of the four.
  public static func digits(at path: String) throws(DatasetError) -> DigitSets {
    let pairs = try DigitFiles.sets(at: path)
    return try load(train: pairs.train, test: pairs.test)
  }

  private static func load(
    train: DigitFiles.Pair?, test: DigitFiles.Pair?
  ) throws(DatasetError) -> DigitSets {
    guard let train else {
      guard let test else { fatalError("digits: neither a training nor a test pair to load") }
      let only = try test.load(
        name: "mnist", provenanceNote: " (the test pair, serving as the training set)")
      return DigitSets(
        train: only, test: nil,
        statement:
          "Digits: only the test pair is used from \(display(test.folder)); its "
          + "\(only.exampleCount) images serve as the training set, and there is no test set.")
    }
    let training = try train.load(name: "mnist", provenanceNote: "")
    let testing = try test?.load(name: "mnist-test", provenanceNote: "")
    if let testing, let test, testing.exampleShape != training.exampleShape {
      throw DatasetError(
        .inconsistent, file: test.images, place: "header",
        problem:
          "images of shape \(testing.exampleShape), but those of \(train.images) are "
          + "\(training.exampleShape)",
        remedy: "put the files of one data set together")
    }
    let testWords = testing.map { "\($0.exampleCount) test images" } ?? "no test images"
    return DigitSets(
      train: training, test: testing,
      statement:
        "Digits: \(training.exampleCount) training images and \(testWords) from "
        + "\(display(train.folder)).")
  }

  private static func display(_ folder: String) -> String {
    folder.isEmpty ? "the current folder" : folder
  }
}
