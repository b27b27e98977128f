/* tagging.c - see tagging.h. */
#include "pipeline/tagging.h"

#include "base/hash.h"
#include "normalise/tags.h"

static bool has_comment(slice statement)
{
    slice rest = statement;
    const char *slash;
    while (rest.n > 1 && (slash = memchr(rest.p, '/', rest.n - 1)) != NULL) {
        if (slash[1] == '*') {
            return true;
        }
        rest = slice_between(slash + 1, rest.p + rest.n);
    }
    return false;
}

static bool is_kept(slice key, const name_list *more)
{
    static const char *const common[] = {"action",    "application", "controller", "db_driver",
                                         "framework", "job",         "route"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++) {
        if (slice_is(key, common[i])) {
            return true;
        }
    }
    for (uint32_t i = 0; i < more->n; i++) {
        const char *item = more->items[i];
        size_t n = strcspn(item, "=");
        if (slice_equal(key, slice_of(item, n))) {
            return true;
        }
    }
    return false;
}

/* What says of which request a statement is, the most certain first. Only whether two are of the
 * same is looked at: no id is kept. */
static uint32_t request_of(const sql_tag *tags, size_t n)
{
    static const char *const keys[] = {"traceparent",  "trace_id",     "request_id",
                                       "x_request_id", "x-request-id", "correlation_id"};
    enum { VERSION = 3, TRACE = 32 }; /* 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01 */
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
        for (size_t i = 0; i < n; i++) {
            if (!slice_is(tags[i].key, keys[k])) {
                continue;
            }
            bool trace = k == 0 && tags[i].value.n > VERSION + TRACE;
            slice id = trace ? slice_of(tags[i].value.p + VERSION, TRACE) : tags[i].value;
            uint32_t hash = (uint32_t)hash_bytes(id);
            return hash + (hash == 0);
        }
    }
    return 0;
}

/* By insertion: there are few, and each key is there once. */
static void sort_by_key(sql_tag *tags, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        sql_tag tag = tags[i];
        size_t at = i;
        for (; at > 0 && slice_compare(tags[at - 1].key, tag.key) > 0; at--) {
            tags[at] = tags[at - 1];
        }
        tags[at] = tag;
    }
}

/* Without what cannot be packed. */
static slice before_nul(slice text)
{
    const char *nul = text.n > 0 ? memchr(text.p, '\0', text.n) : NULL;
    return nul != NULL ? slice_between(text.p, nul) : text;
}

/* Packed in the arena; empty where there are none, and where memory is out. */
static slice pack(const sql_tag *tags, size_t n, arena *a)
{
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        size += tags[i].key.n + tags[i].value.n + 2;
    }
    char *packed = arena_alloc(a, size);
    size_t at = 0;
    for (size_t i = 0; packed != NULL && i < n; i++) {
        const slice parts[] = {tags[i].key, before_nul(tags[i].value)};
        for (int k = 0; k < 2; k++) {
            memcpy(packed + at, parts[k].p, parts[k].n);
            at += parts[k].n;
            packed[at++] = '\0';
        }
    }
    return packed != NULL ? slice_of(packed, at) : (slice){0};
}

void tag_event(const normaliser *n, const name_list *more, event *e, batch *b)
{
    sql_tag tags[SQL_TAGS_MAX];
    if (n->dialect == NULL || !has_comment(e->text)) {
        return;
    }
    size_t found = sql_tags_read(n->dialect, e->text, &b->arena, tags);
    size_t kept = 0;
    e->request = request_of(tags, found);
    for (size_t i = 0; i < found; i++) {
        if (is_kept(tags[i].key, more)) {
            tags[kept++] = tags[i];
        }
    }
    if (kept > 0) {
        sort_by_key(tags, kept);
        who w = b->whos[e->who];
        w.tags = pack(tags, kept, &b->arena);
        e->who = batch_who(b, &w);
    }
}
