// What each server wants to hear and says: how a client comes in, how it sends a command, how an event looks.
#ifndef PROTOCOLS_H
#define PROTOCOLS_H
#include "client.h"
#include "msgpack.h"

typedef enum { RAW, SOCKETIO, GAMEKEEPER, COLYSEUS, BOARDGAMEIO } Protocol;

enum { COMMAND_BYTES = 100, COLYSEUS_JOIN = 10, COLYSEUS_DATA = 13 };
static const char *const PROTOCOLS[] = {"raw", "socketio", "gamekeeper", "colyseus", "boardgameio"};
static Protocol protocol;

static void delivered(Client *c, int64_t due, int64_t sender);

static void send_colyseus(Client *c, int64_t due) {
  char body[512], key[16], pad[64], *at = body;
  snprintf(key, sizeof key, "k%u", c->sequence % 8);
  memset(pad, 'x', sizeof pad);
  *at++ = COLYSEUS_DATA;
  at = pack_text(at, "add");
  char *command = at;
  *at++ = (char)0x86;
  at = pack_number(pack_text(at, "ts"), (uint32_t)due);
  at = pack_number(pack_text(at, "c"), (uint32_t)c->id);
  at = pack_number(pack_text(at, "seq"), c->sequence);
  at = pack_text(pack_text(at, "key"), key);
  at = pack_number(pack_text(at, "val"), c->sequence % 100);
  at = pack_text(at, "pad");
  pad[COMMAND_BYTES - 2 - (at - command)] = 0;
  at = pack_text(at, pad);
  send_frame(c, 2, body, (int)(at - body));
}

// Gamekeeper's rooms are namespaces, "/rooms/ID,"; its tokens have dots, and the peers' clients have a number.
static const char *namespace_of(const Client *c) {
  static char name[80];
  if (strchr(c->token, '.') == NULL) return "";
  snprintf(name, sizeof name, "/rooms/%s,", c->room);
  return name;
}

static void send_json(Client *c, int64_t due) {
  int positional = protocol == BOARDGAMEIO;
  const char *shape = positional ? "[%lld,%d,%u,\"k%u\",%u,\"" : "{\"ts\":%lld,\"c\":%d,\"seq\":%u,\"key\":\"k%u\",\"val\":%u,\"pad\":\"";
  char body[512], text[4096];
  int n = snprintf(body, sizeof body, shape, (long long)due, c->id, c->sequence, c->sequence % 8, c->sequence % 100);
  while (n < COMMAND_BYTES - 2) body[n++] = 'x';
  strcpy(body + n, positional ? "\"]" : "\"}");
  if (protocol == SOCKETIO) snprintf(text, sizeof text, "42%s[\"add\",%s]", namespace_of(c), body);
  else if (protocol == GAMEKEEPER)
    snprintf(text, sizeof text, "{\"type\":\"command\",\"id\":%u,\"name\":\"add\",\"data\":%s}", c->sequence, body);
  else if (protocol == BOARDGAMEIO)
    snprintf(text, sizeof text, "42/adding,[\"update\",{\"type\":\"MAKE_MOVE\",\"payload\":{\"type\":\"add\",\"args\":%s,"
             "\"playerID\":\"%s\",\"credentials\":null}},%u,\"%s\",\"%s\"]", body, c->token, c->sequence, c->room, c->token);
  else snprintf(text, sizeof text, "%s", body);
  send_text(c, text);
}

// The command every server gets: about 100 bytes with the time it was due.
static void send_command(Client *c, int64_t due) {
  c->sequence++;
  if (protocol == COLYSEUS) send_colyseus(c, due);
  else send_json(c, due);
}

static void open_socketio(Client *c, const char *text) {
  char join[2048];
  int board = protocol == BOARDGAMEIO;
  if (c->state == OPENING && text[0] == '0') {
    if (*namespace_of(c)) snprintf(join, sizeof join, "40%s{\"token\":\"%s\"}", namespace_of(c), c->token);
    else strcpy(join, board ? "40/adding," : "40");
    send_text(c, join);
    c->state = JOINING;
  } else if (*namespace_of(c)) {
    if (strstr(text, "[\"welcome\",")) become_ready(c);
  } else if (c->state == JOINING && !strncmp(text, "40", 2)) {
    if (board) snprintf(join, sizeof join, "42/adding,[\"sync\",\"%s\",\"%s\",null,10]", c->room, c->token);
    else snprintf(join, sizeof join, "42[\"join\",\"%s\"]", c->room);
    send_text(c, join);
  } else if (c->state == JOINING && strstr(text, board ? "\"sync\"" : "joined")) become_ready(c);
}

static void say_hello(Client *c) {
  char hello[1200];
  c->state = OPENING;
  if (protocol == RAW) become_ready(c);
  if (protocol != GAMEKEEPER) return;
  snprintf(hello, sizeof hello, "{\"type\":\"hello\",\"token\":\"%s\"}", c->token);
  send_text(c, hello);
}

static int answer_ping(Client *c, const char *text) {
  char pong[128];
  if ((protocol == SOCKETIO || protocol == BOARDGAMEIO) && !strcmp(text, "2")) send_text(c, "3");
  else if (protocol == GAMEKEEPER && !strncmp(text, "{\"type\":\"ping\",\"t\":", 19)) {
    snprintf(pong, sizeof pong, "{\"type\":\"pong\",\"t\":%.*s}", (int)strcspn(text + 19, ",}"), text + 19);
    send_text(c, pong);
  } else return 0;
  return 1;
}

static void on_text(Client *c, char *text) {
  if (answer_ping(c, text)) return;
  if (c->state == READY) {
    for (char *at = text; (at = strstr(at, "\"ts\":")) != NULL; at += 5) {
      char *sender = strstr(at, "\"c\":");
      delivered(c, strtoll(at + 5, NULL, 10), sender ? atoi(sender + 4) : 0);
    }
  } else if (protocol == SOCKETIO || protocol == BOARDGAMEIO) open_socketio(c, text);
  else if (protocol == GAMEKEEPER && !strncmp(text, "{\"type\":\"welcome\"", 17)) become_ready(c);
}

static void on_binary(Client *c, char *data, int64_t size) {
  char joined = COLYSEUS_JOIN;
  if (c->state == OPENING && data[0] == COLYSEUS_JOIN) {
    send_frame(c, 2, &joined, 1);
    become_ready(c);
  }
  char *due = c->state == READY && data[0] == COLYSEUS_DATA ? memmem(data, size, "\xa2ts", 3) : NULL;
  char *sender = due ? memmem(due, size - (due - data), "\xa1" "c", 2) : NULL;
  if (sender) delivered(c, unpack_number(due + 3), unpack_number(sender + 2));
}
#endif
