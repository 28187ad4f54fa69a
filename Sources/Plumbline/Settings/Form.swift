import Findings

/// A value written as a title and named settings, such as a layer or an optimizer.
///
/// Its list of fields is the only definition of a setting's name, meaning and range. Reading and writing JSON, checking,
/// the options of a command line and help follow from it. A setting's default is its value in `init()`.
///
/// ```swift
/// struct DropoutForm: Form {
///   let title = "dropout"
///   var rate = 0.5
///   static let fields: [Field<Self>] = [
///     .number("rate", \.rate, in: .from(0, below: 1), "the probability that a value is dropped")
///   ]
/// }
/// ```
public protocol Form: Sendable, Hashable {
  /// The form with every setting at its default, and those without a default at any value.
  init()

  /// Its name in files, tables and options.
  var title: String { get }

  /// Other names for it, in any spelling (see ``Spelling``).
  var otherNames: [String] { get }

  /// The settings, in the order in which they are listed.
  static var fields: [Field<Self>] { get }
}

extension Form {
  /// None.
  public var otherNames: [String] { [] }

  /// No settings.
  public static var fields: [Field<Self>] { [] }

  /// Throws if a setting lies outside its range.
  ///
  /// - Parameter location: Where the form is defined, such as `layers[3]`; messages add the field's name.
  public func check(at location: String) throws(Problem) {
    for field in Self.fields { try field.check(self, location) }
  }

  /// The settings as shown in help: names, whether they are booleans, and the values of this form.
  public var settings: [(name: String, isFlag: Bool, standard: String)] {
    Self.fields.map { ($0.name, $0.isFlag, $0.isFlag ? "" : $0.text(self)) }
  }

  /// Each setting as described in help: its name, its meaning, and its value in this form, empty if it has none.
  public var explainedSettings: [(name: String, meaning: String, standard: String)] {
    Self.fields.map { ($0.name, $0.meaning, $0.isRequired ? "" : $0.text(self)) }
  }

  /// The names of the settings, in the order of the fields.
  public var settingNames: [String] { Self.fields.map(\.name) }

  /// The form with settings at these numbers, 1 and 0 for yes and no, and all checked.
  ///
  /// - Throws: A name that is not among the settings, or a value outside its range.
  public func setting(_ values: [String: Double]) throws(Problem) -> Self {
    var form = self
    for (name, value) in values.sorted(by: { $0.key < $1.key }) {
      let setting = Setting(rawValue: name)
      guard let field = Self.fields.first(where: { $0.name == name }), let number = field.number
      else {
        throw Problem(
          setting: setting, problem: "\(title) has no such setting",
          remedy: Self.fields.isEmpty
            ? "leave it out" : "its settings are \(settingNames.sorted().joined(separator: ", "))")
      }
      guard number.assign(&form, value) else {
        throw Problem(
          setting: setting, problem: "the value is \(plain(value))", remedy: "give \(field.meaning)"
        )
      }
      do throws(Problem) {
        try field.check(form, "")
      } catch {
        throw Problem(setting: setting, problem: error.problem, remedy: error.remedy)
      }
    }
    return form
  }
}
