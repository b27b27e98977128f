/* fields.c - see fields.h.
 *
 * The names are those that MySQL 5.0 to 9.x, Percona Server, MariaDB and TiDB write. Where two
 * servers name one thing differently (Created_tmp_tables, Tmp_tables) it is one measure. */
#include "parsers/mysql/fields.h"

#include "base/bytes16.h"
#include "base/hash.h"
#include "base/number.h"

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const field fields[] = {
    {NAME("Query_time"), FIELD_QUERY_TIME, MEASURE_QUERY_TIME},
    {NAME("Lock_time"), FIELD_SECONDS, MEASURE_LOCK_TIME},
    {NAME("Rows_sent"), FIELD_COUNT, MEASURE_ROWS_SENT},
    {NAME("Rows_examined"), FIELD_COUNT, MEASURE_ROWS_EXAMINED},
    {NAME("Rows_affected"), FIELD_COUNT, MEASURE_ROWS_AFFECTED},
    {NAME("Rows_read"), FIELD_COUNT, MEASURE_ROWS_READ},
    {NAME("Bytes_sent"), FIELD_COUNT, MEASURE_BYTES_SENT},
    {NAME("Bytes_received"), FIELD_COUNT, MEASURE_BYTES_RECEIVED},
    {NAME("Schema"), FIELD_SCHEMA, 0},
    {NAME("DB"), FIELD_SCHEMA, 0},
    {NAME("Id"), FIELD_SESSION, 0},
    {NAME("Thread_id"), FIELD_SESSION, 0},
    {NAME("thread_id"), FIELD_SESSION, 0},
    {NAME("Conn_ID"), FIELD_SESSION, 0},
    {NAME("Errno"), FIELD_ERROR, 0},
    {NAME("Last_errno"), FIELD_ERROR, 0},
    {NAME("Killed"), FIELD_KILLED, 0},
    {NAME("Start"), FIELD_START, 0},
    {NAME("End"), FIELD_END, 0},
    {NAME("Log_slow_rate_type"), FIELD_SAMPLED_BY, 0},
    {NAME("Log_slow_rate_limit"), FIELD_SAMPLED_ONE_IN, 0},
    {NAME("QC_hit"), FIELD_QC_HIT_OF_MARIADB, MEASURE_QC_HIT},
    {NAME("QC_Hit"), FIELD_YES, MEASURE_QC_HIT},
    {NAME("Full_scan"), FIELD_YES, MEASURE_FULL_SCAN},
    {NAME("Full_join"), FIELD_YES, MEASURE_FULL_JOIN},
    {NAME("Tmp_table"), FIELD_YES, MEASURE_TMP_TABLE},
    {NAME("Tmp_table_on_disk"), FIELD_YES, MEASURE_TMP_TABLE_ON_DISK},
    {NAME("Disk_tmp_table"), FIELD_YES, MEASURE_TMP_TABLE_ON_DISK},
    {NAME("Filesort"), FIELD_YES, MEASURE_FILESORT},
    {NAME("Filesort_on_disk"), FIELD_YES, MEASURE_FILESORT_ON_DISK},
    {NAME("Disk_filesort"), FIELD_YES, MEASURE_FILESORT_ON_DISK},
    {NAME("Merge_passes"), FIELD_COUNT, MEASURE_MERGE_PASSES},
    {NAME("Sort_merge_passes"), FIELD_COUNT, MEASURE_MERGE_PASSES},
    {NAME("Priority_queue"), FIELD_YES, MEASURE_PRIORITY_QUEUE},
    {NAME("Tmp_tables"), FIELD_COUNT, MEASURE_TMP_TABLES},
    {NAME("Created_tmp_tables"), FIELD_COUNT, MEASURE_TMP_TABLES},
    {NAME("Tmp_disk_tables"), FIELD_COUNT, MEASURE_TMP_DISK_TABLES},
    {NAME("Created_tmp_disk_tables"), FIELD_COUNT, MEASURE_TMP_DISK_TABLES},
    {NAME("Tmp_table_sizes"), FIELD_COUNT, MEASURE_TMP_TABLE_SIZES},
    {NAME("Count_hit_tmp_table_size"), FIELD_COUNT, MEASURE_COUNT_HIT_TMP_TABLE_SIZE},
    {NAME("Pages_accessed"), FIELD_COUNT, MEASURE_PAGES_ACCESSED},
    {NAME("Pages_read"), FIELD_COUNT, MEASURE_PAGES_READ},
    {NAME("Pages_prefetched"), FIELD_COUNT, MEASURE_PAGES_PREFETCHED},
    {NAME("Pages_updated"), FIELD_COUNT, MEASURE_PAGES_UPDATED},
    {NAME("Old_rows_read"), FIELD_COUNT, MEASURE_OLD_ROWS_READ},
    {NAME("Pages_read_time"), FIELD_MILLISECONDS, MEASURE_PAGES_READ_TIME},
    {NAME("Engine_time"), FIELD_MILLISECONDS, MEASURE_ENGINE_TIME},
    {NAME("InnoDB_IO_r_ops"), FIELD_COUNT, MEASURE_INNODB_IO_R_OPS},
    {NAME("InnoDB_IO_r_bytes"), FIELD_COUNT, MEASURE_INNODB_IO_R_BYTES},
    {NAME("InnoDB_IO_r_wait"), FIELD_SECONDS, MEASURE_INNODB_IO_R_WAIT},
    {NAME("InnoDB_rec_lock_wait"), FIELD_SECONDS, MEASURE_INNODB_REC_LOCK_WAIT},
    {NAME("InnoDB_queue_wait"), FIELD_SECONDS, MEASURE_INNODB_QUEUE_WAIT},
    {NAME("InnoDB_pages_distinct"), FIELD_COUNT, MEASURE_INNODB_PAGES_DISTINCT},
    {NAME("Read_first"), FIELD_COUNT, MEASURE_READ_FIRST},
    {NAME("Read_last"), FIELD_COUNT, MEASURE_READ_LAST},
    {NAME("Read_key"), FIELD_COUNT, MEASURE_READ_KEY},
    {NAME("Read_next"), FIELD_COUNT, MEASURE_READ_NEXT},
    {NAME("Read_prev"), FIELD_COUNT, MEASURE_READ_PREV},
    {NAME("Read_rnd"), FIELD_COUNT, MEASURE_READ_RND},
    {NAME("Read_rnd_next"), FIELD_COUNT, MEASURE_READ_RND_NEXT},
    {NAME("Sort_range_count"), FIELD_COUNT, MEASURE_SORT_RANGE_COUNT},
    {NAME("Sort_rows"), FIELD_COUNT, MEASURE_SORT_ROWS},
    {NAME("Sort_scan_count"), FIELD_COUNT, MEASURE_SORT_SCAN_COUNT},
    {NAME("Parse_time"), FIELD_SECONDS, MEASURE_PARSE_TIME},
    {NAME("Compile_time"), FIELD_SECONDS, MEASURE_COMPILE_TIME},
    {NAME("Optimize_time"), FIELD_SECONDS, MEASURE_OPTIMIZE_TIME},
    {NAME("Process_time"), FIELD_SECONDS, MEASURE_PROCESS_TIME},
    {NAME("Wait_time"), FIELD_SECONDS, MEASURE_WAIT_TIME},
    {NAME("Backoff_time"), FIELD_SECONDS, MEASURE_BACKOFF_TIME},
    {NAME("Total_keys"), FIELD_COUNT, MEASURE_TOTAL_KEYS},
    {NAME("Process_keys"), FIELD_COUNT, MEASURE_PROCESS_KEYS},
    {NAME("Mem_max"), FIELD_COUNT, MEASURE_MEMORY_MAX},
    {NAME("Disk_max"), FIELD_COUNT, MEASURE_DISK_MAX},
    {NAME("Txn_start_ts"), FIELD_NO_MEASURE, 0},
    /* TiDB's times whose names do not say so. */
    {NAME("Wait_TS"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Cop_proc_avg"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Cop_proc_p90"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Cop_proc_max"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Cop_wait_avg"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Cop_wait_p90"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Cop_wait_max"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("KV_total"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("PD_total"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Backoff_total"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Write_sql_response_total"), FIELD_SECONDS, MEASURE_COUNT},
    {NAME("Time_queued_by_rc"), FIELD_SECONDS, MEASURE_COUNT},
};

enum { TABLE_ROWS = sizeof fields / sizeof *fields, SLOT_MASK = 511 };

static uint32_t first_slot(slice name)
{
    uint64_t head = 0;
    uint64_t tail = 0;
    memcpy(&head, name.p, name.n < 8 ? name.n : 8);
    if (name.n > 8) {
        memcpy(&tail, name.p + name.n - 8, 8);
    }
    return (uint32_t)(mix64(head, tail + name.n) & SLOT_MASK);
}

void field_index_fill(field_index *index)
{
    memset(index, 0, sizeof *index);
    for (size_t i = 0; i < TABLE_ROWS; i++) {
        uint32_t at = first_slot(fields[i].name);
        while (index->slots[at] != 0) {
            at = (at + 1) & SLOT_MASK;
        }
        index->slots[at] = (uint8_t)(i + 1);
    }
}

const field *field_find(const field_index *index, slice name)
{
    for (uint32_t at = first_slot(name); index->slots[at] != 0; at = (at + 1) & SLOT_MASK) {
        const field *f = &fields[index->slots[at] - 1];
        if (slice_equal(name, f->name)) {
            return f;
        }
    }
    return NULL;
}

static bool in_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The end of a name with a colon behind it; NULL where there is none. */
static const char *name_end(const char *p, const char *end)
{
    const char *begin = p;
    while (p < end && in_name(*p)) {
        p++;
    }
    return p > begin && p < end && *p == ':' ? p : NULL;
}

static const char *skip_blanks(const char *p, const char *end)
{
    while (p < end && *p == ' ') {
        p++;
    }
    return p;
}

/* Takes the name that begins at p: by the memo, else by the index. False where there is none. */
static inline bool take_name(pair_reader *r, const char *p)
{
    enum { PLACES = sizeof r->memo->seen / sizeof *r->memo->seen };
    unsigned at = r->memo->at;
    const field *guess = at < PLACES ? r->memo->seen[at] : NULL;
    if (guess != NULL && (size_t)(r->end - p) > guess->name.n && p[guess->name.n] == ':' &&
        bytes_equal(p, guess->name.p, guess->name.n)) {
        r->known = guess;
        r->name = guess->name;
    } else {
        const char *colon = name_end(p, r->end);
        if (colon == NULL) {
            return false;
        }
        r->name = slice_between(p, colon);
        r->known = field_find(r->index, r->name);
        if (at < PLACES) {
            r->memo->seen[at] = r->known;
        }
    }
    r->memo->at++;
    r->at = p + r->name.n + 1;
    return true;
}

pair_reader pairs_of(slice line, const field_index *index, field_memo *memo)
{
    pair_reader r = {.index = index, .memo = memo, .end = line.p + line.n};
    const char *p = skip_blanks(line.p, r.end);
    if (p < r.end) {
        take_name(&r, p);
    }
    return r;
}

/* The first blank, or the end. */
static inline const char *find_blank(const char *p, const char *end)
{
    for (; end - p >= (ptrdiff_t)sizeof(bytes16); p += sizeof(bytes16)) {
        uint32_t blanks = bytes16_tops((bytes16)(bytes16_at(p) == ' '));
        if (blanks != 0) {
            return p + __builtin_ctz(blanks);
        }
    }
    while (p < end && *p != ' ') {
        p++;
    }
    return p;
}

bool pair_take(pair_reader *r, pair *out)
{
    if (r->name.n == 0) {
        return false;
    }
    out->name = r->name;
    out->known = r->known;
    r->name.n = 0;
    const char *p = r->at;
    p += p < r->end && *p == ' ';
    out->value.p = p;
    const char *blank;
    do {
        blank = find_blank(p, r->end);
        p = skip_blanks(blank, r->end);
    } while (p < r->end && !take_name(r, p));
    out->value.n = (size_t)((p < r->end ? blank : r->end) - out->value.p);
    return true;
}

static bool is_yes(slice text)
{
    return slice_is(text, "Yes") || slice_is(text, "true") || slice_is(text, "1");
}

static bool is_no(slice text)
{
    return slice_is(text, "No") || slice_is(text, "false") || slice_is(text, "0");
}

static const uint64_t MOST = (uint64_t)1 << 53;

bool measure_read(field_kind kind, slice text, uint64_t *value)
{
    static const uint64_t longest = 1000000000u * (uint64_t)1000000u; /* us */
    switch (kind) {
    case FIELD_QUERY_TIME:
    case FIELD_SECONDS:
        return fixed_read(text, 6, value) && *value <= longest;
    case FIELD_MILLISECONDS:
        return fixed_read(text, 3, value) && *value <= longest;
    case FIELD_YES:
    case FIELD_QC_HIT_OF_MARIADB:
        *value = is_yes(text);
        return *value != 0 || is_no(text);
    default:
        return unsigned_read(text, value) && *value <= MOST;
    }
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Whether a name ends in a word, whatever its case: "Trace_Id" in "_id". */
static bool ends_in(slice name, slice word)
{
    if (name.n < word.n) {
        return false;
    }
    for (size_t i = 0; i < word.n; i++) {
        if (lower(name.p[name.n - word.n + i]) != word.p[i]) {
            return false;
        }
    }
    return true;
}

/* Digits, perhaps with a fraction; *parts: they have one. */
static bool is_number(slice text, bool *parts)
{
    size_t points = 0;
    *parts = false;
    for (size_t i = 0; i < text.n; i++) {
        points += text.p[i] == '.';
        if ((text.p[i] < '0' || text.p[i] > '9') && (text.p[i] != '.' || i == 0 || points > 1)) {
            return false;
        }
    }
    *parts = points > 0;
    return text.n > 0;
}

attribute_kind attribute_read(slice name, slice text, measure_unit *unit, uint64_t *value)
{
    bool parts;
    text = slice_trim(text);
    bool yes = slice_is(text, "Yes") || slice_is(text, "true");
    if (yes || slice_is(text, "No") || slice_is(text, "false")) {
        *unit = UNIT_YES;
        *value = yes;
        return ATTRIBUTE_KEPT;
    }
    bool negative = slice_starts_with(text, SLICE("-"));
    if (!is_number(slice_skip(text, negative), &parts) || ends_in(name, SLICE("_id"))) {
        return ATTRIBUTE_NONE;
    }
    bool time = ends_in(name, SLICE("_time")) || ends_in(name, SLICE("_wait")) ||
                slice_starts_with(name, SLICE("Profile_"));
    *unit = time ? UNIT_TIME : parts ? UNIT_MILLIONTHS : UNIT_COUNT;
    if (time) {
        return measure_read(FIELD_SECONDS, text, value) ? ATTRIBUTE_KEPT : ATTRIBUTE_WRONG;
    }
    bool fits = fixed_read(text, parts ? 6 : 0, value) && *value <= MOST;
    return fits ? ATTRIBUTE_KEPT : ATTRIBUTE_WRONG;
}
