/* upgrade.c - stores of older versions: see store_upgrade in internal.h.
 *
 * Each version has one step, an SQL file that leads to the next one; a new version adds a file and
 * a row here, and changes schema.sql to what the steps lead to. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/internal.h"

typedef struct step {
    int from;
    const char *sql;
} step;

static const step steps[] = {{1, "upgrade-1.sql"}, {2, "upgrade-2.sql"}, {3, "upgrade-3.sql"}};

enum { STEPS = sizeof steps / sizeof *steps, BACKUPS_MAX = 1000 };

static bool fail(const store *s, const char *why, status *st)
{
    return status_fail(st, STATUS_STORE, "cannot upgrade '%s': %s", s->path, why);
}

/* --- the steps ------------------------------------------------------------------------------ */

/* What is damaged is not worked on. */
static bool check_whole(const store *s, status *st)
{
    sqlite3_stmt *q = rows_begin(s, "PRAGMA quick_check(1)", st);
    if (q != NULL && rows_next(s, q, st)) {
        if (!slice_is(column_view(q, 0), "ok")) {
            fail(s, "it is damaged; read its logs into a new store", st);
        }
    }
    return rows_end(q, st);
}

static bool drop_views(const store *s, status *st)
{
    buf drops;
    buf_init(&drops, 64 * 1024);
    sqlite3_stmt *q = rows_begin(s,
                                 "SELECT printf('DROP VIEW \"%w\";', name) FROM sqlite_master"
                                 " WHERE type = 'view'",
                                 st);
    while (q != NULL && rows_next(s, q, st)) {
        buf_add(&drops, column_view(q, 0));
    }
    bool ok = rows_end(q, st) && (!drops.failed || status_no_memory(st)) &&
              (drops.n == 0 || store_run_sql(s, drops.p, "upgrade", st));
    buf_free(&drops);
    return ok;
}

static bool take_steps(const store *s, int version, status *st)
{
    char set_version[64];
    snprintf(set_version, sizeof set_version, "PRAGMA user_version = %d", (int)STORE_VERSION);
    bool ok = drop_views(s, st);
    for (size_t i = 0; ok && i < STEPS; i++) {
        if (steps[i].from == version) {
            ok = store_run_asset(s, steps[i].sql, "upgrade", st);
            version++;
        }
    }
    if (ok && version != STORE_VERSION) {
        return fail(s, "no way leads from its version to this program's", st);
    }
    return ok && store_run_asset(s, "views.sql", "upgrade", st) &&
           store_run_sql(s, set_version, "upgrade", st);
}

/* --- copies --------------------------------------------------------------------------------- */

bool store_copy_database(store *to, const char *schema, const store *from, status *st)
{
    sqlite3_backup *copy = sqlite3_backup_init(to->db, schema, from->db, "main");
    if (copy == NULL) {
        return store_fail(to, "copy to", st);
    }
    sqlite3_backup_step(copy, -1);
    return sqlite3_backup_finish(copy) == SQLITE_OK || store_fail(to, "copy to", st);
}

/* Nothing can change the file meanwhile: the transaction that is open holds SQLite's lock. It is
 * read through a connection of its own, since one that writes cannot be copied from. */
static bool copy_file(const store *s, const char *path, status *st)
{
    store from = {.path = s->path};
    store to = {.path = s->path}; /* in messages */
    bool ok = (sqlite3_open_v2(s->path, &from.db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK ||
               store_fail(&from, "open", st)) &&
              (sqlite3_open_v2(path, &to.db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK ||
               store_fail(&to, "open", st)) &&
              store_copy_database(&to, "main", &from, st);
    sqlite3_close(to.db);
    sqlite3_close(from.db);
    return ok;
}

/* Gives the copy the first name that is free: "s.db.version-2", "s.db.version-2.1". What lies there
 * from an earlier time is never replaced. */
static bool name_backup(const store *s, const char *copy, int version, buf *name, status *st)
{
    for (int i = 0; i < BACKUPS_MAX; i++) {
        buf_clear(name);
        buf_printf(name, "%s.version-%d", s->path, version);
        if (i > 0) {
            buf_printf(name, ".%d", i);
        }
        if (name->failed) {
            return status_no_memory(st);
        }
        if (link(copy, name->p) == 0) {
            return true;
        }
        if (errno != EEXIST) {
            break;
        }
    }
    char why[128];
    return status_fail(st, STATUS_STORE, "cannot keep a copy of '%s' as '%s': %s", s->path, name->p,
                       status_errno_text(errno, why, sizeof why));
}

/* A copy that a killed run left is of no use: no other run can be at it. */
static bool make_copy(const store *s, const char *path, int version, buf *name, status *st)
{
    unlink(path);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        char why[128];
        return status_fail(st, STATUS_STORE, "cannot keep a copy of '%s' as '%s': %s", s->path,
                           path, status_errno_text(errno, why, sizeof why));
    }
    close(fd);
    bool ok = copy_file(s, path, st) && name_backup(s, path, version, name, st);
    unlink(path);
    return ok;
}

/* The copy has its name only when it is whole. */
static bool keep_backup(store *s, int version, status *st)
{
    buf part;
    buf name;
    buf_init(&part, 64 * 1024);
    buf_init(&name, 64 * 1024);
    buf_printf(&part, "%s.version-%d.part", s->path, version);
    bool ok = !part.failed ? make_copy(s, part.p, version, &name, st) : status_no_memory(st);
    s->backup = ok ? strdup(name.p) : NULL;
    buf_free(&part);
    buf_free(&name);
    return ok && (s->backup != NULL || status_no_memory(st));
}

/* --- both ways ------------------------------------------------------------------------------ */

bool store_upgrade(store *s, int version, status *st)
{
    s->upgraded_from = version;
    return check_whole(s, st) && keep_backup(s, version, st) && take_steps(s, version, st);
}

bool store_make_private(store *s, status *st)
{
    store copy = {.path = s->path};
    bool ok = (sqlite3_open_v2("", &copy.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) ==
                   SQLITE_OK ||
               store_fail(&copy, "open", st)) &&
              store_prepare_connection(&copy, STORE_TEMPORARY, st) &&
              store_copy_database(&copy, "main", s, st);
    if (!ok) {
        sqlite3_close(copy.db);
        return false;
    }
    sqlite3_close(s->db);
    s->db = copy.db;
    s->is_copy = true;
    return true;
}

bool store_upgrade_copy(store *s, int version, status *st)
{
    return check_whole(s, st) && store_make_private(s, st) && take_steps(s, version, st) &&
           store_run_sql(s, "PRAGMA query_only = 1", "open", st);
}
