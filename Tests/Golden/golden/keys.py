"""Plumbline's random keys in Python: Philox4x32-10 and the masks that come from a key and a layer's path.

Sources: Salmon et al., SC 2011; Sources/Plumbline/Random/Key.swift, whose table of pinned numbers is checked below.
"""

import torch

WORD = (1 << 32) - 1
NUMBER, SEED, NAME, INDEX = range(4)


def philox(counter, key):
    """The four output words of Philox4x32-10."""
    (x0, x1, x2, x3), (k0, k1) = counter, key
    for _ in range(10):
        even, odd = x0 * 0xD2511F53, x2 * 0xCD9E8D57
        x0, x1, x2, x3 = odd >> 32 ^ x1 ^ k0, odd & WORD, even >> 32 ^ x3 ^ k1, even & WORD
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return x0, x1, x2, x3


class Key:
    """A key, as 64 bits."""

    def __init__(self, bits):
        self.bits = bits

    @staticmethod
    def of_seed(seed):
        return Key(Key(0)._draw(seed, SEED))

    def named(self, name):
        digest = 0xCBF29CE484222325
        for byte in name.encode("utf-8"):
            digest = ((digest ^ byte) * 0x100000001B3) & ((1 << 64) - 1)
        return Key(self._draw(digest, NAME))

    def indexed(self, index):
        return Key(self._draw(index, INDEX))

    def uniform(self, index):
        return min(((self._draw(index, NUMBER) >> 11) + 0.5) * 2.0**-53, 1 - 2.0**-53)

    def mask(self, shape, keeping):
        """1 / keeping with that probability, 0 otherwise."""
        count = torch.Size(shape).numel()
        kept = [1 / keeping if self.uniform(i) < keeping else 0.0 for i in range(count)]
        return torch.tensor(kept, dtype=torch.float64).reshape(shape)

    def _draw(self, value, kind):
        words = philox((value & WORD, value >> 32, 0, kind), (self.bits & WORD, self.bits >> 32))
        return words[0] | words[1] << 32


def check():
    """The pinned numbers of the library."""
    seven = Key.of_seed(7)
    assert seven.bits == 0xEA3AEFE47AB96FE8
    assert seven.named("weights").bits == 0x3094A7D1C61AE9CC
    assert seven.indexed(3).bits == 0xA871FE0AB7E369B5
    assert seven.named("weights").uniform(0) == 0.23141787028536726
    mask = seven.named("weights").mask([8], 0.25)
    assert mask.tolist() == [4, 4, 4, 0, 0, 0, 0, 4]
