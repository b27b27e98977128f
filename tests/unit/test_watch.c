/* test_watch.c - which statements of a session are a burst, a page, a transaction. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "pipeline/watch.h"

enum { MEMORY = 1 << 24, MS = 1000 };

static const int64_t START = 1795089600000000; /* 2026-11-19 12:00:00 UTC */

/* A session's statements, one after the other. */
typedef struct session {
    watch watch;
    who_table whos;
    evidence evidence;
    arena arena;
    int64_t now;
    uint32_t anna, bert;
    watched next; /* what all statements have in common */
} session;

static uint32_t who_named(session *s, const char *user)
{
    bool is_new;
    return who_table_add(&s->whos, &(who){.user = slice_from(user)}, &is_new);
}

static void begin(session *s)
{
    *s = (session){.now = START};
    watch_init(&s->watch);
    who_table_init(&s->whos);
    arena_init(&s->arena, MEMORY);
    s->anna = who_named(s, "anna");
    s->bert = who_named(s, "bert");
    s->next = (watched){.session = 7,
                        .role = ROLE_READ,
                        .has_literals = true,
                        .wanted = true,
                        .segment = {1, 2},
                        .who = s->anna};
}

static void end(session *s)
{
    assert_true(watch_end(&s->watch, &s->evidence, &s->arena));
}

static void finish(session *s)
{
    watch_free(&s->watch);
    who_table_free(&s->whos);
    evidence_free(&s->evidence);
    arena_free(&s->arena);
}

/* A statement of 1 ms, `rest` us behind the one before. */
static void run(session *s, uint64_t fingerprint, uint64_t literals, int64_t rest)
{
    watched x = s->next;
    x.fingerprint = fingerprint;
    x.literals = literals;
    x.start = s->now + rest;
    x.end = x.start + MS;
    x.line = ++s->next.line;
    x.offset = s->next.line * 100;
    assert_true(watch_take(&s->watch, &x, &s->whos, &s->evidence, &s->arena));
    s->now = x.end;
}

/* The only burst there is; NULL where there is none. */
static const burst *only_burst(const session *s)
{
    uint32_t at = 0;
    const burst *found = row_table_next(&s->evidence.of[EVIDENCE_BURSTS], &at);
    assert_null(row_table_next(&s->evidence.of[EVIDENCE_BURSTS], &at));
    return found;
}

static const paging *only_page(const session *s)
{
    uint32_t at = 0;
    const paging *found = row_table_next(&s->evidence.of[EVIDENCE_PAGES], &at);
    assert_null(row_table_next(&s->evidence.of[EVIDENCE_PAGES], &at));
    return found;
}

static const session_use *only_use(const session *s)
{
    uint32_t at = 0;
    const session_use *found = row_table_next(&s->evidence.of[EVIDENCE_USES], &at);
    assert_null(row_table_next(&s->evidence.of[EVIDENCE_USES], &at));
    return found;
}

static void a_statement_again_and_again_without_a_pause_is_a_burst(void **state)
{
    (void)state;
    session s;
    begin(&s);
    s.next.has_rows = true;
    s.next.rows = 6;
    run(&s, 1, 0, 0);
    s.next.rows = 1;
    for (uint64_t i = 0; i < 6; i++) {
        run(&s, 2, i, 2 * MS);
    }
    run(&s, 3, 0, 2 * MS);
    end(&s);
    const burst *b = only_burst(&s);
    assert_non_null(b);
    assert_int_equal(b->cycle, 2);
    assert_int_equal(b->parent, 1);
    assert_int_equal(b->length, 6);
    assert_int_equal(b->calls, 6);
    assert_int_equal(b->time, 6 * MS);
    assert_int_equal(b->wall, 6 * MS + 5 * 2 * MS);
    assert_int_equal(b->saving, 16 * MS - 1500);
    assert_int_equal(b->values, VALUES_DISTINCT);
    assert_int_equal(b->matched, 1);
    assert_int_equal(b->first_line, 2);
    finish(&s);
}

static void a_pause_ends_it(void **state)
{
    (void)state;
    session s;
    begin(&s);
    run(&s, 2, 1, 0);
    run(&s, 2, 2, 10 * MS); /* the most that is none */
    run(&s, 2, 3, 10 * MS + 1);
    end(&s);
    const burst *b = only_burst(&s);
    assert_int_equal(b->length, 2);
    assert_int_equal(b->bursts, 1);
    finish(&s);
}

static void statements_that_take_turns_are_one_burst_whichever_comes_first(void **state)
{
    (void)state;
    uint64_t cycles[2];
    for (int turn = 0; turn < 2; turn++) {
        session s;
        begin(&s);
        run(&s, 99, 0, 0);
        for (uint64_t i = 0; i < 8; i++) {
            run(&s, i % 2 == (uint64_t)turn ? 5 : 6, i / 2, MS);
        }
        end(&s);
        const burst *b = only_burst(&s);
        assert_int_equal(b->n_statements, 2);
        assert_int_equal(b->statements[0], 5);
        assert_int_equal(b->statements[1], 6);
        assert_int_equal(b->length, 4);
        assert_int_equal(b->parent, 99);
        assert_int_equal(b->values, VALUES_DISTINCT);
        cycles[turn] = b->cycle;
        finish(&s);
    }
    assert_true(cycles[0] == cycles[1]);
}

static void chatter_and_cursors_do_not_break_it(void **state)
{
    (void)state;
    static const statement_role between[] = {ROLE_BEGIN, ROLE_CHATTER, ROLE_CURSOR, ROLE_END};
    session s;
    begin(&s);
    for (uint64_t i = 0; i < 5; i++) {
        s.next.role = ROLE_READ;
        run(&s, 2, i, MS);
        s.next.role = between[i % 4];
        run(&s, 50, 0, MS);
    }
    end(&s);
    assert_int_equal(only_burst(&s)->length, 5);
    finish(&s);
}

static void values_tell_the_same_query_from_many(void **state)
{
    (void)state;
    static const struct {
        bool known;
        uint64_t different;
        burst_values expected;
    } rows[] = {{true, 10, VALUES_DISTINCT},
                {true, 8, VALUES_DISTINCT},
                {true, 7, VALUES_MIXED},
                {true, 2, VALUES_SAME},
                {false, 1, VALUES_UNKNOWN}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        session s;
        begin(&s);
        s.next.has_literals = rows[i].known;
        for (uint64_t k = 0; k < 10; k++) {
            run(&s, 2, k < rows[i].different ? k : 0, MS);
        }
        end(&s);
        assert_int_equal(only_burst(&s)->values, rows[i].expected);
        finish(&s);
    }
}

static void a_request_ends_where_another_begins_and_goes_on_behind_it(void **state)
{
    (void)state;
    session s;
    begin(&s);
    s.next.request = 1;
    run(&s, 9, 0, 0);
    s.next.request = 2; /* whose parent is not what the other request asked for */
    for (uint64_t i = 0; i < 4; i++) {
        run(&s, 2, i, MS);
        s.next.request = 3;
        run(&s, 5 + i, i, MS);
        s.next.request = 2;
    }
    end(&s);
    const burst *b = only_burst(&s);
    assert_non_null(b);
    assert_int_equal(b->cycle, 2);
    assert_int_equal(b->calls, 4);
    assert_int_equal(b->parent, 0);
    assert_int_equal(b->requests, 1);
    assert_int_equal(b->shared, 0);
    finish(&s);
}

static void another_clients_statements_on_the_session_are_kept_apart_and_told(void **state)
{
    (void)state;
    session s;
    begin(&s);
    for (uint64_t i = 0; i < 6; i++) {
        s.next.who = s.anna;
        run(&s, 2, i, MS);
        s.next.who = s.bert;
        run(&s, 70 + i, 0, MS);
    }
    end(&s);
    const burst *b = only_burst(&s);
    assert_int_equal(b->length, 6);
    assert_int_equal(b->shared, 1);
    finish(&s);
}

static void a_coarse_clock_counts_what_follows_in_the_log_within_its_second(void **state)
{
    (void)state;
    session s;
    begin(&s);
    s.next.coarse = true;
    for (uint64_t i = 0; i < 5; i++) {
        s.now = START; /* all of one second, as far as the log tells */
        run(&s, 2, i, 0);
    }
    s.now = START + 3000 * MS;
    run(&s, 2, 9, 0);
    end(&s);
    assert_int_equal(only_burst(&s)->length, 5);
    finish(&s);
}

/* What is remembered between two runs of the program continues as if there had been one. */
static void its_packed_form_goes_on_where_it_was(void **state)
{
    (void)state;
    session s;
    watch other;
    buf packed;
    begin(&s);
    buf_init(&packed, MEMORY);
    run(&s, 1, 0, 0);
    for (uint64_t i = 0; i < 7; i++) {
        run(&s, 2, i, MS);
        buf_clear(&packed);
        assert_true(watch_encode(&s.watch, &s.whos, &packed));
        watch_init(&other);
        assert_true(watch_decode(&other, &s.whos, buf_slice(&packed)));
        watch_free(&s.watch);
        s.watch = other;
    }
    end(&s);
    const burst *b = only_burst(&s);
    assert_int_equal(b->length, 7);
    assert_int_equal(b->parent, 1);
    assert_int_equal(b->values, VALUES_DISTINCT);
    assert_int_equal(b->first_line, 2);
    for (size_t n = 1; n < packed.n; n++) { /* damaged: never read beyond, never a crash */
        watch_init(&other);
        watch_decode(&other, &s.whos, slice_take(buf_slice(&packed), n));
        watch_free(&other);
    }
    buf_free(&packed);
    finish(&s);
}

static void pages_walks_and_their_counts_are_told(void **state)
{
    (void)state;
    session s;
    begin(&s);
    s.next.has_skip = s.next.has_limit = true;
    s.next.limit = 20;
    for (uint64_t page = 0; page < 6; page++) {
        s.next.skip = page * 20;
        run(&s, 4, page, 200 * MS);
        s.next.role = ROLE_COUNT;
        s.next.has_skip = false;
        run(&s, 5, 0, MS);
        s.next.role = ROLE_READ;
        s.next.has_skip = true;
    }
    end(&s);
    const paging *p = only_page(&s);
    assert_non_null(p);
    assert_int_equal(p->fingerprint, 4);
    assert_int_equal(p->pages, 5); /* the first passes over nothing */
    assert_int_equal(p->walks, 1);
    assert_int_equal(p->walk_pages, 6);
    assert_int_equal(p->twins, 5);
    assert_int_equal(p->twin, 5);
    assert_int_equal(p->n_sample, 5);
    finish(&s);
}

static void a_transaction_has_its_time_and_its_rests(void **state)
{
    (void)state;
    session s;
    begin(&s);
    s.next.role = ROLE_BEGIN;
    run(&s, 10, 0, 0);
    s.next.role = ROLE_WRITE;
    run(&s, 11, 0, 4 * MS);
    run(&s, 12, 0, 90 * MS);
    s.next.role = ROLE_END;
    run(&s, 13, 0, 6 * MS);
    const session_use *u = only_use(&s);
    assert_non_null(u);
    assert_int_equal(u->statements, 4);
    assert_int_equal(u->chatter, 2);
    assert_int_equal(u->transactions, 1);
    assert_int_equal(u->transaction_time, 104 * MS);
    assert_int_equal(u->idle_time, 100 * MS);
    assert_int_equal(u->longest_idle, 90 * MS);
    assert_int_equal(u->longest_line, 4);
    finish(&s);
}

/* As where a run of the program ends between them. */
static void a_count_belongs_to_its_page_wherever_the_digest_was_written(void **state)
{
    (void)state;
    session s;
    begin(&s);
    s.next.has_skip = true;
    s.next.skip = 20;
    run(&s, 4, 0, 0);
    evidence_clear(&s.evidence);
    s.next.role = ROLE_COUNT;
    s.next.has_skip = false;
    run(&s, 5, 0, MS);
    assert_non_null(only_page(&s));
    assert_int_equal(only_page(&s)->pages, 0);
    assert_int_equal(only_page(&s)->twins, 1);
    assert_int_equal(only_page(&s)->twin, 5);
    finish(&s);
}

static void a_count_beside_a_first_page_is_none_whatever_came_before(void **state)
{
    (void)state;
    session s;
    begin(&s);
    s.next.has_skip = true;
    s.next.skip = 20;
    run(&s, 4, 0, 0);
    s.next.skip = 0;
    run(&s, 4, 0, 5000 * MS);
    s.next.role = ROLE_COUNT;
    s.next.has_skip = false;
    run(&s, 5, 0, MS);
    assert_int_equal(only_page(&s)->pages, 1);
    assert_int_equal(only_page(&s)->twins, 0);
    finish(&s);
}

/* The store's numbers have signs. */
static void of_counts_the_least_with_a_sign_is_kept(void **state)
{
    (void)state;
    session s;
    begin(&s);
    for (uint64_t page = 1; page < 3; page++) {
        s.next.role = ROLE_READ;
        s.next.has_skip = true;
        s.next.skip = page * 20;
        run(&s, 4, 0, 5000 * MS);
        s.next.role = ROLE_COUNT;
        s.next.has_skip = false;
        run(&s, page == 1 ? 5 : UINT64_MAX, 0, MS);
    }
    assert_true(only_page(&s)->twin == UINT64_MAX);
    finish(&s);
}

static void transact(session *s, int64_t rest)
{
    s->next.role = ROLE_BEGIN;
    run(s, 10, 0, rest);
    s->next.role = ROLE_END;
    run(s, 13, 0, 5 * MS);
}

static void of_transactions_that_are_as_long_the_earliest_is_told(void **state)
{
    (void)state;
    session s;
    begin(&s);
    transact(&s, 900 * MS);
    s.next.session = 8; /* whose records come late */
    s.now = START;
    transact(&s, 0);
    assert_int_equal(only_use(&s)->transactions, 2);
    assert_int_equal(only_use(&s)->longest_at, START + 7 * MS);
    assert_int_equal(only_use(&s)->longest_line, 4);
    finish(&s);
}

static void a_transaction_ends_with_its_session(void **state)
{
    (void)state;
    session s;
    begin(&s);
    s.next.role = ROLE_BEGIN;
    run(&s, 10, 0, 0);
    assert_true(watch_part(&s.watch, s.next.session, &s.evidence, &s.arena));
    s.next.role = ROLE_END; /* of another session of that number, whose beginning was not logged */
    run(&s, 13, 0, 3600 * 1000 * (int64_t)MS);
    uint32_t n = 0;
    uint32_t at = 0;
    for (const session_use *u; (u = row_table_next(&s.evidence.of[EVIDENCE_USES], &at)) != NULL;
         n++) {
        assert_int_equal(u->transactions, 0);
    }
    assert_true(n > 0);
    finish(&s);
}

static void a_burst_ends_with_its_session(void **state)
{
    (void)state;
    session s;
    begin(&s);
    for (uint64_t i = 0; i < 6; i++) {
        run(&s, 2, i, MS);
        assert_true(i != 2 || watch_part(&s.watch, s.next.session, &s.evidence, &s.arena));
    }
    end(&s);
    assert_int_equal(only_burst(&s)->bursts, 2);
    assert_int_equal(only_burst(&s)->longest, 3);
    assert_int_equal(only_burst(&s)->parent, 0);
    finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_statement_again_and_again_without_a_pause_is_a_burst),
        cmocka_unit_test(a_pause_ends_it),
        cmocka_unit_test(statements_that_take_turns_are_one_burst_whichever_comes_first),
        cmocka_unit_test(chatter_and_cursors_do_not_break_it),
        cmocka_unit_test(values_tell_the_same_query_from_many),
        cmocka_unit_test(a_request_ends_where_another_begins_and_goes_on_behind_it),
        cmocka_unit_test(another_clients_statements_on_the_session_are_kept_apart_and_told),
        cmocka_unit_test(a_coarse_clock_counts_what_follows_in_the_log_within_its_second),
        cmocka_unit_test(its_packed_form_goes_on_where_it_was),
        cmocka_unit_test(pages_walks_and_their_counts_are_told),
        cmocka_unit_test(a_transaction_has_its_time_and_its_rests),
        cmocka_unit_test(a_count_belongs_to_its_page_wherever_the_digest_was_written),
        cmocka_unit_test(a_count_beside_a_first_page_is_none_whatever_came_before),
        cmocka_unit_test(of_counts_the_least_with_a_sign_is_kept),
        cmocka_unit_test(of_transactions_that_are_as_long_the_earliest_is_told),
        cmocka_unit_test(a_transaction_ends_with_its_session),
        cmocka_unit_test(a_burst_ends_with_its_session),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
