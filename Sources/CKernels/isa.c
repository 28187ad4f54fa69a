// Chooses the instruction set.
#include "instruction_sets.h"

#include <stdlib.h>
#include <string.h>

const char *plumb_isa_name(plumb_isa isa) {
  switch (isa) {
    case PLUMB_ISA_PORTABLE: return "portable";
    case PLUMB_ISA_AVX2: return "avx2";
    case PLUMB_ISA_AVX512: return "avx512";
    case PLUMB_ISA_NEON: return "neon";
  }
  return "unknown";
}

// NULL where the processor or the build cannot run it. The compiler's cpu check includes the
// operating system's support of the wide registers.
static const struct plumb_kernel_set *find_set(plumb_isa isa) {
  switch (isa) {
    case PLUMB_ISA_PORTABLE: return &plumb_portable;
#if defined(__x86_64__)
    case PLUMB_ISA_AVX2:
      __builtin_cpu_init();
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") ? &plumb_avx2 : NULL;
    case PLUMB_ISA_AVX512:
      __builtin_cpu_init();
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
                     __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                     __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
                 ? &plumb_avx512
                 : NULL;
#elif defined(__aarch64__)
    case PLUMB_ISA_NEON: return &plumb_neon;
#endif
    default: return NULL;
  }
}

// Widest first.
static const plumb_isa preference[] = {PLUMB_ISA_AVX512, PLUMB_ISA_AVX2, PLUMB_ISA_NEON,
                                       PLUMB_ISA_PORTABLE};
enum { PREFERENCE_COUNT = sizeof preference / sizeof preference[0] };

// The set that PLUMB_ISA names; NULL where it is unset, unknown or unavailable.
static const struct plumb_kernel_set *requested_set(void) {
  const char *request = getenv("PLUMB_ISA");
  if (request == NULL) return NULL;
  for (int i = 0; i < PREFERENCE_COUNT; i++)
    if (strcmp(request, plumb_isa_name(preference[i])) == 0) return find_set(preference[i]);
  return NULL;
}

const plumb_isa *plumb_isa_all(size_t *count) {
  *count = PREFERENCE_COUNT;
  return preference;
}

_Atomic(const struct plumb_kernel_set *) plumb_active_set;

// Two threads that decide at once come to the same decision.
const struct plumb_kernel_set *plumb_decide(void) {
  const struct plumb_kernel_set *choice = requested_set();
  for (int i = 0; choice == NULL && i < PREFERENCE_COUNT; i++) choice = find_set(preference[i]);
  const struct plumb_kernel_set *undecided = NULL;
  // Fails where another thread decided or activated in between; that choice then holds.
  if (atomic_compare_exchange_strong_explicit(&plumb_active_set, &undecided, choice,
                                              memory_order_relaxed, memory_order_relaxed))
    return choice;
  return undecided;
}

bool plumb_isa_available(plumb_isa isa) { return find_set(isa) != NULL; }

plumb_isa plumb_isa_active(void) { return plumb_active()->isa; }

bool plumb_isa_request_is_valid(void) {
  return getenv("PLUMB_ISA") == NULL || requested_set() != NULL;
}

bool plumb_isa_activate(plumb_isa isa) {
  const struct plumb_kernel_set *set = find_set(isa);
  if (set == NULL) return false;
  atomic_store_explicit(&plumb_active_set, set, memory_order_relaxed);
  return true;
}
