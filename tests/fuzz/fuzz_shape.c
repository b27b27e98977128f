/* fuzz_shape.c - laws of MongoDB's shapes for any bytes as a command.
 *
 * A statement and a copy of it with other values (each letter and digit in strings changed) that
 * have one outline have one fingerprint and one text; text is bounded; writing it changes nothing.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "normalise/mongodb.h"
#include "normalise/mongodb_shape.h"
#include "normalise/outline_memo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 1024 * 1024 };

static size_t outline_of(slice statement, char **outline)
{
    *outline = malloc(statement.n + 1);
    assert(*outline != NULL);
    outlined taken = {.n = 0};
    return mongodb_outline(statement, *outline, &taken);
}

static void check_text(slice statement, bool truncated, normalised *n, buf *text)
{
    normalised silent;
    mongodb_normaliser.run(statement, truncated, n, text);
    mongodb_normaliser.run(statement, truncated, &silent, NULL);
    assert(!text->failed && text->n <= SHAPE_TEXT_MAX + 8);
    assert(silent.fingerprint == n->fingerprint && silent.spelling == n->spelling);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice statement = slice_of((const char *)data, size);
    normalised a;
    normalised b;
    buf text;
    buf other_text;
    buf other;
    char *outline;
    char *other_outline;
    buf_init(&text, TEXT_MAX);
    buf_init(&other_text, TEXT_MAX);
    buf_init(&other, 64 * 1024 * 1024);
    for (size_t i = 0; i < size; i++) {
        char c = statement.p[i];
        bool changes = (c >= 'a' && c < 'z') || (c >= '0' && c < '9');
        buf_add_char(&other, changes && (data[size - 1 - i] & 1) != 0 ? (char)(c + 1) : c);
    }
    check_text(statement, true, &a, &text);
    buf_clear(&text);
    check_text(statement, false, &a, &text);
    check_text(buf_slice(&other), false, &b, &other_text);
    size_t n = outline_of(statement, &outline);
    size_t m = outline_of(buf_slice(&other), &other_outline);
    if (n > 0 && n == m && memcmp(outline, other_outline, n) == 0) {
        assert(a.fingerprint == b.fingerprint);
        assert(slice_equal(buf_slice(&text), buf_slice(&other_text)));
    }
    free(outline);
    free(other_outline);
    buf_free(&text);
    buf_free(&other_text);
    buf_free(&other);
    return 0;
}
