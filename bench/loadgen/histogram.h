// Latencies in microseconds, log-linear: 64 buckets for each power of two, so every percentile is within 2 %.
#ifndef HISTOGRAM_H
#define HISTOGRAM_H
#include <stdint.h>

enum { PER_OCTAVE = 64, OCTAVES = 40 };

typedef struct {
  int64_t total, bucket[OCTAVES * PER_OCTAVE];
} Histogram;

static inline int histogram_index(int64_t value) {
  if (value < PER_OCTAVE) return value < 0 ? 0 : (int)value;
  int shift = 63 - __builtin_clzll((unsigned long long)value) - 6;
  return (shift + 1) * PER_OCTAVE + (int)((value >> shift) - PER_OCTAVE);
}

static inline void histogram_add(Histogram *h, int64_t value) {
  h->bucket[histogram_index(value)]++;
  h->total++;
}

static inline double histogram_at(const Histogram *h, double share) {
  int64_t seen = 0, wanted = (int64_t)(h->total * share);
  for (int i = 0; i < OCTAVES * PER_OCTAVE; i++) {
    seen += h->bucket[i];
    if (seen > wanted) {
      int shift = i / PER_OCTAVE - 1;
      return i < PER_OCTAVE ? i : (double)((int64_t)(i % PER_OCTAVE + PER_OCTAVE) << shift);
    }
  }
  return -1;
}
#endif
