import CKernels
import Findings
import Foundation

/// The environment variable `PLUMB_ISA`, which forces an instruction set.
public enum InstructionSetRequest {
  /// Throws if the variable requests a set that this processor does not have: before anything runs, since a result
  /// would otherwise be for a different set than requested.
  public static func check() throws(Problem) {
    guard !plumb_isa_request_is_valid() else { return }
    let value = ProcessInfo.processInfo.environment["PLUMB_ISA"] ?? ""
    var count = 0
    let sets = UnsafeBufferPointer(start: plumb_isa_all(&count), count: count)
    let names = sets.filter(plumb_isa_available).map { String(cString: plumb_isa_name($0)) }
    throw Problem(
      subject: "the environment variable PLUMB_ISA",
      problem: "it requests \"\(value)\", which this processor does not have",
      remedy: "unset it, or set it to one of \(names.joined(separator: ", "))")
  }
}
