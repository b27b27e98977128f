/* errors.c - statements that fail: time limits, cancels, deadlocks, conflicts, broken rules.
 *
 * A healthy log stays silent: a statement mistyped once, a duplicate key that an application
 * expects now and then, a user who gives up are no findings. Each class of failure has the number
 * from which on it is one, with its reason; a deadlock is one always, since no plan of anybody's
 * contains it. */
#include "analysers/sums.h"
#include "base/number.h"
#include "base/scan.h"

enum {
    FAILURES_MAX = 32, /* of one statement, different ones */
    PARTNERS_MAX = 4,
    SEVERE_LEAST = 10, /* and one in so many of all executions: medium */
    SEVERE_PART = 100
};

typedef enum failure_class {
    FAILED_TIME_LIMIT,
    FAILED_CANCEL,
    FAILED_LOCK_LIMIT,
    FAILED_DEADLOCK,
    FAILED_CONFLICT,
    FAILED_RULE,
    FAILED_RESOURCE,
    FAILED_OTHER,
    FAILED_CLASSES
} failure_class;

typedef struct class_about {
    const char *one, *many;
    int64_t least;
    const char *advice;
} class_about;

static const class_about classes[FAILED_CLASSES] = {
    /* One may be an odd night. */
    [FAILED_TIME_LIMIT] = {"statement timeout", "statement timeouts", 2,
                           "Make the statement faster before the limit is raised: see its plan and"
                           " its slowest examples. What is meant to take long (exports, reports)"
                           " gets a limit of its own."},
    /* People change their minds. */
    [FAILED_CANCEL] = {"cancelled execution", "cancelled executions", 5,
                       "Somebody, or a program's own time limit, gave up waiting: see how long it"
                       " takes when it ends, and which limits drivers and proxies have."},
    [FAILED_LOCK_LIMIT] = {"wait for a lock given up", "waits for locks given up", 2,
                           "Find what holds the lock for so long: open transactions, long updates,"
                           " changes of tables. The application should try again after a pause."},
    [FAILED_DEADLOCK] =
        {"deadlock", "deadlocks", 1,
         "Let all transactions take their rows in the same order (sort the keys"
         " before updating), keep them short, and try the transaction again after"
         " the error. Missing indexes make updates lock more rows than they change."},
    /* Expected at the stricter isolation levels, and tried again. */
    [FAILED_CONFLICT] =
        {"conflict with another transaction", "conflicts with other transactions", 10,
         "Shorter transactions and less contention on single rows make it rarer; the"
         " application must try the whole transaction again. On a standby, long"
         " queries conflict with replication: run them elsewhere or let it wait."},
    /* Insert first, and ask when it fails, is a way to work; in such numbers it is a costly one. */
    [FAILED_RULE] = {"violated constraint", "violated constraints", 20,
                     "If the application expects it, say so in the statement: INSERT … ON CONFLICT"
                     " (PostgreSQL), INSERT … ON DUPLICATE KEY UPDATE (MySQL, MariaDB), an update"
                     " with upsert (MongoDB). If not, the application writes what it must not."},
    [FAILED_RESOURCE] = {"failure for want of memory or disk",
                         "failures for want of memory or disk", 1,
                         "See what it needed: smaller batches and results, an index instead of a"
                         " sort, more room where the server puts its temporary files."},
    /* Typed by people: a few times. */
    [FAILED_OTHER] = {"failure", "failures", 20,
                      "It fails again and again in the same way: the application sends what the"
                      " server does not accept, often after a change of one of both."},
};

static const struct {
    const char *code;
    failure_class class;
} codes[] = {
    {"3024", FAILED_TIME_LIMIT},
    {"1969", FAILED_TIME_LIMIT},
    {"MaxTimeMSExpired", FAILED_TIME_LIMIT},
    {"ExceededTimeLimit", FAILED_TIME_LIMIT},
    {"25P04", FAILED_TIME_LIMIT},
    {"57014", FAILED_CANCEL},
    {"1317", FAILED_CANCEL},
    {"Interrupted", FAILED_CANCEL},
    {"ClientDisconnect", FAILED_CANCEL},
    {"55P03", FAILED_LOCK_LIMIT},
    {"1205", FAILED_LOCK_LIMIT},
    {"3572", FAILED_LOCK_LIMIT},
    {"LockTimeout", FAILED_LOCK_LIMIT},
    {"40P01", FAILED_DEADLOCK},
    {"1213", FAILED_DEADLOCK},
    {"40001", FAILED_CONFLICT},
    {"1020", FAILED_CONFLICT},
    {"WriteConflict", FAILED_CONFLICT},
    {"1062", FAILED_RULE},
    {"1048", FAILED_RULE},
    {"1451", FAILED_RULE},
    {"1452", FAILED_RULE},
    {"3819", FAILED_RULE},
    {"4025", FAILED_RULE},
    {"DuplicateKey", FAILED_RULE},
    {"DocumentValidationFailure", FAILED_RULE},
    {"1021", FAILED_RESOURCE},
    {"1038", FAILED_RESOURCE},
    {"1114", FAILED_RESOURCE},
    {"QueryExceededMemoryLimitNoDiskUseAllowed", FAILED_RESOURCE},
    {"ExceededMemoryLimit", FAILED_RESOURCE},
};

/* Where the log has no codes. */
static const struct {
    const char *words;
    failure_class class;
} messages[] = {
    {"deadlock detected", FAILED_DEADLOCK},
    {"could not serialize access", FAILED_CONFLICT},
    {"due to conflict with recovery", FAILED_CONFLICT},
    {"due to lock timeout", FAILED_LOCK_LIMIT},
    {"could not obtain lock", FAILED_LOCK_LIMIT},
    {"violates ", FAILED_RULE},
    {"out of memory", FAILED_RESOURCE},
    {"No space left on device", FAILED_RESOURCE},
};

/* One way in which a statement failed. */
typedef struct failure {
    failure_class class;
    slice code; /* as the log has it; empty: it has none */
    slice what; /* the cancel's reason, or the message; empty: not known */
    int64_t n;
} failure;

typedef struct failures {
    uint64_t id;
    failure items[FAILURES_MAX];
    uint32_t n;
    int64_t calls;
    failure_class worst; /* that has a finding, the most frequent */
    int64_t of[FAILED_CLASSES];
} failures;

/* --- classes ------------------------------------------------------------------------------- */

static failure_class class_of(slice code, slice what)
{
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (slice_is(code, codes[i].code)) {
            return codes[i].class;
        }
    }
    if (slice_starts_with(code, SLICE("23")) && code.n == 5) {
        return FAILED_RULE;
    }
    if (slice_starts_with(code, SLICE("53")) && code.n == 5) {
        return FAILED_RESOURCE;
    }
    for (size_t i = 0; code.n == 0 && i < sizeof messages / sizeof *messages; i++) {
        if (scan_text(what, slice_from(messages[i].words)) != NULL) {
            return messages[i].class;
        }
    }
    return slice_is(what, "statement timeout") ? FAILED_TIME_LIMIT
           : slice_is(what, "user request")    ? FAILED_CANCEL
                                               : FAILED_OTHER;
}

/* A class has a finding from its own number on; of failures of no class each by itself. */
static bool is_enough(const failures *all, const failure *f)
{
    int64_t n = f->class == FAILED_OTHER ? f->n : all->of[f->class];
    return n >= classes[f->class].least;
}

/* --- reading ------------------------------------------------------------------------------- */

/* Codes as they are counted. A cancel's code does not say who cancelled: there the reason is
 * counted, as it is where the log has no codes. Of those that have neither, messages. */
static const char by_statement[] =
    "SELECT fingerprint, code, '', sum(n) FROM errors e WHERE source = ?1 AND fingerprint <> 0"
    " AND code <> '' AND (code <> '57014' OR NOT EXISTS (SELECT 1 FROM server_facts f"
    " WHERE f.source = ?1 AND f.kind = 'cancel' AND f.fingerprint = e.fingerprint))"
    " GROUP BY fingerprint, code"
    " UNION ALL SELECT fingerprint, '', subject, sum(n) FROM server_facts WHERE source = ?1"
    " AND kind = 'cancel' AND fingerprint <> 0 AND subject IN ('statement timeout', 'user request')"
    " GROUP BY fingerprint, subject"
    " UNION ALL SELECT fingerprint, '', substr(subject, 2), sum(n) FROM server_facts"
    " WHERE source = ?1 AND kind = 'error' AND fingerprint <> 0 AND subject LIKE ' %'"
    " AND subject NOT LIKE ' canceling statement due to statement timeout%'"
    " AND subject NOT LIKE ' canceling statement due to user request%'"
    " AND subject NOT LIKE ' terminating connection%'"
    " GROUP BY fingerprint, subject ORDER BY 1, 4 DESC, 2, 3";

static void take_row(sqlite3_stmt *rows, arena *a, failures *all)
{
    failure f = {.code = column_slice(rows, 1, a),
                 .what = column_slice(rows, 2, a),
                 .n = sqlite3_column_int64(rows, 3)};
    f.class = class_of(f.code, f.what);
    all->of[f.class] += f.n;
    if (all->n < FAILURES_MAX) {
        all->items[all->n++] = f;
    }
}

static bool read_calls(analysis *a, const analysed_source *source, failures *all)
{
    sqlite3_stmt *q = analysis_rows(
        a, "SELECT coalesce(sum(calls), 0) FROM digest WHERE source = ?1 AND fingerprint = ?2",
        source);
    if (q == NULL) {
        return false;
    }
    sqlite3_bind_int64(q, 2, (sqlite3_int64)all->id);
    if (rows_next(a->store, q, a->st)) {
        all->calls = sqlite3_column_int64(q, 0);
    }
    return rows_end(q, a->st);
}

/* Statements in the same deadlocks, as far as their times tell. They are shown, but are no part of
 * the finding's name. */
static bool add_partners(analysis *a, const analysed_source *source, finding *f)
{
    uint64_t *all = arena_alloc(a->arena, (PARTNERS_MAX + 1) * sizeof *all);
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT DISTINCT w.fingerprint FROM server_facts d JOIN server_facts w"
        " USING (source, segment, hour, subject) WHERE source = ?1 AND d.kind = 'deadlock'"
        " AND d.fingerprint = ?2 AND w.kind = 'deadlock_with' AND w.fingerprint NOT IN (0, ?2)"
        " AND w.first_at <= d.last_at AND w.last_at >= d.first_at ORDER BY 1 LIMIT ?3",
        source);
    if (q == NULL || all == NULL) {
        return rows_end(q, a->st) && status_no_memory(a->st);
    }
    all[0] = f->queries[0];
    sqlite3_bind_int64(q, 2, (sqlite3_int64)all[0]);
    sqlite3_bind_int64(q, 3, PARTNERS_MAX);
    while (rows_next(a->store, q, a->st)) {
        all[f->n_queries++] = (uint64_t)sqlite3_column_int64(q, 0);
    }
    f->queries = all;
    return rows_end(q, a->st);
}

/* --- findings ------------------------------------------------------------------------------ */

static bool find_worst(failures *all)
{
    int64_t most = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        const failure *f = &all->items[i];
        int64_t n = f->class == FAILED_OTHER ? f->n : all->of[f->class];
        if (is_enough(all, f) && n > most) {
            most = n;
            all->worst = f->class;
        }
    }
    return most > 0;
}

static int64_t count_of_worst(const failures *all)
{
    int64_t n = 0;
    for (uint32_t i = 0; i < all->n; i++) {
        const failure *f = &all->items[i];
        n += f->class == all->worst && is_enough(all, f) ? f->n : 0;
    }
    return n;
}

static void add_codes(analysis *a, value *e, const failures *all, buf *out)
{
    value *list = value_add_list(&a->values, e, "failures");
    for (uint32_t i = 0; i < all->n; i++) {
        const failure *f = &all->items[i];
        value *item = value_add_object(&a->values, list, NULL);
        value_add_text(&a->values, item, "class", slice_from(classes[f->class].one));
        value_add_text(&a->values, item, "code", f->code);
        value_add_text(&a->values, item, "message", f->what);
        value_add_int(&a->values, item, "count", f->n);
        buf_add_text(out, i == 0 ? "" : "; ");
        count_format(out, f->n);
        buf_add_text(out, " × ");
        buf_add(out, f->what.n > 0 ? f->what : f->code);
        if (f->what.n == 0 && f->class != FAILED_OTHER) {
            buf_add_text(out, ", ");
            buf_add_text(out, classes[f->class].one);
        }
    }
    buf_add_char(out, '.');
}

static bool add(analysis *a, const analysed_source *source, const failures *all,
                const analysed_query *q, buf *text)
{
    int64_t n = count_of_worst(all);
    finding *f = analysis_add(a, FINDING_ERRORS, source, &all->id, 1);
    if (f == NULL || !sums_set_place(a, f, source, all->id) ||
        (all->of[FAILED_DEADLOCK] > 0 && !add_partners(a, source, f))) {
        return false;
    }
    f->severity =
        n >= SEVERE_LEAST && n >= source->calls / SEVERE_PART ? SEVERITY_MEDIUM : SEVERITY_LOW;
    f->confidence = CONFIDENCE_CERTAIN;
    value_add_int(&a->values, f->evidence, "failed", n);
    value_add_int(&a->values, f->evidence, "calls", all->calls);
    buf_add(text, query_subject(q));
    buf_add_text(text, ": ");
    counted_format(text, n, classes[all->worst].one, classes[all->worst].many);
    f->title = analysis_text(a, text);
    buf_add_text(text, "This statement failed: ");
    add_codes(a, f->evidence, all, text);
    if (f->n_queries > 1) {
        buf_add_text(text, " The other statements named here were in the same deadlocks, as far as"
                           " the times tell.");
    }
    f->detail = analysis_text(a, text);
    f->advice = slice_from(classes[all->worst].advice);
    return a->st->code == STATUS_OK;
}

static bool judge(analysis *a, const analysed_source *source, failures *all, buf *text)
{
    analysed_query q;
    return !find_worst(all) || (analysis_query(a, all->id, &q) && read_calls(a, source, all) &&
                                add(a, source, all, &q, text));
}

static bool run(analysis *a, const analysed_source *source)
{
    failures all = {0};
    buf text;
    buf_init(&text, SUMS_TEXT_MAX);
    sqlite3_stmt *q = analysis_rows(a, by_statement, source);
    bool ok = q != NULL;
    while (ok && rows_next(a->store, q, a->st)) {
        uint64_t id = (uint64_t)sqlite3_column_int64(q, 0);
        if (id != all.id) {
            ok = judge(a, source, &all, &text);
            all = (failures){.id = id};
        }
        take_row(q, a->arena, &all);
    }
    ok = ok && judge(a, source, &all, &text);
    buf_free(&text);
    return rows_end(q, a->st) && ok;
}

static const finding_kind kinds[] = {FINDING_ERRORS};

const analyser errors_analyser = {.kinds = kinds, .n_kinds = 1, .run = run};
