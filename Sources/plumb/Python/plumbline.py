"""Plumbline from Python: check gradients, and read the results of sweeps.

    import plumbline
    plumbline.audit(locals())                        # or audit(params, grads, cache, X=X, Y=Y, cost=cost), or audit(vars(self))
    plumbline.check(cost, params, grads)             # any function of yours, by central differences
    plumbline.save_torch(model, loss, X, Y)          # the arrays of one step of a PyTorch model
    plumbline.runs("results/depth")                  # a sweep as a pandas frame
    plumbline.figure("results/depth")                # its figure

Written by `plumb python`. It needs NumPy, and the program plumb: on the PATH, or at the path in plumbline.program or $PLUMB.
"""
import contextlib
import json
import numbers
import os
import shutil
import subprocess
import sys
import tempfile
import types

import numpy as np

program = None
"""The path of plumb, if it is not on the PATH."""


def _program():
    found = program or os.environ.get("PLUMB") or shutil.which("plumb")
    if found and os.path.isfile(found) and os.access(found, os.X_OK):
        return str(found)
    where = f"there is no program at {found}" if found else "the program plumb is not on the PATH"
    raise RuntimeError(
        where + ": build it with `swift build -c release --product plumb` in Plumbline's folder, and give its path with "
        'plumbline.program = ".../.build/release/plumb" or the environment variable PLUMB')


class Result(dict):
    """What plumb found, as in its JSON; prints as the text report."""

    def __init__(self, values, text):
        super().__init__(values)
        self.text = text
        self._is_shown = False

    @property
    def verdict(self):
        """pass, kink, fail or undecided."""
        return self.get("verdict")

    def show(self):
        """Prints the report, except in a notebook, which shows a cell's result by itself."""
        if not _in_notebook():
            print(self.text)
            self._is_shown = True
        return self

    def __str__(self):
        return self.text

    def __repr__(self):
        # The prompt of Python repeats a result that has just been printed.
        return f"<plumbline: {self.verdict}>" if self._is_shown else self.text

    def _repr_html_(self):
        import html
        return f"<pre>{html.escape(self.text)}</pre>"


def _in_notebook():
    shell = sys.modules.get("IPython") and sys.modules["IPython"].get_ipython()
    return bool(shell) and hasattr(shell, "kernel")


# --- arrays -------------------------------------------------------------------------------------------------------------------------

largest = 1 << 28
"""The size in bytes above which an audit leaves an array out: a whole data set may be that large, a training step's arrays are not."""

# A container of one of these names says nothing of what is in it.
_CONTAINERS = {"params", "parameters", "cache", "caches", "weights", "model", "state", "net", "network", "nn", "layers", "memory",
               "self", "values"}
_GRADIENTS = {"grads", "gradients", "grad", "gradient", "dparams", "derivatives", "nabla"}
# What a notebook or an interpreter keeps for itself.
_OTHERS = {"In", "Out", "get_ipython", "exit", "quit", "open"}


def _array(value):
    """A value as an array of numbers, or None."""
    if isinstance(value, type):
        return None
    if hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().cpu()
        value = (value.float() if str(value.dtype) == "torch.bfloat16" else value).numpy()
    elif hasattr(value, "to_numpy"):  # a pandas frame or series
        value = value.to_numpy()
    elif isinstance(value, (list, tuple)) and _are_numbers(value):
        try:
            value = np.array(value)
        except ValueError:  # rows of different lengths
            return None
    if isinstance(value, (np.ndarray, np.generic, numbers.Number, bool)):
        array = np.asarray(value)
        return array if array.dtype.kind in "biuf" else None
    return None


def _are_numbers(values):
    """Whether lists hold plain numbers alone, as in [[0, 0], [0, 1]]: then they are one array."""
    return len(values) > 0 and all(
        _are_numbers(v) if isinstance(v, (list, tuple)) else isinstance(v, (numbers.Number, np.generic)) for v in values)


def _parts(value):
    """What is inside a value, as pairs of a key and a part: of dictionaries, lists, and objects of people's own classes."""
    if isinstance(value, dict):
        return list(value.items())
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        value = list(value.flat)
    if isinstance(value, (list, tuple)):
        return list(enumerate(value, 1))
    if isinstance(value, (type, types.ModuleType, types.FunctionType, types.MethodType)) or not hasattr(value, "__dict__"):
        return []
    # Objects of libraries hold their own affairs; torch's modules are for save_torch.
    home = type(value).__module__.split(".")[0]
    return [] if home in ("torch", "numpy", "pandas", "matplotlib", "sklearn", "IPython") or "torch" in str(type(value).__mro__[-2:]) \
        else list(vars(value).items())


def _is_layer(value):
    """Whether a tuple is a layer, (W, b)."""
    if not isinstance(value, (tuple, list)) or len(value) != 2 or _are_numbers(value):
        return False
    first, second = _array(value[0]), _array(value[1])
    return first is not None and second is not None and first.ndim == 2 and second.size in first.shape


def _flat(values, prefix="", depth=0, gradient=False, seen=()):
    """The arrays in nested dictionaries, lists and objects, each under a name: lists are counted from 1."""
    found = {}
    if id(values) in seen:
        return found
    for key, value in _parts(values):
        name = _joined(prefix, key)
        if name in _OTHERS or name.startswith("__"):
            continue
        array = _array(value)
        if array is not None:
            found.setdefault(_as_gradient(name) if gradient else name, array)
            continue
        if depth > 3:
            continue
        is_gradient = gradient or str(key).lower() in _GRADIENTS
        if _is_layer(value):
            # A list of layers, each (W, b): W1, b1, ...
            head = "" if not prefix or prefix.lower() in _CONTAINERS | _GRADIENTS else prefix + "_"
            found.update({f"{'d' if gradient else ''}{head}{letter}{key}": _array(part) for letter, part in zip("Wb", value)})
            continue
        # A container of one kind says nothing in its own name; a list of weights does.
        is_plain = isinstance(value, dict) or hasattr(value, "__dict__")
        inner = "" if is_plain and str(key).lower() in _CONTAINERS | _GRADIENTS else name
        if not is_plain and str(key).lower() in _GRADIENTS:
            inner = ""
        for inner_name, part in _flat(value, inner, depth + 1, is_gradient, (*seen, id(values))).items():
            known = found.get(inner_name)
            if known is None:
                found[inner_name] = part
            elif not (known.shape == part.shape and np.array_equal(known, part)):
                found[_joined(str(key), inner_name)] = part
    return found


def _joined(prefix, key):
    if not prefix:
        return str(key)
    return f"{prefix}{key}" if isinstance(key, int) and not prefix[-1].isdigit() else f"{prefix}_{key}"


def _as_gradient(name):
    """A name out of a dictionary of gradients, which may repeat that of the parameter."""
    plain = name.lower()
    return name if plain.startswith(("d", "g", "nabla", "delta")) or "grad" in plain else "d" + name


def _collected(groups, arrays):
    """The arrays of all groups: a second group with the names and shapes of the first holds its gradients."""
    found = {}
    for group in groups:
        if isinstance(group, str) or not _parts(group):
            raise ValueError(f"{group!r:.60} holds no arrays: give locals(), or params, grads, X=X, Y=Y and cost=cost")
        flat = _flat(group)
        shared = [n for n in flat if n in found and found[n].shape == flat[n].shape]
        if shared and len(shared) == len(flat) and not all(np.array_equal(found[n], flat[n]) for n in shared):
            flat = {_as_gradient("d" + n if n.startswith(("d", "g")) else n): a for n, a in flat.items()}
        for name, array in flat.items():
            found.setdefault(name, array)
    found.update(_flat(arrays))
    return {name: array for name, array in found.items() if not name.startswith("_")}


def save(path, *groups, **arrays):
    """Writes dictionaries, lists, objects and arrays to an NPZ file for `plumb audit`."""
    found = _collected(groups, arrays)
    left_out = [name for name, array in found.items() if array.nbytes > largest]
    found = {name: array for name, array in found.items() if array.nbytes <= largest}
    if not found:
        raise ValueError("there are no arrays to save: give locals(), or params, grads, X=X, Y=Y and cost=cost")
    if left_out:
        print(f"plumbline: {', '.join(left_out)} left out because of their size (plumbline.largest is {largest} bytes)", file=sys.stderr)
    # NumPy has these words for itself.
    np.savez(path, **{name + "_" if name in ("file", "allow_pickle") else name: array for name, array in found.items()})
    return path


# --- gradients ----------------------------------------------------------------------------------------------------------------------

def audit(*groups, path=None, activations=None, loss=None, layout=None, names=None, options=(), show=True, **arrays):
    """Audits a hand-written backward pass, from locals(), vars(self), or params, grads, cache, X=, Y=, cost=.

    A single path is the file of an earlier save. path: where to keep the file that is written. names: what arrays are if their names do
    not say, such as {"w0": "W1"}. options: further arguments of `plumb audit`. loss and layout may be your own arrays as well as words.
    """
    if loss is not None and not isinstance(loss, str):
        arrays, loss = {**arrays, "loss": loss}, None
    if activations is not None and not isinstance(activations, str) and not all(isinstance(a, str) for a in activations):
        arrays, activations = {**arrays, "activations": activations}, None
    tool = _program()
    folder = tempfile.mkdtemp(prefix="plumbline-")
    try:
        if len(groups) == 1 and isinstance(groups[0], (str, os.PathLike)) and not arrays:
            target = os.fspath(groups[0])
        else:
            target = save(path or os.path.join(folder, "run.npz"), *groups, **arrays)
        report = os.path.join(folder, "audit.json")
        words = [tool, "audit", str(target), "--json", report]
        for option, value in (("--activations", activations), ("--loss", loss), ("--layout", layout)):
            if value:
                words += [option, value if isinstance(value, str) else ",".join(value)]
        for theirs, ours in (names or {}).items():
            words += ["--name", f"{theirs}={ours}"]
        run = subprocess.run([*words, *([options] if isinstance(options, str) else options)], capture_output=True, text=True)
        values = {}
        if os.path.exists(report):
            with open(report) as file:
                values = json.load(file)
        text = (run.stdout + run.stderr).strip().replace(os.path.join(folder, ""), "")
        result = Result({"verdict": "undecided", **values, "exit_status": run.returncode}, text)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result.show() if show else result


def check(function, parameters, gradient, surrogate=(), limit=20, show=True):
    """Checks the gradient of any function by central differences with a known error.

    function(parameters) returns the cost, or a tuple that begins with it. parameters: a number, an array, or lists and dictionaries of
    them; gradient: the same, under the same names or dW1 for W1, or a function that returns it (then a parameter whose gradient is zero here
    is also compared nearby). Parameters are moved in place and restored. surrogate: names of parameters whose gradient is intended to
    differ from the slope. limit: the maximum number of entries of each parameter to compare; None for all.
    """
    if not callable(function):
        raise TypeError("the first argument is the function that returns the cost: check(cost, parameters, gradient)")
    handles = dict(_handles(parameters))
    if not handles:
        raise ValueError("there are no parameters: give a number, an array, or a list or dictionary of them")
    moves = callable(gradient) and not hasattr(gradient, "detach")

    def gradients():
        if not moves:
            return _gradients(handles, gradient)
        first = next(iter(handles.values()))
        found = gradient(float(first.values) if first.is_alone else parameters)
        return _gradients(handles, found[-1] if isinstance(found, tuple) and not isinstance(parameters, tuple) else found)

    grads = gradients()
    surrogate = [surrogate] if isinstance(surrogate, str) else list(surrogate)
    unknown = [name for name in surrogate if name not in handles]
    if unknown:
        raise ValueError(f"surrogate: there is no parameter {unknown[0]}, only {', '.join(handles)}")
    order = list(handles)

    def cost(handle, entry, step):
        with np.errstate(all="ignore"):  # a step may leave the domain, which is not a mistake of the function
            value = handle.cost(function, parameters, entry, step)
        return value[0] if isinstance(value, tuple) and value else value

    start = _number(cost(handles[order[0]], 0, 0.0))
    # The coarsest of the numbers that are at work decides the step.
    precisions = [handle.precision for handle in handles.values()] + ([start.dtype] if start.dtype.kind == "f" else [])
    request = {
        "parameters": [{"name": n, "values": _json(handles[n].values), "gradient": _json(grads[n]),
                        "shape": list(handles[n].values.shape)} for n in order],
        "epsilon": float(max(np.finfo(p).eps for p in precisions)), "surrogate": surrogate,
        "limit": max(p.values.size for p in handles.values()) if limit is None else max(int(limit), 1), "moves": moves,
        "together": True}
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
            if words[0] == "cost":
                index, entry, step = words[1].split()
                reply = repr(float(_number(cost(handles[order[int(index)]], int(entry), float(step)))))
            elif words[0] == "together":
                index, first, end, step = words[1].split()
                handle = handles[order[int(index)]]
                with handle.together(int(first), int(end), float(step)):
                    reply = repr(float(_number(cost(handle, 0, 0.0))))
            elif words[0] == "move":
                for name, values in zip(order, json.loads(words[1])):
                    handles[name].set(values)
                grads = gradients()
                reply = json.dumps([_json(grads[name]) for name in order])
            else:
                continue
            process.stdin.write(reply + "\n")
            process.stdin.flush()
    except BrokenPipeError:
        pass
    finally:
        for handle in handles.values():
            handle.restore()
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        error = process.stderr.read()
        status = process.wait()
    if result is None:
        raise RuntimeError(error.strip() or f"plumb ended with status {status}")
    answer = Result({**result, "exit_status": status}, result["message"])
    return answer.show() if show else answer


def _number(value):
    """The cost as an array of one number."""
    array = _array(value)
    if array is None:
        raise TypeError(f"the function returned {type(value).__name__}, but a check needs the cost: one number")
    if array.size != 1:
        raise ValueError(f"the function returned an array of shape {array.shape}, but a check needs one number: return its sum or mean")
    return array.reshape(())


def _json(values):
    """Numbers as JSON has them; what it has not, as text."""
    return [float(v) if np.isfinite(v) else repr(float(v)) for v in np.asarray(values, float).ravel()]


class _Handle:
    """Where a parameter is: an array, which is moved in place, or a single number in a list, a dictionary, or on its own."""

    def __init__(self, name, array=None, container=None, key=None, number=None):
        self.array, self.container, self.key = array, container, key
        self.values = np.asarray(number if array is None else array)
        if self.values.dtype.kind not in "fiu" or array is not None and self.values.dtype.kind != "f":
            raise TypeError(f"{name} is of type {self.values.dtype}, which cannot be moved by a small step: make it float, for example with "
                            ".astype(float)")
        if array is not None and not array.flags.writeable:
            raise ValueError(f"{name} is read-only, but a check moves it: give a copy")
        self.values = self.values.astype(float) if array is None else self.values.copy()
        self.precision = self.values.dtype
        self.original = number if array is None else self.values.copy()
        self.is_alone = array is None and container is None

    def set(self, values):
        """Writes values where the parameter is; a number on its own is nowhere but here."""
        self.values = np.asarray(values, self.precision).reshape(self.values.shape)
        self._write(self.values if self.array is not None else float(self.values))

    def restore(self):
        """Writes back what was there at first."""
        self._write(self.original)

    def _write(self, value):
        if self.array is not None:
            self.array[...] = value
        elif not self.is_alone:
            self.container[self.key] = value

    @contextlib.contextmanager
    def together(self, first, end, step):
        """Entries of an array moved at once by a step over the root of their number, up or down by the bits of their positions."""
        positions = np.arange(first + 1, end + 1, dtype=np.uint64)
        up = (positions * np.uint64(2654435761) >> np.uint64(16)) & np.uint64(1)
        before = self.array.copy()
        moved = before.flatten()
        moved[first:end] += ((2.0 * up - 1) * (step / np.sqrt(end - first))).astype(moved.dtype)
        self.array[...] = moved.reshape(before.shape)
        try:
            yield
        finally:
            self.array[...] = before

    def cost(self, function, parameters, entry, step):
        if step == 0 and not self.is_alone:
            return function(parameters)
        if self.array is None:
            moved = float(self.values) + step
            if self.is_alone:
                return function(moved)
            before = self.container[self.key]
            self.container[self.key] = moved
            try:
                return function(parameters)
            finally:
                self.container[self.key] = before
        index = np.unravel_index(entry, self.array.shape)
        before = self.array[index]
        self.array[index] = before + self.array.dtype.type(step)
        try:
            return function(parameters)
        finally:
            self.array[index] = before


def _handles(values, name="", container=None, key=None):
    """The parameters in a number, an array, a tensor, or lists and dictionaries of them, each with its name."""
    shown = name or "parameter"
    if hasattr(values, "detach"):
        if values.device.type != "cpu":
            raise ValueError(f"{shown} is on {values.device}: check on the CPU, model.cpu()")
        yield shown, _Handle(shown, array=values.detach().numpy())
    elif isinstance(values, np.ndarray) and values.dtype.kind != "O":
        yield shown, _Handle(shown, array=values)
    elif isinstance(values, (numbers.Number, np.generic)):
        if isinstance(container, tuple):
            raise TypeError(f"{shown} is a number in a tuple, which cannot be moved: make it a list or an array")
        yield shown, _Handle(shown, container=container, key=key, number=values)
    elif isinstance(values, (dict, list, tuple)) or isinstance(values, np.ndarray):
        items = values.items() if isinstance(values, dict) else enumerate(values)
        for inner, value in items:
            number = inner + 1 if isinstance(inner, int) and not isinstance(values, dict) else inner
            yield from _handles(value, f"{name} {number}".strip() if name or isinstance(values, dict) else f"parameter {number}",
                               values, inner)
    else:
        raise TypeError(f"{shown} is {type(values).__name__}: parameters are numbers, arrays, or lists and dictionaries of them")


def _gradients(handles, gradient):
    """The gradient of each parameter, found by the parameter's name or one of a gradient."""
    found = {}

    def walk(value, name=""):
        if value is None:
            return
        array = None if isinstance(value, (list, tuple, dict)) else _array(value)
        if array is not None:
            found[name or "parameter"] = array
        elif isinstance(value, dict):
            for key, part in value.items():
                walk(part, f"{name} {key}".strip())
        elif isinstance(value, (list, tuple, np.ndarray)):
            for index, part in enumerate(value):
                walk(part, f"{name} {index + 1}" if name else f"parameter {index + 1}")

    walk(gradient)
    if len(handles) == 1 and len(found) == 1:
        found = {next(iter(handles)): next(iter(found.values()))}
    elif len(handles) == 1 and _are_numbers(gradient if isinstance(gradient, (list, tuple)) else ()):
        found = {next(iter(handles)): np.array(gradient, float)}
    grads = {}
    for name, handle in handles.items():
        head, last = name.rpartition(" ")[::2]
        others = [f"{head} {form.format(last)}".strip() for form in ("{}", "d{}", "d_{}", "grad_{}", "{}_grad", "{}.grad", "g{}")]
        own = next((found[other] for other in others if other in found), None)
        if own is None:
            raise ValueError(f"the gradient of {name} is missing; there is " + (", ".join(found) or "none"))
        if own.shape != handle.values.shape and not own.size == handle.values.size == 1:
            raise ValueError(f"{name} has shape {handle.values.shape}, but its gradient {own.shape}")
        grads[name] = own
    return grads


def save_torch(model, loss, X, Y, path="run.npz"):
    """Writes one step of a PyTorch model: examples, parameters, gradients, and the outputs of linear layers and of the functions after them.

    loss(output, Y) returns the cost. The model is left unchanged, including its gradients and running statistics.
    """
    import copy

    import torch

    model = copy.deepcopy(model)
    arrays, handles, kept = {}, [], {}
    leaves = [m for m in model.modules() if not list(m.children())]
    layer, before = 0, None  # the last linear layer, and what was carried out since

    def hook(module, inputs, output):
        nonlocal layer, before
        if not isinstance(output, torch.Tensor) or not output.requires_grad:
            return
        if isinstance(module, torch.nn.Linear):
            layer += 1
            name, before = f"Z{layer}", "linear"
        elif isinstance(module, torch.nn.Dropout) and before in ("linear", "function"):
            name, before = f"A{layer}", "dropout"
        elif before == "linear" and not list(module.parameters()):
            name, before = f"A{layer}", "function"
        else:
            before = None
            return
        output.retain_grad()
        kept[name] = output

    for module in leaves:
        if getattr(module, "inplace", False):
            module.inplace = False  # what it would write over is saved
        handles.append(module.register_forward_hook(hook))
    try:
        model.zero_grad()
        output = model(X)
        cost = loss(output, Y)
        if not isinstance(cost, torch.Tensor) or cost.numel() != 1:
            raise ValueError(f"the loss gave {tuple(getattr(cost, 'shape', ())) or type(cost).__name__}, but a step needs one number: "
                             "return its mean or sum")
        cost.backward()
    finally:
        for handle in handles:
            handle.remove()
    for name, parameter in model.named_parameters():
        arrays[name] = parameter
        if parameter.grad is not None:
            arrays[name + ".grad"] = parameter.grad
    for name, value in kept.items():
        arrays[name] = value
        if value.grad is not None:
            arrays["d" + name] = value.grad
    return save(path, {**arrays, "X": X, "Y": Y, "cost": cost})


# --- sweeps -------------------------------------------------------------------------------------------------------------------------

def runs(folder):
    """The runs in a sweep's folder as a pandas frame, one row per run."""
    import pandas

    path = os.path.join(folder, "runs.jsonl")
    if not os.path.exists(path):
        raise FileNotFoundError(f"{path}: there is no such file; a sweep writes it, for example `research depth --out {folder}`")
    with open(path) as file:
        return pandas.json_normalize([json.loads(line) for line in file if line.strip()])


class Figure:
    """An SVG for display in a notebook."""

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
        raise FileNotFoundError(f"{path}: there is no such figure; `research show {folder}` lists what the folder holds")
    return Figure(path)
