import Findings
import Plumbline
import TestSupport
import Testing

@testable import Notebooks

@Suite("Notebooks as Markdown")
struct NotebookTests {
  private let sample = """
    Text with ``` in it.

    ```sh tolerance=1e-6 varies="s/run, time:" quick="--steps 20 --depths 2,4 --quick" figure=results/a/figure.svg
    # train
    research depth --quick --steps=400 --data mnist --depths 4,16 --out a
    ```

    ```output
    one

      two
    ```

    ![A figure](sample/figure.svg) and ![one on the web](https://example.org/a.svg)

    ```json
    {}
    ```
    ```text
    a diagram
    ```
    ~~~python expect=failure budget=2m
    print(1)
    ```
    ~~~
    and so on
    ```text
    not its output
    ```
    ````swift skip="needs a cluster"
    let x = 1
    ````
    """

  @Test("options may be in a comment before a block, and belong to that block alone")
  func optionsInComment() throws {
    let text = """
      <!-- block: tolerance=0.5 varies="s/run,time:" -->

      ```sh budget=2m
      echo 1
      ```

      <!-- a remark -->
      ```sh
      echo 2
      ```
      """
    let blocks = try Notebook(text, path: "a.md").blocks
    #expect(blocks.map(\.options.tolerance) == [0.5, 0])
    #expect(blocks[0].options.varies == ["s/run", "time:"] && blocks[0].options.budget == 120)
    for wrong in [
      "<!-- block: tolerance=1 -->", "<!-- block: tolerance=1 -->\nA sentence.\n```sh\n```",
      "<!-- block: tolerance=1 -->\n```json\n{}\n```",
    ] {
      let problem = #expect(throws: Problem.self) { try Notebook("\n\(wrong)", path: "a.md") }
      #expect(problem?.location == "line 2" && problem?.subject == "a.md")
    }
    let problem = #expect(throws: Problem.self) {
      try Notebook("<!-- block: tolerence=1 -->\n```sh\n```", path: "a.md")
    }
    #expect(problem?.location == "line 2" && problem?.remedy.contains("tolerance") == true)
  }

  @Test("blocks are read with their options, outputs and lines")
  func blocks() throws {
    let notebook = try Notebook(sample, path: "a/sample.md")
    #expect(notebook.blocks.map(\.language) == [.shell, .python, .swift])
    #expect(notebook.blocks.map(\.line) == [3, 22, 30])
    #expect(notebook.blocks.map { $0.output?.text } == ["one\n\n  two", nil, nil])
    #expect(notebook.blocks[0].output?.line == 8)
    #expect(notebook.blocks[1].source == "print(1)\n```")
    let options = notebook.blocks.map(\.options)
    #expect(options[0].tolerance == 1e-6 && options[0].varies == ["s/run", "time:"])
    #expect(options[1].expectation == .failure && options[1].budget == 120)
    #expect(options[2].skip == "needs a cluster")
    #expect(notebook.links == [Notebook.Link(line: 14, target: "sample/figure.svg")])
    #expect(notebook.figures.map(\.path) == ["sample/figure.svg"])
    #expect(
      notebook.blocks[0].quickScript == "# train\n"
        + "research depth --data mnist --out a --steps 20 --depths 2,4 --quick")
  }

  @Test("mistakes are named by file, line and remedy")
  func mistakes() {
    func problem(_ text: String) -> String {
      do throws(Problem) {
        _ = try Notebook(text, path: "n.md")
        return ""
      } catch {
        return error.description
      }
    }
    #expect(
      problem("a\n\n```sh\nls\n")
        == "n.md: line 3: this block is not closed; close it with a line of ```")
    #expect(
      problem("```sh tolerence=1\n```")
        == "n.md: line 1: a block has no option \"tolerence\"; did you mean tolerance?")
    for (options, part) in [
      ("tolerance=-1", "write tolerance=1e-6"), ("tolerance", "tolerance has no value"),
      ("budget=20", "write budget=20s, 2m or 1h"), ("budget=0s", "is not a time"),
      ("expect=error", "write expect=failure or expect=kink"),
      ("varies=\"a b", "closing quotation mark"),
    ] {
      #expect(problem("\n```sh \(options)\n```").contains(part), "\(options)")
      #expect(problem("\n```sh \(options)\n```").hasPrefix("n.md: line 2: "), "\(options)")
    }
    // Other languages have options of their own.
    #expect(problem("```json wide=1\n```") == "")
  }

  @Test("new outputs take the place of old ones, and all else stays")
  func rewriting() throws {
    let notebook = try Notebook(sample + "\n", path: "a/sample.md")
    let stamp = Stamp(blocks: "0a", sources: "1b", toolchain: "6.3.1")
    // The blocks but the first have no output; of three, one gets one, with a fence in it.
    let text = notebook.text(outputs: [0: "three", 1: "```\nx"], stamp: stamp.description)
    let read = try Notebook(text, path: "a/sample.md")
    #expect(read.blocks.map { $0.output?.text } == ["three", "```\nx", nil])
    #expect(read.blocks.map(\.source) == notebook.blocks.map(\.source))
    #expect(read.stamp == stamp)
    #expect(text.contains("three\n```\n\n![A figure]") && text.contains("````output\n```\nx\n````"))
    // Back again: what was written is taken out, and only the stamp is left.
    let back = read.text(outputs: [0: "one\n\n  two", 1: nil], stamp: stamp.description)
    #expect(back == sample + "\n\n" + stamp.description + "\n")
  }

  @Test("rewriting is read back", arguments: Trial.several(50))
  func rewritingOfDraws(trial: Trial) throws {
    let key = trial.key
    var lines: [String] = []
    for part in 0..<key["parts"].integer(in: 1...8) {
      let key = key["part"][part]
      let fence = key["fence"].choice(of: ["```", "````", "~~~"])
      switch key["kind"].integer(in: 0...3) {
      case 0: lines += ["prose \(part)", ""]
      case 1: lines += ["\(fence)text", "a diagram", fence]
      default:
        lines += [
          fence + key["language"].choice(of: ["sh", "python", "swift"]), "line \(part)", fence,
        ]
        if key["output"].coin { lines += ["", "```output", "old \(part)", "```"] }
      }
    }
    let notebook = try Notebook(lines.joined(separator: "\n"), path: "n.md")
    var outputs: [Int: String?] = [:]
    for index in notebook.blocks.indices where key["new"][index].coin {
      outputs[index] = .some(key["none"][index].coin ? nil : "new\n```` \(index)")
    }
    let read = try Notebook(notebook.text(outputs: outputs, stamp: "s"), path: "n.md")
    #expect(read.blocks.map(\.source) == notebook.blocks.map(\.source), trial.comment)
    for (index, block) in notebook.blocks.enumerated() {
      let expected = outputs[index] ?? block.output?.text
      #expect((read.blocks[index].output?.text ?? "") == (expected ?? ""), trial.comment)
    }
  }

  @Test("what a notebook uses is known")
  func uses() throws {
    let notebook = try Notebook(
      """
      ```swift
      import Plumbline
      import struct Foundation.URL
      ```
      ```sh
      cd a; research list | cat
      ```
      ```sh skip
      plumb bench
      ```
      """, path: "n.md")
    #expect(notebook.imports == ["Plumbline", "Foundation"])
    #expect(notebook.programs == ["research"])
  }
}
