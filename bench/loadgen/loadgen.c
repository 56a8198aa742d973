// A load generator for rooms over WebSockets: many clients, one epoll loop, one core.
//
//   loadgen PROTOCOL PORT TARGETS SECONDS LOAD
//
// PROTOCOL raw, socketio, gamekeeper, colyseus or boardgameio. TARGETS: a file with one line per client, "room path
// token". LOAD "closed": every client has one command outstanding and sends the next when its own event has come back.
// LOAD "idle": nobody sends anything. A number is commands a second in all, sent by the clients in a random order; then
// latency counts from the moment a command was due, so that a slow server hides nothing.
// Prints "ready" when all clients are in (and is still for two seconds), "measuring" when the warm-up is over, then one JSON object. Loopback only;
// ends by itself.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>

#include "histogram.h"
#include "protocols.h"

enum { MAX_CLIENTS = 16384, SETTLE_US = 2000000, WARM_US = 1000000, DIALLING_US = 60000000 };
typedef enum { CLOSED, OPEN, IDLE } Load;

static Client clients[MAX_CLIENTS], *order[MAX_CLIENTS];
static int count, poller, measuring;
static Load load;
static double rate;
static int64_t began, deliveries, commands, reads;
static Histogram own;

static int64_t now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 - began;
}

static double cpu_s(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what) {
  perror(what);
  exit(2);
}

static void say(const char *word) {
  printf("%s\n", word);
  fflush(stdout);
}

static void command(Client *c, int64_t due) {
  send_command(c, due);
  if (measuring) commands++;
}

// One event that came back to a client.
static void delivered(Client *c, int64_t due, int64_t sender) {
  if (measuring) deliveries++;
  if (sender != c->id) return;
  if (measuring) histogram_add(&own, now_us() - due);
  if (load == CLOSED) command(c, now_us());
}

static int finish_upgrade(Client *c) {
  char *end = memmem(c->buffer, c->filled, "\r\n\r\n", 4);
  if (end == NULL) return 0;
  if (memmem(c->buffer, end - c->buffer, " 101 ", 5) == NULL) {
    fprintf(stderr, "handshake refused: %.*s\n", 200, c->buffer);
    exit(3);
  }
  say_hello(c);
  return (int)(end + 4 - c->buffer);
}

static void on_frame(Client *c, const Frame *frame, char *payload) {
  if (frame->opcode == 1) on_text(c, payload);
  else if (frame->opcode == 2) on_binary(c, payload, frame->size);
  else if (frame->opcode == 9) send_frame(c, 10, payload, (int)frame->size);
  else if (frame->opcode == 8) c->state = DEAD;
}

static void parse(Client *c) {
  int used = c->state == UPGRADING ? finish_upgrade(c) : 0;
  if (c->state == UPGRADING) return;
  Frame frame;
  while (c->state != DEAD && ws_read_frame(c->buffer + used, c->filled - used, &frame)) {
    char *payload = c->buffer + used + frame.header;
    char after = payload[frame.size];
    payload[frame.size] = 0;
    on_frame(c, &frame, payload);
    payload[frame.size] = after;
    used += frame.header + frame.size;
  }
  memmove(c->buffer, c->buffer + used, c->filled - used);
  c->filled -= used;
}

static void on_readable(Client *c) {
  ssize_t n = recv(c->fd, c->buffer + c->filled, BUFFER - c->filled - 1, 0);
  if (n > 0) {
    if (measuring) reads++;
    c->filled += n;
    parse(c);
  } else if (n == 0 || errno != EAGAIN) c->state = DEAD;
  if (c->state == DEAD) epoll_ctl(poller, EPOLL_CTL_DEL, c->fd, NULL);
}

static void turn(int64_t wait_us) {
  struct epoll_event events[256];
  struct timespec wait = {.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000};
  int n = epoll_pwait2(poller, events, 256, &wait, NULL);
  for (int i = 0; i < n; i++) on_readable(events[i].data.ptr);
}

static void dial(Client *c, int port) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  char request[512];
  int one = 1;
  c->buffer = malloc(BUFFER);
  c->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (connect(c->fd, (struct sockaddr *)&address, sizeof address)) fail("connect");
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(c->fd, F_SETFL, O_NONBLOCK);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &event);
  send_all(c, request, ws_upgrade_request(request, sizeof request, c->path));
}

static void read_targets(const char *file) {
  FILE *f = fopen(file, "r");
  if (f == NULL) fail(file);
  while (count < MAX_CLIENTS && fscanf(f, "%63s %159s %1023s", clients[count].room, clients[count].path,
                                       clients[count].token) == 3) {
    order[count] = &clients[count];
    clients[count].id = count + 1;
    count++;
  }
  fclose(f);
}

// Neighbours in the file share a room: without this their commands would come together.
static void shuffle(void) {
  srand(1);
  for (int i = count - 1; i > 0; i--) {
    int other = rand() % (i + 1);
    Client *kept = order[i];
    order[i] = order[other];
    order[other] = kept;
  }
}

static void generate(double seconds) {
  int64_t start = now_us(), end = start + WARM_US + (int64_t)(seconds * 1e6);
  double due = start;
  int next = 0;
  if (load == CLOSED) for (int i = 0; i < count; i++) command(order[i], now_us());
  while (now_us() < end) {
    if (!measuring && now_us() > start + WARM_US) {
      measuring = 1;
      say("measuring");
    }
    for (; load == OPEN && due <= now_us(); due += 1e6 / rate) command(order[next++ % count], (int64_t)due);
    int64_t wait = load == OPEN ? (int64_t)due - now_us() : 100000;
    turn(wait > 0 ? wait : 0);
  }
}

static void come_in(int port) {
  for (int i = 0; i < count; i++) {
    dial(&clients[i], port);
    turn(0);
  }
  for (int64_t limit = now_us() + DIALLING_US; ready < count && now_us() < limit;) turn(100000);
  if (ready < count) {
    fprintf(stderr, "%d of %d clients are ready\n", ready, count);
    exit(3);
  }
  say("ready");
  for (int64_t limit = now_us() + SETTLE_US; now_us() < limit;) turn(10000);
}

static void read_arguments(char **argv) {
  while (strcmp(PROTOCOLS[protocol], argv[1])) {
    if (++protocol > BOARDGAMEIO) { errno = EINVAL; fail(argv[1]); }
  }
  load = !strcmp(argv[5], "closed") ? CLOSED : !strcmp(argv[5], "idle") ? IDLE : OPEN;
  rate = load == OPEN ? atof(argv[5]) : 0;
  read_targets(argv[3]);
  shuffle();
}

int main(int argc, char **argv) {
  if (argc != 6) { fprintf(stderr, "loadgen PROTOCOL PORT TARGETS SECONDS LOAD\n"); return 2; }
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  began = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
  prctl(PR_SET_TIMERSLACK, 1000);
  poller = epoll_create1(0);
  read_arguments(argv);
  come_in(atoi(argv[2]));
  double seconds = atof(argv[4]), cpu = cpu_s();
  generate(seconds);
  printf("{\"clients\":%d,\"seconds\":%.2f,\"commands\":%lld,\"answered\":%lld,\"deliveries\":%lld,\"reads\":%lld,\"p50_ms\":%.3f,"
         "\"p99_ms\":%.3f,\"p999_ms\":%.3f,\"generator_cpu\":%.3f}\n", count, seconds, (long long)commands,
         (long long)own.total, (long long)deliveries, (long long)reads, histogram_at(&own, 0.50) / 1000.0,
         histogram_at(&own, 0.99) / 1000.0, histogram_at(&own, 0.999) / 1000.0,
         (cpu_s() - cpu) / (seconds + WARM_US / 1e6));
  return 0;
}
