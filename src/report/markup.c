/* markup.c - see markup.h. */
#include "report/markup.h"

const markup markups[] = {
    {.name = "github", .title = "GitHub", .most = 65536, .folds = true},
    {.name = "gitlab", .title = "GitLab", .most = 1048576, .folds = true},
    {.name = "jira", .title = "Jira", .most = 32767, .wiki = true},
    {.name = NULL},
};

const markup *markup_find(slice name)
{
    for (const markup *place = markups; place->name != NULL; place++) {
        if (slice_is(name, place->name)) {
            return place;
        }
    }
    return NULL;
}
