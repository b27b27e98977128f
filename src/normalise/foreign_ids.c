/* foreign_ids.c - see foreign_ids.h; the fingerprints are pt_fingerprint.c's and
 * pmm_fingerprint.c's. */
#include "normalise/foreign_ids.h"

#include <md5.h>

const foreign_tool *const no_foreign_tools[] = {NULL};

size_t foreign_id(const foreign_tool *tool, slice statement, char *id)
{
    static const char digits[] = "0123456789ABCDEF";
    buf text;
    size_t n = 0;
    buf_init(&text, (size_t)FOREIGN_STATEMENT_MAX * 2);
    if (statement.n <= FOREIGN_STATEMENT_MAX && tool->fingerprint(statement, &text) &&
        !text.failed) {
        MD5_CTX md5;
        uint8_t hash[MD5_DIGEST_LENGTH];
        MD5Init(&md5);
        MD5Update(&md5, (const uint8_t *)buf_slice(&text).p, text.n);
        MD5Final(hash, &md5);
        for (size_t i = MD5_DIGEST_LENGTH - tool->digits / 2; i < MD5_DIGEST_LENGTH; i++) {
            id[n++] = digits[hash[i] >> 4];
            id[n++] = digits[hash[i] & 15];
        }
    }
    buf_free(&text);
    return n;
}
