/// Dumps of databases, which are refused with the line that makes a table from them.
enum SQLConversion {
  /// Whether a file begins with statements that create or fill a table.
  static func isDump(_ start: [UInt8]) -> Bool {
    let text = CellText.string(start[...])
    guard !text.contains("\0") else { return false }
    for line in text.split(whereSeparator: \.isNewline) {
      let content = line.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
      if content.isEmpty || content.hasPrefix("--") || content.hasPrefix("/*") { continue }
      let words = content.prefix(40).uppercased().split { !$0.isLetter }.prefix(2)
      let statements: [[Substring]] = [
        ["CREATE", "TABLE"], ["INSERT", "INTO"], ["DROP", "TABLE"], ["BEGIN", "TRANSACTION"],
        ["CREATE", "DATABASE"], ["PRAGMA", "FOREIGN"], ["LOCK", "TABLES"], ["USE"],
      ]
      let isSet = content.hasPrefix("SET ") && content.contains("=") || content.hasPrefix("USE `")
      if !isSet { return statements.contains { words.starts(with: $0) && $0.count > 1 } }
    }
    return false
  }

  /// A program in Python that writes the rows of the table that most INSERT statements fill, with the names of its columns. It
  /// contains no single quote, so that a shell takes it in single quotes.
  static let script =
    #"import re, sys, csv, collections as c; s = open(sys.argv[1], errors="replace").read(); "#
    + #"q = r"\x27(?:[^\x27\\]|\\.|\x27\x27)*\x27"; v = r"(?:" + q + r"|[^,()\x27]+)"; "#
    + #"i = re.findall(r"INSERT INTO\s+(\S+?)\s*(?:\(([^()]*)\))?\s*VALUES\s*((?:" + q + r"|[^;\x27])*);", s, re.I); "#
    + #"t = c.Counter(x[0] for x in i).most_common(1)[0][0]; "#
    + #"m = re.search(r"CREATE TABLE[^(]*?" + re.escape(t) + r"\s*\((.*?)\)[^();]*;", s, re.S | re.I); "#
    + #"n = [x[1] for x in i if x[0] == t][0] or ",".join(l.split()[0] for l in re.split(r",(?![^()]*\))", m[1] if m else "") "#
    + #"if l.split() and l.split()[0].upper() not in ("PRIMARY", "KEY", "UNIQUE", "CONSTRAINT", "INDEX", "FOREIGN", "CHECK")); "#
    + #"w = csv.writer(sys.stdout); w.writerow([x.strip(" `\"[]") for x in n.split(",")]); "#
    + #"[w.writerow(["" if y.strip().upper() == "NULL" else y.strip()[1:-1].replace("\x27\x27", "\x27") if y.strip()[:1] == "\x27" else y.strip() "#
    + #"for y in re.findall(v, r)]) for x in i if x[0] == t for r in re.findall(r"\((\s*" + v + r"(?:\s*,\s*" + v + r")*)\)", x[2])]"#
}
