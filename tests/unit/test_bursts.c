/* test_bursts.c - which bursts are children, repeats or writes row by row, and which are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "findings_fixture.h"

enum { MS = 1000 };

typedef struct script {
    buf log;
    int64_t at; /* us; the end of the latest statement */
    int digits; /* of a second, that the clock tells */
} script;

static script script_begin(int digits)
{
    return (script){.log = log_begin(), .digits = digits};
}

/* A statement that begins `rest` after the end of the one before. */
__attribute__((format(printf, 4, 5))) static void say(script *s, int64_t rest, int us,
                                                      const char *statement, ...)
{
    char text[256];
    va_list list;
    va_start(list, statement);
    vsnprintf(text, sizeof text, statement, list);
    va_end(list);
    s->at += rest + us;
    timestamp_format(&s->log, BEGIN + s->at, 0, s->digits);
    buf_printf(&s->log, " UTC [7] app@shop LOG:  duration: %d.%03d ms  statement: %s\n", us / MS,
               us % MS, text);
}

static void say_parent(script *s, int limit)
{
    say(s, 5 * SECOND, 2 * MS, "SELECT id FROM orders ORDER BY id LIMIT %d", limit);
}

/* Children of 2 ms with 1 ms between: n take 3 n - 1 ms on the wall. */
static void say_children(script *s, int n)
{
    for (int i = 0; i < n; i++) {
        say(s, MS, 2 * MS, "SELECT name FROM users WHERE id = %d", (int)(s->at / MS));
    }
}

static void say_loops(script *s, int times, int n)
{
    for (int i = 0; i < times; i++) {
        say_parent(s, n);
        say_children(s, n);
    }
}

static bool has(script *s, finding_kind kind)
{
    if (s->digits == 0) {
        analysed r = log_analyse_as(&s->log, SLICE("%t [%p] %u@%d "));
        bool is_there = found(&r, kind) != NULL;
        analysed_free(&r);
        return is_there;
    }
    return log_has(&s->log, kind);
}

static void a_query_for_each_row_of_another_is_found_with_its_cost(void **state)
{
    (void)state;
    script s = script_begin(3);
    say_loops(&s, 3, 20);
    analysed r = log_analyse(&s.log);
    assert_int_equal(r.n, 1);
    const finding *f = found(&r, FINDING_N_PLUS_ONE);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    assert_int_equal(f->n_queries, 2);
    evidence_is(f, "runs", "3");
    evidence_is(f, "db_ms", "120");
    evidence_is(f, "wall_ms", "177");
    evidence_is(f, "calls_saved", "57");
    evidence_is(f, "saving_ms", "168"); /* each but one and a half of the slowest */
    evidence_is(f, "runs_as_long_as_the_parent", "3");
    assert_int_equal(f->line, 2);
    text_is(f->rewrite, "SELECT name FROM users WHERE id = ANY(?)");
    analysed_free(&r);
}

/* Batches are the remedy, and told by the rows of their VALUES. */
static void writes_of_many_rows_are_no_loop(void **state)
{
    (void)state;
    for (int rows = 9; rows <= 10; rows++) {
        script s = script_begin(3);
        for (int i = 0; i < 60; i++) {
            buf text;
            buf_init(&text, TEXT_MAX);
            buf_printf(&text, "INSERT INTO audit(a) VALUES (%d)", i);
            for (int k = 1; k < rows; k++) {
                buf_printf(&text, ", (%d)", i * 10 + k);
            }
            buf_add_char(&text, '\0');
            say(&s, i % 20 == 0 ? 5 * SECOND : MS, 2 * MS, "%s", text.p);
            buf_free(&text);
        }
        assert_int_equal(has(&s, FINDING_ROW_BY_ROW_WRITES), rows < 10);
    }
}

/* A change of a document as MongoDB logs it: by itself and, `in_one` of them, as their command. */
static void say_updates(script *s, int64_t rest, int in_one)
{
    static const char line[] = "{\"t\":{\"$date\":\"%.*s\"},\"s\":\"I\",\"c\":\"%s\",\"id\":51803,"
                               "\"ctx\":\"conn3\",\"msg\":\"Slow query\",\"attr\":{%s,"
                               "\"durationMillis\":%d}}\n";
    buf stamp;
    buf_init(&stamp, TEXT_MAX);
    s->at += rest;
    for (int i = 0; i <= in_one; i++) {
        char what[256] =
            "\"type\":\"command\",\"ns\":\"shop.$cmd\",\"command\":{\"update\":\"orders\","
            "\"ordered\":true,\"$db\":\"shop\"}";
        bool command = i == in_one;
        s->at += command ? MS : 2 * MS;
        if (!command) {
            snprintf(
                what, sizeof what,
                "\"type\":\"update\",\"ns\":\"shop.orders\",\"command\":{\"q\":{\"_id\":%d},\"u\":"
                "{\"$set\":{\"a\":1}},\"multi\":false,\"upsert\":false},\"nModified\":1",
                (int)(s->at / MS));
        }
        buf_clear(&stamp);
        timestamp_format_iso(&stamp, BEGIN + s->at);
        buf_printf(&s->log, line, (int)stamp.n, stamp.p, command ? "COMMAND" : "WRITE", what,
                   command ? 2 * in_one + 1 : 2);
    }
    buf_free(&stamp);
}

static void changes_of_documents_are_counted_by_their_commands(void **state)
{
    (void)state;
    for (int in_one = 1; in_one <= 3; in_one += 2) {
        script s = script_begin(3);
        for (int i = 0; i < 60; i++) {
            say_updates(&s, i % 20 == 0 ? 5 * SECOND : MS, in_one);
        }
        analysed r = log_analyse_as(&s.log, SLICE(""));
        const finding *f = found(&r, FINDING_ROW_BY_ROW_WRITES);
        assert_int_equal(f != NULL, in_one == 1);
        if (f != NULL) {
            evidence_is(f, "runs", "3");
            evidence_is(f, "db_ms", "180"); /* the commands' */
            evidence_is(f, "calls_saved", "57");
        }
        analysed_free(&r);
    }
}

static void say_child_of(script *s, const char *kind, unsigned request)
{
    say(s, MS, 2 * MS,
        "SELECT %s FROM users WHERE id = %d /*traceparent='00-%032x-00f067aa0ba902b7-01'*/", kind,
        (int)(s->at / MS), request);
}

/* As behind a pooler: the sessions of the server are shared by requests that know nothing of each
 * other. */
static void a_burst_is_of_one_request_where_the_statements_tell(void **state)
{
    (void)state;
    script s = script_begin(3);
    for (unsigned i = 0; i < 3; i++) {
        s.at += SECOND;
        for (int k = 0; k < 5; k++) { /* two loops, statement by statement */
            say_child_of(&s, "name", 2 * i + 1);
            say_child_of(&s, "mail", 2 * i + 2);
        }
    }
    analysed r = log_analyse(&s.log);
    assert_int_equal(r.n, 2);
    for (uint32_t i = 0; i < r.n; i++) {
        assert_int_equal(r.findings[i].kind, FINDING_N_PLUS_ONE);
        assert_int_equal(r.findings[i].confidence, CONFIDENCE_LIKELY);
        evidence_is(&r.findings[i], "runs", "3");
        evidence_is(&r.findings[i], "runs_of_one_request", "3");
        evidence_is(&r.findings[i], "runs_with_others_between", "0");
    }
    analysed_free(&r);
}

static void requests_one_behind_the_other_are_no_burst(void **state)
{
    (void)state;
    script s = script_begin(3);
    for (unsigned i = 0; i < 100; i++) {
        say_child_of(&s, "name", i + 1);
    }
    assert_false(has(&s, FINDING_N_PLUS_ONE));
}

/* A clock of whole seconds cannot tell pauses; a request needs none to be told. */
static void a_request_makes_up_for_a_coarse_clock(void **state)
{
    (void)state;
    for (unsigned one = 0; one < 2; one++) {
        script s = script_begin(0);
        for (unsigned i = 0; i < 60; i++) {
            s.at += i % 20 == 0 ? 5 * SECOND : 0;
            if (one) {
                say_child_of(&s, "name", 1 + i / 20);
            } else {
                say_children(&s, 1);
            }
        }
        assert_int_equal(has(&s, FINDING_N_PLUS_ONE), one);
    }
}

static void three_bursts_or_twenty_rounds_are_worth_a_word(void **state)
{
    (void)state;
    static const struct {
        int times, rounds;
        bool is_found;
    } rows[] = {{2, 19, false}, {1, 20, true}, {3, 4, false}, {3, 5, true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        script s = script_begin(3);
        say_loops(&s, rows[i].times, rows[i].rounds);
        assert_int_equal(has(&s, FINDING_N_PLUS_ONE), rows[i].is_found);
    }
}

static void what_is_neither_felt_nor_a_hundredth_of_all_time_is_not_found(void **state)
{
    (void)state;
    static const int rounds[] = {16, 17}; /* 47 and 50 ms on the wall */
    for (size_t i = 0; i < 2; i++) {
        script s = script_begin(3);
        say(&s, 0, 20 * SECOND, "SELECT count(*) FROM history");
        say_loops(&s, 3, rounds[i]);
        assert_int_equal(has(&s, FINDING_N_PLUS_ONE), i == 1);
    }
}

static void say_page(script *s, int kind, int number)
{
    switch (kind) {
    case 0:
        say(s, MS, 2 * MS, "SELECT name FROM users ORDER BY id LIMIT 20 OFFSET %d", number);
        break;
    case 1:
        say(s, MS, 2 * MS, "SELECT name FROM users WHERE id > %d ORDER BY id LIMIT 20", number);
        break;
    default:
        say(s, MS, 2 * MS,
            "SELECT u.name FROM users u JOIN orders o ON o.user_id = u.id ORDER BY u.id LIMIT %d",
            number);
    }
}

static void parts_of_a_result_are_no_children(void **state)
{
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        script s = script_begin(3);
        for (int page = 1; page <= 40; page++) {
            say_page(&s, kind, page * 20);
        }
        assert_false(has(&s, FINDING_N_PLUS_ONE));
    }
}

static void say_same(script *s, int n)
{
    for (int i = 0; i < n; i++) {
        say(s, MS, 2 * MS, "SELECT value FROM settings WHERE name = 'theme'");
    }
}

static void say_writes(script *s, int n)
{
    for (int i = 0; i < n; i++) {
        say(s, MS, 2 * MS, "INSERT INTO events(body) VALUES ('event %d')", i);
    }
}

static void the_same_query_again_and_again_is_another_finding(void **state)
{
    (void)state;
    script s = script_begin(3);
    say_same(&s, 60);
    analysed r = log_analyse(&s.log);
    assert_int_equal(r.n, 1);
    const finding *f = found(&r, FINDING_REPEATED_QUERY);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    evidence_is(f, "runs", "1");
    evidence_is(f, "calls_saved", "59");
    evidence_is(f, "wall_ms", "179");
    analysed_free(&r);
}

static void writes_in_a_loop_are_another_finding(void **state)
{
    (void)state;
    script s = script_begin(3);
    say_writes(&s, 60);
    analysed r = log_analyse(&s.log);
    assert_int_equal(r.n, 1);
    const finding *f = found(&r, FINDING_ROW_BY_ROW_WRITES);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_CERTAIN);
    evidence_is(f, "db_ms", "120");
    analysed_free(&r);
}

static void a_clock_of_seconds_needs_a_parent_for_children(void **state)
{
    (void)state;
    script alone = script_begin(0);
    say_children(&alone, 60);
    assert_false(has(&alone, FINDING_N_PLUS_ONE));
    script s = script_begin(0);
    say_loops(&s, 3, 20);
    analysed r = log_analyse_as(&s.log, SLICE("%t [%p] %u@%d "));
    const finding *f = found(&r, FINDING_N_PLUS_ONE);
    assert_non_null(f);
    assert_int_equal(f->confidence, CONFIDENCE_LIKELY);
    evidence_is(f, "runs", "3");
    evidence_is(f, "wall_ms", "120"); /* no less than in the database */
    analysed_free(&r);
}

/* Of loops behind LIMIT 20, those of 40 are not as long as the parent. */
static void a_parent_whose_number_seldom_fits_tells_nothing(void **state)
{
    (void)state;
    static const int others[] = {3, 4};
    for (size_t i = 0; i < 2; i++) {
        script s = script_begin(0);
        say_loops(&s, 3, 20);
        for (int k = 0; k < others[i]; k++) {
            say_parent(&s, 20);
            say_children(&s, 40);
        }
        assert_int_equal(has(&s, FINDING_N_PLUS_ONE), i == 0);
    }
}

static void a_clock_of_seconds_needs_fifty_repeats_or_writes(void **state)
{
    (void)state;
    for (int n = 49; n <= 50; n++) {
        script same = script_begin(0);
        say_same(&same, n);
        assert_int_equal(has(&same, FINDING_REPEATED_QUERY), n == 50);
        script writes = script_begin(0);
        say_writes(&writes, n);
        assert_int_equal(has(&writes, FINDING_ROW_BY_ROW_WRITES), n == 50);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_for_each_row_of_another_is_found_with_its_cost),
        cmocka_unit_test(writes_of_many_rows_are_no_loop),
        cmocka_unit_test(changes_of_documents_are_counted_by_their_commands),
        cmocka_unit_test(a_burst_is_of_one_request_where_the_statements_tell),
        cmocka_unit_test(requests_one_behind_the_other_are_no_burst),
        cmocka_unit_test(a_request_makes_up_for_a_coarse_clock),
        cmocka_unit_test(three_bursts_or_twenty_rounds_are_worth_a_word),
        cmocka_unit_test(what_is_neither_felt_nor_a_hundredth_of_all_time_is_not_found),
        cmocka_unit_test(parts_of_a_result_are_no_children),
        cmocka_unit_test(the_same_query_again_and_again_is_another_finding),
        cmocka_unit_test(writes_in_a_loop_are_another_finding),
        cmocka_unit_test(a_clock_of_seconds_needs_a_parent_for_children),
        cmocka_unit_test(a_parent_whose_number_seldom_fits_tells_nothing),
        cmocka_unit_test(a_clock_of_seconds_needs_fifty_repeats_or_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
