// One client of the generator: its socket, what it has read so far, and how far it has come.
#ifndef CLIENT_H
#define CLIENT_H
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "websocket.h"

enum { BUFFER = 1 << 20 };

typedef enum { UPGRADING, OPENING, JOINING, READY, DEAD } State;

typedef struct {
  int fd, id, filled;
  State state;
  char room[64], path[160], token[1024], *buffer;
  uint32_t sequence;
} Client;

static int ready;

static void send_all(Client *c, const char *data, int size) {
  for (int sent = 0; sent < size;) {
    ssize_t n = send(c->fd, data + sent, size - sent, MSG_NOSIGNAL);
    if (n > 0) sent += n;
    else if (n < 0 && errno == EAGAIN) usleep(50);
    else { c->state = DEAD; return; }
  }
}

static void send_frame(Client *c, int opcode, const char *data, int size) {
  char frame[8192];
  send_all(c, frame, ws_frame(frame, opcode, data, size));
}

static void send_text(Client *c, const char *text) { send_frame(c, 1, text, (int)strlen(text)); }

static void become_ready(Client *c) {
  c->state = READY;
  ready++;
}
#endif
