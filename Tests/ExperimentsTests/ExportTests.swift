import Datasets
import Foundation
import Plumbline
import TestSupport
import Testing
import Training

@testable import Experiments

/// Event files, and what is measured by deleting blocks.
@Suite struct ExportTests {
  /// The check value of the catalogue of checksums, and those of RFC 3720, appendix B.4.
  @Test func checksumsAreCastagnolis() {
    #expect(CRC32C.of(Data("123456789".utf8)) == 0xE306_9283)
    #expect(CRC32C.of(Data(repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.of(Data(repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.of(Data(0..<32)) == 0x46DD_794E)
    #expect(CRC32C.of(Data()) == 0)
  }

  /// The bytes of a record, by hand: length, masked checksum, fields.
  @Test func aRecordIsLengthChecksumContentChecksum() {
    var file = EventFile()
    let header = file.data
    file.add([("a", 1.5)], step: 300)
    let record = Array(file.data.dropFirst(header.count))
    // wall_time 0, step 300 as a varint, summary of one value with tag "a" and 1.5.
    let content: [UInt8] =
      [0x09, 0, 0, 0, 0, 0, 0, 0, 0, 0x10, 0xAC, 0x02, 0x2A, 10, 0x0A, 8, 0x0A, 1, 0x61, 0x15]
      + [0, 0, 0xC0, 0x3F]
    #expect(Array(record[0..<8]) == [UInt8(content.count), 0, 0, 0, 0, 0, 0, 0])
    #expect(Array(record[12..<12 + content.count]) == content)
    #expect(record.count == 16 + content.count)
    #expect(header.count == 16 + 9 + 15)
  }

  @Test func ratesAreDrawnBetweenTwo() {
    let rates = LearningRates.drawn(20, from: 1e-4, to: 1e-1)
    #expect(rates == LearningRates.drawn(20, from: 1e-4, to: 1e-1))
    #expect(rates.count == 20 && rates == rates.sorted() && Set(rates).count == 20)
    #expect(rates.allSatisfy { (1e-4...1e-1).contains($0) })
    #expect(rates.contains { $0 < 1e-3 } && rates.contains { $0 > 1e-2 })
  }

  @Test func halvingLeavesTheBestHalfAtEachTime() throws {
    var configuration = GridConfiguration()
    (configuration.arms, configuration.depths, configuration.width) = ([.plain], [2], 6)
    (configuration.batch, configuration.steps) = (16, 16)
    configuration.learningRates = [1e-5, 1e-4, 1e-3, 1e-2]
    (configuration.seeds, configuration.reportSeeds, configuration.halving) = (1, 1, true)
    let folder = try TemporaryFolder()
    let journal = try Journal(in: ResultsFolder(path: folder.path), of: GridRun.self)
    let result = try GridStudy(configuration, trainingSet: SmallData.glyphs()).results(
      in: StudySession(of: "halving", jobs: 1, journal: journal)
    ).cells[0]
    let runs = try folder.lines("runs.jsonl").map {
      try JSONText.decoder.decode(GridRun.self, from: Data($0.utf8))
    }.filter { $0.phase == .tuning }
    // Four at half of the steps, then two at all of them, and what the grid is widened by.
    #expect(
      runs.filter { $0.steps == 8 }.map(\.learningRate).sorted() == configuration.learningRates)
    #expect(
      runs.count { $0.steps == 16 } >= 2
        && !runs.contains { $0.steps == 16 && $0.learningRate == 1e-5 })
    #expect(result.triedRates.count < configuration.learningRates.count + 5)
    #expect(!result.triedRates.contains { $0.rate == 1e-5 })
  }

  /// Blocks whose branch is zero matter to nobody, and one that is not matters alone.
  @Test(arguments: [Arm.plain, .residual, .zero, .highway])
  func blocksAreDeletedOneAtATime(arm: Arm) throws {
    let data: Examples<Float> = Examples(try SmallData.glyphs())
    let network = DepthNetwork(
      arm: arm, inputs: data.features.shape[1], width: 6, classes: 10, depth: 4)
    #expect(network.blockCount == (arm.layersOfABlock == 2 ? 2 : 4))
    var settings = TrainingSettings(loss: .crossEntropy)
    (settings.batchSize, settings.length) = (16, .steps(arm == .zero ? 0 : 30))
    let run = TrainingRun<Float>(network, on: data, settings)
    let measured = MeasuredRun(
      network: network, arm: arm.rawValue,
      start: RunStart(
        point: GridPoint(inputs: 1, width: 6, classes: 10, depth: 4), settings: settings,
        train: data, limits: nil),
      initial: run.initialParameters, result: try run.result(), dev: nil, test: nil)
    let deletion = try #require(BlockDeletion(of: measured))
    #expect(deletion.rises.count == network.blockCount)
    #expect((0...Double(network.blockCount)).contains(deletion.effectiveDepth))
    if arm == .zero { #expect(deletion.effectiveDepth == 0) }
    let changed = network.passing((0..<network.blockCount).filter { $0 != 1 })
    let loss = Evaluation(
      of: changed, measured.result.parameters, on: data.prefix(512), loss: .crossEntropy
    ).loss
    let whole = Evaluation(
      of: network, measured.result.parameters, on: data.prefix(512), loss: .crossEntropy
    ).loss
    #expect(deletion.rises[1] == max(0, loss - whole))
  }
}
