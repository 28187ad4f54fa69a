import Findings
import Foundation

/// What libFuzzer calls: the reader that `PLUMB_FUZZ` names gets the bytes as a file.
///
/// An error is the expected answer. A trap, a report of the address sanitizer or a broken promise
/// (what was read and written again reads back the same) is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let bytes = Array(UnsafeBufferPointer(start: start, count: count))
  let source = ByteSource(bytes, named: "input")
  do {
    try FuzzTarget.chosen.read(source)
  } catch let error as Problem {
    let isComplete = [error.subject ?? "", error.location ?? "", error.problem, error.remedy]
      .allSatisfy {
        !$0.isEmpty
      }
    guard isComplete else { fatalError("an incomplete error: \(error)") }
  } catch {
    fatalError("an error of another type: \(error)")
  }
  return 0
}

/// The readers, by the name that chooses them.
enum FuzzTarget: String {
  case zip, npy, npz, safetensors, idx, csv, labelled, file, tar, parameters, network, examples

  static let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["PLUMB_FUZZ"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
      fatalError("set PLUMB_FUZZ to the name of a reader; see README.md")
    }
    return target
  }()

  func read(_ source: ByteSource) throws {
    switch self {
    case .zip: try readArchive(source)
    case .npy: try check(NumericArray(npy: source.read(source.size, at: 0), file: source.file))
    case .npz: try readArrays(source)
    case .safetensors: try readTensors(source)
    case .idx:
      let array = try IDXArray(source)
      expect(array.doubles().count == array.count)
    case .csv: try readTable(source)
    case .labelled: try readPair(source)
    case .tar: try readTar(source)
    case .parameters: try readParameters(source)
    case .network: try readNetwork(source)
    case .examples: try readExamples(source)
    case .file:
      let reader = LabelledReader(path: source.file, options: .init())
      try check(reader.sets(of: DataInput(source)))
    }
  }

  /// Two or four arrays of any type and shape, whose values are the input's bytes.
  private func readPair(_ source: ByteSource) throws {
    let bytes = try source.read(source.size, at: 0)
    let headerSize = 22
    guard bytes.count >= headerSize else { return }
    var position = headerSize
    let arrays = stride(from: 0, to: 20, by: 5).map { start in
      let types = NumericArray.ElementType.allCases
      let type = types[Int(bytes[start]) % types.count]
      let shape = (0..<Int(bytes[start + 1]) % 4).map { Int(bytes[start + 2 + $0]) % 7 }
      let content = (0..<shape.reduce(type.size, *)).map { _ in
        defer { position += 1 }
        return position < bytes.count ? bytes[position] : 0
      }
      return NumericArray(type, shape, bytes: content)
    }
    let names = ["X", "Y", "x_test", "y_test"]
    let named = Dictionary(uniqueKeysWithValues: Swift.zip(names, arrays))
    let kinds = LabelledSets.TargetKind.allCases
    let options = LabelledSets.Options(targetKind: kinds[Int(bytes[20]) % kinds.count])
    let count = bytes[21] % 2 == 0 ? 2 : 4
    try check(
      LabelledReader(path: source.file, options: options).arrays(
        names.prefix(count).map { name in
          .init(name: name) { () throws(Problem) in named[name] ?? arrays[0] }
        }, "arrays"))
  }

  func check(_ sets: LabelledSets) throws {
    for data in [sets.train, sets.test].compactMap({ $0 }) {
      expect(data.features.count == data.exampleCount * data.featureCount)
      switch data.targets {
      case .classes(let labels, let count, let names):
        expect(labels.count == data.exampleCount && labels.allSatisfy { (0..<count).contains($0) })
        expect(names == nil || names?.count ?? 0 <= count)
      case .values(let values): expect(values.shape[0] == data.exampleCount)
      }
    }
    expect(!sets.summary.description.isEmpty)
  }

  // MARK: Formats

  private func readArchive(_ source: ByteSource) throws {
    let archive = try ZipArchive(source, expansionLimit: 1 << 20)
    var writer = ZipWriter(fieldLimit: UInt64(source.size % 97))
    var contents: [(String, [UInt8])] = []
    for member in archive.members {
      guard let content = try? archive.content(of: member) else { continue }
      expect(content.count == member.size)
      contents.append((member.name, content))
      try writer.add(member.name, content)
    }
    let again = try ZipArchive(ByteSource([UInt8](writer.finished()), named: "again"))
    expect(again.members.map(\.name) == contents.map(\.0))
    for (member, content) in Swift.zip(again.members, contents) {
      expect(try again.content(of: member) == content.1)
    }
  }

  /// An archive as it is, or an archive made of an array file, whose checksum then is right.
  private func readArrays(_ source: ByteSource) throws {
    var archive = source
    if try source.read(1, at: 0) != [UInt8(ascii: "P")] {
      var writer = ZipWriter()
      let content = try source.read(source.size, at: 0)
      try writer.add("X.npy", content, compression: source.size % 2 == 0 ? .stored : .deflated)
      archive = ByteSource([UInt8](writer.finished()), named: source.file)
    }
    let file = try NPZFile(ZipArchive(archive, expansionLimit: 1 << 20))
    for name in file.names {
      if let array = try? file.array(named: name) { try check(array) }
    }
  }

  private func readTensors(_ source: ByteSource) throws {
    let file = try SafetensorsFile(source)
    var tensors: [(name: String, array: NumericArray)] = []
    for name in file.names {
      tensors.append((name, try file.array(named: name)))
      try check(tensors[tensors.count - 1].array)
    }
    // Together they fill what the header leaves of the file.
    let header = try source.read(8, at: 0).reversed().reduce(0) { $0 << 8 | Int($1) }
    expect(tensors.reduce(8 + header) { $0 + $1.array.bytes.count } == source.size)
    let data = [UInt8](try SafetensorsFile.data(tensors, metadata: file.metadata))
    let again = try SafetensorsFile(ByteSource(data, named: "again"))
    expect(again.metadata == file.metadata && again.names.count == tensors.count)
    for (name, array) in tensors { expect(try again.array(named: name) == array) }
  }

  /// A table is read and understood; cells are numbers or texts, and all features finite.
  private func readTable(_ source: ByteSource) throws {
    let table = try DataTable(separatedValues: source)
    expect(table.columns.allSatisfy { $0.cells.count == table.rowCount })
    let reader = LabelledReader(path: source.file, options: .init())
    let sets = try reader.sets(of: DataContent(meaning: .table(table)), "separated values")
    try check(sets)
    expect(sets.all.allSatisfy { $0.features.doubles().allSatisfy(\.isFinite) })
  }

  /// Converts an array in every way, writes it, and reads it again.
  private func check(_ array: NumericArray) throws {
    let count = array.shape.reduce(1) { $0 * $1 }
    expect(array.doubles().count == count && array.floats().count == count)
    _ = try? array.integers()
    let again = try NumericArray(npy: array.npyBytes(), file: "again")
    expect(again == array || array.elementType == .bfloat16)
  }

  func expect(_ condition: Bool, line: UInt = #line) {
    guard condition else { fatalError("a promise is broken at line \(line)") }
  }
}
