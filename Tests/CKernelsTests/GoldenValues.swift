import Foundation

/// Values of the functions by mpmath: `Tests/Golden/kernels.json`, which `make_kernel_values.py` there writes.
///
/// Read here and not by the loader that other tests share: this target is built with the kernels alone under the sanitizers.
enum GoldenValues {
  /// The bits of arguments, and of the doubles nearest to the function there.
  static func pairs(_ function: String) -> [(x: UInt64, y: UInt64)] {
    guard let pairs = all[function] else { fatalError("kernels.json has no values of \(function)") }
    return pairs.map { (UInt64($0[0], radix: 16)!, UInt64($0[1], radix: 16)!) }
  }

  private static let all: [String: [[String]]] = {
    let file = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Golden/kernels.json")
    do {
      return try JSONDecoder().decode([String: [[String]]].self, from: Data(contentsOf: file))
    } catch {
      fatalError("\(file.path) cannot be read: \(error)")
    }
  }()
}
