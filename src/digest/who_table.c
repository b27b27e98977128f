/* who_table.c - see who_table.h. */
#include "digest/who_table.h"

#include <stdlib.h>

#include "base/hash.h"

enum {
    FIRST_CAP = 64,
    NAME_MAX = 256,
    SUBJECT_MAX = 512,
    PACKED_MAX = 64 * 1024,
    ARENA_MAX = 256 * 1024 * 1024
};

void who_table_init(who_table *t)
{
    *t = (who_table){0};
    arena_init(&t->arena, ARENA_MAX);
    buf_init(&t->packed, PACKED_MAX);
}

void who_table_free(who_table *t)
{
    free(t->entries);
    free(t->slots);
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        free(t->values[d].values);
    }
    for (int f = 0; f < FACT_COUNT; f++) {
        free(t->subjects[f].values);
    }
    for (uint32_t i = 0; i < t->n_tags; i++) {
        free(t->tags[i].values.values);
    }
    buf_free(&t->packed);
    arena_free(&t->arena);
    who_table_init(t);
}

static slice *find_value(slice *values, uint32_t cap, slice value)
{
    for (uint64_t at = hash_bytes(value);; at++) {
        slice *slot = &values[at & (cap - 1)];
        if (slot->p == NULL || slice_equal(*slot, value)) {
            return slot;
        }
    }
}

static bool grow_values(value_set *set)
{
    uint32_t cap = set->cap == 0 ? FIRST_CAP : set->cap * 2;
    slice *values = calloc(cap, sizeof *values);
    if (values == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < set->cap; i++) {
        if (set->values[i].p != NULL) {
            *find_value(values, cap, set->values[i]) = set->values[i];
        }
    }
    free(set->values);
    set->values = values;
    set->cap = cap;
    return true;
}

/* The kept copy of a value; `other` where the dimension is full; p == NULL where memory is out. */
static slice keep_value(who_table *t, value_set *set, slice value)
{
    if (value.n == 0) {
        return SLICE("");
    }
    /* The store gives it back among the names; it must not take the place of one. */
    if (slice_is(value, WHO_OTHER)) {
        return SLICE(WHO_OTHER);
    }
    if (set->n * 2 >= set->cap && !grow_values(set)) {
        return (slice){NULL, 0};
    }
    slice *slot = find_value(set->values, set->cap, value);
    if (slot->p == NULL) {
        if (set->n >= WHO_VALUES_MAX) {
            return SLICE(WHO_OTHER);
        }
        slice copy;
        if (!arena_copy(&t->arena, value, &copy)) {
            return (slice){NULL, 0};
        }
        *slot = copy;
        set->n++;
    }
    return *slot;
}

const char *who_dimension_name(who_dimension d)
{
    static const char *const names[WHO_DIMENSIONS] = {[WHO_DATABASE] = "database",
                                                      [WHO_USER] = "user",
                                                      [WHO_APPLICATION] = "application",
                                                      [WHO_HOST] = "host"};
    return names[d];
}

/* NULL where there are too many keys; *ok becomes false where memory is out. */
static value_set *values_of_tag(who_table *t, slice key, bool *ok)
{
    for (uint32_t i = 0; i < t->n_tags; i++) {
        if (slice_equal(t->tags[i].key, key)) {
            return &t->tags[i].values;
        }
    }
    if (t->n_tags == WHO_TAG_KEYS_MAX) {
        return NULL;
    }
    tag_dimension *added = &t->tags[t->n_tags];
    *added = (tag_dimension){0};
    if (!arena_copy(&t->arena, key, &added->key)) {
        *ok = false;
        return NULL;
    }
    t->n_tags++;
    return &added->values;
}

/* Packed again, with the kept values, into the table's scratch; p == NULL where memory is out. */
static slice keep_tags(who_table *t, slice packed)
{
    slice key;
    slice value;
    bool ok = true;
    buf_clear(&t->packed);
    while (ok && tag_take(&packed, &key, &value)) {
        value_set *set = values_of_tag(t, key, &ok);
        if (set != NULL) {
            value = keep_value(t, set, slice_take(value, NAME_MAX));
            ok = value.p != NULL;
            tag_add(&t->packed, key, value);
        }
    }
    return ok && !t->packed.failed ? buf_slice(&t->packed) : (slice){NULL, 0};
}

slice who_table_subject(who_table *t, fact_id id, slice subject)
{
    return keep_value(t, &t->subjects[id], slice_take(subject, SUBJECT_MAX));
}

slice who_table_measure_name(const who_table *t, uint32_t id)
{
    return id < MEASURE_COUNT ? slice_from(measure_kinds[id].name)
                              : t->attributes[id - MEASURE_COUNT];
}

uint32_t who_table_measure(who_table *t, slice name)
{
    uint32_t end = MEASURE_COUNT + t->n_attributes;
    for (uint32_t id = 0; id < end; id++) {
        if (slice_equal(who_table_measure_name(t, id), name)) {
            return id;
        }
    }
    if (t->n_attributes == ATTRIBUTES_MAX || name.n > NAME_MAX) {
        return WHO_LEFT_OUT;
    }
    if (!arena_copy(&t->arena, name, &t->attributes[t->n_attributes])) {
        return UINT32_MAX;
    }
    t->n_attributes++;
    return end;
}

/* NULL where there is no such kind. */
static value_set *subjects_of(who_table *t, slice kind)
{
    for (int f = 0; f < FACT_COUNT; f++) {
        if (slice_is(kind, fact_kinds[f].name)) {
            return &t->subjects[f];
        }
    }
    return NULL;
}

bool who_table_know(who_table *t, slice dimension, slice value)
{
    bool ok = true;
    value_set *set = NULL;
    if (slice_is(dimension, WHO_ATTRIBUTE)) {
        return who_table_measure(t, value) != UINT32_MAX;
    }
    if (slice_starts_with(dimension, SLICE(WHO_TAG))) {
        set = values_of_tag(t, slice_skip(dimension, strlen(WHO_TAG)), &ok);
    } else if (slice_starts_with(dimension, SLICE(WHO_FACT))) {
        set = subjects_of(t, slice_skip(dimension, strlen(WHO_FACT)));
    }
    for (int d = 0; d < WHO_DIMENSIONS; d++) {
        if (slice_is(dimension, who_dimension_name((who_dimension)d))) {
            set = &t->values[d];
        }
    }
    return ok && (set == NULL || keep_value(t, set, value).p != NULL);
}

static bool know_set(who_table *t, value_set *set, const value_set *from)
{
    for (uint32_t i = 0; set != NULL && i < from->cap; i++) {
        if (from->values[i].p != NULL && keep_value(t, set, from->values[i]).p == NULL) {
            return false;
        }
    }
    return true;
}

bool who_table_know_all(who_table *t, const who_table *from)
{
    bool ok = true;
    for (int d = 0; ok && d < WHO_DIMENSIONS; d++) {
        ok = know_set(t, &t->values[d], &from->values[d]);
    }
    for (int f = 0; ok && f < FACT_COUNT; f++) {
        ok = know_set(t, &t->subjects[f], &from->subjects[f]);
    }
    for (uint32_t i = 0; ok && i < from->n_attributes; i++) {
        ok = who_table_measure(t, from->attributes[i]) != UINT32_MAX;
    }
    for (uint32_t i = 0; ok && i < from->n_tags; i++) {
        value_set *set = values_of_tag(t, from->tags[i].key, &ok);
        ok = ok && know_set(t, set, &from->tags[i].values);
    }
    return ok;
}

/* Background workers write their state into their name, as in "worker[3 of 50 busy]": digits
 * within brackets become N, so that a program stays one application. */
static slice fold_counters(slice name, char *scratch)
{
    name = slice_take(name, NAME_MAX);
    if (name.n == 0 || memchr(name.p, '[', name.n) == NULL) {
        return name;
    }
    size_t n = 0;
    int depth = 0;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        depth += (c == '[') - (c == ']' && depth > 0);
        bool digit = c >= '0' && c <= '9';
        if (depth > 0 && digit) {
            if (n == 0 || scratch[n - 1] != 'N') {
                scratch[n++] = 'N';
            }
        } else {
            scratch[n++] = c;
        }
    }
    return slice_of(scratch, n);
}

static bool grow_entries(who_table *t)
{
    uint32_t cap = t->cap == 0 ? FIRST_CAP : t->cap * 2;
    who_entry *entries = realloc(t->entries, cap * sizeof *entries);
    if (entries == NULL) {
        return false;
    }
    t->entries = entries;
    uint32_t *slots = calloc((size_t)cap * 2, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < t->n; i++) {
        uint64_t at = entries[i].hash;
        while (slots[at & (cap * 2 - 1)] != 0) {
            at++;
        }
        slots[at & (cap * 2 - 1)] = i + 1;
    }
    free(t->slots);
    t->slots = slots;
    t->n_slots = cap * 2;
    t->cap = cap;
    return true;
}

uint32_t who_table_add(who_table *t, const who *w, bool *is_new)
{
    *is_new = false;
    char scratch[NAME_MAX];
    who kept = {
        .database = keep_value(t, &t->values[WHO_DATABASE], slice_take(w->database, NAME_MAX)),
        .user = keep_value(t, &t->values[WHO_USER], slice_take(w->user, NAME_MAX)),
        .application =
            keep_value(t, &t->values[WHO_APPLICATION], fold_counters(w->application, scratch)),
        .host = keep_value(t, &t->values[WHO_HOST], slice_take(w->host, NAME_MAX)),
        .tags = keep_tags(t, w->tags)};
    if (kept.database.p == NULL || kept.user.p == NULL || kept.application.p == NULL ||
        kept.host.p == NULL || kept.tags.p == NULL || (t->n == t->cap && !grow_entries(t))) {
        return UINT32_MAX;
    }
    uint64_t hash = mix64(mix64(hash_bytes(kept.database), hash_bytes(kept.user)),
                          mix64(hash_bytes(kept.application), hash_bytes(kept.host)));
    hash = mix64(hash, hash_bytes(kept.tags));
    for (uint64_t at = hash;; at++) {
        uint32_t *slot = &t->slots[at & (t->n_slots - 1)];
        if (*slot == 0) {
            if (!arena_copy(&t->arena, kept.tags, &kept.tags)) {
                return UINT32_MAX;
            }
            t->entries[t->n] = (who_entry){.who = kept, .hash = hash};
            *slot = ++t->n;
            *is_new = true;
            return t->n - 1;
        }
        const who_entry *e = &t->entries[*slot - 1];
        if (e->hash == hash && slice_equal(e->who.database, kept.database) &&
            slice_equal(e->who.user, kept.user) &&
            slice_equal(e->who.application, kept.application) &&
            slice_equal(e->who.host, kept.host) && slice_equal(e->who.tags, kept.tags)) {
            return *slot - 1;
        }
    }
}
