import Console
import Foundation

/// Lines for a shell that make readable files from others by Python. None of them writes over a file that is there already.
enum PythonConversion {
  /// A line that takes a path for FILE: that of what is converted. The script contains no single quote.
  static func line(_ modules: String, _ script: String) -> String {
    "python3 -c 'import sys, \(modules); \(script)' FILE"
  }

  /// The line that saves the arrays of an object as NPZ and lists them with their shapes, however they are nested: in dictionaries,
  /// groups, lists, tuples, structures, sets of tensors, models.
  ///
  /// An array is named by the last of the keys that lead to it, or by as many of them as tell all arrays apart.
  ///
  /// - Parameter reading: What gives the object for the path `sys.argv[1]`.
  static func arrays(_ modules: String, _ reading: String) -> String {
    line(
      modules.isEmpty ? "numpy as np" : modules + ", numpy as np", "d = \(reading); " + gathering)
  }

  private static let gathering =
    #"t = lambda k: k.decode() if isinstance(k, bytes) else str(k); "#
    // The shape of what has one, and the length of what has several parts.
    + #"z = lambda e: getattr(e, "shape", None) or ((len(e),) if hasattr(e, "__len__") and not isinstance(e, (str, bytes)) else ()); "#
    // The parts of what is not an array itself.
    + #"c = lambda v: v.items() if hasattr(v, "items") and not hasattr(v, "to_csv") else enumerate(v.tensors) if hasattr(v, "tensors") "#
    + #"else v.state_dict().items() if hasattr(v, "state_dict") else enumerate(v) if isinstance(v, (list, tuple)) and any(map(z, v)) "#
    + #"and (isinstance(v, tuple) or len(set(map(z, v))) > 1) else None; "#
    + #"p = lambda v: v.detach().cpu() if hasattr(v, "detach") else v.toarray() if hasattr(v, "toarray") else v; "#
    + #"s = [((), d)]; a = {}; "#
    + #"[s.extend((n + (t(k),), e) for k, e in c(v)) if c(v) is not None else a.update({n: np.asarray(p(v))}) for n, v in s]; "#
    + #"a = {n: v.astype(str) if v.dtype == object else v for n, v in a.items() if v.ndim}; "#
    + #"u = next((i for i in range(1, 9) if len({n[-i:] for n in a}) == len(a)), 9); "#
    + #"a = {"_".join(n[-u:]) or "X": v for n, v in a.items()}; "#
    + #"np.savez("data.npz", **a); print({n: v.shape for n, v in a.items()})"#

  /// A remedy for a file: its path for FILE, and for the file that the line writes a name that is free; the packages that it needs;
  /// before it, what unpacks the file if it is packed.
  static func remedy(_ remedy: String, for path: String) -> String {
    var text = tellingPackages(remedy)
    for name in ["data.csv", "data.npz"] where text.contains(name) {
      text = text.replacing(name, with: FilePaths.unused(name))
    }
    let beginning = "python3 -c"
    if text.contains("FILE"), let start = text.firstRange(of: beginning),
      let unpacking = TextAccess(path).unpacking
    {
      text.replaceSubrange(start, with: "\(unpacking.line) && \(beginning)")
      return text.replacing("FILE", with: FilePaths.quoted(unpacking.name))
    }
    return text.replacing("FILE", with: FilePaths.quoted(path))
  }

  /// The packages that modules are in, with their names in words.
  private static let packages: [String: (name: String, package: String)] = [
    "numpy as np": ("NumPy", "numpy"), "pandas": ("pandas", "pandas"),
    "torch": ("PyTorch", "torch"),
    "h5py": ("h5py", "h5py"), "scipy.io": ("SciPy", "scipy"),
    "scipy.sparse": ("SciPy", "scipy"), "joblib": ("joblib", "joblib"),
  ]
  /// What a program contains, and the package that it needs for that besides those that it imports first.
  private static let furtherPackages: [(mark: String, name: String, package: String)] = [
    ("from PIL import", "Pillow", "pillow"), ("read_excel", "xlrd", "xlrd"),
    ("read_parquet", "PyArrow", "pyarrow"), ("read_feather", "PyArrow", "pyarrow"),
    ("read_html", "lxml", "lxml"), ("read_xml", "lxml", "lxml"),
    ("read_spss", "pyreadstat", "pyreadstat"),
  ]

  /// A remedy that says before the line of Python which packages the line needs, and how they are installed.
  static func tellingPackages(_ remedy: String) -> String {
    let beginning = ": python3 -c 'import sys, "
    guard let start = remedy.firstRange(of: beginning) else { return remedy }
    let program = remedy[start.upperBound...]
    var needed = program.prefix { $0 != ";" }.components(separatedBy: ", ").compactMap {
      packages[$0]
    }
    for (mark, name, package) in furtherPackages where program.contains(mark) {
      needed.append((name, package))
    }
    guard let last = needed.last else { return remedy }
    let others = needed.dropLast().map(\.name).joined(separator: ", ")
    let names = others.isEmpty ? last.name : "\(others) and \(last.name)"
    var text = remedy
    text.insert(
      contentsOf:
        " (this needs \(names): pip install \(needed.map(\.package).joined(separator: " ")))",
      at: start.lowerBound)
    return text
  }
}
