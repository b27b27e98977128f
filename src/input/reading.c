/* reading.c - see reading.h. */
#include "input/reading.h"

#include "base/hash.h"
#include "base/scan.h"

enum {
    END_BYTES = 256 * 1024,
    SCRATCH_MAX = 64 * 1024 * 1024,
    MANY_BYTES = 1024 * 1024 /* there is room for the lines of a block of less, however short */
};

/* --- where records begin ------------------------------------------------------------------- */

/* Whether something that was not kept lies on both sides of a place. */
static bool is_within_lost(const unwrapped *u, size_t at)
{
    size_t low = 0;
    size_t high = u->n_lost;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (u->lost[middle].from < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low > 0 && u->lost[low - 1].end > at;
}

/* Whether the wrapped log can be cut where this line begins: nothing before it goes on behind it,
 * and, where it may, so much follows that it would have been seen. */
static bool can_cut(const unwrapped *u, size_t i, size_t bytes)
{
    const unwrapped_line *l = &u->lines[i];
    bool seen = !u->looks_ahead || u->is_end || u->wrapped_lines - l->line >= NEAR_LINES ||
                bytes - l->from >= NEAR_BYTES;
    return l->from > 0 && l->outer_from == l->from && seen &&
           (i == 0 || u->lines[i - 1].end <= l->from) && !is_within_lost(u, l->from);
}

/* Which line of the text begins at `at`; the text's number of lines where none does. */
static size_t line_at(const unwrapped *u, size_t at)
{
    size_t low = 0;
    size_t high = u->n_lines;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (u->lines[middle].at < at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The line behind `i`, or the last before it, with which a record begins; n_lines: there is none.
 */
static size_t next_record(const reading *r, const unwrapped *u, size_t i)
{
    if (u->tells_messages) {
        for (i++; i < u->n_lines && !u->lines[i].begins; i++) {
        }
        return i;
    }
    slice rest = slice_skip(u->text, u->lines[i].at);
    size_t n = r->format.parser->cut(&r->format, rest, CUT_FIRST);
    return n > 0 ? line_at(u, u->lines[i].at + n) : u->n_lines;
}

static size_t record_before(const reading *r, const unwrapped *u, size_t i)
{
    if (u->tells_messages) {
        while (i > 0 && !u->lines[i - 1].begins) {
            i--;
        }
        return i > 0 ? i - 1 : u->n_lines;
    }
    slice text = slice_take(u->text, i < u->n_lines ? u->lines[i].at : u->text.n);
    size_t at = r->format.parser->cut(&r->format, text, CUT_LAST);
    return at > 0 ? line_at(u, at) : u->n_lines;
}

static size_t cut_first(const reading *r, const unwrapped *u, size_t bytes)
{
    if (u->n_lines > 0 && u->tells_messages && u->lines[0].begins && can_cut(u, 0, bytes)) {
        return u->lines[0].from;
    }
    for (size_t i = 0; i < u->n_lines;) {
        i = next_record(r, u, i);
        if (i < u->n_lines && can_cut(u, i, bytes)) {
            return u->lines[i].from;
        }
    }
    return 0;
}

/* Behind the last message, where only lines follow that are not the log's: so many that nothing of
 * it could go on. */
static size_t cut_behind(const unwrapped *u, slice bytes)
{
    size_t at = bytes.n;
    size_t end = u->n_lines > 0 ? u->lines[u->n_lines - 1].end : 0;
    for (uint32_t i = 0; i <= (u->looks_ahead ? NEAR_LINES : 0) && at > 0; i++) {
        const char *newline = scan_last(slice_take(bytes, at - 1), '\n');
        at = newline != NULL ? (size_t)(newline + 1 - bytes.p) : 0;
    }
    bool can = at >= end && (u->tells_messages || u->n_lines == 0) && !is_within_lost(u, at);
    return can ? at : 0;
}

static size_t cut_last(const reading *r, const unwrapped *u, slice bytes)
{
    size_t behind = cut_behind(u, bytes);
    if (behind > 0 || u->n_lines == 0) {
        return behind;
    }
    for (size_t i = record_before(r, u, u->n_lines); i < u->n_lines; i = record_before(r, u, i)) {
        if (can_cut(u, i, bytes.n)) {
            return u->lines[i].from;
        }
    }
    return 0;
}

/* The last `n` bytes, from a line's beginning on. */
static slice last_lines(slice whole, size_t n)
{
    if (n >= whole.n) {
        return whole;
    }
    const char *newline = scan_first(slice_skip(whole, whole.n - n), '\n');
    return newline != NULL ? slice_between(newline + 1, whole.p + whole.n) : whole;
}

/* Mostly the end of the bytes is enough: a piece whose beginning lies before it can only be of a
 * message that is no reason to cut in front of that piece. */
static size_t cut_at_end(const reading *r, slice whole, arena *scratch)
{
    bool tells = tells_messages(&r->layers[r->n_layers - 1], &r->format);
    for (size_t n = tells ? END_BYTES : whole.n;; n *= 4) {
        unwrapped u;
        slice end = last_lines(whole, n);
        bool all = end.n == whole.n;
        arena_reset(scratch);
        if (!unwrap(r->layers, r->n_layers, &r->format, end, scratch, &u)) {
            return 0;
        }
        size_t at = cut_last(r, &u, end);
        if (all || (at > 0 && at >= u.headless_end)) {
            return at > 0 ? whole.n - end.n + at : 0;
        }
    }
}

static size_t cut_first_of(const reading *r, slice bytes, bool is_end, arena *scratch)
{
    unwrapped u;
    arena_reset(scratch);
    if (!unwrap(r->layers, r->n_layers, &r->format, bytes, scratch, &u)) {
        return 0;
    }
    u.is_end = is_end;
    return cut_first(r, &u, bytes.n);
}

size_t reading_cut(const reading *r, slice bytes, cut_which which, arena *scratch)
{
    if (r->n_layers == 0) {
        return r->format.parser->cut(&r->format, bytes, which);
    }
    const char *newline = scan_last(bytes, '\n');
    if (newline == NULL) {
        return 0;
    }
    slice whole = slice_between(bytes.p, newline + 1);
    if (which == CUT_LAST) {
        return cut_at_end(r, whole, scratch);
    }
    return cut_first_of(r, whole, false, scratch);
}

size_t reading_cut_first_at_end(const reading *r, slice bytes, arena *scratch)
{
    return r->n_layers == 0 ? r->format.parser->cut(&r->format, bytes, CUT_FIRST)
                            : cut_first_of(r, bytes, true, scratch);
}

slice reading_next_record(const reading *r, slice bytes)
{
    arena scratch;
    arena_init(&scratch, SCRATCH_MAX);
    slice rest = slice_skip(bytes, reading_cut(r, bytes, CUT_FIRST, &scratch));
    arena_free(&scratch);
    return rest;
}

/* --- parsing -----------------------------------------------------------------------------------
 */

/* What became of each line of the text. */
enum { LINE_OTHER = SKIP_REASON_COUNT, LINE_EVENT };

static void add_skipped(skipped *to, const skipped *from)
{
    if (from->count > 0 && (to->count == 0 || from->first_line < to->first_line)) {
        to->first_line = from->first_line;
    }
    to->count += from->count;
    to->bytes += from->bytes;
}

/* From the carrier's words to the event's fields. */
static void fill_in(const reading *r, const unwrapped_line *l, event *e)
{
    if ((e->has & HAS_TIME) == 0 && r->takes_time) {
        e->time = l->time;
        e->zone_offset = l->zone_offset;
        e->has |= HAS_TIME;
    }
    if ((e->has & HAS_SESSION) != 0) {
        e->session = l->process != 0 ? mix64(e->session, l->process) : e->session;
    } else if (l->has_process) {
        e->session = l->process;
        e->has |= HAS_SESSION;
    }
}

/* Moves an event to where it stands in the wrapped log. `fate`: of each line, filled here. */
static void place_event(const reading *r, const unwrapped *u, event *e, uint8_t *fate)
{
    size_t i = line_at(u, (size_t)e->offset + 1);
    i -= i > 0; /* the line in which it begins */
    size_t end = (size_t)e->offset + e->bytes;
    const unwrapped_line *first = &u->lines[i];
    uint64_t bytes = 0;
    for (size_t k = i; k < u->n_lines && (k == i || u->lines[k].at < end); k++) {
        fate[k] = e->kind <= EVENT_PLAN ? LINE_EVENT : LINE_OTHER;
        bytes += u->lines[k].bytes;
    }
    e->offset = first->from;
    e->line = first->line;
    e->bytes = bytes <= UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;
    fill_in(r, first, e);
}

/* Where the record begins in whose literal the text ends: all of it has to wait where others' lines
 * stand within what comes before. */
static void place_open(const unwrapped *u, batch *out)
{
    size_t i = line_at(u, (size_t)out->open_from);
    bool clean = i < u->n_lines && (i == 0 || u->lines[i - 1].end <= u->lines[i].from);
    out->open_from = clean ? u->lines[i].from : 0;
}

/* Every wrapped byte is in an event, in another record, skipped, or the carrier's own. */
static void account(const unwrapped *u, const uint8_t *fate, slice block, batch *out)
{
    uint64_t skipped_bytes = u->foreign.bytes + u->headless.bytes + u->others.bytes;
    out->event_bytes = 0;
    for (size_t r = 0; r < SKIP_REASON_COUNT; r++) {
        out->skipped[r].bytes = 0;
        out->skipped[r].first_line = out->skipped[r].count > 0 && u->n_lines > 0
                                         ? u->lines[out->skipped[r].first_line].line
                                         : 0;
    }
    for (size_t i = 0; i < u->n_lines; i++) {
        if (fate[i] < SKIP_REASON_COUNT) {
            out->skipped[fate[i]].bytes += u->lines[i].bytes;
            skipped_bytes += u->lines[i].bytes;
        } else if (fate[i] == LINE_EVENT) {
            out->event_bytes += u->lines[i].bytes;
        }
    }
    add_skipped(&out->skipped[SKIP_FOREIGN], &u->foreign);
    add_skipped(&out->skipped[SKIP_HEADLESS], &u->headless);
    add_skipped(&out->skipped[SKIP_OTHERS], &u->others);
    out->other_bytes = block.n - skipped_bytes - out->event_bytes;
    out->lines = u->wrapped_lines;
}

/* False where memory is out. */
static bool parse_wrapped(const reading *r, slice block, bool truncated, batch *out)
{
    unwrapped u;
    if (!unwrap(r->layers, r->n_layers, &r->format, block, &out->arena, &u)) {
        return false;
    }
    uint8_t *fate = arena_alloc(&out->arena, u.n_lines + 1);
    if (fate == NULL) {
        return false;
    }
    memset(fate, LINE_OTHER, u.n_lines + 1);
    out->skips = fate;
    out->n_skips = u.n_lines;
    r->format.parser->parse(&r->format, u.text, truncated, out);
    out->skips = NULL;
    out->n_skips = 0;
    if (out->is_open) {
        place_open(&u, out);
    }
    for (uint32_t i = 0; i < out->n_events; i++) {
        place_event(r, &u, &out->events[i], fate);
    }
    account(&u, fate, block, out);
    return !out->out_of_memory;
}

/* A record of more lines than there is room for. */
static void pass_over(slice block, batch *out)
{
    batch_reset(out);
    out->lines = (uint32_t)scan_count(block, '\n') + (block.p[block.n - 1] != '\n');
    out->skipped[SKIP_TOO_LONG] = (skipped){.count = 1, .bytes = block.n};
}

void reading_parse(const reading *r, slice block, bool truncated, batch *out)
{
    if (r->n_layers == 0) {
        r->format.parser->parse(&r->format, block, truncated, out);
    } else if (!parse_wrapped(r, block, truncated, out)) {
        out->out_of_memory = block.n < MANY_BYTES;
        if (!out->out_of_memory) {
            pass_over(block, out);
        }
    }
}

/* --- making ready --------------------------------------------------------------------------------
 */

static bool set_name(reading *r, arena *keep)
{
    buf text;
    buf_init(&text, 4096);
    buf_add_text(&text, r->format.parser->name);
    for (size_t i = r->n_layers; i > 0; i--) {
        buf_add_text(&text, " in ");
        buf_add_text(&text, r->layers[i - 1].transport->name);
    }
    bool ok = !text.failed && arena_copy(keep, buf_slice(&text), &r->name);
    buf_free(&text);
    return ok;
}

static void add_carriers_knowledge(reading *r, const unwrapped_line *l)
{
    if (l->has_time && (r->format.lacks & LACKS_TIME) != 0) {
        r->format.lacks &= ~(uint32_t)LACKS_TIME;
        r->takes_time = true;
        r->format.clock_resolution = l->resolution;
    }
    if (l->has_process) {
        r->format.lacks &= ~(uint32_t)LACKS_SESSION;
    }
}

bool reading_complete(reading *r, slice head, arena *keep)
{
    arena scratch;
    unwrapped u;
    if (!set_name(r, keep)) {
        return false;
    }
    if (r->n_layers == 0) {
        return true;
    }
    arena_init(&scratch, SCRATCH_MAX);
    bool ok = unwrap(r->layers, r->n_layers, &r->format, head, &scratch, &u);
    if (ok && u.n_lines > 0) {
        add_carriers_knowledge(r, &u.lines[0]);
    }
    arena_free(&scratch);
    return ok;
}
