/* fingerprints.c - how fast statements get their fingerprints: usage: fingerprints LOG PREFIX
 *
 * Reads the statements of a PostgreSQL log into memory and times what follows, the best of
 * some rounds: lexing and hashing each of them, and the way the program goes, where the outline's
 * memo spares lexing what was seen before. Prints bytes, statements and both times in seconds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "input/framer.h"
#include "normalise/outline_memo.h"

enum { ROUNDS = 7, HEAD = 65536, STATEMENTS_MAX = 4 << 20 };

typedef struct statements {
    arena arena;
    slice *items;
    size_t n;
    size_t bytes;
} statements;

static void collect(const batch *b, statements *s)
{
    for (uint32_t i = 0; i < b->n_events && s->n < STATEMENTS_MAX; i++) {
        const event *e = &b->events[i];
        if ((e->has & HAS_TEXT) != 0 && arena_copy(&s->arena, e->text, &s->items[s->n])) {
            s->bytes += e->text.n;
            s->n++;
        }
    }
}

static bool read_log(const char *path, const char *prefix, statements *s, status *st)
{
    input in;
    framer frames;
    reading how = {0};
    arena keep;
    slice head;
    batch events;
    block part = {0};
    const parser *row = parser_registry[0];
    arena_init(&keep, 1 << 20);
    batch_init(&events, 64 << 20);
    if (!input_open(&in, path, -1, st) || !input_peek(&in, HEAD, &head, st) ||
        !row->prepare(head, &(format_options){.prefix = slice_from(prefix)}, &keep, &how.format,
                      st)) {
        return false;
    }
    framer_init(&frames, &in, &how, false, 0, SLICE(""));
    while (framer_next(&frames, &part, st) && part.n > 0) {
        batch_reset(&events);
        reading_parse(&how, slice_of(part.p, part.n), part.truncated, &events);
        collect(&events, s);
    }
    block_free(&part);
    framer_free(&frames);
    batch_free(&events);
    arena_free(&keep);
    input_close(&in);
    return st->code == STATUS_OK;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Each with its own memo, or none. The sum is printed, so that no compiler leaves the work out. */
static double best_of_rounds(const statements *s, const normaliser *n, bool with_memo,
                             uint64_t *sum)
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        outline_memo *memo = calloc(1, sizeof *memo);
        double started = now();
        for (size_t i = 0; i < s->n && memo != NULL; i++) {
            normalised out = {0};
            statement_values values;
            if (with_memo) {
                out.fingerprint = identify(memo, n, s->items[i], false, &values).fingerprint;
            } else {
                n->run(s->items[i], false, &out, NULL);
            }
            *sum += out.fingerprint;
        }
        double took = now() - started;
        best = took < best ? took : best;
        free(memo);
    }
    return best;
}

int main(int argc, char **argv)
{
    status st = {0};
    statements s = {.items = calloc(STATEMENTS_MAX, sizeof(slice))};
    const normaliser *n = normaliser_find("postgresql");
    uint64_t sum = 0;
    arena_init(&s.arena, (size_t)2 << 30);
    if (argc != 3 || s.items == NULL || !read_log(argv[1], argv[2], &s, &st)) {
        fprintf(stderr, "fingerprints: %s\n",
                argc != 3 ? "usage: fingerprints LOG PREFIX" : st.text);
        return 1;
    }
    double lexing = best_of_rounds(&s, n, false, &sum);
    double memo = best_of_rounds(&s, n, true, &sum);
    printf("%zu %zu %.6f %.6f %016llx\n", s.bytes, s.n, lexing, memo, (unsigned long long)sum);
    arena_free(&s.arena);
    free(s.items);
    return 0;
}
