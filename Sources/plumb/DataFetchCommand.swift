import Console
import Datasets
import Foundation

/// `plumb data fetch`: public data sets, downloaded and checked.
enum DataFetchCommand {
  private static let name = Argument(
    "NAME", .choice(PublicDataSet.all.map(\.name)), help: "mnist, fashion-mnist or cifar-10")
  private static let out = Option(
    "out", "DIR", .outputFolder([]), default: "data", help: "the data folder; created if needed"
  )
  private static let address = Option(
    "from", "URL", web, defaultText: "where the set is published",
    help: "another address for the files")

  private static let web = ValueForm<String>(
    accepted: "an address that begins with http:// or https://"
  ) { text in
    ["http://", "https://"].contains { text.lowercased().hasPrefix($0) } ? text : nil
  }

  static let command = Command(
    "data fetch", summary: "downloads MNIST, Fashion-MNIST or CIFAR-10 and verifies it",
    discussion: """
      Files are downloaded with the system's curl and compared with their published SHA-256. An interrupted download resumes \
      when the command is run again; a file that exists and is correct is left alone. mnist goes into \
      DIR itself, the others into DIR/fashion-mnist and DIR/cifar-10; then --data mnist, fashion-mnist or cifar-10 \
      finds them.
      """,
    arguments: [name], options: [out, address],
    examples: [
      Command.Example("plumb data fetch mnist", "12 MB into data/"),
      Command.Example(
        "plumb data fetch cifar-10 --out ../shared/data", "170 MB into another data folder"),
    ])

  static func run(_ options: ParsedOptions) throws -> ExitStatus {
    guard let set = PublicDataSet.all.first(where: { $0.name == options[name] }) else {
      fatalError("no data set is named \(options[name])")
    }
    // A stopped download resumes where it was.
    Interrupts.noteThatFinishedWorkIsKept()
    let kilobytes = (set.byteCount + 999) / 1000
    let bar = ProgressBar(set.name, items: kilobytes, unit: "kB")
    var shown = 0
    defer { bar.finish() }
    let fetched = try set.fetch(into: options[out], from: options[address]) { byteCount, file in
      let now = byteCount / 1000
      bar.advance(items: max(0, now - shown), label: file)
      shown = max(shown, now)
    }
    bar.finish()
    for file in fetched {
      print("\(file.path): \(file.outcome == .present ? "already present and correct" : "done")")
    }
    return .done
  }
}
