#include "plumb_threads.h"

void plumb_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static _Thread_local plumb_thread_position position_of_thread;

plumb_thread_position plumb_position_of_thread(void) { return position_of_thread; }

void plumb_set_position_of_thread(plumb_thread_position position) { position_of_thread = position; }
