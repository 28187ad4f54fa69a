import Console
import Datasets
import Findings
import Foundation

/// `export`: the runs of a folder for other tools.
enum ExportCommand {
  private static let folder = Argument(
    "DIR", .input("the folder", files: { _ in [] }),
    help: "the folder given to --out, or a file made by bundle")
  private static let arrays = Option(
    "npz", "FILE", .output(endings: [".npz"]),
    help:
      "writes each field of the trainings as a NumPy array, in line order; texts become string arrays"
  )
  private static let events = Option(
    "tensorboard", "DIR", .outputFolder([]),
    help:
      "writes a folder with an event file per training: the mean batch loss per epoch, or of every step if --curves or "
      + "--keep losses kept it, and the final loss and error")

  static let command = Command(
    "export", summary: "exports a folder's runs to NumPy and TensorBoard",
    discussion: "pandas reads summary.csv and runs.jsonl directly.",
    arguments: [folder], options: [arrays, events],
    examples: [
      Command.Example("\(Provenance.program) export results/d --npz runs.npz", "np.load reads it"),
      Command.Example(
        "\(Provenance.program) export results/d --tensorboard logs",
        "tensorboard --logdir logs shows it"),
      StoredStudy.example("export results/d --npz runs.npz", "a small study"),
    ])

  static func run(_ studies: [any Study], _ options: ParsedOptions) throws -> ExitStatus {
    guard options[arrays] != nil || options[events] != nil else {
      throw Problem(
        problem: "no export target is given",
        remedy: "give --npz FILE, --tensorboard DIR, or both")
    }
    let recorded = try RecordedRuns(path: options[folder], studies)
    let runs = recorded.runs.compactMap { run in run.training.map { (run: run, training: $0) } }
    guard !runs.isEmpty else {
      throw Problem(
        subject: options[folder], problem: "it contains no trainings",
        remedy: "give the folder of an experiment")
    }
    if let path = options[arrays] {
      try AtomicFile.write(try columns(runs), to: path)
      print("\(path): \(runs.count) trainings")
    }
    if let path = options[events] {
      for (run, training) in runs {
        try write(run, training, of: recorded.folder, to: path)
      }
      print(
        "\(path): \(runs.count) trainings; tensorboard --logdir \(FilePaths.quoted(path)) shows them"
      )
    }
    return .done
  }

  private typealias Run = (run: RecordedRuns.Run, training: RunSummary.Training)

  // MARK: Arrays

  private static func columns(_ runs: [Run]) throws -> Data {
    var writer = ZipWriter()
    func add(_ name: String, numbers: [Double]) throws {
      try writer.add("\(name).npy", NumericArray([numbers.count], numbers).npyBytes())
    }
    func add(_ name: String, whole: [Int]) throws {
      try writer.add("\(name).npy", NumericArray([whole.count], whole).npyBytes())
    }
    func add(_ name: String, texts: [String]) throws {
      // A field that is a number in every run becomes numeric.
      let whole = texts.compactMap { Int($0) }
      if whole.count == texts.count { return try add(name, whole: whole) }
      let numbers = texts.compactMap(Double.init)
      if numbers.count == texts.count { return try add(name, numbers: numbers) }
      try writer.add("\(name).npy", NumericArray.npyBytes(texts))
    }
    try add("key", texts: runs.map { "k" + $0.run.key })
    var names: [String] = []
    for run in runs {
      for setting in run.training.cell where !names.contains(setting.name) {
        names.append(setting.name)
      }
    }
    for name in names {
      try add(
        name.replacing("-", with: "_"),
        texts: runs.map { run in run.training.cell.first { $0.name == name }?.value ?? "" })
    }
    try add("phase", texts: runs.map(\.training.phase))
    try add("seed", whole: runs.map(\.training.seed))
    try add("learning_rate", numbers: runs.map(\.training.learningRate))
    try add("train_loss", numbers: runs.map { $0.training.loss ?? .nan })
    try add("train_error", numbers: runs.map { $0.training.error ?? .nan })
    try writer.add("diverged.npy", NumericArray.npyBytes(runs.map(\.training.diverged)))
    try add(
      "diagnosis",
      texts: runs.map {
        $0.training.diagnosis.map { "\($0.cause.rawValue)" }.joined(separator: " ")
      })
    return writer.finished()
  }

  // MARK: Events

  private static func write(
    _ run: RecordedRuns.Run, _ training: RunSummary.Training, of folder: ResultsFolder,
    to path: String
  ) throws {
    var file = EventFile()
    let kept = folder.file("kept/\(run.key)-losses.npz")
    if RegularFile.size(kept) != nil {
      let losses = try NPZFile(contentsOfFile: kept).array(named: "losses").doubles()
      for (step, loss) in losses.enumerated() { file.add([("loss/batch", loss)], step: step) }
    }
    for (epoch, loss) in zip(1..., training.epochLosses) {
      file.add([("loss/epoch", loss)], step: epoch)
    }
    let end = [("end/train_loss", training.loss), ("end/train_error", training.error)]
    file.add(
      end.compactMap { tag, value in value.map { (tag, $0) } }, step: training.epochLosses.count)
    let title =
      training.cell.map { $0.name == "arm" ? $0.value : "\($0.name)=\($0.value)" } + [
        training.phase, "rate=\(NumberFormat.plain(training.learningRate))",
        "seed=\(training.seed)",
      ]
    let name = title.joined(separator: ",").map { $0 == "/" || $0 == "\0" ? "_" : $0 }
    let own = FilePaths.joined(path, String(name))
    do {
      try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
    } catch {
      throw Problem(
        subject: own, problem: "the folder cannot be created",
        remedy: "give a writable folder to --tensorboard")
    }
    // The reader expects a time in the name; a fixed time keeps the export the same.
    try AtomicFile.write(
      file.data, to: FilePaths.joined(own, "events.out.tfevents.0000000000.\(run.key)"))
  }
}
