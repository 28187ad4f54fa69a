import Console
import Findings
import Foundation

extension LabelledSets {
  /// The folders that are searched for data by name: `$PLUMB_DATA` first, if set, then `data` and
  /// `../shared/data`, relative to the current folder.
  ///
  /// - Throws: ``/Findings/Problem`` if `PLUMB_DATA` is set to something that is not a folder.
  public static func dataFolders(
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) throws(Problem) -> [String] {
    let standard = ["data", "../shared/data"]
    guard let chosen = environment["PLUMB_DATA"], !chosen.isEmpty else { return standard }
    guard FilePaths.isFolder(chosen) == true else {
      throw Problem(
        .notFound, subject: chosen, location: "PLUMB_DATA",
        problem: "the environment variable is not the path of a folder",
        remedy: "set it to the folder with the data, or unset it")
    }
    return [chosen] + standard
  }

  /// The MNIST digits from the first standard folder that has any of their four files.
  ///
  /// - Throws: ``/Findings/Problem`` as ``digits(in:)`` and ``dataFolders(environment:)`` do.
  public static func digits() throws(Problem) -> LabelledSets {
    try digits(in: dataFolders())
  }

  /// The digits from the first of these folders that has any of the four files.
  ///
  /// The files are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
  /// and `t10k-labels-idx1-ubyte`, also with a dot before `idx`, also with `.gz`. Without the
  /// training pair the test pair serves as the training set, as ``trainsOnTest`` says. Pixels are scaled to 0...1;
  /// examples have the shape [rows, columns] and ten classes.
  ///
  /// - Throws: ``/Findings/Problem`` of kind `notFound` when no folder has any of the files; of kind
  ///   `incompletePair` when images lack their labels or vice versa; and whatever error a damaged file causes.
  /// - Complexity: O(number of pixels).
  public static func digits(in folders: [String]) throws(Problem) -> LabelledSets {
    try LabelledSets(path: digitFolder(among: folders))
  }

  /// The first of these folders that has any of the four files of digits.
  ///
  /// - Throws: ``/Findings/Problem`` of kind `notFound` when none has.
  public static func digitFolder(among folders: [String]) throws(Problem) -> String {
    for folder in folders {
      for role in DigitFiles.Role.allCases where try DigitFiles.pair(role, in: folder) != nil {
        return folder
      }
    }
    throw DigitFiles.notFound(in: folders)
  }

  /// The number of examples and their origin: a sentence for a report.
  ///
  /// - Parameters:
  ///   - title: Their name, such as `Digits`.
  ///   - folder: The folder in which they were found; empty for the current one.
  public func statement(title: String, folder: String) -> String {
    let folder = folder.isEmpty ? "the current folder" : folder
    guard !trainsOnTest else {
      return "\(title): only the test pair is used from \(folder); its "
        + "\(train.exampleCount) images serve as the training set, and there is no test set."
    }
    let testWords = test.map { "\($0.exampleCount) test images" } ?? "no test images"
    return "\(title): \(train.exampleCount) training images and \(testWords) from \(folder)."
  }
}
