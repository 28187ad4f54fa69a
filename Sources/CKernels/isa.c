#include "plumb_kernels.h"

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

bool plumb_isa_available(plumb_isa isa) { return isa == PLUMB_ISA_PORTABLE; }

plumb_isa plumb_isa_active(void) { return PLUMB_ISA_PORTABLE; }

bool plumb_isa_request_is_valid(void) {
  const char *request = getenv("PLUMB_ISA");
  return request == NULL || strcmp(request, plumb_isa_name(PLUMB_ISA_PORTABLE)) == 0;
}

bool plumb_isa_activate(plumb_isa isa) { return plumb_isa_available(isa); }
