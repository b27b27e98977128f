/* evidence.c - see evidence.h. */
#include "digest/evidence.h"

enum { PACKED_VERSION = 1 };

const char *burst_values_name(burst_values v)
{
    static const char *const names[VALUES_KINDS] = {
        [VALUES_DISTINCT] = "distinct",
        [VALUES_SAME] = "same",
        [VALUES_MIXED] = "mixed",
        [VALUES_UNKNOWN] = "unknown",
    };
    return names[v];
}

const char *blocker_state_name(blocker_state s)
{
    static const char *const names[BLOCKER_STATES] = {
        [BLOCKER_RUNNING] = "running",
        [BLOCKER_IN_TRANSACTION] = "in transaction",
        [BLOCKER_LAST] = "last",
        [BLOCKER_UNSEEN] = "unseen",
    };
    return names[s];
}

uint64_t burst_length(uint64_t rounds)
{
    unsigned low = 0;
    while (rounds >> low >= BURST_EXACT_MAX) {
        low++;
    }
    return rounds >> low << low;
}

static bool same_segment(hash128 a, hash128 b)
{
    return a.low == b.low && a.high == b.high;
}

/* --- bursts -------------------------------------------------------------------------- */

static uint64_t hash_burst(const void *row)
{
    const burst *b = row;
    uint64_t hash = mix64(mix64(b->cycle, b->parent), (uint64_t)b->hour + b->who);
    return mix64(hash, b->length * VALUES_KINDS + b->values);
}

static bool same_burst(const void *row, const void *other)
{
    const burst *a = row;
    const burst *b = other;
    return a->cycle == b->cycle && a->parent == b->parent && a->hour == b->hour &&
           a->who == b->who && a->length == b->length && a->values == b->values &&
           same_segment(a->segment, b->segment);
}

static void add_burst(burst *to, const burst *one)
{
    if (to->bursts == 0 || one->first_at < to->first_at ||
        (one->first_at == to->first_at && one->first_offset < to->first_offset)) {
        to->first_at = one->first_at;
        to->first_offset = one->first_offset;
        to->first_line = one->first_line;
    }
    to->bursts += one->bursts;
    to->calls += one->calls;
    to->time += one->time;
    to->wall += one->wall;
    to->saving += one->saving;
    to->matched += one->matched;
    to->contradicted += one->contradicted;
    to->shared += one->shared;
    to->requests += one->requests;
    to->longest = one->longest > to->longest ? one->longest : to->longest;
}

/* --- sessions ------------------------------------------------------------------------ */

static uint64_t hash_sessions(const void *row)
{
    const burst_sessions *s = row;
    return mix64(s->cycle, (uint64_t)s->hour);
}

static bool same_sessions(const void *row, const void *other)
{
    const burst_sessions *a = row;
    const burst_sessions *b = other;
    return a->cycle == b->cycle && a->hour == b->hour && same_segment(a->segment, b->segment);
}

/* Keeps it where it is one of the least. */
static void keep_session(burst_sessions *s, uint64_t session)
{
    uint32_t at = s->n;
    while (at > 0 && s->sessions[at - 1] > session) {
        at--;
    }
    if (at == BURST_SESSIONS || (at > 0 && s->sessions[at - 1] == session)) {
        return;
    }
    s->n += s->n < BURST_SESSIONS;
    memmove(&s->sessions[at + 1], &s->sessions[at], (s->n - at - 1) * sizeof *s->sessions);
    s->sessions[at] = session;
}

/* --- pages ----------------------------------------------------------------------------- */

static uint64_t hash_pages(const void *row)
{
    const paging *p = row;
    return mix64(p->fingerprint, (uint64_t)p->hour + p->who);
}

static bool same_pages(const void *row, const void *other)
{
    const paging *a = row;
    const paging *b = other;
    return a->fingerprint == b->fingerprint && a->hour == b->hour && a->who == b->who &&
           same_segment(a->segment, b->segment);
}

void page_sample_add(page_point *sample, uint32_t *n, uint32_t max, const page_point *point)
{
    uint32_t at = *n;
    while (at > 0 && sample[at - 1].hash > point->hash) {
        at--;
    }
    if (at == max || (at > 0 && sample[at - 1].hash == point->hash)) {
        return;
    }
    *n += *n < max;
    memmove(&sample[at + 1], &sample[at], (*n - at - 1) * sizeof *sample);
    sample[at] = *point;
}

void page_sample_encode(const page_point *sample, uint32_t n, buf *out)
{
    uint64_t before = 0;
    buf_add_char(out, PACKED_VERSION);
    for (uint32_t i = 0; i < n; i++) {
        buf_add_varint(out, sample[i].hash - before);
        buf_add_varint(out, sample[i].skip);
        buf_add_varint(out, sample[i].limit);
        buf_add_varint(out, sample[i].duration);
        buf_add_varint(out, sample[i].examined + 1); /* 0: not known */
        before = sample[i].hash;
    }
}

bool page_sample_merge(page_point *sample, uint32_t *n, uint32_t max, slice packed)
{
    uint64_t hash = 0;
    if (packed.n == 0 || packed.p[0] != PACKED_VERSION) {
        return packed.n == 0;
    }
    packed = slice_skip(packed, 1);
    while (packed.n > 0) {
        page_point p;
        uint64_t apart;
        if (!varint_take(&packed, &apart) || !varint_take(&packed, &p.skip) ||
            !varint_take(&packed, &p.limit) || !varint_take(&packed, &p.duration) ||
            !varint_take(&packed, &p.examined)) {
            return false;
        }
        hash += apart;
        p.hash = hash;
        p.examined--;
        page_sample_add(sample, n, max, &p);
    }
    return true;
}

/* --- sessions' hours ------------------------------------------------------------------ */

static uint64_t hash_use(const void *row)
{
    const session_use *u = row;
    return mix64((uint64_t)u->hour, u->who);
}

static bool same_use(const void *row, const void *other)
{
    const session_use *a = row;
    const session_use *b = other;
    return a->hour == b->hour && a->who == b->who && same_segment(a->segment, b->segment);
}

/* Of equals the earliest, as in the store, which adds up the same in other portions. */
static bool is_longer(const session_use *u, uint64_t time, int64_t at, uint64_t line)
{
    if (u->longest_line == 0 || time != u->longest_transaction) {
        return u->longest_line == 0 || time > u->longest_transaction;
    }
    return at < u->longest_at || (at == u->longest_at && line < u->longest_line);
}

void session_use_transaction(session_use *u, uint64_t time, uint64_t idle, uint64_t longest_idle,
                             int64_t at, uint64_t line)
{
    u->transactions++;
    u->transaction_time += time;
    u->idle_time += idle;
    u->longest_idle = longest_idle > u->longest_idle ? longest_idle : u->longest_idle;
    if (is_longer(u, time, at, line)) {
        u->longest_transaction = time;
        u->longest_at = at;
        u->longest_line = line;
    }
}

/* --- retries --------------------------------------------------------------------------- */

static slice code_of(const retrying *r)
{
    return slice_of(r->code.text, r->code.n);
}

static uint64_t hash_retries(const void *row)
{
    const retrying *r = row;
    return mix64(mix64(r->fingerprint, (uint64_t)r->hour + r->who), hash_bytes(code_of(r)));
}

static bool same_retries(const void *row, const void *other)
{
    const retrying *a = row;
    const retrying *b = other;
    return a->fingerprint == b->fingerprint && a->hour == b->hour && a->who == b->who &&
           slice_equal(code_of(a), code_of(b)) && same_segment(a->segment, b->segment);
}

static void add_retry(retrying *to, const retrying *one)
{
    if (one->first_at < to->first_at ||
        (one->first_at == to->first_at && one->first_line < to->first_line)) {
        to->first_at = one->first_at;
        to->first_line = one->first_line;
    }
    to->retries += one->retries;
    to->failed += one->failed;
    to->wait += one->wait;
    to->longest = one->longest > to->longest ? one->longest : to->longest;
}

/* --- blockers ---------------------------------------------------------------------------- */

static uint64_t hash_blocker(const void *row)
{
    const blocking *b = row;
    uint64_t hash = mix64(mix64(b->fingerprint, b->blocker), (uint64_t)b->hour + b->who);
    return mix64(hash, b->state);
}

static bool same_blocker(const void *row, const void *other)
{
    const blocking *a = row;
    const blocking *b = other;
    return a->fingerprint == b->fingerprint && a->blocker == b->blocker && a->hour == b->hour &&
           a->who == b->who && a->state == b->state && same_segment(a->segment, b->segment);
}

static void add_blocker(blocking *to, const blocking *one)
{
    if (one->first_at < to->first_at ||
        (one->first_at == to->first_at && one->first_line < to->first_line)) {
        to->first_at = one->first_at;
        to->first_line = one->first_line;
    }
    to->waits += one->waits;
    to->acquired += one->acquired;
    to->time += one->time;
    to->longest = one->longest > to->longest ? one->longest : to->longest;
}

/* --- all of them ----------------------------------------------------------------------- */

static const row_table_kind kinds[EVIDENCE_KINDS] = {
    [EVIDENCE_BURSTS] = {sizeof(burst), hash_burst, same_burst},
    [EVIDENCE_SESSIONS] = {sizeof(burst_sessions), hash_sessions, same_sessions},
    [EVIDENCE_USES] = {sizeof(session_use), hash_use, same_use},
    [EVIDENCE_RETRIES] = {sizeof(retrying), hash_retries, same_retries},
    [EVIDENCE_PAGES] = {sizeof(paging), hash_pages, same_pages},
    [EVIDENCE_BLOCKERS] = {sizeof(blocking), hash_blocker, same_blocker},
};

void evidence_free(evidence *e)
{
    for (int k = 0; k < EVIDENCE_KINDS; k++) {
        row_table_free(&e->of[k]);
    }
}

void evidence_clear(evidence *e)
{
    for (int k = 0; k < EVIDENCE_KINDS; k++) {
        row_table_clear(&e->of[k]);
    }
}

size_t evidence_bytes(const evidence *e)
{
    size_t bytes = 0;
    for (int k = 0; k < EVIDENCE_KINDS; k++) {
        bytes += row_table_bytes(&e->of[k]);
    }
    return bytes;
}

bool evidence_add_burst(evidence *e, arena *a, const burst *one, uint64_t session)
{
    burst_sessions key = {.segment = one->segment, .hour = one->hour, .cycle = one->cycle};
    row_table *sessions = &e->of[EVIDENCE_SESSIONS];
    burst *b = row_table_find(&e->of[EVIDENCE_BURSTS], &kinds[EVIDENCE_BURSTS], one);
    burst_sessions *s = row_table_find(sessions, &kinds[EVIDENCE_SESSIONS], &key);
    if (b != NULL) {
        add_burst(b, one);
    } else if (row_table_add(&e->of[EVIDENCE_BURSTS], &kinds[EVIDENCE_BURSTS], a, one) == NULL) {
        return false;
    }
    s = s != NULL ? s : row_table_add(sessions, &kinds[EVIDENCE_SESSIONS], a, &key);
    if (s != NULL) {
        keep_session(s, session >> 1); /* the same order for a store's signed numbers */
    }
    return s != NULL;
}

paging *evidence_pages(evidence *e, arena *a, hash128 segment, int64_t hour, uint32_t who,
                       uint64_t fingerprint)
{
    paging key = {.segment = segment, .hour = hour, .who = who, .fingerprint = fingerprint};
    row_table *t = &e->of[EVIDENCE_PAGES];
    paging *p = row_table_find(t, &kinds[EVIDENCE_PAGES], &key);
    return p != NULL ? p : row_table_add(t, &kinds[EVIDENCE_PAGES], a, &key);
}

session_use *evidence_use(evidence *e, arena *a, hash128 segment, int64_t hour, uint32_t who)
{
    session_use key = {.segment = segment, .hour = hour, .who = who};
    row_table *t = &e->of[EVIDENCE_USES];
    session_use *u = row_table_find(t, &kinds[EVIDENCE_USES], &key);
    return u != NULL ? u : row_table_add(t, &kinds[EVIDENCE_USES], a, &key);
}

bool evidence_add_retry(evidence *e, arena *a, const retrying *one)
{
    row_table *t = &e->of[EVIDENCE_RETRIES];
    retrying *r = row_table_find(t, &kinds[EVIDENCE_RETRIES], one);
    if (r != NULL) {
        add_retry(r, one);
    }
    return r != NULL || row_table_add(t, &kinds[EVIDENCE_RETRIES], a, one) != NULL;
}

bool evidence_add_blocker(evidence *e, arena *a, const blocking *one)
{
    row_table *t = &e->of[EVIDENCE_BLOCKERS];
    blocking *b = row_table_find(t, &kinds[EVIDENCE_BLOCKERS], one);
    if (b != NULL) {
        add_blocker(b, one);
    }
    return b != NULL || row_table_add(t, &kinds[EVIDENCE_BLOCKERS], a, one) != NULL;
}
