/* checkpoints.c - checkpoints that come since much was written, not since it was time.
 *
 * A healthy server makes its checkpoints by the clock and spreads each over minutes. Where the
 * log of changes fills up first, a checkpoint follows the other, pages are written in a hurry, and
 * after each the first change of any page is logged with the whole page. A bulk load may force a
 * few, so that a few say nothing; nor does a shutdown, a backup or a command that asks for one. */
#include "analysers/analysis.h"
#include "base/number.h"

enum {
    FORCED_LEAST = 5,  /* fewer are what one load or one night's maintenance makes */
    HURRIED_LEAST = 3, /* of the server's own warnings, which come below a time that it was set */
    HURRIED_MANY = 20,
    TEXT_MAX = 4096
};

typedef struct checkpoint_sum {
    int64_t by_volume, by_time, others;
    int64_t hurried, closest; /* us apart */
    int64_t written, write_time, slowest;
    int64_t first_at, last_at; /* of those by volume and of the warnings */
} checkpoint_sum;

static bool holds_word(slice text, const char *word)
{
    slice wanted = slice_from(word);
    while (text.n > 0) {
        const char *blank = memchr(text.p, ' ', text.n);
        slice one = blank != NULL ? slice_between(text.p, blank) : text;
        if (slice_equal(one, wanted)) {
            return true;
        }
        text = slice_skip(text, one.n + (blank != NULL ? 1 : 0));
    }
    return false;
}

static void see_times(checkpoint_sum *sum, sqlite3_stmt *q)
{
    int64_t first = sqlite3_column_int64(q, 6);
    int64_t last = sqlite3_column_int64(q, 7);
    sum->first_at = sum->first_at == 0 || first < sum->first_at ? first : sum->first_at;
    sum->last_at = last > sum->last_at ? last : sum->last_at;
}

static void add_begun(checkpoint_sum *sum, sqlite3_stmt *q)
{
    slice why = column_view(q, 1);
    int64_t n = sqlite3_column_int64(q, 2);
    if (holds_word(why, "wal") || holds_word(why, "xlog")) { /* the older word */
        sum->by_volume += n;
        see_times(sum, q);
    } else if (holds_word(why, "time")) {
        sum->by_time += n;
    } else {
        sum->others += n;
    }
}

static void add_fact(checkpoint_sum *sum, sqlite3_stmt *q)
{
    slice kind = column_view(q, 0);
    if (slice_is(kind, fact_kinds[FACT_CHECKPOINT].name)) {
        add_begun(sum, q);
    } else if (slice_is(kind, fact_kinds[FACT_CHECKPOINTS_HURRIED].name)) {
        sum->hurried = sqlite3_column_int64(q, 2);
        sum->closest = sqlite3_column_int64(q, 4);
        see_times(sum, q);
    } else if (slice_is(kind, fact_kinds[FACT_CHECKPOINT_WRITE].name)) {
        sum->written = sqlite3_column_int64(q, 2);
        sum->write_time = sqlite3_column_int64(q, 3);
        sum->slowest = sqlite3_column_int64(q, 5);
    }
}

static bool read_sum(const analysis *a, const analysed_source *source, checkpoint_sum *sum)
{
    *sum = (checkpoint_sum){0};
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT kind, subject, sum(n), sum(sum), min(min), max(max), min(first_at), max(last_at)"
        " FROM server_facts WHERE source = ?1 AND kind IN ('checkpoint', 'checkpoints_hurried',"
        " 'checkpoint_write') GROUP BY kind, subject",
        source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        add_fact(sum, q);
    }
    return rows_end(q, a->st);
}

/* More than half: not an accident of a load, but how the server works. */
static bool is_pressed(const checkpoint_sum *sum)
{
    bool most = sum->by_volume >= FORCED_LEAST && sum->by_volume > sum->by_time;
    return most || sum->hurried >= HURRIED_LEAST;
}

static void add_evidence(analysis *a, finding *f, const checkpoint_sum *sum)
{
    value_builder *b = &a->values;
    value_add_int(b, f->evidence, "by_volume", sum->by_volume);
    value_add_int(b, f->evidence, "by_time", sum->by_time);
    value_add_int(b, f->evidence, "others", sum->others);
    value_add_int(b, f->evidence, "warnings", sum->hurried);
    if (sum->hurried > 0) {
        analysis_add_ms(a, f->evidence, "closest_ms", sum->closest);
    } else {
        value_add_null(b, f->evidence, "closest_ms");
    }
    analysis_add_ms(a, f->evidence, "write_ms", sum->write_time);
    analysis_add_ms(a, f->evidence, "slowest_write_ms", sum->slowest);
}

static void say_begun(const checkpoint_sum *sum, buf *out)
{
    counted_format(out, sum->by_volume + sum->by_time + sum->others, "checkpoint", "checkpoints");
    buf_add_text(out, ": ");
    count_format(out, sum->by_volume);
    buf_add_text(out, " since much was written, ");
    count_format(out, sum->by_time);
    buf_add_text(out, " since it was time, ");
    count_format(out, sum->others);
    buf_add_text(out, " for other reasons. ");
}

static void describe(const checkpoint_sum *sum, buf *out)
{
    if (sum->by_volume + sum->by_time + sum->others > 0) {
        say_begun(sum, out);
    }
    if (sum->hurried > 0) {
        buf_add_text(out, "The server warns ");
        counted_format(out, sum->hurried, "time", "times");
        buf_add_text(out, " that they follow one another too closely, at the least ");
        duration_format(out, sum->closest);
        buf_add_text(out, " apart. ");
    }
    if (sum->written > 0) {
        buf_add_text(out, "Writing took ");
        duration_format(out, sum->write_time / sum->written);
        buf_add_text(out, " on average, at most ");
        duration_format(out, sum->slowest);
        buf_add_text(out, ".");
    }
}

static bool run(analysis *a, const analysed_source *source)
{
    checkpoint_sum sum;
    if (!read_sum(a, source, &sum) || !is_pressed(&sum)) {
        return a->st->code == STATUS_OK;
    }
    finding *f = analysis_add(a, FINDING_CHECKPOINT_PRESSURE, source, NULL, 0);
    if (f == NULL) {
        return false;
    }
    buf text;
    buf_init(&text, TEXT_MAX);
    f->confidence = CONFIDENCE_CERTAIN; /* the server says itself why each began */
    f->severity = sum.hurried >= HURRIED_MANY ? SEVERITY_HIGH : SEVERITY_MEDIUM;
    f->first_seen = sum.first_at;
    add_evidence(a, f, &sum);
    count_format(&text, sum.by_volume > sum.hurried ? sum.by_volume : sum.hurried);
    buf_add_text(&text, " checkpoints were forced by the amount of changes");
    f->title = analysis_text(a, &text);
    describe(&sum, &text);
    f->detail = slice_trim(analysis_text(a, &text));
    f->advice = SLICE("Give changes more room: raise max_wal_size until nearly all checkpoints"
                      " come by checkpoint_timeout, and that to 15 minutes or more with"
                      " checkpoint_completion_target = 0.9; recovery after a crash then takes"
                      " longer. Look also at what writes so much, and at wal_compression.");
    buf_free(&text);
    return a->st->code == STATUS_OK;
}

static const finding_kind kinds[] = {FINDING_CHECKPOINT_PRESSURE};

const analyser checkpoints_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
