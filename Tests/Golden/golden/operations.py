"""operations.json, section `cases`: every operation at smooth points, gradients of every input."""

import torch
import torch.nn.functional as functional
from mpmath import mp

from . import checks
from .case import boolean, case, shape_label
from .source import KINK_MARGIN, Source

POINTS = [3, 4]


def cases():
    return (binary_cases() + extremum_of_two_cases() + power_cases() + unary_cases()
            + clip_cases() + reduction_cases() + softmax_cases() + shape_cases()
            + selection_cases() + matmul_cases() + fan_out_cases())


def binary_cases():
    """x + y, x - y, x * y, x / y under broadcasting."""
    shapes = [([3, 4], [3, 4]), ([3, 4], [4]), ([3, 1], [1, 4]), ([2, 3, 4], [3, 1]),
              ([3, 4], []), ([], [3, 4]), ([1], [3, 4]), ([4], [2, 3, 4]), ([0, 4], [4])]
    operations = {"add": torch.add, "subtract": torch.subtract,
                  "multiply": torch.multiply, "divide": torch.divide}
    result = []
    for operation, apply in operations.items():
        for left, right in shapes:
            label = shape_label(left, right)
            source = Source(f"{operation} {label}")
            clear = {"clear_of": (0.0,), "margin": 0.3} if operation == "divide" else {}
            inputs = {"x": source.tensor(left), "y": source.tensor(right, **clear)}
            second = operation in ("multiply", "divide") and (left, right) == ([3, 4], [4])
            result.append(case(operation, label, inputs, apply, second_order=second))
    return result


def extremum_of_two_cases():
    """minimum(x, y) and maximum(x, y), |x - y| at least the kink margin."""
    result = []
    for operation, apply in {"minimum": torch.minimum, "maximum": torch.maximum}.items():
        for left, right in [([3, 4], [3, 4]), ([3, 4], [4]), ([3, 4], [])]:
            label = shape_label(left, right)
            source = Source(f"{operation} {label}")
            while True:
                x, y = source.tensor(left), source.tensor(right)
                if float((x - y).abs().min()) >= KINK_MARGIN:
                    break
            result.append(case(operation, label, {"x": x, "y": y}, apply))
    return result


def power_cases():
    """x^c for a constant c, and x^y for two tensors."""
    result = []
    for exponent in [2.0, 3.0, 0.5, -1.5, -1.0, 1.0, 0.0, 2.5]:
        label = f"exponent={exponent}"
        signed = exponent in (0.0, 1.0, 2.0, 3.0)
        x = Source(f"power {label}").tensor(POINTS, -2.0 if signed else 0.3, 2.5)
        result.append(case("power", label, {"x": x}, lambda x, c=exponent: torch.pow(x, c),
                           {"exponent": exponent}, second_order=exponent not in (0.0, 1.0)))
    for left, right in [([3, 4], [3, 4]), ([3, 1], [4])]:
        label = shape_label(left, right)
        source = Source(f"power_of_tensors {label}")
        inputs = {"x": source.tensor(left, 0.3, 2.5), "y": source.tensor(right)}
        result.append(case("power_of_tensors", label, inputs, torch.pow,
                           second_order=left == right))
    return result


# Operation: PyTorch function, mpmath function, low, high, kinks, attributes.
UNARY = {
    "negate": (torch.neg, lambda x: -x, -2, 2, (), {}),
    "exp": (torch.exp, mp.exp, -3, 3, (), {}),
    "log": (torch.log, mp.log, 0.1, 5, (), {}),
    "log1p": (torch.log1p, mp.log1p, -0.8, 4, (), {}),
    "expm1": (torch.expm1, mp.expm1, -3, 2, (), {}),
    "sqrt": (torch.sqrt, mp.sqrt, 0.1, 5, (), {}),
    "square": (torch.square, lambda x: x * x, -2, 2, (), {}),
    "reciprocal": (torch.reciprocal, lambda x: 1 / x, -3, 3, (0.0,), {}),
    "sin": (torch.sin, mp.sin, -4, 4, (), {}),
    "cos": (torch.cos, mp.cos, -4, 4, (), {}),
    "erf": (torch.erf, mp.erf, -2, 2, (), {}),
    "tanh": (torch.tanh, mp.tanh, -3, 3, (), {}),
    "sigmoid": (torch.sigmoid, lambda x: 1 / (1 + mp.exp(-x)), -5, 5, (), {}),
    "softplus": (functional.softplus, lambda x: mp.log1p(mp.exp(x)), -5, 5, (), {}),
    "relu": (functional.relu, lambda x: max(x, 0), -2, 2, (0.0,), {}),
    "leaky_relu": (lambda x: functional.leaky_relu(x, 0.01),
                   lambda x: x if x > 0 else mp.mpf(0.01) * x, -2, 2, (0.0,), {"slope": 0.01}),
    "elu": (lambda x: functional.elu(x, 1.0),
            lambda x: x if x > 0 else mp.expm1(x), -3, 2, (0.0,), {"alpha": 1.0}),
    "gelu": (functional.gelu, lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2, -4, 4, (), {}),
    "silu": (functional.silu, lambda x: x / (1 + mp.exp(-x)), -5, 5, (), {}),
    "abs": (torch.abs, abs, -2, 2, (0.0,), {}),
}

PIECEWISE_LINEAR = ("negate", "relu", "leaky_relu", "abs")


def unary_cases():
    """Elementwise functions of one input, each also compared with mpmath."""
    result = []
    for operation, (apply, exact, low, high, kinks, attributes) in UNARY.items():
        margin = 0.3 if operation == "reciprocal" else KINK_MARGIN
        x = Source(operation).tensor(POINTS, low, high, kinks, margin)
        made = case(operation, "", {"x": x}, apply, attributes,
                    second_order=operation not in PIECEWISE_LINEAR)
        check_unary(operation, exact, made)
        result.append(made)
    return result


def check_unary(operation, exact, made):
    """Value and gradient against mpmath with 50 digits."""
    x = made["inputs"][0]["values"]
    for i, point in enumerate(x):
        point = mp.mpf(point)
        value, upstream = made["output"]["values"][i], made["upstream"]["values"][i]
        checks.check_against_mpmath("value against mpmath", value, exact(point), operation)
        # mpmath differentiates numerically, with digits to spare.
        slope = mp.mpf(upstream) * mp.diff(exact, point)
        checks.check_against_mpmath("gradient against mpmath", made["gradients"][0]["values"][i],
                                    slope, operation)


def clip_cases():
    """clip(x, lower, upper)."""
    lower, upper = -0.5, 1.25
    x = Source("clip").tensor([4, 5], -2.0, 2.5, (lower, upper))
    return [case("clip", "", {"x": x}, lambda x: torch.clamp(x, lower, upper),
                 {"lower": lower, "upper": upper})]


def reduction_cases():
    """Sum, mean, maximum, minimum, variance and log-sum-exp over lists of axes."""
    def variance(correction):
        return lambda x, axes, keepdim: torch.var(x, axes, correction=correction, keepdim=keepdim)

    operations = {
        "sum": (torch.sum, {}),
        "mean": (torch.mean, {}),
        "max": (torch.amax, {}),
        "min": (torch.amin, {}),
        "variance": (variance(0), {"correction": 0}),
        "sample_variance": (variance(1), {"correction": 1}),
        "logsumexp": (torch.logsumexp, {}),
    }
    result = []
    for key, (apply, extra) in operations.items():
        operation = "variance" if "correction" in extra else key
        for axes in [[0], [1], [2], [0, 2], [1, 2], [0, 1, 2]]:
            for keep in (False, True):
                label = f"axes={axes} keep_dims={boolean(keep)}".replace(", ", ",")
                if extra:
                    label = f"correction={extra['correction']} {label}"
                # The same input with and without kept axes.
                x = Source(f"{key} {axes}").distinct_tensor([2, 3, 4])
                second = (key in ("variance", "sample_variance", "logsumexp") and not keep
                          and axes in ([2], [0, 1, 2]))
                result.append(case(
                    operation, label, {"x": x}, lambda x: apply(x, axes, keepdim=keep),
                    {**extra, "axes": axes, "keep_dims": keep}, second_order=second))
    empty = torch.zeros([0, 4], dtype=torch.float64)
    result.append(case("sum", "empty axes=[0] keep_dims=false", {"x": empty},
                       lambda x: torch.sum(x, 0), {"axes": [0], "keep_dims": False}))
    return result


def softmax_cases():
    """softmax and log_softmax along one axis."""
    result = []
    for operation, apply in {"softmax": torch.softmax, "log_softmax": torch.log_softmax}.items():
        for shape, axis in [([3, 5], 1), ([3, 5], 0), ([2, 3, 4], 1), ([2, 3, 4], 2), ([6], 0)]:
            label = f"{shape_label(shape)} axis={axis}"
            x = Source(f"{operation} {label}").tensor(shape, -3.0, 3.0)
            result.append(case(operation, label, {"x": x}, lambda x: apply(x, axis),
                               {"axis": axis}, second_order=(shape, axis) == ([3, 5], 1)))
    return result


def shape_cases():
    """Reshape, permute, broadcast, slice, concatenate."""
    result = []
    for before, after in [([3, 4], [2, 6]), ([3, 4], [12]), ([2, 3, 4], [6, 4]), ([], [1, 1])]:
        label = f"{shape_label(before)} to {shape_label(after)}"
        x = Source(f"reshape {label}").tensor(before)
        result.append(case("reshape", label, {"x": x}, lambda x: x.reshape(after),
                           {"shape": after}))
    for shape, permutation in [([3, 4], [1, 0]), ([2, 3, 4], [2, 0, 1]), ([2, 3, 4], [0, 2, 1])]:
        label = f"{shape_label(shape)} by {shape_label(permutation)}"
        x = Source(f"transpose {label}").tensor(shape)
        result.append(case("transpose", label, {"x": x}, lambda x: x.permute(permutation),
                           {"permutation": permutation}))
    for before, after in [([4], [3, 4]), ([3, 1], [3, 4]), ([], [2, 3]), ([2, 1, 4], [2, 3, 4])]:
        label = f"{shape_label(before)} to {shape_label(after)}"
        x = Source(f"broadcast_to {label}").tensor(before)
        result.append(case("broadcast_to", label, {"x": x},
                           lambda x: torch.broadcast_to(x, after), {"shape": after}))
    for shape, starts, ends, steps in [
            ([4, 5], [1, 2], [3, 5], [1, 1]), ([4, 5], [0, 1], [4, 2], [1, 1]),
            ([2, 3, 4], [0, 1, 1], [2, 3, 3], [1, 1, 1]), ([5, 6], [0, 1], [5, 6], [2, 3])]:
        ranges = tuple(slice(*bounds) for bounds in zip(starts, ends, steps))
        label = f"{shape_label(shape)} {shape_label(starts, ends, steps)}"
        x = Source(f"slice {label}").tensor(shape)
        result.append(case("slice", label, {"x": x}, lambda x: x[ranges],
                           {"starts": starts, "ends": ends, "steps": steps}))
    for axis, shapes in [(0, [[2, 3], [1, 3], [3, 3]]), (1, [[2, 3], [2, 1], [2, 2]]),
                         (2, [[2, 1, 2], [2, 1, 3]]), (0, [[2], [3]])]:
        label = f"{shape_label(*shapes)} axis={axis}"
        source = Source(f"concatenate {label}")
        inputs = {f"x{i}": source.tensor(shape) for i, shape in enumerate(shapes)}
        result.append(case("concatenate", label, inputs, lambda *x: torch.cat(x, axis),
                           {"axis": axis}))
    return result


def selection_cases():
    """One class of each row, one-hot rows, elementwise choice."""
    indices = [1, 4, 0, 1]
    x = Source("gather_class").tensor([4, 5])
    result = [case("gather_class", "[4,5]", {"x": x},
                   lambda x: x.gather(1, torch.tensor(indices).reshape(-1, 1)).reshape(-1),
                   {"indices": indices})]
    one_hot = functional.one_hot(torch.tensor(indices), 5).to(torch.float64)
    result.append({"name": "one_hot", "operation": "one_hot",
                   "attributes": {"indices": indices, "classes": 5}, "inputs": [],
                   "upstream": None,
                   "output": {"shape": [4, 5], "values": one_hot.reshape(-1).tolist()},
                   "gradients": []})
    for left, right in [([3, 4], [3, 4]), ([3, 4], []), ([4], [3, 1])]:
        label = shape_label(left, right)
        source = Source(f"where {label}")
        mask = torch.tensor(source.indices(12, 2), dtype=torch.bool).reshape(3, 4)
        inputs = {"x": source.tensor(left), "y": source.tensor(right)}
        result.append(case("where", label, inputs, lambda x, y: torch.where(mask, x, y),
                           {"mask_shape": [3, 4], "mask": mask.reshape(-1).tolist()}))
    return result


def matmul_cases():
    """Matrix products in the four storage orders, batched, with vectors, and the linear map."""
    result = []
    for left_transposed in (False, True):
        for right_transposed in (False, True):
            label = f"transpose_left={boolean(left_transposed)}" \
                f" transpose_right={boolean(right_transposed)}"
            source = Source(f"matmul {label}")
            x = source.tensor([4, 3] if left_transposed else [3, 4])
            y = source.tensor([5, 4] if right_transposed else [4, 5])
            result.append(case(
                "matmul", label, {"x": x, "y": y},
                lambda x, y: (x.T if left_transposed else x) @ (y.T if right_transposed else y),
                {"transpose_left": left_transposed, "transpose_right": right_transposed},
                second_order=not left_transposed and not right_transposed))
    plain = {"transpose_left": False, "transpose_right": False}
    for left, right in [([2, 3, 4], [2, 4, 5]), ([2, 3, 4], [4, 5]), ([3, 4], [2, 4, 5]),
                        ([3, 4], [4]), ([3], [3, 4]), ([4], [4]), ([2, 0], [0, 3]),
                        ([0, 3], [3, 2])]:
        label = shape_label(left, right)
        source = Source(f"matmul {label}")
        inputs = {"x": source.tensor(left), "y": source.tensor(right)}
        result.append(case("matmul", label, inputs, torch.matmul, plain))
    source = Source("linear")
    inputs = {"x": source.tensor([5, 4]), "weight": source.tensor([4, 3]),
              "bias": source.tensor([3])}
    # PyTorch stores the weight out x in; here it is in x out.
    result.append(case("linear", "[5,4] [4,3] [3]", inputs,
                       lambda x, w, b: functional.linear(x, w.T, b), second_order=True))
    return result


def fan_out_cases():
    """One variable used more than once, or not at all: gradients must add up, or be zero."""
    expressions = {
        "x + x": (lambda x: x + x, 1),
        "x * x": (lambda x: x * x, 1),
        "x + tanh(x)": (lambda x: x + torch.tanh(x), 1),
        "x * tanh(x) + exp(x)": (lambda x: x * torch.tanh(x) + torch.exp(x), 1),
        "matmul(x, x)": (lambda x: x @ x, 1),
        "concatenate(x, x, axis 0)": (lambda x: torch.cat([x, x], 0), 1),
        "tanh(x), y unused": (lambda x, y: torch.tanh(x), 2),
    }
    result = []
    for expression, (apply, count) in expressions.items():
        source = Source(f"fan_out {expression}")
        inputs = {name: source.tensor([3, 3]) for name in "xy"[:count]}
        result.append(case("fan_out", expression, inputs, apply, {"expression": expression}))
    return result
