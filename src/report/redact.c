/* redact.c - see redact.h. */
#include "report/redact.h"

#include "base/scan.h"
#include "normalise/normalise.h"
#include "normalise/tools.h"
#include "store/rows.h"

enum { SQL_MAX = 64 * 1024, TEXT_MAX_BYTES = 64 * 1024 * 1024, ENGINE_MAX = 32 };

/* --- functions -------------------------------------------------------------------------------- */

static slice argument(sqlite3_value *v)
{
    const void *p = sqlite3_value_blob(v);
    return p != NULL ? slice_of(p, (size_t)sqlite3_value_bytes(v)) : SLICE("");
}

static void return_text(sqlite3_context *context, buf *text)
{
    if (text->failed) {
        sqlite3_result_error_nomem(context);
    } else {
        slice bytes = buf_slice(text);
        sqlite3_result_text(context, bytes.p, (int)bytes.n, SQLITE_TRANSIENT);
    }
    buf_free(text);
}

/* What stands for all further names is no secret, nor are the programs that dump, on which findings
 * depend. */
static void add_name(sqlite3_context *context, slice kind, slice name)
{
    buf out;
    slice tool = slice_is(kind, "app") ? dump_tool_of(name) : SLICE("");
    buf_init(&out, TEXT_MAX_BYTES);
    if (slice_is(name, "other") || (tool.n > 0 && slice_equal(name, tool))) {
        buf_add(&out, name);
    } else {
        pseudonym_of_name(sqlite3_user_data(context), tool.n > 0 ? tool : kind, name, &out);
    }
    return_text(context, &out);
}

/* hidden(KIND, NAME) */
static void sql_hidden(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    add_name(context, argument(values[0]), argument(values[1]));
}

/* `kept` is what stands in front and stays. */
static void add_text(sqlite3_context *context, text_kind kind, slice kept, slice text)
{
    buf out;
    buf_init(&out, TEXT_MAX_BYTES);
    buf_add(&out, kept);
    pseudonym_of_text(sqlite3_user_data(context), kind, text, &out);
    return_text(context, &out);
}

/* hidden_plan(TEXT) */
static void sql_hidden_plan(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    add_text(context, TEXT_PLAN, SLICE(""), argument(values[0]));
}

/* hidden_statement(ENGINE, TEXT) */
static void sql_hidden_statement(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    char name[ENGINE_MAX] = "";
    slice engine = argument(values[0]);
    if (engine.n < sizeof name) {
        memcpy(name, engine.p, engine.n);
    }
    const normaliser *reader = normaliser_find(name);
    bool is_document = reader != NULL && reader->dialect == NULL;
    add_text(context, is_document ? TEXT_DOCUMENT : TEXT_STATEMENT, SLICE(""), argument(values[1]));
}

/* hidden_subject(KIND, SUBJECT), of a fact. An error's begins with its code, which stays. */
static void sql_hidden_subject(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    static const struct {
        const char *fact;
        const char *name; /* the subject is one; NULL: */
        text_kind kind;   /* it is such a text. What is not here is a message */
    } subjects[] = {{"connection_user", "user", TEXT_STATEMENT},
                    {"connection_database", "database", TEXT_STATEMENT},
                    {"connection_application", "app", TEXT_STATEMENT},
                    {"connection_host", "host", TEXT_STATEMENT},
                    {"session", "user", TEXT_STATEMENT},
                    {"vacuum", NULL, TEXT_STATEMENT},
                    {"vacuum_pages", NULL, TEXT_STATEMENT},
                    {"vacuum_rows", NULL, TEXT_STATEMENT},
                    {"analyze", NULL, TEXT_STATEMENT},
                    {"ddl", NULL, TEXT_DOCUMENT}};
    slice of = argument(values[0]);
    slice subject = argument(values[1]);
    text_kind kind = TEXT_MESSAGE;
    const char *name = NULL;
    for (size_t i = 0; i < sizeof subjects / sizeof *subjects; i++) {
        if (slice_is(of, subjects[i].fact)) {
            kind = subjects[i].kind;
            name = subjects[i].name;
        }
    }
    const char *blank = subject.n > 0 ? memchr(subject.p, ' ', subject.n) : NULL;
    size_t code = slice_is(of, "error") && blank != NULL ? (size_t)(blank - subject.p) : 0;
    if (name != NULL || slice_is(subject, "other")) {
        add_name(context, slice_from(name != NULL ? name : ""), subject);
    } else {
        add_text(context, kind, slice_take(subject, code), slice_skip(subject, code));
    }
}

/* hidden_tags(TEXT): 'controller=…, action=…' with other values. */
static void sql_hidden_tags(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    buf out;
    slice text = argument(values[0]);
    buf_init(&out, TEXT_MAX_BYTES);
    while (text.n > 0) {
        const char *end = scan_text(text, SLICE(", "));
        slice tag = end != NULL ? slice_between(text.p, end) : text;
        const char *equals = memchr(tag.p, '=', tag.n);
        slice key = equals != NULL ? slice_between(tag.p, equals + 1) : SLICE("");
        buf_add(&out, key);
        pseudonym_of_name(sqlite3_user_data(context), SLICE("tag"), slice_skip(tag, key.n), &out);
        buf_add_text(&out, end != NULL ? ", " : "");
        text = slice_skip(text, tag.n + 2);
    }
    return_text(context, &out);
}

/* hidden_detail(TEXT): how a log was read stays where it is made of a prefix's escapes alone. */
static void sql_hidden_detail(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    slice text = argument(values[0]);
    for (size_t i = 0; i < text.n; i++) {
        bool letter = ((text.p[i] | 0x20) >= 'a' && (text.p[i] | 0x20) <= 'z') ||
                      (unsigned char)text.p[i] >= 0x80;
        if (letter && (i == 0 || text.p[i - 1] != '%')) {
            text = SLICE("");
        }
    }
    sqlite3_result_text(context, text.p, (int)text.n, SQLITE_TRANSIENT);
}

/* hidden_id(FINGERPRINT) */
static void sql_hidden_id(sqlite3_context *context, int n, sqlite3_value **values)
{
    (void)n;
    uint64_t id = (uint64_t)sqlite3_value_int64(values[0]);
    sqlite3_result_int64(context, (sqlite3_int64)pseudonym_of_id(sqlite3_user_data(context), id));
}

/* They know one key: `names` NULL takes them away again. */
static bool set_functions(const store *s, pseudonyms *names, status *st)
{
    static const struct {
        const char *name;
        int arguments;
        void (*run)(sqlite3_context *, int, sqlite3_value **);
    } functions[] = {{"hidden", 2, sql_hidden},
                     {"hidden_plan", 1, sql_hidden_plan},
                     {"hidden_statement", 2, sql_hidden_statement},
                     {"hidden_subject", 2, sql_hidden_subject},
                     {"hidden_tags", 1, sql_hidden_tags},
                     {"hidden_detail", 1, sql_hidden_detail},
                     {"hidden_id", 1, sql_hidden_id}};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (sqlite3_create_function_v2(
                store_connection(s), functions[i].name, functions[i].arguments, SQLITE_UTF8, names,
                names != NULL ? functions[i].run : NULL, NULL, NULL, NULL) != SQLITE_OK) {
            return store_fail(s, "read", st);
        }
    }
    return true;
}

/* --- columns ---------------------------------------------------------------------------------- */

static bool run(const store *s, const char *sql, status *st)
{
    return sqlite3_exec(store_connection(s), sql, NULL, NULL, NULL) == SQLITE_OK ||
           store_fail(s, "read", st);
}

/* Texts and columns with names, in whichever tables of the store and of its selection they are. */
static bool write_updates(const store *s, buf *sql, status *st)
{
    sqlite3_stmt *q =
        rows_begin(s,
                   "WITH changes(of, column, value) AS (VALUES"
                   " (NULL, 'source', 'hidden(''source'', source)'),"
                   " (NULL, 'database', 'hidden(''database'', database)'),"
                   " (NULL, 'user', 'hidden(''user'', user)'),"
                   " (NULL, 'application', 'hidden(''app'', application)'),"
                   " (NULL, 'host', 'hidden(''host'', host)'),"
                   " (NULL, 'path', 'hidden(''file'', path)'),"
                   " (NULL, 'same_as', 'hidden(''file'', same_as)'),"
                   " (NULL, 'endpoint', 'hidden_tags(endpoint)'),"
                   " (NULL, 'detail', 'hidden_detail(detail)'),"
                   " (NULL, 'fingerprint', 'hidden_id(fingerprint)'),"
                   " (NULL, 'parent', 'hidden_id(parent)'),"
                   " (NULL, 'cycle', 'hidden_id(cycle)'),"
                   " (NULL, 'twin', 'hidden_id(twin)'),"
                   " (NULL, 'blocker', 'hidden_id(blocker)'),"
                   " ('fingerprints', 'text', 'hidden_statement(engine, text)'),"
                   " ('plan_shapes', 'text', 'hidden_plan(text)'),"
                   " ('tables', 'name', 'hidden_statement('''', name)'),"
                   " ('server_facts', 'subject', 'hidden_subject(kind, subject)'),"
                   " ('marginals', 'value', 'hidden(CASE key WHEN ''host'' THEN key ELSE ''tag'' "
                   "END, value)')),"
                   " everything(place, name) AS ("
                   " SELECT 'main', name FROM main.sqlite_master WHERE type = 'table'"
                   " UNION ALL SELECT 'temp', name FROM temp.sqlite_master WHERE type = 'table')"
                   " SELECT printf('UPDATE %s.%w SET %s;', place, e.name,"
                   " group_concat(c.name || ' = ' || value, ', '))"
                   " FROM everything e JOIN pragma_table_info(e.name, place) c"
                   " JOIN changes ON column = c.name AND coalesce(of, e.name) = e.name"
                   " GROUP BY place, e.name",
                   st);
    while (q != NULL && rows_next(s, q, st)) {
        buf_add(sql, column_view(q, 0));
    }
    return rows_end(q, st) && (!sql->failed || status_no_memory(st));
}

static bool read_tables(const store *s, pseudonyms *names, status *st)
{
    sqlite3_stmt *q = rows_begin(s, "SELECT name FROM main.tables", st);
    while (q != NULL && rows_next(s, q, st)) {
        if (!pseudonyms_add_table(names, column_view(q, 0))) {
            status_no_memory(st);
            break;
        }
    }
    return rows_end(q, st);
}

bool store_redact(const store *s, pseudonyms *names, status *st)
{
    buf sql;
    buf_init(&sql, SQL_MAX);
    if (*sqlite3_db_filename(store_connection(s), "main") != '\0') {
        return status_fail(st, STATUS_BUG, "names would be lost from a store that is to be kept");
    }
    /* A selection has left the copy as one that is only read. */
    bool ok = read_tables(s, names, st) && set_functions(s, names, st) &&
              run(s,
                  "PRAGMA query_only = 0; DELETE FROM main.aliases; DELETE FROM main.names;"
                  " DELETE FROM main.fold_state; DELETE FROM main.marks;"
                  " DELETE FROM main.accepted; DELETE FROM main.unread",
                  st) &&
              write_updates(s, &sql, st) && run(s, sql.p, st) && set_functions(s, NULL, st);
    buf_free(&sql);
    return ok;
}
