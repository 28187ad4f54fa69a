"""initializers.json: standard deviations and bounds; the random values themselves differ."""

import math

import torch

from . import checks

# Activation name in PyTorch, its parameter, and the gain as a formula.
GAINS = [
    ("linear", None, 1.0), ("sigmoid", None, 1.0), ("tanh", None, 5 / 3),
    ("relu", None, math.sqrt(2.0)), ("leaky_relu", 0.01, math.sqrt(2 / (1 + 0.01**2))),
    ("leaky_relu", 0.2, math.sqrt(2 / (1 + 0.2**2))), ("selu", None, 0.75),
]

SHAPES = [(3, 5), (64, 64), (784, 64), (64, 10)]  # fan in, fan out


class Recorder(torch.Tensor):
    """A tensor that notes what it is asked to be filled with, instead of being filled."""

    asked = None

    def normal_(self, mean=0.0, std=1.0, generator=None):
        Recorder.asked = ("normal", mean, std)
        return self

    def uniform_(self, low=0.0, high=1.0, generator=None):
        assert low == -high
        Recorder.asked = ("uniform", low, high)
        return self


def asked_of_torch(initialize, fan_in, fan_out):
    """What a torch.nn.init function asks for: the distribution and its width."""
    initialize(torch.empty(fan_out, fan_in, dtype=torch.float64).as_subclass(Recorder))
    kind, _, width = Recorder.asked
    return kind, width


def gains():
    result = []
    for activation, parameter, formula in GAINS:
        gain = torch.nn.init.calculate_gain(activation, parameter)
        checks.check_equal("gain against formula", gain, formula, activation)
        result.append({"activation": activation, "slope": parameter, "gain": float(gain)})
    return result


def cases():
    """Variance scaling: standard deviation gain / sqrt(fan); uniform bound sqrt(3) of that."""
    result = []
    for fan_in, fan_out in SHAPES:
        fans = {"in": fan_in, "out": fan_out, "average": (fan_in + fan_out) / 2}
        for activation, slope, _ in GAINS:
            gain = torch.nn.init.calculate_gain(activation, slope)
            for mode in ("in", "out"):
                result.append(scheme("kaiming", activation, slope, gain, mode, fans))
            result.append(scheme("xavier", activation, slope, gain, "average", fans))
        result.append(scheme("lecun", None, None, 1.0, "in", fans))
    return result


def scheme(name, activation, slope, gain, mode, fans):
    deviation = gain / math.sqrt(fans[mode])
    bound = math.sqrt(3.0) * deviation
    check_with_torch(name, activation, slope, gain, mode, fans, deviation, bound)
    return {"scheme": name, "activation": activation, "slope": slope, "gain": float(gain),
            "fan_in": fans["in"], "fan_out": fans["out"], "fan_mode": mode,
            "standard_deviation": deviation, "uniform_bound": bound}


def check_with_torch(name, activation, slope, gain, mode, fans, deviation, bound):
    """PyTorch has no LeCun scheme; the other two must ask for exactly these widths."""
    init = torch.nn.init
    if name == "kaiming":
        options = {"a": slope or 0, "mode": f"fan_{mode}", "nonlinearity": activation}
        functions = [lambda t: init.kaiming_normal_(t, **options),
                     lambda t: init.kaiming_uniform_(t, **options)]
    elif name == "xavier":
        functions = [lambda t: init.xavier_normal_(t, gain),
                     lambda t: init.xavier_uniform_(t, gain)]
    else:
        return
    for function, expected in zip(functions, [("normal", deviation), ("uniform", bound)]):
        kind, width = asked_of_torch(function, fans["in"], fans["out"])
        assert kind == expected[0]
        checks.check_equal("initializer against formula", width, expected[1], name)


def linear_defaults():
    """torch.nn.Linear without further ado: weights and biases uniform within 1 / sqrt(fan in)."""
    result = []
    for fan_in, fan_out in SHAPES:
        bound = 1 / math.sqrt(fan_in)
        kind, width = asked_of_torch(
            lambda t: torch.nn.init.kaiming_uniform_(t, a=math.sqrt(5)), fan_in, fan_out)
        assert kind == "uniform"
        checks.check_equal("initializer against formula", width, bound, "torch.nn.Linear")
        layer = torch.nn.Linear(fan_in, fan_out, dtype=torch.float64)
        assert max(float(p.detach().abs().max()) for p in layer.parameters()) <= bound
        result.append({"fan_in": fan_in, "fan_out": fan_out, "weight_bound": bound,
                       "bias_bound": bound, "weight_standard_deviation": bound / math.sqrt(3.0)})
    return result
