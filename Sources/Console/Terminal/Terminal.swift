import Foundation

/// The destination of the program's output: a terminal, a file or a pipe.
public enum Terminal {
  /// Whether standard error is a terminal on which a line can be redrawn.
  public static var standardErrorIsTerminal: Bool { isTerminal(2) }

  /// Columns of the terminal, from the terminal itself or from `COLUMNS`; 80 if neither is known.
  public static var columns: Int {
    var size = winsize()
    for descriptor: Int32 in [2, 1] {
      if ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
        return Int(size.ws_col)
      }
    }
    return environment("COLUMNS").flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } ?? 80
  }

  /// The columns that a table may take on standard output: those of the terminal, or `COLUMNS`; 120 in a file or a pipe.
  package static var tableColumns: Int { tableColumns(inFiles: 120) }

  /// The columns that a table may take on standard output, with a different number of them in a file or a pipe.
  package static func tableColumns(inFiles columns: Int) -> Int {
    var size = winsize()
    if isatty(1) == 1, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return max(20, Int(size.ws_col))
    }
    return environment("COLUMNS").flatMap(Int.init).flatMap { $0 >= 20 ? $0 : nil } ?? columns
  }

  /// The number of lines of the terminal on standard error; 24 if unknown.
  package static var rows: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_row > 0 ? Int(size.ws_row) : 24
  }

  /// Whether the locale's characters are UTF-8.
  package static var showsUnicode: Bool {
    // The first that is set decides, as in the C library.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].compactMap(environment).first { !$0.isEmpty } ?? ""
    let name = locale.uppercased()
    return name.contains("UTF-8") || name.contains("UTF8")
  }

  private static func isTerminal(_ descriptor: Int32) -> Bool {
    isatty(descriptor) == 1 && environment("TERM") != "dumb"
  }

  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name]
  }
}
