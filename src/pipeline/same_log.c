/* same_log.c - see same_log.h. */
#include "pipeline/same_log.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/time_units.h"

/* By how much the beginnings and ends of destinations differ: they are opened one after the other,
 * and one may be looked at later than the other while both grow. */
static const int64_t SLACK = 2 * US_PER_SECOND;

/* --- marks ---------------------------------------------------------------------------- */

/* A hash of the beginning of a text without its white space: formats differ in how they continue
 * lines. */
static uint64_t hash_words(slice text)
{
    enum { ENOUGH = 512 };
    char words[ENOUGH];
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < ENOUGH; i++) {
        char c = text.p[i];
        if (c != ' ' && (c < '\t' || c > '\r')) {
            words[n++] = c;
        }
    }
    return hash_bytes(slice_of(words, n));
}

static mark mark_of(const event *e)
{
    uint64_t hash = mix64(e->kind, (e->has & HAS_DURATION) != 0 ? (uint64_t)e->duration : 0);
    hash = mix64(hash, hash_words(e->text));
    hash = mix64(hash, hash_words(e->value));
    return (mark){e->time / US_PER_SECOND, hash};
}

bool marks_add(marks *m, const batch *b, int64_t from)
{
    for (uint32_t i = 0; i < b->n_events; i++) {
        const event *e = &b->events[i];
        if ((e->has & HAS_TIME) == 0 || e->time < from) {
            continue;
        }
        if (m->n == MARKS_MAX) {
            return false;
        }
        m->items[m->n++] = mark_of(e);
    }
    return m->n < MARKS_MAX;
}

/* The last second that all marks are of, or any where the log ends before there are many. */
static int64_t last_second(const marks *m)
{
    return m->n == MARKS_MAX ? m->items[m->n - 1].second : INT64_MAX;
}

static uint32_t count_between(const marks *m, int64_t from, int64_t to)
{
    uint32_t n = 0;
    for (uint32_t i = 0; i < m->n; i++) {
        n += m->items[i].second >= from && m->items[i].second <= to;
    }
    return n;
}

static uint32_t count_common(const marks *a, const marks *b, int64_t from, int64_t to)
{
    bool taken[MARKS_MAX] = {false};
    uint32_t n = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        const mark *x = &a->items[i];
        for (uint32_t k = 0; k < b->n && x->second >= from && x->second <= to; k++) {
            if (!taken[k] && b->items[k].hash == x->hash && b->items[k].second == x->second) {
                taken[k] = true;
                n++;
                break;
            }
        }
    }
    return n;
}

/* Another server's log shares next to nothing; the same log may lack a line here and there, as
 * the one that says where the log goes to from now on. */
bool marks_agree(const marks *a, const marks *b)
{
    if (a->n == 0 || b->n == 0) {
        return false;
    }
    int64_t x = a->items[0].second;
    int64_t y = b->items[0].second;
    int64_t from = x > y ? x : y;
    x = last_second(a);
    y = last_second(b);
    int64_t to = x < y ? x : y;
    uint32_t in_a = count_between(a, from, to);
    uint32_t in_b = count_between(b, from, to);
    uint32_t fewer = in_a < in_b ? in_a : in_b;
    uint32_t common = count_common(a, b, from, to);
    return common > 0 && common * 2 >= fewer;
}

/* --- judging ------------------------------------------------------------------------------ */

typedef struct judgement {
    same_log *logs;
    size_t n;
    marks_reader *read;
    void *context;
    status *st;
} judgement;

static bool may_be_twins(const same_log *a, const same_log *b)
{
    return a->richness > 0 && b->richness > 0 && a->format != b->format &&
           a->first_at <= b->last_at && b->first_at <= a->last_at &&
           slice_equal(a->stem, b->stem) && slice_equal(a->folder, b->folder) &&
           slice_equal(a->engine, b->engine);
}

bool same_log_has_twin(const same_log *logs, size_t n, size_t which)
{
    bool any = false;
    for (size_t i = 0; i < n && !any; i++) {
        any = may_be_twins(&logs[i], &logs[which]);
    }
    return any;
}

/* Whether `a` rather than `b` is to be read, as far as their formats go. */
static bool is_preferred(const same_log *a, const same_log *b)
{
    return a->known != b->known ? a->known : a->richness > b->richness;
}

static bool lies_within(const same_log *inner, const same_log *outer)
{
    return inner->first_at + SLACK >= outer->first_at && inner->last_at <= outer->last_at + SLACK;
}

static bool have_same_records(judgement *j, size_t a, size_t b, bool *same)
{
    marks of_a;
    marks of_b;
    const same_log *x = &j->logs[a];
    const same_log *y = &j->logs[b];
    *same = false;
    if (!may_be_twins(x, y)) {
        return true;
    }
    int64_t from = x->first_at > y->first_at ? x->first_at : y->first_at;
    from -= from % US_PER_SECOND;
    if (!j->read(j->context, a, from, &of_a, j->st) ||
        !j->read(j->context, b, from, &of_b, j->st)) {
        return false;
    }
    *same = marks_agree(&of_a, &of_b);
    return true;
}

/* Whether log `which` has a record between the two times. */
static bool has_records(judgement *j, size_t which, int64_t after, int64_t before, bool *any)
{
    marks rest;
    if (!j->read(j->context, which, after + SLACK, &rest, j->st)) {
        return false;
    }
    *any = rest.n > 0 && rest.items[0].second * US_PER_SECOND < before - SLACK;
    return true;
}

/* Among the logs with the same records as `which` the one that begins first after `begun`, or as
 * the first one. */
static size_t next_twin(const judgement *j, const bool *twins, const bool *used)
{
    size_t next = j->n;
    for (size_t i = 0; i < j->n; i++) {
        if (twins[i] && !used[i] &&
            (next == j->n || j->logs[i].first_at < j->logs[next].first_at)) {
            next = i;
        }
    }
    return next;
}

/* Whether the twins together hold all records of `which`. */
static bool is_covered(judgement *j, size_t which, const bool *twins, bool *used, bool *covered)
{
    const same_log *log = &j->logs[which];
    int64_t until = log->first_at;
    memset(used, 0, j->n * sizeof *used);
    *covered = false;
    for (size_t i; (i = next_twin(j, twins, used)) < j->n;) {
        used[i] = true;
        if (j->logs[i].first_at > until + SLACK) {
            bool lacking;
            if (!has_records(j, which, until, j->logs[i].first_at, &lacking)) {
                return false;
            }
            if (lacking || until == log->first_at) {
                return true;
            }
        }
        until = j->logs[i].last_at > until ? j->logs[i].last_at : until;
    }
    *covered = log->last_at <= until + SLACK;
    return true;
}

/* What the twins do not hold all of is read itself, in place of those that it holds all of. */
static void judge_uncovered(judgement *j, size_t which, const bool *twins)
{
    same_log *log = &j->logs[which];
    for (size_t i = 0; i < j->n; i++) {
        if (twins[i] && (j->logs[i].known || !lies_within(&j->logs[i], log))) {
            log->verdict = SAME_LOG_TORN;
            log->other = i;
            return;
        }
    }
    for (size_t i = 0; i < j->n; i++) {
        if (twins[i]) {
            j->logs[i].verdict = SAME_LOG_SKIP;
            j->logs[i].other = which;
        }
    }
}

static bool judge(judgement *j, size_t which, bool *twins, bool *used)
{
    same_log *log = &j->logs[which];
    bool covered;
    size_t first = j->n;
    for (size_t i = 0; i < j->n; i++) {
        twins[i] = false;
        if (is_preferred(&j->logs[i], log) && j->logs[i].verdict == SAME_LOG_READ &&
            !have_same_records(j, i, which, &twins[i])) {
            return false;
        }
        first = twins[i] && (first == j->n || j->logs[i].first_at < j->logs[first].first_at)
                    ? i
                    : first;
    }
    if (first == j->n) {
        return true;
    }
    if (!is_covered(j, which, twins, used, &covered)) {
        return false;
    }
    if (covered) {
        log->verdict = SAME_LOG_SKIP;
        log->other = first;
    } else {
        judge_uncovered(j, which, twins);
    }
    return true;
}

/* The next to be judged: those that are preferred to it come before. */
static size_t next_to_judge(const judgement *j, const bool *judged)
{
    size_t next = j->n;
    for (size_t i = 0; i < j->n; i++) {
        if (!judged[i] && (next == j->n || is_preferred(&j->logs[i], &j->logs[next]))) {
            next = i;
        }
    }
    return next;
}

/* A log that was skipped for one that is skipped itself is skipped for the one that is read. */
static void follow_others(same_log *logs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        while (logs[i].verdict == SAME_LOG_SKIP && logs[logs[i].other].verdict == SAME_LOG_SKIP) {
            logs[i].other = logs[logs[i].other].other;
        }
    }
}

bool same_log_judge(same_log *logs, size_t n, marks_reader *read, void *context, status *st)
{
    judgement j = {logs, n, read, context, st};
    bool *flags = calloc(n * 3 + 1, sizeof *flags);
    if (flags == NULL) {
        return status_no_memory(st);
    }
    bool ok = true;
    bool *judged = flags;
    for (size_t i; ok && (i = next_to_judge(&j, judged)) < n;) {
        judged[i] = true;
        ok = judge(&j, i, flags + n, flags + 2 * n);
    }
    free(flags);
    follow_others(logs, n);
    return ok;
}
