/* evidence.c - see evidence.h. */
#include "digest/evidence.h"

#include <stdlib.h>

enum { FIRST_CAP = 64, PACKED_VERSION = 1 };

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

uint64_t burst_length(uint64_t rounds)
{
    unsigned low = 0;
    while (rounds >> low >= BURST_EXACT_MAX) {
        low++;
    }
    return rounds >> low << low;
}

void evidence_free(evidence *e)
{
    free(e->bursts);
    free(e->pages);
    free(e->sessions);
    free(e->uses);
    free(e->retries);
    *e = (evidence){0};
}

void evidence_clear(evidence *e)
{
    if (e->cap_bursts > 0) {
        memset(e->bursts, 0, e->cap_bursts * sizeof *e->bursts);
    }
    if (e->cap_pages > 0) {
        memset(e->pages, 0, e->cap_pages * sizeof *e->pages);
    }
    if (e->cap_sessions > 0) {
        memset(e->sessions, 0, e->cap_sessions * sizeof *e->sessions);
    }
    if (e->cap_uses > 0) {
        memset(e->uses, 0, e->cap_uses * sizeof *e->uses);
    }
    if (e->cap_retries > 0) {
        memset(e->retries, 0, e->cap_retries * sizeof *e->retries);
    }
    e->n_bursts = e->n_pages = e->n_sessions = e->n_uses = e->n_retries = 0;
}

size_t evidence_bytes(const evidence *e)
{
    size_t slots = (size_t)e->cap_bursts + e->cap_pages + e->cap_sessions + e->cap_uses;
    return (slots + e->cap_retries) * sizeof(void *);
}

static bool same_segment(hash128 a, hash128 b)
{
    return a.low == b.low && a.high == b.high;
}

/* --- bursts -------------------------------------------------------------------------- */

static burst **find_burst(burst **slots, uint32_t cap, const burst *key)
{
    uint64_t hash = mix64(mix64(key->cycle, key->parent), (uint64_t)key->hour + key->who);
    hash = mix64(hash, key->length * VALUES_KINDS + key->values);
    for (uint64_t at = hash;; at++) {
        burst **slot = &slots[at & (cap - 1)];
        const burst *b = *slot;
        if (b == NULL || (b->cycle == key->cycle && b->parent == key->parent &&
                          b->hour == key->hour && b->who == key->who && b->length == key->length &&
                          b->values == key->values && same_segment(b->segment, key->segment))) {
            return slot;
        }
    }
}

static bool grow_bursts(evidence *e)
{
    uint32_t cap = e->cap_bursts == 0 ? FIRST_CAP : e->cap_bursts * 2;
    burst **slots = calloc(cap, sizeof(burst *));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < e->cap_bursts; i++) {
        if (e->bursts[i] != NULL) {
            *find_burst(slots, cap, e->bursts[i]) = e->bursts[i];
        }
    }
    free(e->bursts);
    e->bursts = slots;
    e->cap_bursts = cap;
    return true;
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
    to->longest = one->longest > to->longest ? one->longest : to->longest;
}

/* --- sessions ------------------------------------------------------------------------ */

static burst_sessions **find_sessions(burst_sessions **slots, uint32_t cap, const burst *of)
{
    for (uint64_t at = mix64(of->cycle, (uint64_t)of->hour);; at++) {
        burst_sessions **slot = &slots[at & (cap - 1)];
        const burst_sessions *s = *slot;
        if (s == NULL || (s->cycle == of->cycle && s->hour == of->hour &&
                          same_segment(s->segment, of->segment))) {
            return slot;
        }
    }
}

static bool grow_sessions(evidence *e)
{
    uint32_t cap = e->cap_sessions == 0 ? FIRST_CAP : e->cap_sessions * 2;
    burst_sessions **slots = calloc(cap, sizeof(burst_sessions *));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < e->cap_sessions; i++) {
        const burst_sessions *s = e->sessions[i];
        if (s != NULL) {
            burst key = {.segment = s->segment, .hour = s->hour, .cycle = s->cycle};
            *find_sessions(slots, cap, &key) = e->sessions[i];
        }
    }
    free(e->sessions);
    e->sessions = slots;
    e->cap_sessions = cap;
    return true;
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

static bool add_session(evidence *e, arena *a, const burst *of, uint64_t session)
{
    if (e->n_sessions * 2 >= e->cap_sessions && !grow_sessions(e)) {
        return false;
    }
    burst_sessions **slot = find_sessions(e->sessions, e->cap_sessions, of);
    if (*slot == NULL) {
        burst_sessions *s = arena_calloc(a, 1, sizeof *s);
        if (s == NULL) {
            return false;
        }
        *s = (burst_sessions){.segment = of->segment, .hour = of->hour, .cycle = of->cycle};
        *slot = s;
        e->n_sessions++;
    }
    keep_session(*slot, session);
    return true;
}

bool evidence_add_burst(evidence *e, arena *a, const burst *one, uint64_t session)
{
    if (e->n_bursts * 2 >= e->cap_bursts && !grow_bursts(e)) {
        return false;
    }
    burst **slot = find_burst(e->bursts, e->cap_bursts, one);
    if (*slot == NULL) {
        burst *b = arena_calloc(a, 1, sizeof *b);
        if (b == NULL) {
            return false;
        }
        *b = *one;
        *slot = b;
        e->n_bursts++;
    } else {
        add_burst(*slot, one);
    }
    return add_session(e, a, one, session >> 1); /* the same order for a store's signed numbers */
}

/* --- pages ----------------------------------------------------------------------------- */

static paging **find_pages(paging **slots, uint32_t cap, const paging *key)
{
    for (uint64_t at = mix64(key->fingerprint, (uint64_t)key->hour + key->who);; at++) {
        paging **slot = &slots[at & (cap - 1)];
        const paging *p = *slot;
        if (p == NULL || (p->fingerprint == key->fingerprint && p->hour == key->hour &&
                          p->who == key->who && same_segment(p->segment, key->segment))) {
            return slot;
        }
    }
}

static bool grow_pages(evidence *e)
{
    uint32_t cap = e->cap_pages == 0 ? FIRST_CAP : e->cap_pages * 2;
    paging **slots = calloc(cap, sizeof(paging *));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < e->cap_pages; i++) {
        if (e->pages[i] != NULL) {
            *find_pages(slots, cap, e->pages[i]) = e->pages[i];
        }
    }
    free(e->pages);
    e->pages = slots;
    e->cap_pages = cap;
    return true;
}

paging *evidence_pages(evidence *e, arena *a, hash128 segment, int64_t hour, uint32_t who,
                       uint64_t fingerprint)
{
    paging key = {.segment = segment, .hour = hour, .who = who, .fingerprint = fingerprint};
    if (e->n_pages * 2 >= e->cap_pages && !grow_pages(e)) {
        return NULL;
    }
    paging **slot = find_pages(e->pages, e->cap_pages, &key);
    if (*slot == NULL) {
        paging *p = arena_calloc(a, 1, sizeof *p);
        if (p == NULL) {
            return NULL;
        }
        *p = key;
        *slot = p;
        e->n_pages++;
    }
    return *slot;
}

/* --- sessions' hours ------------------------------------------------------------------ */

static session_use **find_use(session_use **slots, uint32_t cap, const session_use *key)
{
    for (uint64_t at = mix64((uint64_t)key->hour, key->who);; at++) {
        session_use **slot = &slots[at & (cap - 1)];
        const session_use *u = *slot;
        if (u == NULL || (u->hour == key->hour && u->who == key->who &&
                          same_segment(u->segment, key->segment))) {
            return slot;
        }
    }
}

static bool grow_uses(evidence *e)
{
    uint32_t cap = e->cap_uses == 0 ? FIRST_CAP : e->cap_uses * 2;
    session_use **slots = calloc(cap, sizeof(session_use *));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < e->cap_uses; i++) {
        if (e->uses[i] != NULL) {
            *find_use(slots, cap, e->uses[i]) = e->uses[i];
        }
    }
    free(e->uses);
    e->uses = slots;
    e->cap_uses = cap;
    return true;
}

session_use *evidence_use(evidence *e, arena *a, hash128 segment, int64_t hour, uint32_t who)
{
    session_use key = {.segment = segment, .hour = hour, .who = who};
    if (e->n_uses * 2 >= e->cap_uses && !grow_uses(e)) {
        return NULL;
    }
    session_use **slot = find_use(e->uses, e->cap_uses, &key);
    if (*slot == NULL) {
        session_use *u = arena_calloc(a, 1, sizeof *u);
        if (u == NULL) {
            return NULL;
        }
        *u = key;
        *slot = u;
        e->n_uses++;
    }
    return *slot;
}

/* --- samples of pages -------------------------------------------------------------------- */

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

static retrying **find_retries(retrying **slots, uint32_t cap, const retrying *key)
{
    uint64_t hash =
        mix64(mix64(key->fingerprint, (uint64_t)key->hour + key->who), hash_bytes(code_of(key)));
    for (uint64_t at = hash;; at++) {
        retrying **slot = &slots[at & (cap - 1)];
        const retrying *r = *slot;
        if (r == NULL ||
            (r->fingerprint == key->fingerprint && r->hour == key->hour && r->who == key->who &&
             slice_equal(code_of(r), code_of(key)) && same_segment(r->segment, key->segment))) {
            return slot;
        }
    }
}

static bool grow_retries(evidence *e)
{
    uint32_t cap = e->cap_retries == 0 ? FIRST_CAP : e->cap_retries * 2;
    retrying **slots = calloc(cap, sizeof(retrying *));
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < e->cap_retries; i++) {
        if (e->retries[i] != NULL) {
            *find_retries(slots, cap, e->retries[i]) = e->retries[i];
        }
    }
    free(e->retries);
    e->retries = slots;
    e->cap_retries = cap;
    return true;
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

bool evidence_add_retry(evidence *e, arena *a, const retrying *one)
{
    if (e->n_retries * 2 >= e->cap_retries && !grow_retries(e)) {
        return false;
    }
    retrying **slot = find_retries(e->retries, e->cap_retries, one);
    if (*slot != NULL) {
        add_retry(*slot, one);
        return true;
    }
    *slot = arena_alloc(a, sizeof **slot);
    if (*slot == NULL) {
        return false;
    }
    **slot = *one;
    e->n_retries++;
    return true;
}
