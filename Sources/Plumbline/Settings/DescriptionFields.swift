/// The name of a field in an object of the JSON form.
package struct FieldKey: CodingKey, ExpressibleByStringLiteral {
  package let stringValue: String
  package var intValue: Int? { nil }

  package init(stringValue: String) { self.stringValue = stringValue }
  package init?(intValue: Int) { nil }
  package init(stringLiteral name: String) { stringValue = name }
}

/// The fields of one object of the JSON form: read by name, each problem with its place, and no field left over.
package struct DescriptionFields {
  private let container: KeyedDecodingContainer<FieldKey>
  private var read: Set<String> = []

  /// The object that a decoder stands at.
  package init(_ decoder: any Decoder) throws(NetworkDescriptionError) {
    do {
      container = try decoder.container(keyedBy: FieldKey.self)
    } catch {
      throw NetworkDescriptionError(
        place: decoder.codingPath.place, problem: "this is not an object",
        remedy: "write an object with named fields, as {\"layer\": \"relu\"}")
    }
  }

  /// The place of the object, or of one of its fields.
  package func place(_ name: String? = nil) -> String {
    (container.codingPath + (name.map { [FieldKey(stringValue: $0)] } ?? [])).place
  }

  /// The key of a field. A decoder that turns `learned_scale` into `learnedScale` does so before anyone asks.
  private func key(_ name: String) -> FieldKey {
    let words = name.split(separator: "_")
    let camelCase = words.dropFirst().reduce(words.first.map(String.init) ?? name) {
      $0 + $1.prefix(1).uppercased() + $1.dropFirst()
    }
    let converted = FieldKey(stringValue: camelCase)
    return container.contains(converted) ? converted : FieldKey(stringValue: name)
  }

  /// A field that has to be there; `meaning` says what it holds.
  package mutating func required<Value: Decodable>(
    _ name: String, _ type: Value.Type = Value.self, _ meaning: String
  ) throws(NetworkDescriptionError) -> Value {
    guard let value = try optional(name, type, meaning) else {
      throw NetworkDescriptionError(
        place: place(), problem: "the field \"\(name)\" is missing", remedy: "add it: \(meaning)")
    }
    return value
  }

  /// A field that may be missing or null.
  package mutating func optional<Value: Decodable>(
    _ name: String, _ type: Value.Type = Value.self, _ meaning: String
  ) throws(NetworkDescriptionError) -> Value? {
    read.insert(name)
    do {
      return try container.decodeIfPresent(type, forKey: key(name))
    } catch let error as NetworkDescriptionError {
      throw error
    } catch {
      throw NetworkDescriptionError(
        place: place(name), problem: "the value does not fit", remedy: "give \(meaning)")
    }
  }

  /// A whole number of at least `least`.
  package mutating func whole(
    _ name: String, atLeast least: Int, default standard: Int? = nil
  ) throws(NetworkDescriptionError) -> Int {
    let meaning = "a whole number of \(least) or more"
    let value =
      try standard == nil
      ? required(name, Int.self, meaning) : optional(name, Int.self, meaning) ?? standard ?? least
    guard value >= least else {
      throw NetworkDescriptionError(
        place: place(name), problem: "the value is \(value)", remedy: "give \(meaning)")
    }
    return value
  }

  /// A number.
  package mutating func number(
    _ name: String, default standard: Double
  ) throws(NetworkDescriptionError) -> Double {
    try optional(name, Double.self, "a number") ?? standard
  }

  /// One of the names of an enumeration.
  package mutating func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ name: String, default standard: Choice
  ) throws(NetworkDescriptionError) -> Choice {
    let names = Choice.allCases.map(\.rawValue).joined(separator: ", ")
    guard let text = try optional(name, String.self, "one of \(names)") else { return standard }
    guard let choice = Choice(rawValue: text) else {
      throw NetworkDescriptionError(
        place: place(name), problem: "there is no \"\(text)\"", remedy: "give one of \(names)")
    }
    return choice
  }

  /// Whether a bias is there, and how it starts: true, false, or an initializer.
  package mutating func bias() throws(NetworkDescriptionError) -> Initializer? {
    let field = try optional("bias", BiasField.self, "true, false, or an initializer")
    return field.map(\.initializer) ?? .zero
  }

  /// Throws where the object has fields that nobody asked for.
  package func finish() throws(NetworkDescriptionError) {
    let known = Set(read.map { key($0).stringValue })
    let unknown = container.allKeys.map(\.stringValue).filter { !known.contains($0) }.sorted()
    guard let name = unknown.first else { return }
    throw NetworkDescriptionError(
      place: place(name), problem: "there is no field \"\(name)\" here",
      remedy: "the fields are \(read.sorted().joined(separator: ", "))")
  }
}

/// A bias in JSON: true or false, or how it starts.
package struct BiasField: Codable {
  package let initializer: Initializer?

  package init(_ initializer: Initializer?) { self.initializer = initializer }

  package init(from decoder: any Decoder) throws {
    if let isThere = try? decoder.singleValueContainer().decode(Bool.self) {
      initializer = isThere ? .zero : nil
    } else {
      initializer = try Initializer(from: decoder)
    }
  }

  package func encode(to encoder: any Encoder) throws {
    if let initializer, initializer != .zero {
      try initializer.encode(to: encoder)
    } else {
      var container = encoder.singleValueContainer()
      try container.encode(initializer != nil)
    }
  }
}

extension [any CodingKey] {
  /// The path as it is written in messages: `layers[3].branch[0].outputs`.
  package var place: String {
    reduce(into: "") { place, key in
      if let index = key.intValue {
        place += "[\(index)]"
      } else {
        place += (place.isEmpty ? "" : ".") + key.stringValue
      }
    }
  }
}
