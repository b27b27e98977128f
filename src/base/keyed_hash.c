/* keyed_hash.c - see keyed_hash.h. */
#include "base/keyed_hash.h"

#include <sha2.h>

hash_key hash_key_of(slice secret)
{
    hash_key key = {0};
    if (secret.n > sizeof key.bytes) {
        SHA2_CTX context;
        SHA256Init(&context);
        SHA256Update(&context, (const uint8_t *)secret.p, secret.n);
        SHA256Final(key.bytes, &context);
    } else if (secret.n > 0) {
        memcpy(key.bytes, secret.p, secret.n);
    }
    return key;
}

/* One of the two passes: SHA-256 of the key, each byte changed by `mask`, and of the bytes. */
static void hash_pass(const hash_key *key, uint8_t mask, const void *bytes, size_t n,
                      uint8_t digest[SHA256_DIGEST_LENGTH])
{
    uint8_t pad[KEYED_HASH_BLOCK];
    SHA2_CTX context;
    for (size_t i = 0; i < sizeof pad; i++) {
        pad[i] = key->bytes[i] ^ mask;
    }
    SHA256Init(&context);
    SHA256Update(&context, pad, sizeof pad);
    SHA256Update(&context, bytes, n);
    SHA256Final(digest, &context);
}

uint64_t keyed_hash(const hash_key *key, slice bytes)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    uint64_t first = 0;
    hash_pass(key, 0x36, bytes.p, bytes.n, digest);
    hash_pass(key, 0x5c, digest, sizeof digest, digest);
    for (size_t i = 0; i < sizeof first; i++) {
        first = first << 8 | digest[i];
    }
    return first;
}
