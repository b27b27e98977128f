/* assets.c - see assets.h; the table itself is made by the build. */
#include "base/assets.h"

bool asset_find(slice name, slice *text)
{
    for (const asset *a = assets; a->name != NULL; a++) {
        if (slice_is(name, a->name)) {
            *text = a->text;
            return true;
        }
    }
    return false;
}
