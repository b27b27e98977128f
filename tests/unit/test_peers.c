/* test_peers.c - what a session's earlier records tell of its later ones, and what is forgotten. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "pipeline/peers.h"

enum { SECOND = 1000000 };

static event event_of(event_kind kind, uint64_t session, int64_t at)
{
    return (event){.kind = (uint8_t)kind,
                   .session = session,
                   .time = at,
                   .has = HAS_TIME | HAS_SESSION | HAS_DURATION};
}

static void tell(peers *p, who_table *whos, const event *e, who w)
{
    bool is_new;
    w = peers_told(p, whos, e, &w);
    assert_true(peers_tell(p, e, who_table_add(whos, &w, &is_new)));
}

static void is_text(slice got, const char *want)
{
    assert_true(slice_is(got, want));
}

static bool fill(const peers *p, const who_table *whos, const event *e, const who *asks,
                 who *filled)
{
    uint32_t told;
    if (!peers_knows_more(p, e, asks, &told)) {
        return false;
    }
    *filled = peers_merge(asks, &whos->entries[told].who);
    return true;
}

static void records_of_a_connection_add_up(void **state)
{
    (void)state;
    who_table whos;
    peers p;
    who filled;
    event accepted = event_of(EVENT_SESSION_START, 7, 1);
    event client = event_of(EVENT_MESSAGE, 7, 2);
    event statement = event_of(EVENT_STATEMENT, 7, 3);
    event other = event_of(EVENT_STATEMENT, 8, 3);
    who_table_init(&whos);
    peers_init(&p);
    tell(&p, &whos, &accepted, (who){.host = SLICE("10.0.0.7")});
    tell(&p, &whos, &client, (who){.application = SLICE("web")});
    who asks = {.database = SLICE("shop"), .host = SLICE("own")};
    assert_true(fill(&p, &whos, &statement, &asks, &filled));
    is_text(filled.database, "shop");
    is_text(filled.host, "own");
    is_text(filled.application, "web");
    is_text(filled.user, "");
    assert_false(fill(&p, &whos, &other, &asks, &filled));
    /* The name is given to another connection. */
    tell(&p, &whos, &accepted, (who){.host = SLICE("10.0.0.8")});
    assert_true(fill(&p, &whos, &statement, &(who){.database = SLICE("shop")}, &filled));
    is_text(filled.host, "10.0.0.8");
    is_text(filled.application, "");
    peers_end(&p, &statement);
    assert_false(fill(&p, &whos, &statement, &asks, &filled));
    peers_free(&p);
    who_table_free(&whos);
}

static void a_command_has_the_writes_that_ended_while_it_ran(void **state)
{
    (void)state;
    static const struct {
        int64_t write, command, duration;
        bool within;
    } rows[] = {
        {10 * SECOND, 10 * SECOND, 5000, true},
        {10 * SECOND - 7000, 10 * SECOND, 5000, true}, /* milliseconds, rounded twice */
        {10 * SECOND - 8000, 10 * SECOND, 5000, false},
        {10 * SECOND + 2000, 10 * SECOND, 5000, true},
        {10 * SECOND + 3000, 10 * SECOND, 5000, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(peers_lies_within(rows[i].write, rows[i].command, rows[i].duration),
                         rows[i].within);
    }
    peers p;
    event write = event_of(EVENT_STATEMENT, 7, 10 * SECOND);
    event command = event_of(EVENT_STATEMENT, 7, 10 * SECOND + 1000);
    event elsewhere = command;
    write.target = command.target = 5;
    elsewhere.target = 6;
    command.duration = elsewhere.duration = 3000;
    pending writes;
    event other = command;
    other.session = 8;
    peers_init(&p);
    assert_false(peers_take_writes(&p, &command, &writes));
    assert_true(peers_add_write(&p, &write, &(asked){0}, 0, true));
    assert_false(peers_take_writes(&p, &elsewhere, &writes));
    assert_false(peers_take_writes(&p, &other, &writes));
    assert_true(peers_take_writes(&p, &command, &writes));
    /* They are of one command. */
    assert_false(peers_take_writes(&p, &command, &writes));
    peers_free(&p);
}

static void what_a_command_took_beyond_its_writes_is_told_where_all_of_them_are_known(void **state)
{
    (void)state;
    enum { MS = 1000 };
    peers p;
    pending writes;
    event first = event_of(EVENT_STATEMENT, 7, 10 * SECOND + 20 * MS);
    event second = event_of(EVENT_STATEMENT, 7, 10 * SECOND + 50 * MS);
    event command = event_of(EVENT_STATEMENT, 7, 10 * SECOND + 100 * MS);
    first.duration = 20 * MS;
    second.duration = 30 * MS;
    command.duration = 100 * MS;
    first.fingerprint = 1;
    second.fingerprint = 2;
    peers_init(&p);
    assert_true(peers_add_write(&p, &first, &(asked){0}, 0, true));
    assert_true(peers_add_write(&p, &second, &(asked){0}, 0, true));
    assert_true(peers_take_writes(&p, &command, &writes));
    assert_int_equal(peers_overhead(&command, &writes), 50 * MS);
    assert_int_equal(writes.fingerprint, 2); /* the latest */
    /* The first began before this command did: it was another's. */
    command.duration = 60 * MS;
    assert_true(peers_add_write(&p, &first, &(asked){0}, 0, true));
    assert_true(peers_add_write(&p, &second, &(asked){0}, 0, true));
    assert_true(peers_take_writes(&p, &command, &writes));
    assert_int_equal(peers_overhead(&command, &writes), 0);
    /* Milliseconds, rounded down, of which the writes' add up to more. */
    second.duration = 51 * MS;
    command.duration = 50 * MS;
    assert_true(peers_add_write(&p, &second, &(asked){0}, 0, true));
    assert_true(peers_take_writes(&p, &command, &writes));
    assert_int_equal(peers_overhead(&command, &writes), 0);
    peers_free(&p);
}

static void the_least_recent_are_forgotten_where_there_are_too_many(void **state)
{
    (void)state;
    peers p;
    peers_init(&p);
    for (uint64_t i = 0; i <= SESSIONS_MAX; i++) {
        event write = event_of(EVENT_STATEMENT, i, (int64_t)i * SECOND);
        assert_true(peers_add_write(&p, &write, &(asked){0}, 0, true));
    }
    assert_int_equal(p.writes.n, SESSIONS_MAX - SESSIONS_GIVEN_UP + 1);
    event first =
        event_of(EVENT_STATEMENT, SESSIONS_GIVEN_UP - 1, (SESSIONS_GIVEN_UP - 1) * (int64_t)SECOND);
    event kept = event_of(EVENT_STATEMENT, SESSIONS_GIVEN_UP, SESSIONS_GIVEN_UP * (int64_t)SECOND);
    pending writes;
    assert_false(peers_take_writes(&p, &first, &writes));
    assert_true(peers_take_writes(&p, &kept, &writes));
    peers_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_a_connection_add_up),
        cmocka_unit_test(a_command_has_the_writes_that_ended_while_it_ran),
        cmocka_unit_test(what_a_command_took_beyond_its_writes_is_told_where_all_of_them_are_known),
        cmocka_unit_test(the_least_recent_are_forgotten_where_there_are_too_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
