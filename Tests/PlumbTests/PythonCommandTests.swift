import Foundation
import TestSupport
import Testing

@Suite("plumb python")
struct PythonCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func python(_ program: String) throws -> String {
    try PythonRun.output(of: program, in: folder)
  }

  /// A network of two layers and its step, right or with a derivative forgotten, as attributes of an object.
  private static let network = """
    import numpy as np
    r = np.random.default_rng(1)
    X, Y = r.normal(size=(7, 3)), np.eye(2)[r.integers(0, 2, 7)]
    class Net:
        def __init__(self, kind=float):
            self.W1, self.b1 = r.normal(size=(3, 4)).astype(kind), np.full(4, .1, kind)
            self.W2, self.b2 = r.normal(size=(4, 2)).astype(kind), np.zeros(2, kind)
        def step(self, prime=True, show=False):
            import math
            h = np.tanh(X @ self.W1 + self.b1); z = h @ self.W2 + self.b2
            p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
            cost = -np.log(p[Y == 1]).mean()
            d = (p - Y) / 7; e = (d @ self.W2.T) * (1 - h * h if prime else 1)
            self.grads = dict(W1=X.T @ e, b1=e.sum(0), W2=h.T @ d, b2=d.sum(0))
            self.cost = cost
            return plumbline.audit(locals(), X=X, Y=Y, show=show)
        def params(self):
            return dict(W1=self.W1, b1=self.b1, W2=self.W2, b2=self.b2)
    net = Net()
    """

  @Test("writes the module, and no other file over")
  func writing() throws {
    #expect(try PlumbProcess.run(["python"], in: folder).status == 0)
    #expect(try PlumbProcess.run(["python"], in: folder).status == 0)
    try folder.write(Array("x = 1\n".utf8), as: "mine.py")
    let outcome = try PlumbProcess.run(["python", "--out", "mine.py"], in: folder)
    #expect(outcome.status == 2 && outcome.error.contains("another file"))
  }

  @Test(
    "audits locals() with an object, modules and functions in it, in three precisions",
    PythonRun.needs("numpy"))
  func auditOfLocals() throws {
    let output = try python(
      Self.network + """

        for kind in (np.float64, np.float32, np.float16):
            print(Net(kind).step().verdict, Net(kind).step(False).verdict)
        wrong = net.step(False)
        print(wrong["first_divergence"]["quantity"], wrong["exit_status"])
        shown = net.step(show=True)
        print(repr(shown), str(shown).startswith("network 3,4,2"))
        """)
    let lines = output.split(separator: "\n")
    #expect(lines.prefix(4) == ["pass fail", "pass fail", "pass fail", "dZ1 1"])
    // What was printed is not repeated at the prompt.
    #expect(output.contains("dW1") && lines.last == "<plumbline: pass> True")
  }

  @Test(
    "audits parameters as people keep them: dictionaries, lists, tuples, layers, an object",
    PythonRun.needs("numpy"))
  func auditOfContainers() throws {
    let output = try python(
      Self.network + """

        net.step(False)
        P, G, rest = net.params(), net.grads, dict(X=X, Y=Y, cost=net.cost)
        class Layer: pass
        layers = [Layer(), Layer()]
        for i, layer in enumerate(layers, 1):
            layer.W, layer.b, layer.dW, layer.db = P[f"W{i}"], P[f"b{i}"], G[f"W{i}"], G[f"b{i}"]
        pairs = lambda q: [(q["W1"], q["b1"]), (q["W2"], q["b2"])]
        by_number = lambda q, letter: {1: q[letter + "1"], 2: q[letter + "2"]}
        for groups in (
            (P, G), (P, {"d" + q: v for q, v in G.items()}), (dict(params=P, grads=G),), (dict(layers=layers),),
            (dict(layers=pairs(P), grads=pairs(G)),),
            (dict(weights=[P["W1"], P["W2"]], biases=[P["b1"], P["b2"]], nabla_w=[G["W1"], G["W2"]], nabla_b=[G["b1"], G["b2"]]),),
            (dict(W=by_number(P, "W"), b=by_number(P, "b"), dW=by_number(G, "W"), db=by_number(G, "b")),)):
            print(plumbline.audit(*groups, show=False, **rest).verdict, end=" ")
        net.X, net.Y = X, Y
        print(plumbline.audit(vars(net), show=False).verdict, plumbline.audit(net, show=False).verdict)
        plumbline.save("xor.npz", X=[[0, 0], [0, 1], [1, 0], [1, 1]], y=[0, 1, 1, 0], file=X)
        print({q: v.shape for q, v in np.load("xor.npz").items()})
        print(plumbline.audit("xor.npz", show=False)["exit_status"])
        for wrong in ((), ({},), (np,), (X,)):
            try: plumbline.audit(*wrong, show=False)
            except ValueError as error: print("holds no arrays" in str(error) or "no arrays to save" in str(error))
        """)
    #expect(
      output == String(repeating: "fail ", count: 8) + """
        fail
        {'X': (4, 2), 'y': (4,), 'file_': (7, 3)}
        2
        True
        True
        True
        True

        """)
  }

  @Test("reads frames, and gives a sweep as one", PythonRun.needs("numpy", "pandas"))
  func frames() throws {
    try folder.write(
      Array(
        "{\"arm\": \"plain\", \"depth\": 2, \"train_loss\": 0.5}\n{\"arm\": \"residual\", \"depth\": 4, \"train_loss\": 0.25}\n"
          .utf8), as: "runs.jsonl")
    try folder.write(Array("<svg></svg>".utf8), as: "figure.svg")
    let output = try python(
      Self.network + """

        import pandas
        frame = plumbline.runs(".")
        print(list(frame.columns), frame.train_loss.mean(), frame.set_index("arm").loc["residual", "depth"])
        print(plumbline.figure(".")._repr_svg_())
        for missing in (plumbline.runs, plumbline.figure):
            try: missing("elsewhere")
            except FileNotFoundError as error: print("research" in str(error))
        net.step()
        print(plumbline.audit(net.params(), net.grads, X=pandas.DataFrame(X), Y=pandas.DataFrame(Y), cost=net.cost, show=False).verdict)
        """)
    #expect(
      output
        == "['arm', 'depth', 'train_loss'] 0.375 4\n<svg></svg>\nTrue\nTrue\npass\n")
  }

  @Test(
    "saves a step of a PyTorch model, and finds the wrong backward of a function of one's own",
    PythonRun.needs("numpy", "torch"))
  func torch() throws {
    let output = try python(
      """
      import numpy as np, torch
      from torch import nn
      torch.manual_seed(1)
      class Square(torch.autograd.Function):
          @staticmethod
          def forward(context, x): context.save_for_backward(x); return x.tanh()
          @staticmethod
          def backward(context, g): return g * (1 - context.saved_tensors[0] ** 2)  # of x, where tanh(x) belongs
      class Wrong(nn.Module):
          def forward(self, x): return Square.apply(x)
      X, y = torch.randn(9, 4), torch.tensor([0, 1, 2, 0, 1, 2, 0, 1, 2])
      for function in (nn.Tanh(), nn.ReLU(inplace=True), Wrong(), nn.Sequential(nn.ReLU(), nn.Dropout(.4))):
          model = nn.Sequential(nn.Linear(4, 6), function, nn.Linear(6, 3))
          result = plumbline.audit(plumbline.save_torch(model, nn.functional.cross_entropy, X, y), show=False)
          print(result.verdict, (result["first_divergence"] or {}).get("quantity"), model[0].weight.grad)
      w = nn.Parameter(torch.tensor([1., 2.]))
      print(plumbline.check(lambda w: (w ** 3).sum(), w, torch.tensor([3., 12.]), show=False).verdict, w.tolist())
      try: plumbline.save_torch(model, nn.CrossEntropyLoss(reduction="none"), X, y)
      except ValueError as error: print("one number" in str(error))
      """)
    #expect(
      output
        == "pass None None\npass None None\nfail dZ1 None\npass None None\npass [1.0, 2.0]\nTrue\n")
  }

  @Test(
    "a notebook's kernel shows the report of a cell",
    PythonRun.needs("numpy", "ipykernel", "jupyter_client"))
  func notebook() throws {
    let cell = Self.network + "\nnet.step(False, show=True)"
    let output = try python(
      """
      import sys
      from jupyter_client import KernelManager
      cell = '''import plumbline
      \(cell)'''
      manager = KernelManager(kernel_name="python3")
      manager.kernel_spec.argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
      manager.start_kernel()
      client = manager.client()
      client.start_channels()
      client.wait_for_ready(timeout=60)
      kinds = []
      def hook(message):
          kind, content = message["msg_type"], message["content"]
          if kind == "stream": kinds.append("printed")
          if kind == "execute_result":
              html = content["data"]["text/html"]
              kinds.append((html.startswith("<pre>network 3,4,2"), "missing-activation-derivative" in html, "text/plain" in content["data"]))
          if kind == "error": kinds.append(content["evalue"])
      client.execute_interactive(cell, output_hook=hook, timeout=60)
      print(kinds)
      client.stop_channels()
      manager.shutdown_kernel(now=True)
      """)
    #expect(output == "[(True, True, True)]\n")
  }

  @Test("a program that is missing is told with what to do", PythonRun.needs("numpy"))
  func missing() throws {
    let output = try python(
      """
      plumbline.program = "/nowhere/plumb"
      for call in (lambda: plumbline.audit(dict(X=[1.0]), W=1.0), lambda: plumbline.check(lambda x: x, 1.0, 1.0)):
          try: call()
          except RuntimeError as error: print(error)
      """)
    #expect(
      output.components(separatedBy: "/nowhere/plumb").count == 3 && output.contains("swift build"))
  }
}
