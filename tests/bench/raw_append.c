/*
 * The least that durable appending costs: write + fdatasync of the same bytes, into segments laid
 * out as sparse files.
 *
 * raw_append DIRECTORY BATCH_BYTES SEGMENT_BYTES MILLISECONDS
 *
 * Prints how many batches were written and how many nanoseconds that took.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { header_bytes = 4096 };

static long long now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static int fail(const char *what) {
  perror(what);
  return 1;
}

static int new_segment(const char *directory, int number, off_t bytes) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%d.raw", directory, number);
  int file = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0644);
  if (file < 0 || ftruncate(file, bytes) != 0 || fsync(file) != 0) return -1;
  return file;
}

int main(int count, char **arguments) {
  if (count != 5) return 2;
  const char *directory = arguments[1];
  size_t batch_bytes = strtoul(arguments[2], NULL, 10);
  off_t segment_bytes = strtoll(arguments[3], NULL, 10);
  long long budget_ns = strtoll(arguments[4], NULL, 10) * 1000000LL;
  char *batch = malloc(batch_bytes);
  if (batch == NULL) return fail("malloc");
  memset(batch, 'x', batch_bytes);

  int segments = 0;
  int file = new_segment(directory, segments++, segment_bytes);
  if (file < 0) return fail("open");
  off_t at = header_bytes;
  long long batches = 0, began = now_ns(), elapsed = 0;
  while (elapsed < budget_ns) {
    if (at + (off_t)batch_bytes > segment_bytes) {
      close(file);
      file = new_segment(directory, segments++, segment_bytes);
      if (file < 0) return fail("open");
      at = header_bytes;
    }
    if (pwrite(file, batch, batch_bytes, at) != (ssize_t)batch_bytes) return fail("pwrite");
    if (fdatasync(file) != 0) return fail("fdatasync");
    at += batch_bytes;
    batches++;
    elapsed = now_ns() - began;
  }
  printf("%lld %lld\n", batches, elapsed);
  return 0;
}
