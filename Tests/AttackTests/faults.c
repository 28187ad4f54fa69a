// A library to load before a program (LD_PRELOAD): the n-th call that changes a file fails, or kills the program.
//
//   PLUMB_FAULT=write:7:28    the 7th write to a regular file fails with errno 28 (and fsync, rename, ...)
//   PLUMB_FAULT=short:7:0     the 7th write to a regular file takes half of its bytes
//   PLUMB_FAULT=any:7:5       the 7th of all these calls fails with errno 5
//   PLUMB_FAULT=kill:7:0      SIGKILL just before the 7th of all these calls
//   PLUMB_FAULT=thread:1:11   every pthread_create from the first on fails with errno 11
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char kind[16];
static int wanted, code;
static atomic_int named, all;

__attribute__((constructor)) static void read_request(void) {
  const char *request = getenv("PLUMB_FAULT");
  if (request) sscanf(request, "%15[a-z]:%d:%d", kind, &wanted, &code);
}

static int is_regular(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

// Whether this call is to fail.
static int fails(const char *name) {
  int number = atomic_fetch_add(&all, 1) + 1;
  if (!strcmp(kind, "kill") && number == wanted) kill(getpid(), SIGKILL);
  if (!strcmp(kind, "any") && number == wanted) return 1;
  return !strcmp(kind, name) && atomic_fetch_add(&named, 1) + 1 == wanted;
}


ssize_t write(int descriptor, const void *bytes, size_t count) {
  static ssize_t (*real)(int, const void *, size_t);
  if (!real) real = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  if (descriptor > 2 && is_regular(descriptor)) {
    if (!strcmp(kind, "short") && atomic_fetch_add(&named, 1) + 1 == wanted && count > 1) return real(descriptor, bytes, count / 2);
    if (fails("write")) { errno = code; return -1; }
  }
  return real(descriptor, bytes, count);
}

int fsync(int descriptor) {
  static int (*real)(int);
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  if (fails("fsync")) { errno = code; return -1; }
  return real(descriptor);
}

int rename(const char *from, const char *to) {
  static int (*real)(const char *, const char *);
  if (!real) real = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
  if (fails("rename")) { errno = code; return -1; }
  return real(from, to);
}

int ftruncate(int descriptor, off_t length) {
  static int (*real)(int, off_t);
  if (!real) real = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate");
  if (fails("ftruncate")) { errno = code; return -1; }
  return real(descriptor, length);
}

int mkdir(const char *path, mode_t mode) {
  static int (*real)(const char *, mode_t);
  if (!real) real = (int (*)(const char *, mode_t))dlsym(RTLD_NEXT, "mkdir");
  if (fails("mkdir")) { errno = code; return -1; }
  return real(path, mode);
}

int rmdir(const char *path) {
  static int (*real)(const char *);
  if (!real) real = (int (*)(const char *))dlsym(RTLD_NEXT, "rmdir");
  if (fails("rmdir")) { errno = code; return -1; }
  return real(path);
}

int open(const char *path, int flags, ...) {
  static int (*real)(const char *, int, ...);
  if (!real) real = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, "open");
  va_list arguments;
  va_start(arguments, flags);
  mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
  va_end(arguments);
  if ((flags & O_CREAT) && fails("open")) { errno = code; return -1; }
  return real(path, flags, mode);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument) {
  static int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
  if (!real) real = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *))dlsym(RTLD_NEXT, "pthread_create");
  if (!strcmp(kind, "thread") && atomic_fetch_add(&named, 1) + 1 >= wanted) return code;
  return real(thread, attributes, start, argument);
}
