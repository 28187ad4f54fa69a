"""Self-checks: oracles for PyTorch's gradients that share no code with PyTorch's autograd.

Every check traps when it fails and remembers the largest error it let pass, so that the summary
printed at the end says how good the golden values are.
"""

import torch
from mpmath import mp, mpf

mp.dps = 50

# The step and the tolerance of the five-point central difference, whose error is about
# step^4 f'''''/30 from truncation and 1e-16 |f| / step from rounding.
STEP = 2e-4
DIFFERENCE_TOLERANCE = 1e-8

# Relative; PyTorch's gelu is the least exact (1 + erf cancels for negative arguments).
MPMATH_TOLERANCE = 2e-14

largest = {}
counts = {}


def record(kind, error, tolerance, where):
    """Traps when `error` exceeds `tolerance`; otherwise remembers the largest."""
    if not error <= tolerance:
        raise AssertionError(f"{kind}: error {error} above {tolerance} in {where}")
    largest[kind] = max(largest.get(kind, 0.0), error)
    counts[kind] = counts.get(kind, 0) + 1


def check_gradients(function, inputs, gradients, where, step=STEP):
    """Compares `gradients` with five-point central differences of the scalar `function`."""
    for position, (value, gradient) in enumerate(zip(inputs, gradients)):
        assert gradient.shape == value.shape, f"{where}: {gradient.shape}, {value.shape}"
        for element in range(value.numel()):

            def at(offset):
                moved = [tensor.detach().clone() for tensor in inputs]
                moved[position].view(-1)[element] += offset
                return float(function(*moved))

            near = at(step) - at(-step)
            far = at(2 * step) - at(-2 * step)
            expected = (8 * near - far) / (12 * step)
            actual = float(gradient.reshape(-1)[element])
            error = abs(actual - expected) / max(1.0, abs(expected))
            record("gradient against central difference", error, DIFFERENCE_TOLERANCE,
                   f"{where}, input {position}, element {element}")


def check_against_mpmath(kind, actual, expected, where, tolerance=MPMATH_TOLERANCE):
    """Compares a float with an mpmath value, relatively."""
    expected = mpf(expected)
    error = abs(mpf(actual) - expected)
    relative = error / abs(expected) if expected != 0 else error
    record(kind, float(relative), tolerance, where)


def check_equal(kind, actual, expected, where, tolerance=1e-13):
    """Compares tensors or lists by element, relative to the larger of 1 and |expected|."""
    actual = torch.as_tensor(actual, dtype=torch.float64)
    expected = torch.as_tensor(expected, dtype=torch.float64)
    assert actual.shape == expected.shape, f"{where}: {actual.shape}, {expected.shape}"
    scale = torch.clamp(expected.abs(), min=1.0)
    error = float(((actual - expected).abs() / scale).max()) if actual.numel() else 0.0
    record(kind, error, tolerance, where)


def summary():
    return [f"{kind}: {counts[kind]} comparisons, largest error {largest[kind]:.1e}"
            for kind in sorted(largest)]
