/* context.c - see context.h. */
#include "pipeline/context.h"

#include "base/time_units.h"

enum {
    PACKED_VERSION = 1,
    PACKED_TIME = 1,
    PACKED_ZONE = 2,
    PACKED_DATABASE = 4,
    PACKED_SAMPLING = 8
};

static void set_database(log_context *c, bool known, slice name)
{
    name = slice_take(name, CONTEXT_NAME_MAX);
    if (known == c->has_database && slice_equal(name, context_database(c))) {
        return;
    }
    if (name.n > 0) {
        memcpy(c->database, name.p, name.n);
    }
    c->n_database = (uint32_t)name.n;
    c->has_database = known;
    c->generation++;
}

static void take_zone(log_context *c, event *e)
{
    if ((e->has & OPEN_ZONE) == 0) {
        c->zone_offset = e->zone_offset;
        c->has_zone = c->has_zone || (e->has & HAS_TIME) != 0;
    } else if (c->has_zone) {
        e->zone_offset = c->zone_offset;
    }
}

static void take_time(log_context *c, event *e)
{
    if ((e->has & LOCAL_TIME) != 0) {
        e->time -= e->zone_offset * US_PER_SECOND;
    }
    if ((e->has & HAS_TIME) != 0) {
        c->time = e->time;
        c->has_time = true;
    } else if ((e->has & OPEN_TIME) != 0 && c->has_time) {
        e->time = c->time;
        e->has |= HAS_TIME;
    }
}

/* A server that starts logs everything until it says otherwise. */
static void take_weight(log_context *c, event *e)
{
    if ((e->has & HAS_SAMPLING) != 0) {
        c->one_in = e->weight;
    } else if (e->kind == EVENT_SERVER_START) {
        c->one_in = 0;
    } else if (e->kind == EVENT_STATEMENT && e->weight == 0) {
        e->weight = c->one_in;
    }
}

void context_take(log_context *c, event *e, slice database)
{
    take_weight(c, e);
    if ((e->has & BEGINS_LOG) != 0) {
        set_database(c, false, slice_of("", 0));
        return;
    }
    if ((e->has & (HAS_TIME | OPEN_TIME)) != 0) {
        take_zone(c, e);
        take_time(c, e);
    }
    if ((e->has & OPEN_DATABASE) == 0) {
        set_database(c, true, database);
    }
}

void context_encode(const log_context *c, buf *out)
{
    uint64_t has = (c->has_time ? PACKED_TIME : 0u) | (c->has_zone ? PACKED_ZONE : 0u) |
                   (c->has_database ? PACKED_DATABASE : 0u) |
                   (c->one_in > 0 ? PACKED_SAMPLING : 0u);
    if (has == 0) {
        return;
    }
    buf_add_char(out, PACKED_VERSION);
    buf_add_varint(out, has);
    buf_add_varint(out, c->has_time ? (uint64_t)c->time : 0);
    buf_add_varint(out, c->has_zone ? (uint32_t)c->zone_offset : 0);
    if (c->one_in > 0) {
        buf_add_varint(out, c->one_in);
    }
    buf_add(out, context_database(c));
}

bool context_decode(log_context *c, slice packed)
{
    uint64_t has;
    uint64_t time;
    uint64_t zone;
    uint64_t one_in = 0;
    if (packed.n == 0) {
        return true;
    }
    slice rest = slice_skip(packed, 1);
    if (packed.p[0] != PACKED_VERSION || !varint_take(&rest, &has) || !varint_take(&rest, &time) ||
        !varint_take(&rest, &zone) ||
        ((has & PACKED_SAMPLING) != 0 && !varint_take(&rest, &one_in)) ||
        rest.n > CONTEXT_NAME_MAX || zone > UINT32_MAX || one_in > UINT32_MAX) {
        return false;
    }
    c->time = (int64_t)time;
    c->has_time = (has & PACKED_TIME) != 0;
    c->zone_offset = (int32_t)(uint32_t)zone;
    c->has_zone = (has & PACKED_ZONE) != 0;
    c->one_in = (uint32_t)one_in;
    set_database(c, (has & PACKED_DATABASE) != 0, rest);
    return true;
}
