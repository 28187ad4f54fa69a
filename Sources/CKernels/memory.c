#include "plumb_memory.h"

static _Thread_local int64_t current, peak;

void plumb_memory_change(int64_t bytes) {
  current += bytes;
  if (current > peak) peak = current;
}

int64_t plumb_memory_current(void) { return current; }
int64_t plumb_memory_peak(void) { return peak; }
void plumb_memory_set_peak(int64_t bytes) { peak = bytes; }
