/* cmd_export.c - a store's figures for another database. */
#include "base/assets.h"
#include "cli/commands.h"
#include "cli/work.h"
#include "report/export.h"

static bool write_piece(void *context, slice text, status *st)
{
    return output_add(context, text, st);
}

/* What --format or else the output's ending says: an object a line, or CSV. */
static bool find_format(const arguments *a, bool *csv, status *st)
{
    const char *dot = a->output != NULL ? strrchr(a->output, '.') : NULL;
    const char *word = dot != NULL && strcmp(dot, ".csv") == 0 ? "csv" : "ndjson";
    word = a->format != NULL ? a->format : word;
    *csv = strcmp(word, "csv") == 0;
    return *csv || strcmp(word, "ndjson") == 0 ||
           status_fail(st, STATUS_USAGE, "unknown format '%s': ndjson or csv", word);
}

static bool find_table(const arguments *a, export_table *table, status *st)
{
    const char *name = a->table != NULL ? a->table : "hours";
    *table = strcmp(name, "queries") == 0 ? EXPORT_QUERIES : EXPORT_HOURS;
    return *table == EXPORT_QUERIES || strcmp(name, "hours") == 0 ||
           status_fail(st, STATUS_USAGE, "unknown table '%s': hours or queries", name);
}

static bool write_rows(const arguments *a, status *st)
{
    store *s = NULL;
    output o;
    selection chosen = a->selection; /* its moments are resolved for the store */
    chosen.whole_hours = true;
    export_request request = {
        .chosen = chosen.empty ? NULL : &chosen, .write = write_piece, .context = &o};
    if (!find_format(a, &request.csv, st) || !find_table(a, &request.table, st) ||
        !store_open(a->store, STORE_READ, &s, st)) {
        return false;
    }
    bool ok = output_begin(&o, a->output, st) && export_rows(s, &request, st);
    ok = output_end(&o, ok, st);
    store_close(s);
    return ok;
}

/* The tables of another database. */
static bool write_ddl(const arguments *a, status *st)
{
    static const struct {
        const char *name, *file;
    } rows[] = {
        {"clickhouse", "clickhouse.sql"}, {"duckdb", "duckdb.sql"}, {"postgres", "postgres.sql"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        slice text;
        if (strcmp(a->ddl, rows[i].name) == 0) {
            return asset_find(slice_from(rows[i].file), &text)
                       ? console_write(a->output, text, st)
                       : status_fail(st, STATUS_BUG, "%s is missing from the program",
                                     rows[i].file);
        }
    }
    return status_fail(st, STATUS_USAGE, "no tables for '%s': clickhouse, duckdb or postgres",
                       a->ddl);
}

int command_export(const command *c, int argc, char **argv)
{
    arguments a;
    status st = {0};
    int code = STATUS_OK;
    if (work_begin(c, argc, argv, &a, &code)) {
        bool ok = false;
        if (a.n_operands > 0) {
            status_fail(&st, STATUS_USAGE, "export takes no files but --store");
        } else if (a.ddl != NULL) {
            ok = write_ddl(&a, &st);
        } else if (a.store == NULL) {
            status_fail(&st, STATUS_USAGE, "export wants --store FILE, or $QLOG_STORE");
        } else {
            ok = write_rows(&a, &st);
        }
        code = ok ? STATUS_OK : console_fail(&st);
    }
    arguments_free(&a);
    return code;
}
