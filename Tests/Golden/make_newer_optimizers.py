#!/usr/bin/env python3
"""Makes newer_optimizers.json: optimizers by their papers' formulas, in NumPy alone.

    python3 make_newer_optimizers.py           write the file
    python3 make_newer_optimizers.py --check   compute again and compare

The parameters and gradients are those of optimizers.json. Each optimizer is a function of the step, written from the formulas
and not from the library. To add one, write a function and a line in CASES.
"""

import json
import sys
from pathlib import Path

import numpy

FOLDER = Path(__file__).resolve().parent
RECORDED_STEPS = [1, 2, 3, 10, 50, 100]


def lion(p, g, step, rate, settings, state, shapes):
    """Chen et al., arXiv:2302.06675, algorithm 2."""
    b1, b2, decay = (settings[name] for name in ("beta1", "beta2", "weight_decay"))
    m = state.get("m", numpy.zeros_like(p))
    direction = numpy.sign(b1 * m + (1 - b1) * g)
    state["m"] = b2 * m + (1 - b2) * g
    return p - rate * (direction + decay * p)


def adamax(p, g, step, rate, settings, state, shapes):
    """Kingma and Ba, arXiv:1412.6980, algorithm 2, with PyTorch's epsilon inside the maximum."""
    b1, b2, decay = (settings[name] for name in ("beta1", "beta2", "weight_decay"))
    g = g + decay * p
    state["m"] = b1 * state.get("m", 0) + (1 - b1) * g
    state["u"] = numpy.maximum(b2 * state.get("u", 0), numpy.abs(g) + settings["epsilon"])
    return p - rate / (1 - b1**step) * state["m"] / state["u"]


def orthogonalized(matrix, iterations):
    """Newton and Schulz's iteration on the singular values of a decomposition, where the library multiplies matrices."""
    u, s, v = numpy.linalg.svd(matrix, full_matrices=False)
    s = s / max(numpy.sqrt((s**2).sum()), 1e-7)
    for _ in range(iterations):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
    return (u * s) @ v


def muon(p, g, step, rate, settings, state, shapes):
    """Jordan et al., 2024, as torch.optim.Muon has it, for [in, out] weights; Adam for vectors."""
    result, start = [], 0
    for number, shape in enumerate(shapes):
        stop = start + int(numpy.prod(shape))
        own = state.setdefault(number, {})
        w, dw = p[start:stop].reshape(shape), g[start:stop].reshape(shape)
        start = stop
        if len(shape) < 2:
            b1, b2 = settings["beta1"], settings["beta2"]
            own["m"] = b1 * own.get("m", 0) + (1 - b1) * dw
            own["v"] = b2 * own.get("v", 0) + (1 - b2) * dw**2
            w = w - rate * settings["adam_share"] * (own["m"] / (1 - b1**step)) / (
                numpy.sqrt(own["v"] / (1 - b2**step)) + 1e-8)
        else:
            momentum = settings["momentum"]
            own["m"] = momentum * own.get("m", 0) + (1 - momentum) * dw
            direction = (1 - momentum) * dw + momentum * own["m"] if settings["nesterov"] else own["m"]
            size = rate * max(1.0, shape[-1] / numpy.prod(shape[:-1])) ** 0.5
            w = w * (1 - rate * settings["weight_decay"]) - size * orthogonalized(
                direction, int(settings["iterations"]))
        result.append(w.reshape(-1))
    return numpy.concatenate(result)


# Title, settings as the library names them, learning rate, shapes of the parameters, function.
CASES = [
    ("lion", {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}, 0.01, [[12]], lion),
    ("lion", {"beta1": 0.8, "beta2": 0.95, "weight_decay": 0.1}, 0.02, [[12]], lion),
    ("adamax", {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weight_decay": 0.0}, 0.002, [[12]],
     adamax),
    ("adamax", {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4, "weight_decay": 0.05}, 0.02, [[12]],
     adamax),
    ("muon", {"momentum": 0.95, "nesterov": 1.0, "iterations": 5.0, "adam_share": 0.05, "beta1": 0.9,
              "beta2": 0.999, "weight_decay": 0.1}, 0.02, [[2, 4], [4]], muon),
    ("muon", {"momentum": 0.8, "nesterov": 0.0, "iterations": 3.0, "adam_share": 0.5, "beta1": 0.8,
              "beta2": 0.95, "weight_decay": 0.0}, 0.05, [[4, 2], [4]], muon),
]


def run(title, settings, rate, shapes, update, source):
    values = numpy.array(source["initial_parameters"], dtype=numpy.float64)
    state, recorded = {}, []
    for step, gradient in enumerate(source["gradients"], start=1):
        values = update(values, numpy.array(gradient), step, rate, settings, state, shapes)
        if step in RECORDED_STEPS:
            recorded.append({"step": step, "values": values.tolist()})
    return {"optimizer": title, "settings": settings, "learning_rate": rate, "shapes": shapes,
            "parameters": recorded}


def main():
    source = json.loads((FOLDER / "optimizers.json").read_text())
    cases = [run(*case, source) for case in CASES]
    path = FOLDER / "newer_optimizers.json"
    if "--check" not in sys.argv:
        lines = ",\n".join(json.dumps(case) for case in cases)
        path.write_text('{"cases": [\n' + lines + "\n]}\n")
        return
    for old, new in zip(json.loads(path.read_text())["cases"], cases, strict=True):
        for before, after in zip(old["parameters"], new["parameters"], strict=True):
            numpy.testing.assert_allclose(after["values"], before["values"], rtol=1e-11, atol=1e-13)


main()
