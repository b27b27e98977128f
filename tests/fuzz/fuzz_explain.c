/* fuzz_explain.c - laws of statements for EXPLAIN that hold for any bytes: without values a
 * statement stays as it is, but for what may be a secret; with values only places of `$1` and the
 * like differ, and nothing is read beyond either text. The input is a statement, a NUL and its
 * parameters. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "normalise/explain.h"
#include "normalise/secrets.h"

enum { TEXT_MAX = 1 << 24 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The same bytes in memory that ends where they do. */
static slice exactly(slice text, char **memory)
{
    *memory = malloc(text.n + 1);
    assert(*memory != NULL);
    if (text.n > 0) {
        memcpy(*memory, text.p, text.n);
    }
    (*memory)[text.n] = '\0';
    return slice_of(*memory, text.n);
}

static void stays_without_values(const normaliser *n, slice statement)
{
    static const char verb[] = "EXPLAIN ";
    buf out;
    buf_init(&out, TEXT_MAX);
    if (explain_with_values(n, statement, SLICE(""), &out)) {
        slice body = slice_skip(buf_slice(&out), sizeof verb - 1);
        assert(slice_starts_with(buf_slice(&out), SLICE(verb)));
        assert(body.n > 0 && body.p[body.n - 1] == ';');
        assert(slice_starts_with(slice_trim(statement), slice_take(body, body.n - 1)) ||
               tells_secret(statement));
    } else {
        assert(out.n == 0);
    }
    buf_free(&out);
}

/* Whether `with` is `without` but for what stands in place of "$digits". */
static bool differs_in_values_only(slice without, slice with)
{
    const char *p = memchr(without.p, '$', without.n);
    size_t same = p != NULL ? (size_t)(p - without.p) : without.n;
    return with.n >= same && slice_starts_with(with, slice_take(without, same));
}

static void values_replace_placeholders(const normaliser *n, slice statement, slice parameters)
{
    buf with;
    buf without;
    buf_init(&with, TEXT_MAX);
    buf_init(&without, TEXT_MAX);
    bool has = explain_with_values(n, statement, parameters, &with);
    assert(has == explain_with_values(n, statement, SLICE(""), &without));
    if (has && !with.failed) {
        assert(differs_in_values_only(buf_slice(&without), buf_slice(&with)));
    }
    buf_free(&with);
    buf_free(&without);
}

static void generic_of_a_normalised_text(const normaliser *n, slice statement)
{
    normalised is;
    buf text;
    buf out;
    buf_init(&text, TEXT_MAX);
    buf_init(&out, TEXT_MAX);
    n->run(statement, false, &is, &text);
    if (!explain_generic(n, buf_slice(&text), &out)) {
        assert(out.n == 0);
    }
    buf_free(&text);
    buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const engines[] = {"postgresql", "mysql", "mongodb"};
    slice all = slice_of((const char *)data, size);
    const char *end = size > 0 ? memchr(all.p, '\0', all.n) : NULL;
    size_t length = end != NULL ? (size_t)(end - all.p) : all.n;
    char *first;
    char *second;
    slice statement = exactly(slice_take(all, length), &first);
    slice parameters = exactly(slice_skip(all, length + (end != NULL)), &second);
    for (size_t i = 0; i < sizeof engines / sizeof *engines; i++) {
        const normaliser *n = normaliser_find(engines[i]);
        stays_without_values(n, statement);
        values_replace_placeholders(n, statement, parameters);
        generic_of_a_normalised_text(n, statement);
    }
    free(first);
    free(second);
    return 0;
}
