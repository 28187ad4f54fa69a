import Findings
import Plumbline
import Testing

@testable import Datasets

@Suite("A column that gives the set of each row")
struct RowSetsTests {
  private static let text =
    "a,color,y,split\n"
    + (0..<60).map { row in
      let set = row % 6 == 0 ? "PublicTest" : row % 6 == 3 ? "validation" : "Training"
      return "\(row * 7 % 31).5,\(["red", "green", "blue"][row % 3]),\(row % 2),\(set)\n"
    }.joined()

  @Test(
    "the names of sets",
    arguments: [
      ("Training", "train"), ("PrivateTest", "test"), ("val", "dev"), ("test set", "test"),
      ("tested", nil), ("public", nil), ("my test", nil),
    ])
  func names(text: String, set: String?) { #expect(RowSets.set(text) == set) }

  @Test("its rows are read as the sets that it names, prepared by the training rows")
  func sets() throws {
    let sets = try TextTables.read(Self.text)
    #expect(sets.train.exampleCount == 40 && sets.dev?.exampleCount == 10)
    #expect(sets.test?.exampleCount == 10, "\(sets.summary)")
    // The rows 0, 6, 12 and so on, in this order.
    #expect(sets.test?.features.doubles().first == 0.5 && sets.test?.labels.contains(1) == false)
    #expect(
      sets.summary.notes.contains {
        $0.contains("40 for training, 10 for development, 10 for testing")
          && $0.contains("--drop split")
      }, "\(sets.summary)")
    #expect(!sets.summary.file.contains("selected"))
  }

  @Test("without the column, all rows are for training")
  func dropped() throws {
    var options = TableOptions()
    options.drop = [.init("split")]
    let sets = try TextTables.read(Self.text, options)
    #expect(sets.train.exampleCount == 60 && sets.dev == nil && sets.test == nil)
  }

  @Test("a further split leaves the test rows apart, and prepares them like the new training rows")
  func splits() throws {
    let sets = try TextTables.read(Self.text.replacing("validation", with: "Training"))
    let sizes = SplitSizes.ratios(train: 80, dev: 20, test: 0)
    let key = Key(seed: 3)
    let divided = try DataSplit(of: sets.train, sizes: sizes, key: key).sets(ofTraining: sets)
    let whole = try sets.splitting(sizes, key: key)
    for parts in [divided, whole] {
      #expect(parts.train.exampleCount == 40 && parts.dev?.exampleCount == 10)
      #expect(parts.test?.features.doubles() == sets.test?.features.doubles())
      #expect(parts.test?.labels == sets.test?.labels)
    }
    // With a share for testing, all rows are split anew: those of a part are those of the table.
    let pooled = try sets.splitting(.ratios(train: 60, dev: 20, test: 20), key: key)
    #expect(pooled.all.map(\.exampleCount) == [36, 12, 12])
    let values = pooled.all.flatMap { part in
      part.features.doubles().enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
    }
    let expected = sets.all.flatMap { part in
      part.features.doubles().enumerated().filter { $0.offset % 4 == 0 }.map(\.element)
    }
    #expect(values.sorted() == expected.sorted())
  }
}
