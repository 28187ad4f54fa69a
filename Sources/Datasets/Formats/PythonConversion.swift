import Console

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

  /// A remedy for a file: its path for FILE, and for the file that the line writes a name that is free.
  static func remedy(_ remedy: String, for path: String) -> String {
    var text = remedy
    for name in ["data.csv", "data.npz"] where text.contains(name) {
      text = text.replacing(name, with: FilePaths.unused(name))
    }
    return text.replacing("FILE", with: FilePaths.quoted(path))
  }
}
