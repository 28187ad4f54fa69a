"""layers.json: dense, normalizations, residual blocks, highway, shared weights; every gradient."""

import torch
import torch.nn.functional as functional

from . import checks, document
from .case import differentiate, named
from .source import KINK_MARGIN, Source

ACTIVATIONS = {"tanh": torch.tanh, "relu": functional.relu}


def cases():
    return (dense_cases() + layer_norm_cases() + residual_cases() + highway_cases()
            + rms_norm_cases() + tied_cases() + fixup_cases() + concatenating_cases())


def affine(x, weight, bias):
    """x W + b with W stored in x out."""
    return functional.linear(x, weight.T, bias)


def layer_case(layer, label, attributes, x, parameters, apply, step=checks.STEP):
    """One layer: `apply` takes the input and then the parameters in order.

    `step` is that of the finite difference; it must be small compared with the input.
    """
    name = f"{layer} {label}".strip()
    tensors = [x, *parameters.values()]
    with torch.no_grad():
        shape = list(apply(*tensors).shape)
    upstream = Source(f"{name}/upstream").upstream(shape)
    output, gradients = differentiate(apply, tensors, upstream)
    checks.check_gradients(lambda *t: (upstream * apply(*t)).sum(), tensors, gradients, name, step)
    return {"name": name, "layer": layer, "attributes": attributes,
            "parameters": named(parameters, parameters.values()),
            "input": document.tensor(x), "upstream": document.tensor(upstream),
            "output": document.tensor(output), "input_gradient": document.tensor(gradients[0]),
            "parameter_gradients": named(parameters, gradients[1:])}


def dense_cases():
    source = Source("dense")
    weight, bias = source.tensor([4, 3]), source.tensor([3])
    result = [layer_case("linear", "[5,4] to 3", {"bias": True}, source.tensor([5, 4]),
                         {"weight": weight, "bias": bias}, affine)]
    result.append(layer_case("linear", "[5,4] to 3, no bias", {"bias": False},
                             source.tensor([5, 4]), {"weight": weight},
                             lambda x, weight: affine(x, weight, None)))
    result.append(layer_case("linear", "[2,3,4] to 3", {"bias": True}, source.tensor([2, 3, 4]),
                             {"weight": weight, "bias": bias}, affine))
    return result


def layer_norm_cases():
    """Normalization over the last axis, variance with correction 0, epsilon inside the root."""
    epsilon = 1e-5
    result = []
    for label, shape, scale in [("[4,6]", [4, 6], 1.0), ("[2,3,5]", [2, 3, 5], 1.0),
                                ("[3,8], variance near epsilon", [3, 8], 2.0**-8)]:
        source = Source(f"layer_norm {label}")
        width = shape[-1]
        parameters = {"scale": source.tensor([width]), "bias": source.tensor([width])}
        x = source.tensor(shape) * scale
        result.append(layer_case(
            "layer_norm", label, {"epsilon": epsilon}, x, parameters,
            lambda x, w, b: functional.layer_norm(x, [width], w, b, epsilon),
            step=checks.STEP * scale))
    return result


def residual_cases():
    """h + s * branch in three arrangements; the scale s is a parameter with a gradient."""
    def identity(act, h, w1, b1, w2, b2, s):
        return h + s * affine(act(affine(h, w1, b1)), w2, b2)

    def pre_activation(act, h, w1, b1, w2, b2, s):
        return h + s * affine(act(affine(act(h), w1, b1)), w2, b2)

    def post_activation(act, h, w1, b1, w2, b2, s):
        return act(identity(act, h, w1, b1, w2, b2, s))

    arrangements = {
        "identity": (identity, "h + s * (act(h W1 + b1) W2 + b2)"),
        "pre_activation": (pre_activation, "h + s * (act(act(h) W1 + b1) W2 + b2)"),
        "post_activation": (post_activation, "act(h + s * (act(h W1 + b1) W2 + b2))"),
    }
    result = []
    for arrangement, (block, formula) in arrangements.items():
        for activation, act in ACTIVATIONS.items():
            for scale in (1.0, 0.35):
                label = f"{arrangement} {activation} scale={scale}"
                kinks = KinkRecorder(act)
                attempt = 0
                while True:
                    source = Source(f"residual {label} {attempt}")
                    x = source.tensor([5, 4])
                    parameters = {
                        "weight1": source.tensor([4, 4], -1.0, 1.0), "bias1": source.tensor([4]),
                        "weight2": source.tensor([4, 4], -1.0, 1.0), "bias2": source.tensor([4]),
                        "branch_scale": torch.tensor(scale, dtype=torch.float64)}
                    if kinks.clear(lambda: block(kinks, x, *parameters.values())):
                        break
                    attempt += 1
                result.append(layer_case(
                    "residual", label, {"arrangement": arrangement, "formula": formula,
                                        "activation": activation},
                    x, parameters, lambda *t: block(act, *t)))
    return result


def highway_cases():
    """t * act(x W_h + b_h) + (1 - t) * x with t = sigmoid(x W_t + b_t)."""
    def highway(act, x, wh, bh, wt, bt):
        gate = torch.sigmoid(affine(x, wt, bt))
        return gate * act(affine(x, wh, bh)) + (1 - gate) * x

    result = []
    for activation, act in ACTIVATIONS.items():
        kinks = KinkRecorder(act)
        attempt = 0
        while True:
            source = Source(f"highway {activation} {attempt}")
            x = source.tensor([5, 4])
            parameters = {
                "weight": source.tensor([4, 4], -1.0, 1.0), "bias": source.tensor([4]),
                "gate_weight": source.tensor([4, 4], -1.0, 1.0),
                "gate_bias": source.tensor([4], -3.0, -1.0)}
            if kinks.clear(lambda: highway(kinks, x, *parameters.values())):
                break
            attempt += 1
        result.append(layer_case("highway", activation, {"activation": activation}, x, parameters,
                                 lambda *t: highway(act, *t)))
    return result


def rms_norm_cases():
    """Normalization by the root mean square of the last axis, epsilon inside the root."""
    epsilon = 1e-5
    result = []
    for label, shape, scale in [("[4,6]", [4, 6], 1.0), ("[2,3,5]", [2, 3, 5], 1.0),
                                ("[3,8], mean square near epsilon", [3, 8], 2.0**-8)]:
        source = Source(f"rms_norm {label}")
        width = shape[-1]
        parameters = {"scale": source.tensor([width])}
        x = source.tensor(shape) * scale
        result.append(layer_case(
            "rms_norm", label, {"epsilon": epsilon}, x, parameters,
            lambda x, w: functional.rms_norm(x, [width], w, epsilon), step=checks.STEP * scale))
    return result


def tied_cases():
    """An autoencoder whose decoder has the encoder's weight, transposed: one weight, one gradient."""
    source = Source("tied")
    parameters = {"weight": source.tensor([4, 3], -1.0, 1.0), "bias": source.tensor([3]),
                  "output_bias": source.tensor([4])}
    return [layer_case(
        "tied", "[5,4] by 3", {}, source.tensor([5, 4]), parameters,
        lambda x, w, b, c: affine(torch.tanh(affine(x, w, b)), w.T, c))]


def fixup_cases():
    """act(h + m * (act((h + b1) W1 + b2) + b3) W2 + b4), all b and m single numbers."""
    def fixup(act, h, b1, w1, b2, b3, w2, m, b4):
        return act(h + m * ((act((h + b1) @ w1 + b2) + b3) @ w2) + b4)

    result = []
    for activation, act in ACTIVATIONS.items():
        kinks = KinkRecorder(act)
        attempt = 0
        while True:
            source = Source(f"fixup {activation} {attempt}")
            x = source.tensor([5, 4])
            parameters = {
                "bias1": source.tensor([]), "weight1": source.tensor([4, 4], -1.0, 1.0),
                "bias2": source.tensor([]), "bias3": source.tensor([]),
                "weight2": source.tensor([4, 4], -1.0, 1.0), "multiplier": source.tensor([]),
                "bias4": source.tensor([])}
            if kinks.clear(lambda: fixup(kinks, x, *parameters.values())):
                break
            attempt += 1
        result.append(layer_case("fixup", activation, {"activation": activation}, x, parameters,
                                 lambda *t: fixup(act, *t)))
    return result


def concatenating_cases():
    """[x, tanh(x W + b)] along the axis of features."""
    source = Source("concatenating")
    parameters = {"weight": source.tensor([4, 3], -1.0, 1.0), "bias": source.tensor([3])}
    return [layer_case("concatenating", "[5,4] and 3", {}, source.tensor([5, 4]), parameters,
                       lambda x, w, b: torch.cat([x, torch.tanh(affine(x, w, b))], 1))]


class KinkRecorder:
    """An activation that notes how near to 0 its arguments come."""

    def __init__(self, act):
        self.act = act
        self.nearest = float("inf")

    def __call__(self, x):
        self.nearest = min(self.nearest, float(x.detach().abs().min()))
        return self.act(x)

    def clear(self, run):
        self.nearest = float("inf")
        run()
        return self.nearest >= KINK_MARGIN
