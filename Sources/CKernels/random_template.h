// Random numbers and masks, as the list states them. Each lane computes a number of its own, by whole 64-bit
// words whose upper halves do not matter until the end: a loop that the compiler spreads over the
// lanes of any instruction set. Integers, so that there is nothing to round.

// Number `index` of a key: Philox4x32-10.
static INLINE uint64_t NAME(number)(uint64_t key, uint64_t index) {
  uint64_t x0 = index, x1 = index >> 32, x2 = 0, x3 = 0;
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  UNROLL for (int round = 0; round < 10; round++) {
    const uint64_t even = (x0 & UINT32_MAX) * 0xD2511F53, odd = (x2 & UINT32_MAX) * 0xCD9E8D57;
    x0 = odd >> 32 ^ x1 ^ k0;
    x2 = even >> 32 ^ x3 ^ k1;
    x1 = odd;
    x3 = even;
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return (x0 & UINT32_MAX) | x1 << 32;
}

static void NAME(random_bits)(size_t n, uint64_t key, uint64_t first, uint64_t *bits) {
  for (size_t i = 0; i < n; i++) bits[i] = NAME(number)(key, first + i);
}

static void NAME(mask)(size_t n, uint64_t key, uint64_t first, uint64_t threshold, double value,
                       REAL *y) {
  const REAL kept = (REAL)value;
  for (size_t i = 0; i < n; i++) y[i] = NAME(number)(key, first + i) >> 11 < threshold ? kept : 0;
}
