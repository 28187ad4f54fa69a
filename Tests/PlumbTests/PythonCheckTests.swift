import Foundation
import TestSupport
import Testing

@Suite("plumbline.check of plumb python")
struct PythonCheckTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func python(_ program: String) throws -> String {
    try PythonRun.output(
      of: """
        import numpy as np
        def check(*q, **k): return plumbline.check(*q, show=False, **k)
        def verdict(f, w, g, **k): return check(f, np.array(w, float), np.array(g, float), **k).verdict
        """ + "\n" + program, in: folder)
  }

  @Test("right, wrong, meant to differ, and put back as it was", PythonRun.needs("numpy"))
  func verdicts() throws {
    let output = try python(
      """
      w = dict(a=np.array([.3, -1.2, 2.]), b=np.array([0.5]))
      def cost(p): return float(np.sum(np.tanh(p["a"])) * p["b"][0] + np.abs(p["a"]).sum())
      g = dict(a=(1 - np.tanh(w["a"]) ** 2) * .5 + np.sign(w["a"]), b=np.array([np.tanh(w["a"]).sum()]))
      wrong = dict(g, a=g["a"] * [1, 1, 1.01])
      print(check(cost, w, g).verdict, w["a"], check(cost, w, wrong).verdict)
      meant = check(cost, w, wrong, surrogate="a")
      print(meant.verdict, "intended to differ" in meant.text, "SURROGATE" in meant.text)
      print(verdict(lambda p: (p ** 2).sum(), [1.], [np.nan]))
      """)
    #expect(output == "pass [ 0.3 -1.2  2. ] fail\npass True True\nfail\n")
  }

  @Test("the step suits the precision of parameters and of the cost", PythonRun.needs("numpy"))
  func precisions() throws {
    let output = try python(
      """
      r = np.random.default_rng(2)
      for kind, wrong in ((np.float64, 1.00001), (np.float32, 1.02), (np.float16, 1.4)):
          x, w = r.normal(size=(9, 3)).astype(kind), r.normal(size=(3, 2)).astype(kind)
          cost = lambda p: np.mean(np.tanh(x @ p))
          g = x.T.astype(float) @ (1 - np.tanh(x.astype(float) @ w) ** 2) / 18
          print(check(cost, w, g).verdict, check(cost, w, g * wrong).verdict, end=" ")
          # The cost alone is coarse.
          print(check(lambda p: kind(cost(p)), w.astype(float), g).verdict)
      hidden = check(lambda p: 1e12 + (p ** 2).sum(), np.array([1e-3]), np.array([5.]))
      print(hidden.verdict, "hides its slopes" in hidden.text)
      """)
    #expect(
      output == "pass fail pass\npass fail pass\npass fail pass\nundecided True\n")
  }

  @Test("kinks and ties are told by the slopes on both sides", PythonRun.needs("numpy"))
  func kinks() throws {
    let output = try python(
      """
      relu = lambda p: np.maximum(p, 0).sum()
      print(*[verdict(relu, [0.], [v]) for v in (0, .5, 1, -.1, 1.2)])
      print(verdict(relu, [1e-6, -1e-5, 3e-5], [1, 0, 1]), verdict(relu, [1e-6, -1e-5, 3e-5], [1, 0, 2]))
      print(*[verdict(lambda p: p.max(), [1, 1, .5], g) for g in ([1, 0, 0], [.5, .5, 0], [.5, .5, .2])])
      """)
    #expect(output == "kink kink kink fail fail\nkink fail\nkink kink fail\n")
  }

  @Test(
    "at the edge of a domain one side counts, and a root has no slope at 0",
    PythonRun.needs("numpy"))
  func domains() throws {
    let output = try python(
      """
      root = lambda p: np.sqrt(p).sum()
      power = lambda p: (p ** 1.5).sum()
      entropy = lambda p: np.where(p == 0, 0, p * np.log(p)).sum()
      log = lambda p: np.log(p).sum()
      print(verdict(power, [0, 4], [0, 3]), verdict(power, [0, 4], [.1, 3]))
      print(verdict(root, [0, 4], [np.inf, .25]), verdict(root, [0, 4], [0, .25]))
      print(verdict(entropy, [0, 4], [-np.inf, 1 + np.log(4)]))
      print(verdict(log, [1e-6, 4], [1e6, .25]), verdict(log, [1e-6, 4], [1.1e6, .25]), verdict(log, [0, 4], [1, .25]))
      """)
    #expect(
      output == "pass fail\npass fail\npass\npass fail undecided\n")
  }

  @Test("randomness is not an error, and zero against zero no comparison", PythonRun.needs("numpy"))
  func undecided() throws {
    let output = try python(
      """
      random = check(lambda p: np.random.random(), np.zeros(2), np.zeros(2))
      print(random.verdict, "called twice" in random.text, random["exit_status"])
      zero = check(lambda p: 0 * p.sum(), np.ones(2), np.zeros(2))
      print(zero.verdict, "NOT CHECKED" in zero.text, "as a function" in zero.text)
      """)
    #expect(output == "undecided True 2\nundecided True True\n")
  }

  @Test(
    "a gradient function is asked again where parameters are moved off zero",
    PythonRun.needs("numpy"))
  func offZero() throws {
    let output = try python(
      """
      p = dict(w=np.array([1., -2.], np.float32), scale=0)
      cost = lambda p: float(p["scale"] * np.tanh(p["w"]).sum() + p["w"].sum())
      def gradient(factor):
          return lambda p: dict(w=1 + factor * p["scale"] * (1 - np.tanh(p["w"]) ** 2), scale=np.tanh(p["w"]).sum())
      print(check(cost, p, gradient(3)).verdict)  # the gradient of w is 1 here, which compares what is outside the branch alone
      branch = lambda p: cost(p) - float(p["w"].sum())
      inner = lambda factor: lambda p: dict(gradient(factor)(p), w=gradient(factor)(p)["w"] - 1)
      for factor in (1, 3):
          found = check(branch, p, inner(factor))
          print(found.verdict, "moved off zero" in found.text, [i["is_moved"] for i in found["items"]], p)
      print(check(lambda x: x ** 3, 0.0, lambda x: 3 * x ** 2).verdict, check(lambda x: x ** 3, 0.0, lambda x: x ** 2).verdict)
      flat = check(lambda x: 0 * x, 1.0, lambda x: 0.0)
      print(flat.verdict, "here and nearby" in flat.text)
      """)
    #expect(
      output == """
        pass
        pass True [True, False] {'w': array([ 1., -2.], dtype=float32), 'scale': 0}
        fail True [True, False] {'w': array([ 1., -2.], dtype=float32), 'scale': 0}
        pass fail
        undecided True

        """)
  }

  @Test("takes parameters and gradients as people have them", PythonRun.needs("numpy"))
  func forms() throws {
    let output = try python(
      """
      square = lambda p: (np.asarray(p) ** 2).sum()
      a = np.array([1., 2.])
      print(check(lambda x: x ** 2, 3, 6).verdict, check(square, [1., 2.], [2., 4.]).verdict, check(square, [1., 2.], [2., 5.]).verdict)
      print(check(square, a, [2., 4.]).verdict, check(square, a, lambda p: 2 * p).verdict, check(lambda p: (square(p), p), a, 2 * a).verdict)
      print(check(lambda p: square(p["W"]), dict(W=a), dict(dW=2 * a)).verdict)
      print(check(lambda p: square(p[0][0]) + p[0][1].sum(), [(a, a + 1)], [(2 * a, np.ones(2))], limit=None).verdict)
      for wrong in (
          lambda: check(square, np.array([1, 2]), a), lambda: check(lambda p: p, a, a), lambda: check(lambda p: None, a, a),
          lambda: check(square, dict(a=a), dict(b=a, c=a)), lambda: check(square, a, np.ones(3)), lambda: check(a, square, a),
          lambda: check(square, a, a, surrogate=["q"]), lambda: check(square, {}, {})):
          try: wrong()
          except (TypeError, ValueError) as error: print(str(error)[:60])
      """)
    #expect(
      output == """
        pass pass fail
        pass pass pass
        pass
        pass
        parameter is of type int64, which cannot be moved by a small
        the function returned an array of shape (2,), but a check ne
        the function returned NoneType, but a check needs the cost: 
        the gradient of a is missing; there is b, c
        parameter has shape (2,), but its gradient (3,)
        the first argument is the function that returns the cost: ch
        surrogate: there is no parameter q, only parameter
        there are no parameters: give a number, an array, or a list 

        """)
  }
}
