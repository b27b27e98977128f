/* test_sessions.c - statements that wait for their duration, against a simple model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>

#include "pipeline/sessions.h"

enum { MODEL = 300, PACKED_MAX = 1024 * 1024 };

static who_table *new_whos(void)
{
    static who_table whos;
    bool is_new;
    char user[16];
    who_table_init(&whos);
    for (int i = 0; i < 10; i++) {
        snprintf(user, sizeof user, "u%d", i);
        who w = {.user = slice_from(user), .database = SLICE("shop")};
        assert_int_equal(who_table_add(&whos, &w, &is_new), i);
    }
    assert_int_equal(who_table_measure(&whos, SLICE("count:Foo")), MEASURE_COUNT);
    return &whos;
}

static pending pending_of(uint64_t session)
{
    return (pending){.session = session,
                     .fingerprint = mix64(session, 1),
                     .at = (int64_t)(mix64(session, 2) % 50) - 25, /* many are equal */
                     .offset = mix64(session, 3),
                     .line = session + 1,
                     .segment = {mix64(session, 4), mix64(session, 5)},
                     .who = (uint32_t)(session % 10),
                     .zone_offset = (int32_t)(session % 5) * 1800 - 3600,
                     .has_time = session % 3 != 0,
                     .duration = (int64_t)session * 7,
                     .plans_due = (uint32_t)session % 3,
                     .last_at = (int64_t)session * 11,
                     .has_duration = session % 2 != 0,
                     .in_pieces = session % 5 == 0,
                     .continues = session % 7 == 0,
                     .plan_follows = session % 4 == 0,
                     .selected = true,
                     .n_measured = 2,
                     .measured = {{MEASURE_ROWS_SENT, session}, {MEASURE_COUNT, session * 3}}};
}

static bool pending_equal(const pending *a, const pending *b)
{
    return a->session == b->session && a->fingerprint == b->fingerprint && a->at == b->at &&
           a->offset == b->offset && a->line == b->line && a->segment.high == b->segment.high &&
           a->segment.low == b->segment.low && a->who == b->who &&
           a->zone_offset == b->zone_offset && a->has_time == b->has_time &&
           a->selected == b->selected && a->duration == b->duration && a->last_at == b->last_at &&
           a->plans_due == b->plans_due && a->has_duration == b->has_duration &&
           a->in_pieces == b->in_pieces && a->continues == b->continues &&
           a->plan_follows == b->plan_follows && a->n_measured == 2 && b->n_measured == 2 &&
           a->measured[0].id == b->measured[0].id && a->measured[1].id == b->measured[1].id &&
           a->measured[0].value == b->measured[0].value &&
           a->measured[1].value == b->measured[1].value;
}

static void random_adding_and_taking_agrees_with_a_plain_table(void **state)
{
    (void)state;
    static bool waits[MODEL];
    uint32_t n = 0;
    sessions s;
    sessions_init(&s);
    for (uint64_t i = 0; i < 100000; i++) {
        uint64_t session = mix64(7, i) % MODEL;
        pending p;
        pending expected = pending_of(session);
        if (sessions_take(&s, session, &p)) {
            assert_true(waits[session]);
            assert_true(pending_equal(&p, &expected));
            n--;
            waits[session] = false;
        } else {
            assert_false(waits[session]);
            assert_true(sessions_add(&s, &expected));
            n++;
            waits[session] = true;
        }
        assert_int_equal(s.n, n);
        if (i % 5000 == 0) {
            sessions_sort(&s);
        }
    }
    for (uint64_t session = 0; session < MODEL; session++) {
        pending p;
        assert_int_equal(sessions_take(&s, session, &p), waits[session]);
    }
    assert_int_equal(s.n, 0);
    sessions_free(&s);
}

static void the_least_recent_are_taken_first_and_of_equals_the_lower_session(void **state)
{
    (void)state;
    sessions s;
    sessions_init(&s);
    for (uint64_t i = 0; i < MODEL; i++) {
        pending p = pending_of((i * 7) % MODEL);
        sessions_add(&s, &p);
    }
    sessions_sort(&s);
    pending before;
    assert_true(sessions_take_oldest(&s, &before));
    for (int i = 1; i < MODEL; i++) {
        pending p;
        assert_true(sessions_take_oldest(&s, &p));
        assert_true(before.at < p.at || (before.at == p.at && before.session < p.session));
        before = p;
    }
    assert_false(sessions_take_oldest(&s, &before));
    sessions_free(&s);
}

static void an_empty_table_gives_nothing(void **state)
{
    (void)state;
    sessions s;
    pending p;
    sessions_init(&s);
    sessions_sort(&s);
    assert_false(sessions_take(&s, 0, &p));
    assert_false(sessions_take_oldest(&s, &p));
    sessions_free(&s);
}

/* --- packed form ---------------------------------------------------------------------- */

/* Adds the sessions 0 to n - 1 in an order of its own, with some coming and going. */
static void fill(sessions *s, uint64_t n, uint64_t step)
{
    for (uint64_t i = 0; i < n; i++) {
        pending p = pending_of((i * step) % n);
        pending guest = pending_of(n + i);
        assert_true(sessions_add(s, &guest));
        assert_true(sessions_add(s, &p));
        assert_true(sessions_take(s, guest.session, &guest));
    }
}

static void the_packed_form_does_not_depend_on_the_order_of_adding(void **state)
{
    (void)state;
    const uint64_t steps[] = {1, 7, 11, 299};
    who_table *whos = new_whos();
    buf first;
    buf_init(&first, PACKED_MAX);
    for (size_t i = 0; i < 4; i++) {
        sessions s;
        buf packed;
        sessions_init(&s);
        buf_init(&packed, PACKED_MAX);
        fill(&s, MODEL, steps[i]);
        sessions_encode(&s, whos, &packed);
        if (i == 0) {
            buf_add(&first, buf_slice(&packed));
        }
        assert_true(slice_equal(buf_slice(&packed), buf_slice(&first)));
        buf_free(&packed);
        sessions_free(&s);
    }
    buf_free(&first);
    who_table_free(whos);
}

static void what_was_packed_comes_back(void **state)
{
    (void)state;
    who_table *whos = new_whos();
    who_table others;
    sessions s;
    sessions back;
    buf packed;
    bool is_new;
    buf_init(&packed, PACKED_MAX);
    sessions_init(&s);
    sessions_init(&back);
    fill(&s, MODEL, 7);
    sessions_encode(&s, whos, &packed);
    /* A table that numbers them differently. */
    who_table_init(&others);
    who_table_add(&others, &(who){.host = SLICE("h")}, &is_new);
    who_table_measure(&others, SLICE("us:Bar"));
    assert_true(sessions_decode(&back, &others, buf_slice(&packed)));
    assert_int_equal(back.n, MODEL);
    for (uint64_t session = 0; session < MODEL; session++) {
        pending p;
        pending expected = pending_of(session);
        assert_true(sessions_take(&back, session, &p));
        assert_true(
            slice_equal(others.entries[p.who].who.user, whos->entries[expected.who].who.user));
        assert_true(slice_equal(others.entries[p.who].who.database,
                                whos->entries[expected.who].who.database));
        p.who = expected.who;
        assert_int_equal(p.measured[1].id, MEASURE_COUNT + 1);
        p.measured[1].id = MEASURE_COUNT;
        assert_true(pending_equal(&p, &expected));
    }
    sessions_free(&s);
    sessions_free(&back);
    buf_free(&packed);
    who_table_free(&others);
    who_table_free(whos);
}

static void no_state_at_all_is_an_empty_table(void **state)
{
    (void)state;
    who_table *whos = new_whos();
    sessions s;
    buf packed;
    sessions_init(&s);
    buf_init(&packed, 100);
    assert_true(sessions_decode(&s, whos, SLICE("")));
    sessions_encode(&s, whos, &packed);
    assert_true(sessions_decode(&s, whos, buf_slice(&packed)));
    assert_int_equal(s.n, 0);
    buf_free(&packed);
    sessions_free(&s);
    who_table_free(whos);
}

static bool decodes(slice packed)
{
    sessions s;
    who_table whos;
    sessions_init(&s);
    who_table_init(&whos);
    bool ok = sessions_decode(&s, &whos, packed);
    sessions_free(&s);
    who_table_free(&whos);
    return ok;
}

static void damage_is_refused(void **state)
{
    (void)state;
    who_table *whos = new_whos();
    sessions s;
    buf packed;
    sessions_init(&s);
    buf_init(&packed, PACKED_MAX);
    pending p = pending_of(5);
    sessions_add(&s, &p);
    sessions_encode(&s, whos, &packed);
    assert_true(decodes(buf_slice(&packed)));
    /* Cut off anywhere within the one session. */
    for (size_t n = 2; n < packed.n; n++) {
        assert_false(decodes(slice_take(buf_slice(&packed), n)));
    }
    /* The same session twice. */
    slice one = slice_skip(buf_slice(&packed), 1);
    buf twice;
    buf_init(&twice, PACKED_MAX);
    buf_add(&twice, buf_slice(&packed));
    buf_add(&twice, one);
    assert_false(decodes(buf_slice(&twice)));
    /* Another version. */
    packed.p[0] = 99;
    assert_false(decodes(buf_slice(&packed)));
    buf_free(&twice);
    buf_free(&packed);
    sessions_free(&s);
    who_table_free(whos);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_adding_and_taking_agrees_with_a_plain_table),
        cmocka_unit_test(the_least_recent_are_taken_first_and_of_equals_the_lower_session),
        cmocka_unit_test(an_empty_table_gives_nothing),
        cmocka_unit_test(the_packed_form_does_not_depend_on_the_order_of_adding),
        cmocka_unit_test(what_was_packed_comes_back),
        cmocka_unit_test(no_state_at_all_is_an_empty_table),
        cmocka_unit_test(damage_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
