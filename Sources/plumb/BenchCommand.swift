import Console
import Experiments
import Findings
import Foundation

/// `plumb bench`: the speed of training steps compared with this machine's measured peak.
enum BenchCommand {
  private static let cases = Option(
    repeated: "case", "I,C,W,L,B", shape,
    help:
      "inputs, classes, width, hidden layers (an even number) and batch size"
  )
  private static let threads = Option(
    "threads", "N", .integer(in: 1...256), defaultText: "1",
    help: "threads within a step, used where they help")
  private static let json = Option("json", "FILE", .output(), help: "writes the result as JSON")
  private static let steps = Option(
    "steps", "N", .integer(in: 1...1_000_000),
    help:
      "runs N steps of each case without timing, for counting instructions; with --json, writes their losses"
  )

  private static let networks = Option(
    repeated: "network", "NAME", ValueForm<NetworkCase>.choice,
    help:
      "\(NetworkCase.allCases.map(\.rawValue).joined(separator: ", ")): replayed and on the tape")

  private static let option = Option(
    repeated: "option", "NAME=VALUE", .choice(OptionCase.all.map(\.name)),
    help:
      "an option of plumb train, or a kind of layer, whose cost is measured relative to the same step without it"
  )

  private static let allOptions = Option(flag: "options", help: "measures all of them: a minute")

  private static let compare = Option(
    "compare", "FILE", .input("earlier measurements"),
    help: "a result of --json, whose times are put next to the new ones")

  private static let instruments = Option(
    flag: "instruments",
    help:
      "measures what diagnosis costs: whole trainings alternately with and without the instruments")

  private static let shape = ValueForm<StepCase>(
    accepted:
      "five comma-separated whole numbers of at least 1, the fourth (hidden layers) even"
  ) { text in
    let numbers = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 5, case let values = numbers.compactMap({ $0 }), values.count == 5,
      values.allSatisfy({ (1...10_000_000).contains($0) }), values[3].isMultiple(of: 2)
    else { return nil }
    return StepCase(
      inputs: values[0], classes: values[1], width: values[2], layers: values[3], batch: values[4])
  }

  static let command = Command(
    "bench", summary: "times training steps against this machine's measured peak",
    discussion:
      "Each case is a residual network of dense layers in blocks of two with softmax cross-entropy and gradient "
      + "descent with momentum, in single precision. Without --case it measures the nine cases "
      + "used for comparison with other frameworks.",
    options: [cases, networks, option, allOptions, threads, json, compare, steps, instruments],
    examples: [
      Command.Example("plumb bench", "the nine standard cases"),
      Command.Example("plumb bench --network resnet20", "a step of ResNet-20 on 32 images"),
      Command.Example("plumb bench --case 784,10,64,56,128", "a case of your own"),
      Command.Example(
        "plumb bench --option clip-norm=1 --option optimizer=adam", "what two options cost"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    if options[instruments] { return try measureInstruments(options) }
    if options[allOptions] || !options[option].isEmpty { return try measureOptions(options) }
    let earlier = try options[compare].map(EarlierTimes.init)
    if !options[networks].isEmpty { return try measureNetworks(options, earlier) }
    let asked = options[cases]
    let threads = options[threads] ?? 1
    let shapes = asked.isEmpty ? StepCase.standard : asked
    for shape in shapes {
      try shape.memory.require(
        for: "a step of the case \(shape.name)", batch: "case", network: "case"
      ) { "with this network, a batch of about \($0) fits" }
    }
    if let count = options[steps] {
      let result = StepsTaken(
        steps: count, cases: shapes.map { takeSteps(count, of: $0, threads: threads) })
      return try written(result, options)
    }
    let result = StepBenchmark.run(shapes, threads: threads)
    var table = Table(
      [
        Table.Column("inputs,classes,width,layers,batch", .left), "ms/step", "GFLOP/s", "% of peak",
        "compute", "memory", "calls", "MB",
      ] + (earlier?.columns ?? []))
    func digits(_ value: Double) -> String { NumberFormat.significant(value, digits: 3) }
    for timing in result.cases {
      table.add(
        [
          timing.name, digits(timing.milliseconds),
          NumberFormat.fixed(timing.gflops, decimals: 1),
          NumberFormat.fixed(timing.percentOfPeak, decimals: 1),
          digits(timing.computeMilliseconds), digits(timing.memoryMilliseconds),
          digits(timing.callMilliseconds),
          NumberFormat.significant(Double(timing.bytes) / 1e6, digits: 3),
        ] + (earlier?.cells(timing.name, timing.milliseconds) ?? []))
    }
    print("peak: \(NumberFormat.fixed(result.peakGflops, decimals: 1)) GFLOP/s on one thread")
    if let peak = earlier?.peakGflops {
      print("peak of the earlier measurements: \(NumberFormat.fixed(peak, decimals: 1)) GFLOP/s")
    }
    print(
      "overhead: \(digits(result.replayedCallMicroseconds)) microseconds per replayed call, "
        + "\(digits(result.eagerOperationMicroseconds)) per operation on the tape\n")
    print(table.text(), terminator: "")
    print(
      """

      compute, memory, calls: the milliseconds one thread would need for the matrix products alone at
      peak, for moving the bytes alone at the speed of the cache or memory that holds them, and for the
      kernel calls if they had nothing to do.
      """)
    return try written(result, options)
  }

  /// Writes the measurements to the file given by `--json`.
  private static func written(
    _ result: some Encodable, _ options: ParsedOptions
  ) throws -> ExitStatus {
    if let path = options[json] {
      try AtomicFile.write(JSONText.prettyEncoder.encode(result), to: path)
    }
    return .done
  }

  private static func measureOptions(_ options: ParsedOptions) throws -> ExitStatus {
    guard options[cases].isEmpty, options[networks].isEmpty, options[steps] == nil,
      options[threads] == nil
    else {
      throw Problem(
        problem: "--option and --options measure a step of their own on one thread",
        remedy: "leave --case, --network, --steps and --threads out")
    }
    let earlier = try options[compare].map(EarlierTimes.init)
    let chosen = Set(options[option])
    let result = try OptionCase.run(
      OptionCase.all.filter { options[allOptions] || chosen.contains($0.name) })
    var table = Table(
      [Table.Column("option", .left), "ms/step", "ratio", "quartiles"] + (earlier?.columns ?? []))
    for item in result.cases {
      table.add(
        [
          item.name, NumberFormat.significant(item.milliseconds, digits: 3),
          NumberFormat.fixed(item.ratio, decimals: 2),
          "\(NumberFormat.fixed(item.lower, decimals: 2)) to "
            + NumberFormat.fixed(item.upper, decimals: 2),
        ] + (earlier?.cells(item.name, item.milliseconds) ?? []))
    }
    print(table.text(), terminator: "")
    print(
      "\nratio: to the same step without the option, 784 inputs, five hidden layers of 64 with ReLU, 10 classes, a batch of 128, "
        + "gradient descent.")
    return try written(result, options)
  }

  private static func measureNetworks(
    _ options: ParsedOptions, _ earlier: EarlierTimes?
  ) throws -> ExitStatus {
    guard options[cases].isEmpty, options[steps] == nil else {
      throw Problem(
        problem: "--network measures different cases from --case and --steps",
        remedy: "leave those out"
      )
    }
    for network in options[networks] {
      try MemoryLimit.require(
        network.bytes, for: "a step of \(network.rawValue)", setting: "network"
      ) { _ in "give a smaller one, such as dense-dropout, or free some memory" }
    }
    let result = NetworkCase.run(options[networks], threads: options[threads] ?? 1)
    var table = Table(
      [Table.Column("network", .left), "ms/step", "ms on the tape", "ratio"]
        + (earlier?.columns ?? []))
    for item in result.cases {
      table.add(
        [
          item.name, NumberFormat.significant(item.milliseconds, digits: 3),
          NumberFormat.significant(item.eagerMilliseconds, digits: 3),
          NumberFormat.fixed(item.eagerMilliseconds / item.milliseconds, decimals: 2),
        ] + (earlier?.cells(item.name, item.milliseconds) ?? []))
    }
    print(table.text(), terminator: "")
    return try written(result, options)
  }

  private static func measureInstruments(_ options: ParsedOptions) throws -> ExitStatus {
    guard options[cases].isEmpty, options[steps] == nil, options[threads] == nil else {
      throw Problem(
        problem: "--instruments measures its own trainings on one thread",
        remedy: "leave --case, --steps and --threads out")
    }
    let result = try InstrumentsBenchmark.run()
    var table = Table([
      Table.Column("training", .left), Table.Column("labels", .left), "ms without", "instruments",
      "quartiles",
    ])
    for item in result.cases {
      table.add(
        item.name, item.isLearnable ? "learnable" : "random",
        NumberFormat.significant(item.milliseconds, digits: 3),
        NumberFormat.percent(item.overhead, decimals: 1),
        "\(NumberFormat.percent(item.lower, decimals: 1)) to "
          + NumberFormat.percent(item.upper, decimals: 1))
    }
    print(table.text(), terminator: "")
    return try written(result, options)
  }

  /// Nothing here depends on the time, so on one thread the same steps execute the same instructions.
  private static func takeSteps(
    _ count: Int, of shape: StepCase, threads: Int
  ) -> StepsTaken.Case {
    var workload = shape.workload(threads: threads)
    var loss: Float = 0
    for _ in 0..<count { loss = workload.run() }
    print("\(shape.name): loss \(loss) at step \(count)")
    return StepsTaken.Case(name: shape.name, loss: loss.isFinite ? loss : nil)
  }
}

/// The times of an earlier measurement, as written by `--json`.
private struct EarlierTimes {
  private struct Stored: Decodable {
    struct Case: Decodable {
      let name: String
      let milliseconds: Double
      private enum CodingKeys: String, CodingKey {
        case name = "case"
        case milliseconds
      }
    }
    let cases: [Case]
    let peakGflops: Double?
  }
  private let milliseconds: [String: Double]
  /// The machine's peak at that time, if it was measured.
  let peakGflops: Double?

  init(_ path: String) throws {
    let stored: Stored
    do {
      stored = try JSONDecoder().decode(
        Stored.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw Problem(
        setting: "--compare", problem: "\(path) does not hold times of plumb bench",
        remedy: "give a file that plumb bench --json wrote")
    }
    milliseconds = Dictionary(
      stored.cases.map { ($0.name, $0.milliseconds) }, uniquingKeysWith: { $1 })
    peakGflops = stored.peakGflops
  }

  /// The columns of the comparison.
  var columns: [Table.Column] { ["ms before", "now / before"] }

  /// The cells of a case; empty if it was not measured before.
  func cells(_ name: String, _ now: Double) -> [String] {
    guard let before = milliseconds[name] else { return ["", ""] }
    return [
      NumberFormat.significant(before, digits: 3), NumberFormat.fixed(now / before, decimals: 2),
    ]
  }
}

/// The result of `--steps`, as JSON.
private struct StepsTaken: Encodable {
  struct Case: Encodable {
    let name: String
    /// The loss at the last step; `nil` if it is not finite.
    let loss: Float?

    private enum CodingKeys: String, CodingKey {
      case name = "case"
      case loss
    }
    // A missing loss is written as null.
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(loss, forKey: .loss)
    }
  }
  let steps: Int
  let cases: [Case]
}
