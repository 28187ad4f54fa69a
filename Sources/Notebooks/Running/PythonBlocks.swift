import Foundation

/// The program that runs the Python blocks of a notebook in one interpreter: it reads the number of a block, runs it, and reports
/// that it is done. Errors are reported with the notebook's own lines.
enum PythonBlocks {
  /// The interpreter: `$PLUMB_PYTHON`, or the `python3` on the path.
  static var interpreter: String {
    ProcessInfo.processInfo.environment["PLUMB_PYTHON"] ?? "python3"
  }

  /// What it reads: the blocks, with the notebook's path and lines.
  struct Request: Encodable {
    struct Block: Encodable {
      let line: Int
      let source: String
      let isExpectedToFail: Bool
    }
    let path: String
    let lines: [String]
    let blocks: [Block]
  }

  /// The mark before the reason on standard error if a block needs a package that is missing.
  static let missingMark = "plumb: missing: "

  static let program = """
    import importlib.util, json, linecache, sys, traceback

    request = json.load(open(sys.argv[1], encoding="utf-8"))
    sys.path.insert(0, "")
    path = request["path"]
    linecache.cache[path] = (1, None, [line + "\\n" for line in request["lines"]], path)
    names = {"__name__": "__main__"}

    def missing(tree):
        import ast
        wanted = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                wanted += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                wanted.append(node.module)
        roots = dict.fromkeys(name.split(".")[0] for name in wanted)
        importlib.invalidate_caches()
        return [name for name in roots if name not in sys.modules and importlib.util.find_spec(name) is None]

    for word in sys.stdin:
        block = request["blocks"][int(word)]
        is_done = False
        try:
            import ast
            tree = ast.parse(block["source"], path)
            lacking = missing(tree)
            if lacking:
                print("\(missingMark)" + ", ".join(lacking), file=sys.stderr)
            else:
                ast.increment_lineno(tree, block["line"])
                exec(compile(tree, path, "exec"), names)
                is_done = True
        except SyntaxError as error:
            if error.filename == path and error.lineno and is_done is False and error.text is not None:
                error.lineno += block["line"]
            print(f'  File "{error.filename}", line {error.lineno}\\nSyntaxError: {error.msg}', file=sys.stderr)
        except BaseException as error:
            # Lines move when outputs are written, so what a notebook shows names none.
            trace = None if block["isExpectedToFail"] else error.__traceback__
            # Without the frame of this program.
            while trace and trace.tb_frame.f_code.co_filename == __file__:
                trace = trace.tb_next
            traceback.print_exception(type(error), error, trace)
        sys.stderr.flush()
        sys.stdout.write("\\x1eplumb: block " + ("done" if is_done else "failed") + "\\x1e\\n")
        sys.stdout.flush()
    """
}
