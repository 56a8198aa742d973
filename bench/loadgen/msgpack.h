// As much of MessagePack as a load generator needs: a map of short keys to write, whole numbers to find.
#ifndef MSGPACK_H
#define MSGPACK_H
#include <stdint.h>
#include <string.h>

static inline char *pack_text(char *at, const char *text) {
  size_t size = strlen(text);
  if (size < 32) *at++ = (char)(0xa0 | size);
  else { *at++ = (char)0xd9; *at++ = (char)size; }
  memcpy(at, text, size);
  return at + size;
}

static inline char *pack_number(char *at, uint32_t value) {
  *at++ = (char)0xce;
  for (int shift = 24; shift >= 0; shift -= 8) *at++ = (char)(value >> shift);
  return at;
}

static inline int64_t unpack_number(const char *data) {
  const unsigned char *p = (const unsigned char *)data;
  int bytes = p[0] >= 0xcc && p[0] <= 0xcf ? 1 << (p[0] - 0xcc) : 0;
  if (p[0] < 0x80) return p[0];
  int64_t value = 0;
  for (int i = 1; i <= bytes; i++) value = value << 8 | p[i];
  if (p[0] != 0xcb) return bytes ? value : -1;
  double number;
  uint64_t bits = 0;
  for (int i = 1; i <= 8; i++) bits = bits << 8 | p[i];
  memcpy(&number, &bits, 8);
  return (int64_t)number;
}
#endif
