// Digests of what the kernels compute for fixed inputs. Two machines, or two instruction sets of one
// machine, whose digests of a part are equal agree on every bit of every result in it; the sign and
// the payload of a NaN, which are not promised, do not count.
#ifndef KERNEL_DIGEST_H
#define KERNEL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

// How many parts there are, and their names: the kernel and the precision.
size_t kernel_digest_count(void);
const char *kernel_digest_name(size_t part);

// The digest of a part, from 0 to the count, on the instruction set in use.
uint64_t kernel_digest(size_t part);

#endif
