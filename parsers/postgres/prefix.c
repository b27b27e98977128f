/* prefix.c - see prefix.h. Compiling a log_line_prefix, and matching lines against it.
 * Working out a setting that nobody gave is prefix_infer.c. */
#include "parsers/postgres/prefix.h"

#include "base/scan.h"
#include "base/timestamp.h"

/* How often a text field may be extended on one line before the line is given up. Ordinary
 * lines need a few; a hostile one then costs some microseconds. */
#define EXTENSIONS_MAX 1500

#define STAMP_LENGTH    19 /* YYYY-MM-DD HH:MM:SS */
#define SQLSTATE_LENGTH 5
#define NO_STEP         UINT16_MAX

enum { STEP_LITERAL = 0, STEP_END = 1 }; /* any other kind of step is its escape's letter */

typedef struct step {
    char kind;
    uint8_t escape;  /* its row */
    bool captured;   /* the first step for its field: later ones only have to match */
    bool pads_left;  /* blanks stand before the value, not behind it */
    uint16_t width;  /* bytes that the value is padded to; of a literal its length */
    uint16_t offset; /* of a literal in `text` */
} step;

struct prefix {
    const char *text;
    unsigned gives;
    int64_t clock_resolution;
    uint16_t time_step; /* the step that `time` comes from */
    uint16_t open_step; /* the first from which on the text decides how the line divides */
    uint16_t n;
    step steps[];
};

/* --- what the escapes mean ---------------------------------------------------- */

typedef struct escape {
    char letter;
    uint16_t field; /* offset of its slice in prefix_fields */
    unsigned gives;
} escape;

#define FIELD(name)     offsetof(prefix_fields, name)
#define NO_FIELD        UINT16_MAX
#define ESCAPE_COUNT    (sizeof escapes / sizeof escapes[0])
#define ESCAPE_UNKNOWN  ESCAPE_COUNT
#define ESCAPE_CAPTURES 21

static const escape escapes[] = {
    {'a', FIELD(application), PREFIX_APPLICATION},
    {'u', FIELD(user), PREFIX_USER},
    {'d', FIELD(database), PREFIX_DATABASE},
    {'r', FIELD(host), PREFIX_HOST},
    {'h', FIELD(host), PREFIX_HOST},
    {'b', FIELD(backend_type), PREFIX_OTHER},
    {'p', FIELD(pid), PREFIX_PID},
    {'P', FIELD(leader_pid), PREFIX_OTHER},
    {'t', NO_FIELD, PREFIX_TIME},
    {'m', NO_FIELD, PREFIX_TIME},
    {'n', NO_FIELD, PREFIX_TIME},
    {'i', FIELD(command_tag), PREFIX_OTHER},
    {'e', FIELD(sqlstate), PREFIX_SQLSTATE},
    {'c', FIELD(session_id), PREFIX_SESSION_ID},
    {'l', FIELD(line_number), PREFIX_LINE_NUMBER},
    {'s', FIELD(session_start), PREFIX_OTHER},
    {'v', FIELD(vxid), PREFIX_OTHER},
    {'x', FIELD(xid), PREFIX_OTHER},
    {'Q', NO_FIELD, PREFIX_QUERY_ID},
    {'q', NO_FIELD, 0},
    {'?', NO_FIELD, 0},
};
_Static_assert(ESCAPE_COUNT == ESCAPE_CAPTURES, "one capture for each escape");

static size_t escape_index(char letter)
{
    size_t i = 0;
    while (i < ESCAPE_COUNT && escapes[i].letter != letter) {
        i++;
    }
    return i;
}

/* --- compiling ---------------------------------------------------------------- */

typedef struct compiler {
    prefix *p;
    char *text;
    size_t text_n;
    unsigned seen; /* a bit for each escape; %r and %h share the host's */
} compiler;

static void add_literal(compiler *c, char byte)
{
    prefix *p = c->p;
    if (p->n == 0 || p->steps[p->n - 1].kind != STEP_LITERAL) {
        p->steps[p->n++] = (step){.kind = STEP_LITERAL, .offset = (uint16_t)c->text_n};
    }
    p->steps[p->n - 1].width++;
    c->text[c->text_n++] = byte;
}

/* %m is finer than %t; %n is as fine but names no zone. */
static int time_rank(char letter)
{
    return letter == 'm' ? 3 : letter == 'n' ? 2 : letter == 't' ? 1 : 0;
}

static void add_escape(compiler *c, size_t index, bool pads_left, size_t width)
{
    prefix *p = c->p;
    char letter = escapes[index].letter;
    unsigned bit = 1u << (letter == 'r' ? escape_index('h') : index);
    step s = {.kind = letter,
              .escape = (uint8_t)index,
              .captured = (c->seen & bit) == 0,
              .pads_left = pads_left,
              .width = (uint16_t)width};
    if (p->open_step == NO_STEP && strchr("qrhaudbi?", letter) != NULL) {
        p->open_step = p->n;
    }
    c->seen |= bit;
    p->gives |= escapes[index].gives;
    int known = p->time_step == NO_STEP ? 0 : time_rank(p->steps[p->time_step].kind);
    if (time_rank(letter) > known) {
        p->time_step = p->n;
        p->clock_resolution = letter == 't' ? 1000000 : 1000;
    }
    p->steps[p->n++] = s;
}

static bool fail_escape(slice setting, size_t at, size_t end, const char *what, status *st)
{
    slice text = slice_take(slice_skip(setting, at), end - at);
    return status_fail(st, STATUS_USAGE,
                       "cannot use log_line_prefix '%.*s': %s '%.*s' at position %zu",
                       (int)setting.n, setting.p, what, (int)text.n, text.p, at + 1);
}

/* Compiles the escape at *at, which holds '%', and moves *at behind it. */
static bool compile_escape(compiler *c, slice setting, size_t *at, status *st)
{
    size_t i = *at + 1;
    if (i < setting.n && setting.p[i] == '%') {
        add_literal(c, '%');
        *at = i + 1;
        return true;
    }
    bool pads_left = true;
    if (i < setting.n && setting.p[i] == '-') {
        pads_left = false;
        i++;
    }
    size_t width = 0;
    for (; i < setting.n && setting.p[i] >= '0' && setting.p[i] <= '9'; i++) {
        width = width * 10 + (size_t)(setting.p[i] - '0');
        if (width > PREFIX_TEXT_MAX) {
            return fail_escape(setting, *at, i + 1, "too wide an escape", st);
        }
    }
    if (i == setting.n) {
        return fail_escape(setting, *at, i, "unfinished escape", st);
    }
    size_t index = escape_index(setting.p[i]);
    if (index == ESCAPE_UNKNOWN) {
        return fail_escape(setting, *at, i + 1, "unknown escape", st);
    }
    add_escape(c, index, pads_left, width);
    *at = i + 1;
    return true;
}

bool prefix_compile(slice setting, arena *keep, const prefix **out, status *st)
{
    if (setting.n > PREFIX_SETTING_MAX) {
        return status_fail(st, STATUS_USAGE,
                           "cannot use a log_line_prefix of %zu bytes: "
                           "the most is %d",
                           setting.n, PREFIX_SETTING_MAX);
    }
    size_t escapes_n = 0;
    for (size_t i = 0; i < setting.n; i++) {
        escapes_n += setting.p[i] == '%';
    }
    size_t steps_n = 2 * escapes_n + 2; /* literals around them, and the end */
    compiler c = {.p = arena_alloc(keep, sizeof(prefix) + steps_n * sizeof(step)),
                  .text = arena_alloc(keep, setting.n + 1)};
    if (c.p == NULL || c.text == NULL) {
        return status_no_memory(st);
    }
    *c.p = (prefix){.text = c.text, .time_step = NO_STEP, .open_step = NO_STEP};
    for (size_t i = 0; i < setting.n;) {
        if (setting.p[i] != '%') {
            add_literal(&c, setting.p[i++]);
        } else if (!compile_escape(&c, setting, &i, st)) {
            return false;
        }
    }
    c.p->steps[c.p->n++] = (step){.kind = STEP_END};
    *out = c.p;
    return true;
}

unsigned prefix_gives(const prefix *p)
{
    return p->gives;
}

int64_t prefix_clock_resolution(const prefix *p)
{
    return p->clock_resolution;
}

/* --- the severity word -------------------------------------------------------- */

static const struct {
    slice word;
    severity value;
} severities[] = {
    {{"LOG", 3}, SEVERITY_LOG},
    {{"DETAIL", 6}, SEVERITY_DETAIL},
    {{"ERROR", 5}, SEVERITY_ERROR},
    {{"STATEMENT", 9}, SEVERITY_STATEMENT},
    {{"CONTEXT", 7}, SEVERITY_CONTEXT},
    {{"HINT", 4}, SEVERITY_HINT},
    {{"WARNING", 7}, SEVERITY_WARNING},
    {{"FATAL", 5}, SEVERITY_FATAL},
    {{"NOTICE", 6}, SEVERITY_NOTICE},
    {{"INFO", 4}, SEVERITY_INFO},
    {{"PANIC", 5}, SEVERITY_PANIC},
    {{"QUERY", 5}, SEVERITY_QUERY},
    {{"LOCATION", 8}, SEVERITY_LOCATION},
    {{"BACKTRACE", 9}, SEVERITY_BACKTRACE},
    {{"DEBUG1", 6}, SEVERITY_DEBUG},
    {{"DEBUG2", 6}, SEVERITY_DEBUG},
    {{"DEBUG3", 6}, SEVERITY_DEBUG},
    {{"DEBUG4", 6}, SEVERITY_DEBUG},
    {{"DEBUG5", 6}, SEVERITY_DEBUG},
    {{"DEBUG", 5}, SEVERITY_DEBUG},
    /* German */
    {{"HINWEIS", 7}, SEVERITY_NOTICE},
    {{"WARNUNG", 7}, SEVERITY_WARNING},
    {{"FEHLER", 6}, SEVERITY_ERROR},
    {{"PANIK", 5}, SEVERITY_PANIC},
    {{"TIPP", 4}, SEVERITY_HINT},
    {{"ZUSAMMENHANG", 12}, SEVERITY_CONTEXT},
    {{"ANWEISUNG", 9}, SEVERITY_STATEMENT},
    {{"ANFRAGE", 7}, SEVERITY_QUERY},
    /* Spanish */
    {{"DETALLE", 7}, SEVERITY_DETAIL},
    {{"CONTEXTO", 8}, SEVERITY_CONTEXT},
    {{"SENTENCIA", 9}, SEVERITY_STATEMENT},
    {{"CONSULTA", 8}, SEVERITY_QUERY},
    /* French */
    {{"ATTENTION", 9}, SEVERITY_WARNING},
    {{"ERREUR", 6}, SEVERITY_ERROR},
    {{"DÉTAIL", 7}, SEVERITY_DETAIL},
    {{"ASTUCE ", 7}, SEVERITY_HINT},
    {{"CONTEXTE ", 9}, SEVERITY_CONTEXT},
    {{"INSTRUCTION ", 12}, SEVERITY_STATEMENT},
    {{"REQUÊTE ", 9}, SEVERITY_QUERY},
    {{"PILE D'APPEL ", 13}, SEVERITY_BACKTRACE},
    /* Italian */
    {{"NOTIFICA", 8}, SEVERITY_NOTICE},
    {{"ATTENZIONE", 10}, SEVERITY_WARNING},
    {{"ERRORE", 6}, SEVERITY_ERROR},
    {{"FATALE", 6}, SEVERITY_FATAL},
    {{"PANICO", 6}, SEVERITY_PANIC},
    {{"DETTAGLI", 8}, SEVERITY_DETAIL},
    {{"SUGGERIMENTO", 12}, SEVERITY_HINT},
    {{"CONTESTO", 8}, SEVERITY_CONTEXT},
    {{"ISTRUZIONE", 10}, SEVERITY_STATEMENT},
    /* Japanese */
    {{"詳細", 6}, SEVERITY_DETAIL},
    {{"ヒント", 9}, SEVERITY_HINT},
    {{"文脈", 6}, SEVERITY_CONTEXT},
    {{"文", 3}, SEVERITY_STATEMENT},
    {{"問い合わせ", 15}, SEVERITY_QUERY},
    {{"バックトレース", 21}, SEVERITY_BACKTRACE},
    /* Korean */
    {{"디버그", 9}, SEVERITY_DEBUG},
    {{"로그", 6}, SEVERITY_LOG},
    {{"정보", 6}, SEVERITY_INFO},
    {{"알림", 6}, SEVERITY_NOTICE},
    {{"경고", 6}, SEVERITY_WARNING},
    {{"오류", 6}, SEVERITY_ERROR},
    {{"치명적오류", 15}, SEVERITY_FATAL},
    {{"손상", 6}, SEVERITY_PANIC},
    {{"상세정보", 12}, SEVERITY_DETAIL},
    {{"힌트", 6}, SEVERITY_HINT},
    {{"내용", 6}, SEVERITY_CONTEXT},
    {{"명령 구문", 13}, SEVERITY_STATEMENT},
    {{"쿼리", 6}, SEVERITY_QUERY},
    {{"역추적", 9}, SEVERITY_BACKTRACE},
    /* Russian */
    {{"ОТЛАДКА", 14}, SEVERITY_DEBUG},
    {{"СООБЩЕНИЕ", 18}, SEVERITY_LOG},
    {{"ИНФОРМАЦИЯ", 20}, SEVERITY_INFO},
    {{"ЗАМЕЧАНИЕ", 18}, SEVERITY_NOTICE},
    {{"ПРЕДУПРЕЖДЕНИЕ", 28}, SEVERITY_WARNING},
    {{"ОШИБКА", 12}, SEVERITY_ERROR},
    {{"ВАЖНО", 10}, SEVERITY_FATAL},
    {{"ПАНИКА", 12}, SEVERITY_PANIC},
    {{"ПОДРОБНОСТИ", 22}, SEVERITY_DETAIL},
    {{"ПОДСКАЗКА", 18}, SEVERITY_HINT},
    {{"КОНТЕКСТ", 16}, SEVERITY_CONTEXT},
    {{"ОПЕРАТОР", 16}, SEVERITY_STATEMENT},
    {{"ЗАПРОС", 12}, SEVERITY_QUERY},
    {{"СТЕК", 8}, SEVERITY_BACKTRACE},
    /* Swedish */
    {{"LOGG", 4}, SEVERITY_LOG},
    {{"NOTIS", 5}, SEVERITY_NOTICE},
    {{"VARNING", 7}, SEVERITY_WARNING},
    {{"FEL", 3}, SEVERITY_ERROR},
    {{"FATALT", 6}, SEVERITY_FATAL},
    {{"DETALJ", 6}, SEVERITY_DETAIL},
    {{"TIPS", 4}, SEVERITY_HINT},
    {{"KONTEXT", 7}, SEVERITY_CONTEXT},
    {{"SATS", 4}, SEVERITY_STATEMENT},
    {{"FRÅGA", 6}, SEVERITY_QUERY},
    /* Ukrainian */
    {{"НАЛАГОДЖЕННЯ", 24}, SEVERITY_DEBUG},
    {{"ЗАПИСУВАННЯ", 22}, SEVERITY_LOG},
    {{"ІНФОРМАЦІЯ", 20}, SEVERITY_INFO},
    {{"ПОВІДОМЛЕННЯ", 24}, SEVERITY_NOTICE},
    {{"ПОПЕРЕДЖЕННЯ", 24}, SEVERITY_WARNING},
    {{"ПОМИЛКА", 14}, SEVERITY_ERROR},
    {{"ФАТАЛЬНО", 16}, SEVERITY_FATAL},
    {{"ПАНІКА", 12}, SEVERITY_PANIC},
    {{"ВІДОМОСТІ", 18}, SEVERITY_DETAIL},
    {{"УКАЗІВКА", 16}, SEVERITY_HINT},
    {{"ІНСТРУКЦІЯ", 20}, SEVERITY_STATEMENT},
    {{"ЗАПИТ", 10}, SEVERITY_QUERY},
    {{"ВІДСТЕЖУВАТИ", 24}, SEVERITY_BACKTRACE},
    /* Chinese */
    {{"调试", 6}, SEVERITY_DEBUG},
    {{"日志", 6}, SEVERITY_LOG},
    {{"信息", 6}, SEVERITY_INFO},
    {{"注意", 6}, SEVERITY_NOTICE},
    {{"警告", 6}, SEVERITY_WARNING},
    {{"错误", 6}, SEVERITY_ERROR},
    {{"致命错误", 12}, SEVERITY_FATAL},
    {{"比致命错误还过分的错误", 33}, SEVERITY_PANIC},
    {{"详细信息", 12}, SEVERITY_DETAIL},
    {{"提示", 6}, SEVERITY_HINT},
    {{"上下文", 9}, SEVERITY_CONTEXT},
    {{"语句", 6}, SEVERITY_STATEMENT},
    {{"查询", 6}, SEVERITY_QUERY},
    /* Georgian */
    {{"გამართვა", 24}, SEVERITY_DEBUG},
    {{"ჟურნალი", 21}, SEVERITY_LOG},
    {{"ინფორმაცია", 30}, SEVERITY_INFO},
    {{"გაფრთხილება", 33}, SEVERITY_NOTICE},
    {{"შეცდომა", 21}, SEVERITY_ERROR},
    {{"ფატალური", 24}, SEVERITY_FATAL},
    {{"პანიკა", 18}, SEVERITY_PANIC},
    {{"დეტალები", 24}, SEVERITY_DETAIL},
    {{"მინიშნება", 27}, SEVERITY_HINT},
    {{"კონტექსტი", 27}, SEVERITY_CONTEXT},
    {{"ოპერატორი", 27}, SEVERITY_STATEMENT},
    {{"მოთხოვნა", 24}, SEVERITY_QUERY},
    {{"სტეკი", 15}, SEVERITY_BACKTRACE},
};

/* Words and literals are a few bytes long: a call of memcmp would cost more than the loop. */
static inline bool begins_with(const char *p, slice text)
{
    for (size_t i = 0; i < text.n; i++) {
        if (p[i] != text.p[i]) {
            return false;
        }
    }
    return true;
}

/* The length of "WORD:" and the blanks behind it at p, or 0. */
static inline size_t severity_at(const char *p, const char *end, size_t *row)
{
    bool letter = end - p >= 4 && ((*p >= 'A' && *p <= 'Z') || (unsigned char)*p >= 0xC3);
    if (!letter) {
        return 0;
    }
    for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++) {
        slice word = severities[i].word;
        if (word.p[0] != *p || (size_t)(end - p) <= word.n || p[word.n] != ':' ||
            !begins_with(p, word)) {
            continue;
        }
        const char *q = p + word.n + 1;
        if (q < end && *q != ' ' && *q != '\n' && *q != '\r') {
            return 0;
        }
        for (int blanks = 0; blanks < 2 && q < end && *q == ' '; blanks++) {
            q++;
        }
        *row = i;
        return (size_t)(q - p);
    }
    return 0;
}

bool severity_take(slice *in, severity *out)
{
    size_t row = 0;
    size_t n = severity_at(in->p, in->p + in->n, &row);
    if (n == 0) {
        return false;
    }
    *out = severities[row].value;
    *in = slice_skip(*in, n);
    return true;
}

bool severity_find(slice word, severity *out)
{
    for (size_t i = 0; i < sizeof severities / sizeof severities[0]; i++) {
        if (slice_equal(severities[i].word, word)) {
            *out = severities[i].value;
            return true;
        }
    }
    return false;
}

/* --- fields of a fixed shape --------------------------------------------------- */

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

static inline bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static inline const char *skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p)) {
        p++;
    }
    return p;
}

static const char *skip_hex(const char *p, const char *end)
{
    while (p < end && is_hex(*p)) {
        p++;
    }
    return p;
}

typedef struct matcher {
    const prefix *p;
    const char *end;   /* of the line */
    const char *limit; /* no prefix goes beyond */
    prefix_memo *memo; /* NULL: none */
    int extensions;    /* left */
    bool words_only;   /* users and databases hold no blank */
    bool refused_blank;
    bool bad_time;
    uint16_t ended; /* the step at which the severity word was found */
    size_t severity_row;
    const char *severity;
    const char *message;
    int64_t local_time;
    slice zone;
    slice captures[ESCAPE_CAPTURES];
} matcher;

/* Digits where a stamp has digits, so that a date which is none is still seen as a stamp. */
static bool looks_like_stamp(const char *p, const char *limit)
{
    static const char shape[STAMP_LENGTH + 1] = "0000-00-00 00:00:00";
    if (limit - p < STAMP_LENGTH) {
        return false;
    }
    for (int i = 0; i < STAMP_LENGTH; i++) {
        if (shape[i] == '0' ? !is_digit(p[i]) : p[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

/* The end of a zone's name. The server prints no ':' in it; one counts only where the setting
 * does not go on with ':' itself. */
static const char *zone_end(const char *p, const char *limit, bool colon_follows)
{
    const char *q = p;
    if (q < limit && (*q == '+' || *q == '-')) {
        q = skip_digits(q + 1, limit);
        if (!colon_follows && limit - q >= 3 && *q == ':' && is_digit(q[1]) && is_digit(q[2])) {
            q += 3;
        }
        return q > p + 1 ? q : p;
    }
    while (q < limit && is_letter(*q)) {
        q++;
    }
    return q;
}

static bool is_time_source(const matcher *m, const step *s)
{
    return (size_t)(s - m->p->steps) == m->p->time_step;
}

/* %t, %m and %s: a stamp, a blank and a zone. */
static const char *take_stamp(matcher *m, const step *s, const char *p)
{
    bool is_source = is_time_source(m, s);
    int64_t local = 0;
    int64_t resolution = 0;
    slice in = slice_between(p, m->limit);
    bool taken = m->memo != NULL ? timestamp_take_near(&m->memo->minute, &in, &local, &resolution)
                                 : timestamp_take(&in, &local, &resolution);
    if (taken) {
        if (resolution != (s->kind == 'm' ? 1000 : 1000000)) {
            return NULL;
        }
        p = in.p;
    } else if (looks_like_stamp(p, m->limit)) {
        p += STAMP_LENGTH;
        if (s->kind == 'm') {
            const char *q = p < m->limit && *p == '.' ? skip_digits(p + 1, m->limit) : p;
            if (q != p + 4) {
                return NULL;
            }
            p = q;
        }
        m->bad_time = m->bad_time || is_source;
    } else {
        return NULL;
    }
    if (p == m->limit || *p != ' ') {
        return NULL;
    }
    const step *next = s + 1;
    bool colon_follows = next->kind == STEP_LITERAL && m->p->text[next->offset] == ':';
    const char *q = zone_end(++p, m->limit, colon_follows);
    if (q == p) {
        return NULL;
    }
    if (is_source) {
        m->local_time = local;
        m->zone = slice_between(p, q);
    }
    return q;
}

/* %n: seconds since 1970, a point and three digits. */
static const char *take_epoch(matcher *m, const step *s, const char *p)
{
    const char *q = skip_digits(p, m->limit);
    if (q == p || q - p > 12 || m->limit - q < 4 || *q != '.' ||
        skip_digits(q + 1, m->limit) != q + 4) {
        return NULL;
    }
    if (is_time_source(m, s)) {
        int64_t milliseconds = 0;
        for (const char *d = p; d < q + 4; d++) {
            milliseconds = d == q ? milliseconds : milliseconds * 10 + (*d - '0');
        }
        m->local_time = milliseconds * 1000;
        m->zone = slice_of(q, 0);
    }
    return q + 4;
}

/* %c: two hexadecimal numbers around a point. */
static const char *take_session_id(const char *p, const char *limit)
{
    const char *dot = skip_hex(p, limit);
    if (dot == p || dot == limit || *dot != '.') {
        return NULL;
    }
    const char *q = skip_hex(dot + 1, limit);
    return q > dot + 1 ? q : NULL;
}

uint32_t prefix_session_process(slice id)
{
    const char *p = scan_first(id, '.');
    const char *end = id.p + id.n;
    uint64_t process = 0;
    for (p = p != NULL ? p + 1 : end; p < end && is_hex(*p) && process <= UINT32_MAX; p++) {
        unsigned low = (unsigned char)*p & 15u;
        process = process * 16 + (is_digit(*p) ? low : low + 9);
    }
    return p == end && process <= UINT32_MAX ? (uint32_t)process : 0;
}

/* %v: backend and local transaction number, or nothing. */
static const char *take_vxid(const char *p, const char *limit)
{
    const char *slash = skip_digits(p < limit && *p == '-' ? p + 1 : p, limit);
    if (slash == p || slash == limit || *slash != '/') {
        return p;
    }
    const char *q = skip_digits(slash + 1, limit);
    return q > slash + 1 ? q : p;
}

static const char *take_sqlstate(const char *p, const char *limit)
{
    if (limit - p < SQLSTATE_LENGTH) {
        return NULL;
    }
    for (int i = 0; i < SQLSTATE_LENGTH; i++) {
        if (!is_digit(p[i]) && !(p[i] >= 'A' && p[i] <= 'Z')) {
            return NULL;
        }
    }
    return p + SQLSTATE_LENGTH;
}

static const char *take_number(const char *p, const char *limit)
{
    const char *q = skip_digits(p, limit);
    return q > p ? q : NULL;
}

/* The end of the value of a field of fixed shape at p; NULL where there is none. */
static const char *take_value(matcher *m, const step *s, const char *p)
{
    switch (s->kind) {
    case 'm':
    case 't':
    case 's':
        return take_stamp(m, s, p);
    case 'n':
        return take_epoch(m, s, p);
    case 'p':
    case 'l':
        return take_number(p, m->limit);
    case 'P': /* empty but in parallel workers */
    case 'x':
        return skip_digits(p, m->limit);
    case 'Q':
        return skip_digits(p < m->limit && *p == '-' ? p + 1 : p, m->limit);
    case 'c':
        return take_session_id(p, m->limit);
    case 'v':
        return take_vxid(p, m->limit);
    default:
        return take_sqlstate(p, m->limit);
    }
}

static inline void capture(matcher *m, const step *s, const char *begin, const char *end)
{
    if (s->captured) {
        m->captures[s->escape] = slice_between(begin, end);
    }
}

static const char *take_padded(matcher *m, const step *s, const char *p)
{
    const char *filled = m->limit - p > s->width ? p + s->width : m->limit;
    while (s->pads_left && p < filled && *p == ' ') {
        p++;
    }
    const char *q = take_value(m, s, p);
    if (q == NULL) {
        return NULL;
    }
    capture(m, s, p, q);
    while (q < filled && *q == ' ') {
        q++;
    }
    return q;
}

/* --- fields of any text ---------------------------------------------------------- */

static bool match_steps(matcher *m, size_t k, const char *p);

/* Goes on behind a value that ends at q. */
static bool extend_to(matcher *m, size_t k, const char *p, const char *q)
{
    if (m->extensions == 0) {
        return false;
    }
    m->extensions--;
    if (!match_steps(m, k + 1, q)) {
        return false;
    }
    capture(m, &m->p->steps[k], p, q);
    return true;
}

/* Where a value without blanks inside ends at the latest. */
static const char *word_end(const step *s, const char *p, const char *limit)
{
    const char *filled = limit - p > s->width ? p + s->width : limit;
    while (s->pads_left && p < filled && *p == ' ') {
        p++;
    }
    const char *q = p;
    while (q < limit && *q != ' ') {
        q++;
    }
    while (q < filled && *q == ' ') {
        q++;
    }
    return q;
}

/* The shortest text that lets the rest match. */
static bool match_text(matcher *m, size_t k, const char *p)
{
    const step *s = &m->p->steps[k];
    const step *next = s + 1;
    const char *limit = m->limit;
    bool is_host = s->kind == 'h' || s->kind == 'r';
    bool is_name = s->kind == 'u' || s->kind == 'd';
    if (is_host || (is_name && m->words_only)) {
        limit = word_end(s, p, limit);
        m->refused_blank = m->refused_blank || (is_name && limit < m->limit);
    }
    if (limit - p < s->width) {
        return false;
    }
    for (const char *q = p + s->width; q <= limit; q++) {
        if (next->kind == STEP_LITERAL) {
            /* The literal's first byte may be the blank at which a word ends. */
            size_t room = (size_t)(limit - q) + (limit < m->limit ? 1 : 0);
            const char *end = q + room;
            char first = m->p->text[next->offset];
            while (q < end && *q != first) {
                q++;
            }
            if (q == end) {
                return false;
            }
        }
        if (extend_to(m, k, p, q)) {
            return true;
        }
    }
    return false;
}

static bool is_ipv6(const char *p, const char *end)
{
    int colons = 0;
    bool compressed = false;
    bool dotted = false;
    for (const char *q = p; q < end; q++) {
        colons += *q == ':';
        dotted = dotted || *q == '.';
        compressed = compressed || (*q == ':' && q + 1 < end && q[1] == ':');
    }
    return (compressed && colons <= 7) || colons == (dotted ? 6 : 7);
}

/* Addresses hold the bytes that prefixes separate fields with, so they are tried as a whole,
 * the longest first, before any shorter text. */
static bool match_ipv6(matcher *m, size_t k, const char *p)
{
    const char *end = p;
    while (end < m->limit && (is_hex(*end) || *end == ':' || *end == '.')) {
        end++;
    }
    for (const char *q = end; q > p; q--) {
        bool at_edge = q == end || *q == ':';
        if (at_edge && is_ipv6(p, q) && extend_to(m, k, p, q)) {
            return true;
        }
    }
    return false;
}

/* The end of "host(port)" at p, or NULL. */
static const char *host_and_port_end(const char *p, const char *limit)
{
    const char *q = p;
    while (q < limit && *q != '(' && *q != ' ') {
        q++;
    }
    if (q == p || q == limit || *q != '(') {
        return NULL;
    }
    const char *port = skip_digits(q + 1, limit);
    return port > q + 1 && port < limit && *port == ')' ? port + 1 : NULL;
}

static bool match_host(matcher *m, size_t k, const char *p)
{
    const step *s = &m->p->steps[k];
    if (s->width == 0 && p < m->limit) {
        const char *q = s->kind == 'r' ? host_and_port_end(p, m->limit) : NULL;
        if (q != NULL && extend_to(m, k, p, q)) {
            return true;
        }
        if ((*p == ':' || is_hex(*p)) && match_ipv6(m, k, p)) {
            return true;
        }
    }
    return match_text(m, k, p);
}

/* --- a line ------------------------------------------------------------------------ */

static bool match_severity(matcher *m, size_t k, const char *p)
{
    while (p < m->end && *p == ' ') {
        p++;
    }
    size_t n = severity_at(p, m->end, &m->severity_row);
    if (n == 0) {
        return false;
    }
    m->ended = (uint16_t)k;
    m->severity = p;
    m->message = p + n;
    return true;
}

static inline bool match_literal(const matcher *m, const step *s, const char *p)
{
    return m->limit - p >= s->width && begins_with(p, slice_of(m->p->text + s->offset, s->width));
}

static bool match_steps(matcher *m, size_t k, const char *p)
{
    for (;; k++) {
        const step *s = &m->p->steps[k];
        switch (s->kind) {
        case STEP_LITERAL:
            if (!match_literal(m, s, p)) {
                return false;
            }
            p += s->width;
            break;
        case STEP_END:
            return match_severity(m, k, p);
        case 'q': /* processes without a session stop here */
            if (match_severity(m, k, p)) {
                return true;
            }
            break;
        case 'r':
        case 'h':
            return match_host(m, k, p);
        case 'a':
        case 'u':
        case 'd':
        case 'b':
        case 'i':
        case '?':
            return match_text(m, k, p);
        default:
            p = take_padded(m, s, p);
            if (p == NULL) {
                return false;
            }
        }
    }
}

slice prefix_known(slice value)
{
    bool unknown = value.n == 9 && value.p[0] == '[' && memcmp(value.p, "[unknown]", 9) == 0;
    return unknown ? slice_of(value.p, 0) : value;
}

static slice without_port(slice host)
{
    if (host.n > 0 && host.p[host.n - 1] == ')') {
        const char *p = memchr(host.p, '(', host.n);
        return p == NULL ? host : slice_between(host.p, p);
    }
    return host;
}

void prefix_set_query_id(prefix_fields *f, slice digits)
{
    bool negative = digits.n > 0 && digits.p[0] == '-';
    uint64_t value = 0;
    for (size_t i = negative ? 1 : 0; i < digits.n; i++) {
        uint64_t digit = (uint64_t)(digits.p[i] - '0');
        if (digit > 9 || value > (UINT64_MAX - digit) / 10) {
            return;
        }
        value = value * 10 + digit;
    }
    /* Servers before 14 and pg_stat_statements have shown the id unsigned as well as signed. */
    f->query_id = (int64_t)(negative ? 0 - value : value);
    f->has_query_id = value != 0;
}

void prefix_set_time(prefix_fields *f, int64_t local_time, slice zone)
{
    bool utc = zone.n == 0 ||
               (zone.n == 3 && (memcmp(zone.p, "UTC", 3) == 0 || memcmp(zone.p, "GMT", 3) == 0));
    f->zone = zone;
    f->has_time = true;
    f->unknown_zone = !utc && !zone_offset(zone, &f->zone_offset);
    f->time = local_time - (int64_t)f->zone_offset * 1000000;
}

static void fill_time(const matcher *m, prefix_fields *out)
{
    prefix_set_time(out, m->local_time, m->zone);
    if (m->bad_time) {
        out->bad_time = true;
        out->has_time = false;
        out->time = 0;
    }
}

/* With log_error_verbosity=verbose the SQLSTATE stands before a record's message, never before
 * what belongs to it. A code that does not begin with a digit is of one of the classes below,
 * which keeps most five-letter words apart. */
static void fill_verbose_sqlstate(slice line, prefix_fields *out)
{
    slice rest = slice_skip(line, out->message);
    if (out->severity >= SEVERITY_DETAIL || rest.n < SQLSTATE_LENGTH + 2 ||
        rest.p[SQLSTATE_LENGTH] != ':' || rest.p[SQLSTATE_LENGTH + 1] != ' ' ||
        take_sqlstate(rest.p, rest.p + rest.n) == NULL) {
        return;
    }
    slice class = slice_take(rest, 2);
    if (is_digit(rest.p[0]) || slice_is(class, "F0") || slice_is(class, "HV") ||
        slice_is(class, "P0") || slice_is(class, "XX")) {
        out->sqlstate = slice_take(rest, SQLSTATE_LENGTH);
        out->message += SQLSTATE_LENGTH + 2;
    }
}

static void fill_fields(const matcher *m, slice line, prefix_fields *out)
{
    memset(out, 0, sizeof *out);
    out->severity = (uint8_t)severities[m->severity_row].value;
    out->severity_word = slice_of(m->severity, severities[m->severity_row].word.n);
    out->message = (size_t)(m->message - line.p);
    for (size_t k = 0; k < m->ended; k++) {
        const step *s = &m->p->steps[k];
        if (s->kind == STEP_LITERAL || !s->captured) {
            continue;
        }
        slice value = m->captures[s->escape];
        size_t field = escapes[s->escape].field;
        value = s->width > 0 ? slice_trim(value) : value;
        if (s->kind == 'Q') {
            prefix_set_query_id(out, value);
        } else if (field != NO_FIELD) {
            value = prefix_known(value);
            value = field == FIELD(host) ? without_port(value) : value;
            memcpy((char *)out + field, &value, sizeof value);
        }
    }
    if (m->p->time_step < m->ended) {
        fill_time(m, out);
    }
    fill_verbose_sqlstate(line, out);
}

/* --- what neighbouring lines share --------------------------------------------------- */

/* Whether the rest of the prefix, the severity word and both blanks are those of an earlier line.
 */
static bool match_known_tail(matcher *m, const char *p)
{
    for (int i = 0; i < PREFIX_MEMO_TAILS; i++) {
        const prefix_memo_tail *t = &m->memo->tails[i];
        if (t->n == 0 || m->limit - p < t->n || memcmp(p, t->text, t->n) != 0) {
            continue;
        }
        m->ended = t->ended;
        m->severity_row = t->severity_row;
        m->severity = p + t->severity;
        m->message = p + t->n;
        for (int k = 0; k < t->n_fields; k++) {
            const prefix_memo_field *f = &t->fields[k];
            m->captures[f->escape] = slice_between(p + f->begin, p + f->end);
        }
        return true;
    }
    return false;
}

/* Keeps how the rest of the prefix was divided, where nothing but its own bytes decided that: each
 * text took the first end that was tried, and both blanks stand behind the severity word. Where
 * another end had to be tried first, that attempt may have looked at the message. */
static void remember_tail(const matcher *m, const char *p)
{
    size_t n = (size_t)(m->message - p);
    prefix_memo_tail *t = &m->memo->tails[m->memo->next];
    int texts = 0;
    uint8_t fields = 0;
    if (n > PREFIX_MEMO_TAIL_MAX || m->message[-2] != ' ') {
        return;
    }
    t->n = 0;
    for (size_t k = m->p->open_step; k < m->ended; k++) {
        const step *s = &m->p->steps[k];
        texts += strchr("rhaudbi?", s->kind) != NULL && s->kind != STEP_LITERAL;
        if (s->kind == STEP_LITERAL || s->kind == 'q' || !s->captured) {
            continue;
        }
        if (fields == PREFIX_MEMO_FIELDS || strchr("tmns", s->kind) != NULL) {
            return;
        }
        slice value = m->captures[s->escape];
        t->fields[fields++] = (prefix_memo_field){.escape = s->escape,
                                                  .begin = (uint8_t)(value.p - p),
                                                  .end = (uint8_t)(value.p + value.n - p)};
    }
    if (m->extensions != EXTENSIONS_MAX - texts) {
        return;
    }
    t->n = (uint16_t)n;
    t->ended = m->ended;
    t->severity = (uint8_t)(m->severity - p);
    t->severity_row = (uint8_t)m->severity_row;
    t->n_fields = fields;
    memcpy(t->text, p, n);
    m->memo->next = (m->memo->next + 1) % PREFIX_MEMO_TAILS;
}

/* The steps before the first whose text decides, one after the other; NULL where one fails. */
static const char *match_fixed(matcher *m, const char *p)
{
    for (size_t k = 0; k < m->p->open_step; k++) {
        const step *s = &m->p->steps[k];
        if (s->kind != STEP_LITERAL) {
            p = take_padded(m, s, p);
        } else {
            p = match_literal(m, s, p) ? p + s->width : NULL;
        }
        if (p == NULL) {
            return NULL;
        }
    }
    return p;
}

static bool match_with_memo(matcher *m, const char *begin)
{
    const char *p = match_fixed(m, begin);
    if (p == NULL) {
        return false;
    }
    if (match_known_tail(m, p)) {
        return true;
    }
    if (!match_steps(m, m->p->open_step, p)) {
        return false;
    }
    remember_tail(m, p);
    return true;
}

static bool match_line(const prefix *p, prefix_memo *memo, slice line, prefix_fields *out)
{
    if (line.n == 0 || line.p[0] == '\t') {
        return false;
    }
    matcher m;
    m.p = p;
    m.end = line.p + line.n;
    m.limit = line.p + (line.n < PREFIX_TEXT_MAX ? line.n : PREFIX_TEXT_MAX);
    m.memo = memo;
    m.extensions = EXTENSIONS_MAX;
    m.bad_time = false;
    m.refused_blank = false;
    m.words_only = true;
    bool open = memo != NULL && p->open_step != NO_STEP;
    if (!(open ? match_with_memo(&m, line.p) : match_steps(&m, 0, line.p))) {
        if (!m.refused_blank) {
            return false;
        }
        m.words_only = false;
        m.bad_time = false;
        m.extensions = EXTENSIONS_MAX;
        if (!match_steps(&m, 0, line.p)) {
            return false;
        }
    }
    fill_fields(&m, line, out);
    return true;
}

bool prefix_match(const prefix *p, slice line, prefix_fields *out)
{
    return match_line(p, NULL, line, out);
}

bool prefix_match_next(const prefix *p, prefix_memo *memo, slice line, prefix_fields *out)
{
    return match_line(p, memo, line, out);
}

bool prefix_is_head(const prefix *p, slice line)
{
    prefix_fields fields;
    return prefix_match(p, line, &fields) && fields.severity < SEVERITY_DETAIL;
}
