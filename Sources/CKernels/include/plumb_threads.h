// What a thread that waits actively for another needs.
#ifndef PLUMB_THREADS_H
#define PLUMB_THREADS_H

#ifdef __cplusplus
extern "C" {
#endif

// Tells the processor that this is a waiting loop.
void plumb_pause(void);

// What the calling thread is at: an owner of the caller's choosing, which is not looked at, and an index there; NULL and 0 at first.
typedef struct {
  const void *owner;
  long index;
} plumb_thread_position;

plumb_thread_position plumb_position_of_thread(void);
void plumb_set_position_of_thread(plumb_thread_position position);

#ifdef __cplusplus
}
#endif
#endif
