import Findings

// A form as a short text: its title and, after a colon, its numbers in the order of the fields, as in `step:100,0.1`.

extension Form {
  /// Title and numbers of a short text: `step:100,0.1`.
  public var text: String {
    let numbers = Self.fields.compactMap { field in field.number.map { plain($0.value(self)) } }
    return title + (numbers.isEmpty ? "" : ":" + numbers.joined(separator: ","))
  }

  /// The syntax of such text: `step:EVERY[,FACTOR]`.
  public var usage: String {
    var (usage, separator) = (title, ":")
    for field in Self.fields where field.number != nil {
      let part = separator + field.name.uppercased()
      usage += field.isRequired ? part : "[\(part)]"
      separator = ","
    }
    return usage
  }

  /// The form with the numbers of a text; `nil` if its title differs, or a number is missing, surplus or outside
  /// its range.
  func reading(_ text: String) -> Self? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0] == title else { return nil }
    let fields = Self.fields.filter { $0.number != nil }
    let numbers =
      parts.count == 1
      ? [] : parts[1].split(separator: ",", omittingEmptySubsequences: false).map { Double($0) }
    guard numbers.count <= fields.count,
      fields.dropFirst(numbers.count).allSatisfy({ !$0.isRequired })
    else { return nil }
    var form = self
    for (field, number) in zip(fields, numbers) {
      guard let number, number.isFinite, field.number?.assign(&form, number) == true else {
        return nil
      }
    }
    do throws(Problem) { try form.check(at: title) } catch { return nil }
    return form
  }

  /// The form with the settings that a decoder reads.
  func reading(_ decoder: any Decoder) throws -> Self {
    var fields = try FieldReader(decoder)
    let form = try fields.form(like: self)
    try fields.finish()
    return form
  }
}
