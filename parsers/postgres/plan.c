/* plan.c - see plan.h. */
#include "parsers/postgres/plan.h"

#include "base/buf.h"
#include "base/json.h"
#include "base/number.h"
#include "base/scan.h"

enum { DEPTH_MAX = 64, INDENT = 2, HUNDREDTHS = 2, KILOBYTE = 1024 };

/* A node's figures, rows in hundredths: newer servers write decimals. */
typedef struct figures {
    bool has_actual;
    uint64_t expected, actual, loops, removed;
} figures;

typedef struct shape {
    buf lines;
    bool cut;
} shape;

/* Room for a shape: never longer than its plan. */
static bool shape_begin(shape *s, size_t plan_bytes, arena *a)
{
    size_t most = plan_bytes < PLAN_SHAPE_MAX ? plan_bytes : PLAN_SHAPE_MAX;
    char *room = arena_alloc(a, most + 1);
    *s = (shape){.lines = {.p = room, .cap = most + 1, .max = most}};
    return room != NULL;
}

/* A line is kept whole or not at all, and is one line whatever names are in it. */
static void shape_end_line(shape *s, size_t begin)
{
    for (size_t i = begin; i < s->lines.n; i++) {
        s->lines.p[i] = (unsigned char)s->lines.p[i] < ' ' ? ' ' : s->lines.p[i];
    }
    buf_add_char(&s->lines, '\n');
    s->cut = s->cut || s->lines.failed;
    if (s->cut) {
        buf_truncate(&s->lines, begin);
    }
}

static slice shape_text(const shape *s)
{
    return slice_trim(buf_slice(&s->lines));
}

static uint64_t times(uint64_t a, uint64_t b)
{
    uint64_t product;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* A node was read whole. Fewer than one row is one: no plan expects less. */
static void add_figures(explained *x, const figures *f)
{
    x->rows_removed = plus(x->rows_removed, times(f->removed, f->loops) / 100);
    if (!f->has_actual || f->loops == 0) {
        return;
    }
    uint64_t expected = f->expected < 100 ? 100 : f->expected;
    uint64_t actual = f->actual < 100 ? 100 : f->actual;
    uint64_t factor = expected > actual ? expected / actual : actual / expected;
    x->executed = true;
    x->misestimate = factor > x->misestimate ? factor : x->misestimate;
}

/* --- text ------------------------------------------------------------------------------ */

/* Where a node's label ends: at its costs, which the log always has. NULL where the line is no
 * node. */
static const char *find_cost(slice line)
{
    static const char cost[] = "  (cost=";
    const char *at = scan_text(line, slice_from(cost));
    if (at == NULL) {
        return NULL;
    }
    const char *digit = at + strlen(cost);
    return digit < line.p + line.n && *digit >= '0' && *digit <= '9' ? at : NULL;
}

static slice take_line(slice *rest)
{
    const char *end = scan_first(*rest, '\n');
    slice line = end != NULL ? slice_between(rest->p, end) : *rest;
    *rest = slice_skip(*rest, line.n + 1);
    return line;
}

/* Where the statement ends and the plan, or the parameters before it, begin. */
static slice take_statement(slice *rest)
{
    slice whole = *rest;
    take_line(rest);
    while (rest->n > 0) {
        slice behind = *rest;
        slice line = take_line(&behind);
        if (find_cost(line) != NULL ||
            slice_starts_with(slice_trim(line), SLICE("Query Parameters: "))) {
            break;
        }
        *rest = behind;
    }
    return slice_trim(slice_between(whole.p, rest->p));
}

/* Takes an identifier as the server quotes them; *name is without its quotes, inner ones still
 * double. */
static void take_identifier(slice *in, slice *name)
{
    size_t n = 0;
    if (in->n > 0 && in->p[0] == '"') {
        size_t end = 1;
        while (end < in->n && (in->p[end] != '"' || (end + 1 < in->n && in->p[end + 1] == '"'))) {
            end += in->p[end] == '"' ? 2 : 1;
        }
        *name = slice_take(slice_skip(*in, 1), end > 0 ? end - 1 : 0);
        *in = slice_skip(*in, end + 1);
        return;
    }
    while (n < in->n && in->p[n] != '.' && in->p[n] != ' ') {
        n++;
    }
    *name = slice_take(*in, n);
    *in = slice_skip(*in, n);
}

static void add_identifier(buf *out, slice name)
{
    for (size_t i = 0; i < name.n; i++) {
        buf_add_char(out, name.p[i]);
        i += name.p[i] == '"';
    }
}

/* "Index Scan using a_pkey on public.a x": the schema and the alias go. */
static void add_label(buf *out, slice label)
{
    const char *index = scan_text(label, SLICE(" using "));
    const char *relation = scan_text(label, SLICE(" on "));
    const char *end = index != NULL ? index : relation;
    slice name;
    buf_add(out, end != NULL ? slice_between(label.p, end) : label);
    slice rest = end != NULL ? slice_skip(label, (size_t)(end - label.p)) : slice_of("", 0);
    if (index != NULL) {
        rest = slice_skip(rest, strlen(" using "));
        take_identifier(&rest, &name);
        buf_add_text(out, " using ");
        add_identifier(out, name);
    }
    if (slice_starts_with(rest, SLICE(" on "))) {
        rest = slice_skip(rest, strlen(" on "));
        take_identifier(&rest, &name);
        while (rest.n > 0 && rest.p[0] == '.') {
            rest = slice_skip(rest, 1);
            take_identifier(&rest, &name);
        }
        buf_add_text(out, " on ");
        add_identifier(out, name);
    }
}

typedef struct text_reading {
    explained *out;
    shape shape;
    size_t columns[DEPTH_MAX]; /* where the open nodes stand */
    size_t depth;
    size_t nodes;
    slice subplan;  /* "InitPlan 1 (returns $0)", on the line before its node */
    bool in_quotes; /* a condition's literal goes on over lines */
    figures figures;
} text_reading;

static bool number_behind(slice text, slice word, uint64_t *value)
{
    const char *at = scan_text(text, word);
    if (at == NULL) {
        return false;
    }
    slice rest = slice_skip(text, (size_t)(at - text.p) + word.n);
    return fixed_take(&rest, HUNDREDTHS, value);
}

static figures figures_of(slice costs)
{
    figures f = {0};
    const char *actual = scan_text(costs, SLICE("(actual "));
    slice expected = actual != NULL ? slice_between(costs.p, actual) : costs;
    number_behind(expected, SLICE(" rows="), &f.expected);
    if (actual != NULL) {
        slice counted = slice_skip(costs, (size_t)(actual - costs.p));
        f.has_actual = (number_behind(counted, SLICE(" rows="), &f.actual) ||
                        number_behind(counted, SLICE("(actual rows="), &f.actual)) &&
                       number_behind(counted, SLICE(" loops="), &f.loops);
        f.loops /= 100;
    }
    return f;
}

/* The name of a part of the plan, without its number's parameters. */
static slice subplan_name(slice name)
{
    const char *parameters = scan_text(name, SLICE(" (returns "));
    return parameters != NULL ? slice_between(name.p, parameters) : name;
}

static void begin_line(shape *s, size_t depth, slice subplan)
{
    buf_add_repeat(&s->lines, ' ', depth * INDENT);
    if (subplan.n > 0) {
        buf_add(&s->lines, subplan_name(subplan));
        buf_add_text(&s->lines, ": ");
    }
}

static void read_node(text_reading *r, slice line, size_t column, const char *cost)
{
    while (r->depth > 0 && r->columns[r->depth - 1] >= column) {
        r->depth--;
    }
    add_figures(r->out, &r->figures);
    r->figures = figures_of(slice_between(cost, line.p + line.n));
    size_t begin = r->shape.lines.n;
    if (!r->shape.cut) {
        begin_line(&r->shape, r->depth, r->subplan);
        add_label(&r->shape.lines, slice_between(line.p, cost));
        shape_end_line(&r->shape, begin);
    }
    if (r->depth < DEPTH_MAX) {
        r->columns[r->depth++] = column;
    }
    r->nodes++;
    r->subplan = slice_of("", 0);
}

static void read_property(text_reading *r, slice line)
{
    uint64_t value;
    bool of_root = r->nodes == 1;
    if (number_behind(line, SLICE("Rows Removed by Filter: "), &value) ||
        number_behind(line, SLICE("Rows Removed by Join Filter: "), &value)) {
        r->figures.removed = plus(r->figures.removed, value);
    } else if (slice_starts_with(line, SLICE("Sort Method: ")) &&
               number_behind(line, SLICE("  Disk: "), &value)) {
        r->out->spilled_bytes = plus(r->out->spilled_bytes, times(value / 100, KILOBYTE));
    } else if (number_behind(line, SLICE("  Disk Usage: "), &value)) {
        r->out->spilled_bytes = plus(r->out->spilled_bytes, times(value / 100, KILOBYTE));
    } else if (of_root && slice_starts_with(line, SLICE("Buffers: "))) {
        const char *temp = scan_text(line, SLICE("temp "));
        if (temp != NULL &&
            number_behind(slice_between(temp, line.p + line.n), SLICE("written="), &value)) {
            r->out->temp_blocks = value / 100;
        }
    }
}

static bool names_subplan(slice line)
{
    return slice_starts_with(line, SLICE("InitPlan ")) ||
           slice_starts_with(line, SLICE("SubPlan ")) || slice_starts_with(line, SLICE("CTE "));
}

/* A TAB before the line is the log's. */
static void read_plan_line(text_reading *r, slice line)
{
    static const char arrow[] = "->  ";
    slice body = line.n > 0 && line.p[0] == '\t' ? slice_skip(line, 1) : line;
    slice trimmed = slice_trim(body);
    size_t column = (size_t)(trimmed.p - body.p);
    if (!r->in_quotes) {
        bool arrowed = slice_starts_with(trimmed, slice_from(arrow));
        slice label = arrowed ? slice_skip(trimmed, strlen(arrow)) : trimmed;
        const char *cost = arrowed || r->nodes == 0 ? find_cost(label) : NULL;
        if (cost != NULL) {
            read_node(r, label, arrowed ? column + strlen(arrow) : 0, cost);
            return;
        }
        if (names_subplan(trimmed)) {
            r->subplan = trimmed;
            return;
        }
        read_property(r, trimmed);
    }
    r->in_quotes = r->in_quotes != (scan_count(trimmed, '\'') % 2 == 1);
}

static bool read_text(slice text, arena *a, explained *out)
{
    slice rest = slice_skip(text, strlen("Query Text: "));
    text_reading r = {.out = out};
    out->statement = take_statement(&rest);
    if (!shape_begin(&r.shape, rest.n, a)) {
        return false;
    }
    while (rest.n > 0) {
        read_plan_line(&r, take_line(&rest));
    }
    add_figures(out, &r.figures);
    out->shape = shape_text(&r.shape);
    out->cut = r.nodes == 0;
    return true;
}

/* --- JSON ------------------------------------------------------------------------------- */

typedef enum member {
    MEMBER_QUERY_TEXT,
    MEMBER_PLAN,
    MEMBER_PLANS,
    MEMBER_NODE_TYPE,
    MEMBER_STRATEGY,
    MEMBER_PARTIAL_MODE,
    MEMBER_OPERATION,
    MEMBER_COMMAND,
    MEMBER_SUBPLAN,
    MEMBER_PROVIDER,
    MEMBER_PARALLEL,
    MEMBER_ASYNC,
    MEMBER_JOIN_TYPE,
    MEMBER_DIRECTION,
    MEMBER_INDEX,
    MEMBER_RELATION,
    MEMBER_FUNCTION,
    MEMBER_TABLE_FUNCTION,
    MEMBER_CTE,
    MEMBER_TUPLESTORE,
    MEMBER_ALIAS,
    MEMBER_EXPECTED,
    MEMBER_ACTUAL,
    MEMBER_LOOPS,
    MEMBER_REMOVED,
    MEMBER_REMOVED_BY_JOIN,
    MEMBER_SORT_SPACE,
    MEMBER_SORT_SPACE_TYPE,
    MEMBER_DISK_USAGE,
    MEMBER_TEMP_WRITTEN,
    MEMBER_COUNT
} member;

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const slice member_names[MEMBER_COUNT] = {
    [MEMBER_QUERY_TEXT] = NAME("Query Text"),
    [MEMBER_PLAN] = NAME("Plan"),
    [MEMBER_PLANS] = NAME("Plans"),
    [MEMBER_NODE_TYPE] = NAME("Node Type"),
    [MEMBER_STRATEGY] = NAME("Strategy"),
    [MEMBER_PARTIAL_MODE] = NAME("Partial Mode"),
    [MEMBER_OPERATION] = NAME("Operation"),
    [MEMBER_COMMAND] = NAME("Command"),
    [MEMBER_SUBPLAN] = NAME("Subplan Name"),
    [MEMBER_PROVIDER] = NAME("Custom Plan Provider"),
    [MEMBER_PARALLEL] = NAME("Parallel Aware"),
    [MEMBER_ASYNC] = NAME("Async Capable"),
    [MEMBER_JOIN_TYPE] = NAME("Join Type"),
    [MEMBER_DIRECTION] = NAME("Scan Direction"),
    [MEMBER_INDEX] = NAME("Index Name"),
    [MEMBER_RELATION] = NAME("Relation Name"),
    [MEMBER_FUNCTION] = NAME("Function Name"),
    [MEMBER_TABLE_FUNCTION] = NAME("Table Function Name"),
    [MEMBER_CTE] = NAME("CTE Name"),
    [MEMBER_TUPLESTORE] = NAME("Tuplestore Name"),
    [MEMBER_ALIAS] = NAME("Alias"),
    [MEMBER_EXPECTED] = NAME("Plan Rows"),
    [MEMBER_ACTUAL] = NAME("Actual Rows"),
    [MEMBER_LOOPS] = NAME("Actual Loops"),
    [MEMBER_REMOVED] = NAME("Rows Removed by Filter"),
    [MEMBER_REMOVED_BY_JOIN] = NAME("Rows Removed by Join Filter"),
    [MEMBER_SORT_SPACE] = NAME("Sort Space Used"),
    [MEMBER_SORT_SPACE_TYPE] = NAME("Sort Space Type"),
    [MEMBER_DISK_USAGE] = NAME("Disk Usage"),
    [MEMBER_TEMP_WRITTEN] = NAME("Temp Written Blocks"),
};

/* A node while its members come: empty slices are absent. */
typedef struct json_node {
    slice members[MEMBER_COUNT];
    bool written; /* its line is in the shape: its children follow */
} json_node;

typedef struct json_reading {
    explained *out;
    arena *arena;
    shape shape;
    json_node nodes[DEPTH_MAX];
    size_t depth; /* nodes that are open */
    bool failed;  /* memory is out */
    bool too_deep;
} json_reading;

static bool member_is(const json_node *n, member m, const char *text)
{
    return slice_is(n->members[m], text);
}

static slice without_end(slice text, slice end)
{
    return slice_ends_with(text, end) ? slice_take(text, text.n - end.n) : text;
}

static void add_join(buf *out, const json_node *n)
{
    slice type = n->members[MEMBER_NODE_TYPE];
    slice join = n->members[MEMBER_JOIN_TYPE];
    bool inner = join.n == 0 || slice_is(join, "Inner");
    if (inner) {
        buf_add(out, type);
        return;
    }
    buf_add(out, without_end(type, SLICE(" Join")));
    buf_add_char(out, ' ');
    buf_add(out, join);
    buf_add_text(out, " Join");
}

static void add_aggregate(buf *out, const json_node *n)
{
    static const char *const kinds[][2] = {
        {"Sorted", "GroupAggregate"}, {"Hashed", "HashAggregate"}, {"Mixed", "MixedAggregate"}};
    if (n->members[MEMBER_PARTIAL_MODE].n > 0 && !member_is(n, MEMBER_PARTIAL_MODE, "Simple")) {
        buf_add(out, n->members[MEMBER_PARTIAL_MODE]);
        buf_add_char(out, ' ');
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (member_is(n, MEMBER_STRATEGY, kinds[i][0])) {
            buf_add_text(out, kinds[i][1]);
            return;
        }
    }
    buf_add_text(out, "Aggregate");
}

/* A node's type in the words of the text form. */
static void add_type(buf *out, const json_node *n)
{
    slice operation = n->members[MEMBER_OPERATION];
    if (member_is(n, MEMBER_NODE_TYPE, "Aggregate")) {
        add_aggregate(out, n);
    } else if (member_is(n, MEMBER_NODE_TYPE, "ModifyTable")) {
        buf_add(out, operation);
    } else if (member_is(n, MEMBER_NODE_TYPE, "Foreign Scan") && operation.n > 0 &&
               !slice_is(operation, "Select")) {
        buf_add_text(out, "Foreign ");
        buf_add(out, operation);
    } else if (member_is(n, MEMBER_NODE_TYPE, "SetOp")) {
        buf_add_text(out, member_is(n, MEMBER_STRATEGY, "Hashed") ? "HashSetOp " : "SetOp ");
        buf_add(out, n->members[MEMBER_COMMAND]);
    } else {
        add_join(out, n);
    }
    if (n->members[MEMBER_PROVIDER].n > 0) {
        buf_add_text(out, " (");
        buf_add(out, n->members[MEMBER_PROVIDER]);
        buf_add_char(out, ')');
    }
}

static void add_target(buf *out, const json_node *n)
{
    static const member names[] = {MEMBER_RELATION, MEMBER_FUNCTION,   MEMBER_TABLE_FUNCTION,
                                   MEMBER_CTE,      MEMBER_TUPLESTORE, MEMBER_ALIAS};
    bool bitmap = member_is(n, MEMBER_NODE_TYPE, "Bitmap Index Scan");
    if (n->members[MEMBER_INDEX].n > 0) {
        buf_add_text(out, member_is(n, MEMBER_DIRECTION, "Backward") ? " Backward" : "");
        buf_add_text(out, bitmap ? " on " : " using ");
        buf_add(out, n->members[MEMBER_INDEX]);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (n->members[names[i]].n > 0) {
            buf_add_text(out, " on ");
            buf_add(out, n->members[names[i]]);
            return;
        }
    }
}

static void write_node(json_reading *r)
{
    json_node *n = &r->nodes[r->depth - 1];
    buf *out = &r->shape.lines;
    size_t begin = out->n;
    if (n->written || r->shape.cut) {
        return;
    }
    n->written = true;
    begin_line(&r->shape, r->depth - 1, n->members[MEMBER_SUBPLAN]);
    buf_add_text(out, member_is(n, MEMBER_PARALLEL, "true") ? "Parallel " : "");
    buf_add_text(out, member_is(n, MEMBER_ASYNC, "true") ? "Async " : "");
    add_type(out, n);
    add_target(out, n);
    shape_end_line(&r->shape, begin);
}

static uint64_t number_of(const json_node *n, member m)
{
    uint64_t value;
    slice text = n->members[m];
    return fixed_take(&text, HUNDREDTHS, &value) ? value : 0;
}

static void end_node(json_reading *r)
{
    write_node(r);
    json_node *n = &r->nodes[--r->depth];
    figures f = {.has_actual = n->members[MEMBER_ACTUAL].n > 0,
                 .expected = number_of(n, MEMBER_EXPECTED),
                 .actual = number_of(n, MEMBER_ACTUAL),
                 .loops = number_of(n, MEMBER_LOOPS) / 100,
                 .removed =
                     plus(number_of(n, MEMBER_REMOVED), number_of(n, MEMBER_REMOVED_BY_JOIN))};
    add_figures(r->out, &f);
    uint64_t disk = number_of(n, MEMBER_DISK_USAGE) / 100;
    if (member_is(n, MEMBER_SORT_SPACE_TYPE, "Disk")) {
        disk = plus(disk, number_of(n, MEMBER_SORT_SPACE) / 100);
    }
    r->out->spilled_bytes = plus(r->out->spilled_bytes, times(disk, KILOBYTE));
    if (r->depth == 0) {
        r->out->temp_blocks = number_of(n, MEMBER_TEMP_WRITTEN) / 100;
    }
}

static void begin_node(json_reading *r)
{
    if (r->depth == DEPTH_MAX) {
        r->too_deep = true;
        return;
    }
    r->nodes[r->depth++] = (json_node){0};
}

/* A member that is neither a node nor a list of them. */
static void take_value(json_reading *r, json_reader *in, member m, const json_token *t)
{
    slice value = slice_of("", 0);
    bool text = t->kind == JSON_STRING || (t->kind == JSON_ERROR && t->text.n > 0);
    if (text) {
        r->failed = r->failed || !json_text(t, r->arena, &value);
    } else if (t->kind == JSON_NUMBER) {
        value = t->text;
    } else if (t->kind == JSON_TRUE) {
        value = SLICE("true");
    } else {
        json_skip(in, t, NULL);
    }
    if (m == MEMBER_QUERY_TEXT && r->depth == 0) {
        r->out->statement = slice_trim(value);
    } else if (m != MEMBER_COUNT && r->depth > 0) {
        r->nodes[r->depth - 1].members[m] = value;
    }
}

static void take_member(json_reading *r, json_reader *in, json_names *names, const json_token *name)
{
    json_token t;
    int found = json_name_find(names, name);
    member m = found >= 0 ? (member)found : MEMBER_COUNT;
    json_kind kind = json_next(in, &t);
    if (m == MEMBER_PLAN && kind == JSON_OBJECT_BEGIN && r->depth == 0) {
        begin_node(r);
    } else if (m == MEMBER_PLANS && kind == JSON_ARRAY_BEGIN && r->depth > 0) {
        write_node(r);
    } else {
        take_value(r, in, m, &t);
    }
}

static bool read_json(slice text, arena *a, explained *out)
{
    json_reading reading = {.out = out, .arena = a};
    json_reading *r = &reading;
    json_names names = {.names = member_names, .n = MEMBER_COUNT};
    json_reader in;
    json_token t;
    if (!shape_begin(&r->shape, text.n, a)) {
        return false;
    }
    json_begin(&in, text);
    json_next(&in, &t); /* the brace that text begins with */
    while (!r->failed && !r->too_deep && json_next(&in, &t) != JSON_END && t.kind != JSON_ERROR) {
        if (t.kind == JSON_NAME) {
            take_member(r, &in, &names, &t);
        } else if (t.kind == JSON_OBJECT_BEGIN) {
            begin_node(r);
        } else if (t.kind == JSON_OBJECT_END && r->depth > 0) {
            end_node(r);
        }
    }
    out->cut = t.kind != JSON_END;
    if (!out->cut) {
        out->shape = shape_text(&r->shape);
    }
    return !r->failed;
}

/* --- all forms --------------------------------------------------------------------------- */

static plan_form form_of(slice text)
{
    if (slice_starts_with(text, SLICE("{"))) {
        return PLAN_JSON;
    }
    if (slice_starts_with(text, SLICE("<explain"))) {
        return PLAN_XML;
    }
    /* No statement begins with a quote: it is YAML's. */
    if (slice_starts_with(text, SLICE("Query Text: \""))) {
        return PLAN_YAML;
    }
    return slice_starts_with(text, SLICE("Query Text: ")) ? PLAN_TEXT : PLAN_NONE;
}

bool plan_read(slice text, arena *a, plan_form *form, explained *out)
{
    *out = (explained){0};
    text = slice_trim(text);
    *form = form_of(text);
    switch (*form) {
    case PLAN_TEXT:
        return read_text(text, a, out);
    case PLAN_JSON:
        return read_json(text, a, out);
    case PLAN_XML:
    case PLAN_YAML:
    case PLAN_NONE:
        return true;
    }
    return true;
}
