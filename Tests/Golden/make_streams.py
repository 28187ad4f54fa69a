#!/usr/bin/env python3
"""Makes streams.json: residual streams of several kinds by their formulas, in NumPy alone.

    python3 make_streams.py           write the file
    python3 make_streams.py --check   compute again and compare

Gradients come from complex steps, which share nothing with a reverse pass: df/dx = Im f(x + ih) / h, exact to rounding for
h = 1e-40. Branches are dense layers with tanh behind them, which is analytic.
"""

import itertools
import json
import sys
from math import erf as real_erf, pi, sqrt
from pathlib import Path

import numpy

FOLDER = Path(__file__).resolve().parent
EXAMPLES, WIDTH = 3, 4
DENSE = [{"layer": "dense", "outputs": WIDTH}, {"layer": "tanh"}]


def branch(p, path):
    """The two layers of DENSE; `path` is how their parameters are called."""
    return lambda x: numpy.tanh(x @ p[f"{path}.0.weight"] + p[f"{path}.0.bias"])


def branch_shapes(path):
    return {f"{path}.0.weight": (WIDTH, WIDTH), f"{path}.0.bias": (WIDTH,)}


def rms(x, epsilon):
    return x / numpy.sqrt((x * x).mean(axis=-1, keepdims=True) + epsilon)


def softmax(x, axis=-1):
    shifted = numpy.exp(x - x.real.max(axis=axis, keepdims=True))
    return shifted / shifted.sum(axis=axis, keepdims=True)


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def erf(x):
    """By the first two terms of its series around the real part: exact for steps of 1e-40."""
    real = numpy.vectorize(real_erf)(x.real)
    return real + 1j * x.imag * 2 / sqrt(pi) * numpy.exp(-x.real * x.real)


def hyper_connections(settings):
    n, mixing = settings.get("streams", 4), settings.get("mixing", "free")
    depends = settings.get("input_dependent", False)
    orders = list(itertools.permutations(range(n)))
    count = len(orders) if mixing == "permutations" else n * n
    blocks = range(len(settings["branches"]))
    shapes = {}
    for l in blocks:
        shapes |= branch_shapes(f"branches.{l}")
        shapes |= {f"read.{l}": (n,), f"write.{l}": (n,)}
        shapes |= {f"mix.{l}": (count,) if mixing == "permutations" else (n, n)}
        if depends:
            shapes |= {f"dependence.{l}": (n * WIDTH, 2 * n + count), f"factors.{l}": (3,)}

    def matrix(logits):
        if mixing == "free":
            return logits.reshape(n, n)
        if mixing == "permutations":
            result = numpy.zeros((n, n), complex)
            for weight, order in zip(softmax(logits.reshape(-1)), orders):
                for row, column in enumerate(order):
                    result[row, column] += weight
            return result
        result = numpy.exp(logits.reshape(n, n))
        for _ in range(settings.get("iterations", 20)):
            result = result / result.sum(axis=0, keepdims=True)
            result = result / result.sum(axis=1, keepdims=True)
        return result

    def example(x, p):
        streams = numpy.stack([x] * n)
        for l in blocks:
            read, mix, write = p[f"read.{l}"], p[f"mix.{l}"].reshape(-1), p[f"write.{l}"]
            if depends:
                change = rms(streams.reshape(-1), 1e-6) @ p[f"dependence.{l}"]
                if mixing == "free":
                    change = numpy.tanh(change)
                factors = p[f"factors.{l}"]
                read = read + factors[0] * change[:n]
                mix = mix + factors[1] * change[n : n + count]
                write = write + factors[2] * change[n + count :]
            if mixing != "free":
                read, write = sigmoid(read), 2 * sigmoid(write)
            output = branch(p, f"branches.{l}")(read @ streams)
            scale = settings.get("scale", 1)
            streams = matrix(mix) @ streams + scale * numpy.outer(write, output)
        return streams.mean(axis=0)

    return shapes, lambda x, p: numpy.stack([example(row, p) for row in x])


def depth_weighted_average(settings):
    shapes = {}
    for i in range(len(settings["blocks"])):
        shapes |= branch_shapes(f"blocks.{i}") | {f"weights.{i}": (i + 2,)}

    def function(x, p):
        outputs = [x]
        for i in range(len(settings["blocks"])):
            outputs.append(branch(p, f"blocks.{i}")(x))
            x = sum(weight * y for weight, y in zip(p[f"weights.{i}"], outputs))
        return x

    return shapes, function


def attention_residuals(settings):
    shapes = {}
    for i in range(len(settings["branches"])):
        shapes |= branch_shapes(f"branches.{i}") | {f"queries.{i}": (WIDTH,)}

    def function(x, p):
        values, h = [x], x
        for i in range(len(settings["branches"])):
            values.append(branch(p, f"branches.{i}")(h))
            scores = numpy.stack([rms(v, 1e-5) @ p[f"queries.{i}"] for v in values])
            shares = softmax(scores, axis=0)
            h = sum(share[:, None] * v for share, v in zip(shares, values))
        return h

    return shapes, function


def normalized_residual(settings):
    position = settings.get("position", "pre")
    shapes = branch_shapes("branch") | {"norm.scale": (WIDTH,)}
    if position == "peri":
        shapes |= {"outputNorm.scale": (WIDTH,)}

    def function(x, p):
        a, s, c = (settings.get(name, 1) for name in ("input_scale", "scale", "skip_scale"))
        norm = lambda y, name="norm": rms(y, 1e-5) * p[f"{name}.scale"]
        f = branch(p, "branch")
        if position == "pre":
            return c * x + s * f(a * norm(x))
        if position == "post":
            return norm(c * x + s * f(a * x))
        if position == "peri":
            return c * x + s * norm(f(a * norm(x)), "outputNorm")
        return c * x + s * norm(f(a * x))

    return shapes, function


def dynamic_erf(settings):
    shapes = {"alpha": (), "offset": (), "scale": (WIDTH,), "shift": (WIDTH,)}
    return shapes, lambda x, p: erf(x * p["alpha"] + p["offset"]) * p["scale"] + p["shift"]


LAYERS = {
    "hyper-connections": hyper_connections, "depth-weighted-average": depth_weighted_average,
    "attention-residuals": attention_residuals, "normalized-residual": normalized_residual,
    "dynamic-erf": dynamic_erf,
}


def descriptions():
    for mixing in ("free", "sinkhorn", "permutations"):
        for depends in (False, True):
            yield {
                "layer": "hyper-connections", "branches": [DENSE] * 2, "streams": 3,
                "mixing": mixing, "iterations": 4, "input_dependent": depends, "scale": 0.7,
            }
    yield {"layer": "depth-weighted-average", "blocks": [DENSE] * 3}
    yield {"layer": "attention-residuals", "branches": [DENSE] * 3}
    for position in ("pre", "post", "peri", "output"):
        yield {
            "layer": "normalized-residual", "branch": DENSE, "position": position,
            "norm": [{"layer": "rms-norm"}], "input_scale": 0.6, "scale": 1.2, "skip_scale": 0.8,
        }
    yield {"layer": "dynamic-erf"}


def case(description, number):
    source = numpy.random.default_rng([2026, number])
    shapes, function = LAYERS[description["layer"]](description)
    x = source.normal(size=(EXAMPLES, WIDTH))
    p = {name: source.normal(size=shape) * 0.7 for name, shape in shapes.items()}
    output = function(x.astype(complex), {k: v.astype(complex) for k, v in p.items()}).real
    upstream = source.normal(size=output.shape)

    def gradient(name):
        start = x if name is None else p[name]
        result = numpy.zeros(start.size)
        for entry in range(start.size):
            moved = start.astype(complex).reshape(-1)
            moved[entry] += 1e-40j
            moved = moved.reshape(start.shape)
            own = {k: v.astype(complex) for k, v in p.items()}
            if name is not None:
                own[name] = moved
            value = function(moved if name is None else x.astype(complex), own)
            result[entry] = (value * upstream).sum().imag / 1e-40
        return result.tolist()

    def flat(value):
        return numpy.asarray(value).reshape(-1).tolist()

    return {
        "description": json.dumps(description), "input": flat(x), "output": flat(output),
        "upstream": flat(upstream), "input_gradient": gradient(None),
        "parameters": {k: flat(v) for k, v in p.items()},
        "gradients": {k: gradient(k) for k in p},
    }


def main():
    cases = [case(description, number) for number, description in enumerate(descriptions())]
    path = FOLDER / "streams.json"
    if "--check" not in sys.argv[1:]:
        path.write_text(json.dumps({"examples": EXAMPLES, "width": WIDTH, "cases": cases}) + "\n")
        return
    old = json.loads(path.read_text())["cases"]
    for one, other in zip(cases, old, strict=True):
        for key in ("output", "input_gradient"):
            assert numpy.allclose(one[key], other[key], rtol=0, atol=1e-13), one["description"]
        for name, values in one["gradients"].items():
            assert numpy.allclose(values, other["gradients"][name], rtol=0, atol=1e-12), name
    print(f"{len(old)} cases agree")


if __name__ == "__main__":
    main()
