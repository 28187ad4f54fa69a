import Datasets
import Findings
import Foundation
import TestSupport
import Testing

@Suite("Public data sets")
struct PublicDataSetTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var download: Download {
    Download(environment: [
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "", "HOME": folder.path,
      "no_proxy": "*",
    ])
  }

  // MARK: Checksums

  @Test(
    "the vectors of FIPS 180-4",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
      (
        String(repeating: "a", count: 1_000_000),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
      ),
    ])
  func vectors(text: String, expected: String) {
    #expect(SHA256.of(Array(text.utf8)) == expected)
  }

  @Test("pieces of any size give the digest of the whole", arguments: [1, 63, 64, 65, 1000])
  func pieces(size: Int) throws {
    let bytes = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var hash = SHA256()
    for start in stride(from: 0, to: bytes.count, by: size) {
      hash.combine(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    #expect(hash.hexadecimal == SHA256.of(bytes))
    let path = try folder.write(bytes, as: "bytes")
    #expect(try SHA256.ofFile(path) == SHA256.of(bytes))
  }

  @Test("the published checksums are those of the files here", .enabled(if: RealData.folder != nil))
  func published() throws {
    let root = try #require(RealData.folder)
    for file in PublicDataSet.mnist.files where file.name.hasPrefix("t10k") {
      let path = "\(root)/\(file.name)"
      #expect(try SHA256.ofFile(path) == file.checksum)
      let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
      #expect(size == file.byteCount)
    }
  }

  @Test("every set has names, sizes and checksums", arguments: PublicDataSet.all)
  func list(set: PublicDataSet) {
    #expect(!set.addresses.isEmpty && !set.files.isEmpty)
    for file in set.files {
      #expect(file.byteCount > 0 && file.checksum.count == 64)
      #expect(file.checksum.allSatisfy { "0123456789abcdef".contains($0) })
    }
    #expect(Set(set.files.map(\.checksum)).count == set.files.count)
  }

  // MARK: Sets

  @Test("a set of several files, found by its name afterwards")
  func files() throws {
    // Two pictures of 2 × 2 and their labels.
    let images: [UInt8] = [
      0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 255,
    ]
    let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 2, 3, 9]
    let contents = ["t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels]
    let set = PublicDataSet(
      name: "small", folder: "small", addresses: [],
      files: contents.sorted { $0.key < $1.key }.map {
        .init($0.key, byteCount: $0.value.count, checksum: SHA256.of($0.value))
      })
    let server = try LoopbackServer { request, _ in
      let name = request.path.split(separator: "/").last.map(String.init) ?? ""
      return contents[name].map { .init(content: $0) } ?? .init(status: 404)
    }
    defer { server.stop() }
    var told: [Int] = []
    let fetched = try set.fetch(into: folder.path, from: server.address, by: download) { count, _ in
      told.append(count)
    }
    #expect(fetched.map(\.outcome) == [.downloaded, .downloaded])
    #expect(told.last == set.byteCount && told == told.sorted())
    let sets = try LabelledSets(path: "\(folder.path)/small")
    #expect(sets.train.exampleCount == 2 && sets.summary.sets[0].classCounts?[9] == 1)
    let again = try set.fetch(into: folder.path, from: server.address, by: download)
    #expect(again.map(\.outcome) == [.present, .present] && server.requests.count == 2)
  }

  /// A tar archive of these members.
  private static func tar(_ members: [(name: String, content: [UInt8])]) -> [UInt8] {
    var archive: [UInt8] = []
    for (name, content) in members {
      var header = [UInt8](repeating: 0, count: 512)
      func put(_ text: String, at position: Int) {
        for (offset, byte) in text.utf8.enumerated() { header[position + offset] = byte }
      }
      func octal(_ value: Int, _ digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
      }
      put(name, at: 0)
      put(octal(content.count, 11), at: 124)
      put("0", at: 156)
      put("        ", at: 148)
      put(octal(header.reduce(0) { $0 + Int($1) }, 6) + "\0", at: 148)
      archive += header + content
      archive += [UInt8](repeating: 0, count: -content.count & 511)
    }
    return archive + [UInt8](repeating: 0, count: 1024)
  }

  private func archiveSet(_ archive: [UInt8], _ members: [PublicDataSet.Member]) -> PublicDataSet {
    PublicDataSet(
      name: "packed", folder: "packed", addresses: [],
      files: [.init("packed.tar.gz", byteCount: archive.count, checksum: SHA256.of(archive))],
      members: members)
  }

  @Test("an archive is unpacked, whole members only; the second call does nothing")
  func archive() throws {
    let record = [UInt8](repeating: 3, count: 3073)
    let archive = GzipWriter.stored(
      Self.tar([
        ("batches/readme.html", Array("text".utf8)), ("batches/data_batch_1.bin", record),
        ("../../test_batch.bin", record + record),
      ]))
    let set = archiveSet(
      archive,
      [.init("data_batch_1.bin", byteCount: 3073), .init("test_batch.bin", byteCount: 6146)])
    let server = try LoopbackServer(archive)
    defer { server.stop() }
    let fetched = try set.fetch(into: folder.path, from: server.address, by: download)
    #expect(fetched.count == 3)
    let sets = try LabelledSets(path: "\(folder.path)/packed")
    #expect(sets.train.exampleCount == 1 && sets.test?.exampleCount == 2)
    let again = try set.fetch(into: folder.path, from: server.address, by: download)
    #expect(again.map(\.outcome) == [.present, .present] && server.requests.count == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["packed"])
  }

  @Test("archives that lack something")
  func damagedArchives() throws {
    let record = [UInt8](repeating: 3, count: 600)
    let whole = Self.tar([("a.bin", record)])
    var torn = whole
    torn[130] = 7
    for (number, (archive, member, words)) in [
      (whole, PublicDataSet.Member("b.bin", byteCount: 600), "does not contain b.bin"),
      (whole, .init("a.bin", byteCount: 601), "600 bytes instead of 601"),
      (Array(whole[..<900]), .init("a.bin", byteCount: 600), "ends inside a.bin"),
      (torn, .init("a.bin", byteCount: 600), "header"),
    ].enumerated() {
      let server = try LoopbackServer(archive)
      defer { server.stop() }
      do {
        _ = try archiveSet(archive, [member]).fetch(
          into: "\(folder.path)/\(number)", from: server.address, by: download)
        Issue.record("no error: \(words)")
      } catch let error as Problem {
        #expect(error.description.contains(words), "\(error)")
      }
    }
  }
}
