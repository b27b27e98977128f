/* fold_attributes.c - measures that only the log has a name for; see fold_parts.h.
 *
 * A batch numbers them as they come in its block, a source as they come in its logs, up to
 * ATTRIBUTES_MAX. They are numbered in the order of events, so that it does not matter how the log
 * was cut into blocks. */
#include "pipeline/fold_parts.h"

#include <stdlib.h>

enum { STORED_NAME_MAX = 1024 };

static bool begin_map(fold *f, uint32_t n, status *st)
{
    if (n > f->n_attribute_map) {
        uint32_t *map = realloc(f->attribute_map, n * sizeof *map);
        if (map == NULL) {
            return status_no_memory(st);
        }
        f->attribute_map = map;
        f->n_attribute_map = n;
    }
    memset(f->attribute_map, 0, n * sizeof *f->attribute_map);
    return true;
}

/* The source's id of an attribute: see who_table_measure. */
static uint32_t id_of(fold *f, const log_attribute *a)
{
    buf name;
    buf_init(&name, STORED_NAME_MAX);
    buf_add_text(&name, measure_unit_name(a->unit));
    buf_add_char(&name, ':');
    buf_add(&name, a->name);
    uint32_t id = name.failed ? WHO_LEFT_OUT : who_table_measure(&f->whos, buf_slice(&name));
    buf_free(&name);
    return id;
}

/* Keeps of an event's measures those that have an id. */
static bool name_event(fold *f, const batch *events, event *e, status *st)
{
    measured *kept = events->measured + e->first_measured;
    uint32_t n = 0;
    for (uint32_t i = 0; i < e->n_measured; i++) {
        measured one = kept[i];
        if (one.id >= MEASURE_COUNT) {
            uint32_t *id = &f->attribute_map[one.id - MEASURE_COUNT];
            *id = *id != 0 ? *id : id_of(f, &events->attributes[one.id - MEASURE_COUNT]);
            one.id = *id;
        }
        if (one.id == UINT32_MAX) {
            return status_no_memory(st);
        }
        if (one.id == WHO_LEFT_OUT) {
            e->has |= HAS_UNNAMED;
        } else {
            kept[n++] = one;
        }
    }
    e->n_measured = n;
    return true;
}

bool fold_name_attributes(fold *f, batch *events, status *st)
{
    if (events->n_attributes == 0) {
        return true;
    }
    if (!begin_map(f, events->n_attributes, st)) {
        return false;
    }
    for (uint32_t i = 0; i < events->n_events; i++) {
        if (!name_event(f, events, &events->events[i], st)) {
            return false;
        }
    }
    return true;
}
