// The client's side of RFC 6455, as much as a load generator needs.
#ifndef WEBSOCKET_H
#define WEBSOCKET_H
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  int opcode, header;
  int64_t size;
} Frame;

static inline int ws_upgrade_request(char *out, size_t size, const char *path) {
  return snprintf(out, size,
                  "GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", path);
}

static inline int ws_frame(char *out, int opcode, const char *data, int size) {
  static const unsigned char mask[4] = {0x5a, 0x13, 0x77, 0xc1};
  int header = size < 126 ? 2 : 4;
  out[0] = (char)(0x80 | opcode);
  out[1] = (char)(0x80 | (size < 126 ? size : 126));
  if (header == 4) { out[2] = (char)(size >> 8); out[3] = (char)size; }
  memcpy(out + header, mask, 4);
  for (int i = 0; i < size; i++) out[header + 4 + i] = data[i] ^ mask[i & 3];
  return header + 4 + size;
}

// Whether a whole frame is in the buffer.
static inline int ws_read_frame(const char *data, int64_t available, Frame *frame) {
  const unsigned char *p = (const unsigned char *)data;
  if (available < 2) return 0;
  frame->opcode = p[0] & 15;
  frame->header = 2;
  frame->size = p[1] & 127;
  if (frame->size == 126) {
    if (available < 4) return 0;
    frame->size = p[2] << 8 | p[3];
    frame->header = 4;
  } else if (frame->size == 127) {
    if (available < 10) return 0;
    frame->size = 0;
    for (int i = 2; i < 10; i++) frame->size = frame->size << 8 | p[i];
    frame->header = 10;
  }
  return available >= frame->header + frame->size;
}
#endif
