/* fuzz_mongodb.c - the laws of log parsers, for the three formats of MongoDB; and of what they
 * read, that a short cut to the fingerprint never changes it. */
#include <stdint.h>
#include <stdlib.h>

#include "log_laws.h"
#include "normalise/mongodb.h"
#include "parsers/mongodb/legacy.h"
#include "parsers/mongodb/profiler.h"
#include "parsers/mongodb/structured.h"
#include "short_cut.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The normaliser takes every text that a parser hands over. The memo goes on from input to input,
 * as it does from block to block. */
static void shapes_hold(const parser *p, slice log)
{
    static outline_memo *memo;
    arena keep;
    format f;
    batch b;
    status st = {0};
    if (memo == NULL) {
        memo = calloc(1, sizeof *memo);
        assert(memo != NULL);
    }
    arena_init(&keep, LAWS_MEMORY);
    assert(p->prepare(log, &(format_options){0}, &keep, &f, &st));
    laws_parse(&f, log, false, &b);
    for (uint32_t i = 0; i < b.n_events; i++) {
        const event *e = &b.events[i];
        if ((e->has & HAS_TEXT) != 0) {
            bool truncated = (e->has & TEXT_TRUNCATED) != 0;
            short_cut_holds(memo, &mongodb_normaliser, e->text, truncated);
            short_cut_holds(memo, &mongodb_normaliser, e->text, truncated);
        }
    }
    batch_free(&b);
    arena_free(&keep);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const parser *const formats[] = {&mongodb_structured, &mongodb_legacy, &mongodb_profiler};
    slice log = slice_of((const char *)data, size);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        laws_hold(formats[i], log);
        shapes_hold(formats[i], log);
    }
    return 0;
}
