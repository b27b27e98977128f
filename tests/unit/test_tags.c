/* test_tags.c - tags are read from every format of comment, and from nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "normalise/normalise.h"
#include "normalise/tags.h"

enum { ROOM = 1 << 16 };

/* The tags as "key=value;" each. */
static void assert_tags(const char *engine, const char *statement, const char *want)
{
    arena a;
    sql_tag tags[SQL_TAGS_MAX];
    buf got;
    arena_init(&a, ROOM);
    buf_init(&got, ROOM);
    size_t n = sql_tags_read(normaliser_find(engine)->dialect, slice_from(statement), &a, tags);
    for (size_t i = 0; i < n; i++) {
        buf_add(&got, tags[i].key);
        buf_add_char(&got, '=');
        buf_add(&got, tags[i].value);
        buf_add_char(&got, ';');
    }
    assert_string_equal(got.p != NULL ? got.p : "", want);
    buf_free(&got);
    arena_free(&a);
}

static void sqlcommenter_is_decoded(void **state)
{
    (void)state;
    assert_tags("postgresql",
                "SELECT 1 /*action='%2Fparam*d',controller='index',tracestate='a%3Db'*/",
                "action=/param*d;controller=index;tracestate=a=b;");
    assert_tags("postgresql", "SELECT 1 /* name='it\\'s', my%20key='100%' */",
                "name=it's;my key=100%;");
}

static void marginalia_and_query_log_tags_are_read(void **state)
{
    (void)state;
    assert_tags("postgresql", "/*application:Shop,controller:users,action:index*/ SELECT 1",
                "application=Shop;controller=users;action=index;");
    assert_tags("mysql", "SELECT 1 /*line:/a.rb:60:in `b',job:Mail*/",
                "line=/a.rb:60:in `b';job=Mail;");
    assert_tags("mysql", "SELECT 1 /* app=web, route=/x */", "app=web;route=/x;");
}

static void tags_of_several_comments_add_up_and_the_first_of_a_key_stays(void **state)
{
    (void)state;
    assert_tags("postgresql", "/*a:1*/ SELECT /* b='2' */ 1 /*a:3,c:4*/", "a=1;b=2;c=4;");
}

static void what_is_no_tag_gives_none(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "SELECT 1",
        "SELECT '/*a:1*/', \"/*b:2*/\"",
        "SELECT $$/*a:1*/$$",
        "SELECT 1 -- /*a:1*/",
        "SELECT 1 /* why: because */",
        "SELECT 1 /* a comment, in words */",
        "SELECT 1 /* a:1, and words */",
        "/*+ SeqScan(t) */ SELECT 1",
        "SELECT 1 /*a='open*/",
        "SELECT 1 /*a:1",
        "SELECT 1 /**/ /* */",
        "SELECT 1 /*a:,b=*/",
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_tags("postgresql", rows[i], "");
    }
    assert_tags("mysql", "SELECT /*!40001 a:1 */ 2 # /*b:1*/", "");
}

static void tags_are_bounded(void **state)
{
    (void)state;
    buf statement;
    sql_tag tags[SQL_TAGS_MAX];
    arena a;
    const sql_dialect *dialect = normaliser_find("mysql")->dialect;
    buf_init(&statement, ROOM);
    arena_init(&a, ROOM);
    buf_add_text(&statement, "SELECT 1 /*");
    for (int i = 0; i < 2 * SQL_TAGS_MAX; i++) {
        buf_printf(&statement, "k%d:v,", i);
    }
    buf_add_text(&statement, "*/");
    assert_int_equal(sql_tags_read(dialect, buf_slice(&statement), &a, tags), SQL_TAGS_MAX);
    arena full;
    arena_init(&full, 0);
    assert_int_equal(sql_tags_read(dialect, buf_slice(&statement), &full, tags), 0);
    arena_free(&full);
    arena_free(&a);
    buf_free(&statement);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sqlcommenter_is_decoded),
        cmocka_unit_test(marginalia_and_query_log_tags_are_read),
        cmocka_unit_test(tags_of_several_comments_add_up_and_the_first_of_a_key_stays),
        cmocka_unit_test(what_is_no_tag_gives_none),
        cmocka_unit_test(tags_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
