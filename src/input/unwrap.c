/* unwrap.c - see unwrap.h. */
#include "input/unwrap.h"

#include <stdlib.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/scan.h"
#include "base/time_units.h"
#include "base/timestamp.h"

enum {
    PIECE_MIN = 890, /* bytes that PostgreSQL gives to syslog at once */
    PIECE_MAX = 900,
    FIRST_ITEMS = 1024,
    LINE_START = 16 * 1024 /* enough to tell whether a record begins */
};

/* A wrapped line that carries something. */
typedef struct piece {
    carried carried;
    size_t from, end;  /* in the outermost bytes */
    size_t outer_from; /* where the message of the layers outside begins that it is in */
    uint64_t bytes;    /* of these */
    uint32_t line;     /* in the layer that is being undone */
    uint32_t outer;    /* in the outermost bytes */
    uint32_t next;     /* of the same message, index + 1 */
} piece;

typedef struct message {
    uint32_t first, last; /* pieces */
} message;

/* The message that a process is writing. */
typedef struct open_message {
    uint64_t process;
    uint32_t message; /* index + 1; 0: the slot is free */
    uint32_t last_line, last_outer;
    size_t last_at;
    bool goes_on; /* its last piece said so */
} open_message;

/* By process. Where it is emptied after NEAR_LINES lines it never holds more than half as many
 * processes as slots. */
typedef struct open_table {
    open_message slots[2 * NEAR_LINES];
} open_table;

typedef struct unwrapping {
    const wrapping *layer;
    const format *within;   /* NULL: not known, or there are layers between */
    const unwrapped *outer; /* what the layer before gave; NULL: this is the outermost */
    slice bytes;
    arena *arena;
    piece *pieces; /* with room for all lines, as the messages */
    uint32_t n_pieces;
    message *messages;
    uint32_t n_messages;
    open_table *open;   /* messages written to since the line `open_since` */
    open_table *before; /* and in the NEAR_LINES lines before that */
    uint32_t open_since;
    uint32_t cap_lost;
    buf line; /* scratch */
    unwrapped *out;
} unwrapping;

/* --- text ---------------------------------------------------------------------------------- */

static bool is_octal(slice text, size_t at)
{
    return at + 3 < text.n && text.p[at + 1] == '0' && text.p[at + 2] >= '0' &&
           text.p[at + 2] <= '3' && text.p[at + 3] >= '0' && text.p[at + 3] <= '7';
}

/* Control characters as their octal numbers: "#011" is a TAB. A literal that reads like one is
 * changed as well, which no fingerprint sees. */
static bool decode_octal(slice *text, arena *a)
{
    const char *first = scan_first(*text, '#');
    if (first == NULL) {
        return true;
    }
    char *to = arena_alloc(a, text->n);
    size_t n = (size_t)(first - text->p);
    if (to == NULL) {
        return false;
    }
    memcpy(to, text->p, n);
    for (size_t i = n; i < text->n; i++) {
        if (text->p[i] == '#' && is_octal(*text, i)) {
            to[n++] = (char)((text->p[i + 2] - '0') * 8 + text->p[i + 3] - '0');
            i += 3;
        } else {
            to[n++] = text->p[i];
        }
    }
    *text = slice_of(to, n);
    return true;
}

static bool decode_json(slice *text, arena *a)
{
    json_token t = {.kind = JSON_STRING, .escaped = scan_first(*text, '\\') != NULL, .text = *text};
    return text->n == 0 || json_text(&t, a, text);
}

static slice without_line_ends(slice text)
{
    while (text.n > 0 && (text.p[text.n - 1] == '\n' || text.p[text.n - 1] == '\r')) {
        text.n--;
    }
    return text;
}

/* prefix, level, ":  " and text; the text's own line otherwise. */
static bool put_prefix(carried *c, arena *a)
{
    if (c->prefix.n == 0 || c->level.n == 0) {
        return true;
    }
    size_t n = c->prefix.n + c->level.n + 3 + c->text.n;
    char *to = arena_alloc(a, n);
    if (to == NULL) {
        return false;
    }
    memcpy(to, c->prefix.p, c->prefix.n);
    memcpy(to + c->prefix.n, c->level.p, c->level.n);
    memcpy(to + c->prefix.n + c->level.n, ":  ", 3);
    if (c->text.n > 0) {
        memcpy(to + n - c->text.n, c->text.p, c->text.n);
    }
    c->text = slice_of(to, n);
    return true;
}

/* Behind the text a line "PREFIX DETAIL:  ...", with what stands in the text before its level. */
static bool put_detail(carried *c, arena *a)
{
    static const char word[] = "DETAIL:  ";
    slice head = slice_take(c->text, 1024);
    const char *level = c->level.n > 0 ? scan_text(head, c->level) : NULL;
    if (c->detail.n == 0 || level == NULL) {
        return true;
    }
    slice prefix = slice_between(head.p, level);
    size_t n = c->text.n + 1 + prefix.n + strlen(word) + c->detail.n;
    char *to = arena_alloc(a, n);
    if (to == NULL) {
        return false;
    }
    slice parts[] = {c->text, SLICE("\n"), prefix, slice_from(word), c->detail};
    char *at = to;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        memcpy(at, parts[i].p, parts[i].n);
        at += parts[i].n;
    }
    c->text = slice_of(to, n);
    return true;
}

/* Makes the carried text what the server wrote. False where memory is out. */
static bool decode(carried *c, arena *a)
{
    if (c->octal && !decode_octal(&c->text, a)) {
        return false;
    }
    if (c->json) {
        if (!decode_json(&c->text, a) || !decode_json(&c->prefix, a) ||
            !decode_json(&c->level, a) || !decode_json(&c->detail, a)) {
            return false;
        }
        c->text = without_line_ends(c->text);
        return put_prefix(c, a) && put_detail(c, a);
    }
    return true;
}

/* --- which lines are one message ----------------------------------------------------------- */

/* Room for one more; false where memory is out. */
static bool has_room_for_lost(unwrapping *u)
{
    unwrapped *out = u->out;
    if (out->n_lost < u->cap_lost) {
        return true;
    }
    uint32_t more = out->n_lost > 0 ? 2 * out->n_lost : FIRST_ITEMS;
    lost_span *to = arena_alloc(u->arena, (size_t)more * sizeof *to);
    if (to != NULL && out->n_lost > 0) {
        memcpy(to, out->lost, (size_t)out->n_lost * sizeof *to);
    }
    out->lost = to;
    u->cap_lost = more;
    return to != NULL;
}

/* Nothing is cut within what a line that is not kept came from. False where memory is out. */
static bool leave_out(unwrapping *u, const piece *p)
{
    if (p->end - p->outer_from <= p->bytes) {
        return true; /* nothing else stands between its first byte and its last */
    }
    if (!has_room_for_lost(u)) {
        return false;
    }
    u->out->lost[u->out->n_lost++] = (lost_span){p->outer_from, p->end};
    return true;
}

/* False where memory is out. */
static bool miss(unwrapping *u, skipped *s, const piece *p)
{
    if (s->count++ == 0) {
        s->first_line = p->outer;
    }
    s->bytes += p->bytes;
    return leave_out(u, p);
}

static bool miss_beginning(unwrapping *u, const piece *p)
{
    u->out->headless_end = p->end;
    return miss(u, &u->out->headless, p);
}

/* The slot of a process, which may be free. */
static open_message *slot_of(open_table *t, uint64_t process)
{
    const size_t n = sizeof t->slots / sizeof *t->slots;
    size_t at = (size_t)mix64(process, 0) % n;
    while (t->slots[at].message != 0 && t->slots[at].process != process) {
        at = (at + 1) % n;
    }
    return &t->slots[at];
}

/* What the process is writing, for the line at hand to change: it will be the latest. */
static open_message *open_of(unwrapping *u, uint64_t process, uint32_t line)
{
    if (line - u->open_since >= NEAR_LINES) {
        open_table *oldest = u->before;
        memset(oldest, 0, sizeof *oldest);
        u->before = u->open;
        u->open = oldest;
        u->open_since = line;
    }
    open_message *now = slot_of(u->open, process);
    if (now->message == 0) {
        *now = *slot_of(u->before, process);
    }
    return now;
}

/* Whether the line is where a record of the log within begins. */
static bool begins_record(unwrapping *u, slice text)
{
    if (text.n == 0 || text.p[0] == '\t') {
        return false;
    }
    if (u->within == NULL) {
        return true;
    }
    buf_clear(&u->line);
    buf_add_char(&u->line, '\n');
    buf_add(&u->line, slice_take(text, LINE_START));
    buf_add_char(&u->line, '\n');
    return !u->line.failed &&
           u->within->parser->cut(u->within, buf_slice(&u->line), CUT_FIRST) == 1;
}

/* Whether a message begins with this piece. Where lines of other processes cannot stand between, or
 * the log's format cannot tell it, every line stands for itself: the format puts them together. */
static bool begins_message(unwrapping *u, const piece *p)
{
    const carried *c = &p->carried;
    if (c->kind == CARRIED_CONTINUED || c->piece > 1) {
        return false;
    }
    bool joins = u->layer->transport->interleaves && u->out->tells_messages;
    return !joins || begins_record(u, c->text);
}

static bool is_near(const open_message *o, const piece *p)
{
    return o->message != 0 && p->line - o->last_line <= NEAR_LINES &&
           p->outer <= o->last_outer + NEAR_LINES && p->from <= o->last_at + NEAR_BYTES;
}

/* Nothing but whole messages: what does not begin like a record is none. */
static bool holds_whole_messages(const unwrapping *u)
{
    const transport *t = u->layer->transport;
    return t->whole_messages && !t->interleaves && u->out->tells_messages;
}

/* False where memory is out. */
static bool add_piece(unwrapping *u, const piece *p)
{
    uint32_t index = u->n_pieces;
    uint64_t process = mix64(p->carried.process, hash_bytes(p->carried.program));
    open_message *o = open_of(u, process, p->line);
    bool near = is_near(o, p);
    bool begins = !(near && o->goes_on) && begins_message(u, p);
    if (!begins && !near) {
        return miss_beginning(u, p);
    }
    if (begins && holds_whole_messages(u) && !begins_record(u, p->carried.text)) {
        return miss(u, &u->out->foreign,
                    p); /* whole, and no record: it is not of the one above either */
    }
    u->pieces[u->n_pieces++] = *p;
    if (begins) {
        u->messages[u->n_messages++] = (message){index, index};
        *o = (open_message){.process = process, .message = u->n_messages};
    } else {
        message *m = &u->messages[o->message - 1];
        u->pieces[m->last].next = index + 1;
        m->last = index;
    }
    o->last_line = p->line;
    o->last_outer = p->outer;
    o->last_at = p->from;
    o->goes_on = p->carried.part;
    return true;
}

/* The rest of the line above has its process and no words of its own. */
static bool inherit(unwrapping *u, piece *p)
{
    if (u->n_pieces == 0 || u->pieces[u->n_pieces - 1].line + 1 != p->line) {
        return false;
    }
    const carried *above = &u->pieces[u->n_pieces - 1].carried;
    p->carried.program = above->program;
    p->carried.has_process = above->has_process;
    p->carried.process = above->process;
    return true;
}

static bool take_line(unwrapping *u, slice line, piece *p)
{
    carried *c = &p->carried;
    if (!u->layer->transport->take(line, c)) {
        return miss(u, &u->out->foreign, p);
    }
    if (c->kind == CARRIED_CONTINUED && !inherit(u, p)) {
        return miss_beginning(u, p);
    }
    if (u->layer->program.p != NULL && !slice_equal(c->program, u->layer->program)) {
        return miss(u, &u->out->others, p);
    }
    if (c->kind == CARRIED_NOTHING) {
        return leave_out(u, p);
    }
    return decode(c, u->arena) && add_piece(u, p);
}

/* Where a line of this layer stood in the outermost bytes. */
static piece piece_at(const unwrapping *u, uint32_t number, size_t at, size_t bytes)
{
    if (u->outer == NULL) {
        return (piece){.line = number,
                       .outer = number,
                       .from = at,
                       .outer_from = at,
                       .end = at + bytes,
                       .bytes = bytes};
    }
    const unwrapped_line *l = &u->outer->lines[number];
    return (piece){.line = number,
                   .outer = l->line,
                   .from = l->from,
                   .outer_from = l->message_from,
                   .end = l->end,
                   .bytes = l->bytes};
}

static bool take_lines(unwrapping *u)
{
    uint32_t number = 0;
    for (size_t at = 0; at < u->bytes.n; number++) {
        slice rest = slice_skip(u->bytes, at);
        const char *newline = scan_first(rest, '\n');
        slice line = newline != NULL ? slice_between(rest.p, newline) : rest;
        size_t bytes = line.n + (newline != NULL);
        piece p = piece_at(u, number, at, bytes);
        if (slice_ends_with(line, SLICE("\r"))) {
            line.n--;
        }
        if (slice_starts_with(line, SLICE("\xef\xbb\xbf"))) {
            line = slice_skip(line, 3); /* the file's */
        }
        if (!take_line(u, line, &p)) {
            return false;
        }
        at += bytes;
    }
    if (u->outer == NULL) {
        u->out->wrapped_lines = number;
    }
    return true;
}

/* --- the log's own lines -----------------------------------------------------------------------
 */

/* Stamps without a year are of the first line's, or, where the log goes on into January, of the
 * next. */
static int64_t instant_of(const wrapping *layer, const carried *c)
{
    if (c->clock != CLOCK_NO_YEAR) {
        return c->time;
    }
    int year = layer->year + (c->month + 1 < layer->first_month);
    return days_from_civil(year, c->month, 1) * US_PER_DAY + c->time;
}

/* What the piece's own line and those around it say of when and by whom it was written. */
static void add_line(unwrapping *u, const piece *p, const message *m, size_t at, bool begins)
{
    unwrapped *out = u->out;
    const carried *head = &u->pieces[m->first].carried;
    const unwrapped_line *outer = u->outer != NULL ? &u->outer->lines[p->line] : NULL;
    unwrapped_line *l = &out->lines[out->n_lines];
    *l = (unwrapped_line){.at = at,
                          .from = p->from,
                          .outer_from = p->outer_from,
                          .message_from = u->pieces[m->first].outer_from,
                          .line = p->outer,
                          .begins = begins};
    if (outer != NULL) {
        l->has_time = outer->has_time;
        l->time = outer->time;
        l->resolution = outer->resolution;
        l->zone_offset = outer->zone_offset;
        l->has_process = outer->has_process;
        l->process = outer->process;
    }
    if (head->clock != CLOCK_NONE) {
        l->has_time = true;
        l->time = instant_of(u->layer, head);
        l->resolution = head->resolution;
        l->zone_offset = head->zone_offset;
    }
    if (head->process != 0) {
        l->process = l->process != 0 ? mix64(l->process, head->process) : head->process;
        l->has_process = l->has_process || head->has_process;
    }
    l->end = out->n_lines > 0 ? out->lines[out->n_lines - 1].end : 0;
    out->n_lines++;
}

/* Whether the piece goes on in the middle of the line that the one before it began: the carrier
 * said so, or PostgreSQL's piece was full and broke where no blank was. */
static bool goes_on_within(const piece *before, const piece *p)
{
    if (before->carried.part) {
        return true;
    }
    size_t full = before->carried.text.n;
    slice text = p->carried.text;
    bool of_syslog = p->carried.piece > 1 || (p->carried.piece == 0 && p->carried.octal);
    return of_syslog && full >= PIECE_MIN && full <= PIECE_MAX && text.n > 0 && text.p[0] != ' ' &&
           text.p[0] != '\t' && scan_text(slice_take(text, PIECE_MAX), SLICE(":  ")) == NULL;
}

/* Writes the piece's text, whose own line ends begin lines as well; returns where it ends. */
static char *write_text(unwrapping *u, const piece *p, const message *m, const char *begin,
                        char *to)
{
    slice rest = p->carried.text;
    for (;;) {
        const char *newline = scan_first(rest, '\n');
        slice line = newline != NULL ? slice_between(rest.p, newline) : rest;
        if (line.n > 0) {
            memcpy(to, line.p, line.n);
            to += line.n;
        }
        if (newline == NULL) {
            return to;
        }
        *to++ = '\n';
        rest = slice_skip(rest, line.n + 1);
        add_line(u, p, m, (size_t)(to - begin), false);
    }
}

static char *write_message(unwrapping *u, const message *m, const char *begin, char *to)
{
    const piece *before = NULL;
    for (uint32_t next = m->first + 1; next != 0;) {
        const piece *p = &u->pieces[next - 1];
        if (before == NULL || !goes_on_within(before, p)) {
            if (before != NULL) {
                *to++ = '\n';
            }
            add_line(u, p, m, (size_t)(to - begin), before == NULL);
        }
        unwrapped_line *l = &u->out->lines[u->out->n_lines - 1];
        l->bytes += p->bytes;
        l->end = p->end > l->end ? p->end : l->end;
        to = write_text(u, p, m, begin, to);
        before = p;
        next = p->next;
    }
    *to++ = '\n';
    return to;
}

static bool write_messages(unwrapping *u)
{
    size_t bytes = 0;
    size_t lines = 0;
    for (uint32_t i = 0; i < u->n_pieces; i++) {
        slice text = u->pieces[i].carried.text;
        bytes += text.n + 1;
        lines += 1 + scan_count(text, '\n');
    }
    char *begin = arena_alloc(u->arena, bytes + 1);
    u->out->lines = arena_alloc(u->arena, (lines + 1) * sizeof *u->out->lines);
    if (begin == NULL || u->out->lines == NULL) {
        return false;
    }
    char *to = begin;
    for (uint32_t i = 0; i < u->n_messages; i++) {
        to = write_message(u, &u->messages[i], begin, to);
    }
    u->out->text = slice_between(begin, to);
    return true;
}

/* --- layers ---------------------------------------------------------------------------------- */

static bool undo(unwrapping *u)
{
    buf_init(&u->line, LINE_START + 2);
    u->open = arena_calloc(u->arena, 1, sizeof *u->open);
    u->before = arena_calloc(u->arena, 1, sizeof *u->before);
    size_t lines = scan_count(u->bytes, '\n') + 1;
    u->pieces = arena_alloc(u->arena, lines * sizeof *u->pieces);
    u->messages = arena_alloc(u->arena, lines * sizeof *u->messages);
    bool ok = u->open != NULL && u->before != NULL && u->pieces != NULL && u->messages != NULL &&
              take_lines(u) && write_messages(u);
    buf_free(&u->line);
    return ok;
}

bool tells_messages(const wrapping *innermost, const format *within)
{
    const transport *t = innermost->transport;
    return (t->interleaves || t->whole_messages) &&
           !(within != NULL && within->parser->needs_context);
}

static int compare_spans(const void *a, const void *b)
{
    const lost_span *x = a;
    const lost_span *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* Each layer has told its own. */
static void sort_lost(unwrapped *out)
{
    if (out->n_lost > 1) {
        qsort(out->lost, out->n_lost, sizeof *out->lost, compare_spans);
    }
    for (uint32_t i = 1; i < out->n_lost; i++) {
        size_t before = out->lost[i - 1].end;
        out->lost[i].end = out->lost[i].end > before ? out->lost[i].end : before;
    }
}

bool unwrap(const wrapping *layers, size_t n, const format *within, slice wrapped, arena *a,
            unwrapped *out)
{
    unwrapped outer;
    *out = (unwrapped){.text = wrapped};
    for (size_t i = 0; i < n; i++) {
        outer = *out;
        out->n_lines = 0;
        out->looks_ahead =
            outer.looks_ahead || layers[i].transport->interleaves || layers[i].transport->divides;
        out->whole_messages = layers[i].transport->whole_messages;
        out->tells_messages = tells_messages(&layers[i], i + 1 == n ? within : NULL);
        unwrapping u = {.layer = &layers[i],
                        .within = i + 1 == n ? within : NULL,
                        .outer = i > 0 ? &outer : NULL,
                        .bytes = outer.text,
                        .arena = a,
                        .out = out};
        if (!undo(&u)) {
            return false;
        }
    }
    sort_lost(out);
    return true;
}
