/* watch_state.c - the watch packed for the next run, and with the numbers of another table; see
 * watch_parts.h. */
#include <stdlib.h>

#include "pipeline/packed.h"
#include "pipeline/watch_parts.h"

enum { PACKED_VERSION = 3 };

bool watch_renew_whos(watch *w, const who_table *old, who_table *fresh)
{
    bool is_new;
    bool ok = true;
    for (uint32_t i = 0; ok && i < w->n; i++) {
        watch_entry *e = &w->entries[i];
        e->who = who_table_add(fresh, &old->entries[e->who].who, &is_new);
        ok = e->who != UINT32_MAX;
        if (ok && e->run.period > 0) {
            e->run.who = who_table_add(fresh, &old->entries[e->run.who].who, &is_new);
            ok = e->run.who != UINT32_MAX;
        }
    }
    for (uint32_t i = 0; ok && i < w->n_waits; i++) {
        uint32_t *id = &w->waits[i].row.who;
        *id = who_table_add(fresh, &old->entries[*id].who, &is_new);
        ok = *id != UINT32_MAX;
    }
    return ok;
}

/* Numbers the segments anew, in the order of their first use. */
static void renumber(const hash128 *logs, uint16_t *number, hash128 *fresh, uint32_t *n)
{
    hash128 id = logs[*number];
    for (uint32_t i = 0; i < *n; i++) {
        if (fresh[i].low == id.low && fresh[i].high == id.high) {
            *number = (uint16_t)i;
            return;
        }
    }
    *number = (uint16_t)*n;
    fresh[(*n)++] = id;
}

static bool renumber_all(watch *w)
{
    hash128 *fresh = malloc((w->n_logs + 1) * sizeof *fresh);
    uint32_t n = 0;
    if (fresh == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < w->n; i++) {
        watch_entry *e = &w->entries[i];
        for (uint32_t k = 0; k < e->n_steps; k++) {
            renumber(w->logs, &e->steps[(e->newest + STEPS_KEPT - k) % STEPS_KEPT].log, fresh, &n);
        }
        if (e->run.period > 0) {
            renumber(w->logs, &e->run.first.log, fresh, &n);
            e->run.parent.log = 0; /* not used */
        }
        if (e->page != 0) {
            renumber(w->logs, &e->page_log, fresh, &n);
        }
    }
    free(w->logs);
    w->logs = fresh;
    w->cap_logs = w->n_logs + 1;
    w->n_logs = n;
    return true;
}

static void encode_step(buf *out, const step *s)
{
    buf_add_varint(out, s->fingerprint);
    packed_add_signed(out, s->start);
    buf_add_varint(out, s->offset);
    buf_add_varint(out, s->line);
    buf_add_varint(out, s->duration);
    buf_add_varint(out, s->values);
    buf_add_varint(out, s->rows);
    buf_add_varint(out, s->limit);
    buf_add_varint(out, s->request);
    buf_add_varint(out, s->log);
    buf_add_varint(out, (s->has_values ? 1u : 0u) | (s->has_rows ? 2u : 0u) |
                            (s->has_limit ? 4u : 0u) | (s->wanted ? 8u : 0u));
}

static bool take_small(slice *in, uint32_t *value)
{
    uint64_t n;
    bool ok = varint_take(in, &n) && n <= UINT32_MAX;
    *value = ok ? (uint32_t)n : 0;
    return ok;
}

static bool decode_step(const watch *w, slice *in, step *s)
{
    uint32_t log;
    uint32_t flags;
    if (!varint_take(in, &s->fingerprint) || !packed_take_signed(in, &s->start) ||
        !varint_take(in, &s->offset) || !take_small(in, &s->line) ||
        !take_small(in, &s->duration) || !take_small(in, &s->values) || !take_small(in, &s->rows) ||
        !take_small(in, &s->limit) || !take_small(in, &s->request) || !take_small(in, &log) ||
        !take_small(in, &flags) || log >= w->n_logs) {
        return false;
    }
    s->log = (uint16_t)log;
    s->has_values = (flags & 1) != 0;
    s->has_rows = (flags & 2) != 0;
    s->has_limit = (flags & 4) != 0;
    s->wanted = (flags & 8) != 0;
    return true;
}

static void encode_run(buf *out, const run *r, const who_table *whos)
{
    buf_add_varint(out, r->period);
    if (r->period == 0) {
        return;
    }
    buf_add_varint(out, r->length);
    buf_add_varint(out, r->pauses);
    buf_add_varint(out, r->stretch);
    buf_add_varint(out, r->longest_stretch);
    encode_step(out, &r->first);
    encode_step(out, &r->parent);
    packed_add_who(out, &whos->entries[r->who].who);
    packed_add_signed(out, r->zone_offset);
    buf_add_varint(out, r->time);
    buf_add_varint(out, r->longest_time);
    packed_add_signed(out, r->end);
    buf_add_varint(out, r->tuple);
    buf_add_varint(out,
                   (r->values_unknown ? 1u : 0u) | (r->shared ? 2u : 0u) | (r->coarse ? 4u : 0u));
    buf_add_varint(out, r->n_values);
    buf_add_varint(out, r->n_distinct);
    for (uint32_t i = 0; i < r->n_distinct; i++) {
        buf_add_varint(out, r->values[i]);
    }
}

static bool take_who_number(slice *in, who_table *whos, uint32_t *number)
{
    who w;
    bool is_new;
    *number = packed_take_who(in, &w) ? who_table_add(whos, &w, &is_new) : UINT32_MAX;
    return *number != UINT32_MAX;
}

static bool decode_values(slice *in, run *r)
{
    if (!take_small(in, &r->n_values) || !take_small(in, &r->n_distinct) ||
        r->n_values > VALUES_KEPT || r->n_distinct > r->n_values) {
        return false;
    }
    for (uint32_t i = 0; i < r->n_distinct; i++) {
        if (!take_small(in, &r->values[i])) {
            return false;
        }
    }
    return true;
}

static bool decode_run(const watch *w, slice *in, run *r, who_table *whos)
{
    int64_t zone_offset;
    uint32_t flags;
    if (!take_small(in, &r->period) || r->period > CYCLE_MAX || r->period == 0) {
        return r->period == 0;
    }
    if (!varint_take(in, &r->length) || !varint_take(in, &r->pauses) ||
        !varint_take(in, &r->stretch) || !varint_take(in, &r->longest_stretch) ||
        !decode_step(w, in, &r->first) || !decode_step(w, in, &r->parent) ||
        !take_who_number(in, whos, &r->who) || !packed_take_signed(in, &zone_offset) ||
        !varint_take(in, &r->time) || !varint_take(in, &r->longest_time) ||
        !packed_take_signed(in, &r->end) || !varint_take(in, &r->tuple) ||
        !take_small(in, &flags)) {
        return false;
    }
    r->zone_offset = (int32_t)zone_offset;
    r->values_unknown = (flags & 1) != 0;
    r->shared = (flags & 2) != 0;
    r->coarse = (flags & 4) != 0;
    return decode_values(in, r);
}

static void encode_entry(buf *out, const watch_entry *e, const who_table *whos)
{
    buf_add_varint(out, e->key);
    buf_add_varint(out, e->session);
    buf_add_varint(out, e->process);
    packed_add_who(out, &whos->entries[e->who].who);
    packed_add_signed(out, e->end);
    packed_add_signed(out, e->other_end);
    packed_add_signed(out, e->ended);
    packed_add_signed(out, e->began);
    packed_add_signed(out, e->idle);
    packed_add_signed(out, e->longest_idle);
    buf_add_varint(out, e->chain);
    packed_add_signed(out, e->chain_began);
    packed_add_signed(out, e->chain_time);
    for (uint32_t i = 1; i <= CYCLE_MAX; i++) {
        buf_add_varint(out, e->matches[i]);
    }
    buf_add_varint(out, e->n_steps);
    for (uint32_t i = e->n_steps; i > 0; i--) {
        encode_step(out, watch_step_before(e, i - 1));
    }
    encode_run(out, &e->run, whos);
    buf_add_varint(out, e->page);
    if (e->page != 0) {
        buf_add_varint(out, e->page_next);
        buf_add_varint(out, e->page_next_by_rows);
        buf_add_varint(out, e->page_steps);
        packed_add_signed(out, e->page_end);
        packed_add_signed(out, e->page_hour);
        buf_add_varint(out, e->page_log);
        buf_add_varint(out, (e->page_wanted ? 1u : 0u) | (e->page_twinned ? 2u : 0u));
    }
    buf_add_varint(out, e->count);
    packed_add_signed(out, e->count_end);
    buf_add_varint(out, e->failed);
    if (e->failed != 0) {
        buf_add_varint(out, e->failed_values);
        packed_add_signed(out, e->failed_at);
        buf_add_varint(out, e->failed_retries);
        packed_add_text(out, slice_of(e->failed_code.text, e->failed_code.n));
    }
}

static bool decode_page(const watch *w, slice *in, watch_entry *e)
{
    uint32_t log;
    uint32_t flags;
    if (!varint_take(in, &e->page)) {
        return false;
    }
    if (e->page == 0) {
        return true;
    }
    if (!varint_take(in, &e->page_next) || !varint_take(in, &e->page_next_by_rows) ||
        !varint_take(in, &e->page_steps) || !packed_take_signed(in, &e->page_end) ||
        !packed_take_signed(in, &e->page_hour) || !take_small(in, &log) || log >= w->n_logs ||
        !take_small(in, &flags)) {
        return false;
    }
    e->page_log = (uint16_t)log;
    e->page_wanted = (flags & 1) != 0;
    e->page_twinned = (flags & 2) != 0;
    return true;
}

static bool decode_failed(slice *in, watch_entry *e)
{
    slice code;
    if (!varint_take(in, &e->failed) || e->failed == 0) {
        return e->failed == 0;
    }
    if (!varint_take(in, &e->failed_values) || !packed_take_signed(in, &e->failed_at) ||
        !varint_take(in, &e->failed_retries) || !packed_take_text(in, &code) || code.n > CODE_MAX) {
        return false;
    }
    e->failed_code = watch_code_of(code);
    return true;
}

static bool decode_chain(const watch *w, slice *in, watch_entry *e)
{
    if (!take_small(in, &e->chain) || !packed_take_signed(in, &e->chain_began) ||
        !packed_take_signed(in, &e->chain_time)) {
        return false;
    }
    for (uint32_t i = 1; i <= CYCLE_MAX; i++) {
        if (!take_small(in, &e->matches[i]) || e->matches[i] > STEPS_KEPT - 1 - i) {
            return false;
        }
    }
    uint32_t n;
    if (!take_small(in, &n) || n > STEPS_KEPT || e->chain > n) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        step s;
        if (!decode_step(w, in, &s)) {
            return false;
        }
        watch_push(e, &s);
    }
    return true;
}

static bool decode_entry(const watch *w, slice *in, watch_entry *e, who_table *whos)
{
    *e = (watch_entry){0};
    return varint_take(in, &e->key) && varint_take(in, &e->session) &&
           take_small(in, &e->process) && take_who_number(in, whos, &e->who) &&
           packed_take_signed(in, &e->end) && packed_take_signed(in, &e->other_end) &&
           packed_take_signed(in, &e->ended) && packed_take_signed(in, &e->began) &&
           packed_take_signed(in, &e->idle) && packed_take_signed(in, &e->longest_idle) &&
           decode_chain(w, in, e) && decode_run(w, in, &e->run, whos) && decode_page(w, in, e) &&
           varint_take(in, &e->count) && packed_take_signed(in, &e->count_end) &&
           decode_failed(in, e);
}

static void encode_wait(buf *out, const lock_wait *x, const who_table *whos)
{
    const blocking *row = &x->row;
    buf_add_varint(out, x->waiter);
    buf_add_varint(out, x->holder);
    packed_add_signed(out, x->ended);
    buf_add_varint(out, (x->has_ended ? 1u : 0u) | (x->settled ? 2u : 0u));
    buf_add_varint(out, row->segment.high);
    buf_add_varint(out, row->segment.low);
    packed_add_signed(out, row->hour);
    packed_add_who(out, &whos->entries[row->who].who);
    buf_add_varint(out, row->fingerprint);
    buf_add_varint(out, row->blocker);
    buf_add_varint(out, row->state);
    buf_add_varint(out, row->acquired);
    buf_add_varint(out, row->time);
    packed_add_signed(out, row->first_at);
    buf_add_varint(out, row->first_line);
}

static bool decode_wait(slice *in, lock_wait *x, who_table *whos)
{
    blocking *row = &x->row;
    uint32_t flags;
    uint32_t state;
    *x = (lock_wait){.row = {.waits = 1}};
    if (!take_small(in, &x->waiter) || !take_small(in, &x->holder) ||
        !packed_take_signed(in, &x->ended) || !take_small(in, &flags) ||
        !varint_take(in, &row->segment.high) || !varint_take(in, &row->segment.low) ||
        !packed_take_signed(in, &row->hour) || !take_who_number(in, whos, &row->who) ||
        !varint_take(in, &row->fingerprint) || !varint_take(in, &row->blocker) ||
        !take_small(in, &state) || !varint_take(in, &row->acquired) ||
        !varint_take(in, &row->time) || !packed_take_signed(in, &row->first_at) ||
        !varint_take(in, &row->first_line) || state >= BLOCKER_STATES) {
        return false;
    }
    x->has_ended = (flags & 1) != 0;
    x->settled = (flags & 2) != 0;
    row->state = (blocker_state)state;
    row->longest = row->time;
    return true;
}

static bool decode_waits(watch *w, slice *in, who_table *whos)
{
    uint32_t n;
    if (!take_small(in, &n) || n > LOCK_WAITS_MAX) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        lock_wait x;
        if (!decode_wait(in, &x, whos) || !watch_append_wait(w, &x)) {
            return false;
        }
    }
    return true;
}

bool watch_encode(watch *w, const who_table *whos, buf *out)
{
    watch_sort(w);
    if (w->minute == 0 && w->n_waits == 0) {
        return true;
    }
    if (!renumber_all(w)) {
        return false;
    }
    buf_add_char(out, PACKED_VERSION);
    packed_add_signed(out, w->minute);
    buf_add_varint(out, w->n_logs);
    for (uint32_t i = 0; i < w->n_logs; i++) {
        buf_add_varint(out, w->logs[i].high);
        buf_add_varint(out, w->logs[i].low);
    }
    buf_add_varint(out, w->n_waits);
    for (uint32_t i = 0; i < w->n_waits; i++) {
        encode_wait(out, &w->waits[i], whos);
    }
    for (uint32_t i = 0; i < w->n; i++) {
        encode_entry(out, &w->entries[i], whos);
    }
    return true;
}

static bool decode_logs(watch *w, slice *in)
{
    uint32_t n;
    if (!take_small(in, &n) || n > in->n) {
        return false;
    }
    for (uint32_t i = 0; i < n; i++) {
        hash128 id;
        uint16_t number;
        if (!varint_take(in, &id.high) || !varint_take(in, &id.low) ||
            !watch_log_number(w, id, &number) || number != i) {
            return false;
        }
    }
    return true;
}

bool watch_decode(watch *w, who_table *whos, slice packed)
{
    if (packed.n == 0) {
        return true;
    }
    slice rest = slice_skip(packed, 1);
    if (packed.p[0] != PACKED_VERSION || !packed_take_signed(&rest, &w->minute) ||
        !decode_logs(w, &rest) || !decode_waits(w, &rest, whos)) {
        return false;
    }
    while (rest.n > 0) {
        watch_entry e;
        if (!decode_entry(w, &rest, &e, whos) || watch_find(w, e.key) != NULL ||
            w->n == WATCHED_MAX) {
            return false;
        }
        watch_look_for_waits(w, &e);
        if (watch_append(w, &e) == NULL) {
            return false;
        }
    }
    return true;
}
