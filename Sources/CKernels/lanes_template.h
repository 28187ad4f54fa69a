// Vectors of one instruction set in one precision. Included after a precision header.

typedef REAL NAME(vector) __attribute__((vector_size(LANES * sizeof(REAL))));
typedef INTEGER NAME(integers) __attribute__((vector_size(LANES * sizeof(REAL))));
typedef UNSIGNED NAME(unsigneds) __attribute__((vector_size(LANES * sizeof(REAL))));
typedef REAL NAME(unaligned_vector)
    __attribute__((vector_size(LANES * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

static INLINE VECTOR NAME(broadcast)(REAL x) { return x - (VECTOR){0}; }

static INLINE VECTOR NAME(load)(const REAL *p) { return *(const NAME(unaligned_vector) *)p; }

static INLINE void NAME(store)(REAL *p, VECTOR x) { *(NAME(unaligned_vector) *)p = x; }

// The first `count` lanes, 1 to LANES, from memory, and zeros in the others.
static INLINE VECTOR NAME(load_partial)(const REAL *p, size_t count) {
#if LANES == 1
  (void)count;
  return NAME(load)(p);
#else
  return (VECTOR)NAME(masked_load)(p, count);
#endif
}

// The first `count` lanes, 1 to LANES, to memory.
static INLINE void NAME(store_partial)(REAL *p, VECTOR x, size_t count) {
#if LANES == 1
  (void)count;
  NAME(store)(p, x);
#else
  if (count == LANES)
    NAME(store)(p, x);
  else
    NAME(masked_store)(p, x, count);
#endif
}

// Lane by lane x where the mask is all ones, y where it is 0.
static INLINE VECTOR NAME(choose)(INTEGERS mask, VECTOR x, VECTOR y) {
  return (VECTOR)((mask & (INTEGERS)x) | (~mask & (INTEGERS)y));
}
