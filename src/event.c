/* event.c - the batch that a block of log becomes; see event.h.
 *
 * Its arrays grow by doubling and are kept between blocks, so that parsing a block
 * allocates nothing once the first few have gone through. */
#include "event.h"

#include <stdlib.h>

#include "base/hash.h"

enum {
    FIRST_EVENTS = 512,
    FIRST_MEASURED = 512,
    FIRST_ATTRIBUTES = 32,
    FIRST_FACTS = 64,
    FIRST_ALIASES = 512,
    FIRST_WHOS = 32,
    FIRST_SLOTS = 128
};

const measure_kind measure_kinds[MEASURE_COUNT] = {
    [MEASURE_QUERY_TIME] = {"query_time", UNIT_TIME},
    [MEASURE_PREPARE_TIME] = {"prepare_time", UNIT_TIME},
    [MEASURE_BIND_TIME] = {"bind_time", UNIT_TIME},
    [MEASURE_LOCK_TIME] = {"lock_time", UNIT_TIME},
    [MEASURE_ROWS_SENT] = {"rows_sent", UNIT_COUNT},
    [MEASURE_ROWS_EXAMINED] = {"rows_examined", UNIT_COUNT},
    [MEASURE_ROWS_AFFECTED] = {"rows_affected", UNIT_COUNT},
    [MEASURE_BYTES_SENT] = {"bytes_sent", UNIT_BYTES},
    [MEASURE_TEMP_FILES] = {"temp_files", UNIT_BYTES},
    [MEASURE_LOCK_WAITS] = {"lock_waits", UNIT_TIME},
    [MEASURE_MISESTIMATE] = {"misestimate", UNIT_COUNT},
    [MEASURE_ROWS_REMOVED] = {"rows_removed", UNIT_COUNT},
    [MEASURE_SPILLED_BYTES] = {"spilled_bytes", UNIT_BYTES},
    [MEASURE_TEMP_BLOCKS] = {"temp_blocks", UNIT_COUNT},
    [MEASURE_BYTES_RECEIVED] = {"bytes_received", UNIT_BYTES},
    [MEASURE_ROWS_READ] = {"rows_read", UNIT_COUNT},
    [MEASURE_PAGES_ACCESSED] = {"pages_accessed", UNIT_COUNT},
    [MEASURE_PAGES_READ] = {"pages_read", UNIT_COUNT},
    [MEASURE_PAGES_PREFETCHED] = {"pages_prefetched", UNIT_COUNT},
    [MEASURE_PAGES_UPDATED] = {"pages_updated", UNIT_COUNT},
    [MEASURE_OLD_ROWS_READ] = {"old_rows_read", UNIT_COUNT},
    [MEASURE_PAGES_READ_TIME] = {"pages_read_time", UNIT_TIME},
    [MEASURE_ENGINE_TIME] = {"engine_time", UNIT_TIME},
    [MEASURE_TMP_TABLES] = {"tmp_tables", UNIT_COUNT},
    [MEASURE_TMP_DISK_TABLES] = {"tmp_disk_tables", UNIT_COUNT},
    [MEASURE_TMP_TABLE_SIZES] = {"tmp_table_sizes", UNIT_BYTES},
    [MEASURE_QC_HIT] = {"qc_hit", UNIT_YES},
    [MEASURE_FULL_SCAN] = {"full_scan", UNIT_YES},
    [MEASURE_FULL_JOIN] = {"full_join", UNIT_YES},
    [MEASURE_TMP_TABLE] = {"tmp_table", UNIT_YES},
    [MEASURE_TMP_TABLE_ON_DISK] = {"tmp_table_on_disk", UNIT_YES},
    [MEASURE_FILESORT] = {"filesort", UNIT_YES},
    [MEASURE_FILESORT_ON_DISK] = {"filesort_on_disk", UNIT_YES},
    [MEASURE_MERGE_PASSES] = {"merge_passes", UNIT_COUNT},
    [MEASURE_PRIORITY_QUEUE] = {"priority_queue", UNIT_YES},
    [MEASURE_INNODB_IO_R_OPS] = {"innodb_io_r_ops", UNIT_COUNT},
    [MEASURE_INNODB_IO_R_BYTES] = {"innodb_io_r_bytes", UNIT_BYTES},
    [MEASURE_INNODB_IO_R_WAIT] = {"innodb_io_r_wait", UNIT_TIME},
    [MEASURE_INNODB_REC_LOCK_WAIT] = {"innodb_rec_lock_wait", UNIT_TIME},
    [MEASURE_INNODB_QUEUE_WAIT] = {"innodb_queue_wait", UNIT_TIME},
    [MEASURE_INNODB_PAGES_DISTINCT] = {"innodb_pages_distinct", UNIT_COUNT},
    [MEASURE_READ_FIRST] = {"read_first", UNIT_COUNT},
    [MEASURE_READ_LAST] = {"read_last", UNIT_COUNT},
    [MEASURE_READ_KEY] = {"read_key", UNIT_COUNT},
    [MEASURE_READ_NEXT] = {"read_next", UNIT_COUNT},
    [MEASURE_READ_PREV] = {"read_prev", UNIT_COUNT},
    [MEASURE_READ_RND] = {"read_rnd", UNIT_COUNT},
    [MEASURE_READ_RND_NEXT] = {"read_rnd_next", UNIT_COUNT},
    [MEASURE_SORT_RANGE_COUNT] = {"sort_range_count", UNIT_COUNT},
    [MEASURE_SORT_ROWS] = {"sort_rows", UNIT_COUNT},
    [MEASURE_SORT_SCAN_COUNT] = {"sort_scan_count", UNIT_COUNT},
    [MEASURE_COUNT_HIT_TMP_TABLE_SIZE] = {"count_hit_tmp_table_size", UNIT_COUNT},
    [MEASURE_PARSE_TIME] = {"parse_time", UNIT_TIME},
    [MEASURE_COMPILE_TIME] = {"compile_time", UNIT_TIME},
    [MEASURE_OPTIMIZE_TIME] = {"optimize_time", UNIT_TIME},
    [MEASURE_PROCESS_TIME] = {"process_time", UNIT_TIME},
    [MEASURE_WAIT_TIME] = {"wait_time", UNIT_TIME},
    [MEASURE_BACKOFF_TIME] = {"backoff_time", UNIT_TIME},
    [MEASURE_TOTAL_KEYS] = {"total_keys", UNIT_COUNT},
    [MEASURE_PROCESS_KEYS] = {"process_keys", UNIT_COUNT},
    [MEASURE_MEMORY_MAX] = {"memory_max", UNIT_BYTES},
    [MEASURE_DISK_MAX] = {"disk_max", UNIT_BYTES},
    [MEASURE_KEYS_EXAMINED] = {"keys_examined", UNIT_COUNT},
    [MEASURE_YIELDS] = {"yields", UNIT_COUNT},
    [MEASURE_WRITE_CONFLICTS] = {"write_conflicts", UNIT_COUNT},
    [MEASURE_WORKING_TIME] = {"working_time", UNIT_TIME},
    [MEASURE_CPU_TIME] = {"cpu_time", UNIT_TIME},
    [MEASURE_PLANNING_TIME] = {"planning_time", UNIT_TIME},
    [MEASURE_QUEUE_TIME] = {"queue_time", UNIT_TIME},
    [MEASURE_STORAGE_TIME] = {"storage_time", UNIT_TIME},
    [MEASURE_FLOW_CONTROL_TIME] = {"flow_control_time", UNIT_TIME},
    [MEASURE_WRITE_CONCERN_TIME] = {"write_concern_time", UNIT_TIME},
    [MEASURE_REMOTE_TIME] = {"remote_time", UNIT_TIME},
    [MEASURE_SORT_STAGE] = {"sort_stage", UNIT_YES},
    [MEASURE_USED_DISK] = {"used_disk", UNIT_YES},
    [MEASURE_REPLANNED] = {"replanned", UNIT_YES},
    [MEASURE_ROWS_SKIPPED] = {"rows_skipped", UNIT_COUNT},
    [MEASURE_COMMAND_OVERHEAD] = {"command_overhead", UNIT_TIME},
    [MEASURE_LIST_LENGTH] = {"list_length", UNIT_COUNT},
    [MEASURE_LEADING_WILDCARD] = {"leading_wildcard", UNIT_YES},
};

const char *measure_unit_name(measure_unit unit)
{
    static const char *const names[] = {[UNIT_TIME] = "us",
                                        [UNIT_COUNT] = "count",
                                        [UNIT_BYTES] = "bytes",
                                        [UNIT_YES] = "yes",
                                        [UNIT_MILLIONTHS] = "millionths"};
    return names[unit];
}

const fact_kind fact_kinds[FACT_COUNT] = {
    [FACT_TEMP_FILE] = {"temp_file", UNIT_BYTES},
    [FACT_LOCK_ACQUIRED] = {"lock_acquired", UNIT_TIME},
    [FACT_LOCK_WAITING] = {"lock_waiting", UNIT_TIME},
    [FACT_LOCK_HOLDER] = {"lock_holder", UNIT_COUNT},
    [FACT_DEADLOCK] = {"deadlock", UNIT_COUNT},
    [FACT_DEADLOCK_WITH] = {"deadlock_with", UNIT_COUNT},
    [FACT_CANCEL] = {"cancel", UNIT_COUNT},
    [FACT_CHECKPOINT] = {"checkpoint", UNIT_COUNT},
    [FACT_CHECKPOINT_BUFFERS] = {"checkpoint_buffers", UNIT_COUNT},
    [FACT_CHECKPOINT_WRITE] = {"checkpoint_write", UNIT_TIME},
    [FACT_CHECKPOINT_SYNC] = {"checkpoint_sync", UNIT_TIME},
    [FACT_CHECKPOINT_TOTAL] = {"checkpoint_total", UNIT_TIME},
    [FACT_CHECKPOINTS_HURRIED] = {"checkpoints_hurried", UNIT_TIME},
    [FACT_VACUUM] = {"vacuum", UNIT_TIME},
    [FACT_VACUUM_PAGES] = {"vacuum_pages", UNIT_COUNT},
    [FACT_VACUUM_ROWS] = {"vacuum_rows", UNIT_COUNT},
    [FACT_ANALYZE] = {"analyze", UNIT_TIME},
    [FACT_CONNECTION_USER] = {"connection_user", UNIT_COUNT},
    [FACT_CONNECTION_DATABASE] = {"connection_database", UNIT_COUNT},
    [FACT_CONNECTION_APPLICATION] = {"connection_application", UNIT_COUNT},
    [FACT_CONNECTION_HOST] = {"connection_host", UNIT_COUNT},
    [FACT_SESSION] = {"session", UNIT_TIME},
    [FACT_ERROR] = {"error", UNIT_COUNT},
    [FACT_SERVER] = {"server", UNIT_COUNT},
    [FACT_PLAN_UNREAD] = {"plan_unread", UNIT_COUNT},
    [FACT_DDL] = {"ddl", UNIT_TIME},
};

void batch_init(batch *b, size_t max_bytes)
{
    *b = (batch){0};
    arena_init(&b->arena, max_bytes);
}

/* Empties it and keeps its room. */
static void clear_slots(slot_table *t)
{
    if (t->n > 0) {
        memset(t->slots, 0, t->n * sizeof *t->slots);
    }
}

void batch_reset(batch *b)
{
    batch kept = *b;
    *b = (batch){.events = kept.events,
                 .cap_events = kept.cap_events,
                 .whos = kept.whos,
                 .cap_whos = kept.cap_whos,
                 .who_slots = kept.who_slots,
                 .measured = kept.measured,
                 .cap_measured = kept.cap_measured,
                 .attributes = kept.attributes,
                 .cap_attributes = kept.cap_attributes,
                 .attribute_slots = kept.attribute_slots,
                 .facts = kept.facts,
                 .cap_facts = kept.cap_facts,
                 .aliases = kept.aliases,
                 .cap_aliases = kept.cap_aliases,
                 .arena = kept.arena};
    arena_reset(&b->arena);
    clear_slots(&b->who_slots);
    clear_slots(&b->attribute_slots);
}

void batch_free(batch *b)
{
    free(b->events);
    free(b->whos);
    free(b->who_slots.slots);
    free(b->measured);
    free(b->attributes);
    free(b->attribute_slots.slots);
    free(b->facts);
    free(b->aliases);
    arena_free(&b->arena);
    *b = (batch){0};
}

/* An array twice as large, or NULL with `out_of_memory` set and the old one kept. */
static void *grown(batch *b, void *array, uint32_t *cap, uint32_t first, size_t size)
{
    uint32_t more = *cap == 0 ? first : *cap * 2;
    void *p = realloc(array, (size_t)more * size);
    if (p == NULL) {
        b->out_of_memory = true;
        return NULL;
    }
    *cap = more;
    return p;
}

event *batch_add_event(batch *b)
{
    if (b->n_events == b->cap_events) {
        event *events = grown(b, b->events, &b->cap_events, FIRST_EVENTS, sizeof *events);
        if (events == NULL) {
            return NULL;
        }
        b->events = events;
    }
    event *e = &b->events[b->n_events++];
    *e = (event){
        .first_measured = b->n_measured, .first_fact = b->n_facts, .first_alias = b->n_aliases};
    return e;
}

void batch_add_measured(batch *b, uint32_t id, uint64_t value)
{
    if (b->n_measured == b->cap_measured) {
        measured *all = grown(b, b->measured, &b->cap_measured, FIRST_MEASURED, sizeof *all);
        if (all == NULL) {
            return;
        }
        b->measured = all;
    }
    b->measured[b->n_measured++] = (measured){.id = id, .value = value};
    b->events[b->n_events - 1].n_measured++;
}

void batch_add_fact(batch *b, fact_id id, slice subject, uint64_t value)
{
    if (b->n_facts == b->cap_facts) {
        fact *all = grown(b, b->facts, &b->cap_facts, FIRST_FACTS, sizeof *all);
        if (all == NULL) {
            return;
        }
        b->facts = all;
    }
    b->facts[b->n_facts++] = (fact){.id = id, .subject = subject, .value = value};
    b->events[b->n_events - 1].n_facts++;
}

void batch_add_alias(batch *b, const char *kind, slice value)
{
    if (b->n_aliases == b->cap_aliases) {
        query_alias *all = grown(b, b->aliases, &b->cap_aliases, FIRST_ALIASES, sizeof *all);
        if (all == NULL) {
            return;
        }
        b->aliases = all;
    }
    b->aliases[b->n_aliases++] = (query_alias){.kind = kind, .value = value};
    b->events[b->n_events - 1].n_aliases++;
}

void batch_add_fact_of(batch *b, fact_id id, slice subject, slice statement, bool truncated)
{
    uint32_t before = b->n_facts;
    batch_add_fact(b, id, subject, 0);
    if (b->n_facts > before) {
        b->facts[before].statement = statement;
        b->facts[before].truncated = truncated;
    }
}

/* Text up to the NUL, which goes with it; false where there is none. */
static bool take_terminated(slice *packed, slice *text)
{
    const char *end = packed->n > 0 ? memchr(packed->p, '\0', packed->n) : NULL;
    if (end == NULL) {
        return false;
    }
    *text = slice_between(packed->p, end);
    *packed = slice_skip(*packed, text->n + 1);
    return true;
}

bool tag_take(slice *packed, slice *key, slice *value)
{
    return take_terminated(packed, key) && take_terminated(packed, value);
}

void tag_add(buf *packed, slice key, slice value)
{
    buf_add(packed, key);
    buf_add_char(packed, '\0');
    buf_add(packed, value);
    buf_add_char(packed, '\0');
}

static bool who_equal(const who *a, const who *b)
{
    return slice_equal(a->user, b->user) && slice_equal(a->database, b->database) &&
           slice_equal(a->application, b->application) && slice_equal(a->host, b->host) &&
           slice_equal(a->tags, b->tags);
}

static uint64_t who_hash(const who *w)
{
    uint64_t h = mix64(hash_bytes(w->database), hash_bytes(w->user));
    h = mix64(mix64(h, hash_bytes(w->application)), hash_bytes(w->host));
    return w->tags.n > 0 ? mix64(h, hash_bytes(w->tags)) : h;
}

/* Room for one more of `items`, whose hashes are `hash_of`'s. */
static bool grow_slots(batch *b, slot_table *t, uint32_t items,
                       uint64_t (*hash_of)(const batch *b, uint32_t i))
{
    if (items * 2 < t->n) {
        return true;
    }
    uint32_t n = t->n == 0 ? FIRST_SLOTS : t->n * 2;
    uint32_t *slots = calloc(n, sizeof *slots);
    if (slots == NULL) {
        b->out_of_memory = true;
        return false;
    }
    for (uint32_t i = 0; i < items; i++) {
        uint64_t at = hash_of(b, i);
        while (slots[at & (n - 1)] != 0) {
            at++;
        }
        slots[at & (n - 1)] = i + 1;
    }
    free(t->slots);
    *t = (slot_table){.slots = slots, .n = n};
    return true;
}

static uint64_t hash_of_who(const batch *b, uint32_t i)
{
    return who_hash(&b->whos[i]);
}

uint32_t batch_who(batch *b, const who *w)
{
    /* Neighbouring records are often of one session. */
    if (b->last_who < b->n_whos && who_equal(&b->whos[b->last_who], w)) {
        return b->last_who;
    }
    if (!grow_slots(b, &b->who_slots, b->n_whos, hash_of_who)) {
        return 0;
    }
    uint64_t at = who_hash(w);
    for (;; at++) {
        uint32_t *slot = &b->who_slots.slots[at & (b->who_slots.n - 1)];
        if (*slot != 0) {
            if (who_equal(&b->whos[*slot - 1], w)) {
                return b->last_who = *slot - 1;
            }
            continue;
        }
        if (b->n_whos == b->cap_whos) {
            who *whos = grown(b, b->whos, &b->cap_whos, FIRST_WHOS, sizeof *whos);
            if (whos == NULL) {
                return 0;
            }
            b->whos = whos;
        }
        b->whos[b->n_whos++] = *w;
        *slot = b->n_whos;
        return b->last_who = b->n_whos - 1;
    }
}

static uint64_t attribute_hash(const log_attribute *a)
{
    return mix64(hash_bytes(a->name), a->unit);
}

static uint64_t hash_of_attribute(const batch *b, uint32_t i)
{
    return attribute_hash(&b->attributes[i]);
}

uint32_t batch_attribute(batch *b, slice name, measure_unit unit)
{
    log_attribute wanted = {.name = name, .unit = unit};
    if (!grow_slots(b, &b->attribute_slots, b->n_attributes, hash_of_attribute)) {
        return MEASURE_COUNT;
    }
    for (uint64_t at = attribute_hash(&wanted);; at++) {
        uint32_t *slot = &b->attribute_slots.slots[at & (b->attribute_slots.n - 1)];
        if (*slot != 0) {
            const log_attribute *found = &b->attributes[*slot - 1];
            if (found->unit == unit && slice_equal(found->name, name)) {
                return MEASURE_COUNT + *slot - 1;
            }
            continue;
        }
        if (b->n_attributes == b->cap_attributes) {
            log_attribute *all =
                grown(b, b->attributes, &b->cap_attributes, FIRST_ATTRIBUTES, sizeof *all);
            if (all == NULL) {
                return MEASURE_COUNT;
            }
            b->attributes = all;
        }
        b->attributes[b->n_attributes++] = wanted;
        *slot = b->n_attributes;
        return MEASURE_COUNT + b->n_attributes - 1;
    }
}

void batch_skip(batch *b, skip_reason reason, uint32_t line, uint64_t bytes)
{
    skipped *s = &b->skipped[reason];
    if (s->count++ == 0) {
        s->first_line = line;
    }
    s->bytes += bytes;
    if (line < b->n_skips) {
        b->skips[line] = (uint8_t)reason;
    }
}
