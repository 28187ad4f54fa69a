"""Writes coefficients.h: python3 coefficients.py > coefficients.h (needs mpmath).

Each polynomial interpolates its function at the Chebyshev nodes of its interval, in 60 digits, and
is then rounded to the precision it serves. The bound next to it is the largest error of the rounded
polynomial at 4000 points, relative to the result that the kernel computes with it.
"""
from mpmath import cos, erf, erfc, exp, expm1, frexp, ldexp, log, log1p, mp, mpf, nint, pi, sqrt, tanh

mp.dps = 60
TINY = mpf(10) ** -15  # below, closed forms cancel, and the start of the series is exact enough


def exp_rest(r):
    return (expm1(r) - r) / r**2 if abs(r) > TINY else mpf(1) / 2 + r / 6


def log_rest(f):
    return (log1p(f) - f + f * f / 2) / f**3 if abs(f) > TINY else mpf(1) / 3 - f / 4


def tanh_rest(z):
    x = sqrt(z)
    return (tanh(x) - x) / x**3 if x > TINY else -mpf(1) / 3 + 2 * z / 15


def erf_rest(z):
    x = sqrt(z)
    return (erf(x) - 2 / sqrt(pi) * x) / x**3 if x > TINY else -2 / (3 * sqrt(pi))


def tail(shift):
    """The scaled tail of the normal distribution, exp(t^2 / 2) (1 - CDF(t)), times t + shift."""

    def function(s):
        t = shift * (1 + s) / (1 - s)
        return exp(t * t / 2) * erfc(t / sqrt(mpf(2))) / 2 * (t + shift)

    return function


def interpolate(function, low, high, count):
    """The coefficients, lowest first, of the polynomial through `count` Chebyshev nodes."""
    middle, half = (low + high) / 2, (high - low) / 2
    nodes = [middle + half * cos(pi * (2 * i + 1) / (2 * count)) for i in range(count)]
    divided = [function(x) for x in nodes]
    for order in range(1, count):
        for i in range(count - 1, order - 1, -1):
            divided[i] = (divided[i] - divided[i - 1]) / (nodes[i] - nodes[i - order])
    coefficients = [divided[-1]]
    for node, value in zip(reversed(nodes[:-1]), reversed(divided[:-1])):
        times_x = [mpf(0)] + coefficients
        coefficients = [a - node * b for a, b in zip(times_x, coefficients + [mpf(0)])]
        coefficients[0] += value
    return coefficients


def rounded(x, bits):
    mantissa, exponent = frexp(x)
    return ldexp(nint(ldexp(mantissa, bits)), exponent - bits)


class Precision:
    def __init__(self, suffix, ctype, ending, bits):
        self.suffix, self.ctype, self.ending, self.bits = suffix, ctype, ending, bits

    def literal(self, x):
        digits, exponent = float(x).hex().split("p")
        return digits.rstrip("0").rstrip(".") + "p" + exponent + self.ending

    def constant(self, name, value):
        value = self.literal(rounded(value, self.bits))
        print(f"static const {self.ctype} {name}_{self.suffix} = {value};")

    def polynomial(self, name, comment, function, low, high, count, share):
        """`share(x)` times function(x) is the part of the result that function(x) contributes."""
        values = [rounded(c, self.bits) for c in interpolate(function, low, high, count)]
        worst = mpf(0)
        for i in range(4000):
            x = low + (high - low) * (2 * i + 1) / 8000
            approximation = mpf(0)
            for c in reversed(values):
                approximation = approximation * x + c
            worst = max(worst, abs((approximation - function(x)) * share(x)))
        print(f"// {comment}\n// Error below 2^{float(log(worst, 2)):.1f} of the result.")
        print(f"static const {self.ctype} {name}_{self.suffix}[{count}] = {{")
        line = "   "
        for word in (f" {self.literal(c)}," for c in values):
            if len(line + word) > 100:
                print(line)
                line = "   "
            line += word
        print(line + "\n};")


def write(precision, exponent_bits, counts, shift, farthest):
    print()
    log_2 = log(mpf(2))
    high = rounded(log_2, precision.bits - exponent_bits)
    precision.constant("log2_e", 1 / log_2)
    print("// log 2 in two parts; the first times any exponent is exact.")
    precision.constant("log_2_high", high)
    precision.constant("log_2_low", log_2 - high)
    edge = log_2 / 2 * mpf("1.001")
    precision.polynomial(
        "exp_rest", "exp(r) - 1 = r + r^2 p(r) for |r| <= log(2) / 2.",
        exp_rest, -edge, edge, counts[0], lambda r: r**2 / expm1(r))
    precision.polynomial(
        "log_rest", "log(1 + f) = f - f^2 / 2 + f^3 p(f) for sqrt(1/2) <= 1 + f <= sqrt(2).",
        log_rest, sqrt(mpf(1) / 2) - mpf("1.0001"), sqrt(mpf(2)) - mpf("0.9999"), counts[1],
        lambda f: f**3 / log1p(f))
    precision.polynomial(
        "tanh_rest", "tanh(x) = x + x^3 p(x^2) for x^2 <= 0.42.",
        tanh_rest, mpf(0), mpf("0.42"), counts[2], lambda z: z * sqrt(z) / tanh(sqrt(z)))
    slope = 2 / sqrt(pi)
    print("// The slope of erf at 0 in two parts.")
    precision.constant("erf_slope", slope)
    precision.constant("erf_slope_low", slope - rounded(slope, precision.bits))
    precision.polynomial(
        "erf_rest", "erf(x) = 2 x / sqrt(pi) + x^3 p(x^2) for x^2 <= 0.9.",
        erf_rest, mpf(0), mpf("0.9"), counts[4], lambda z: z * sqrt(z) / erf(sqrt(z)))
    # These shifts are the ones near 4 and 5 whose coefficients lose least when rounded.
    scaled = tail(shift)
    print("// The scaled tail's shift, and how far the tail goes before it underflows.")
    precision.constant("tail_shift", shift)
    precision.constant("tail_end", farthest)
    precision.polynomial(
        "tail", "exp(t^2 / 2) (1 - normal CDF(t)) (t + shift) = p((t - shift) / (t + shift)).",
        scaled, mpf(-1), (farthest - shift) / (farthest + shift), counts[3],
        lambda s: 1 / scaled(s))
    precision.constant("normal_density_at_0", 1 / sqrt(2 * pi))


print("// Written by coefficients.py. Lowest coefficient first.")
write(Precision("f32", "float", "f", 24), 8, (6, 9, 6, 10, 7), mpf("3.375"), mpf("14.75"))
write(Precision("f64", "double", "", 53), 12, (11, 20, 13, 23, 13), mpf("5.9375"), mpf("38.75"))
