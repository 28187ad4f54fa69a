import Console
import Findings
import Plumbline
import Training

/// The settings of the optimizers as options: one for all optimizers that have a setting of its name.
struct OptimizerSetting: Sendable {
  /// The name of the setting, as in `weight_decay`.
  let name: String
  private let number: Option<Double?>?, flag: Option<Bool?>?

  /// Every setting of any optimizer, in the order of the list.
  static let all = OptimizerChoice.settings.map {
    OptimizerSetting($0.name, isFlag: $0.isFlag, $0.takers)
  }

  private init(_ name: String, isFlag: Bool, _ takers: [String]) {
    self.name = name
    let help = "of " + takers.joined(separator: ", ")
    let option = Self.option(name)
    number = isFlag ? nil : Option(option, "X", .number(in: -1e300...1e300), help: help)
    flag = isFlag ? Option(option, "YES|NO", .yesOrNo, help: help) : nil
  }

  /// The option.
  var declaration: any OptionDeclaration {
    if let number { return number }
    if let flag { return flag }
    fatalError("the setting \(name) is neither a number nor a flag")
  }

  /// The value that was given; `nil` for the default.
  private func value(_ options: ParsedOptions) -> Double? {
    if let number { return options[number] }
    return flag.flatMap { options[$0] }.map { $0 ? 1 : 0 }
  }

  private static func option(_ setting: String) -> String {
    String(setting.map { $0 == "_" ? "-" : $0 })
  }

  /// The given settings of an optimizer.
  ///
  /// - Throws: An option that the optimizer does not take, or a value outside its range.
  static func given(_ options: ParsedOptions, for optimizer: OptimizerChoice) throws
    -> OptimizerOptions
  {
    var chosen = OptimizerOptions()
    for setting in all { chosen[setting.name] = setting.value(options) }
    let taken = optimizer.takenOptions
    if let surplus = chosen.values.keys.filter({ !taken.contains($0) }).min() {
      let names = taken.map { "--" + option($0) }.sorted().joined(separator: ", ")
      throw Problem(
        setting: Setting(rawValue: "--" + option(surplus)),
        problem: "the optimizer \(optimizer.rawValue) has no such setting",
        remedy: "it takes \(names)")
    }
    do throws(Problem) {
      _ = try optimizer.rule(chosen)
    } catch {
      throw error.naming { "--" + option($0.rawValue) }
    }
    return chosen
  }
}
