/* retries.c - statements that conflict with others and are tried again and again.
 *
 * To be tried again is what a serialisation failure, a deadlock or a lock timeout is for, and a
 * few a day are healthy. It is a storm where the same statement with the same values comes again
 * within seconds after such a failure, in the same session, many times an hour or in long rows,
 * and so makes the conflict that it runs into. Failures of another kind, tried again or not, are
 * errors and another finding's. */
#include "analysers/analysis.h"
#include "base/number.h"

enum {
    RETRIES_LEAST = 20, /* in one hour; fewer are what concurrency costs now and then */
    ROW_LEAST = 5,      /* of one statement, one behind the other: nobody has set such a limit */
    TEXT_MAX = 4096
};

/* Codes of conflicts: SQLSTATE, and the numbers or names of servers that have their own. */
static const struct {
    const char *code, *name;
} conflicts[] = {
    {"40001", "serialisation failures"},
    {"40P01", "deadlocks"},
    {"55P03", "lock timeouts"},
    {"1213", "deadlocks"},
    {"1205", "lock timeouts"},
    {"112", "write conflicts"},
    {"WriteConflict", "write conflicts"},
};

typedef struct retry_sum {
    uint64_t query;
    int64_t retries, failed, wait;
    int64_t busiest; /* retries in an hour */
    int64_t longest; /* in a row */
    int64_t by_code[sizeof conflicts / sizeof *conflicts];
    int64_t first_at, first_line;
    slice log;
} retry_sum;

static size_t conflict_of(slice code)
{
    size_t i = 0;
    while (i < sizeof conflicts / sizeof *conflicts && !slice_is(code, conflicts[i].code)) {
        i++;
    }
    return i;
}

static void add_row(analysis *a, retry_sum *sum, sqlite3_stmt *q, size_t conflict)
{
    int64_t n = sqlite3_column_int64(q, 3);
    int64_t longest = sqlite3_column_int64(q, 6);
    if (sum->retries == 0) { /* the rows are in the order of time */
        sum->first_at = sqlite3_column_int64(q, 7);
        sum->first_line = sqlite3_column_int64(q, 8);
        sum->log = column_slice(q, 9, a->arena);
    }
    sum->retries += n;
    sum->by_code[conflict] += n;
    sum->failed += sqlite3_column_int64(q, 4);
    sum->wait += sqlite3_column_int64(q, 5);
    sum->longest = longest > sum->longest ? longest : sum->longest;
}

static bool is_storm(const retry_sum *sum)
{
    return sum->busiest >= RETRIES_LEAST || sum->longest >= ROW_LEAST;
}

static void add_evidence(analysis *a, finding *f, const retry_sum *sum)
{
    value_builder *b = &a->values;
    value_add_int(b, f->evidence, "retries", sum->retries);
    value_add_int(b, f->evidence, "failed_again", sum->failed);
    value_add_int(b, f->evidence, "longest_row", sum->longest);
    value_add_int(b, f->evidence, "busiest_hour", sum->busiest);
    analysis_add_ms(a, f->evidence, "mean_wait_ms", sum->wait / sum->retries);
    value *codes = value_add_object(b, f->evidence, "by_code");
    for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
        if (sum->by_code[i] > 0) {
            value_add_int(b, codes, conflicts[i].code, sum->by_code[i]);
        }
    }
}

static void say_codes(const retry_sum *sum, buf *out)
{
    bool first = true;
    for (size_t i = 0; i < sizeof conflicts / sizeof *conflicts; i++) {
        if (sum->by_code[i] > 0) {
            buf_add_text(out, first ? "" : ", ");
            count_format(out, sum->by_code[i]);
            buf_add_text(out, " after ");
            buf_add_text(out, conflicts[i].name);
            first = false;
        }
    }
}

static void describe(const retry_sum *sum, buf *out)
{
    buf_add_text(out, "The same statement with the same values came again ");
    counted_format(out, sum->retries, "time", "times");
    buf_add_text(out, " within seconds in the same session (");
    say_codes(sum, out);
    buf_add_text(out, "), up to ");
    counted_format(out, sum->longest, "time", "times");
    buf_add_text(out, " in a row and ");
    count_format(out, sum->busiest);
    buf_add_text(out, " in an hour, on average after ");
    duration_format(out, sum->wait / sum->retries);
    buf_add_text(out, "; ");
    counted_format(out, sum->failed, "retry", "retries");
    buf_add_text(out, " failed again.");
}

static bool add_finding(analysis *a, const analysed_source *source, const retry_sum *sum)
{
    analysed_query query;
    finding *f = analysis_add(a, FINDING_RETRY_STORM, source, &sum->query, 1);
    if (f == NULL || !analysis_query(a, sum->query, &query)) {
        return false;
    }
    buf text;
    buf_init(&text, TEXT_MAX);
    f->confidence = CONFIDENCE_CERTAIN; /* same session, same statement, same values */
    f->severity = sum->failed * 2 >= sum->retries ? SEVERITY_HIGH : SEVERITY_MEDIUM;
    f->first_seen = sum->first_at;
    add_evidence(a, f, sum);
    buf_add_text(&text, "A statement on ");
    buf_add(&text, query_subject(&query));
    buf_add_text(&text, " failed in conflicts and was tried again ");
    counted_format(&text, sum->retries, "time", "times");
    f->title = analysis_text(a, &text);
    describe(sum, &text);
    f->detail = analysis_text(a, &text);
    f->advice = SLICE("Wait before each retry, longer each time and by a random part, and give up"
                      " after a few. Make the conflict rarer: shorter transactions, rows locked in"
                      " the same order everywhere, SELECT … FOR UPDATE where a row is read to be"
                      " changed, one statement (SET n = n + 1) in place of two, counters and"
                      " queues spread over several rows (SKIP LOCKED).");
    buf_free(&text);
    return analysis_set_place(a, f, sum->log, (uint64_t)sum->first_line);
}

typedef struct storms {
    retry_sum now;
    int64_t hour, in_hour; /* of the query that is read */
} storms;

static bool end_query(analysis *a, const analysed_source *source, storms *s)
{
    bool ok = s->now.retries == 0 || !is_storm(&s->now) || add_finding(a, source, &s->now);
    *s = (storms){0};
    return ok;
}

static void count_hour(storms *s, int64_t hour, int64_t n)
{
    s->in_hour = hour == s->hour ? s->in_hour + n : n;
    s->hour = hour;
    s->now.busiest = s->in_hour > s->now.busiest ? s->in_hour : s->now.busiest;
}

static bool run(analysis *a, const analysed_source *source)
{
    storms s = {0};
    sqlite3_stmt *q =
        analysis_rows(a,
                      "SELECT fingerprint, hour, code, retries, failed, wait, longest, first_at,"
                      " first_line, segment FROM retries WHERE source = ?1"
                      " ORDER BY fingerprint, hour, first_at, segment, first_line, code",
                      source);
    bool ok = true;
    while (ok && q != NULL && rows_next(a->store, q, a->st)) {
        uint64_t id = (uint64_t)sqlite3_column_int64(q, 0);
        size_t conflict = conflict_of(column_view(q, 2));
        ok = id == s.now.query || end_query(a, source, &s);
        s.now.query = id;
        if (conflict < sizeof conflicts / sizeof *conflicts) {
            add_row(a, &s.now, q, conflict);
            count_hour(&s, sqlite3_column_int64(q, 1), sqlite3_column_int64(q, 3));
        }
    }
    ok = ok && end_query(a, source, &s);
    return rows_end(q, a->st) && ok;
}

static const finding_kind kinds[] = {FINDING_RETRY_STORM};

const analyser retries_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
