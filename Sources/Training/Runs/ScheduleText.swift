import Plumbline

extension ScheduleForm {
  /// How the texts that name a form are written: `constant, cosine[:FLOOR]` and so on.
  public static let usages = rules.map(\.usage).joined(separator: ", ")

  /// The same as a phrase, with what each number may be.
  public static let accepted: String = {
    var ranges: [String] = []
    for setting in rules.flatMap(\.explainedSettings) {
      let range = "\(setting.name.uppercased()) \(setting.meaning)"
      if !ranges.contains(range) { ranges.append(range) }
    }
    return "one of \(usages), with \(ranges.joined(separator: ", "))"
  }()
}
