import Foundation
import TestSupport
import Testing

@Suite("plumb python")
struct PythonCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Whether Python is there with a module.
  private static func has(_ module: String) -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "-c", "import \(module)"]
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return false }
    process.waitUntilExit()
    return process.terminationStatus == 0
  }

  /// Runs a Python program next to the module.
  private func python(_ program: String) throws -> String {
    let written = try PlumbProcess.run(["python"], in: folder)
    #expect(written.status == 0, "\(written.error)")
    let plumb = try CommandProcess.executable(named: "plumb").path
    try folder.write(
      Array("import plumbline\nplumbline.program = '\(plumb)'\n\(program)".utf8), as: "program.py")
    let outcome = try CommandProcess.start(
      program: URL(fileURLWithPath: "/usr/bin/env"), ["python3", "program.py"], in: folder.path
    ).outcome()
    #expect(outcome.status == 0, "\(outcome.error)")
    return outcome.output
  }

  @Test("writes the module, and no other file over")
  func writing() throws {
    #expect(try PlumbProcess.run(["python"], in: folder).status == 0)
    #expect(try PlumbProcess.run(["python"], in: folder).status == 0)
    try folder.write(Array("x = 1\n".utf8), as: "mine.py")
    let outcome = try PlumbProcess.run(["python", "--out", "mine.py"], in: folder)
    #expect(outcome.status == 2 && outcome.error.contains("another file"))
  }

  @Test(
    "audits what stands in locals(), lists and dictionaries included", .enabled(if: has("numpy")))
  func audit() throws {
    let output = try python(
      """
      import numpy as np
      r = np.random.default_rng(1)
      X, Y = r.normal(size=(7, 3)), np.eye(2)[r.integers(0, 2, 7)]
      params = dict(W1=r.normal(size=(3, 4)), b1=np.zeros(4), W2=r.normal(size=(4, 2)), b2=np.zeros(2))
      def step(prime):
          h = np.tanh(X @ params["W1"] + params["b1"]); z = h @ params["W2"] + params["b2"]
          p = np.exp(z) / np.exp(z).sum(1, keepdims=True); cost = -np.log(p[Y == 1]).mean()
          d = (p - Y) / 7; e = (d @ params["W2"].T) * (1 - h * h if prime else 1)
          grads = dict(dW1=X.T @ e, db1=e.sum(0), dW2=h.T @ d, db2=d.sum(0))
          return plumbline.audit(params, grads, dict(A1=h), X=X, Y=Y, cost=cost, show=False)
      print(step(True).verdict, step(False).verdict)
      weights = [params["W1"], params["W2"]]
      print(sorted(plumbline._flat(dict(W=weights))))
      """)
    #expect(output == "pass fail\n['W1', 'W2']\n")
  }

  @Test(
    "checks any function: right, wrong, at a kink, random, meant to differ",
    .enabled(if: has("numpy")))
  func check() throws {
    let output = try python(
      """
      import numpy as np
      w = dict(a=np.array([.3, -1.2, 2.]), b=np.array([0.5]))
      def cost(p): return float(np.sum(np.tanh(p["a"])) * p["b"][0] + np.abs(p["a"]).sum())
      g = dict(a=(1 - np.tanh(w["a"]) ** 2) * .5 + np.sign(w["a"]), b=np.array([np.tanh(w["a"]).sum()]))
      run = lambda **q: plumbline.check(cost, w, q.pop("g", g), show=False, **q)
      print(run().verdict, w["a"][0])
      wrong = dict(g, a=g["a"] * [1, 1, 1.01])
      print(run(g=wrong).verdict, run(g=wrong, surrogate=["a"]).verdict)
      z = dict(a=np.zeros(2))
      kink = lambda v: plumbline.check(lambda p: float(np.maximum(p["a"], 0).sum()), z, dict(a=np.full(2, v)), show=False)
      print(kink(0.).verdict, kink(1.).verdict, kink(1.5).verdict)
      print(plumbline.check(lambda p: np.random.random(), z, z, show=False).verdict)
      f = dict(a=np.array([.7, -.4], np.float32))
      print(plumbline.check(lambda p: np.float32(np.sum(np.sin(p["a"]))), f, dict(a=np.cos(f["a"])), show=False).verdict)
      root = dict(a=np.array([0., 4.]))
      """)
    #expect(output == "pass 0.3\nfail pass\nkink kink fail\nundecided\npass\n")
  }

  @Test("a program that is missing is told with what to do", .enabled(if: has("numpy")))
  func missing() throws {
    let output = try python(
      """
      plumbline.program = "/nowhere/plumb"
      try:
          plumbline.audit(dict(X=[1.0]), W=1.0)
      except RuntimeError as error:
          print(error)
      """)
    #expect(output.contains("/nowhere/plumb") && output.contains("swift build"))
  }
}
