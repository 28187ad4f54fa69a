import Console
import Findings
import Foundation
import Verification

/// `plumb check --serve`: checks the gradient of a function of another program, which answers on standard input.
///
/// The first line that comes in is the request as JSON. Then each line that goes out, `cost PARAMETER ENTRY STEP`, asks for the cost with
/// one entry moved, and the next line that comes in is the answer. At last `result` goes out with the report as JSON behind it.
enum ForeignCheckCommand {
  private struct Request: Decodable {
    let parameters: [ForeignCheck.Parameter]
    let epsilon: Double
    let surrogate: [String]?
    let limit: Int?
  }

  private struct Result: Encodable {
    let verdict: String
    let items: [ForeignCheck.Item]
    let costs: [Double]
    let message: String
  }

  static func run() throws -> ExitStatus {
    guard let line = readLine(),
      let request = try? JSONDecoder().decode(Request.self, from: Data(line.utf8)),
      !request.parameters.isEmpty,
      request.parameters.allSatisfy({ $0.values.count == $0.gradient.count && !$0.values.isEmpty })
    else {
      throw Problem(
        setting: "--serve", problem: "this is for programs",
        remedy:
          "the first line is {\"parameters\": [{\"name\", \"values\", \"gradient\"}], \"epsilon\"}, as plumbline.check "
          + "of plumb python writes it")
    }
    let check = ForeignCheck(
      request.parameters, epsilon: request.epsilon, surrogates: Set(request.surrogate ?? []),
      limit: request.limit ?? 20)
    let report = try check.report { parameter, entry, step in
      print("cost \(parameter) \(entry) \(step)")
      fflush(nil)
      guard let answer = readLine().flatMap({ Double($0.trimmingCharacters(in: .whitespaces)) })
      else {
        throw Problem(
          problem: "no cost came back for parameter \(parameter), entry \(entry)",
          remedy: "return a number for every point that is asked for")
      }
      return answer
    }
    let isBroken = !report.isRepeatable || !report.costs[0].isFinite
    let result = Result(
      verdict: isBroken ? "undecided" : report.verdict.rawValue,
      items: report.items, costs: report.costs, message: message(report))
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    print("result " + String(decoding: try encoder.encode(result), as: UTF8.self))
    return isBroken ? .unusable : report.verdict == .fail ? .answerIsNo : .done
  }

  private static func message(_ report: ForeignCheck.Report) -> String {
    func number(_ value: Double) -> String { NumberFormat.significant(value, digits: 3) }
    guard report.costs[0].isFinite else {
      return "the cost is \(report.costs[0]) at this point, so that there is no gradient to check"
    }
    guard report.isRepeatable else {
      return
        "the cost is random: called twice at the same point it gave \(report.costs[0]) and \(report.costs[1]). Fix the seed, or keep the "
        + "mask, within the function"
    }
    var table = Table("parameter", "entries", "checked", "error", "predicted", "verdict")
    for item in report.items {
      let verdict =
        item.isSurrogate
        ? "SURROGATE" : item.isVacuous ? "NOT CHECKED" : item.verdict.rawValue.uppercased()
      table.add(
        item.name, "\(item.entries)", "\(item.checked)", number(item.relativeError),
        number(item.predictedError), verdict)
    }
    var lines = [table.text()]
    for item in report.items where item.verdict == .fail {
      lines.append(
        "\(item.name), entry \(item.worst): the gradient is \(number(item.claimed)), and the slope is \(number(item.left))"
          + (item.left == item.right ? "" : " on the left, \(number(item.right)) on the right"))
    }
    for item in report.items where !item.kinks.isEmpty && item.verdict == .kink {
      lines.append(
        "\(item.name): \(item.kinks.count) entries are at a kink, where the cost has two slopes; the gradient lies between them"
      )
    }
    for item in report.items where item.isVacuous && !item.isSurrogate {
      lines.append(
        "\(item.name): the gradient and all differences are zero, which compares nothing: check at another point"
      )
    }
    return lines.joined(separator: "\n")
  }
}
