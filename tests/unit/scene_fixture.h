/* scene_fixture.h - what the tests of analysers that judge figures share: a store in memory whose
 * rows the test writes itself, so that all numbers that it expects are its own. */
#ifndef QLOG_TESTS_SCENE_FIXTURE_H
#define QLOG_TESTS_SCENE_FIXTURE_H

#include "analysers/analysis.h"
#include "base/histogram.h"
#include "store_fixture.h"

enum { OTHER_QUERY = 99, SECOND = 1000 * 1000, MS = 1000 };
static const int64_t FIRST_AT = 1795096800000000; /* 2026-11-19 14:00:00 UTC */

typedef struct scene {
    store *s;
    arena memory;
    finding *found;
    uint32_t n;
} scene;

static inline void scene_run(scene *c, const char *sql, const char *text, const char *more)
{
    sqlite3_stmt *q = NULL;
    assert_int_equal(sqlite3_prepare_v2(store_connection(c->s), sql, -1, &q, NULL), SQLITE_OK);
    if (text != NULL) {
        sqlite3_bind_text(q, 1, text, -1, SQLITE_STATIC);
    }
    if (more != NULL) {
        sqlite3_bind_text(q, 2, more, -1, SQLITE_STATIC);
    }
    assert_int_equal(sqlite3_step(q), SQLITE_DONE);
    sqlite3_finalize(q);
}

__attribute__((format(printf, 4, 5))) static inline void
scene_add(scene *c, const char *text, const char *more, const char *sql, ...)
{
    char line[1024];
    va_list args;
    va_start(args, sql);
    vsnprintf(line, sizeof line, sql, args);
    va_end(args);
    scene_run(c, line, text, more);
}

/* A query with its calls and their time in all; no time where it is negative. */
static inline void scene_query(scene *c, unsigned id, const char *engine, const char *verb,
                               const char *text)
{
    scene_add(c, verb, text,
              "INSERT INTO fingerprints SELECT %u, '%s', ?1, ?2 WHERE NOT EXISTS"
              " (SELECT 1 FROM fingerprints WHERE fingerprint = %u)",
              id, engine, id);
}

static inline void scene_measure_of(scene *c, unsigned id, const char *application,
                                    const char *name, int64_t n, int64_t sum, int64_t max)
{
    scene_add(c, application, name,
              "INSERT INTO measures VALUES ('s', x'01', 0, %u, '', '', ?1, ?2, %lld, %lld, 0,"
              " %lld, x'')",
              id, (long long)n, (long long)sum, (long long)max);
}

static inline void scene_measure(scene *c, unsigned id, const char *name, int64_t n, int64_t sum,
                                 int64_t max)
{
    scene_measure_of(c, id, "", name, n, sum, max);
}

static inline void scene_calls(scene *c, unsigned id, int64_t calls, int64_t time)
{
    scene_add(c, NULL, NULL,
              "INSERT INTO digest VALUES ('s', x'01', 0, %u, '', '', '', %lld, %lld, 0, %lld,"
              " %lld, x'')",
              id, (long long)calls, (long long)calls, (long long)FIRST_AT,
              (long long)(FIRST_AT + 60 * SECOND));
    if (time < 0) {
        return;
    }
    scene_measure(c, id, "query_time", calls, time, time);
    scene_add(c, NULL, NULL,
              "INSERT INTO examples VALUES ('s', x'01', 0, %u, %lld, %u, %u, %lld, '', '', '',"
              " '')",
              id, (long long)time, id * 100, id + 7, (long long)FIRST_AT);
}

static inline void scene_fact(scene *c, unsigned id, const char *kind, const char *subject,
                              int64_t n, int64_t sum, int64_t at)
{
    scene_add(c, kind, subject,
              "INSERT INTO server_facts VALUES ('s', x'01', 0, ?1, ?2, %u, %lld, %lld, 0, %lld,"
              " %lld, %lld)",
              id, (long long)n, (long long)sum, (long long)sum, (long long)at, (long long)at);
}

static inline void scene_plan(scene *c, unsigned id, unsigned plan, const char *shape,
                              int64_t calls, int64_t time, int64_t first_at, int64_t last_at)
{
    scene_add(c, shape, NULL,
              "INSERT INTO plan_shapes SELECT %u, ?1 WHERE NOT EXISTS"
              " (SELECT 1 FROM plan_shapes WHERE plan = %u)",
              plan, plan);
    scene_add(c, NULL, NULL,
              "INSERT INTO plans VALUES ('s', x'01', 0, %u, %u, %lld, %lld, 0, %lld, %lld, %lld)",
              id, plan, (long long)calls, (long long)time, (long long)time, (long long)first_at,
              (long long)last_at);
}

/* One source, whose other query takes `rest` us in all. */
static inline scene scene_open(int64_t rest)
{
    scene c = {.s = store_in_memory()};
    arena_init(&c.memory, 64 * 1024 * 1024);
    scene_add(&c, NULL, NULL,
              "INSERT INTO segments(source, segment, head, engine, format, detail, detail_inferred,"
              " role, bytes, lines, tail, events, event_bytes, other_bytes, first_at, last_at,"
              " clock_resolution, zone, zone_offset, unknown_zone, orphans, evicted)"
              " VALUES ('s', x'01', x'02', 'mysql', 'f', '', 0, '', 1000, 10, x'03', 10, 1000, 0,"
              " %lld, %lld, 1, 'UTC', 0, 0, 0, 0)",
              (long long)FIRST_AT, (long long)(FIRST_AT + 60 * SECOND));
    scene_add(&c, NULL, NULL, "INSERT INTO ledger VALUES ('s', x'01', 'slow.log', 1)");
    scene_query(&c, OTHER_QUERY, "mysql", "SELECT", "SELECT a FROM other WHERE id = ?");
    scene_calls(&c, OTHER_QUERY, 10, rest);
    return c;
}

/* Looks for findings of one kind. */
static inline void scene_analyse(scene *c, finding_kind kind)
{
    status st = {0};
    analysis_request request = analysis_request_default();
    request.kinds = (uint64_t)1 << kind;
    assert_true(analyse(c->s, &request, &c->memory, &c->found, &c->n, &st));
}

static inline void scene_close(scene *c)
{
    arena_free(&c->memory);
    store_close(c->s);
}

/* How many findings of the kind there are; the scene is closed. */
static inline uint32_t scene_count(scene *c, finding_kind kind)
{
    scene_analyse(c, kind);
    uint32_t n = c->n;
    scene_close(c);
    return n;
}

static inline int64_t evidence_number(const finding *f, const char *name)
{
    const value *v = value_get(f->evidence, slice_from(name));
    assert_non_null(v);
    return v->integer;
}

static inline void assert_text(slice text, const char *want)
{
    if (!slice_is(text, want)) {
        fail_msg("'%.*s' is not '%s'", (int)text.n, text.p, want);
    }
}

#endif
