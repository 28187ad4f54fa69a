import CKernels
import Foundation

/// The environment variable that forces an instruction set, checked before anything runs.
enum InstructionSetRequest {
  /// A value of `PLUMB_ISA` that this machine cannot follow.
  struct Unusable: LocalizedError {
    let value: String

    var errorDescription: String? {
      "the environment variable PLUMB_ISA asks for \"\(value)\", which this processor does not have"
    }
    var recoverySuggestion: String? {
      let sets = [PLUMB_ISA_PORTABLE, PLUMB_ISA_AVX2, PLUMB_ISA_AVX512, PLUMB_ISA_NEON]
      let names = sets.filter(plumb_isa_available).map { String(cString: plumb_isa_name($0)) }
      return "unset it, or set it to one of \(names.joined(separator: ", "))"
    }
  }

  static func check() throws(Unusable) {
    if !plumb_isa_request_is_valid() {
      throw Unusable(value: ProcessInfo.processInfo.environment["PLUMB_ISA"] ?? "")
    }
  }
}
