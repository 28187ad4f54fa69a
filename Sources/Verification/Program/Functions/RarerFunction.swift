import Foundation
import Plumbline

/// A function of a layer that the library has no activation for, with the numbers that its values show.
///
/// A function is one file: what it computes, where it bends, what people call it and how they write it, and how values identify it.
/// To add one, write that file and a line in ``RarerFunction/forms``.
protocol RarerForm: Sendable, Hashable {
  /// The function, element by element.
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T
  /// The name with its numbers.
  var title: String { get }
  /// Whether it has a kink at 0.
  var hasKink: Bool { get }
  /// The right derivative as it is usually written.
  var formula: String { get }
  /// The activation that it is a variant of, for statements that are true of the whole family.
  var family: Activation? { get }
  /// Derivatives with a part missing, at pre-activations and activations; each with a description.
  func halfWritten(_ z: Tensor<Double>, _ a: Tensor<Double>) -> [(Tensor<Double>, String)]

  /// The names of an option for it; those with a number are followed by a colon and the number.
  static var names: [String] { get }
  /// The function with these numbers; `nil` if it takes others.
  static func named(_ numbers: [Double]) -> Self?
  /// The function for a name followed by numbers.
  static func spelled(_ name: String, _ numbers: [Double]) -> Self?
  /// The name and numbers from which it can be restored.
  var name: String { get }
  var numbers: [Double] { get }
  /// Whether values are recognized as this function even if nothing calls them an activation.
  static var isToldByValues: Bool { get }
  /// Those of its functions that are as common as an activation of the library.
  static var common: [Self] { get }
  /// Further ones that are tried if no value shows which function it is.
  static var guesses: [Self] { get }
  /// The function that gives these values, one for each argument; `nil` if it is none of these.
  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self?
}

extension RarerForm {
  var hasKink: Bool { false }
  var formula: String { "f'(Z)" }
  var family: Activation? { nil }
  func halfWritten(_ z: Tensor<Double>, _ a: Tensor<Double>) -> [(Tensor<Double>, String)] { [] }
  static var names: [String] { [] }
  static func named(_ numbers: [Double]) -> Self? { nil }
  static func spelled(_ name: String, _ numbers: [Double]) -> Self? {
    names.contains { Spelling.isSame($0, name) } ? named(numbers) : nil
  }
  var name: String { Self.names.first ?? title }
  var numbers: [Double] { [] }
  static var isToldByValues: Bool { false }
  static var common: [Self] { [] }
  static var guesses: [Self] { [] }

  /// The first of several functions that gives the values.
  static func first(
    _ functions: [Self], _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison
  ) -> Self? {
    functions.first { comparison.agree(values, $0(x)) }
  }
}

/// A function found in programs for which the library has no activation, such as an ELU with a different slope.
public struct RarerFunction: Sendable {
  let form: any RarerForm

  init(_ form: some RarerForm) { self.form = form }
  private init(any form: any RarerForm) { self.form = form }

  /// Every form; values are compared with them in this order.
  static let forms: [any RarerForm.Type] = [
    LeakySlope.self,
    EluFactor.self,
    GeluByTanh.self,
    Softsign.self,
    Mish.self,
    Square.self,
    Gaussian.self,
    HardSigmoid.self,
    Clipped.self,
    ScaledElu.self,
    ScaledActivation.self,
  ]

  /// Those that are as common as an activation of the library, and further ones that are tried if no value shows the function.
  static let common = forms.flatMap { form in form.common.map { RarerFunction(any: $0) } }
  static let guesses = forms.flatMap { form in form.guesses.map { RarerFunction(any: $0) } }

  /// The function that gives these values; `nil` if no form does.
  ///
  /// - Parameter isNamed: Whether the values are named an activation: otherwise fewer forms are accepted.
  static func fitted(
    _ values: Tensor<Double>, _ x: Tensor<Double>, _ comparison: Comparison, isNamed: Bool = true
  ) -> RarerFunction? {
    for form in forms where isNamed || form.isToldByValues {
      if let found = form.fitted(values, x, comparison) { return RarerFunction(any: found) }
    }
    return nil
  }

  /// The names of all that an option can name.
  package static let names = forms.flatMap { form in
    form.named([]) == nil && !form.names.isEmpty
      ? [form.names[0] + ":NUMBER"] : Array(form.names.prefix(1))
  }

  /// The function for a name in any usual spelling, with its numbers after colons; or for a title, as in "elu (alpha 2)".
  init?(spelled text: String) {
    let parts = text.split(separator: ":").map(String.init)
    guard let name = parts.first else { return nil }
    let numbers = parts.dropFirst().compactMap(Double.init)
    if numbers.count == parts.count - 1 {
      for form in Self.forms {
        guard let function = form.spelled(name, numbers) else { continue }
        self.init(any: function)
        return
      }
    }
    self.init(title: text)
  }

  /// The function that has this title, by the numbers and the words in it.
  private init?(title: String) {
    let words = title.split { " ():".contains($0) }.map(String.init)
    let numbers = words.flatMap { $0.components(separatedBy: "...") }.compactMap(Double.init)
    for form in Self.forms {
      for used in [numbers, numbers + [1], [1] + numbers] {
        let candidates = [form.named(used)] + words.map { form.spelled($0, used) }
        guard let function = candidates.lazy.compactMap({ $0 }).first(where: { $0.title == title })
        else { continue }
        self.init(any: function)
        return
      }
    }
    return nil
  }

  /// As an option takes it, as in `elu:2`.
  var spelling: String {
    form.numbers.isEmpty || Self(spelled: form.name)?.title == title
      ? form.name : ([form.name] + form.numbers.map(\.text)).joined(separator: ":")
  }

  /// The function, element by element.
  func callAsFunction<T: TensorProtocol>(_ x: T) -> T { form(x) }

  /// The name with its numbers.
  var title: String { form.title }

  /// Whether values look like those of some function of their arguments, element by element: neighboring points lie on a line.
  static func isElementwise(_ values: Tensor<Double>, _ x: Tensor<Double>) -> Bool {
    let points = zip(x.scalars, values.scalars).sorted { $0.0 < $1.0 }
    guard let first = points.first, let last = points.last, last.0 > first.0,
      let low = values.scalars.min(), let high = values.scalars.max(), low < high
    else { return false }
    var (compared, bent) = (0, 0)
    for index in points.indices.dropFirst().dropLast() {
      let (before, own, after) = (points[index - 1], points[index], points[index + 1])
      let gap = after.0 - before.0
      guard gap > 0, gap < 0.05 * (last.0 - first.0) else { continue }
      let expected = before.1 + (after.1 - before.1) * (own.0 - before.0) / gap
      let distance = Swift.abs(own.1 - expected) / (high - low)
      guard distance < 0.2 else { return false }
      // Where the curve is steep or has a kink.
      if distance > 0.02 { bent += 1 }
      compared += 1
    }
    return compared >= 5 && 10 * bent <= compared
  }
}

extension RarerFunction: Hashable {
  /// Whether form and numbers are equal.
  public static func == (left: RarerFunction, right: RarerFunction) -> Bool {
    func equals<Form: RarerForm>(_ form: Form) -> Bool { right.form as? Form == form }
    return equals(left.form)
  }

  /// Hashes form and numbers.
  public func hash(into hasher: inout Hasher) { hasher.combine(form) }
}
