import Console
import Findings
import Foundation
import Verification

/// `plumb check --serve` and `plumb check --function`: checks the gradient of a function of another program.
///
/// With `--serve` the other program answers on standard input. The first line of input is the request as JSON. Then each line of
/// output, `cost PARAMETER ENTRY STEP`, requests the cost with one entry moved, and the next line of input is the answer. A program
/// whose request says `"moves": true` may receive `move VALUES` once: all parameters take these values permanently, and the answer
/// is the gradient there, a JSON list for each parameter. One whose request says `"together": true` may receive `together PARAMETER
/// FIRST END STEP`: it answers with the cost with the entries from FIRST to before END moved at once, each by STEP over the root of their
/// number, up where bit 16 of 2654435761 times its position, counted from 1, is set, and down elsewhere. Finally, `result` is written,
/// followed by the report as JSON.
///
/// With files, the request is one file, the points are written to a second, and the costs are read from a third.
enum ForeignCheckCommand {
  struct Request: Decodable {
    let parameters: [ForeignCheck.Parameter]
    let epsilon: Double?
    let surrogate: [String]?
    let limit: Int?
    let moves: Bool?
    let together: Bool?

    var check: ForeignCheck {
      ForeignCheck(
        parameters, epsilon: epsilon ?? 0x1p-52, surrogates: Set(surrogate ?? []),
        limit: limit ?? 20)
    }
  }

  /// A point at which the cost is requested: one entry of one parameter, counted from 0, moved by a step.
  struct Point: Codable, Hashable {
    let parameter: String, entry: Int, step: Double
  }

  private struct Result: Encodable {
    let verdict: String
    let items: [ForeignCheck.Item]
    let costs: [Double]
    let message: String

    init(_ report: ForeignCheck.Report, _ text: ForeignCheckText) {
      verdict = report.isDecided ? report.verdict.rawValue : "undecided"
      items = report.items
      costs = report.costs
      message = text.text
    }
  }

  private static let form =
    "{\"parameters\": [{\"name\": \"w\", \"values\": [0.3, 1.2], \"gradient\": [0.6, 2.4]}], \"epsilon\": 2.2e-16, "
    + "\"surrogate\": [], \"limit\": 20}, where the last three are optional"

  private static func decoded<Value: Decodable>(_ data: Data) -> Value? {
    let decoder = JSONDecoder.withNonFiniteNumbers()
    return try? decoder.decode(Value.self, from: data)
  }

  private static func request(_ data: Data) -> Request? {
    guard let request: Request = decoded(data), !request.parameters.isEmpty,
      request.parameters.allSatisfy({
        $0.values.count == $0.gradient.count && !$0.values.isEmpty
          && $0.values.allSatisfy(\.isFinite)
      }), Set(request.parameters.map(\.name)).count == request.parameters.count,
      (request.epsilon ?? 1e-16) > 0, (request.epsilon ?? 0) < 0.1, (request.limit ?? 1) > 0
    else { return nil }
    return request
  }

  // MARK: By standard input

  static func serve() throws -> ExitStatus {
    guard let line = readLine(), let request = request(Data(line.utf8)) else {
      throw Problem(
        setting: "--serve", problem: "this option is for programs",
        remedy: "the first line is \(form), as plumbline.check of plumb python writes it")
    }
    let report = try request.check.report { parameter, entry, step in
      guard let answer = answer(to: "cost \(parameter) \(entry) \(step)").flatMap({ Double($0) })
      else {
        throw Problem(
          problem: "no cost was returned for parameter \(parameter), entry \(entry)",
          remedy: "return a number for every requested point")
      }
      return answer
    } move: { values in
      guard request.moves ?? false else { return [] }
      let line = String(decoding: try JSONEncoder().encode(values), as: UTF8.self)
      guard
        let gradients: [[Double]] = answer(to: "move " + line).flatMap({ decoded(Data($0.utf8)) })
      else {
        throw Problem(
          problem: "no gradient was returned for other values of the parameters",
          remedy: "answer with a list of numbers for each parameter, or leave \"moves\" out")
      }
      return gradients
    } together: { parameter, entries, step in
      guard request.together ?? false else { return .nan }
      guard
        let answer = answer(
          to: "together \(parameter) \(entries.lowerBound) \(entries.upperBound) \(step)"
        ).flatMap({ Double($0) })
      else {
        throw Problem(
          problem: "no cost was returned with several entries of parameter \(parameter) moved",
          remedy: "answer with a number, or leave \"together\" out")
      }
      return answer
    }
    let text = ForeignCheckText(
      report, of: request.parameters,
      ofZeros: request.moves ?? false
        ? "here and nearby, so there is nothing to compare: check at another point"
        : "at this point, so there is nothing to compare: give the gradient as a function of the parameters to have it compared nearby too"
    )
    let encoder = encoder()
    encoder.outputFormatting = []
    print("result " + String(decoding: try encoder.encode(Result(report, text)), as: UTF8.self))
    return status(report)
  }

  /// The other program's answer to a line.
  private static func answer(to question: String) -> String? {
    print(question)
    fflush(nil)
    return readLine()?.trimmingCharacters(in: .whitespaces)
  }

  private static func encoder() -> JSONEncoder {
    let encoder = JSONEncoder.withNonFiniteNumbers()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.keyEncodingStrategy = .convertToSnakeCase
    return encoder
  }

  private static func status(_ report: ForeignCheck.Report) -> ExitStatus {
    report.isDecided ? report.verdict == .fail ? .answerIsNo : .done : .unusable
  }

  // MARK: By files

  /// Judges the request of a file by the costs of another; points whose costs are missing are written to a third.
  static func run(
    function: String, points: String, costs: String?, json: String?
  ) throws -> ExitStatus {
    guard let request = request(try contents(function)) else {
      throw Problem(
        subject: function, problem: "is not a function to check", remedy: "write it like \(form)")
    }
    var known: [Point: [Double]] = [:]
    if let costs {
      guard let asked: [Point] = decoded(try contents(points)) else {
        throw Problem(
          subject: points, problem: "does not hold the requested points",
          remedy: "leave --costs out to have them written again")
      }
      guard let values: [Double] = decoded(try contents(costs)), values.count == asked.count else {
        throw Problem(
          subject: costs, problem: "does not hold \(asked.count) costs",
          remedy:
            "write a list with the cost at each point of \(points), in its order; a cost that is not finite is \"nan\" or "
            + "\"inf\"")
      }
      for (point, value) in zip(asked, values) { known[point, default: []].append(value) }
    }
    var (asked, used): ([Point], [Point: Int]) = ([], [:])
    let report = request.check.report { parameter, entry, step in
      let point = Point(parameter: request.parameters[parameter].name, entry: entry, step: step)
      asked.append(point)
      let times = used[point, default: 0]
      used[point] = times + 1
      // A cost that is not known yet leads to no further question.
      return known[point].flatMap { times < $0.count ? $0[times] : nil } ?? 0
    }
    if used.contains(where: { $0.value > known[$0.key]?.count ?? 0 }) {
      let encoder = encoder()
      try AtomicFile.write(encoder.encode(asked), to: points)
      print(
        "\(points): \(asked.count) points. Write the cost at each, in this order, as a JSON list, and call again with --costs FILE.json"
      )
      return .done
    }
    let text = ForeignCheckText(
      report, of: request.parameters,
      ofZeros: "at this point, so there is nothing to compare: check at another point")
    print(text.text)
    if let json { try AtomicFile.write(encoder().encode(Result(report, text)), to: json) }
    return status(report)
  }

  private static func contents(_ path: String) throws -> Data {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Problem(
        subject: path, problem: "there is no such file", remedy: "check the path")
    }
    return data
  }
}

/// The text of a check of another program's function.
struct ForeignCheckText {
  let text: String

  /// - Parameter ofZeros: The text after the statement that a parameter's gradient and differences are zero.
  init(
    _ report: ForeignCheck.Report, of parameters: [ForeignCheck.Parameter], ofZeros: String
  ) {
    text = Self.message(report, parameters, ofZeros)
  }

  private static func number(_ value: Double) -> String {
    NumberFormat.significant(value, digits: 3)
  }

  /// The numbers with as many digits as show that the first is not the second.
  private static func distinct(_ values: [Double]) -> [String] {
    func texts(_ digits: Int) -> [String] {
      values.map { NumberFormat.significant($0, digits: digits) }
    }
    let digits = (3...15).first { texts($0)[0] != texts($0)[1] }
    return texts(digits ?? 3)
  }

  /// What a move of all entries at once shows, in words.
  private static func together(
    _ together: ForeignCheck.Together, _ item: ForeignCheck.Item
  ) -> String {
    guard !together.isRight else {
      return
        "\(item.name): \(item.checked) of its \(item.entries) entries were compared one by one, and all of them at once"
    }
    let numbers = distinct([together.claimed, together.slope])
    return
      "\(item.name), entries \(together.first) to \(together.end - 1): moved at once, up or down, the gradient says \(numbers[0]), and the slope is "
      + numbers[1]
  }

  private static func message(
    _ report: ForeignCheck.Report, _ parameters: [ForeignCheck.Parameter], _ ofZeros: String
  ) -> String {
    guard report.costs[0].isFinite || report.costs[0] != report.costs[1] else {
      return "the cost is \(report.costs[0]) at this point, so there is no gradient to check"
    }
    guard report.isRepeatable else {
      if report.costs.contains(where: { !$0.isFinite }) {
        return "the cost is \(report.costs[0]) at this point, so there is no gradient to check"
      }
      return
        "the cost is random: called twice at the same point, it gave \(report.costs[0]) and \(report.costs[1]). Fix the seed, or keep the "
        + "mask, inside the function"
    }
    var table = Table("parameter", "entries", "checked", "error", "predicted", "verdict")
    for item in report.items {
      let verdict =
        item.isSurrogate
        ? "SURROGATE"
        : report.isUnmoved
          ? "UNDECIDED" : item.isChecked ? item.verdict.rawValue.uppercased() : "NOT CHECKED"
      table.add(
        item.name, "\(item.entries)", "\(item.checked)", number(item.relativeError),
        item.isChecked ? number(item.predictedError) : "", verdict)
    }
    var lines = [table.text()]
    if report.isUnmoved {
      lines.append(
        "moving the parameters does not change the cost, so nothing is decided: the function has to compute the cost from the parameters that it "
          + "is given, not from copies of them. If it does, the cost is constant here, and only a gradient of 0 is right"
      )
      return lines.joined(separator: "\n")
    }
    for (item, parameter) in zip(report.items, parameters) {
      let name = item.name
      if item.isSurrogate {
        lines.append(
          "\(name): its gradient is intended to differ from the slope and is not judged; it differs by \(number(item.relativeError))"
        )
        continue
      }
      if item.verdict == .fail, item.together == nil {
        let isUnbounded = item.unbounded.contains(item.worst)
        let numbers = distinct([item.claimed, item.left, item.right])
        lines.append(
          "\(parameter.place(of: item.worst)): the gradient is \(numbers[0]), and the slope "
            + (isUnbounded
              ? "grows without bound as the step shrinks, like that of a square root at 0"
              : "is \(numbers[1])"
                + (item.left == item.right ? "" : " on the left, \(numbers[2]) on the right"))
        )
      }
      if let together = item.together {
        lines.append(self.together(together, item))
      }
      if !item.kinks.isEmpty, item.verdict == .kink {
        lines.append(
          "\(name): \(item.kinks.count) \(item.kinks.count == 1 ? "entry is" : "entries are") at a kink, where the cost has two "
            + "slopes; the gradient lies between them")
      }
      if item.isVacuous {
        lines.append(
          "\(name): the gradient and all differences are zero \(ofZeros)")
      } else if item.isMoved {
        lines.append(
          "\(name): the gradient is zero at this point, so it was compared nearby, with parameters moved off zero"
        )
      }
      if item.isHidden {
        lines.append(
          "\(name): rounding in a cost of \(number(report.costs[0])) hides its slopes, so there is nothing to compare: compute the cost in "
            + "higher precision, or subtract what does not depend on the parameters")
      }
    }
    return lines.joined(separator: "\n")
  }
}
