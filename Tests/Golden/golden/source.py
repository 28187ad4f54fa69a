"""Deterministic test inputs that need no framework's random numbers.

A `Source` is a splitmix64 stream (Steele, Lea, Flood: "Fast splittable pseudorandom number
generators", 2014) seeded with the FNV-1a hash of a label. Each case has its own label, so adding a
case does not move the numbers of the others. Values are rounded to four decimals: they stay short
in the JSON files and still fill the whole mantissa.
"""

import torch

MASK = (1 << 64) - 1
DECIMALS = 4

# How far inputs stay from the points where an operation has no derivative.
KINK_MARGIN = 0.05


class Source:
    """A stream of uniform numbers that depends on its label alone."""

    def __init__(self, label):
        state = 0xCBF29CE484222325
        for byte in label.encode("utf-8"):
            state = ((state ^ byte) * 0x100000001B3) & MASK
        self.state = state

    def bits(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def unit(self):
        """One number in [0, 1), with 53 random bits."""
        return (self.bits() >> 11) * 2.0**-53

    def number(self, low, high, clear_of=(), margin=KINK_MARGIN):
        """One number in [low, high] that is at least `margin` from each of `clear_of`."""
        while True:
            value = round(low + (high - low) * self.unit(), DECIMALS)
            if all(abs(value - point) >= margin for point in clear_of):
                return value

    def tensor(self, shape, low=-2.0, high=2.0, clear_of=(), margin=KINK_MARGIN):
        """A float64 tensor of independent numbers, filled in row-major order."""
        count = element_count(shape)
        values = [self.number(low, high, clear_of, margin) for _ in range(count)]
        return torch.tensor(values, dtype=torch.float64).reshape(shape)

    def distinct_tensor(self, shape):
        """A tensor whose elements all differ by at least twice the kink margin."""
        count = element_count(shape)
        grid = [0.15 * (k - count / 2) for k in range(count)]
        values = [round(grid[k] + self.number(-0.025, 0.025), DECIMALS) for k in self.order(count)]
        return torch.tensor(values, dtype=torch.float64).reshape(shape)

    def upstream(self, shape):
        """An upstream gradient: never near 0, and never near 1, which would hide a lost factor."""
        return self.tensor(shape, -2.0, 2.0, clear_of=(0.0, 1.0), margin=0.1)

    def order(self, count):
        """A permutation of 0 ..< count (Fisher-Yates)."""
        order = list(range(count))
        for last in range(count - 1, 0, -1):
            other = self.bits() % (last + 1)
            order[last], order[other] = order[other], order[last]
        return order

    def indices(self, count, bound):
        """`count` integers in 0 ..< bound."""
        return [self.bits() % bound for _ in range(count)]


def element_count(shape):
    count = 1
    for size in shape:
        count *= size
    return count
