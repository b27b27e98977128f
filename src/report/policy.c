/* policy.c - see policy.h. */
#include "report/policy.h"

#include <sha2.h>

/* RFC 4648, section 4. */
static void base64_format(buf *out, const uint8_t *bytes, size_t n)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        buf_add_char(out, digits[group >> 18]);
        buf_add_char(out, digits[group >> 12 & 63]);
        buf_add_char(out, left > 1 ? digits[group >> 6 & 63] : '=');
        buf_add_char(out, left > 2 ? digits[group & 63] : '=');
    }
}

void policy_source_format(buf *out, slice text)
{
    SHA2_CTX context;
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)text.p, text.n);
    SHA256Final(digest, &context);
    buf_add_text(out, "'sha256-");
    base64_format(out, digest, sizeof digest);
    buf_add_char(out, '\'');
}
