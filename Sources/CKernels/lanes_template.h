// Vectors of one instruction set in one precision. Included after a precision header.

typedef REAL NAME(vector) __attribute__((vector_size(LANES * sizeof(REAL))));
typedef INTEGER NAME(integers) __attribute__((vector_size(LANES * sizeof(REAL))));
typedef UNSIGNED NAME(unsigneds) __attribute__((vector_size(LANES * sizeof(REAL))));
typedef REAL NAME(unaligned_vector)
    __attribute__((vector_size(LANES * sizeof(REAL)), aligned(sizeof(REAL)), may_alias));

static INLINE VECTOR NAME(broadcast)(REAL x) { return x - (VECTOR){0}; }

static INLINE VECTOR NAME(load)(const REAL *p) { return *(const NAME(unaligned_vector) *)p; }

static INLINE void NAME(store)(REAL *p, VECTOR x) { *(NAME(unaligned_vector) *)p = x; }

// --- A part of a vector --------------------------------------------------------------------------

#if LANES == 1
// Never called, since one lane has no part; here so that the loops need no second form.
static INLINE VECTOR NAME(load_partial)(const REAL *p, size_t count) {
  (void)count;
  return NAME(load)(p);
}

static INLINE void NAME(store_partial)(REAL *p, VECTOR x, size_t count) {
  (void)count;
  NAME(store)(p, x);
}
#else
// A masked access is right wherever its masked lanes lie, but where those reach into a page that is
// not mapped the processor takes a hundred times as long. So near a page's end lanes go one by one.
static INLINE bool NAME(reaches_next_page)(const REAL *p) {
  return MASKED_ACCESS_MAY_FAULT && ((uintptr_t)p & 4095) > 4096 - sizeof(VECTOR);
}

static NOINLINE void NAME(copy)(const REAL *from, REAL *to, size_t count) {
  for (size_t i = 0; i < count; i++) to[i] = from[i];
}

// The first `count` lanes, 1 to LANES - 1, from memory, and zeros in the others.
static INLINE VECTOR NAME(load_partial)(const REAL *p, size_t count) {
  if (__builtin_expect(NAME(reaches_next_page)(p), 0)) {
    REAL lanes[LANES] = {0};
    NAME(copy)(p, lanes, count);
    return NAME(load)(lanes);
  }
  return (VECTOR)NAME(masked_load)(p, count);
}

// The first `count` lanes, 1 to LANES - 1, to memory.
static INLINE void NAME(store_partial)(REAL *p, VECTOR x, size_t count) {
  if (__builtin_expect(NAME(reaches_next_page)(p), 0)) {
    REAL lanes[LANES];
    NAME(store)(lanes, x);
    NAME(copy)(lanes, p, count);
  } else {
    NAME(masked_store)(p, x, count);
  }
}
#endif

// A whole vector or, where `partial`, the first `count` lanes: `partial` is constant where this is
// inlined.
static INLINE VECTOR NAME(load_some)(const REAL *p, const bool partial, size_t count) {
  return partial ? NAME(load_partial)(p, count) : NAME(load)(p);
}

static INLINE void NAME(store_some)(REAL *p, VECTOR x, const bool partial, size_t count) {
  if (partial)
    NAME(store_partial)(p, x, count);
  else
    NAME(store)(p, x);
}

// Lane by lane x where the mask is all ones, y where it is 0.
static INLINE VECTOR NAME(choose)(INTEGERS mask, VECTOR x, VECTOR y) {
  return (VECTOR)((mask & (INTEGERS)x) | (~mask & (INTEGERS)y));
}

// plumb_epilogue without the bias and the sums of b's columns, in this precision.
struct NAME(epilogue) {
  REAL scale;
  const REAL *skip;
  size_t skip_row;
  bool relu;
  const REAL *gate;
  size_t gate_row;
  REAL *scaled;
  size_t scaled_row;
  REAL scaled_by;
};
