import Console
import Findings
import Foundation

extension NotebookRun {
  /// Writes what the blocks print now into the notebook, with its figures and the stamp. Whatever agrees stays as it is.
  ///
  /// - Returns: Whether anything but the stamp has changed.
  /// - Throws: ``Problem`` if a file cannot be written, a block has failed, or one was not run: its output would belong to other
  ///   code.
  public func promote(toolchain: String) throws(Problem) -> Bool {
    let path = notebook.path
    if let failure {
      throw Problem(
        subject: path, location: "line \(failure.line)", problem: failure.text,
        remedy: "fix the block; the notebook is left as it is")
    }
    if let first = skipped.first {
      throw Problem(
        subject: path, location: "line \(first.line)", problem: first.reason,
        remedy: "the notebook is left as it is, since not all of it can be run here")
    }
    var outputs: [Int: String?] = [:]
    var hasChanged = false
    for result in results {
      let block = notebook.blocks[result.index]
      guard case .printed(let new) = result.outcome else { continue }
      for (name, data) in result.figures {
        let file = FilePaths.joined(notebook.folder, name)
        let old = RegularFile.contents(file)
        if let old,
          OutputComparison(
            old: String(decoding: old, as: UTF8.self), new: String(decoding: data, as: UTF8.self),
            options: block.options
          ).differences.isEmpty
        {
          continue
        }
        try? FileManager.default.createDirectory(
          atPath: FilePaths.folder(of: file), withIntermediateDirectories: true)
        try AtomicFile.write(data, to: file)
        hasChanged = true
      }
      let comparison = OutputComparison(
        old: block.output?.text ?? "", new: new, options: block.options)
      if !comparison.differences.isEmpty || (new.isEmpty && block.output != nil) {
        outputs[result.index] = .some(new.isEmpty ? nil : new)
        hasChanged = true
      }
    }
    // The stamp is that of the file as it will be.
    let draft = try Notebook(notebook.text(outputs: outputs, stamp: ""), path: path)
    let stamp = Stamp(blocks: draft.digest, sources: sources, toolchain: toolchain)
    let text = notebook.text(outputs: outputs, stamp: stamp.description)
    if text != notebook.lines.joined(separator: "\n") { try AtomicFile.write(text, to: path) }
    return hasChanged
  }
}
