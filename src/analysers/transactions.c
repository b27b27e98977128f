/* transactions.c - transactions that stay open for long, and those that wait for their
 * application.
 *
 * While a transaction is open its locks are held and no old row version that it may see can be
 * cleared away. Only transactions whose beginning and end the log holds are evidence. Behind a
 * threshold, or in a sample, a COMMIT would be paired with a BEGIN of hours before: so that nothing
 * is said unless nearly all beginnings and ends that are logged belong together. Rests
 * between statements are rests only where the statements' durations are known.
 *
 * Healthy transactions take milliseconds, and a nightly batch minutes; dumps read in one
 * transaction since they have to. */
#include "analysers/coverage.h"
#include "base/number.h"
#include "base/time_units.h"
#include "normalise/tools.h"

enum {
    PAIRED_LEAST = 80,                 /* beginnings and ends of a hundred that belong together */
    TIMED_LEAST = 90,                  /* executions of a hundred whose durations are known */
    IDLE_ONCE_US = 30 * US_PER_SECOND, /* nothing that a program does between two statements */
    IDLE_MEAN_US = US_PER_SECOND,      /* in each of */
    IDLE_TRANSACTIONS = 20,            /* these: a habit, such as calling another service within */
    MUCH_LONGER = 12, /* times the threshold, which is an hour: an operator is woken for it */
    SHOWN = 10,
    TEXT_MAX = 4096
};

typedef struct use_sum {
    int64_t transactions, time, idle; /* us */
    int64_t longest, longest_at, longest_line;
    int64_t longest_idle;
    slice log; /* the longest one's */
} use_sum;

typedef struct judged {
    analysis *a;
    const analysed_source *source;
    coverage c;
    use_sum sum;
    buf text; /* scratch */
} judged;

/* --- reading --------------------------------------------------------------------------------- */

static void add_row(judged *j, sqlite3_stmt *q)
{
    use_sum *sum = &j->sum;
    if (sum->transactions == 0) { /* the longest comes first */
        sum->longest = sqlite3_column_int64(q, 4);
        sum->longest_at = sqlite3_column_int64(q, 5);
        sum->longest_line = sqlite3_column_int64(q, 6);
        sum->log = column_slice(q, 7, j->a->arena);
    }
    int64_t idle = sqlite3_column_int64(q, 3);
    sum->transactions += sqlite3_column_int64(q, 0);
    sum->time += sqlite3_column_int64(q, 1);
    sum->idle += sqlite3_column_int64(q, 2);
    sum->longest_idle = idle > sum->longest_idle ? idle : sum->longest_idle;
}

static bool read_sum(judged *j)
{
    analysis *a = j->a;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT transactions, transaction_time, idle_time, longest_idle, longest_transaction,"
        " longest_at, longest_line, segment, application FROM session_use"
        " WHERE source = ?1 AND transactions > 0"
        " ORDER BY longest_transaction DESC, longest_at, segment, longest_line",
        j->source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        if (!is_dump_tool(column_view(q, 8))) {
            add_row(j, q);
        }
    }
    return rows_end(q, a->st);
}

/* Whether the log shows transactions whole. Those of tools are left out of the one and are in the
 * other, which makes the gate no weaker. */
static bool are_whole(const judged *j)
{
    int64_t of = j->c.ends > j->c.begins ? j->c.ends : j->c.begins;
    return j->sum.transactions > 0 && j->sum.transactions * 100 >= of * PAIRED_LEAST;
}

static bool rests_are_known(const judged *j)
{
    return j->c.timed * 100 >= j->c.statements * TIMED_LEAST;
}

/* --- writing --------------------------------------------------------------------------------- */

static void add_clients(judged *j, finding *f)
{
    analysis *a = j->a;
    bool by_idle = f->kind == FINDING_IDLE_IN_TRANSACTION;
    sqlite3_stmt *q = analysis_rows(
        a,
        by_idle ? "SELECT database, user, application, sum(transactions), max(longest_idle)"
                  " FROM session_use WHERE source = ?1 AND transactions > 0"
                  " GROUP BY 1, 2, 3 ORDER BY 5 DESC, 1, 2, 3"
                : "SELECT database, user, application, sum(transactions), max(longest_transaction)"
                  " FROM session_use WHERE source = ?1 AND transactions > 0"
                  " GROUP BY 1, 2, 3 ORDER BY 5 DESC, 1, 2, 3",
        j->source);
    value *list = value_add_list(&a->values, f->evidence, "clients");
    for (int i = 0; i < SHOWN && q != NULL && rows_next(a->store, q, a->st);) {
        if (is_dump_tool(column_view(q, 2))) {
            continue;
        }
        i++;
        value *item = value_add_object(&a->values, list, NULL);
        value_add_text(&a->values, item, "database", column_view(q, 0));
        value_add_text(&a->values, item, "user", column_view(q, 1));
        value_add_text(&a->values, item, "application", column_view(q, 2));
        value_add_int(&a->values, item, "transactions", sqlite3_column_int64(q, 3));
        analysis_add_ms(a, item, by_idle ? "longest_idle_ms" : "longest_ms",
                        sqlite3_column_int64(q, 4));
    }
    rows_end(q, a->st);
}

static finding *add_finding(judged *j, finding_kind kind, int64_t longest)
{
    analysis *a = j->a;
    const use_sum *sum = &j->sum;
    finding *f = analysis_add(a, kind, j->source, NULL, 0);
    if (f == NULL) {
        return NULL;
    }
    int64_t much = a->request->thresholds[THRESHOLD_TRANSACTION] * MUCH_LONGER;
    f->severity = longest >= much ? SEVERITY_HIGH : SEVERITY_MEDIUM;
    f->confidence = CONFIDENCE_CERTAIN; /* beginning, end and what lies between are logged */
    value_add_int(&a->values, f->evidence, "transactions", sum->transactions);
    analysis_add_ms(a, f->evidence, "total_ms", sum->time);
    analysis_add_ms(a, f->evidence, "longest_ms", sum->longest);
    if (rests_are_known(j)) {
        analysis_add_ms(a, f->evidence, "idle_ms", sum->idle);
        analysis_add_ms(a, f->evidence, "longest_idle_ms", sum->longest_idle);
    }
    return f;
}

static bool find_long(judged *j)
{
    analysis *a = j->a;
    const use_sum *sum = &j->sum;
    bool waited = rests_are_known(j) && sum->longest_idle * 2 >= sum->longest;
    if (sum->longest < a->request->thresholds[THRESHOLD_TRANSACTION] || waited) {
        return true; /* one that waited for most of its time is the other finding's */
    }
    finding *f = add_finding(j, FINDING_LONG_TRANSACTION, sum->longest);
    if (f == NULL) {
        return false;
    }
    f->first_seen = sum->longest_at - sum->longest;
    add_clients(j, f);
    buf_add_text(&j->text, "A transaction stayed open for ");
    duration_format(&j->text, sum->longest);
    f->title = analysis_text(a, &j->text);
    counted_format(&j->text, sum->transactions, "transaction was", "transactions were");
    buf_add_text(&j->text, " open for ");
    duration_format(&j->text, sum->time);
    buf_add_text(&j->text, " in all, the longest for ");
    duration_format(&j->text, sum->longest);
    buf_add_text(&j->text, ". The line is its last statement's.");
    f->detail = analysis_text(a, &j->text);
    f->advice = SLICE("Commit in parts, some thousand rows at a time, and keep user input, files"
                      " and other services out of transactions: locks are held for as long, and"
                      " old row versions pile up (bloat, a long undo history). Bound it with"
                      " transaction_timeout, or with idle_in_transaction_session_timeout.");
    return analysis_set_place(a, f, sum->log, (uint64_t)sum->longest_line);
}

static bool is_idle(const judged *j)
{
    const use_sum *sum = &j->sum;
    bool habit = sum->transactions >= IDLE_TRANSACTIONS &&
                 sum->idle >= sum->transactions * IDLE_MEAN_US && sum->idle * 2 >= sum->time;
    return sum->longest_idle >= IDLE_ONCE_US || habit;
}

static bool find_idle(judged *j)
{
    analysis *a = j->a;
    const use_sum *sum = &j->sum;
    if (!rests_are_known(j) || !is_idle(j)) {
        return true;
    }
    finding *f = add_finding(j, FINDING_IDLE_IN_TRANSACTION, sum->longest_idle);
    if (f == NULL) {
        return false;
    }
    f->first_seen = j->source->from;
    add_clients(j, f);
    buf_add_text(&j->text, "Transactions waited for their application, up to ");
    duration_format(&j->text, sum->longest_idle);
    buf_add_text(&j->text, " at a time");
    f->title = analysis_text(a, &j->text);
    buf_add_text(&j->text, "Of the ");
    duration_format(&j->text, sum->time);
    buf_add_text(&j->text, " in which ");
    counted_format(&j->text, sum->transactions, "transaction was", "transactions were");
    buf_add_text(&j->text, " open, ");
    duration_format(&j->text, sum->idle);
    buf_add_text(&j->text, " (");
    share_format(&j->text, sum->idle, sum->time);
    buf_add_text(&j->text, ") went by between statements; the longest rest was ");
    duration_format(&j->text, sum->longest_idle);
    buf_add_text(&j->text, ".");
    f->detail = analysis_text(a, &j->text);
    f->advice = SLICE("Do what waits (HTTP calls, queues, user input) before BEGIN or after COMMIT;"
                      " look for connections that are given back to the pool without COMMIT, and"
                      " for drivers with autocommit off. idle_in_transaction_session_timeout ends"
                      " what is forgotten.");
    return a->st->code == STATUS_OK;
}

static bool run(analysis *a, const analysed_source *source)
{
    judged j = {.a = a, .source = source};
    if (!read_sum(&j)) {
        return false;
    }
    if (j.sum.transactions == 0) {
        return true;
    }
    buf_init(&j.text, TEXT_MAX);
    bool ok =
        coverage_read(a, source, &j.c) && (!are_whole(&j) || (find_long(&j) && find_idle(&j)));
    buf_free(&j.text);
    return ok && a->st->code == STATUS_OK;
}

static const finding_kind kinds[] = {FINDING_LONG_TRANSACTION, FINDING_IDLE_IN_TRANSACTION};

const analyser transactions_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
