/* keyed_hash.h - hashes that nobody can compute who has not the key.
 *
 * HMAC (RFC 2104) with SHA-256. For names that are to be recognised again and not guessed; what
 * only has to be told apart takes hash.h, which is a thousand times faster. */
#ifndef QLOG_BASE_KEYED_HASH_H
#define QLOG_BASE_KEYED_HASH_H

#include <stdint.h>

#include "base/slice.h"

enum { KEYED_HASH_BLOCK = 64 };

typedef struct hash_key {
    uint8_t bytes[KEYED_HASH_BLOCK]; /* zero-padded; hashed where it was longer */
} hash_key;

hash_key hash_key_of(slice secret);

/* The first eight bytes of the HMAC, as a number with the first byte highest. */
uint64_t keyed_hash(const hash_key *key, slice bytes);

#endif
