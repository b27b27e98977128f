/* prefix_infer.c - prefix_infer of prefix.h: works out log_line_prefix from a log.
 *
 * Lines that hold a severity word are sampled. What stands before the word is read from left
 * to right into items: stamps, session ids, keys with their values, addresses, numbers and
 * words. Each shape of line so gives a draft of the setting; the draft that explains most
 * of the sampled lines wins. What a draft leaves open (which number is the process, which word
 * the user) is then settled by the values over all lines that it matches.
 * Not for reading logs: nothing here runs once a setting is known. */
#include "parsers/postgres/prefix_draft.h"

#include "base/buf.h"
#include "base/hash.h"
#include "base/timestamp.h"

#define HEAD_MAX      65536
#define SAMPLES_MAX   256
#define SHAPES_MAX    48
#define STOPS_MAX     16
#define CONSTANT_MIN  8 /* samples that show a text to be constant */
#define COMPILE_BYTES (1u << 20)

typedef struct sample {
    slice line;
    slice text; /* the prefix */
    slice message;
    severity level;
} sample;

typedef struct inference {
    arena compiled; /* emptied before each compilation */
    buf setting;
    sample samples[SAMPLES_MAX];
    size_t n;
    slice values[SAMPLES_MAX]; /* of one item, by sample; p is NULL where it did not match */
} inference;

/* --- sampling ------------------------------------------------------------------- */

/* Finds the first severity word of the line. Servers write two blanks behind its ':', so a
 * word with one blank counts only where there is none with two. */
static bool find_severity(slice line, sample *out)
{
    bool found = false;
    size_t end = line.n < PREFIX_TEXT_MAX ? line.n : PREFIX_TEXT_MAX;
    for (size_t i = 0; i < end; i++) {
        if (!is_upper(line.p[i]) || (i > 0 && (is_upper(line.p[i - 1]) || line.p[i - 1] == '_'))) {
            continue;
        }
        slice rest = slice_skip(line, i);
        severity level = SEVERITY_LOG;
        if (!severity_take(&rest, &level)) {
            continue;
        }
        bool two_blanks = rest.p[-1] == ' ' && rest.p[-2] == ' ';
        if (two_blanks || (!found && i > 0)) {
            *out = (sample){
                .line = line, .text = slice_take(line, i), .message = rest, .level = level};
            found = true;
        }
        if (two_blanks) {
            return true;
        }
    }
    return found;
}

static slice take_line(slice *in)
{
    const char *end = memchr(in->p, '\n', in->n);
    slice line = end == NULL ? *in : slice_between(in->p, end);
    *in = slice_skip(*in, line.n + 1);
    if (line.n > 0 && line.p[line.n - 1] == '\r') {
        line.n--;
    }
    return line;
}

/* Fills the samples evenly from the whole head. */
static void take_samples(inference *in, slice head)
{
    unsigned count = 0;
    sample s;
    slice rest = head;
    while (rest.n > 0) {
        slice line = take_line(&rest);
        count += line.n > 0 && line.p[0] != '\t' && find_severity(line, &s);
    }
    unsigned stride = count / SAMPLES_MAX + 1;
    unsigned i = 0;
    for (rest = head; rest.n > 0;) {
        slice line = take_line(&rest);
        if (line.n > 0 && line.p[0] != '\t' && find_severity(line, &s) && i++ % stride == 0) {
            in->samples[in->n++] = s;
        }
    }
}

/* --- drafts ------------------------------------------------------------------------ */

/* Puts %q before byte `offset` of the literal item `at`, or before the item where offset is 0. */
static draft draft_with_stop(const draft *d, size_t at, size_t offset)
{
    draft out = {.overflow = d->overflow};
    for (size_t i = 0; i < d->n; i++) {
        item it = d->items[i];
        if (i == at) {
            if (offset > 0) {
                draft_literal(&out, it.text.p, it.text.p + offset);
                it.text = slice_skip(it.text, offset);
            }
            draft_add(&out, 'q', it.text.p, it.text.p);
        }
        item *copy = draft_add(&out, it.letter, it.text.p, it.text.p + it.text.n);
        copy->width = it.width;
    }
    return out;
}

static slice draft_setting(const draft *d, buf *out)
{
    buf_clear(out);
    for (size_t i = 0; i < d->n; i++) {
        const item *it = &d->items[i];
        if (it->letter == ITEM_LITERAL) {
            for (size_t k = 0; k < it->text.n; k++) {
                buf_add_repeat(out, it->text.p[k], it->text.p[k] == '%' ? 2 : 1);
            }
            continue;
        }
        buf_add_char(out, '%');
        if (it->width != 0) {
            buf_add_i64(out, it->width);
        }
        /* %x takes any number while it is not known which one it is. */
        buf_add_char(out, it->letter == ITEM_NUMBER ? 'x' : it->letter);
    }
    return d->overflow || out->failed ? slice_of(NULL, 0) : buf_slice(out);
}

static const prefix *compile(inference *in, slice setting)
{
    status st = {.code = STATUS_OK};
    const prefix *p = NULL;
    arena_reset(&in->compiled);
    return setting.p != NULL && prefix_compile(setting, &in->compiled, &p, &st) ? p : NULL;
}

static const prefix *compile_draft(inference *in, const draft *d)
{
    return compile(in, draft_setting(d, &in->setting));
}

/* --- the values of one item over all lines ------------------------------------------- */

/* Reads one item's values from all samples: in the place of the item stands %a. */
static void collect_values(inference *in, const draft *d, size_t at)
{
    draft probe = *d;
    for (size_t i = 0; i < probe.n; i++) {
        if (i == at || probe.items[i].letter == 'a') {
            probe.items[i].letter = i == at ? 'a' : ITEM_WORD;
        }
    }
    const prefix *p = compile_draft(in, &probe);
    prefix_fields f;
    for (size_t i = 0; i < in->n; i++) {
        bool matched = p != NULL && prefix_match(p, in->samples[i].line, &f);
        in->values[i] = matched ? f.application : slice_of(NULL, 0);
    }
}

/* The value behind `name` in a message such as "connection authorized: user=u database=d". */
static slice named_in_message(slice message, const char *name)
{
    static const char *const kinds[] = {"connection authorized: ", "replication connection aut",
                                        "disconnection: "};
    slice label = slice_from(name);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (!slice_starts_with(message, slice_from(kinds[i]))) {
            continue;
        }
        for (size_t k = 0; k + label.n <= message.n; k++) {
            if (memcmp(message.p + k, label.p, label.n) == 0) {
                slice value = slice_skip(message, k + label.n);
                const char *blank = memchr(value.p, ' ', value.n);
                return blank == NULL ? value : slice_between(value.p, blank);
            }
        }
    }
    return slice_of(NULL, 0);
}

/* Messages that only processes without a session write. */
static bool is_background(slice message)
{
    static const char *const beginnings[] = {
        "checkpoint ",       "restartpoint ",       "database system ",
        "listening on ",     "starting PostgreSQL", "automatic ",
        "autovacuum ",       "redirecting log",     "ending log out",
        "background worker", "received ",           "shutting down",
        "all server proc",   "aborting any",        "logical replication la"};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        if (slice_starts_with(message, slice_from(beginnings[i]))) {
            return true;
        }
    }
    return false;
}

/* What the collected values look like. */
typedef struct traits {
    unsigned seen;                        /* samples that have the item */
    unsigned filled;                      /* of them, not empty */
    bool constant;                        /* the filled ones are all the same */
    bool in_background;                   /* filled where there is no session */
    bool zero;                            /* "0" among them */
    bool wide;                            /* one of more than ten bytes, or negative */
    bool sqlstate;                        /* all are five bytes that fit the severity */
    bool port;                            /* one ends in "(digits)" */
    bool all_one;                         /* all are "1" */
    unsigned user, database, application; /* samples that speak for the field */
} traits;

static void add_votes(traits *t, const sample *s, slice value)
{
    t->user += slice_equal(value, named_in_message(s->message, " user="));
    t->database += slice_equal(value, named_in_message(s->message, " database="));
    t->application += is_client_program(value) ||
                      slice_equal(value, named_in_message(s->message, " application_name="));
}

static traits traits_of(const inference *in)
{
    traits t = {.constant = true, .sqlstate = true, .all_one = true};
    slice first = slice_of(NULL, 0);
    bool zero_state = false;
    for (size_t i = 0; i < in->n; i++) {
        const sample *s = &in->samples[i];
        slice value = in->values[i];
        if (value.p == NULL) {
            continue;
        }
        t.seen++;
        if (value.n == 0) {
            continue;
        }
        first = t.filled++ == 0 ? value : first;
        t.constant = t.constant && slice_equal(value, first);
        t.in_background = t.in_background || is_background(s->message);
        t.zero = t.zero || slice_is(value, "0");
        t.wide = t.wide || value.n > 10 || value.p[0] == '-';
        t.sqlstate = t.sqlstate && is_sqlstate(value, s->level);
        zero_state = zero_state || slice_is(value, "00000");
        t.all_one = t.all_one && slice_is(value, "1");
        t.port = t.port ||
                 (value.n > 1 && value.p[value.n - 1] == ')' && is_digit(value.p[value.n - 2]));
        add_votes(&t, s, value);
    }
    t.sqlstate = t.sqlstate && zero_state;
    return t;
}

/* --- judging drafts ---------------------------------------------------------------- */

static bool holds_one_of(slice text, const char *set)
{
    for (size_t i = 0; i < text.n; i++) {
        if (one_of(text.p[i], set)) {
            return true;
        }
    }
    return false;
}

static bool plausible_host(slice host)
{
    bool starts_ipv6 =
        slice_starts_with(host, SLICE("::")) && !slice_starts_with(host, SLICE(":::"));
    return !holds_one_of(host, " =,@()") && (host.n == 0 || host.p[0] != ':' || starts_ipv6);
}

/* Whether the setting matches up to the severity word that was found, with values that such
 * fields have: a setting that lacks a field would else hide it in the one before. */
static bool explains(const prefix *p, const sample *s, prefix_fields *f)
{
    return prefix_match(p, s->line, f) && f->severity_word.p == s->text.p + s->text.n &&
           !holds_one_of(f->user, " =,") && !holds_one_of(f->database, " =,") &&
           plausible_host(f->host) && !holds_one_of(f->backend_type, "[]@:=,") &&
           !holds_one_of(f->command_tag, "[]@:=,");
}

static unsigned count_explained(inference *in, const prefix *p)
{
    unsigned count = 0;
    prefix_fields f;
    for (size_t i = 0; p != NULL && i < in->n; i++) {
        count += explains(p, &in->samples[i], &f);
    }
    return count;
}

static unsigned count_letters(const draft *d)
{
    unsigned known = 0;
    for (size_t i = 0; i < d->n; i++) {
        char c = d->items[i].letter;
        known += c != ITEM_LITERAL && c != ITEM_WORD && c != ITEM_NUMBER && c != 'q';
    }
    return known;
}

/* Gathers some of the samples that the draft does not explain. */
static size_t take_unexplained(inference *in, const draft *d, sample *out)
{
    const prefix *p = compile_draft(in, d);
    size_t n = 0;
    prefix_fields f;
    for (size_t i = 0; p != NULL && i < in->n && n < STOPS_MAX; i++) {
        if (!explains(p, &in->samples[i], &f)) {
            out[n++] = in->samples[i];
        }
    }
    return n;
}

/* Behind the last item that lines which stop early have: the time, and no field of a session.
 * Free text right before %q would take in all that the line has instead of stopping. */
static size_t first_stop(const draft *d)
{
    size_t at = 0;
    for (size_t i = 0; i < d->n; i++) {
        bool is_time = one_of(d->items[i].letter, "mtn");
        at = is_time ? i + 1 : at;
    }
    return at;
}

static size_t first_session_item(const draft *d)
{
    size_t i = 0;
    while (i < d->n && !one_of(d->items[i].letter, "udahri")) {
        i++;
    }
    return i;
}

/* The same, where a word counts as a session's field unless it never changes. */
static size_t last_stop(inference *in, const draft *d)
{
    size_t end = first_session_item(d);
    for (size_t i = 0; i < end; i++) {
        if (d->items[i].letter == ITEM_WORD) {
            collect_values(in, d, i);
            traits t = traits_of(in);
            if (!t.constant || t.filled < 2) {
                return i;
            }
        }
    }
    return end;
}

/* Puts %q where most lines that stop early stop; of equal places the last, which is behind the
 * blank that separates. */
static void place_stop(inference *in, draft *d, unsigned *explained)
{
    sample rest[STOPS_MAX];
    size_t rest_n = take_unexplained(in, d, rest);
    draft best = *d;
    unsigned best_count = 0;
    prefix_fields f;
    size_t last = last_stop(in, d);
    for (size_t i = first_stop(d); i < d->n && i <= last; i++) {
        bool after_word = i > 0 && d->items[i - 1].letter == ITEM_WORD;
        size_t places = d->items[i].letter == ITEM_LITERAL ? d->items[i].text.n : 1;
        for (size_t offset = 0; !after_word && i + offset > 0 && offset < places; offset++) {
            draft with = draft_with_stop(d, i, offset);
            const prefix *p = compile_draft(in, &with);
            unsigned count = 0;
            for (size_t k = 0; p != NULL && k < rest_n; k++) {
                count += explains(p, &rest[k], &f);
            }
            if (count > 0 && count >= best_count) {
                best = with;
                best_count = count;
            }
        }
    }
    if (best_count > 0) {
        *d = best;
        *explained = count_explained(in, compile_draft(in, d));
    }
}

/* A number for the line's shape: runs of letters and of digits count as one each. */
static uint32_t shape_of(slice text)
{
    uint32_t hash = 2166136261u;
    char last = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        c = is_digit(c) ? '0' : is_alnum(c) ? 'a' : c;
        if (c != last || !is_alnum(c)) {
            hash = (hash ^ (unsigned char)c) * 16777619u;
        }
        last = c;
    }
    return hash;
}

/* One of each shape of line, with the number of samples of that shape. */
typedef struct shape {
    uint32_t hash;
    unsigned count;
    size_t sample;
} shape;

static size_t gather_shapes(const inference *in, shape shapes[SHAPES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < in->n; i++) {
        uint32_t hash = shape_of(in->samples[i].text);
        size_t k = 0;
        while (k < n && shapes[k].hash != hash) {
            k++;
        }
        if (k == n && n < SHAPES_MAX) {
            shapes[n++] = (shape){.hash = hash, .sample = i};
        }
        if (k < n) {
            shapes[k].count++;
        }
    }
    return n;
}

/* Lines of different shapes that give the same draft speak for it together. */
static unsigned draft_support(const shape *shapes, const uint64_t *hashes, size_t n, uint64_t hash)
{
    unsigned support = 0;
    for (size_t i = 0; i < n; i++) {
        support += hashes[i] == hash ? shapes[i].count : 0;
    }
    return support;
}

/* The draft that explains most samples; of those the one that knows most fields, then the one
 * that most samples give by themselves. */
static unsigned best_draft(inference *in, draft *best)
{
    shape shapes[SHAPES_MAX];
    uint64_t hashes[SHAPES_MAX];
    size_t n = gather_shapes(in, shapes);
    draft d;
    for (size_t i = 0; i < n; i++) {
        draft_read(in->samples[shapes[i].sample].text, in->samples[shapes[i].sample].level, &d);
        hashes[i] = hash_bytes(draft_setting(&d, &in->setting));
    }
    unsigned best_count = 0;
    unsigned best_support = 0;
    for (size_t i = 0; i < n; i++) {
        draft_read(in->samples[shapes[i].sample].text, in->samples[shapes[i].sample].level, &d);
        unsigned support = draft_support(shapes, hashes, n, hashes[i]);
        unsigned count = count_explained(in, compile_draft(in, &d));
        if (count > 0 && count < in->n) {
            place_stop(in, &d, &count);
        }
        unsigned letters = count_letters(&d);
        unsigned best_letters = count_letters(best);
        if (count > best_count ||
            (count == best_count &&
             (letters > best_letters || (letters == best_letters && support > best_support)))) {
            best_count = count;
            best_support = support;
            *best = d;
        }
    }
    return best_count;
}

/* --- settling what a draft leaves open ----------------------------------------------- */

/* Whether the collected numbers are the process in the draft's session id. */
static bool is_session_process(inference *in, const draft *d)
{
    const prefix *p = compile_draft(in, d);
    prefix_fields f;
    unsigned equal = 0;
    unsigned different = 0;
    for (size_t i = 0; p != NULL && i < in->n; i++) {
        if (in->values[i].p == NULL || !prefix_match(p, in->samples[i].line, &f)) {
            continue;
        }
        uint64_t in_session = prefix_session_process(f.session_id);
        uint64_t number = 0;
        for (size_t k = 0; k < in->values[i].n; k++) {
            number = number * 10 + (uint64_t)(in->values[i].p[k] - '0');
        }
        if (number == in_session) {
            equal++;
        } else {
            different++;
        }
    }
    return equal > different;
}

static char letter_of_number(inference *in, const draft *d, const traits *t)
{
    bool has_process = draft_has(d, 'p');
    if (t->sqlstate) {
        return 'e';
    }
    if (t->wide && !draft_has(d, 'Q')) {
        return 'Q';
    }
    if (!has_process && !t->zero && (!draft_has(d, 'c') || is_session_process(in, d))) {
        return 'p';
    }
    if (t->filled < t->seen && has_process && !draft_has(d, 'P')) {
        return 'P';
    }
    if (!t->zero && !draft_has(d, 'l') && !draft_has(d, 'v')) {
        return 'l';
    }
    return draft_has(d, 'x') ? (draft_has(d, 'Q') ? ITEM_WORD : 'Q') : 'x';
}

static bool is_dash(const item *it)
{
    return it->letter == ITEM_LITERAL && slice_is(it->text, "-");
}

static unsigned count_numbers(const draft *d)
{
    unsigned count = 0;
    for (size_t i = 0; i < d->n; i++) {
        count += d->items[i].letter == ITEM_NUMBER;
    }
    return count;
}

/* [%l-1], the counter that looks like syslog's, or [%p-%l]. */
static void settle_counters(inference *in, draft *d)
{
    for (size_t i = 0; i + 2 < d->n; i++) {
        item *it = &d->items[i];
        if (it[0].letter != ITEM_NUMBER || !is_dash(&it[1]) || it[2].letter != ITEM_NUMBER ||
            it[2].width != 0) {
            continue;
        }
        collect_values(in, d, i + 2);
        traits t = traits_of(in);
        bool process_elsewhere = draft_has(d, 'p') || count_numbers(d) > 2;
        if (t.all_one && process_elsewhere) {
            it[0].letter = 'l';
            it[2].letter = ITEM_LITERAL;
        } else if (!process_elsewhere) {
            it[0].letter = 'p';
            it[2].letter = 'l';
        }
    }
}

static void settle_numbers(inference *in, draft *d)
{
    settle_counters(in, d);
    for (size_t i = 0; i < d->n; i++) {
        if (d->items[i].letter == ITEM_NUMBER) {
            collect_values(in, d, i);
            traits t = traits_of(in);
            d->items[i].letter = letter_of_number(in, d, &t);
        }
    }
}

static char letter_by_votes(const draft *d, const traits *t)
{
    if (t->user > 0 && t->user >= t->database && t->user >= t->application && !draft_has(d, 'u')) {
        return 'u';
    }
    if (t->database > 0 && t->database >= t->application && !draft_has(d, 'd')) {
        return 'd';
    }
    if (t->application > 0 && !draft_has(d, 'a')) {
        return 'a';
    }
    return ITEM_WORD;
}

/* Whether the item is the value of a key whose name says nothing. */
static bool follows_key(const draft *d, size_t at)
{
    if (at == 0 || d->items[at - 1].letter != ITEM_LITERAL) {
        return false;
    }
    slice text = d->items[at - 1].text;
    return slice_ends_with(text, SLICE("=")) || slice_ends_with(text, SLICE("=\""));
}

/* Whether a word that never changes is the setting's own text: it stands where there is no
 * session, behind a key of unknown name, or before a field that all processes have. */
static bool is_own_text(const draft *d, size_t at, const traits *t)
{
    if (!t->constant || t->filled < t->seen) {
        return false;
    }
    bool before_process = false;
    for (size_t i = at; i < d->n; i++) {
        before_process = before_process || one_of(d->items[i].letter, "pclmtn");
    }
    bool names_known = draft_has(d, 'u') && draft_has(d, 'd');
    return t->in_background ||
           (t->filled >= CONSTANT_MIN && (follows_key(d, at) || (before_process && names_known)));
}

/* First the words that some line explains, then the rest in the usual order. */
static void settle_words(inference *in, draft *d)
{
    static const char usual[] = "uda";
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < d->n; i++) {
            if (d->items[i].letter != ITEM_WORD) {
                continue;
            }
            collect_values(in, d, i);
            traits t = traits_of(in);
            if (is_own_text(d, i, &t)) {
                d->items[i].letter = ITEM_LITERAL;
            } else if (!t.in_background && round == 0) {
                d->items[i].letter = letter_by_votes(d, &t);
            } else if (!t.in_background && !follows_key(d, i)) {
                size_t k = 0;
                while (usual[k] != '\0' && draft_has(d, usual[k])) {
                    k++;
                }
                d->items[i].letter = usual[k] != '\0' ? usual[k] : ITEM_WORD;
            }
        }
    }
}

static void settle_host(inference *in, draft *d)
{
    for (size_t i = 0; i < d->n; i++) {
        if (d->items[i].letter == 'h') {
            collect_values(in, d, i);
            d->items[i].letter = traits_of(in).port ? 'r' : 'h';
        }
    }
}

/* How the session start would compare with the time, were stamp `start` %s and stamp `time` it. */
static void compare_stamps(inference *in, const draft *d, size_t start, size_t time,
                           unsigned *before, unsigned *after, unsigned *equal)
{
    draft probe = *d;
    for (size_t i = 0; i < probe.n; i++) {
        if (one_of(probe.items[i].letter, "mts") && i != start && i != time) {
            return;
        }
    }
    probe.items[start].letter = 's';
    const prefix *p = compile_draft(in, &probe);
    prefix_fields f;
    for (size_t i = 0; p != NULL && i < in->n; i++) {
        int64_t local = 0;
        int64_t resolution = 0;
        if (!prefix_match(p, in->samples[i].line, &f) || !f.has_time ||
            !timestamp_take(&f.session_start, &local, &resolution)) {
            continue;
        }
        int64_t moment = f.time + (int64_t)f.zone_offset * 1000000;
        moment -= moment % 1000000;
        *before += local < moment;
        *after += local > moment;
        *equal += local == moment;
    }
}

/* Of two stamps the one with milliseconds, or the later one, is the time; the other is the
 * session's start, unless the two never differ. */
static void settle_stamps(inference *in, draft *d)
{
    size_t first = d->n;
    size_t second = d->n;
    for (size_t i = 0; i < d->n; i++) {
        if (one_of(d->items[i].letter, "mt")) {
            second = first == d->n ? second : i;
            first = first == d->n ? i : first;
        }
    }
    if (second == d->n || draft_has(d, 's')) {
        return;
    }
    bool second_is_fine = d->items[second].letter == 'm';
    if (second_is_fine && d->items[first].letter == 'm') {
        return;
    }
    bool both_coarse = !second_is_fine && d->items[first].letter == 't';
    size_t start = second_is_fine || both_coarse ? first : second;
    unsigned before = 0;
    unsigned after = 0;
    unsigned equal = 0;
    compare_stamps(in, d, start, start == first ? second : first, &before, &after, &equal);
    if (both_coarse && (after > before || before == 0)) {
        start = second;
    }
    if (both_coarse || before + after > 0 || equal < 3) {
        d->items[start].letter = 's';
    }
}

static bool holds_text(slice text, slice part)
{
    for (size_t i = 0; i + part.n <= text.n; i++) {
        if (memcmp(text.p + i, part.p, part.n) == 0) {
            return true;
        }
    }
    return false;
}

/* Whether some sample without a session has the item all the same, empty. A session that has no
 * name yet writes "[unknown]". */
static bool goes_on_without_session(inference *in, const draft *d, size_t at)
{
    collect_values(in, d, at);
    for (size_t i = 0; i < in->n; i++) {
        if (in->values[i].p != NULL && in->values[i].n == 0 &&
            !holds_text(in->samples[i].text, SLICE("[unknown]"))) {
            return true;
        }
    }
    return false;
}

/* Where no sample shows whether processes without a session stop early: they may, if only fields
 * of sessions are left. %q there costs nothing where they do not, and without it their lines
 * would not match. It goes behind the last blank before those fields. */
static void guess_stop(inference *in, draft *d)
{
    size_t first = first_session_item(d);
    if (draft_has(d, 'q') || first < 2 || first == d->n ||
        d->items[first - 1].letter != ITEM_LITERAL) {
        return;
    }
    for (size_t i = first; i < d->n; i++) {
        char c = d->items[i].letter;
        if ((c != ITEM_LITERAL && !one_of(c, "udahri")) ||
            (one_of(c, "ud") && goes_on_without_session(in, d, i))) {
            return;
        }
    }
    slice text = d->items[first - 1].text;
    size_t offset = text.n;
    while (offset > 0 && text.p[offset - 1] != ' ') {
        offset--;
    }
    if (offset > 0) {
        *d = offset < text.n ? draft_with_stop(d, first - 1, offset) : draft_with_stop(d, first, 0);
    }
}

/* --- settings that servers and services come with ------------------------------------- */

static const char *const defaults[] = {
    "%m [%p] ",
    "%m [%p] %q%u@%d ",
    "< %m >",
    "< %m > ",
    "%t:%r:%u@%d:[%p]:",
    "%t-%c-",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
};

/* The setting of the list that explains more samples than the draft does, or as many and
 * more fields; NULL where there is none. */
static const char *better_default(inference *in, unsigned *explained, unsigned letters)
{
    const char *best = NULL;
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        slice setting = slice_from(defaults[i]);
        unsigned fields = 0;
        for (size_t k = 0; k + 1 < setting.n && setting.p[k + 1] != 'q'; k++) {
            fields += setting.p[k] == '%';
        }
        unsigned count = count_explained(in, compile(in, setting));
        if (count > *explained || (count > 0 && count == *explained && fields > letters)) {
            best = defaults[i];
            *explained = count;
            letters = fields;
        }
    }
    return best;
}

/* A draft of nothing but words and signs is no log_line_prefix. */
static bool is_telling(const draft *d)
{
    for (size_t i = 0; i < d->n; i++) {
        char c = d->items[i].letter;
        if (c != ITEM_LITERAL && c != ITEM_WORD && !one_of(c, "bih")) {
            return true;
        }
    }
    return d->n == 0;
}

static bool infer_setting(inference *in, arena *keep, slice *setting, unsigned *matched)
{
    draft d = {.n = 0};
    unsigned count = best_draft(in, &d);
    bool telling = count > 0 && is_telling(&d);
    const char *named = better_default(in, &count, telling ? count_letters(&d) : 0);
    if (named != NULL) {
        *matched = count;
        return arena_copy(keep, slice_from(named), setting);
    }
    if (!telling) {
        return false;
    }
    settle_stamps(in, &d);
    settle_numbers(in, &d);
    settle_words(in, &d);
    settle_host(in, &d);
    guess_stop(in, &d);
    const prefix *p = compile_draft(in, &d);
    *matched = count_explained(in, p);
    return *matched > 0 && arena_copy(keep, draft_setting(&d, &in->setting), setting);
}

/* A setting that explains its lines by leaving much of them unexplained, or by taking their digits
 * for fixed text, was found in lines of another kind: wrapped by syslog, say, whose own time stamp
 * would end the match an hour later; or in JSON, whose escapes are none of the statements'. */
static bool is_plausible_setting(slice setting)
{
    int skipped = 0;
    int digits = 0;
    for (size_t i = 0; i < setting.n; i++) {
        char c = setting.p[i];
        bool escape = c == '%' && i + 1 < setting.n;
        if (escape) {
            /* Over the padding; its digits are no text. */
            for (i++; i + 1 < setting.n && strchr("-0123456789", setting.p[i]) != NULL; i++) {
            }
            skipped += setting.p[i] == '?';
            digits = 0;
        } else {
            digits = c >= '0' && c <= '9' ? digits + 1 : 0;
        }
        bool is_member = c == '"' && i + 1 < setting.n && setting.p[i + 1] == ':';
        if (skipped > 1 || digits > 1 || is_member) {
            return false;
        }
    }
    return true;
}

bool prefix_infer(slice head, arena *keep, slice *setting, unsigned *matched, unsigned *tried)
{
    *setting = slice_of("", 0);
    *matched = 0;
    *tried = 0;
    inference *in = arena_calloc(keep, 1, sizeof *in);
    if (in == NULL) {
        return false;
    }
    arena_init(&in->compiled, COMPILE_BYTES);
    buf_init(&in->setting, PREFIX_SETTING_MAX);
    take_samples(in, slice_take(head, HEAD_MAX));
    *tried = (unsigned)in->n;
    bool found = infer_setting(in, keep, setting, matched) && is_plausible_setting(*setting);
    buf_free(&in->setting);
    arena_free(&in->compiled);
    return found;
}
