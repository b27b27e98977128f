/* fuzz_normalise.c - laws of the normalisers that hold for any bytes: the text is a
 * statement of the same fingerprint and the same text, the fingerprint does not depend on
 * whether text is wanted or how much of it fits, and no literal's bytes are in it. */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "normalise/facts.h"
#include "normalise/normalise.h"
#include "normalise/sql.h"
#include "normalise/tags.h"
#include "short_cut.h"

enum { TEXT_MAX = 1 << 20 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void holds(const normaliser *sql, slice statement, bool truncated)
{
    normalised hashed;
    normalised written;
    normalised cramped;
    normalised again;
    buf text;
    buf small;
    buf second;
    buf_init(&text, TEXT_MAX);
    buf_init(&small, 8);
    buf_init(&second, TEXT_MAX);

    sql->run(statement, truncated, &hashed, NULL);
    sql->run(statement, truncated, &written, &text);
    sql->run(statement, truncated, &cramped, &small);
    assert(hashed.fingerprint == written.fingerprint);
    assert(hashed.fingerprint == cramped.fingerprint);
    assert(hashed.verb == written.verb);
    assert(small.n <= 8);

    assert(!text.failed);
    sql->run(buf_slice(&text), false, &again, &second);
    assert(slice_equal(buf_slice(&text), buf_slice(&second)));
    assert(again.fingerprint == written.fingerprint);
    assert(again.verb == written.verb);
    /* Quotes of literals never stand in the text; inside a quoted name they may. */
    if (memchr(statement.p, '"', statement.n) == NULL &&
        memchr(statement.p, '`', statement.n) == NULL) {
        assert(text.n == 0 || memchr(text.p, '\'', text.n) == NULL);
    }
    buf_free(&text);
    buf_free(&small);
    buf_free(&second);
}

/* Other digits and letters within strings: what an outline takes out. The short cut, having met the
 * one, must say of the other what the lexer says. */
static void short_cut_agrees(const normaliser *sql, slice statement)
{
    buf other;
    outline_memo *memo = calloc(1, sizeof *memo);
    assert(memo != NULL);
    buf_init(&other, TEXT_MAX);
    bool quoted = false;
    for (size_t i = 0; i < statement.n; i++) {
        char c = statement.p[i];
        quoted = quoted != (c == '\'');
        bool digit = c >= '0' && c <= '9';
        bool letter = c >= 'a' && c < 'z';
        buf_add_char(&other, digit && c != '9'  ? (char)(c + 1)
                             : quoted && letter ? (char)(c + 1)
                                                : c);
    }
    assert(!other.failed);
    for (int i = 0; i < 2; i++) {
        short_cut_holds(memo, sql, i == 0 ? statement : buf_slice(&other), false);
    }
    buf_free(&other);
    free(memo);
}

/* What is read beside the text keeps to its bounds. */
static void readers_hold(const normaliser *sql, slice statement)
{
    static sql_facts facts;
    statement_values values;
    sql_tag tags[SQL_TAGS_MAX];
    arena a;
    arena_init(&a, TEXT_MAX);
    sql_values_read(sql->dialect, statement, &values);
    assert(values.n_literals <= statement.n && values.rows <= statement.n);
    sql_facts_read(sql->dialect, statement, &a, &facts);
    assert(facts.n_tables <= SQL_TABLES_MAX && facts.n_columns <= SQL_COLUMNS_MAX);
    for (size_t i = 0; i < facts.n_tables; i++) {
        assert(facts.tables[i].name.n > 0 && (facts.tables[i].read || facts.tables[i].written));
    }
    size_t n = sql_tags_read(sql->dialect, statement, &a, tags);
    for (size_t i = 0; i < n; i++) {
        assert(tags[i].key.n > 0 && tags[i].value.n > 0 && tags[i].value.n <= statement.n);
    }
    arena_free(&a);
}

/* The part that a statement plays follows from its normalised text, which normalised again plays
 * the same. */
static void role_holds(const normaliser *sql, slice statement)
{
    normalised once;
    normalised twice;
    buf text;
    buf again;
    buf_init(&text, TEXT_MAX);
    buf_init(&again, TEXT_MAX);
    sql->run(statement, false, &once, &text);
    statement_role role = sql->role(slice_from(once.verb), buf_slice(&text));
    assert(role <= ROLE_CURSOR);
    sql->run(buf_slice(&text), false, &twice, &again);
    if (once.fingerprint == twice.fingerprint) {
        assert(sql->role(slice_from(twice.verb), buf_slice(&again)) == role);
    }
    buf_free(&again);
    buf_free(&text);
}

/* The input as one string, in a statement: nothing of it may be told from another string. */
static void is_hidden_in_a_string(slice bytes)
{
    const normaliser *sql = normaliser_find("postgresql");
    buf statement;
    buf_init(&statement, TEXT_MAX);
    buf_add_text(&statement, "ALTER ROLE r PASSWORD '");
    for (size_t i = 0; i < bytes.n; i++) {
        buf_add(&statement, bytes.p[i] == '\'' ? SLICE("''") : slice_of(bytes.p + i, 1));
    }
    size_t unterminated = statement.n;
    buf_add_char(&statement, '\'');

    buf text;
    buf_init(&text, TEXT_MAX);
    normalised out;
    sql->run(buf_slice(&statement), false, &out, &text);
    assert(slice_is(buf_slice(&text), "ALTER ROLE r password ?"));
    buf_clear(&text);
    sql->run(slice_take(buf_slice(&statement), unterminated), false, &out, &text);
    assert(slice_is(buf_slice(&text), "ALTER ROLE r password …"));
    buf_free(&text);
    buf_free(&statement);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    slice statement = slice_of((const char *)data, size);
    static const char *const engines[] = {"postgresql", "mysql"};
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        const normaliser *sql = normaliser_find(engines[i]);
        holds(sql, statement, false);
        holds(sql, statement, true);
        short_cut_agrees(sql, statement);
        readers_hold(sql, statement);
        role_holds(sql, statement);
    }
    is_hidden_in_a_string(statement);
    return 0;
}
