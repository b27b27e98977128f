/* finding.c - see finding.h. */
#include "analysers/finding.h"

const finding_about finding_kinds[FINDING_KINDS] = {
    [FINDING_N_PLUS_ONE] = {"n-plus-one", "a query for each row of another query's result"},
    [FINDING_REPEATED_QUERY] = {"repeated-query", "the same query with the same values, in a row"},
    [FINDING_ROW_BY_ROW_WRITES] = {"row-by-row-writes", "one row written by each statement"},
    [FINDING_OFFSET_PAGINATION] = {"offset-pagination",
                                   "pages that read and throw away all pages in front of them"},
    [FINDING_FULL_SCAN] = {"full-scan", "many rows read for few that are wanted"},
    [FINDING_DISK_SPILL] = {"disk-spill", "sorts, joins and temporary tables on disk"},
    [FINDING_LOCK_WAIT] = {"lock-wait", "time spent waiting for locks"},
    [FINDING_UNBOUNDED_RESULT] = {"unbounded-result", "large results without a limit"},
    [FINDING_ERRORS] = {"errors", "statements that fail: timeouts, cancels, deadlocks"},
    [FINDING_STALL] = {"stall", "a minute in which many queries were slow at once"},
    [FINDING_LONG_TRANSACTION] = {"long-transaction", "transactions that stay open for long"},
    [FINDING_IDLE_IN_TRANSACTION] = {"idle-in-transaction",
                                     "transactions that wait for their application"},
    [FINDING_CONNECTION_CHURN] = {"connection-churn", "connections made for little work each"},
    [FINDING_CHECKPOINT_PRESSURE] = {"checkpoint-pressure", "checkpoints forced by too much WAL"},
    [FINDING_RETRY_STORM] = {"retry-storm", "statements that fail and are tried again and again"},
    [FINDING_CHATTY_SESSION] = {"chatty-session",
                                "a large part of all statements is about the connection itself"},
    [FINDING_STALE_SOURCE] = {"stale-source", "of a store: a source that logs nothing any more"},
    [FINDING_REGRESSION] = {"regression", "with --baseline: slower, or called far more often"},
    [FINDING_IMPROVEMENT] = {"improvement", "with --baseline: faster, or called far less often"},
    [FINDING_NEW_QUERY] = {"new-query", "with --baseline: a query that no night before had"},
    [FINDING_GONE_QUERY] = {"gone-query", "with --baseline: a query that most nights before had"},
    [FINDING_SERVER_SLOWDOWN] = {"server-slowdown",
                                 "with --baseline: nearly all queries are slower at once"},
    [FINDING_PLAN_CHANGE] = {"plan-change", "a query that is executed in another way than before"},
};

bool finding_kind_find(slice name, finding_kind *kind)
{
    for (int k = 0; k < FINDING_KINDS; k++) {
        if (slice_is(name, finding_kinds[k].name)) {
            *kind = (finding_kind)k;
            return true;
        }
    }
    return false;
}

const char *finding_severity_name(finding_severity s)
{
    static const char *const names[] = {
        [SEVERITY_LOW] = "low", [SEVERITY_MEDIUM] = "medium", [SEVERITY_HIGH] = "high"};
    return names[s];
}

const char *finding_confidence_name(finding_confidence c)
{
    static const char *const names[] = {[CONFIDENCE_CANDIDATE] = "candidate",
                                        [CONFIDENCE_LIKELY] = "likely",
                                        [CONFIDENCE_CERTAIN] = "certain"};
    return names[c];
}

const char *finding_state_name(finding_state s)
{
    static const char *const names[] = {
        [FINDING_NEW] = "new", [FINDING_OPEN] = "open", [FINDING_ACCEPTED] = "accepted"};
    return names[s];
}

bool finding_is_change(finding_kind kind)
{
    return kind >= FINDING_REGRESSION && kind <= FINDING_SERVER_SLOWDOWN;
}

bool finding_severity_find(slice name, finding_severity *s)
{
    for (int i = SEVERITY_LOW; i <= SEVERITY_HIGH; i++) {
        if (slice_is(name, finding_severity_name((finding_severity)i))) {
            *s = (finding_severity)i;
            return true;
        }
    }
    return false;
}

bool finding_is_about(const finding *f, uint64_t query)
{
    for (uint32_t i = 0; i < f->n_queries; i++) {
        if (f->queries[i] == query) {
            return true;
        }
    }
    return false;
}

void occurrence_format(buf *out, const occurrence *o)
{
    buf_add_text(out, slice_is(o->kind, "server") ? "the server " : "");
    buf_add(out, o->text);
}
