#!/usr/bin/env python3
"""Makes recurrence.json: recurrent layers by PyTorch's formulas, in NumPy alone.

    python3 make_recurrence.py           write the file
    python3 make_recurrence.py --check   compute again and compare

Outputs come from the formulas of torch.nn.RNN, LSTM and GRU, with weights transposed to [in, out]; gradients from complex steps,
which share nothing with a reverse pass: df/dx = Im f(x + ih) / h, exact to rounding for h = 1e-40.
"""

import json
import sys
from pathlib import Path

import numpy

FOLDER = Path(__file__).resolve().parent
EXAMPLES, STEPS, INPUTS, UNITS = 2, 4, 3, 2


def sigmoid(x):
    return 1 / (1 + numpy.exp(-x))


def recurrent(x, h, w, u, b, c):
    return [numpy.tanh(x @ w + b + h[0] @ u + c)]


def lstm(x, state, w, u, b, c):
    h, cell = state
    i, f, g, o = numpy.split(x @ w + b + h @ u + c, 4, axis=-1)
    cell = sigmoid(f) * cell + sigmoid(i) * numpy.tanh(g)
    return [sigmoid(o) * numpy.tanh(cell), cell]


def gru(x, state, w, u, b, c):
    xr, xz, xn = numpy.split(x @ w + b, 3, axis=-1)
    hr, hz, hn = numpy.split(state[0] @ u + c, 3, axis=-1)
    z = sigmoid(xz + hz)
    n = numpy.tanh(xn + sigmoid(xr + hr) * hn)
    return [(1 - z) * n + z * state[0]]


LAYERS = {"recurrent": (recurrent, 1, 1), "lstm": (lstm, 4, 2), "gru": (gru, 3, 1)}


def outputs(layer, x, parameters):
    step, _, states = LAYERS[layer]
    state = [numpy.zeros((EXAMPLES, UNITS), x.dtype)] * states
    all_outputs = []
    for time in range(STEPS):
        state = step(x[:, time], state, *parameters)
        all_outputs.append(state[0])
    return numpy.stack(all_outputs, axis=1)


def case(layer, number):
    source = numpy.random.default_rng([2026, number])
    gates = LAYERS[layer][1] * UNITS
    shapes = [(EXAMPLES, STEPS, INPUTS), (INPUTS, gates), (UNITS, gates), (gates,), (gates,)]
    values = [numpy.round(source.uniform(-1.5, 1.5, shape), 4) for shape in shapes]
    upstream = numpy.round(source.uniform(-1, 1, (EXAMPLES, STEPS, UNITS)), 4)
    gradients = []
    for index, value in enumerate(values):
        gradient = numpy.zeros(value.shape)
        for place in numpy.ndindex(*value.shape):
            moved = [v.astype(complex) for v in values]
            moved[index][place] += 1e-40j
            result = (outputs(layer, moved[0], moved[1:]) * upstream).sum()
            gradient[place] = result.imag / 1e-40
        gradients.append(gradient.reshape(-1).tolist())
    return {"layer": layer, "examples": EXAMPLES, "steps": STEPS, "inputs": INPUTS, "units": UNITS,
            "values": [v.reshape(-1).tolist() for v in values],
            "upstream": upstream.reshape(-1).tolist(),
            "outputs": outputs(layer, values[0], values[1:]).reshape(-1).tolist(),
            "gradients": gradients}


def main():
    cases = [case(layer, number) for number, layer in enumerate(LAYERS)]
    path = FOLDER / "recurrence.json"
    if "--check" not in sys.argv:
        path.write_text('{"cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + "\n]}\n")
        return
    for old, new in zip(json.loads(path.read_text())["cases"], cases, strict=True):
        numpy.testing.assert_allclose(new["outputs"], old["outputs"], rtol=1e-13)
        for before, after in zip(old["gradients"], new["gradients"], strict=True):
            numpy.testing.assert_allclose(after, before, rtol=1e-12, atol=1e-14)


main()
