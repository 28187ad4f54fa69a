// Prints the digests of every instruction set that this machine has, one in a line:
// the instruction set, the digest, and the part's name.
#include <inttypes.h>
#include <stdio.h>

#include "kernel_digest.h"
#include "plumb_kernels.h"

int main(void) {
  size_t count;
  const plumb_isa *sets = plumb_isa_all(&count);
  for (size_t i = 0; i < count; i++) {
    if (!plumb_isa_activate(sets[i])) continue;
    for (size_t part = 0; part < kernel_digest_count(); part++)
      printf("%s %016" PRIx64 " %s\n", plumb_isa_name(sets[i]), kernel_digest(part),
             kernel_digest_name(part));
  }
  return 0;
}
