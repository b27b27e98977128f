/* test_framer.c - blocks of whole records: nothing lost, giants cut at the limit, last ones held.
 * The format is one of this file: a record begins with a line that begins with ">". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/scan.h"
#include "input/framer.h"

/* --- the format ---------------------------------------------------------------------- */

enum { LINE_ENOUGH = 4096 };

/* As real formats do, a line is judged when its end is there or enough of it is. */
static bool begins_record(slice rest)
{
    bool enough = scan_first(rest, '\n') != NULL || rest.n >= LINE_ENOUGH;
    return enough && rest.p[0] == '>';
}

static size_t cut(const format *f, slice bytes, cut_which which)
{
    (void)f;
    size_t found = 0;
    for (size_t at = 0; at < bytes.n;) {
        const char *end = scan_first(slice_skip(bytes, at), '\n');
        if (end == NULL) {
            return found;
        }
        at = (size_t)(end + 1 - bytes.p);
        if (at < bytes.n && begins_record(slice_skip(bytes, at))) {
            found = at;
            if (which == CUT_FIRST) {
                return found;
            }
        }
    }
    return found;
}

static const parser lines_parser = {.name = "test", .cut = cut};
static const reading lines = {.format = {.parser = &lines_parser}};

/* --- logs ------------------------------------------------------------------------------- */

static const size_t LOG_MAX = (size_t)5 * RECORD_MAX;

/* Appends a record of n bytes, at least 2: ">xxx…" in lines of `width`. */
static void add_record(buf *log, size_t n, size_t width)
{
    size_t begin = log->n;
    assert_true(buf_reserve(log, n));
    memset(log->p + begin, 'x', n);
    for (size_t i = width; i < n; i += width) {
        log->p[begin + i - 1] = '\n';
    }
    log->p[begin] = '>';
    log->p[begin + n - 1] = '\n';
    buf_truncate(log, begin + n);
}

static void add_small_records(buf *log, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        add_record(log, 2 + i * 37 % 500, 80);
    }
}

typedef struct opened {
    char path[64];
    input in;
    framer frames;
} opened;

static void open_log(opened *o, slice log, bool hold_last, uint64_t from)
{
    status st = {0};
    snprintf(o->path, sizeof o->path, "/tmp/qlog-framer-XXXXXX");
    int fd = mkstemp(o->path);
    assert_true(fd >= 0);
    for (slice rest = log; rest.n > 0;) {
        ssize_t n = write(fd, rest.p, rest.n);
        assert_true(n > 0);
        rest = slice_skip(rest, (size_t)n);
    }
    close(fd);
    assert_true(input_open(&o->in, o->path, -1, &st));
    assert_true(input_skip_to(&o->in, from, NULL, 0, &st));
    slice before = slice_take(log, from);
    slice tail = before.n > TAIL_BYTES ? slice_skip(before, before.n - TAIL_BYTES) : before;
    framer_init(&o->frames, &o->in, &lines, hold_last, from, tail);
}

static void close_log(opened *o)
{
    framer_free(&o->frames);
    input_close(&o->in);
    unlink(o->path);
}

/* --- what holds for every block ----------------------------------------------------------- */

typedef struct counted {
    uint64_t end; /* of the last block and what was dropped behind it */
    size_t blocks, truncated;
    uint64_t truncated_at, dropped;
} counted;

static void block_is_right(const block *b, slice log, counted *c)
{
    assert_true(b->offset == c->end);
    assert_true(b->offset + b->n + b->dropped <= log.n);
    assert_true(slice_equal(slice_of(b->p, b->n), slice_take(slice_skip(log, b->offset), b->n)));
    assert_int_equal(b->p[0], '>');
    c->end += b->n + b->dropped;
    c->blocks++;
    slice dropped = slice_take(slice_skip(log, b->offset + b->n), b->dropped);
    assert_int_equal(b->dropped_lines, scan_count(dropped, '\n'));
    if (b->truncated) {
        assert_int_equal(b->n, RECORD_MAX);
        assert_true(b->dropped > 0);
        c->truncated++;
        c->truncated_at = b->offset;
    } else {
        assert_int_equal(b->dropped, 0);
    }
    c->dropped += b->dropped;
    slice read = slice_take(log, c->end);
    slice tail = read.n > TAIL_BYTES ? slice_skip(read, read.n - TAIL_BYTES) : read;
    hash128 expected = content_hash(tail);
    assert_true(b->tail.high == expected.high && b->tail.low == expected.low);
    assert_true(c->end == log.n || log.p[c->end] == '>');
}

static counted read_all(slice log, bool hold_last, uint64_t from, uint64_t *held)
{
    opened o;
    block b = {0};
    status st = {0};
    counted c = {.end = from};
    open_log(&o, log, hold_last, from);
    for (;;) {
        assert_true(framer_next(&o.frames, &b, &st));
        if (b.n == 0) {
            break;
        }
        block_is_right(&b, log, &c);
    }
    assert_true(framer_next(&o.frames, &b, &st));
    assert_int_equal(b.n, 0); /* the end stays the end */
    *held = o.frames.held;
    block_free(&b);
    close_log(&o);
    return c;
}

/* --- tests -------------------------------------------------------------------------------- */

static void blocks_put_together_are_the_input_at_every_size(void **state)
{
    (void)state;
    buf log;
    uint64_t held;
    buf_init(&log, LOG_MAX);
    add_small_records(&log, 4000);
    slice text = buf_slice(&log);
    for (size_t n = 0; n < 600; n += n < 100 ? 1 : 7) {
        assert_int_equal(read_all(slice_take(text, n), false, 0, &held).end, n);
    }
    const size_t sizes[] = {BLOCK_BYTES, 2 * BLOCK_BYTES, 3 * BLOCK_BYTES};
    for (size_t i = 0; i < 3; i++) {
        for (size_t n = sizes[i] - 5; n < sizes[i] + 5; n++) {
            counted c = read_all(slice_take(text, n), false, 0, &held);
            assert_int_equal(c.end, n);
            assert_true(c.blocks >= n / BLOCK_BYTES);
            assert_int_equal(held, 0);
        }
    }
    buf_free(&log);
}

static void records_longer_than_a_block_stay_whole(void **state)
{
    (void)state;
    buf log;
    uint64_t held;
    buf_init(&log, LOG_MAX);
    for (size_t i = 0; i < 6; i++) {
        add_record(&log, BLOCK_BYTES * i / 2 + 100, 100);
        add_small_records(&log, 300);
    }
    counted c = read_all(buf_slice(&log), false, 0, &held);
    assert_int_equal(c.end, log.n);
    assert_int_equal(c.truncated, 0);
    buf_free(&log);
}

static void reading_may_begin_within_the_log(void **state)
{
    (void)state;
    buf log;
    uint64_t held;
    buf_init(&log, LOG_MAX);
    add_small_records(&log, 2000);
    for (uint64_t from = 0; from < log.n; from += log.n / 7) {
        while (from < log.n && log.p[from] != '>') {
            from++;
        }
        assert_int_equal(read_all(buf_slice(&log), false, from, &held).end, log.n);
    }
    buf_free(&log);
}

static void the_last_record_is_held_where_it_may_still_grow(void **state)
{
    (void)state;
    const size_t lasts[] = {2, 100, BLOCK_BYTES, 3 * BLOCK_BYTES};
    for (size_t i = 0; i < 4; i++) {
        buf log;
        uint64_t held;
        buf_init(&log, LOG_MAX);
        add_small_records(&log, 1500);
        size_t before = log.n;
        add_record(&log, lasts[i], 100);
        counted c = read_all(buf_slice(&log), true, 0, &held);
        assert_int_equal(c.end, before);
        assert_int_equal(held, lasts[i]);
        c = read_all(buf_slice(&log), false, 0, &held);
        assert_int_equal(c.end, log.n);
        assert_int_equal(held, 0);
        buf_free(&log);
    }
}

static void a_log_of_one_record_is_held_as_a_whole(void **state)
{
    (void)state;
    buf log;
    uint64_t held;
    buf_init(&log, LOG_MAX);
    add_record(&log, 500, 80);
    counted c = read_all(buf_slice(&log), true, 0, &held);
    assert_int_equal(c.blocks, 0);
    assert_int_equal(held, 500);
    buf_free(&log);
}

/* A giant of n bytes in lines of `width`, with small records around it. */
static void giant_is_cut_at_the_limit(size_t n, size_t width, size_t before)
{
    buf log;
    uint64_t held;
    buf_init(&log, LOG_MAX);
    add_small_records(&log, before);
    uint64_t at = log.n;
    add_record(&log, n, width);
    add_small_records(&log, 2000);
    counted c = read_all(buf_slice(&log), false, 0, &held);
    assert_int_equal(c.end, log.n);
    assert_int_equal(c.truncated, n > RECORD_MAX);
    assert_int_equal(c.dropped, n > RECORD_MAX ? n - RECORD_MAX : 0);
    assert_int_equal(c.truncated_at, n > RECORD_MAX ? at : 0);
    buf_free(&log);
}

static void a_record_is_cut_only_beyond_the_limit_and_the_next_one_is_found(void **state)
{
    (void)state;
    const size_t lengths[] = {RECORD_MAX - 5000,  RECORD_MAX - 1,    RECORD_MAX,
                              RECORD_MAX + 1,     RECORD_MAX + 5000, RECORD_MAX + 5 * BLOCK_BYTES,
                              2 * RECORD_MAX + 17};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        giant_is_cut_at_the_limit(lengths[i], 100, 0);
        giant_is_cut_at_the_limit(lengths[i], 100, 700);
    }
}

/* What is dropped is read in pieces; the next record may begin anywhere about a piece's end. */
static void the_next_record_is_found_wherever_reading_stopped(void **state)
{
    (void)state;
    for (size_t off = 0; off < 4; off++) {
        size_t piece = (size_t)RECORD_MAX + 8192 + BLOCK_BYTES;
        giant_is_cut_at_the_limit(piece - off, 100, 0);
        giant_is_cut_at_the_limit(piece + off, 100, 0);
    }
}

static void a_giant_without_line_ends_is_cut_too(void **state)
{
    (void)state;
    giant_is_cut_at_the_limit(RECORD_MAX, LOG_MAX, 10);
    giant_is_cut_at_the_limit(RECORD_MAX + 1, LOG_MAX, 10);
    giant_is_cut_at_the_limit(RECORD_MAX + 2 * BLOCK_BYTES + 9000, LOG_MAX, 10);
}

static void a_giant_at_the_end_is_cut_or_held(void **state)
{
    (void)state;
    const size_t lengths[] = {RECORD_MAX, RECORD_MAX + 1, RECORD_MAX + 9000, 2 * RECORD_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        buf log;
        uint64_t held;
        buf_init(&log, LOG_MAX);
        add_small_records(&log, 10);
        uint64_t at = log.n;
        add_record(&log, lengths[i], 1000);
        counted c = read_all(buf_slice(&log), false, 0, &held);
        assert_int_equal(c.end, log.n);
        assert_int_equal(c.truncated, lengths[i] > RECORD_MAX);
        c = read_all(buf_slice(&log), true, 0, &held);
        assert_int_equal(c.end, at);
        assert_int_equal(c.truncated, 0);
        assert_int_equal(held, lengths[i]);
        buf_free(&log);
    }
}

static void giants_behind_each_other_are_each_cut(void **state)
{
    (void)state;
    buf log;
    uint64_t held;
    buf_init(&log, LOG_MAX);
    add_record(&log, RECORD_MAX + 300, 100);
    add_record(&log, RECORD_MAX + 70000, 100);
    add_record(&log, RECORD_MAX, 100);
    counted c = read_all(buf_slice(&log), false, 0, &held);
    assert_int_equal(c.end, log.n);
    assert_int_equal(c.truncated, 2);
    assert_int_equal(c.dropped, 70300);
    buf_free(&log);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_put_together_are_the_input_at_every_size),
        cmocka_unit_test(records_longer_than_a_block_stay_whole),
        cmocka_unit_test(reading_may_begin_within_the_log),
        cmocka_unit_test(the_last_record_is_held_where_it_may_still_grow),
        cmocka_unit_test(a_log_of_one_record_is_held_as_a_whole),
        cmocka_unit_test(a_record_is_cut_only_beyond_the_limit_and_the_next_one_is_found),
        cmocka_unit_test(the_next_record_is_found_wherever_reading_stopped),
        cmocka_unit_test(a_giant_without_line_ends_is_cut_too),
        cmocka_unit_test(a_giant_at_the_end_is_cut_or_held),
        cmocka_unit_test(giants_behind_each_other_are_each_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
