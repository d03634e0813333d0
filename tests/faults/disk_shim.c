/*
 * Makes the disk fail for the files of a log, in a real process (LD_PRELOAD). Only files whose path
 * ends in ".segment" are touched. Counts are over all of them, from the start of the process.
 *
 *   SHIM_EIO_AT=n      the n-th fdatasync fails with EIO
 *   SHIM_FULL_AFTER=n  after n bytes, writes are short and then fail with ENOSPC, 20 times
 *   SHIM_SHORT=1       every write passes half of its bytes
 *   SHIM_HANG_AT=n     the n-th write hangs for SHIM_HANG_S seconds
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long syncs, writes, written, refused;

static long setting(const char *name) {
  const char *text = getenv(name);
  return text == NULL ? 0 : atol(text);
}

static int is_segment(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  const char *suffix = ".segment";
  size_t tail = strlen(suffix);
  return length > (ssize_t)tail && memcmp(path + length - tail, suffix, tail) == 0;
}

int fdatasync(int fd) {
  static int (*real)(int);
  if (real == NULL) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (is_segment(fd) && atomic_fetch_add(&syncs, 1) + 1 == setting("SHIM_EIO_AT")) {
    errno = EIO;
    return -1;
  }
  return real(fd);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  static ssize_t (*real)(int, const void *, size_t);
  if (real == NULL) real = (ssize_t(*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  if (!is_segment(fd)) return real(fd, bytes, count);
  long room = setting("SHIM_FULL_AFTER");
  if (room > 0 && atomic_load(&refused) < 20) {
    long left = room - atomic_load(&written);
    if (left <= 0) {
      atomic_fetch_add(&refused, 1);
      errno = ENOSPC;
      return -1;
    }
    if ((size_t)left < count) count = (size_t)left;
  }
  if (setting("SHIM_SHORT") > 0 && count > 1) count /= 2;
  if (atomic_fetch_add(&writes, 1) + 1 == setting("SHIM_HANG_AT")) {
    sleep((unsigned)setting("SHIM_HANG_S"));
  }
  ssize_t done = real(fd, bytes, count);
  if (done > 0) atomic_fetch_add(&written, done);
  return done;
}
