import Foundation
import TestSupport
import Testing

/// The lines of Python that a refusal prints, pasted.
@Suite("Conversions, pasted")
struct ConversionTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Runs the line that the refusal of a file prints, and says what is then read from what it has written.
  private func converted(_ file: String, to name: String) throws -> String {
    let refused = try PlumbProcess.run(["train", "--data", file, "--steps", "1"], in: folder)
    #expect(refused.status == 2, "\(refused.output)")
    let start = try #require(refused.error.firstRange(of: "python3 -c"), "\(refused.error)")
    try folder.write(Array(refused.error[start.lowerBound...].utf8), as: "line.sh")
    _ = try PythonRun.output(
      of: """
        import subprocess, sys
        line = open("line.sh").read().replace("python3", sys.executable, 1)
        subprocess.run(line, shell=True, check=True)
        """, in: folder)
    let outcome = try PlumbProcess.run(["train", "--data", name, "--steps", "1"], in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    return outcome.output
  }

  private func make(_ program: String) throws {
    _ = try PythonRun.output(
      of: "import numpy as np, pickle\nx, y = np.arange(60).reshape(20, 3) / 7, np.arange(20) % 2\n"
        + program, in: folder)
  }

  @Test(
    "pickles of any nesting", PythonRun.needs("numpy"),
    arguments: [
      "(x, y)", "[x, y]", "{b'data': x, b'labels': list(map(int, y))}",
      "{'data': {'train': {'x': x, 'y': y}, 'test': {'x': x[:5], 'y': y[:5]}}, 'note': 'n'}",
      "{'meta': 3, 'set': (x.tolist(), y.tolist())}",
    ])
  func pickles(object: String) throws {
    try make("pickle.dump(\(object), open('o.pkl', 'wb'))")
    // A file that is there already stays as it is.
    try folder.write("mine", as: "data.npz")
    let output = try converted("o.pkl", to: "data-2.npz")
    #expect(output.contains("train: 20 examples of shape (3,)"), "\(output)")
    #expect(output.contains("2 classes"), "\(output)")
    #expect(folder.text("data.npz") == "mine")
  }

  @Test("tensors in tuples and sets of them", PythonRun.needs("numpy", "torch"))
  func tensors() throws {
    for object in ["(a, b)", "torch.utils.data.TensorDataset(a, b)", "dict(x=a, y=b)"] {
      try make(
        "import torch, torch.utils.data\na, b = torch.tensor(x), torch.tensor(y)\n"
          + "torch.save(\(object), 'o.pt')")
      let output = try converted("o.pt", to: "data.npz")
      #expect(output.contains("train: 20 examples of shape (3,)"), "\(output)")
      try FileManager.default.removeItem(atPath: folder.file("data.npz"))
    }
  }

  /// How a table of texts is kept: each has to be converted as it is.
  enum Keeping: String, CaseIterable {
    case plain, gzip, zip, utf16, latin1
  }

  @Test("texts that lack quotes", PythonRun.needs("numpy"), arguments: Keeping.allCases)
  func quotes(keeping: Keeping) throws {
    let rows = (0..<30).map {
      "\($0 * 37 % 11).5,\($0 % 3 == 0 ? "größer" : "ok, fine"),\($0 % 2)\n"
    }
    try folder.write("a,note,y\n" + rows.joined(), as: "data.csv")
    let names: [Keeping: String] = [.plain: "data.csv", .gzip: "d.csv.gz", .zip: "d.zip"]
    let name = names[keeping] ?? "d.csv"
    _ = try PythonRun.output(
      of: """
        import gzip, zipfile
        text = open("data.csv", encoding="utf8", newline="").read()
        match "\(keeping.rawValue)":
          case "gzip": gzip.open("d.csv.gz", "wt", encoding="utf8").write(text)
          case "zip": zipfile.ZipFile("d.zip", "w").writestr("in/d.csv", text)
          case "utf16": open("d.csv", "w", encoding="utf16").write(text)
          case "latin1": open("d.csv", "w", encoding="latin1").write(text)
        """, in: folder)
    let output = try converted(name, to: "data-2.csv")
    #expect(output.contains("train: 30 examples"), "\(output)")
    #expect(output.contains("yes or no: 1 for ok, fine, 0 for größer"), "\(output)")
  }

  @Test("a line that fails leaves no empty file", PythonRun.needs("numpy"))
  func failing() throws {
    let rows = (0..<30).map { "\($0 * 37 % 11).5,\($0 % 3 == 0 ? "ok" : "ok, fine"),\($0 % 2)\n" }
    try folder.write("a,note,y\n" + rows.joined(), as: "d.csv")
    let refused = try PlumbProcess.run(["train", "--data", "d.csv"], in: folder)
    let start = try #require(refused.error.firstRange(of: "python3 -c"), "\(refused.error)")
    try FileManager.default.removeItem(atPath: folder.file("d.csv"))
    try folder.write(Array(refused.error[start.lowerBound...].utf8), as: "line.sh")
    _ = try PythonRun.output(
      of: """
        import subprocess, sys
        line = open("line.sh").read().replace("python3", sys.executable, 1)
        assert subprocess.run(line, shell=True, stderr=subprocess.DEVNULL).returncode != 0
        """, in: folder)
    #expect(!FileManager.default.fileExists(atPath: folder.file("data.csv")))
  }

  @Test("texts whose words are counted", PythonRun.needs("numpy"), arguments: [",", "\t", ";"])
  func words(separator: String) throws {
    let rows = (0..<40).map { row in
      "\(row % 2 == 0 ? "very good" : "rather bad") product of number \(row)\(separator)\(row % 2 + 1)\n"
    }
    try folder.write("review\(separator)stars\n" + rows.joined(), as: "reviews.txt")
    let output = try converted("reviews.txt", to: "data.csv")
    #expect(output.contains("train: 40 examples") && output.contains("good"), "\(output)")
  }

  @Test("pictures of two sizes, one of them broken", PythonRun.needs("numpy", "PIL"))
  func pictures() throws {
    try make(
      """
      import os
      from PIL import Image
      for c in "ab":
        os.makedirs("pics/" + c)
        for i in range(6):
          Image.fromarray(np.full((8 + i % 2, 8), 20 * i, "uint8")).save(f"pics/{c}/{i}.png")
      open("pics/b/broken.png", "wb").write(open("pics/b/0.png", "rb").read()[:50])
      """)
    let output = try converted("pics", to: "pics-png")
    #expect(output.contains("train: 12 examples"), "\(output)")
  }

  @Test(
    "records with texts, and a single array with the labels in its last column",
    PythonRun.needs("numpy"))
  func arrays() throws {
    try make(
      """
      r = np.array([(a, b, s) for (a, b, c), s in zip(x, ["up", "down"] * 10)], dtype=[("a", "f8"), ("b", "f4"), ("kind", "U4")])
      np.save("r.npy", r)
      np.save("bytes.npy", r.astype([("a", "f8"), ("b", "f4"), ("kind", "S4")]))
      np.savez("one.npz", data=np.column_stack([x, y]))
      np.save("one.npy", np.column_stack([x, y]))
      """)
    for (file, name) in [("r.npy", "data.csv"), ("bytes.npy", "data-2.csv")] {
      let output = try converted(file, to: name)
      #expect(output.contains("2 classes: down (10 examples), up (10)"), "\(output)")
    }
    for (file, name) in [("one.npz", "data.npz"), ("one.npy", "data-2.npz")] {
      let refused = try PlumbProcess.run(["train", "--data", file], in: folder)
      let start = try #require(refused.error.firstRange(of: "python3 -c"), "\(refused.error)")
      let line = refused.error[start.lowerBound...].prefix { $0 != "\n" }
      // The first of two lines is the one for labels in the last column.
      let end = try #require(line.firstRange(of: "; otherwise"))
      try folder.write(Array(line[..<end.lowerBound].utf8), as: "line.sh")
      _ = try PythonRun.output(
        of: """
          import subprocess, sys
          subprocess.run(open("line.sh").read().replace("python3", sys.executable, 1), shell=True, check=True)
          """, in: folder)
      let outcome = try PlumbProcess.run(["train", "--data", name, "--steps", "1"], in: folder)
      #expect(outcome.output.contains("train: 20 examples of shape (3,)"), "\(outcome.error)")
    }
  }

  /// Runs the line of a shell that the refusal of a file prints, and says what is then read.
  private func repaired(_ text: [UInt8], by command: String) throws -> String {
    try folder.write(text, as: "broken.csv")
    let refused = try PlumbProcess.run(["train", "--data", "broken.csv"], in: folder)
    let start = try #require(refused.error.firstRange(of: command), "\(refused.error)")
    let line = Process()
    line.executableURL = URL(fileURLWithPath: "/bin/sh")
    line.arguments = ["-c", String(refused.error[start.lowerBound...])]
    line.currentDirectoryURL = URL(fileURLWithPath: folder.file(""))
    try line.run()
    line.waitUntilExit()
    let outcome = try PlumbProcess.run(["train", "--data", "data.csv", "--steps", "1"], in: folder)
    #expect(outcome.status == 0, "\(outcome.error)")
    return outcome.output
  }

  @Test(
    "texts with control characters, with rows in quotes, and without an end",
    arguments: [("tr -d", 30), ("sed", 30), ("head -n", 29)])
  func texts(command: String, count: Int) throws {
    var rows =
      ["a,b,kind"] + (0..<30).map { "\($0 * 7 % 31).5,\($0 % 5),\($0 % 2 == 0 ? "up" : "down")" }
    switch command {
    case "tr -d": rows[20] = "6\u{1A}.5,2\u{1},up"
    case "sed": rows = rows.map { "\"\($0)\"" }
    default: rows[30] = "6.5,2"
    }
    let output = try repaired(Array((rows.joined(separator: "\n") + "\n").utf8), by: command)
    #expect(output.contains("train: \(count) examples of shape (2,)"), "\(output)")
  }
}
