// What the kernel alone takes for one send() to a recipient on loopback, by the number of frames it carries.
//
//   sendcost
//
// Two hundred connected sockets; this process sends on core 0, a child reads on core 1. Prints one JSON object:
// microseconds per send() of 130 bytes times 1, 2, 5, 10 and 32. No server that sends once per event can be cheaper.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SOCKETS = 200, ROUNDS = 300, FRAME = 130, SIZES = 5 };
static const int frames[SIZES] = {1, 2, 5, 10, 32};
static int near_end[SOCKETS], far_end[SOCKETS];

static double cpu_us(void) {
  struct rusage used;
  getrusage(RUSAGE_SELF, &used);
  return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 + used.ru_utime.tv_usec + used.ru_stime.tv_usec;
}

static void pin(int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(0, sizeof cores, &cores);
}

static void connect_all(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  int one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  bind(listener, (struct sockaddr *)&address, sizeof address);
  listen(listener, SOCKETS);
  getsockname(listener, (struct sockaddr *)&address, &size);
  for (int i = 0; i < SOCKETS; i++) {
    near_end[i] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(near_end[i], (struct sockaddr *)&address, size)) { perror("connect"); exit(2); }
    setsockopt(near_end[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    far_end[i] = accept(listener, NULL, NULL);
  }
}

static void read_for_ever(void) {
  static char data[1 << 16];
  int poller = epoll_create1(0);
  for (int i = 0; i < SOCKETS; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = far_end[i]};
    epoll_ctl(poller, EPOLL_CTL_ADD, far_end[i], &event);
  }
  for (;;) {
    struct epoll_event events[SOCKETS];
    int n = epoll_wait(poller, events, SOCKETS, -1);
    for (int i = 0; i < n; i++) if (recv(events[i].data.fd, data, sizeof data, MSG_DONTWAIT) == 0) exit(0);
  }
}

int main(void) {
  static char data[FRAME * 32];
  connect_all();
  pid_t reader = fork();
  if (reader == 0) {
    pin(1);
    read_for_ever();
  }
  pin(0);
  printf("{");
  for (int k = 0; k < SIZES; k++) {
    double began = cpu_us();
    for (int round = 0; round < ROUNDS; round++) {
      for (int i = 0; i < SOCKETS; i++) send(near_end[i], data, FRAME * frames[k], MSG_NOSIGNAL);
      usleep(2000);
    }
    printf("%s\"%d\": %.3f", k ? ", " : "", frames[k], (cpu_us() - began) / ROUNDS / SOCKETS);
  }
  printf("}\n");
  kill(reader, SIGKILL);
  waitpid(reader, NULL, 0);
  return 0;
}
