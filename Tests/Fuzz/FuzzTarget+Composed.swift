import Findings
import Foundation
import Networks
import Plumbline

/// The readers that stand on the formats: archives of downloads, parameters, networks, tables of examples.
extension FuzzTarget {
  /// Members of a tar archive. The checksum of every block that the first byte says is made right, since libFuzzer does
  /// not find sums.
  func readTar(_ source: ByteSource) throws {
    var bytes = try source.read(source.size, at: 0)
    let (block, sumStart, sumEnd) = (512, 148, 156)
    for start in stride(from: 0, to: bytes.count - block + 1, by: block)
    where (bytes[0] >> UInt8(start / block % 8)) & 1 == 0 {
      for position in sumStart..<sumEnd { bytes[start + position] = 0x20 }
      let sum = String(bytes[start..<start + block].reduce(0) { $0 + Int($1) }, radix: 8)
      for (position, digit) in sum.utf8.enumerated() { bytes[start + sumStart + position] = digit }
    }
    let members = [("a", 5), ("data_batch_1.bin", 600), ("b", 0)].map {
      PublicDataSet.Member($0.0, byteCount: $0.1)
    }
    var received: [String] = []
    do {
      try TarArchive(source: ByteSource(bytes, named: source.file)).extract(members) {
        name, content in
        expect(members.first { $0.name == name }?.byteCount == content.count)
        received.append(name)
      }
      expect(Set(received) == Set(members.map(\.name)))
    } catch let error as Problem {
      expect(error.description.contains(source.file) && !error.remedy.isEmpty)
    }
    expect(Set(received).count == received.count)
  }

  // MARK: Parameters

  /// The networks whose parameters are read.
  private static let networks: [NetworkDescription] = [
    #"{"input": [2], "layers": [{"layer": "dense", "outputs": 3}, {"layer": "relu"}, {"layer": "dense", "outputs": 1}]}"#,
    #"{"input": [2], "layers": [{"layer": "dense", "outputs": 2}, {"layer": "batch-norm"}]}"#,
    #"{"input": [1, 2, 2], "layers": [{"layer": "convolution", "outputs": 2, "kernel": 2}, {"layer": "flatten"}]}"#,
  ].map { text in
    do { return try NetworkDescription(json: text) } catch { fatalError("\(error)") }
  }

  private static let layouts: [ParameterLayout] = networks.map { description in
    do { return ParameterLayout(of: try description.network()) } catch { fatalError("\(error)") }
  }

  private static let names = [
    "W1", "b1", "W2", "b2", "dW1", "layout", "0.weight", "0.bias", "1.scale", "1.shift",
    "1.runningMean", "1.runningVariance", "1.running_mean", "1.running_var", "1.weight",
    "1.num_batches_tracked", "fc1.weight", "fc2.weight", "fc1.bias", "fc2.bias",
  ]

  /// A parameter file as it is, or one made of arrays of any name, type and shape.
  func readParameters(_ source: ByteSource) throws {
    let bytes = try source.read(source.size, at: 0)
    guard let first = bytes.first else { return }
    let file: ByteSource
    switch first {
    case UInt8(ascii: "P"): file = ByteSource(bytes, named: "input.npz")
    case 0xFF: file = ByteSource(Array(bytes.dropFirst()), named: "input.safetensors")
    default: file = try composed(bytes)
    }
    let parameters = try ParameterFile(file)
    expect(Set(parameters.names).count == parameters.names.count)
    let layout = Self.layouts[Int(bytes[bytes.count - 1]) % Self.layouts.count]
    let asked: ArrayLayout? = [nil, .rows, .columns, .torch][Int(bytes[bytes.count / 2]) % 4]
    let values: Parameters<Double> = try parameters.parameters(for: layout, layout: asked)
    expect(values.vector.scalars.allSatisfy { $0.isFinite } && values.count == layout.count)
    for format in ParameterFile.Format.allCases {
      let data = try ParameterFile.data(values, format: format)
      let again: Parameters<Double> = try ParameterFile(
        ByteSource([UInt8](data), named: "again.\(format.rawValue)")
      ).parameters(for: layout)
      expect(again.vector.scalars.map(\.bitPattern) == values.vector.scalars.map(\.bitPattern))
      expect(
        again.statistics.scalars.map(\.bitPattern) == values.statistics.scalars.map(\.bitPattern))
    }
  }

  /// An archive or a safetensors file: for each array a name, a type, a rank, dimensions; then the values.
  private func composed(_ bytes: [UInt8]) throws -> ByteSource {
    var position = 2
    func next() -> UInt8 {
      defer { position += 1 }
      return position < bytes.count ? bytes[position] : 0
    }
    var arrays: [(name: String, array: NumericArray)] = []
    for _ in 0..<Int(bytes[0] % 8) {
      let name = Self.names[Int(next()) % Self.names.count]
      let types = NumericArray.ElementType.allCases
      let type = types[Int(next()) % types.count]
      let shape = (0..<Int(next()) % 5).map { _ in Int(next()) % 5 }
      let content = (0..<shape.reduce(type.size, *)).map { _ in next() }
      if !arrays.contains(where: { $0.name == name }) {
        arrays.append((name, NumericArray(type, shape, bytes: content)))
      }
    }
    return bytes.count > 1 && bytes[1] % 2 == 0
      ? ByteSource([UInt8](try NPZFile.data(arrays)), named: "input.npz")
      : ByteSource([UInt8](try SafetensorsFile.data(arrays)), named: "input.safetensors")
  }

  // MARK: Networks

  /// The description of a network in JSON: written and read again, and, where it is small, used.
  func readNetwork(_ source: ByteSource) throws {
    let text = String(decoding: try source.read(source.size, at: 0), as: UTF8.self)
    do {
      let description = try NetworkDescription(json: text)
      let again = String(decoding: try JSONEncoder().encode(description), as: UTF8.self)
      expect(try NetworkDescription(json: again) == description)
      let network = try description.network()
      let count = ParameterLayout(of: network).count
      let (examples, small) = (2, 1 << 12)
      guard count < small, description.input.elementCount < small,
        network.outputShape.elementCount < small
      else { return }
      let values = Parameters<Float>(of: network, key: Key(seed: 1))
      let input = Tensor<Float>.zeros(Shape([examples] + description.input.extents))
      let result = network(input, values.pass())
      expect(result.shape.extents == [examples] + network.outputShape.extents)
    } catch let error as Problem {
      expect(!error.problem.isEmpty && !error.remedy.isEmpty)
    }
  }

  // MARK: Examples

  /// A table through the whole of `plumb data inspect` and `split`: the first two bytes choose the options.
  func readExamples(_ source: ByteSource) throws {
    let bytes = try source.read(source.size, at: 0)
    guard bytes.count > 2 else { return }
    let kinds = LabelledSets.TargetKind.allCases
    var table = TableOptions()
    table.separator = [nil, nil, nil, 0x2C, 0x3B, 0x20, 9, 0x7C][Int(bytes[0] % 8)]
    table.hasHeader = [nil, nil, true, false][Int(bytes[0] / 8 % 4)]
    table.label =
      [
        .automatic, .columns(["1"]), .columns(["2"]), .columns(["y"]), .columns(["1", "2"]), .none,
      ][Int(bytes[0] / 32 % 6)]
    table.missing = TableOptions.Missing.allCases[Int(bytes[1] / 16 % 4)]
    let options = LabelledSets.Options(table: table, targetKind: kinds[Int(bytes[1]) % kinds.count])
    let text = ByteSource(Array(bytes[2...]), named: source.file)
    let sets = try LabelledReader(path: source.file, options: options).sets(of: DataInput(text))
    try check(sets)
    tell(sets)
    let sizes: [SplitSizes] = [
      .ratios(train: 60, dev: 20, test: 20), .ratios(train: 50, dev: 50, test: 0),
      .counts(dev: 1, test: 1),
    ]
    let split = try sets.splitting(
      sizes[Int(bytes[1] / 4) % sizes.count], key: Key(seed: 1), isStratified: bytes[1] < 0x80)
    expect(split.all.reduce(0) { $0 + $1.exampleCount } == sets.train.exampleCount)
    tell(split)
    let archive = ByteSource([UInt8](try NPZFile.data(split.arrays)), named: "split")
    let kind: LabelledSets.TargetKind = sets.train.classCount == nil ? .values : .classes
    let again = try LabelledReader(path: "split", options: .init(targetKind: kind))
      .sets(of: NPZFormat.content(of: DataInput(archive), .init()), NPZFormat.name)
    expect(again.all.map(\.features) == split.all.map(\.features))
  }

  /// What is found in the sets, in words and as JSON.
  private func tell(_ sets: LabelledSets) {
    let judgement = DataJudgement(of: sets, outputCount: 2)
    let (distribution, findings) = (judgement.distribution, judgement.findings)
    expect(findings.allSatisfy { !$0.description.isEmpty })
    expect((try? JSONEncoder().encode(findings)) != nil)
    expect((try? JSONEncoder().encode(distribution)) != nil)
    expect((try? JSONEncoder().encode(sets.summary)) != nil)
    expect(distribution.comparisons.isEmpty || !distribution.description.isEmpty)
    expect(!sets.summary.description.isEmpty)
  }
}
