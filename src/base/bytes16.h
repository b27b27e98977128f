/* bytes16.h - looking at sixteen bytes at a time, in whatever vector registers the machine has.
 *
 * Comparisons are the compiler's own for vectors: `v == '"'` has all bits of a lane set where it
 * holds. Only the step from lanes to bits is named for a machine; the other way of it gives the
 * same everywhere. */
#ifndef QLOG_BASE_BYTES16_H
#define QLOG_BASE_BYTES16_H

#include <endian.h>
#include <stdint.h>
#include <string.h>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

typedef uint8_t bytes16 __attribute__((vector_size(16)));
typedef uint64_t words2 __attribute__((vector_size(16)));

static inline bytes16 bytes16_at(const char *p)
{
    bytes16 v;
    memcpy(&v, p, sizeof v);
    return v;
}

/* The top bit of each byte, that of the first the lowest. */
static inline uint32_t bytes16_tops(bytes16 v)
{
#ifdef __SSE2__
    __m128i lanes;
    memcpy(&lanes, &v, sizeof lanes);
    return (uint32_t)_mm_movemask_epi8(lanes);
#else
    /* Each bit times the constant's one bit that takes it to its place in the highest byte. */
    const uint64_t tops = UINT64_C(0x8080808080808080);
    const uint64_t gather = UINT64_C(0x0102040810204080);
    words2 words = (words2)v;
    uint64_t low = ((le64toh(words[0]) & tops) >> 7) * gather >> 56;
    uint64_t high = ((le64toh(words[1]) & tops) >> 7) * gather >> 56;
    return (uint32_t)(low | high << 8);
#endif
}

#endif
