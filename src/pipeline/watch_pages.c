/* watch_pages.c - executions that pass over rows, walks from page to page, counts beside them; see
 * watch_parts.h. */
#include "base/time_units.h"
#include "pipeline/watch_parts.h"

enum {
    WALK_STEPS = 4,          /* pages that make a walk */
    TWIN_GAP = US_PER_SECOND /* between a page and its count */
};

static paging *pages_of(const watch *w, const watch_entry *e, evidence *to, arena *a)
{
    return evidence_pages(to, a, w->logs[e->page_log], e->page_hour, e->who, e->page);
}

/* A count right before or behind the page; once for each page. The least of counts is that of
 * signed numbers, as which the store compares them. */
static void add_twin(watch_entry *e, paging *p)
{
    p->twin = p->twin == 0 || (int64_t)e->count < (int64_t)p->twin ? e->count : p->twin;
    p->twins++;
    e->page_twinned = true;
}

static void add_walk(const watch_entry *e, paging *p)
{
    if (e->page_steps == WALK_STEPS) {
        p->walks++;
        p->walk_pages += WALK_STEPS;
    } else if (e->page_steps > WALK_STEPS) {
        p->walk_pages++;
    }
}

bool watch_take_page(const watch *w, watch_entry *e, const watched *x, evidence *to, arena *a)
{
    bool walks = e->page == x->fingerprint && x->start - e->page_end <= WALK_GAP &&
                 (x->skip == e->page_next || x->skip == e->page_next_by_rows);
    e->page_steps = walks ? e->page_steps + 1 : 1;
    e->page = x->fingerprint;
    e->page_end = x->end;
    e->page_next = x->has_limit ? x->skip + x->limit : UINT64_MAX;
    e->page_next_by_rows = x->has_rows ? x->skip + x->rows : UINT64_MAX;
    e->page_hour = x->hour;
    e->page_log = watch_step_before(e, 0)->log;
    e->page_wanted = x->wanted && x->skip > 0; /* the first page passes over nothing */
    e->page_twinned = false;
    if (!e->page_wanted) {
        return true;
    }
    paging *p = pages_of(w, e, to, a);
    if (p == NULL) {
        return false;
    }
    p->pages++;
    add_walk(e, p);
    if (e->count != 0 && x->start - e->count_end <= TWIN_GAP) {
        add_twin(e, p);
    }
    page_sample_add(p->sample, &p->n_sample, PAGE_SAMPLE,
                    &(page_point){.hash = mix64(mix64(x->segment.low, x->offset), x->skip),
                                  .skip = x->skip,
                                  .limit = x->has_limit ? x->limit : 0,
                                  .duration = (uint64_t)(x->end - x->start),
                                  .examined = x->has_examined ? x->examined : UINT64_MAX});
    return true;
}

bool watch_take_count(const watch *w, watch_entry *e, const watched *x, evidence *to, arena *a)
{
    e->count = x->fingerprint;
    e->count_end = x->end;
    if (e->page == 0 || e->page_twinned || !e->page_wanted || x->start - e->page_end > TWIN_GAP) {
        return true;
    }
    paging *p = pages_of(w, e, to, a);
    if (p == NULL) {
        return false;
    }
    add_twin(e, p);
    return true;
}
