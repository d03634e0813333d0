/*
 * Asks an HTTP server as fast as it answers, and costs little beside it: on a machine of two cores
 * whoever asks takes from who answers.
 *
 * http_load PORT CONNECTIONS MILLISECONDS [RATE] < REQUESTS
 *
 * REQUESTS are heads without bodies, one behind the other; each connection stays open and asks one
 * after the other, in turn: at once, or, with a RATE, so many a second over all connections,
 * however long answers take. One that is due while all connections wait for answers is asked late,
 * and its time is counted from when it was due. Prints how many were answered, in how many
 * nanoseconds, how many of the answers were not 200, and how long one took, in microseconds: the
 * median and the 99th percentile.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { most_connections = 1024, most_requests = 4096, answer_bytes = 1 << 18, most_times = 1 << 20 };

struct connection {
  int socket;
  size_t length;
  long long asked_ns;
  char *answer;
};

static struct connection connections[most_connections];
static struct { char *text; size_t length; } requests[most_requests];
static int request_count, next_request;
static float times_us[most_times];
static long answers, failures;

/* With a rate: how far apart requests are, when the next is due, and who has nothing to do. */
static long long apart_ns, due_ns;
static struct connection *idle[most_connections];
static int idle_count;

static long long now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void read_requests(void) {
  static char all[1 << 22];
  size_t length = fread(all, 1, sizeof all - 1, stdin);
  all[length] = 0;
  for (char *at = all, *end; request_count < most_requests && (end = strstr(at, "\r\n\r\n")); at = end + 4) {
    requests[request_count].text = at;
    requests[request_count++].length = (size_t)(end + 4 - at);
  }
  if (request_count == 0) fail("no requests");
}

static void ask(struct connection *one, long long asked_ns) {
  int n = next_request++ % request_count;
  one->length = 0;
  one->asked_ns = asked_ns;
  if (write(one->socket, requests[n].text, requests[n].length) != (ssize_t)requests[n].length) fail("write");
}

/* The length of the whole answer; 0 where its head is not there yet. */
static size_t whole(struct connection *one) {
  one->answer[one->length] = 0;
  char *end = strstr(one->answer, "\r\n\r\n");
  if (end == NULL) return 0;
  char *told = strcasestr(one->answer, "\r\ncontent-length:");
  if (told == NULL || told > end) {
    fprintf(stderr, "an answer does not tell its length: %.200s\n", one->answer);
    exit(1);
  }
  return (size_t)(end + 4 - one->answer) + strtoul(told + 17, NULL, 10);
}

static void hear(struct connection *one) {
  ssize_t got = read(one->socket, one->answer + one->length, answer_bytes - 1 - one->length);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) fail("read");
  one->length += (size_t)got;
  size_t length = whole(one);
  if (length == 0 || one->length < length) return;
  if (strncmp(one->answer, "HTTP/1.1 200", 12) != 0) failures++;
  if (answers < most_times) times_us[answers] = (float)(now_ns() - one->asked_ns) / 1000;
  answers++;
  if (apart_ns == 0) ask(one, now_ns());
  else idle[idle_count++] = one;
}

/* Asks what is due by now, as far as connections are free. */
static void ask_due(void) {
  for (; idle_count > 0 && due_ns <= now_ns(); due_ns += apart_ns) ask(idle[--idle_count], due_ns);
}

static int open_timer(int poll) {
  int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  struct timespec apart = {.tv_sec = apart_ns / 1000000000, .tv_nsec = apart_ns % 1000000000};
  struct itimerspec ticks = {.it_interval = apart, .it_value = apart};
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (timer < 0 || timerfd_settime(timer, 0, &ticks, NULL) != 0) fail("timer");
  if (epoll_ctl(poll, EPOLL_CTL_ADD, timer, &event) != 0) fail("epoll");
  return timer;
}

static int by_time(const void *a, const void *b) {
  float one = *(const float *)a, other = *(const float *)b;
  return (one > other) - (one < other);
}

int main(int count, char **arguments) {
  if (count != 4 && count != 5) {
    return fprintf(stderr, "http_load PORT CONNECTIONS MILLISECONDS [RATE]\n"), 2;
  }
  int connection_count = atoi(arguments[2]);
  if (connection_count < 1 || connection_count > most_connections) fail("connections");
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((unsigned short)atoi(arguments[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  read_requests();
  int poll = epoll_create1(0), yes = 1, timer = -1;
  double rate = count == 5 ? atof(arguments[4]) : 0;
  if (count == 5 && !(rate > 0)) fail("rate");
  for (int n = 0; n < connection_count; n++) {
    struct connection *one = &connections[n];
    one->answer = malloc(answer_bytes);
    one->socket = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(one->socket, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
    setsockopt(one->socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = one};
    if (epoll_ctl(poll, EPOLL_CTL_ADD, one->socket, &event) != 0) fail("epoll");
  }
  long long began_ns = now_ns(), end_ns = began_ns + atoll(arguments[3]) * 1000000LL;
  if (rate > 0) {
    apart_ns = (long long)(1e9 / rate);
    due_ns = began_ns;
    timer = open_timer(poll);
  }
  for (int n = 0; n < connection_count; n++) {
    if (rate > 0) idle[idle_count++] = &connections[n];
    else ask(&connections[n], now_ns());
  }
  /* For one answer it waits longer: on a machine that is busy the first may come late. */
  while (now_ns() < end_ns || (answers == 0 && now_ns() < end_ns + 30000000000LL)) {
    struct epoll_event events[64];
    int ready = epoll_wait(poll, events, 64, 100);
    for (int n = 0; n < ready; n++) {
      char ticks[8];
      if (events[n].data.ptr != NULL) hear(events[n].data.ptr);
      else if (read(timer, ticks, sizeof ticks) < 0 && errno != EAGAIN) fail("timer");
    }
    if (rate > 0) ask_due();
  }
  long long took_ns = now_ns() - began_ns;
  long timed = answers < most_times ? answers : most_times;
  qsort(times_us, (size_t)timed, sizeof *times_us, by_time);
  double median = timed ? times_us[timed / 2] : 0, late = timed ? times_us[timed * 99 / 100] : 0;
  printf("%ld %lld %ld %.0f %.0f\n", answers, took_ns, failures, median, late);
  return 0;
}
