/*
 * Makes every fdatasync and fsync of a process take SLOW_SYNC_MS longer (LD_PRELOAD): a disk on a
 * network, a full queue of a disk that others use.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

static void wait_more(void) {
  const char *ms = getenv("SLOW_SYNC_MS");
  if (ms != NULL) usleep((useconds_t)atol(ms) * 1000);
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  wait_more();
  return real(fd);
}

int fsync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  wait_more();
  return real(fd);
}
