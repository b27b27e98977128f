/* watch_retries.c - statements that come again after they failed; see watch_parts.h. */
#include "pipeline/watch_parts.h"

error_code watch_code_of(slice text)
{
    error_code code = {.n = (uint32_t)(text.n < CODE_MAX ? text.n : CODE_MAX)};
    if (code.n > 0) {
        memcpy(code.text, text.p, code.n);
    }
    return code;
}

static bool is_retry(const watch_entry *e, const watched *x)
{
    return e->failed == x->fingerprint && e->failed_values == x->literals && x->has_literals &&
           x->end >= e->failed_at && x->start - e->failed_at <= RETRY_GAP;
}

static bool add_retry(const watch_entry *e, const watched *x, evidence *to, arena *a)
{
    if (!x->wanted) {
        return true;
    }
    return evidence_add_retry(
        to, a,
        &(retrying){.segment = x->segment,
                    .hour = x->hour,
                    .who = x->who,
                    .fingerprint = x->fingerprint,
                    .code = e->failed_code,
                    .retries = 1,
                    .failed = x->failed,
                    .wait = (uint64_t)(x->start > e->failed_at ? x->start - e->failed_at : 0),
                    .longest = e->failed_retries,
                    .first_at = x->end,
                    .first_line = x->line});
}

/* Of what reads and writes: a COMMIT after one that failed is another transaction's. */
bool watch_take_retry(watch_entry *e, const watched *x, evidence *to, arena *a)
{
    bool work = x->role == ROLE_READ || x->role == ROLE_COUNT || x->role == ROLE_WRITE ||
                x->role == ROLE_OTHER;
    bool again = work && e->failed != 0 && is_retry(e, x);
    uint64_t retries = again ? ++e->failed_retries : 0;
    if (again && !add_retry(e, x, to, a)) {
        return false;
    }
    if (work && x->failed) {
        e->failed = x->fingerprint;
        e->failed_values = x->literals;
        e->failed_at = x->end;
        e->failed_retries = retries;
        e->failed_code = watch_code_of(x->code);
    } else if (again) {
        e->failed = 0;
    }
    return true;
}
