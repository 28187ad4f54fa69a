import Findings

/// The name of a field in an object of the JSON form.
package struct FieldKey: CodingKey, ExpressibleByStringLiteral {
  package let stringValue: String
  package var intValue: Int? { nil }

  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
  package init(stringLiteral name: String) { stringValue = name }
}

/// The fields of one object of the JSON form: read by name, each problem with its location, and no field left over.
package struct FieldReader {
  private let container: KeyedDecodingContainer<FieldKey>
  private var read: Set<String> = []

  /// The object that a decoder reads.
  package init(_ decoder: any Decoder) throws(Problem) {
    do {
      container = try decoder.container(keyedBy: FieldKey.self)
    } catch {
      throw Problem(
        location: decoder.codingPath.location, problem: "this is not an object",
        remedy: "write an object with named fields, such as {\"layer\": \"relu\"}")
    }
  }

  /// The location of the object, or of one of its fields.
  package func location(_ name: String? = nil) -> String {
    (container.codingPath + (name.map { [FieldKey(stringValue: $0)] } ?? [])).location
  }

  /// The key of a field. A decoder that turns `learned_scale` into `learnedScale` does so before any field is requested.
  private func key(_ name: String) -> FieldKey {
    let words = name.split(separator: "_")
    let camelCase = words.dropFirst().reduce(words.first.map(String.init) ?? name) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
    let converted = FieldKey(stringValue: camelCase)
    return container.contains(converted) ? converted : FieldKey(stringValue: name)
  }

  /// A field that must be present; `meaning` says what it holds.
  package mutating func required<Value: Decodable>(
    _ name: String, _ type: Value.Type = Value.self, _ meaning: String
  ) throws(Problem) -> Value {
    guard let value = try optional(name, type, meaning) else {
      throw Problem(
        location: location(), problem: "the field \"\(name)\" is missing",
        remedy: "add it: \(meaning)")
    }
    return value
  }

  /// A field that may be missing or null.
  package mutating func optional<Value: Decodable>(
    _ name: String, _ type: Value.Type = Value.self, _ meaning: String
  ) throws(Problem) -> Value? {
    read.insert(name)
    do {
      return try container.decodeIfPresent(type, forKey: key(name))
    } catch let error as Problem {
      throw error
    } catch {
      throw Problem(
        location: location(name), problem: "the value does not fit", remedy: "give \(meaning)")
    }
  }

  /// A whole number of at least `least`.
  package mutating func whole(
    _ name: String, atLeast least: Int, default standard: Int? = nil
  ) throws(Problem) -> Int {
    let meaning = "a whole number of \(least) or more"
    let value =
      try standard == nil
      ? required(name, Int.self, meaning) : optional(name, Int.self, meaning) ?? standard ?? least
    guard value >= least else {
      throw Problem(
        location: location(name), problem: "the value is \(value)", remedy: "give \(meaning)")
    }
    return value
  }

  package mutating func number(
    _ name: String, default standard: Double
  ) throws(Problem) -> Double {
    try optional(name, Double.self, "a number") ?? standard
  }

  /// One of the names of an enumeration.
  package mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ name: String, default standard: Choice
  ) throws(Problem) -> Choice {
    let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    guard let text = try optional(name, String.self, "one of \(names)") else { return standard }
    guard let choice = Choice(rawValue: text) else {
      throw Problem(
        location: location(name), problem: "there is no \"\(text)\"", remedy: "give one of \(names)"
      )
    }
    return choice
  }

  /// The settings of a form, checked; those that are missing are at their defaults.
  package mutating func form<Value: Form>(like standard: Value) throws(Problem) -> Value {
    var form = standard
    for field in Value.fields {
      try field.read(&form, &self)
      try field.check(form, location())
    }
    return form
  }

  /// Throws if the object has fields that were never requested.
  package func finish() throws(Problem) {
    let known = Set(read.map { key($0).stringValue })
    let unknown = container.allKeys.map(\.stringValue).filter { !known.contains($0) }.sorted()
    guard let name = unknown.first else { return }
    throw Problem(
      location: location(name), problem: "there is no field \"\(name)\" here",
      remedy: "the fields are \(read.sorted().joined(separator: ", "))")
  }
}

extension [any CodingKey] {
  /// The path as it is written in messages: `layers[3].branch[0].outputs`.
  package var location: String {
    reduce(into: "") { location, key in
      if let index = key.intValue {
        location += "[\(index)]"
      } else {
        location += (location.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }
}

/// The fields of one object of the JSON form, as they are written.
package struct FieldWriter {
  private var container: KeyedEncodingContainer<FieldKey>

  /// The object that an encoder writes.
  package init(_ encoder: any Encoder) { container = encoder.container(keyedBy: FieldKey.self) }

  /// The fields of an object that is itself the value of a field.
  init(_ name: String, of encoder: any Encoder) {
    var outer = encoder.container(keyedBy: FieldKey.self)
    container = outer.nestedContainer(keyedBy: FieldKey.self, forKey: FieldKey(stringValue: name))
  }

  /// Writes a field.
  package mutating func write(_ name: String, _ value: some Encodable) throws {
    try container.encode(value, forKey: FieldKey(stringValue: name))
  }

  /// Writes every setting of a form that is not at its default.
  package mutating func write<Value: Form>(_ form: Value) throws {
    let standard = Value()
    for field in Value.fields { try field.write(form, standard, &self) }
  }

  /// Writes every setting of a form.
  mutating func writeAll<Value: Form>(_ form: Value) throws {
    for field in Value.fields { try field.write(form, nil, &self) }
  }
}
