/* fingerprints.c - for tests: what qlog and libpg_query each take a statement for.
 *
 * usage: fingerprints [ENGINE]        postgresql where none is given
 *
 * Reads statements from stdin, each ended by a NUL, and writes a line for each: qlog's
 * fingerprint, libpg_query's (a `-` where its parser refuses the statement), and qlog's
 * normalised text, separated by TABs. Line ends within names become blanks in the text. */
#include <inttypes.h>
#include <pg_query.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "normalise/normalise.h"

enum { STATEMENT_MAX = 64 << 20 };

static void write_line(const normaliser *sql, char *statement, size_t n)
{
    buf text;
    normalised out;
    buf_init(&text, STATEMENT_MAX);
    sql->run(slice_of(statement, n), false, &out, &text);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '\n' || text.p[i] == '\t') {
            text.p[i] = ' ';
        }
    }
    PgQueryFingerprintResult parsed = pg_query_fingerprint(statement);
    printf("%016" PRIx64 "\t%s\t%.*s\n", out.fingerprint,
           parsed.error == NULL ? parsed.fingerprint_str : "-", (int)text.n,
           text.p != NULL ? text.p : "");
    pg_query_free_fingerprint_result(parsed);
    buf_free(&text);
}

int main(int argc, char **argv)
{
    const normaliser *sql = normaliser_find(argc > 1 ? argv[1] : "postgresql");
    if (sql == NULL) {
        return 2;
    }
    char *statement = NULL;
    size_t room = 0;
    ssize_t n;
    while ((n = getdelim(&statement, &room, '\0', stdin)) > 0) {
        write_line(sql, statement, (size_t)(n - 1));
    }
    free(statement);
    return 0;
}
