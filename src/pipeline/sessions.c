/* sessions.c - see sessions.h. */
#include "pipeline/sessions.h"

#include "pipeline/packed.h"

#include <stdlib.h>

enum { FIRST_CAP = 64, PACKED_VERSION = 5 };

void sessions_init(sessions *s)
{
    *s = (sessions){0};
}

void sessions_free(sessions *s)
{
    free(s->items);
    free(s->slots);
    sessions_init(s);
}

static uint32_t *find_slot(const sessions *s, uint64_t session)
{
    for (uint64_t at = mix64(session, 0);; at++) {
        uint32_t *slot = &s->slots[at & (s->n_slots - 1)];
        if (*slot == 0 || s->items[*slot - 1].session == session) {
            return slot;
        }
    }
}

static void index_all(sessions *s)
{
    memset(s->slots, 0, s->n_slots * sizeof *s->slots);
    for (uint32_t i = 0; i < s->n; i++) {
        *find_slot(s, s->items[i].session) = i + 1;
    }
}

static bool grow(sessions *s)
{
    uint32_t cap = s->cap == 0 ? FIRST_CAP : s->cap * 2;
    pending *items = realloc(s->items, cap * sizeof *items);
    if (items == NULL) {
        return false;
    }
    s->items = items;
    uint32_t *slots = realloc(s->slots, (size_t)cap * 2 * sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    s->slots = slots;
    s->n_slots = cap * 2;
    s->cap = cap;
    index_all(s);
    return true;
}

bool sessions_add(sessions *s, const pending *p)
{
    if (s->n == s->cap && !grow(s)) {
        return false;
    }
    s->items[s->n++] = *p;
    *find_slot(s, p->session) = s->n;
    return true;
}

/* Empties a slot and moves up those behind it that a search would no longer reach. */
static void remove_slot(sessions *s, uint32_t *slot)
{
    uint32_t mask = s->n_slots - 1;
    uint32_t hole = (uint32_t)(slot - s->slots);
    for (uint32_t at = (hole + 1) & mask; s->slots[at] != 0; at = (at + 1) & mask) {
        uint32_t home = (uint32_t)mix64(s->items[s->slots[at] - 1].session, 0) & mask;
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            s->slots[hole] = s->slots[at];
            hole = at;
        }
    }
    s->slots[hole] = 0;
}

const pending *sessions_find(const sessions *s, uint64_t session)
{
    const uint32_t *slot = s->n > 0 ? find_slot(s, session) : NULL;
    return slot != NULL && *slot != 0 ? &s->items[*slot - 1] : NULL;
}

bool sessions_take(sessions *s, uint64_t session, pending *p)
{
    if (s->n == 0) {
        return false;
    }
    uint32_t *slot = find_slot(s, session);
    if (*slot == 0) {
        return false;
    }
    uint32_t index = *slot - 1;
    *p = s->items[index];
    remove_slot(s, slot);
    s->n--;
    if (index != s->n) {
        *find_slot(s, s->items[s->n].session) = index + 1;
        s->items[index] = s->items[s->n];
    }
    return true;
}

/* The most recent first, so that the oldest is the last and cheap to take. */
static int compare_items(const void *a, const void *b)
{
    const pending *x = a;
    const pending *y = b;
    if (x->at != y->at) {
        return x->at > y->at ? -1 : 1;
    }
    return (x->session < y->session) - (x->session > y->session);
}

void sessions_sort(sessions *s)
{
    if (s->n > 0) {
        qsort(s->items, s->n, sizeof *s->items, compare_items);
        index_all(s);
    }
}

bool sessions_take_oldest(sessions *s, pending *p)
{
    return s->n > 0 && sessions_take(s, s->items[s->n - 1].session, p);
}

enum {
    PACKED_TIME = 1,
    PACKED_DURATION = 2,
    PACKED_IN_PIECES = 4,
    PACKED_CONTINUES = 8,
    PACKED_PLAN_FOLLOWS = 16
};

static unsigned flags_of(const pending *p)
{
    return (p->has_time ? PACKED_TIME : 0u) | (p->has_duration ? PACKED_DURATION : 0u) |
           (p->in_pieces ? PACKED_IN_PIECES : 0u) | (p->continues ? PACKED_CONTINUES : 0u) |
           (p->plan_follows ? PACKED_PLAN_FOLLOWS : 0u);
}

static void encode_asked(buf *out, const asked *a)
{
    buf_add_varint(out, a->session);
    buf_add_varint(out, a->literals);
    buf_add_varint(out, a->limit);
    buf_add_varint(out, a->skip);
    buf_add_varint(out, a->process);
    buf_add_varint(out, a->list);
    buf_add_varint(out, a->request);
    buf_add_varint(out, a->rows);
    buf_add_varint(out, (uint64_t)a->role << 6 | (a->has_session ? 8u : 0u) |
                            (a->has_literals ? 1u : 0u) | (a->has_limit ? 2u : 0u) |
                            (a->has_skip ? 4u : 0u) | (a->has_pattern ? 16u : 0u) |
                            (a->wildcard ? 32u : 0u));
}

static bool decode_asked(slice *in, asked *a)
{
    uint64_t process;
    uint64_t list;
    uint64_t request;
    uint64_t rows;
    uint64_t flags;
    if (!varint_take(in, &a->session) || !varint_take(in, &a->literals) ||
        !varint_take(in, &a->limit) || !varint_take(in, &a->skip) || !varint_take(in, &process) ||
        !varint_take(in, &list) || !varint_take(in, &request) || !varint_take(in, &rows) ||
        !varint_take(in, &flags)) {
        return false;
    }
    a->process = (uint32_t)process;
    a->list = (uint32_t)list;
    a->request = (uint32_t)request;
    a->rows = (uint32_t)rows;
    a->has_literals = (flags & 1) != 0;
    a->has_limit = (flags & 2) != 0;
    a->has_skip = (flags & 4) != 0;
    a->has_session = (flags & 8) != 0;
    a->has_pattern = (flags & 16) != 0;
    a->wildcard = (flags & 32) != 0;
    a->role = (uint8_t)(flags >> 6);
    return true;
}

void sessions_encode(sessions *s, const who_table *whos, buf *out)
{
    sessions_sort(s);
    buf_add_char(out, PACKED_VERSION);
    for (uint32_t i = 0; i < s->n; i++) {
        const pending *p = &s->items[i];
        buf_add_varint(out, p->session);
        buf_add_varint(out, p->fingerprint);
        buf_add_varint(out, flags_of(p));
        packed_add_signed(out, p->at);
        packed_add_signed(out, p->last_at);
        packed_add_signed(out, p->duration);
        buf_add_varint(out, p->plans_due);
        packed_add_signed(out, p->zone_offset);
        buf_add_varint(out, p->offset);
        buf_add_varint(out, p->line);
        buf_add_varint(out, p->segment.high);
        buf_add_varint(out, p->segment.low);
        buf_add_varint(out, p->weight);
        encode_asked(out, &p->asked);
        buf_add_varint(out, p->n_measured);
        for (uint32_t m = 0; m < p->n_measured; m++) {
            packed_add_text(out, who_table_measure_name(whos, p->measured[m].id));
            buf_add_varint(out, p->measured[m].value);
        }
        packed_add_who(out, &whos->entries[p->who].who);
    }
}

static bool decode_measured(slice *in, who_table *whos, pending *p)
{
    uint64_t n;
    if (!varint_take(in, &n) || n > PENDING_MEASURES) {
        return false;
    }
    for (p->n_measured = 0; p->n_measured < n; p->n_measured++) {
        measured *m = &p->measured[p->n_measured];
        slice name;
        if (!packed_take_text(in, &name) || !varint_take(in, &m->value)) {
            return false;
        }
        m->id = who_table_measure(whos, name);
        if (m->id >= WHO_LEFT_OUT) {
            return false;
        }
    }
    return true;
}

static bool decode_place(slice *in, pending *p)
{
    return varint_take(in, &p->offset) && varint_take(in, &p->line) &&
           varint_take(in, &p->segment.high) && varint_take(in, &p->segment.low);
}

static bool decode_one(slice *in, who_table *whos, pending *p, who *w)
{
    uint64_t flags;
    uint64_t plans_due;
    uint64_t weight;
    int64_t zone_offset;
    *p = (pending){.selected = true};
    if (!varint_take(in, &p->session) || !varint_take(in, &p->fingerprint) ||
        !varint_take(in, &flags) || !packed_take_signed(in, &p->at) ||
        !packed_take_signed(in, &p->last_at) || !packed_take_signed(in, &p->duration) ||
        !varint_take(in, &plans_due) || !packed_take_signed(in, &zone_offset) ||
        !decode_place(in, p) || !varint_take(in, &weight) || !decode_asked(in, &p->asked) ||
        !decode_measured(in, whos, p) || !packed_take_who(in, w)) {
        return false;
    }
    p->has_time = (flags & PACKED_TIME) != 0;
    p->has_duration = (flags & PACKED_DURATION) != 0;
    p->in_pieces = (flags & PACKED_IN_PIECES) != 0;
    p->continues = (flags & PACKED_CONTINUES) != 0;
    p->plan_follows = (flags & PACKED_PLAN_FOLLOWS) != 0;
    p->plans_due = (uint32_t)plans_due;
    p->weight = (uint32_t)weight;
    p->zone_offset = (int32_t)zone_offset;
    return true;
}

bool sessions_decode(sessions *s, who_table *whos, slice packed)
{
    if (packed.n == 0) {
        return true;
    }
    if (packed.p[0] != PACKED_VERSION) {
        return false;
    }
    packed = slice_skip(packed, 1);
    while (packed.n > 0) {
        pending p;
        who w;
        bool is_new;
        if (!decode_one(&packed, whos, &p, &w) ||
            (s->n > 0 && *find_slot(s, p.session) != 0)) { /* a session waits for one thing */
            return false;
        }
        p.who = who_table_add(whos, &w, &is_new);
        if (p.who == UINT32_MAX || !sessions_add(s, &p)) {
            return false;
        }
    }
    return true;
}
