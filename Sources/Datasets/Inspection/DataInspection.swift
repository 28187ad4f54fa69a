import Foundation

/// What a file holds, whether or not it can be trained on: `plumb data inspect`.
///
/// Every array or column with type, shape and range; then what would be understood of it as labelled
/// data, or why it is none.
public struct DataInspection: Sendable, Equatable, Codable {
  /// An array of the file, or a column of a table.
  public struct Entry: Sendable, Equatable, Codable {
    /// The name in the file.
    public let name: String
    /// The type of the elements; nil when they are no numbers.
    public let elementType: String?
    /// The dimensions; nil when the elements are no numbers.
    public let shape: [Int]?
    /// The smallest finite value, if there is any.
    public let minimum: Double?
    /// The largest finite value, if there is any.
    public let maximum: Double?
    /// How many values are infinite or not a number.
    public let nonFiniteCount: Int
    /// Why the array cannot be read; nil when it can.
    public let refusal: String?

    init(_ name: String, _ array: NumericArray) {
      self.name = name
      elementType = array.elementType.rawValue
      shape = array.shape
      let range = ArrayRange(array)
      minimum = range.minimum.isFinite ? range.minimum : nil
      maximum = range.maximum.isFinite ? range.maximum : nil
      nonFiniteCount = range.nonFiniteCount
      refusal = nil
    }

    init(_ name: String, refusal: DatasetError) {
      self.name = name
      (elementType, shape, minimum, maximum, nonFiniteCount) = (nil, nil, nil, nil, 0)
      self.refusal = "\(refusal.problem); \(refusal.remedy)"
    }

    private enum CodingKeys: String, CodingKey {
      case name, shape, minimum, maximum, refusal
      case elementType = "element_type"
      case nonFiniteCount = "non_finite_count"
    }
  }

  /// The path.
  public let file: String
  /// The arrays or columns, in the order of the file; empty for sets of pictures.
  public let entries: [Entry]
  /// What is understood of the file as labelled data; nil when it is none.
  public let labelled: LabelledSummary?
  /// Why the file is no labelled data; nil when it is.
  public let refusal: String?
  /// What sort of refusal that is: the name of a ``DatasetError/Kind``.
  public let refusalKind: String?

  private enum CodingKeys: String, CodingKey {
    case file, entries, labelled, refusal
    case refusalKind = "refusal_kind"
  }

  private init(
    file: String, entries: [Entry], labelled: LabelledSummary?, refusal: DatasetError? = nil
  ) {
    self.file = file
    self.entries = entries
    self.labelled = labelled
    self.refusal = refusal.map { "\($0.place): \($0.problem); \($0.remedy)" }
    refusalKind = refusal?.kind.rawValue
  }

  /// What there is to say of sets that come from no file.
  init(_ sets: LabelledSets, named name: String) {
    self.init(file: name, entries: [], labelled: sets.summary)
  }

  /// Inspects the file or the folder at `path`.
  ///
  /// - Throws: ``DatasetError`` when it is missing, damaged or of no format that can be read. That it
  ///   holds no labelled data is no error but a ``refusal``.
  /// - Complexity: O(size of the file).
  public init(
    path: String, options: LabelledSets.Options = LabelledSets.Options()
  ) throws(DatasetError) {
    self = try Self.inspecting(path: path, options: options).inspection
  }

  /// Inspects the file or the folder at `path`, and gives the sets that were read on the way, where it
  /// is labelled data.
  ///
  /// - Throws: ``DatasetError`` as ``init(path:options:)`` does.
  /// - Complexity: O(size of the file).
  public static func inspecting(
    path: String, options: LabelledSets.Options = LabelledSets.Options()
  ) throws(DatasetError) -> (inspection: DataInspection, sets: LabelledSets?) {
    let entries = try entries(path, options)
    do throws(DatasetError) {
      let sets = try LabelledSets(path: path, options: options)
      return (
        DataInspection(file: path, entries: entries, labelled: sets.summary), sets
      )
    } catch {
      // Without entries there is nothing else to tell, so the error is the answer.
      guard !entries.isEmpty else { throw error }
      return (DataInspection(file: path, entries: entries, labelled: nil, refusal: error), nil)
    }
  }

  private static func entries(
    _ path: String, _ options: LabelledSets.Options
  ) throws(DatasetError) -> [Entry] {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return []
    }
    let source = try ByteSource(contentsOfFile: path)
    switch try DataFormat(source) {
    case .npz:
      let file = try NPZFile(ZipArchive(source))
      return try entries(file.names) { name throws(DatasetError) in try file.array(named: name) }
    case .safetensors:
      let file = try SafetensorsFile(source)
      return try entries(file.names) { name throws(DatasetError) in try file.array(named: name) }
    case .npy: return [Entry("array", try NumericArray(contentsOfNPYFile: path))]
    case .idx:
      let array = try IDXArray(source)
      return [
        array.elementType == .unsignedByte
          ? Entry("array", NumericArray(.uint8, array.shape, bytes: array.bytes))
          : Entry("array", NumericArray(array.shape, array.doubles()))
      ]
    case .cifar: return []
    case .table:
      let table = try CSVTable(source, options.table)
      return table.featureNames.enumerated().map { column, name in
        let width = table.featureNames.count
        let values = stride(from: column, to: table.features.count, by: width).map {
          table.features[$0]
        }
        return Entry(name, NumericArray([values.count], values))
      }
    }
  }

  /// An array that cannot be read is told of, and does not keep the others from being told of.
  private static func entries(
    _ names: [String], _ array: (String) throws(DatasetError) -> NumericArray
  ) throws(DatasetError) -> [Entry] {
    var entries: [Entry] = []
    for name in names {
      do throws(DatasetError) {
        entries.append(Entry(name, try array(name)))
      } catch {
        guard error.kind == .unsupported || error.kind == .tooLarge else { throw error }
        entries.append(Entry(name, refusal: error))
      }
    }
    return entries
  }
}

extension DataInspection: CustomStringConvertible {
  private static let listedCount = 60

  /// Several lines for people, the last without a line end.
  public var description: String {
    var lines = entries.prefix(Self.listedCount).map(\.description)
    if entries.count > lines.count { lines.append("and \(entries.count - lines.count) more") }
    if let labelled { lines.append(labelled.description) }
    if let refusal { lines.append("\(file) holds no labelled data: \(refusal)") }
    return lines.joined(separator: "\n")
  }
}

extension DataInspection.Entry: CustomStringConvertible {
  /// One line: name, type, shape, range.
  public var description: String {
    if let refusal { return "\(name): \(refusal)" }
    let shape = NumericArray.description(of: shape ?? [])
    var text = "\(name): \(elementType ?? "") \(shape)"
    if let minimum, let maximum {
      text += ", \(NumericArray.text(minimum)) to \(NumericArray.text(maximum))"
    }
    if nonFiniteCount > 0 { text += ", \(nonFiniteCount) values not finite" }
    return text
  }
}
