import Findings
import Networks
import Plumbline

/// A way in which programs compute what a description says otherwise than the library does. It is tried where the file does not fit the
/// library's way.
protocol ProgramConvention: Sendable {
  /// What is said where it explains a file.
  var remark: String { get }
  /// The network and the arrays as an audit takes them; `nil` if the description has nothing that it could be about.
  func applied(to network: Network, _ saved: SavedArrays) throws(Problem) -> (Network, SavedArrays)?
}

/// Every convention but those of the library, the likeliest first.
let programConventions: [any ProgramConvention] =
  GeluConvention.others + StartConvention.others + PictureConvention.others + GatedConvention.others
  + StartConvention.others.flatMap { start in
    GatedConvention.others.map { JoinedConvention(first: start, second: $0) }
  }

/// Two conventions in one program.
private struct JoinedConvention: ProgramConvention {
  let first: any ProgramConvention, second: any ProgramConvention

  var remark: String { "\(first.remark) \(second.remark)" }

  func applied(
    to network: Network, _ saved: SavedArrays
  ) throws(Problem) -> (Network, SavedArrays)? {
    guard let (network, saved) = try first.applied(to: network, saved) else { return nil }
    return try second.applied(to: network, saved)
  }
}
