import Console

/// `list`: every study with its claim, source and cost, by topic.
enum ListCommand {
  static let command = Command(
    "list", summary: "lists every study with its claim, source and cost",
    discussion:
      "\(Provenance.program) show STUDY describes one.",
    examples: [Command.Example("\(Provenance.program) list", "all studies")])

  static func run(_ studies: [any Study]) -> ExitStatus {
    let topics = StudyTopic.allCases.filter { topic in studies.contains { $0.topic == topic } }
    var table = Table([
      Table.Column("study", .left), Table.Column("claim", .left), Table.Column("source", .left),
      Table.Column("--quick", .left), Table.Column("full", .left),
    ])
    for topic in topics {
      if topic != topics[0] { table.addRule() }
      table.add([topic.rawValue.uppercased(), "", "", "", ""])
      for study in studies where study.topic == topic {
        table.add([study.name, study.claim, study.source, study.cost.quick, study.cost.full])
      }
    }
    print(table.text(columns: Terminal.tableColumns(inFiles: 100)), terminator: "")
    return .done
  }

  /// The description of one study, as `show` prints it.
  static func text(_ study: any Study) -> String {
    let columns = min(100, Terminal.tableColumns)
    /// The text in lines, after a label in the margin.
    func wrapped(_ text: String, after label: String = "") -> String {
      let width = columns - label.count
      var lines = [""]
      for word in text.split(separator: " ") {
        let line = lines[lines.count - 1]
        let longer = line.isEmpty ? String(word) : "\(line) \(word)"
        if DisplayWidth.of(longer) <= width || line.isEmpty {
          lines[lines.count - 1] = longer
        } else {
          lines.append(String(word))
        }
      }
      let margin = String(repeating: " ", count: label.count)
      return label + lines.joined(separator: "\n" + margin)
    }
    var lines = [wrapped("\(study.name) (\(study.topic.rawValue)): \(study.claim)."), ""]
    if !study.derivation.isEmpty { lines += [wrapped(study.derivation), ""] }
    if !study.source.isEmpty { lines.append(wrapped(study.source, after: "source:   ")) }
    if let control = (study as? any RepeatableStudy)?.controlSummary {
      lines.append(
        wrapped(
          "\(control): its checks must fail (\(Provenance.program) \(study.name) --control)",
          after: "control:  "))
    }
    lines += [
      "cost:     \(study.cost.quick) with --quick, \(study.cost.full) in full",
      "run:      \(Provenance.program) \(study.name) --quick",
      "options:  \(Provenance.program) \(study.name) --help",
      "verdicts: \(Provenance.program) repeat \(study.name) --quick, under other seeds",
      "change:   \(study.declaration)",
      "your own: \(Provenance.program) new NAME --package DIR",
    ]
    return lines.joined(separator: "\n") + "\n"
  }
}
