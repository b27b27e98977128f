/* normalise.c - the table of normalisers; see normalise.h. */
#include "normalise/normalise.h"

#include "normalise/mongodb.h"
#include "normalise/sql.h"

static const normaliser *const normalisers[] = {&postgresql_normaliser, &mysql_normaliser,
                                                &mongodb_normaliser};

const normaliser *normaliser_find(const char *engine)
{
    for (size_t i = 0; i < sizeof normalisers / sizeof normalisers[0]; i++) {
        if (strcmp(normalisers[i]->engine, engine) == 0) {
            return normalisers[i];
        }
    }
    return NULL;
}
