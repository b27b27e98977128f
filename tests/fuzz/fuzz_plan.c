/* fuzz_plan.c - execution plans in every form: what is read of them stays within bounds. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "parsers/postgres/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const heads[] = {"",
                                        "Query Text: ", "{\"Query Text\":\"SELECT 1\",\"Plan\":"};
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        arena a;
        explained x;
        plan_form form;
        arena_init(&a, 64 * 1024 * 1024);
        size_t n = strlen(heads[i]);
        char *text = malloc(n + size + 1);
        require(text != NULL);
        memcpy(text, heads[i], n);
        if (size > 0) {
            memcpy(text + n, data, size);
        }
        require(plan_read(slice_of(text, n + size), &a, &form, &x));
        require(x.shape.n <= PLAN_SHAPE_MAX && x.shape.n <= n + size);
        require(x.statement.n <= 3 * (n + size)); /* bytes that are no UTF-8 grow to three */
        require(form == PLAN_TEXT || form == PLAN_JSON || x.shape.n + x.statement.n == 0);
        for (size_t k = 0; k < x.shape.n; k++) {
            require(x.shape.p[k] == '\n' || (unsigned char)x.shape.p[k] >= ' ');
        }
        free(text);
        arena_free(&a);
    }
    return 0;
}
