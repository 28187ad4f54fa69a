"""operations.json, section `extremes`: what stable functions must give, from mpmath, not PyTorch.

Values are computed with 700 digits and rounded once to float64, subnormal results too. At an
infinity the value is the limit. A zero that stands for a limit or an underflow carries no promise
about its sign.
"""

from fractions import Fraction

from mpmath import mp, mpf

from .document import number
from .source import element_count

# Enough for 1 + x to keep an x of 1e-300, twice over.
DIGITS = 700

INFINITY = float("inf")
NAN = float("nan")

SYMMETRIC = [0.0, 1e-300, 1e-16, 1e-8, 1e-4, 1.0, 10.0, 20.0, 37.0, 100.0, 708.0, 745.0, 1e3,
             1e300, INFINITY]
POINTS = [-x for x in reversed(SYMMETRIC)] + SYMMETRIC + [NAN]


def cases():
    return elementwise_cases() + logsumexp_cases() + softmax_cases() + loss_cases()


def exact(value):
    """The float64 nearest to an mpmath number."""
    value = mpf(value)
    if mp.isnan(value) or mp.isinf(value) or value == 0:
        return float(value)
    if abs(value) < mpf("1e-400"):
        return 0.0
    if abs(value) > mpf("1e400"):
        return INFINITY if value > 0 else -INFINITY
    sign, mantissa, exponent, _ = value._mpf_
    try:
        # int / int and Fraction round correctly, into the subnormal range as well.
        return float(Fraction(-mantissa if sign else mantissa) * Fraction(2) ** exponent)
    except OverflowError:
        return INFINITY if value > 0 else -INFINITY


def sigmoid(x):
    return 1 / (1 + mp.exp(-x)) if x >= 0 else mp.exp(x) / (1 + mp.exp(x))


def softplus(x):
    return max(x, mpf(0)) + mp.log1p(mp.exp(-abs(x)))


def normal_density(x):
    return mp.exp(-x * x / 2) / mp.sqrt(2 * mp.pi)


def normal_distribution(x):
    if x < -1e6:
        return mpf(0)  # About exp(-5e11); mpmath cannot hold the exponent for 1e300.
    return mp.erfc(-x / mp.sqrt(2)) / 2


def sech_squared(x):
    small = mp.exp(-2 * abs(x))
    return 4 * small / (1 + small) ** 2


LOG1P_LIMITS = {1: (INFINITY, 0.0)}

# Operation: value, slope, {sign of the infinity: (value, slope) there}.
ELEMENTWISE = {
    "log1p": (mp.log1p, lambda x: 1 / (1 + x), LOG1P_LIMITS),
    "expm1": (mp.expm1, mp.exp, {1: (INFINITY, INFINITY), -1: (-1.0, 0.0)}),
    "tanh": (mp.tanh, sech_squared, {1: (1.0, 0.0), -1: (-1.0, 0.0)}),
    "sigmoid": (sigmoid, lambda x: sigmoid(x) * sigmoid(-x), {1: (1.0, 0.0), -1: (0.0, 0.0)}),
    "softplus": (softplus, sigmoid, {1: (INFINITY, 1.0), -1: (0.0, 0.0)}),
    "gelu": (lambda x: x * normal_distribution(x),
             lambda x: normal_distribution(x) + x * normal_density(x),
             {1: (INFINITY, 1.0), -1: (0.0, 0.0)}),
    "silu": (lambda x: x * sigmoid(x), lambda x: sigmoid(x) * (1 + x * sigmoid(-x)),
             {1: (INFINITY, 1.0), -1: (0.0, 0.0)}),
    "elu": (lambda x: x if x > 0 else mp.expm1(x), lambda x: mpf(1) if x > 0 else mp.exp(x),
            {1: (INFINITY, 1.0), -1: (-1.0, 0.0)}),
}

ATTRIBUTES = {"elu": {"alpha": 1.0}}


def elementwise_cases():
    result = []
    for operation, (value, slope, limits) in ELEMENTWISE.items():
        points = POINTS
        if operation == "log1p":
            points = [-1.0, -1.0 + 2.0**-53, -0.5] + [x for x in POINTS if not x < -0.01]
        pairs = [evaluate(point, value, slope, limits) for point in points]
        result.append(extreme(operation, "", ATTRIBUTES.get(operation, {}),
                              {"x": (points, [len(points)])},
                              ([a for a, _ in pairs], [len(points)]),
                              {"x": ([b for _, b in pairs], [len(points)])}))
    return result


def evaluate(point, value, slope, limits):
    """Value and slope at one point, as float64."""
    if point != point:
        return NAN, NAN
    if abs(point) == INFINITY:
        return limits[1 if point > 0 else -1]
    with mp.workdps(DIGITS):
        x = mpf(point)
        if x == -1 and limits is LOG1P_LIMITS:
            return -INFINITY, INFINITY
        return exact(value(x)), exact(slope(x))


def extreme(operation, label, attributes, inputs, output, slopes):
    """A case whose `gradients` are for an upstream gradient of ones."""
    def tensor(values, shape, name=None):
        assert len(values) == element_count(shape)
        fields = {} if name is None else {"name": name}
        return {**fields, "shape": shape, "values": [number(x) for x in values]}

    return {"name": f"{operation} {label}".strip(), "operation": operation,
            "attributes": attributes,
            "inputs": [tensor(*pair, name) for name, pair in inputs.items()],
            "output": tensor(*output),
            "gradients": [tensor(*pair, name) for name, pair in slopes.items()]}


def log_sum_exp(row):
    """log of the sum of exp, and softmax, by mpmath, for a row of floats without +inf."""
    largest = mpf(max(row))
    weights = [mpf(0) if x == -INFINITY else mp.exp(mpf(x) - largest) for x in row]
    total = sum(weights)
    return largest + mp.log(total), [w / total for w in weights], weights, total


ROWS = [
    [1e3, 1e3], [-1e3, -1e3, -1e3], [1e3, -1e3], [1e3, 999.0, 998.5], [-1e3, -1000.5],
    [0.0, 1e-300], [1e-300, -1e-300], [0.0, 0.0, 0.0], [0.0, -37.0], [0.0, -745.0],
    [1e300, 1e300], [-1e300, 1e300], [-1e300, -1e300], [700.0, 0.0, -700.0],
    [-INFINITY, 0.0], [-INFINITY, -1e3, -1e3],
]


def logsumexp_cases():
    result = []
    for row in ROWS:
        with mp.workdps(DIGITS):
            value, softmax, _, _ = log_sum_exp(row)
            shape = [1, len(row)]
            result.append(extreme("logsumexp", str(row), {"axes": [1], "keep_dims": False},
                                  {"x": (row, shape)}, ([exact(value)], [1]),
                                  {"x": ([exact(p) for p in softmax], shape)}))
    for row, value in [([INFINITY, 0.0], INFINITY), ([-INFINITY, -INFINITY], -INFINITY),
                       ([NAN, 0.0], NAN)]:
        result.append(extreme("logsumexp", str(row), {"axes": [1], "keep_dims": False},
                              {"x": (row, [1, 2])}, ([value], [1]), {}))
    return result


def softmax_cases():
    """Values only: the gradient of softmax for an upstream of ones is zero."""
    result = []
    for operation in ("softmax", "log_softmax"):
        for row in ROWS:
            with mp.workdps(DIGITS):
                value, softmax, _, _ = log_sum_exp(row)
                logarithms = [mpf(x) - value if abs(x) != INFINITY else x for x in row]
                chosen = softmax if operation == "softmax" else logarithms
                output = [exact(x) for x in chosen]
            result.append(extreme(operation, str(row), {"axis": 1}, {"x": (row, [1, len(row)])},
                                  (output, [1, len(row)]), {}))
    return result


def loss_cases():
    return cross_entropy_cases() + [binary_cross_entropy_case()]


def cross_entropy_cases():
    """The mean over the rows of -log softmax(row)[class], and its gradient."""
    problems = [
        ("far apart, right", [[1e3, 0.0]], [0]), ("far apart, wrong", [[1e3, 0.0]], [1]),
        ("tail, right", [[30.0, -30.0]], [0]), ("tail, wrong", [[30.0, -30.0]], [1]),
        ("large, equal", [[1e3, 1e3, 1e3]], [2]), ("tiny", [[1e-300, -1e-300, 0.0]], [0]),
        ("huge, wrong", [[1e300, -1e300]], [1]), ("huge, equal", [[-1e300, -1e300]], [0]),
        ("masked class", [[-INFINITY, 0.0, 1.0]], [2]),
        ("masked class is the right one", [[-INFINITY, 0.0]], [0]),
        ("two rows", [[1e3, -1e3, 0.0], [0.0, 1e-300, -745.0]], [2, 0]),
    ]
    result = []
    for label, rows, classes in problems:
        with mp.workdps(DIGITS):
            total, slopes = mpf(0), []
            for row, index in zip(rows, classes):
                value, softmax, weights, weight_sum = log_sum_exp(row)
                # log(total weight / own weight), free of cancellation at any size.
                own = weights[index]
                total += value - mpf(row[index]) if own == 0 else mp.log(weight_sum / own)
                for i, p in enumerate(softmax):
                    # 1 - p is the weight of the other classes.
                    others = sum(weights[:i] + weights[i + 1:])
                    slope = -others / weight_sum if i == index else p
                    slopes.append(exact(slope / len(rows)))
            loss = exact(total / len(rows))
        shape = [len(rows), len(rows[0])]
        flat = [x for row in rows for x in row]
        result.append(extreme("cross_entropy", label, {"indices": classes},
                              {"logits": (flat, shape)}, ([loss], []),
                              {"logits": (slopes, shape)}))
    return result


def binary_cross_entropy_case():
    """Element by element, without the mean: softplus(z) - y z, slope sigmoid(z) - y."""
    logits, targets, losses, slopes = [], [], [], []
    for target in (0.0, 1.0, 0.25):
        for point in POINTS:
            if abs(point) >= 1e300:
                continue
            with mp.workdps(DIGITS):
                z, y = mpf(point), mpf(target)
                losses.append(exact(y * softplus(-z) + (1 - y) * softplus(z)))
                slopes.append(exact((1 - y) * sigmoid(z) - y * sigmoid(-z)))
            logits.append(point)
            targets.append(target)
    for point, target, loss, slope in [
            (INFINITY, 1.0, 0.0, 0.0), (-INFINITY, 0.0, 0.0, 0.0),
            (INFINITY, 0.0, INFINITY, 1.0), (-INFINITY, 1.0, INFINITY, -1.0),
            (1e300, 0.0, 1e300, 1.0), (-1e300, 1.0, 1e300, -1.0), (NAN, 0.0, NAN, NAN)]:
        for column, value in zip((logits, targets, losses, slopes), (point, target, loss, slope)):
            column.append(value)
    shape = [len(logits)]
    return extreme("binary_cross_entropy_with_logits", "elementwise", {"reduction": "none"},
                   {"logits": (logits, shape), "targets": (targets, shape)}, (losses, shape),
                   {"logits": (slopes, shape)})
