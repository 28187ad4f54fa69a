// What a thread that waits actively for another needs.
#ifndef PLUMB_THREADS_H
#define PLUMB_THREADS_H

#ifdef __cplusplus
extern "C" {
#endif

// Tells the processor that this is a waiting loop.
void plumb_pause(void);

#ifdef __cplusplus
}
#endif
#endif
