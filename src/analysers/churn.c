/* churn.c - connections made for little work each, one after the other.
 *
 * To connect costs a process or a thread, a handshake and a login, many times what a quick
 * statement does. Behind a pool sessions last for hours; health checks, cron jobs and people come
 * to a few a minute. So: at least one a second over five minutes, and short. Where the log tells
 * how long sessions were, by that: the longest of a user's hour is left out of the mean, so that a
 * pool's long sessions beside do not hide the short ones. Where it does not, by the statements
 * to a connection, if it holds all of them. */
#include "analysers/coverage.h"
#include "base/number.h"
#include "base/time_units.h"

enum {
    LEAST = 300,              /* connections in an hour: one a second over five minutes */
    APART_US = US_PER_SECOND, /* health checks and cron jobs come less often */
    SHORT_US =
        5 * US_PER_SECOND, /* a web request's; who keeps connections keeps them for minutes */
    STATEMENTS_FEW = 5,    /* to a connection */
    MANY_A_SECOND = 20,    /* what a server begins to feel as a whole */
    SHOWN = 10,
    TEXT_MAX = 4096
};

typedef struct churn_user {
    slice name;
    int64_t sessions, time; /* us */
} churn_user;

typedef struct churn_sum {
    int64_t sessions;   /* short ones, in hours that are full of them */
    int64_t time;       /* us, of those whose length is known */
    int64_t span;       /* us, of those hours */
    int64_t statements; /* where no lengths are known */
    int64_t first_at;
    bool lengths;
    churn_user *users;
    uint32_t n_users;
} churn_sum;

static void add_span(churn_sum *sum, int64_t sessions, int64_t first_at, int64_t span)
{
    sum->sessions += sessions;
    sum->span += span;
    sum->first_at = sum->first_at == 0 || first_at < sum->first_at ? first_at : sum->first_at;
}

static bool is_quick_succession(int64_t sessions, int64_t span)
{
    return sessions >= LEAST && sessions >= span / APART_US;
}

/* --- where the log tells how long sessions were ----------------------------------------------- */

static bool add_user(analysis *a, churn_sum *sum, slice name, int64_t sessions, int64_t time)
{
    for (uint32_t i = 0; i < sum->n_users; i++) {
        if (slice_equal(sum->users[i].name, name)) {
            sum->users[i].sessions += sessions;
            sum->users[i].time += time;
            return true;
        }
    }
    churn_user *all = arena_one_more(a->arena, sum->users, sum->n_users, sizeof *all);
    slice copy;
    if (all == NULL || !arena_copy(a->arena, name, &copy)) {
        return status_no_memory(a->st);
    }
    sum->users = all;
    all[sum->n_users++] = (churn_user){.name = copy, .sessions = sessions, .time = time};
    return true;
}

static bool read_lengths(analysis *a, const analysed_source *source, churn_sum *sum)
{
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT subject, sum(n), sum(sum), max(max), min(first_at), max(last_at)"
        " FROM server_facts WHERE source = ?1 AND kind = 'session' GROUP BY hour, subject",
        source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t n = sqlite3_column_int64(q, 1) - 1; /* but the longest */
        int64_t time = sqlite3_column_int64(q, 2) - sqlite3_column_int64(q, 3);
        int64_t first_at = sqlite3_column_int64(q, 4);
        int64_t span = sqlite3_column_int64(q, 5) - first_at;
        sum->lengths = true;
        if (!is_quick_succession(n, span) || time > n * SHORT_US) {
            continue;
        }
        add_span(sum, n, first_at, span);
        sum->time += time;
        if (!add_user(a, sum, column_view(q, 0), n, time)) {
            break;
        }
    }
    return rows_end(q, a->st);
}

/* --- where it does not ------------------------------------------------------------------------ */

static int64_t part_of_hour(const analysed_source *source, int64_t from)
{
    int64_t to = from + US_PER_HOUR;
    from = from > source->from ? from : source->from;
    to = to < source->to ? to : source->to;
    return to > from ? to - from : 0;
}

static bool read_counts(analysis *a, const analysed_source *source, churn_sum *sum)
{
    coverage c;
    if (!coverage_read(a, source, &c) || !c.whole) {
        return a->st->code == STATUS_OK;
    }
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT e.hour * 1000000, sum(e.n), (SELECT coalesce(sum(d.calls), 0) FROM digest d"
        " WHERE d.source = ?1 AND d.hour = e.hour) FROM server_events e"
        " WHERE e.source = ?1 AND e.kind = 'session-end' AND e.hour <> 0 GROUP BY e.hour",
        source);
    while (q != NULL && rows_next(a->store, q, a->st)) {
        int64_t hour = sqlite3_column_int64(q, 0);
        int64_t sessions = sqlite3_column_int64(q, 1);
        int64_t statements = sqlite3_column_int64(q, 2);
        int64_t span = part_of_hour(source, hour);
        if (is_quick_succession(sessions, span) && statements <= sessions * STATEMENTS_FEW) {
            add_span(sum, sessions, hour > source->from ? hour : source->from, span);
            sum->statements += statements;
        }
    }
    return rows_end(q, a->st);
}

/* --- the finding -------------------------------------------------------------------------------
 */

static void add_evidence(analysis *a, finding *f, const churn_sum *sum)
{
    value_builder *b = &a->values;
    value_add_int(b, f->evidence, "connections", sum->sessions);
    analysis_add_ms(a, f->evidence, "within_ms", sum->span);
    if (!sum->lengths) {
        value_add_int(b, f->evidence, "logged_statements", sum->statements);
        return;
    }
    analysis_add_ms(a, f->evidence, "mean_session_ms", sum->time / sum->sessions);
    value *users = value_add_list(b, f->evidence, "users");
    for (uint32_t i = 0; i < sum->n_users && i < SHOWN; i++) {
        value *item = value_add_object(b, users, NULL);
        value_add_text(b, item, "user", sum->users[i].name);
        value_add_int(b, item, "connections", sum->users[i].sessions);
        analysis_add_ms(a, item, "mean_session_ms", sum->users[i].time / sum->users[i].sessions);
    }
}

static void describe(const churn_sum *sum, buf *out)
{
    counted_format(out, sum->sessions, "connection", "connections");
    buf_add_text(out, " within ");
    duration_format(out, sum->span);
    if (sum->lengths) {
        buf_add_text(out, ", each open for ");
        duration_format(out, sum->time / sum->sessions);
        buf_add_text(out, " on average.");
    } else {
        buf_add_text(out, ", and ");
        counted_format(out, sum->statements, "statement", "statements");
        buf_add_text(out, " in all of them.");
    }
}

static bool add_finding(analysis *a, const analysed_source *source, const churn_sum *sum)
{
    finding *f = analysis_add(a, FINDING_CONNECTION_CHURN, source, NULL, 0);
    if (f == NULL) {
        return false;
    }
    buf text;
    buf_init(&text, TEXT_MAX);
    bool many = sum->sessions >= sum->span / APART_US * MANY_A_SECOND;
    f->severity = many ? SEVERITY_HIGH : SEVERITY_MEDIUM;
    f->confidence = sum->lengths ? CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
    f->first_seen = sum->first_at;
    add_evidence(a, f, sum);
    counted_format(&text, sum->sessions, "connection was", "connections were");
    buf_add_text(&text, " made for little work each");
    f->title = analysis_text(a, &text);
    describe(sum, &text);
    f->detail = analysis_text(a, &text);
    f->advice = SLICE("Keep connections open and share them: a pool in the application, or where"
                      " its processes are short-lived (CGI, serverless, a script for each job) one"
                      " beside the database, such as PgBouncer or ProxySQL.");
    buf_free(&text);
    return a->st->code == STATUS_OK;
}

static bool run(analysis *a, const analysed_source *source)
{
    churn_sum sum = {0};
    if (!read_lengths(a, source, &sum) || (!sum.lengths && !read_counts(a, source, &sum))) {
        return false;
    }
    return sum.sessions == 0 || add_finding(a, source, &sum);
}

static const finding_kind kinds[] = {FINDING_CONNECTION_CHURN};

const analyser churn_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
