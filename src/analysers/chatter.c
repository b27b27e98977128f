/* chatter.c - sessions that talk about themselves: pings, settings, transactions around nothing.
 *
 * Every application says some of this when it connects, and BEGIN and COMMIT around what it
 * writes are as they should be: these never count. What counts are statements that read and write
 * nothing, and transactions beyond the number of writes, which hold reads only or nothing. A
 * healthy application comes to a few in a hundred. Said only where the log holds every statement:
 * behind a threshold either kind is hidden, and no share of anything can be told. */
#include "analysers/coverage.h"
#include "base/number.h"

enum {
    STATEMENTS_LEAST = 1000, /* below, connecting alone makes such a share */
    SHARE_LEAST = 20,        /* of a hundred statements */
    SHARE_MUCH = 50,
    SHOWN = 5,
    TEXT_MAX = 4096
};

typedef struct chatter_sum {
    coverage all;
    int64_t empty; /* transactions without a write, at least so many */
    int64_t avoidable;
} chatter_sum;

/* Each write may be in a transaction of its own; the rest of the transactions wrote nothing. */
static bool read_sum(const analysis *a, const analysed_source *source, chatter_sum *sum)
{
    if (!coverage_read(a, source, &sum->all)) {
        return false;
    }
    const coverage *c = &sum->all;
    int64_t transactions = c->begins < c->ends ? c->begins : c->ends;
    sum->empty = transactions > c->writes ? transactions - c->writes : 0;
    sum->avoidable = c->chatter + 2 * sum->empty;
    return true;
}

static bool is_chatty(const chatter_sum *sum)
{
    return sum->all.whole && sum->all.statements >= STATEMENTS_LEAST &&
           sum->avoidable * 100 >= sum->all.statements * SHARE_LEAST;
}

/* The statements that make the most of it, the finding's queries. */
static bool add_statements(analysis *a, finding *f, const analysed_source *source)
{
    uint64_t *ids = arena_calloc(a->arena, SHOWN, sizeof *ids);
    uint32_t n = 0;
    sqlite3_stmt *q = analysis_rows(
        a,
        "SELECT d.fingerprint, sum(d.calls) FROM digest d WHERE d.source = ?1 AND NOT EXISTS"
        " (SELECT 1 FROM tables t WHERE t.fingerprint = d.fingerprint)"
        " GROUP BY d.fingerprint ORDER BY sum(d.calls) DESC, d.fingerprint",
        source);
    value *list = value_add_list(&a->values, f->evidence, "statements");
    while (ids != NULL && n < SHOWN && q != NULL && rows_next(a->store, q, a->st)) {
        analysed_query query;
        uint64_t id = (uint64_t)sqlite3_column_int64(q, 0);
        if (!analysis_query(a, id, &query) ||
            (query.role != ROLE_CHATTER && query.role != ROLE_BEGIN && query.role != ROLE_END)) {
            continue;
        }
        value *item = value_add_object(&a->values, list, NULL);
        value_add_id(&a->values, item, "query_id", id);
        value_add_int(&a->values, item, "calls", sqlite3_column_int64(q, 1));
        ids[n++] = id;
    }
    f->queries = ids;
    f->n_queries = n;
    return rows_end(q, a->st) && (ids != NULL || status_no_memory(a->st));
}

static void add_evidence(analysis *a, finding *f, const chatter_sum *sum)
{
    value_builder *b = &a->values;
    value_add_int(b, f->evidence, "logged_statements", sum->all.statements);
    value_add_int(b, f->evidence, "about_the_connection", sum->all.chatter);
    value_add_int(b, f->evidence, "transactions_without_a_write", sum->empty);
    value_add_decimal(b, f->evidence, "share", sum->avoidable * 1000 / sum->all.statements, 3);
    analysis_add_ms(a, f->evidence, "db_ms", sum->all.chatter_time);
}

static void describe(const chatter_sum *sum, buf *out)
{
    counted_format(out, sum->all.chatter, "statement", "statements");
    buf_add_text(out, " of ");
    count_format(out, sum->all.statements);
    buf_add_text(out, " are about the connection itself");
    if (sum->empty > 0) {
        buf_add_text(out, "; at least ");
        counted_format(out, sum->empty, "transaction", "transactions");
        buf_add_text(out, " wrote nothing, each with a statement to begin and one to end it");
    }
    buf_add_text(out, ".");
    if (sum->all.timed > 0) {
        buf_add_text(out, " In the database the first took ");
        duration_format(out, sum->all.chatter_time);
        buf_add_text(out, "; what costs more is the way there and back, which no log shows.");
    }
}

static bool run(analysis *a, const analysed_source *source)
{
    chatter_sum sum;
    if (!read_sum(a, source, &sum) || !is_chatty(&sum)) {
        return a->st->code == STATUS_OK;
    }
    finding *f = analysis_add(a, FINDING_CHATTY_SESSION, source, NULL, 0);
    if (f == NULL) {
        return false;
    }
    buf text;
    buf_init(&text, TEXT_MAX);
    f->confidence = CONFIDENCE_CERTAIN; /* counted, of all statements */
    analysis_set_cost(f, source, sum.all.chatter_time);
    if (f->severity < SEVERITY_MEDIUM && sum.avoidable * 100 >= sum.all.statements * SHARE_MUCH) {
        f->severity = SEVERITY_MEDIUM;
    }
    f->first_seen = source->from;
    add_evidence(a, f, &sum);
    bool ok = add_statements(a, f, source);
    share_format(&text, sum.avoidable, sum.all.statements);
    buf_add_text(&text, " of all statements neither read nor write data");
    f->title = analysis_text(a, &text);
    describe(&sum, &text);
    f->detail = analysis_text(a, &text);
    f->advice =
        SLICE("Let the pool test a connection when it was idle, not before each use; set what a"
              " session needs once, as a default of the user or of the pool; leave out transactions"
              " around single reads (autocommit); read SHOW and version information once.");
    buf_free(&text);
    return ok && a->st->code == STATUS_OK;
}

static const finding_kind kinds[] = {FINDING_CHATTY_SESSION};

const analyser chatter_analyser = {
    .kinds = kinds, .n_kinds = sizeof kinds / sizeof *kinds, .run = run};
