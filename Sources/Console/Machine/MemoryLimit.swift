import Findings
import Foundation

/// How much memory this process may still use, and what sets the limit.
///
/// A process that uses more is killed by the system in the middle of its work, so what a request needs is compared with it
/// before anything starts.
public struct MemoryLimit: Sendable, Hashable {
  /// The bytes.
  public let bytes: Int
  /// What sets the limit, in words.
  public let source: String

  /// A limit.
  public init(bytes: Int, source: String) {
    self.bytes = bytes
    self.source = source
  }

  /// The smallest of the machine's free memory, the control group's limit and the `ulimit`; `nil` if none of
  /// them is known.
  public static var current: MemoryLimit? {
    (machine + controlGroups + resourceLimits).min { $0.bytes < $1.bytes }
  }

  /// Throws if a request needs more than is available.
  ///
  /// - Parameters:
  ///   - needed: The bytes that it needs; infinity, or anything beyond the range of integers, is more than any machine has.
  ///   - setting: The setting that matters most.
  ///   - request: What needs them, in words.
  ///   - remedy: What would fit, given the available bytes.
  public static func require(
    _ needed: Double, for request: String, setting: Setting,
    limit: MemoryLimit? = .current, remedy: (Double) -> String
  ) throws(Problem) {
    guard let limit, needed > Double(limit.bytes) else { return }
    throw Problem(
      setting: setting,
      problem: "\(request) needs about \(text(needed)) of memory, and only "
        + "\(text(Double(limit.bytes))) is available (\(limit.source))",
      remedy: remedy(Double(limit.bytes)))
  }

  private static func text(_ bytes: Double) -> String {
    let units = [(1e15, "PB"), (1e12, "TB"), (1e9, "GB"), (1e6, "MB")]
    let unit = units.first { bytes >= $0.0 } ?? (1e3, "kB")
    return "\(NumberFormat.significant(bytes / unit.0, digits: 3)) \(unit.1)"
  }

  // MARK: What sets limits

  private static var machine: [MemoryLimit] {
    #if os(Linux)
      guard let available = field("MemAvailable", of: "/proc/meminfo") else { return [] }
      return [MemoryLimit(bytes: available, source: "what the machine has free")]
    #else
      return [
        MemoryLimit(
          bytes: Int(clamping: ProcessInfo.processInfo.physicalMemory),
          source: "what the machine has")
      ]
    #endif
  }

  /// The limits of version 2, from the process's own group up to the root, and that of version 1.
  private static var controlGroups: [MemoryLimit] {
    let text = content("/proc/self/cgroup") ?? ""
    var limits: [MemoryLimit] = []
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let isUnified = parts[1].isEmpty
      guard isUnified || parts[1].split(separator: ",").contains("memory") else { continue }
      let root = isUnified ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
      let names =
        isUnified
        ? ("memory.max", "memory.current")
        : ("memory.limit_in_bytes", "memory.usage_in_bytes")
      var group = String(parts[2])
      while true {
        if let limit = number("\(root)\(group)/\(names.0)") {
          let used = number("\(root)\(group)/\(names.1)") ?? 0
          limits.append(
            MemoryLimit(bytes: max(0, limit - used), source: "what its control group allows"))
        }
        guard group.count > 1, let slash = group.lastIndex(of: "/") else { break }
        group = String(group[..<slash])
      }
    }
    return limits
  }

  private static var resourceLimits: [MemoryLimit] {
    #if os(Linux)
      return [(RLIMIT_AS, "VmSize", "ulimit -v"), (RLIMIT_DATA, "VmData", "ulimit -d")].compactMap {
        resource, name, command in
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0,
          limit.rlim_cur < rlim_t(Int.max)
        else { return nil }
        let used = field(name, of: "/proc/self/status") ?? 0
        return MemoryLimit(
          bytes: max(0, Int(limit.rlim_cur) - used), source: "what \(command) allows")
      }
    #else
      return []
    #endif
  }

  private static func content(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// A field of a file such as /proc/meminfo, whose unit is 1024 bytes.
  private static func field(_ name: String, of path: String) -> Int? {
    content(path)?.split(separator: "\n").first { $0.hasPrefix("\(name):") }
      .flatMap { $0.split(separator: " ").dropFirst().first }.flatMap { Int($0) }.map { $0 * 1024 }
  }

  private static func number(_ path: String) -> Int? {
    content(path).flatMap { Int($0.split(separator: "\n").first ?? "") }
  }
}
