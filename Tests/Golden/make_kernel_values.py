"""Writes kernels.json: python3 make_kernel_values.py > kernels.json (needs mpmath).

For each function pairs of bits: of a double, and of the double nearest to the function there.
"""
import struct

from mpmath import erf, erfc, exp, expm1, frexp, ldexp, log, log1p, mp, mpf, nint, sqrt, tanh

mp.dps = 400  # exp(-745) next to 1 needs many digits

SMALL = [2.0**-1074, -(2.0**-1074), 3e-310, 1e-300, -1e-20, 1e-9, -1e-9, 1e-4, -1e-4]
MIDDLE = [0.01, -0.01, 0.1, -0.1, 0.2, -0.3, 0.34, -0.35, 0.5, -0.5, 0.64, 0.66, 0.7, -0.7]
MIDDLE += [1.0, -1.0]
LARGE = [1.5, -1.5, 2.0, -2.0, 3.3, -3.3, 5.5, -5.5, 9.0, -9.0, 17.0, -17.0, 20.0, -20.0]
POSITIVE = [0.4, 0.5**0.5, 0.9, 1 - 2.0**-53, 1 + 2.0**-52, 1.1, 2.0**0.5, 10.0, 1e9]
FUNCTIONS = {
    "exp": (exp, SMALL + MIDDLE + LARGE + [-745.1, -745.0, -740.0, -708.4, -100.0, 100.0, 709.7]),
    "expm1": (expm1, SMALL + MIDDLE + LARGE + [-37.4, -36.0, 36.0, 100.0, 709.7]),
    "log": (log, [x for x in SMALL + MIDDLE + LARGE if x > 0] + POSITIVE + [1.7e308]),
    "log1p": (
        log1p,
        SMALL + [x for x in MIDDLE + LARGE if x > -1] + POSITIVE + [-1 + 2.0**-53, 1.7e308],
    ),
    "tanh": (tanh, SMALL + MIDDLE + LARGE),
    "sigmoid": (
        lambda x: exp(x) / (1 + exp(x)) if x < 0 else 1 / (1 + exp(-x)),
        SMALL + MIDDLE + LARGE + [-745.0, -720.0, -100.0, -37.0, 37.0],
    ),
    "softplus": (
        lambda x: log1p(exp(x)) if x < 0 else x + log1p(exp(-x)),
        SMALL + MIDDLE + LARGE + [-745.0, -720.0, -100.0, -37.0, 37.0, 1e300],
    ),
    "normalCDF": (
        lambda x: erfc(-x / sqrt(mpf(2))) / 2,
        SMALL + MIDDLE + LARGE + [-38.4, -38.0, -37.6, -30.0, -8.0, 8.0],
    ),
    "erf": (erf, SMALL + MIDDLE + LARGE + [0.94, 0.949, -0.95, 5.8, 6.0]),
}


def nearest(x):
    """The double nearest to x, subnormal numbers included."""
    mantissa, exponent = frexp(x)
    unit = max(exponent - 53, -1074)
    return float(ldexp(nint(ldexp(mantissa, exponent - unit)), unit))


def bits(x):
    return f"{struct.unpack('<Q', struct.pack('<d', x))[0]:016x}"


def pairs(function, inputs):
    lines = [f'    ["{bits(x)}", "{bits(nearest(function(mpf(x))))}"]' for x in inputs]
    return "[\n" + ",\n".join(lines) + "\n  ]"


print("{\n" + ",\n".join(f'  "{name}": {pairs(*entry)}' for name, entry in FUNCTIONS.items()) + "\n}")
