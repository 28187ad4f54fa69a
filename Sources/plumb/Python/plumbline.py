"""Plumbline from Python: is this gradient true, and what came of a sweep.

    import plumbline
    plumbline.audit(locals())                        # or audit(params, grads, cache, X=X, Y=Y, cost=cost)
    plumbline.check(cost, params, grads)             # any function of yours, by central differences
    plumbline.save_torch(model, loss, X, Y)          # the arrays of one step of a PyTorch model
    plumbline.runs("results/depth")                  # a sweep as a pandas frame
    plumbline.figure("results/depth")                # its figure

Written by `plumb python`. It needs NumPy, and the program plumb: on the PATH, or where plumbline.program or $PLUMB says.
"""
import json
import numbers
import os
import shutil
import subprocess
import tempfile

import numpy as np

program = None
"""The path of plumb, where it is not on the PATH."""


def _program():
    found = program or os.environ.get("PLUMB") or shutil.which("plumb")
    if found and os.access(found, os.X_OK):
        return found
    where = f"there is no program at {found}" if found else "the program plumb is not on the PATH"
    raise RuntimeError(
        where + ": build it with `swift build -c release --product plumb` in Plumbline's folder, and say where it is with "
        'plumbline.program = ".../.build/release/plumb" or the environment variable PLUMB')


class Result(dict):
    """What plumb found, as its JSON has it; printed, the report as text."""

    def __init__(self, values, text):
        super().__init__(values)
        self.text = text

    @property
    def verdict(self):
        return self.get("verdict")

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        import html
        return f"<pre>{html.escape(self.text)}</pre>"


# --- arrays -------------------------------------------------------------------------------------------------------------------------

def _array(value):
    """A value as an array of numbers, or None."""
    if hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().cpu().numpy()
    if isinstance(value, (np.ndarray, np.generic, numbers.Number, bool)):
        array = np.asarray(value)
        return array if array.dtype.kind in "biuf" else None
    return None


def _flat(values, prefix="", depth=0):
    """The arrays in nested dictionaries and lists, each under a name: lists are counted from 1."""
    found = {}
    items = values.items() if isinstance(values, dict) else ((i + 1, v) for i, v in enumerate(values))
    for key, value in items:
        name = f"{prefix}{key}" if not prefix or isinstance(key, int) else f"{prefix}_{key}"
        array = _array(value)
        if array is not None:
            found[name] = array
        elif isinstance(value, (dict, list, tuple)) and depth < 3:
            # A container of one kind says nothing in its own name; a list of weights does.
            inner = "" if isinstance(value, dict) and _is_container(key) else name
            found.update(_flat(value, inner, depth + 1))
    return found


def _is_container(name):
    return str(name).lower() in ("params", "parameters", "grads", "gradients", "cache", "caches", "weights", "model", "state",
                                 "net", "network", "layers", "memory")


def save(path, *groups, **arrays):
    """Writes dictionaries, lists and arrays into the NPZ file that `plumb audit` reads."""
    found = {}
    for group in groups:
        found.update(_flat(group))
    found.update(_flat(arrays))
    found = {name: array for name, array in found.items() if not name.startswith("_")}
    if not found:
        raise ValueError("there are no arrays to save: give locals(), or params, grads, X=X, Y=Y and cost=cost")
    np.savez(path, **found)
    return path


# --- gradients ----------------------------------------------------------------------------------------------------------------------

def audit(*groups, path=None, activations=None, loss=None, layout=None, names=None, options=(), show=True, **arrays):
    """Judges a backward pass that you wrote by hand, from locals() or from params, grads, cache, X=, Y=, cost=.

    names: what arrays are where their names do not tell, as {"w0": "W1"}. options: more words for `plumb audit`.
    """
    folder = None if path else tempfile.mkdtemp(prefix="plumbline-")
    target = path or os.path.join(folder, "run.npz")
    try:
        save(target, *groups, **arrays)
        report = os.path.join(folder or tempfile.gettempdir(), f"audit-{os.getpid()}.json")
        words = [_program(), "audit", target, "--json", report]
        for option, value in (("--activations", activations), ("--loss", loss), ("--layout", layout)):
            if value:
                words += [option, value if isinstance(value, str) else ",".join(value)]
        for theirs, ours in (names or {}).items():
            words += ["--name", f"{theirs}={ours}"]
        run = subprocess.run([*words, *options], capture_output=True, text=True)
        values = {}
        if os.path.exists(report):
            with open(report) as file:
                values = json.load(file)
            os.remove(report)
        text = (run.stdout + run.stderr).strip().replace(target, os.path.basename(target))
        result = Result({"verdict": "undecided", **values, "exit_status": run.returncode}, text)
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)
    if show and not _in_notebook():
        print(result.text)
    return result


def check(function, parameters, gradient, surrogate=(), limit=20, show=True):
    """Checks the gradient of any function of yours by central differences whose error is known.

    function(parameters) gives the cost; parameters and gradient are an array, a list or a dictionary of arrays of the same shapes.
    The arrays are put back as they were. surrogate: names of parameters whose gradient is meant to differ from the slope.
    """
    params, grads = _named(parameters), _named(gradient)
    missing = [name for name in params if name not in grads]
    if missing:
        raise ValueError(f"the gradient of {', '.join(missing)} is missing")
    for name in params:
        if np.shape(grads[name]) != np.shape(params[name]):
            raise ValueError(f"{name} has shape {np.shape(params[name])}, and its gradient {np.shape(grads[name])}")
    floating = [a.dtype for a in params.values() if a.dtype.kind == "f"] or [np.dtype(float)]
    epsilon = float(max(np.finfo(t).eps for t in floating))
    order = list(params)
    request = {
        "parameters": [{"name": n, "values": np.asarray(params[n], float).ravel().tolist(),
                        "gradient": np.nan_to_num(np.asarray(grads[n], float), nan=np.finfo(float).max).ravel().tolist()}
                       for n in order],
        "epsilon": epsilon, "surrogate": list(surrogate), "limit": limit}
    process = subprocess.Popen([_program(), "check", "--serve"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    result = None
    try:
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        for line in process.stdout:
            words = line.split(" ", 1)
            if words[0] == "result":
                result = json.loads(words[1])
                break
            if words[0] != "cost":
                continue
            index, entry, step = words[1].split()
            value = _moved(function, parameters, params[order[int(index)]], int(entry), float(step))
            process.stdin.write(f"{float(value)!r}\n")
            process.stdin.flush()
    finally:
        process.stdin.close()
        error = process.stderr.read()
        status = process.wait()
    if result is None:
        raise RuntimeError(error.strip() or f"plumb ended with status {status}")
    answer = Result({**result, "exit_status": status}, result["message"])
    if show and not _in_notebook():
        print(answer.text)
    return answer


def _named(values):
    if isinstance(values, dict):
        return {str(k): np.asarray(v) if _array(v) is None else _view(v) for k, v in values.items()}
    if isinstance(values, (list, tuple)):
        return {f"parameter {i + 1}": _view(v) for i, v in enumerate(values)}
    return {"parameter": _view(values)}


def _view(value):
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    array = np.asarray(value)
    if not isinstance(value, np.ndarray) and array.ndim == 0:
        raise ValueError("a parameter is a single Python number: make it an array, np.array([x])")
    return array


def _moved(function, parameters, array, entry, step):
    """The cost with one entry moved in place, and put back whatever happens."""
    index = np.unravel_index(entry, array.shape)
    before = array[index]
    try:
        if step != 0:
            array[index] = before + step
        return function(parameters)
    finally:
        array[index] = before


def save_torch(model, loss, X, Y, path="run.npz"):
    """Writes one step of a PyTorch model: examples, parameters, gradients, and what linear layers and the functions behind them give.

    loss(output, Y) gives the cost. The parameters' gradients are zeroed before.
    """
    import torch

    arrays, handles, kept = {}, [], []
    leaves = [m for m in model.modules() if not list(m.children())]
    state = {"layer": 0, "behind": False}

    def hook(module, inputs, output):
        if not isinstance(output, torch.Tensor) or not output.requires_grad:
            return
        if isinstance(module, torch.nn.Linear):
            state["layer"] += 1
            state["behind"] = True
            name = f"Z{state['layer']}"
        elif state["behind"] and not list(module.parameters()) and not isinstance(module, torch.nn.Dropout):
            state["behind"] = False
            name = f"A{state['layer']}"
        else:
            state["behind"] = False
            return
        output.retain_grad()
        kept.append((name, output))

    for module in leaves:
        handles.append(module.register_forward_hook(hook))
    try:
        model.zero_grad()
        cost = loss(model(X), Y)
        cost.backward()
    finally:
        for handle in handles:
            handle.remove()
    for name, parameter in model.named_parameters():
        arrays[name] = parameter
        if parameter.grad is not None:
            arrays[name + ".grad"] = parameter.grad
    for name, value in kept:
        arrays[name] = value
        if value.grad is not None:
            arrays["d" + name] = value.grad
    return save(path, {**arrays, "X": X, "Y": Y, "cost": cost})


# --- sweeps -------------------------------------------------------------------------------------------------------------------------

def runs(folder):
    """The runs of a sweep's folder as a pandas frame, a row for each."""
    import pandas

    path = os.path.join(folder, "runs.jsonl")
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: there is no such file; a sweep writes it, as in `research depth --out {folder}`")
    with open(path) as file:
        return pandas.json_normalize([json.loads(line) for line in file if line.strip()])


class Figure:
    """An SVG that a notebook shows."""

    def __init__(self, path):
        self.path = path
        with open(path) as file:
            self.svg = file.read()

    def _repr_svg_(self):
        return self.svg

    def __repr__(self):
        return f"figure {self.path}"


def figure(folder, name="figure.svg"):
    """The figure of a sweep's folder."""
    path = folder if str(folder).endswith(".svg") else os.path.join(folder, name)
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: there is no such figure; `research show {folder}` tells what the folder holds")
    return Figure(path)


def _in_notebook():
    try:
        from IPython import get_ipython
        return get_ipython() is not None and "IPKernelApp" in get_ipython().config
    except ImportError:
        return False
