/* parser_ids.c - for tests: which query PostgreSQL's own parser takes a statement for.
 *
 * Reads statements from stdin, each ended by a NUL, and writes libpg_query's fingerprint of each on
 * a line; `-` where the parser refuses it. */
#include <pg_query.h>
#include <stdio.h>
#include <stdlib.h>

int main(void)
{
    char *statement = NULL;
    size_t room = 0;
    while (getdelim(&statement, &room, '\0', stdin) > 0) {
        PgQueryFingerprintResult parsed = pg_query_fingerprint(statement);
        puts(parsed.error == NULL ? parsed.fingerprint_str : "-");
        pg_query_free_fingerprint_result(parsed);
    }
    free(statement);
    return 0;
}
