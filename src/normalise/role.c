/* role.c - sql_role of sql.h: what part a statement plays, by its verb and its tables. */
#include "base/scan.h"
#include "normalise/facts.h"
#include "normalise/sql.h"

enum { FACTS_MAX = 1024 * 1024 };

static const struct {
    const char *verb;
    statement_role role;
} by_verb[] = {
    {"INSERT", ROLE_WRITE},     {"UPDATE", ROLE_WRITE},       {"DELETE", ROLE_WRITE},
    {"REPLACE", ROLE_WRITE},    {"MERGE", ROLE_WRITE},        {"BEGIN", ROLE_BEGIN},
    {"START", ROLE_BEGIN},      {"COMMIT", ROLE_END},         {"ROLLBACK", ROLE_END},
    {"END", ROLE_END},          {"ABORT", ROLE_END},          {"SAVEPOINT", ROLE_CHATTER},
    {"RELEASE", ROLE_CHATTER},  {"SET", ROLE_CHATTER},        {"SHOW", ROLE_CHATTER},
    {"RESET", ROLE_CHATTER},    {"DISCARD", ROLE_CHATTER},    {"USE", ROLE_CHATTER},
    {"PREPARE", ROLE_CHATTER},  {"DEALLOCATE", ROLE_CHATTER}, {"LISTEN", ROLE_CHATTER},
    {"UNLISTEN", ROLE_CHATTER}, {"DECLARE", ROLE_CURSOR},     {"FETCH", ROLE_CURSOR},
    {"MOVE", ROLE_CURSOR},      {"CLOSE", ROLE_CURSOR},
};

/* Functions that tell of the connection or the server, not of the data. */
static const char *const about_connection[] = {
    "version(",
    "now(",
    "current_schema(",
    "current_database(",
    "database(",
    "connection_id(",
    "last_insert_id(",
    "pg_backend_pid(",
    "pg_is_in_recovery(",
    "current_setting(",
    "set_config(",
    "found_rows(",
    "row_count(",
    "user(",
    "pg_try_advisory_lock(",
};

/* Of no table: SELECT 1, SELECT @@version, SELECT now(). What calls a routine of the application's
 * own reads. */
static statement_role role_without_tables(slice text)
{
    if (!scan_holds(text, "(")) {
        return ROLE_CHATTER;
    }
    for (size_t i = 0; i < sizeof about_connection / sizeof *about_connection; i++) {
        if (scan_holds(text, about_connection[i])) {
            return ROLE_CHATTER;
        }
    }
    return ROLE_READ;
}

static bool is_catalogue(slice table)
{
    static const char *const beginnings[] = {"pg_", "information_schema.", "mysql.",
                                             "performance_schema.", "sys."};
    for (size_t i = 0; i < sizeof beginnings / sizeof *beginnings; i++) {
        if (slice_starts_with(table, slice_from(beginnings[i]))) {
            return true;
        }
    }
    return false;
}

static statement_role role_of_select(const sql_facts *facts, slice text)
{
    if (facts->n_tables == 0) {
        return role_without_tables(text);
    }
    for (size_t i = 0; i < facts->n_tables; i++) {
        if (is_catalogue(facts->tables[i].name)) {
            return ROLE_OTHER;
        }
    }
    return slice_starts_with(text, SLICE("SELECT count(")) ? ROLE_COUNT : ROLE_READ;
}

statement_role sql_role(const sql_dialect *dialect, slice verb, slice text)
{
    for (size_t i = 0; i < sizeof by_verb / sizeof *by_verb; i++) {
        if (slice_is(verb, by_verb[i].verb)) {
            return by_verb[i].role;
        }
    }
    if (!slice_is(verb, "SELECT")) {
        return slice_starts_with(text, SLICE("administrator command")) ? ROLE_CHATTER : ROLE_OTHER;
    }
    sql_facts facts;
    arena a;
    arena_init(&a, FACTS_MAX);
    sql_facts_read(dialect, text, &a, &facts);
    statement_role role = role_of_select(&facts, text);
    arena_free(&a);
    return role;
}
