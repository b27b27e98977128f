/* test_transport.c - one line at a time: what each carrier puts round a log's line is told from it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "base/hash.h"
#include "input/transport.h"

/* 2026-11-19 14:03:07 UTC. */
static const int64_t NOON = 1795096987LL * 1000000;

static carried take(const transport *t, const char *line)
{
    carried c;
    if (!t->take(slice_from(line), &c)) {
        fail_msg("not of %s: %s", t->name, line);
    }
    return c;
}

static void assert_text(slice got, const char *want)
{
    if (!slice_is(got, want)) {
        fail_msg("got '%.*s', want '%s'", (int)got.n, got.p, want);
    }
}

static void the_example_of_each_transport_is_of_it_and_carries_text(void **state)
{
    (void)state;
    for (size_t i = 0; transport_registry[i] != NULL; i++) {
        const transport *t = transport_registry[i];
        carried c = take(t, t->example);
        assert_int_equal(c.kind, CARRIED_TEXT);
        assert_true(c.text.n > 0);
    }
}

/* --- syslog --------------------------------------------------------------------------- */

typedef struct syslog_case {
    const char *line;
    const char *program, *text;
    uint32_t piece;
    bool has_process;
    int64_t time;
    int64_t resolution;
} syslog_case;

static void every_form_of_syslog_gives_time_program_process_and_piece(void **state)
{
    (void)state;
    static const syslog_case cases[] = {
        {"2026-11-19T14:03:07+00:00 db1 postgres[47]: [12-1] LOG:  x", "postgres", "LOG:  x", 1,
         true, 0, 1000000},
        {"2026-11-19T15:03:07.123456+01:00 db1 postgres[47]: [12-30] LOG:  x", "postgres",
         "LOG:  x", 30, true, 123456, 1},
        {"2026-11-19T14:03:07+0000 db1 postgres[47]: LOG:  x", "postgres", "LOG:  x", 0, true, 0,
         1000000},
        {"<134>1 2026-11-19T14:03:07.5Z db1 postgres 47 - - [1-2] x", "postgres", "x", 2, true,
         500000, 100000},
        {"<134>1 2026-11-19T14:03:07Z db1 postgres 47 id [a b=\"c\\]d\"][e] [1-2] x", "postgres",
         "x", 2, true, 0, 1000000},
        {"<13>1 2026-11-19T14:03:07Z db1 postgres - - - \xef\xbb\xbfx", "postgres", "x", 0, true, 0,
         1000000},
        {"90 <134>1 2026-11-19T14:03:07Z host app postgres.47 - [YELLOW] [12-1]  x", "postgres",
         " x", 1, true, 0, 1000000},
        {"<134>1 2026-11-19T14:03:07Z db1 postgres 47 - -  [12] x", "postgres", "x", 0, true, 0,
         1000000},
        {"2026-11-19T14:03:07Z db1 postgres[47]: [3] x", "postgres", "x", 0, true, 0, 1000000},
        {"2026-11-19T14:03:07Z db1 postgres[47]: [47] x", "postgres", "[47] x", 0, true, 0,
         1000000},
        {"<134>2026-11-19T14:03:07Z db1 postgres: x", "postgres", "x", 0, false, 0, 1000000},
        {"Thu 2026-11-19 14:03:07 UTC db1 postgres[47]: x", "postgres", "x", 0, true, 0, 1000000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const syslog_case *want = &cases[i];
        carried c = take(&transport_syslog, want->line);
        assert_int_equal(c.kind, CARRIED_TEXT);
        assert_text(c.program, want->program);
        assert_text(c.text, want->text);
        assert_int_equal(c.piece, want->piece);
        assert_int_equal(c.has_process, want->has_process);
        assert_int_equal(c.clock, CLOCK_INSTANT);
        assert_int_equal(c.time, NOON + want->time);
        assert_int_equal(c.resolution, want->resolution);
    }
}

static void a_stamp_of_rfc_3164_has_a_month_and_no_year(void **state)
{
    (void)state;
    carried c = take(&transport_syslog, "Nov  9 14:03:07 db1 postgres[47]: x");
    assert_int_equal(c.clock, CLOCK_NO_YEAR);
    assert_int_equal(c.month, 11);
    assert_int_equal(c.time, (((8 * 24 + 14) * 60 + 3) * 60 + 7) * 1000000LL);
    c = take(&transport_syslog, "<134>Jan 01 00:00:00.25 db1 postgres[47]: x");
    assert_int_equal(c.month, 1);
    assert_int_equal(c.time, 250000);
}

static void what_is_no_syslog_line_is_not_taken_for_one(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "",
        "x",
        "2026-11-19 14:03:07 UTC [47] LOG:  x",
        "2026-11-19T14:03:07Z",
        "2026-11-19T14:03:07Z db1",
        "2026-11-19T14:03:07Z db1 no colon here",
        "2026-11-19T14:03:07Z 2026-11-19 14:03:07.123 UTC [47] LOG:  x",
        "2026-11-19T14:03:07Z db1 a:b",
        "2026-13-19T14:03:07Z db1 postgres[47]: x",
        "Nov 32 14:03:07 db1 postgres[47]: x",
        "Nov 19 24:03:07 db1 postgres[47]: x",
        "Nob 19 14:03:07 db1 postgres[47]: x",
        "<192>1 2026-11-19T14:03:07Z db1 postgres 47 - - x",
        "<134>1 2026-11-19T14:03:07Z db1 postgres",
    };
    carried c;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (transport_syslog.take(slice_from(lines[i]), &c)) {
            fail_msg("taken: %s", lines[i]);
        }
    }
}

static void processes_differ_by_host_and_number(void **state)
{
    (void)state;
    uint64_t a = take(&transport_syslog, "Nov  9 14:03:07 db1 postgres[47]: x").process;
    assert_int_equal(take(&transport_syslog, "Nov  9 14:03:09 db1 postgres[47]: y").process, a);
    assert_int_not_equal(take(&transport_syslog, "Nov  9 14:03:07 db2 postgres[47]: x").process, a);
    assert_int_not_equal(take(&transport_syslog, "Nov  9 14:03:07 db1 postgres[48]: x").process, a);
}

static void journalctl_s_headers_are_nothing_and_its_indented_lines_go_on(void **state)
{
    (void)state;
    carried c = take(&transport_syslog, "-- Journal begins at Mon 2026-11-02 10:00:00 UTC. --");
    assert_int_equal(c.kind, CARRIED_NOTHING);
    c = take(&transport_syslog, "                                    \tFROM orders");
    assert_int_equal(c.kind, CARRIED_CONTINUED);
    assert_text(c.text, "\tFROM orders");
}

/* --- Heroku ---------------------------------------------------------------------------- */

static void logplex_lines_give_the_dyno_s_process_with_and_without_label(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "2026-11-19T14:03:07+00:00 app[postgres.47]: [GREEN] [12-1]  x",
        "2026-11-19T14:03:07+00:00 app[postgres.47]: [12-1]  x",
        "2026-11-19T14:03:07+00:00 d.af28b93f-a129-45a1 app[postgres.47] [AQUA] [12-1]  x",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        carried c = take(&transport_logplex, lines[i]);
        assert_text(c.program, "postgres");
        assert_text(c.text, " x");
        assert_int_equal(c.piece, 1);
        assert_int_equal(c.time, NOON);
    }
}

/* --- containers --------------------------------------------------------------------------- */

static void container_lines_tell_stream_and_whether_they_go_on(void **state)
{
    (void)state;
    carried c = take(&transport_cri, "2026-11-19T14:03:07.123456789Z stderr P SELECT");
    assert_true(c.part);
    assert_text(c.text, "SELECT");
    assert_text(c.program, "stderr");
    assert_int_equal(c.time, NOON + 123456);
    c = take(&transport_cri, "2026-11-19T14:03:07.1Z stdout F ");
    assert_false(c.part);
    assert_int_equal(c.text.n, 0);
    assert_int_equal(take(&transport_cri, "2026-11-19T14:03:07.1Z stdout F").text.n, 0);
    assert_false(transport_cri.take(SLICE("2026-11-19T14:03:07.1Z stdin F x"), &c));

    c = take(&transport_docker,
             "{\"log\":\"a\\\\\\n\",\"stream\":\"stderr\",\"time\":\"2026-11-19T14:03:07Z\"}");
    assert_false(c.part);
    assert_text(c.text, "a\\\\");
    assert_int_equal(c.time, NOON);
}

/* Docker divides lines at 16 KiB; those who send its lines on may leave out the ends of all. */
static void a_docker_line_goes_on_only_where_it_is_full(void **state)
{
    (void)state;
    static char line[20000];
    for (size_t n = 16383; n <= 16384; n++) {
        int at = snprintf(line, sizeof line, "{\"stream\":\"stderr\",\"time\":\"t\",\"log\":\"");
        memset(line + at, 'x', n - 3);
        memcpy(line + (size_t)at + n - 3, "\\\\n\"}", 6); /* a backslash and an n: no line end */
        carried c = take(&transport_docker, line);
        assert_int_equal(c.part, n == 16384);
        assert_int_equal(c.text.n, n);
    }
}

static void a_stamp_is_followed_by_a_blank_or_a_tab(void **state)
{
    (void)state;
    carried c = take(&transport_stamp, "2026-11-19T14:03:07Z\tLOG:  x");
    assert_text(c.text, "LOG:  x");
    assert_int_equal(c.time, NOON);
    assert_text(take(&transport_stamp, "2026-11-19T14:03:07+00:00 \tx").text, "\tx");
    assert_false(transport_stamp.take(SLICE("2026-11-19T14:03:07Zx"), &c));
}

static void names_of_containers_stand_before_the_log_s_own_blanks(void **state)
{
    (void)state;
    carried c = take(&transport_label, "db-1     |   x | y");
    assert_text(c.program, "db-1");
    assert_text(c.text, "  x | y");
    assert_int_equal(take(&transport_label, "db-1  |").text.n, 0);
    c = take(&transport_label, "[pod/db-0/server]  x");
    assert_text(c.program, "[pod/db-0/server]");
    assert_text(c.text, " x");
    static const char *const lines[] = {"", "db-1", "db-1  x | y", "| x", "db-1  |x", "[4711] x"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_false(transport_label.take(slice_from(lines[i]), &c));
    }
}

/* --- clouds ---------------------------------------------------------------------------------- */

static void members_are_found_at_their_own_depth_only(void **state)
{
    (void)state;
    carried c = take(
        &transport_google,
        "{\"labels\":{\"textPayload\":\"no\"},\"a\":[{\"textPayload\":\"no\"}],\"logName\":\"l\","
        "\"textPayload\":\"yes\",\"timestamp\":\"2026-11-19T14:03:07Z\"}");
    assert_text(c.text, "yes");
    assert_int_equal(c.time, NOON);
    c = take(
        &transport_azure,
        "{\"message\":\"no\",\"category\":\"PostgreSQLLogs\",\"time\":\"2026-11-19T14:03:07Z\","
        "\"properties\":{\"message\":\"yes\",\"x\":{\"message\":\"no\"},\"detail\":\"d\","
        "\"errorLevel\":\"LOG\"}}");
    assert_text(c.text, "yes");
    assert_text(c.detail, "d");
    assert_text(c.level, "LOG");
}

static void entries_of_an_array_are_entries(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "{\"textPayload\":\"x\"}",
        "[{\"textPayload\":\"x\"},",
        "{\"textPayload\":\"x\"},",
        "{\"textPayload\":\"x\"}]",
    };
    carried c;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_text(take(&transport_google, lines[i]).text, "x");
    }
    assert_false(transport_google.take(SLICE("[{\"textPayload\":\"x\"},{"), &c));
    assert_false(transport_google.take(SLICE("{\"textPayload\":\"x\""), &c));
}

static void members_on_lines_of_their_own_carry_text_where_they_have_its_name(void **state)
{
    (void)state;
    carried c = take(&transport_members, "    \"textPayload\": \"a\\n\\\"b\",");
    assert_int_equal(c.kind, CARRIED_TEXT);
    assert_true(c.json);
    assert_text(c.text, "a\\n\\\"b");
    assert_text(take(&transport_members, "\t\"MESSAGE\" : \"x\"").text, "x");
    static const char *const others[] = {"[",        "  {",       "  },",
                                         "\"a\": {", "\"a\": 1,", "\"a\": \"b\","};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        assert_int_equal(take(&transport_members, others[i]).kind, CARRIED_NOTHING);
    }
    static const char *const lines[] = {"", "x", "{\"a\":\"LOG:  x\"}", "[4711] LOG:  x"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        assert_false(transport_members.take(slice_from(lines[i]), &c));
    }
}

static void entries_of_other_kinds_are_nothing(void **state)
{
    (void)state;
    assert_int_equal(take(&transport_google, "{\"insertId\":\"1\",\"protoPayload\":{}}").kind,
                     CARRIED_NOTHING);
    assert_int_equal(
        take(&transport_cnpg, "{\"level\":\"info\",\"msg\":\"Checking free disk space\"}").kind,
        CARRIED_NOTHING);
    assert_int_equal(
        take(&transport_azure, "{\"category\":\"c\",\"time\":\"t\",\"properties\":{}}").kind,
        CARRIED_NOTHING);
    assert_int_equal(
        take(&transport_journal, "{\"__REALTIME_TIMESTAMP\":\"1\",\"MESSAGE\":null}").kind,
        CARRIED_NOTHING);
}

static void a_record_in_an_object_is_carried_as_it_stands(void **state)
{
    (void)state;
    carried c =
        take(&transport_cnpg,
             "{\"level\":\"info\",\"msg\":\"record\",\"record\":{\"a\":\"\\n\",\"b\":[1]}}");
    assert_false(c.json);
    assert_text(c.text, "{\"a\":\"\\n\",\"b\":[1]}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_each_transport_is_of_it_and_carries_text),
        cmocka_unit_test(every_form_of_syslog_gives_time_program_process_and_piece),
        cmocka_unit_test(a_stamp_of_rfc_3164_has_a_month_and_no_year),
        cmocka_unit_test(what_is_no_syslog_line_is_not_taken_for_one),
        cmocka_unit_test(processes_differ_by_host_and_number),
        cmocka_unit_test(journalctl_s_headers_are_nothing_and_its_indented_lines_go_on),
        cmocka_unit_test(logplex_lines_give_the_dyno_s_process_with_and_without_label),
        cmocka_unit_test(container_lines_tell_stream_and_whether_they_go_on),
        cmocka_unit_test(a_docker_line_goes_on_only_where_it_is_full),
        cmocka_unit_test(a_stamp_is_followed_by_a_blank_or_a_tab),
        cmocka_unit_test(names_of_containers_stand_before_the_log_s_own_blanks),
        cmocka_unit_test(entries_of_an_array_are_entries),
        cmocka_unit_test(members_on_lines_of_their_own_carry_text_where_they_have_its_name),
        cmocka_unit_test(members_are_found_at_their_own_depth_only),
        cmocka_unit_test(entries_of_other_kinds_are_nothing),
        cmocka_unit_test(a_record_in_an_object_is_carried_as_it_stands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
