/* hash.h - the two hashes of the program, neither of them seeded.
 *
 * content_hash names things that live for years (segments, findings): XXH3 with
 * 128 bits, whose output is frozen since xxHash 0.8.0. mix64 is the step that
 * in-memory tables and the fingerprint build on. */
#ifndef QLOG_BASE_HASH_H
#define QLOG_BASE_HASH_H

#include <stdint.h>

#include "base/slice.h"

typedef struct hash128 {
    uint64_t high;
    uint64_t low;
} hash128;

hash128 content_hash(slice bytes);

/* XXH3, 64 bits, of the bytes. */
uint64_t hash_bytes(slice bytes);

/* Folds one 64-bit value into a running hash: the halves of the 128-bit product
 * of (state ^ next) and an odd constant, added by exclusive or. */
static inline uint64_t mix64(uint64_t state, uint64_t next)
{
    __extension__ typedef unsigned __int128 u128;
    u128 product = (u128)(state ^ next ^ 0x9e3779b97f4a7c15u) * 0xd6e8feb86659fd93u;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

#endif
