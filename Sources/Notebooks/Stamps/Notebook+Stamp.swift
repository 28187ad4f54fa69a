import Console
import Datasets
import Foundation

extension Notebook {
  /// The modules that its Swift blocks import.
  public var imports: Set<String> {
    Set(
      blocks.filter { $0.language == .swift && $0.options.skip == nil }.flatMap { block in
        block.source.matches(
          of:
            /(?m)^\s*(?:@testable\s+)?import\s+(?:(?:struct|class|enum|func|protocol|typealias)\s+)?(\w+)/
        ).map { String($0.1) }
      })
  }

  /// The programs of the package that its other blocks call, including `plumb` for the Python module.
  public var programs: Set<String> {
    var programs: Set<String> = []
    for block in blocks where block.options.skip == nil {
      switch block.language {
      case .shell:
        for word in block.source.split(whereSeparator: { " \n|;&$()".contains($0) })
        where word == "plumb" || word == "research" { programs.insert(String(word)) }
      case .python: if block.source.contains("plumbline") { programs.insert("plumb") }
      case .swift: break
      }
    }
    return programs
  }

  /// The figures that its blocks make, as paths from its folder, each with its block.
  public var figures: [(path: String, block: Int)] {
    blocks.indices.flatMap { index in
      blocks[index].options.figures.map { (location(ofFigure: $0), index) }
    }
  }

  /// Where a figure is kept, as a path from the notebook's folder: at the path at which the notebook shows a picture of that name,
  /// or else in the folder with the notebook's name.
  func location(ofFigure path: String) -> String {
    func name(_ path: String) -> Substring { path.split(separator: "/").last ?? "" }
    return links.map(\.target).first { name($0) == name(path) } ?? "\(self.name)/\(name(path))"
  }

  /// The digest of its blocks with options and outputs, and of its figures as they are.
  public var digest: String {
    var hash = ContentHash()
    for block in blocks {
      hash.combine(lines[block.line - 1])
      hash.combine(block.source)
      hash.combine(block.output?.text ?? "")
    }
    for figure in figures {
      hash.combine(figure.path)
      hash.combine(RegularFile.contents(FilePaths.joined(folder, figure.path)) ?? Data())
    }
    return hash.hexadecimal
  }

  /// The digest of the sources that it uses.
  public func sources(in package: PackageSources) -> String {
    package.digest(of: imports.union(programs))
  }
}

/// The compiler on the path.
public enum Toolchain {
  /// Its version, such as 6.3.1; `nil` if there is none.
  public static var version: String? {
    let text = CommandOutput.of(["swift", "--version"], within: 60) ?? ""
    return text.firstMatch(of: /Swift version (\S+)/).map { String($0.1) }
  }
}
