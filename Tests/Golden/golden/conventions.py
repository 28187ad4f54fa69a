"""operations.json, section `kinks`: what PyTorch answers where there is no derivative.

For information: another convention is not wrong when it lies between the one-sided slopes.
"""

import torch
import torch.nn.functional as functional

from .case import case

ZEROS = [-1.0, -0.0, 0.0, 1.0]


def cases():
    return elementwise_cases() + clip_cases() + tie_cases() + power_cases()


def kink(operation, label, inputs, apply, convention, attributes=None):
    tensors = {name: torch.tensor(value, dtype=torch.float64) for name, value in inputs.items()}
    return case(operation, label, tensors, apply, attributes, checked=False,
                convention=convention)


def elementwise_cases():
    return [
        kink("relu", "at 0", {"x": ZEROS}, functional.relu, "slope 0 at 0"),
        kink("leaky_relu", "at 0", {"x": ZEROS}, lambda x: functional.leaky_relu(x, 0.01),
             "the slope of the negative side at 0", {"slope": 0.01}),
        kink("elu", "at 0", {"x": ZEROS}, lambda x: functional.elu(x, 1.0),
             "slope alpha at 0; with alpha 1 there is no kink", {"alpha": 1.0}),
        kink("elu", "at 0, alpha 0.5", {"x": ZEROS}, lambda x: functional.elu(x, 0.5),
             "the slope of the negative side, alpha, at 0", {"alpha": 0.5}),
        kink("abs", "at 0", {"x": ZEROS}, torch.abs, "slope 0 at 0"),
        kink("sign", "at 0", {"x": ZEROS}, torch.sign, "sign(0) = 0; slope 0 everywhere"),
        kink("sqrt", "at 0", {"x": [0.0, 1.0]}, torch.sqrt, "slope inf at 0"),
    ]


def clip_cases():
    return [kink("clip", "at the bounds", {"x": [-1.0, -0.5, 0.0, 1.25, 2.0]},
                 lambda x: torch.clamp(x, -0.5, 1.25), "slope 1 at both bounds",
                 {"lower": -0.5, "upper": 1.25})]


def tie_cases():
    tied_rows = [[3.0, 1.0, 3.0, 3.0], [2.0, 2.0, -1.0, 0.0]]
    axis_1 = {"axes": [1], "keep_dims": False}
    first = "the whole gradient to the first of the tied elements (torch.max and torch.min)"
    equal = "the gradient in equal parts to the tied elements (torch.amax and torch.amin)"
    negated = [[-x for x in row] for row in tied_rows]
    pairs = {"x": [1.0, 2.0, -1.0, 0.0], "y": [1.0, 0.5, -1.0, 3.0]}
    return [
        kink("max", "ties, amax", {"x": tied_rows}, lambda x: torch.amax(x, 1), equal, axis_1),
        kink("min", "ties, amin", {"x": negated}, lambda x: torch.amin(x, 1), equal, axis_1),
        kink("max", "ties, max along an axis", {"x": tied_rows}, lambda x: torch.max(x, 1).values,
             first, axis_1),
        kink("min", "ties, min along an axis", {"x": negated}, lambda x: torch.min(x, 1).values,
             first, axis_1),
        kink("max", "ties, max of everything", {"x": tied_rows}, torch.max,
             "the gradient in equal parts to the tied elements",
             {"axes": [0, 1], "keep_dims": False}),
        kink("maximum", "ties", pairs, torch.maximum, "half the gradient to each when tied"),
        kink("minimum", "ties", pairs, torch.minimum, "half the gradient to each when tied"),
    ]


def power_cases():
    zero = {"x": [0.0, -0.0, 1.0]}
    both = {"x": [0.0, 0.0, 0.0, 2.0], "y": [0.0, 1.0, 2.0, 0.0]}
    return [
        kink("power", "0 to the 0", zero, lambda x: torch.pow(x, 0.0),
             "0^0 = 1, slope 0", {"exponent": 0.0}),
        kink("power", "0 to the 1", zero, lambda x: torch.pow(x, 1.0),
             "slope 1 at 0", {"exponent": 1.0}),
        kink("power", "0 to the 2", zero, lambda x: torch.pow(x, 2.0),
             "slope 0 at 0", {"exponent": 2.0}),
        kink("power", "0 to the 0.5", {"x": [0.0, 1.0]}, lambda x: torch.pow(x, 0.5),
             "slope inf at 0", {"exponent": 0.5}),
        kink("power_of_tensors", "base 0", both, torch.pow,
             "slope for the exponent 0 where the base is 0"),
    ]
