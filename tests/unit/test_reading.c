/* test_reading.c - wrapped logs: pieces become messages again, and everything stays in its place.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "input/reading.h"
#include "parsers/mysql/slowlog.h"
#include "parsers/postgres/stderr.h"

enum { MEMORY = 16 * 1024 * 1024 };

static arena memory;

static int begin(void **state)
{
    (void)state;
    arena_init(&memory, MEMORY);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(&memory);
    return 0;
}

static unwrapped undo(const transport *t, const char *program, const char *log)
{
    wrapping layer = {.transport = t, .year = 2026, .first_month = 12};
    unwrapped u;
    if (program != NULL) {
        layer.program = slice_from(program);
    }
    assert_true(unwrap(&layer, 1, NULL, slice_from(log), &memory, &u));
    return u;
}

static void assert_text(const unwrapped *u, const char *want)
{
    if (!slice_is(u->text, want)) {
        fail_msg("got:\n%.*s\nwant:\n%s", (int)u->text.n, u->text.p, want);
    }
}

#define AT "2026-11-19T14:03:07Z db1 "

/* --- pieces -------------------------------------------------------------------------------- */

static void lines_of_processes_between_each_other_are_put_together(void **state)
{
    (void)state;
    unwrapped u = undo(&transport_syslog, "postgres",
                       AT "postgres[1]: [7-1] LOG:  a\n" AT "postgres[2]: [3-1] LOG:  x\n" AT
                          "postgres[1]: [7-2] #011b\n" AT "cron[9]: other\n" AT
                          "postgres[2]: [3-2] #011y\n" AT "postgres[1]: [8-1] LOG:  c\n");
    assert_text(&u, "LOG:  a\n\tb\nLOG:  x\n\ty\nLOG:  c\n");
    const uint32_t lines[] = {0, 2, 1, 4, 5};
    const bool begins[] = {true, false, true, false, true};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(u.lines[i].line, lines[i]);
        assert_int_equal(u.lines[i].begins, begins[i]);
    }
    assert_int_equal(u.foreign.count + u.headless.count, 0);
}

static void a_full_piece_that_broke_within_a_word_goes_on_in_the_next(void **state)
{
    (void)state;
    char log[4096];
    char word[901];
    memset(word, 'w', 900);
    word[900] = '\0';
    snprintf(log, sizeof log,
             AT "postgres[1]: [7-1] %s\n" AT "postgres[1]: [7-2] end\n" AT
                "postgres[1]: [8-1] %s\n" AT "postgres[1]: [8-2]  blank\n" AT
                "postgres[1]: [9-1] short\n" AT "postgres[1]: [9-2] line\n",
             word, word);
    unwrapped u = undo(&transport_syslog, NULL, log);
    char want[4096];
    snprintf(want, sizeof want, "%send\n%s\n blank\nshort\nline\n", word, word);
    assert_text(&u, want);
}

static void a_piece_without_its_beginning_is_skipped_and_counted(void **state)
{
    (void)state;
    unwrapped u = undo(&transport_syslog, NULL,
                       AT "postgres[1]: [7-2] lost\n" AT "postgres[1]: [8-1] LOG:  a\n"
                          "what is this\n");
    assert_text(&u, "LOG:  a\n");
    assert_int_equal(u.headless.count, 1);
    assert_int_equal(u.headless.first_line, 0);
    assert_int_equal(u.foreign.count, 1);
    assert_int_equal(u.foreign.first_line, 2);
    assert_int_equal(u.foreign.bytes, strlen("what is this\n"));
}

static void lines_of_other_programs_are_left_out_and_counted(void **state)
{
    (void)state;
    unwrapped u = undo(&transport_syslog, "postgres",
                       AT "cron[9]: other\n" AT "postgres[1]: [7-1] LOG:  a\n" AT "sshd[3]: x\n");
    assert_text(&u, "LOG:  a\n");
    assert_int_equal(u.others.count, 2);
    assert_int_equal(u.others.first_line, 0);
    assert_int_equal(u.others.bytes, strlen(AT "cron[9]: other\n" AT "sshd[3]: x\n"));
    assert_int_equal(u.foreign.count + u.headless.count, 0);
}

static void what_is_too_far_from_its_beginning_is_not_joined_to_it(void **state)
{
    (void)state;
    for (int between = NEAR_LINES - 1; between <= NEAR_LINES; between++) {
        buf log;
        buf_init(&log, MEMORY);
        buf_add_text(&log, AT "postgres[1]: [7-1] a\n");
        for (int i = 0; i < between; i++) {
            buf_printf(&log, AT "postgres[%d]: [1-1] x\n", i + 2);
        }
        buf_add_text(&log, AT "postgres[1]: [7-2] b\n");
        unwrapped u = undo(&transport_syslog, NULL, log.p);
        assert_int_equal(u.headless.count, between == NEAR_LINES ? 1 : 0);
        buf_free(&log);
    }
}

static void lines_of_hosts_between_each_other_are_put_together(void **state)
{
    (void)state;
    unwrapped u = undo(&transport_syslog, "postgres",
                       "2026-11-19T14:03:07Z db1 postgres: [7-1] a\n"
                       "2026-11-19T14:03:07Z db2 postgres: [3-1] x\n"
                       "2026-11-19T14:03:07Z db1 postgres: [7-2] b\n");
    assert_text(&u, "a\nb\nx\n");
    assert_false(u.lines[0].has_process);
}

static void a_mark_of_the_encoding_is_no_part_of_the_log(void **state)
{
    (void)state;
    unwrapped u = undo(&transport_stamp, NULL, "\xef\xbb\xbf" AT "\n");
    assert_text(&u, "db1 \n");
    assert_int_equal(u.lines[0].from, 0);
    assert_int_equal(u.lines[0].bytes, strlen(AT) + 4);
}

static void a_long_line_of_the_journal_ends_where_it_ends(void **state)
{
    (void)state;
    char log[4096];
    char word[896];
    status st = {0};
    format within;
    format_options options = {.prefix = SLICE("%m [%p] ")};
    wrapping layer = {.transport = &transport_journal};
    unwrapped u;
    memset(word, 'w', 895);
    word[895] = '\0';
    memcpy(word, "2026-11-19 14:03:07.123 UTC [1] LOG:  ", 38);
    snprintf(log, sizeof log,
             "{\"__REALTIME_TIMESTAMP\":\"1\",\"_PID\":\"1\",\"MESSAGE\":\"%s\"}\n"
             "{\"__REALTIME_TIMESTAMP\":\"1\",\"_PID\":\"1\",\"MESSAGE\":\"x\"}\n",
             word);
    assert_true(postgres_stderr.prepare(slice_from(word), &options, &memory, &within, &st));
    assert_true(unwrap(&layer, 1, &within, slice_from(log), &memory, &u));
    assert_int_equal(u.n_lines, 2);
    assert_false(u.lines[1].begins);
}

static void container_parts_are_one_line(void **state)
{
    (void)state;
    unwrapped u =
        undo(&transport_cri, "stderr",
             "2026-11-19T14:03:07Z stderr P SEL\n2026-11-19T14:03:07Z stdout F other\n"
             "2026-11-19T14:03:08Z stderr F ECT 1\n2026-11-19T14:03:08Z stderr F \tFROM t\n");
    assert_text(&u, "SELECT 1\n\tFROM t\n");
    assert_int_equal(
        u.lines[0].bytes,
        strlen("2026-11-19T14:03:07Z stderr P SEL\n2026-11-19T14:03:08Z stderr F ECT 1\n"));
    assert_int_equal(u.lines[1].line, 3);
}

static void a_detail_beside_the_text_becomes_a_line_with_the_text_s_beginning(void **state)
{
    (void)state;
    unwrapped u = undo(
        &transport_azure, NULL,
        "{\"category\":\"c\",\"time\":\"t\",\"properties\":{\"errorLevel\":\"LOG\",\"message\":"
        "\"12:00 [1] LOG:  execute x: SELECT $1\",\"detail\":\"parameters: $1 = 'a'\"}}\n"
        "{\"category\":\"c\",\"time\":\"t\",\"properties\":{\"errorLevel\":\"ERROR\",\"prefix\":"
        "\"12:01 [2] \",\"message\":\"no\\nway\"}}\n");
    assert_text(&u,
                "12:00 [1] LOG:  execute x: SELECT $1\n12:00 [1] DETAIL:  parameters: $1 = 'a'\n"
                "12:01 [2] ERROR:  no\nway\n");
    assert_int_equal(u.lines[1].bytes, 0);
    assert_int_equal(u.lines[3].line, 1);
}

/* --- when ------------------------------------------------------------------------------------- */

static void a_year_begins_where_the_months_begin_again(void **state)
{
    (void)state;
    unwrapped u = undo(&transport_syslog, NULL,
                       "Dec 31 23:59:59 db1 postgres[1]: a\nJan  1 00:00:01 db1 postgres[1]: b\n");
    assert_int_equal(u.lines[0].time, 1798761599LL * 1000000); /* 2026-12-31T23:59:59Z */
    assert_int_equal(u.lines[1].time, 1798761601LL * 1000000);
}

/* --- layers ------------------------------------------------------------------------------------
 */

static void layers_within_each_other_keep_the_outermost_places(void **state)
{
    (void)state;
    static const wrapping layers[] = {{.transport = &transport_cri}, {.transport = &transport_cri}};
    const char *log = "2026-11-19T14:03:09Z stdout F 2026-11-19T14:03:07Z stderr P a\n"
                      "2026-11-19T14:03:09Z stdout P 2026-11-19T14:03:07Z stde\n"
                      "2026-11-19T14:03:09Z stdout F rr F b\n"
                      "2026-11-19T14:03:09Z stdout F 2026-11-19T14:03:08Z stderr F c\n";
    unwrapped u;
    assert_true(unwrap(layers, 2, NULL, slice_from(log), &memory, &u));
    assert_text(&u, "ab\nc\n"); /* a part of the inner layer, then two of the outer one */
    assert_int_equal(u.wrapped_lines, 4);
    assert_int_equal(u.lines[1].line, 3);
    assert_int_equal(u.lines[1].from + u.lines[1].bytes, strlen(log));
    assert_int_equal(u.lines[1].time, 1795096988LL * 1000000); /* the inner layer's */
    assert_int_equal(u.lines[0].bytes + u.lines[1].bytes, strlen(log));
}

/* Whatever its own layer says, a line stands within the message that carried it. */
static void a_wrapped_log_is_not_cut_within_an_outer_message(void **state)
{
    (void)state;
    static const char record[] =
        "2026-11-19T14:03:07Z stderr F 2026-11-19 14:03:07.123 UTC [1] LOG:  x\n";
    reading how = {.layers = {{.transport = &transport_syslog}, {.transport = &transport_cri}},
                   .n_layers = 2};
    format_options options = {.prefix = SLICE("%m [%p] ")};
    status st = {0};
    arena scratch;
    buf log;
    buf_init(&log, MEMORY);
    arena_init(&scratch, MEMORY);
    buf_printf(&log, AT "db: %s                    %s", record, record);
    size_t third = log.n;
    for (int i = 0; i < NEAR_LINES; i++) {
        buf_printf(&log, AT "db: %s", record);
    }
    assert_true(postgres_stderr.prepare(slice_from(record), &options, &memory, &how.format, &st));
    assert_int_equal(reading_cut(&how, buf_slice(&log), CUT_FIRST, &scratch), third);
    arena_free(&scratch);
    buf_free(&log);
}

static void what_each_layer_leaves_out_is_kept_in_order(void **state)
{
    (void)state;
    enum { MANY = 1100 };
    static const wrapping layers[] = {{.transport = &transport_cri, .program = SLICE("stdout")},
                                      {.transport = &transport_cri},
                                      {.transport = &transport_cri}};
    buf log;
    unwrapped u;
    buf_init(&log, MEMORY);
    for (int i = 0; i <= MANY; i++) { /* the first is of the second layer, no other of any */
        buf_printf(&log,
                   "2026-11-19T14:03:07Z stdout P %s\n2026-11-19T14:03:07Z stderr F other\n"
                   "2026-11-19T14:03:07Z stdout F bage\n",
                   i == 0 ? "2026-11-19T14:03:07Z stdout F gar" : "gar");
    }
    assert_true(unwrap(layers, 3, NULL, buf_slice(&log), &memory, &u));
    assert_int_equal(u.n_lost, MANY + 1);
    for (size_t i = 1; i < u.n_lost; i++) {
        assert_true(u.lost[i - 1].from < u.lost[i].from && u.lost[i - 1].end <= u.lost[i].from);
    }
    assert_int_equal(u.lost[MANY].end, log.n);
    buf_free(&log);
}

/* --- what the carrier knows ------------------------------------------------------------------ */

static void the_carrier_s_time_is_taken_only_where_the_format_has_none(void **state)
{
    (void)state;
    static const char log[] =
        AT "db[1]: /usr/sbin/mysqld, Version: 8.0.40 (Source). started with:\n" AT
           "db[1]: Tcp port: 3306  Unix socket: /run/mysqld.sock\n" AT
           "db[1]: Time                 Id Command    Argument\n";
    reading how = {.layers = {{.transport = &transport_syslog}}, .n_layers = 1};
    format_options options = {0};
    status st = {0};
    batch out;
    for (int lacks = 0; lacks <= 1; lacks++) {
        assert_true(mysql_slow.prepare(slice_from(log), &options, &memory, &how.format, &st));
        how.format.lacks = lacks == 1 ? LACKS_TIME : 0;
        assert_true(reading_complete(&how, slice_from(log), &memory));
        batch_init(&out, MEMORY);
        reading_parse(&how, slice_from(log), false, &out);
        assert_int_equal(out.n_events, 1);
        assert_int_equal((out.events[0].has & HAS_TIME) != 0, lacks);
        assert_int_equal(out.events[0].has & HAS_SESSION, HAS_SESSION);
        batch_free(&out);
    }
}

/* --- limits --------------------------------------------------------------------------------- */

static void a_record_of_too_many_lines_is_passed_over_and_counted(void **state)
{
    (void)state;
    enum { LINES = 200 * 1000 };
    reading how = {.layers = {{.transport = &transport_stamp}}, .n_layers = 1};
    format_options options = {.prefix = SLICE("%m [%p] ")};
    status st = {0};
    buf log;
    batch out;
    buf_init(&log, MEMORY);
    batch_init(&out, 4 * 1024 * 1024); /* no room for as many */
    buf_add_text(&log, AT "2026-11-19 14:03:07.123 UTC [1] LOG:  x\n");
    for (int i = 1; i < LINES; i++) {
        buf_add_text(&log, AT "\n");
    }
    assert_true(postgres_stderr.prepare(SLICE(""), &options, &memory, &how.format, &st));
    reading_parse(&how, buf_slice(&log), true, &out);
    assert_false(out.out_of_memory);
    assert_int_equal(out.n_events, 0);
    assert_int_equal(out.lines, LINES);
    assert_int_equal(out.skipped[SKIP_TOO_LONG].bytes, log.n);
    batch_free(&out);
    buf_free(&log);
}

static void the_end_of_a_log_has_no_lines_behind_it_to_wait_for(void **state)
{
    (void)state;
    static const char record[] = AT "db[1]: 2026-11-19 14:03:07.123 UTC [1] LOG:  x\n";
    reading how = {.layers = {{.transport = &transport_syslog}}, .n_layers = 1};
    format_options options = {.prefix = SLICE("%m [%p] ")};
    status st = {0};
    arena scratch;
    char log[4096];
    arena_init(&scratch, MEMORY);
    int first = snprintf(log, sizeof log, "%s" AT "db[1]: #011y\n", record);
    memcpy(log + first, record, sizeof record);
    assert_true(postgres_stderr.prepare(SLICE(""), &options, &memory, &how.format, &st));
    assert_int_equal(reading_cut(&how, slice_from(log), CUT_FIRST, &scratch), 0);
    assert_int_equal(reading_cut_first_at_end(&how, slice_from(log), &scratch), first);
    arena_free(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(lines_of_processes_between_each_other_are_put_together,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_full_piece_that_broke_within_a_word_goes_on_in_the_next,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_piece_without_its_beginning_is_skipped_and_counted, begin,
                                        end),
        cmocka_unit_test_setup_teardown(lines_of_other_programs_are_left_out_and_counted, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_is_too_far_from_its_beginning_is_not_joined_to_it,
                                        begin, end),
        cmocka_unit_test_setup_teardown(lines_of_hosts_between_each_other_are_put_together, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_mark_of_the_encoding_is_no_part_of_the_log, begin, end),
        cmocka_unit_test_setup_teardown(a_long_line_of_the_journal_ends_where_it_ends, begin, end),
        cmocka_unit_test_setup_teardown(container_parts_are_one_line, begin, end),
        cmocka_unit_test_setup_teardown(
            a_detail_beside_the_text_becomes_a_line_with_the_text_s_beginning, begin, end),
        cmocka_unit_test_setup_teardown(a_year_begins_where_the_months_begin_again, begin, end),
        cmocka_unit_test_setup_teardown(a_wrapped_log_is_not_cut_within_an_outer_message, begin,
                                        end),
        cmocka_unit_test_setup_teardown(what_each_layer_leaves_out_is_kept_in_order, begin, end),
        cmocka_unit_test_setup_teardown(the_carrier_s_time_is_taken_only_where_the_format_has_none,
                                        begin, end),
        cmocka_unit_test_setup_teardown(a_record_of_too_many_lines_is_passed_over_and_counted,
                                        begin, end),
        cmocka_unit_test_setup_teardown(the_end_of_a_log_has_no_lines_behind_it_to_wait_for, begin,
                                        end),
        cmocka_unit_test_setup_teardown(layers_within_each_other_keep_the_outermost_places, begin,
                                        end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
