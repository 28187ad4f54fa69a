/// How a setting of a library is called on a command line.
package enum OptionName {
  /// The option of a setting's name: `--batch-size` of `batchSize`; what has dashes in front already is left as it is.
  package static func of(_ setting: String) -> String {
    if setting.hasPrefix("-") { return setting }
    return "--"
      + setting.map { $0.isUppercase ? "-" + $0.lowercased() : String($0) }.joined()
  }
}
