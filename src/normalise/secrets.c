/* secrets.c - see secrets.h. */
#include "normalise/secrets.h"

static bool begins_with_word(slice text, slice word)
{
    for (size_t i = 0; i < word.n; i++) {
        if (i == text.n || (text.p[i] | 0x20) != (word.p[i] | 0x20)) {
            return false;
        }
    }
    return true;
}

/* In scheme://user:password@host. */
static bool is_address_with_password(slice text)
{
    const char *at = memchr(text.p, '@', text.n);
    return slice_starts_with(text, SLICE("://")) && at != NULL &&
           memchr(text.p + 3, ':', (size_t)(at - text.p - 3)) != NULL;
}

bool tells_secret(slice text)
{
    static const char *const words[] = {"passw",  "passphrase", "pwd",        "secret",     "token",
                                        "apikey", "api_key",    "credential", "private_key"};
    for (; text.n > 0; text = slice_skip(text, 1)) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
            if (begins_with_word(text, slice_from(words[i]))) {
                return true;
            }
        }
        if (is_address_with_password(text)) {
            return true;
        }
    }
    return false;
}

bool statement_tells_secret(const sql_dialect *dialect, slice statement)
{
    sql_lexer lexer = {.at = statement.p, .end = statement.p + statement.n, .dialect = dialect};
    sql_token token;
    for (;;) {
        switch (sql_lexer_next(&lexer, false, &token)) {
        case TOKEN_END:
            return false;
        case TOKEN_WORD:
        case TOKEN_QUOTED:
            if (tells_secret(token.text)) {
                return true;
            }
            break;
        default:
            break;
        }
    }
}
