/// Which examples of one or several sets are bit-identical.
///
/// Equal hashes are compared byte by byte, so a collision joins nothing. Sets of different element
/// types are compared as `float64`.
/// - Complexity: O(number of features).
struct IdenticalExamples {
  /// The group of each example, the sets one after another; groups are numbered by their first
  /// example.
  let groups: [Int]
  /// The number of groups: the number of different examples.
  let groupCount: Int

  init(_ sets: [LabelledSet]) {
    let isOneType = Set(sets.map(\.features.elementType)).count <= 1
    var rows: [(set: Int, start: Int)] = []
    var contents: [[UInt8]] = []
    var size = 0
    for (number, data) in sets.enumerated() {
      let array =
        isOneType
        ? data.features : NumericArray(data.features.shape, data.features.doubles())
      size = array.bytes.count / max(1, data.exampleCount)
      contents.append(array.bytes)
      for example in 0..<data.exampleCount { rows.append((number, example * size)) }
    }
    var first: [UInt64: [(row: Int, group: Int)]] = [:]
    var groups: [Int] = []
    var count = 0
    for row in rows.indices {
      let hash = Self.hash(contents[rows[row].set], rows[row].start, size)
      let known = first[hash]?.first { candidate in
        let other = rows[candidate.row]
        return contents[rows[row].set][rows[row].start..<rows[row].start + size]
          == contents[other.set][other.start..<other.start + size]
      }
      if let known {
        groups.append(known.group)
      } else {
        groups.append(count)
        first[hash, default: []].append((row, count))
        count += 1
      }
    }
    self.groups = groups
    groupCount = count
  }

  /// The examples of each group, in ascending order.
  var members: [[Int]] {
    var members = [[Int]](repeating: [], count: groupCount)
    for (example, group) in groups.enumerated() { members[group].append(example) }
    return members
  }

  /// A hash that takes eight bytes at a time: it is compared within one run and stored nowhere.
  private static func hash(_ bytes: [UInt8], _ start: Int, _ size: Int) -> UInt64 {
    bytes.withUnsafeBytes { raw in
      var hash: UInt64 = 0
      func combine(_ word: UInt64) {
        // The golden ratio's odd multiplier of Fibonacci hashing; the shift brings the high bits back down.
        hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 32
      }
      var position = start
      while position + 8 <= start + size {
        combine(raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
        position += 8
      }
      while position < start + size {
        combine(UInt64(raw[position]))
        position += 1
      }
      return hash
    }
  }
}
