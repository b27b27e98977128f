/* watch.c - see watch.h. Here are sessions, their clients and the order of executions; what becomes
 * of one is in the files that watch_parts.h names. */
#include "pipeline/watch.h"

#include <stdlib.h>

#include "base/time_units.h"
#include "pipeline/watch_parts.h"

enum {
    FIRST_CAP = 64,
    DISORDER = US_PER_MINUTE /* by which sessions' records may be apart in a log */
};

void watch_init(watch *w)
{
    *w = (watch){0};
}

void watch_free(watch *w)
{
    free(w->entries);
    free(w->slots);
    free(w->processes);
    free(w->waits);
    free(w->logs);
    watch_init(w);
}

/* --- the table ------------------------------------------------------------------------- */

static uint32_t *find_slot(const watch *w, uint64_t key)
{
    for (uint64_t at = mix64(key, 0);; at++) {
        uint32_t *slot = &w->slots[at & (w->n_slots - 1)];
        if (*slot == 0 || w->entries[*slot - 1].key == key) {
            return slot;
        }
    }
}

static uint32_t *find_process(const watch *w, uint32_t process)
{
    for (uint64_t at = mix64(process, 0);; at++) {
        uint32_t *slot = &w->processes[at & (w->n_slots - 1)];
        if (*slot == 0 || w->entries[*slot - 1].process == process) {
            return slot;
        }
    }
}

/* The most recent first. */
static int compare_entries(const void *a, const void *b)
{
    const watch_entry *x = a;
    const watch_entry *y = b;
    if (x->end != y->end) {
        return x->end > y->end ? -1 : 1;
    }
    return (x->key < y->key) - (x->key > y->key);
}

/* Of the clients that share a process the latest has its place. */
static void index_process(watch *w, uint32_t i)
{
    const watch_entry *e = &w->entries[i];
    uint32_t *slot = e->process != 0 ? find_process(w, e->process) : NULL;
    if (slot != NULL && (*slot == 0 || compare_entries(e, &w->entries[*slot - 1]) < 0)) {
        *slot = i + 1;
    }
}

static void index_all(watch *w)
{
    if (w->n_slots == 0) {
        return;
    }
    memset(w->slots, 0, w->n_slots * sizeof *w->slots);
    memset(w->processes, 0, w->n_slots * sizeof *w->processes);
    for (uint32_t i = 0; i < w->n; i++) {
        *find_slot(w, w->entries[i].key) = i + 1;
        index_process(w, i);
    }
}

static bool grow(watch *w)
{
    uint32_t cap = w->cap == 0 ? FIRST_CAP : w->cap * 2;
    watch_entry *entries = calloc(cap, sizeof *entries);
    uint32_t *slots = calloc((size_t)cap * 2, sizeof *slots);
    uint32_t *processes = calloc((size_t)cap * 2, sizeof *processes);
    if (entries == NULL || slots == NULL || processes == NULL) {
        free(entries);
        free(slots);
        free(processes);
        return false;
    }
    if (w->entries != NULL) {
        memcpy(entries, w->entries, w->n * sizeof *entries);
    }
    free(w->entries);
    free(w->slots);
    free(w->processes);
    w->entries = entries;
    w->slots = slots;
    w->processes = processes;
    w->n_slots = cap * 2;
    w->cap = cap;
    index_all(w);
    return true;
}

/* The new entry, a copy; NULL where memory is out. */
watch_entry *watch_append(watch *w, const watch_entry *e)
{
    if ((w->n == w->cap && !grow(w)) || w->entries == NULL) {
        return NULL;
    }
    w->entries[w->n++] = *e;
    *find_slot(w, e->key) = w->n;
    index_process(w, w->n - 1);
    return &w->entries[w->n - 1];
}

watch_entry *watch_find(const watch *w, uint64_t key)
{
    uint32_t *slot = w->n > 0 ? find_slot(w, key) : NULL;
    return slot != NULL && *slot != 0 ? &w->entries[*slot - 1] : NULL;
}

watch_entry *watch_find_process(const watch *w, uint32_t process)
{
    const uint32_t *slot = w->n > 0 && process != 0 ? find_process(w, process) : NULL;
    return slot != NULL && *slot != 0 ? &w->entries[*slot - 1] : NULL;
}

void watch_sort(watch *w)
{
    if (w->n > 0) {
        qsort(w->entries, w->n, sizeof *w->entries, compare_entries);
        index_all(w);
    }
}

/* The number of a segment; the latest is looked for first. False where memory is out. */
bool watch_log_number(watch *w, hash128 segment, uint16_t *number)
{
    for (uint32_t i = w->n_logs; i > 0; i--) {
        if (w->logs[i - 1].low == segment.low && w->logs[i - 1].high == segment.high) {
            *number = (uint16_t)(i - 1);
            return true;
        }
    }
    if (w->n_logs == w->cap_logs) {
        uint32_t cap = w->cap_logs == 0 ? FIRST_CAP : w->cap_logs * 2;
        hash128 *logs = realloc(w->logs, cap * sizeof *logs);
        if (logs == NULL) {
            return false;
        }
        w->logs = logs;
        w->cap_logs = cap;
    }
    *number = (uint16_t)w->n_logs;
    w->logs[w->n_logs++] = segment;
    return true;
}

/* --- clients ------------------------------------------------------------------------------------
 */

static bool differ(slice a, slice b)
{
    return a.n > 0 && b.n > 0 && !slice_equal(a, b);
}

static bool other_client(const who_table *whos, uint32_t a, uint32_t b)
{
    if (a == b) {
        return false;
    }
    const who *x = &whos->entries[a].who;
    const who *y = &whos->entries[b].who;
    return differ(x->user, y->user) || differ(x->application, y->application) ||
           differ(x->tags, y->tags);
}

static bool other_request(const watch_entry *e, const watched *x)
{
    uint32_t latest = e->chain > 0 ? watch_step_before(e, 0)->request : 0;
    return latest != 0 && x->request != 0 && latest != x->request;
}

static uint64_t client_key(const watched *x, const who *w)
{
    uint64_t key = mix64(mix64(x->session, hash_bytes(w->user)), hash_bytes(w->application));
    return mix64(mix64(key, hash_bytes(w->tags)), x->request);
}

static bool give_up(watch *w, evidence *to, arena *a)
{
    watch_sort(w);
    for (uint32_t i = 0; i < WATCHED_GIVEN_UP && w->n > 0; i++) {
        w->n--;
        if (!watch_end_chain(w, &w->entries[w->n], to, a)) {
            return false;
        }
    }
    index_all(w);
    return true;
}

static watch_entry *add(watch *w, uint64_t key, const watched *x, evidence *to, arena *a)
{
    if (w->n == WATCHED_MAX && !give_up(w, to, a)) {
        return NULL;
    }
    watch_entry e = {
        .key = key, .session = x->session, .process = x->process, .who = x->who, .end = x->start};
    watch_look_for_waits(w, &e);
    return watch_append(w, &e);
}

/* Whether anything that this session began can go on so late. */
static bool is_over(const watch_entry *e, int64_t now)
{
    return e->began == 0 &&
           now - e->end > (e->page != 0 ? WALK_GAP + CHAIN_LONG : CHAIN_LONG) + DISORDER;
}

/* Ends what cannot go on any more, and forgets sessions of which nothing can. By the log's own
 * minutes, so that it does not matter where a run of the program ended. */
static bool settle(watch *w, int64_t now, evidence *to, arena *a)
{
    uint32_t kept = 0;
    watch_sort(w);
    for (uint32_t i = 0; i < w->n; i++) {
        if (!is_over(&w->entries[i], now)) {
            w->entries[kept++] = w->entries[i];
        } else if (!watch_end_chain(w, &w->entries[i], to, a)) {
            return false;
        }
    }
    w->n = kept;
    index_all(w);
    return watch_end_waits(w, now - CHAIN_LONG - DISORDER, false, to, a);
}

/* The entry of the session, or, where the chain of another client or request goes on in the same
 * session, as behind a pooler that shares them, its own. */
static watch_entry *entry_of(watch *w, const watched *x, const who_table *whos, evidence *to,
                             arena *a)
{
    watch_entry *e = watch_find(w, x->session);
    if (e == NULL) {
        return add(w, x->session, x, to, a);
    }
    if (!other_client(whos, e->who, x->who) && !other_request(e, x)) {
        e->who = x->who;
        return e;
    }
    uint64_t key = client_key(x, &whos->entries[x->who].who);
    watch_entry *own = watch_find(w, key);
    int64_t main_end = e->end;
    bool busy = x->start - e->end <= CHAIN_GAP && e->chain > 0;
    if (busy) {
        e->other_end = x->end;
    }
    if (own == NULL && !busy) {
        e->who = x->who;
        return e;
    }
    own = own != NULL ? own : add(w, key, x, to, a);
    if (own != NULL) {
        own->who = x->who;
        own->other_end = main_end;
    }
    return own;
}

/* The entry that an execution or a failure is of; NULL where memory is out. */
static watch_entry *begin(watch *w, const watched *x, const who_table *whos, evidence *to, arena *a)
{
    if (x->end / US_PER_MINUTE > w->minute) {
        w->minute = x->end / US_PER_MINUTE;
        if (w->n > 0 && !settle(w, x->end, to, a)) {
            return NULL;
        }
    }
    return entry_of(w, x, whos, to, a);
}

/* The entry's latest time, by which it is the process's where several clients share that. */
static void advance(watch *w, watch_entry *e, const watched *x)
{
    if (x->end > e->end) {
        e->end = x->end;
    }
    if (e->key != e->session || e->other_end != 0) {
        index_process(w, (uint32_t)(e - w->entries));
        watch_look_for_waits(w, e);
    }
}

/* What goes by until a failure was no rest of the session: how long the statement ran is not
 * known. */
bool watch_fail(watch *w, const watched *x, const who_table *whos, evidence *to, arena *a)
{
    watch_entry *e = begin(w, x, whos, to, a);
    if (e == NULL) {
        return false;
    }
    advance(w, e, x);
    return watch_take_retry(e, x, to, a) && (!e->in_waits || watch_see_waits(w, e, x, to, a));
}

bool watch_take(watch *w, const watched *x, const who_table *whos, evidence *to, arena *a)
{
    watch_entry *e = begin(w, x, whos, to, a);
    if (e == NULL) {
        return false;
    }
    bool ok = watch_add_use(e, x, to, a) && watch_take_retry(e, x, to, a);
    switch (x->role) {
    case ROLE_BEGIN:
    case ROLE_END:
    case ROLE_CHATTER:
    case ROLE_CURSOR:
        e->chain_time += x->end - x->start;
        break;
    default:
        ok = ok && watch_take_step(w, e, x, to, a);
        if (ok && x->has_skip) {
            ok = watch_take_page(w, e, x, to, a);
        } else if (ok && x->role == ROLE_COUNT) {
            ok = watch_take_count(w, e, x, to, a);
        }
        break;
    }
    advance(w, e, x);
    return ok && (!e->in_waits || watch_see_waits(w, e, x, to, a));
}

bool watch_part(watch *w, uint64_t session, evidence *to, arena *a)
{
    watch_entry *e = watch_find(w, session);
    if (e == NULL) {
        return true;
    }
    bool ok = watch_end_chain(w, e, to, a) && watch_part_waits(w, e, to, a);
    e->in_waits = false;
    e->n_steps = 0;
    e->began = e->ended = 0;
    e->page = e->count = 0;
    return ok;
}

bool watch_end(watch *w, evidence *to, arena *a)
{
    for (uint32_t i = 0; i < w->n; i++) {
        if (!watch_end_chain(w, &w->entries[i], to, a)) {
            return false;
        }
    }
    if (!watch_end_waits(w, 0, true, to, a)) {
        return false;
    }
    w->n = w->n_logs = 0;
    w->minute = 0;
    index_all(w);
    return true;
}
