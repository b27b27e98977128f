/* hash.c - see hash.h. */
#include "base/hash.h"

#include <xxhash.h>

hash128 content_hash(slice bytes)
{
    XXH128_hash_t h = XXH3_128bits(bytes.p, bytes.n);
    return (hash128){.high = h.high64, .low = h.low64};
}

uint64_t hash_bytes(slice bytes)
{
    return XXH3_64bits(bytes.p, bytes.n);
}
