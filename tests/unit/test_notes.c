/* test_notes.c - words on the texts of queries that cost something. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysers/notes.h"
#include "report/build.h"
#include "scene_fixture.h"

enum { NOTED = 10 };

static void each_smell_has_its_word(void **state)
{
    (void)state;
    static const struct {
        const char *text, *word;
    } cases[] = {
        {"SELECT * FROM t", "all columns"},
        {"SELECT a FROM t WHERE lower(b) = ?", "a function to a column"},
        {"SELECT a FROM t ORDER BY random() LIMIT ?", "sorts all rows"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        arena a;
        sql_facts facts;
        slice notes[NOTES_MAX];
        arena_init(&a, 1 << 20);
        sql_facts_read(normaliser_find("postgresql")->dialect, slice_from(cases[i].text), &a,
                       &facts);
        assert_int_equal(notes_read(&(noted){.smells = facts.smells}, &a, notes), 1);
        assert_non_null(strstr(notes[0].p, cases[i].word));
        arena_free(&a);
    }
}

static void what_executions_asked_for_has_its_word(void **state)
{
    (void)state;
    arena a;
    slice notes[NOTES_MAX];
    arena_init(&a, 1 << 20);
    assert_int_equal(notes_read(&(noted){.patterns = 7, .longest_list = 99}, &a, notes), 0);
    assert_int_equal(notes_read(&(noted){.patterns = 7, .wildcards = 3}, &a, notes), 1);
    assert_non_null(strstr(notes[0].p, "begins with a wildcard in 3 of 7 executions"));
    assert_int_equal(notes_read(&(noted){.longest_list = 1234}, &a, notes), 1);
    assert_non_null(strstr(notes[0].p, "up to 1,234 values"));
    assert_int_equal(
        notes_read(&(noted){.smells = UINT_MAX, .wildcards = 1, .longest_list = 100}, &a, notes),
        NOTES_MAX);
    arena_free(&a);
}

static const model_query *query_of(const model *m, uint64_t id)
{
    for (uint32_t i = 0; i < m->n_queries; i++) {
        if (m->queries[i].id == id) {
            return &m->queries[i];
        }
    }
    return NULL;
}

/* Ten queries of ten seconds lead; of those behind them one takes a hundredth of all. */
static void what_costs_little_has_no_notes(void **state)
{
    (void)state;
    enum { HUNDREDTH = NOTED + 1, LESS = NOTED + 2, CATALOGUE = 1 };
    scene c = scene_open(0);
    for (unsigned id = 1; id <= LESS; id++) {
        scene_query(&c, id, "postgresql", "SELECT",
                    id == CATALOGUE ? "SELECT * FROM pg_class" : "SELECT * FROM t");
        scene_calls(&c, id, 1, id <= NOTED ? 10 * SECOND : id == HUNDREDTH ? 1100 * MS : 900 * MS);
    }
    model m;
    status st = {0};
    assert_true(model_build(c.s, &(model_request){0}, &m, &st));
    for (unsigned id = 1; id <= LESS; id++) {
        const model_query *q = query_of(&m, id);
        assert_non_null(q);
        assert_int_equal(q->n_notes, id != CATALOGUE && id != LESS);
    }
    model_free(&m);
    scene_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_smell_has_its_word),
        cmocka_unit_test(what_executions_asked_for_has_its_word),
        cmocka_unit_test(what_costs_little_has_no_notes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
