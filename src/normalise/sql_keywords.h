/* sql_keywords.h - the words that the SQL normaliser treats unlike other names.
 *
 * Only what the rules need or what a reader expects in capitals; no dialect's whole
 * grammar. A word is looked up by its first sixteen bytes, lower-cased and packed, in
 * a table without collisions. */
#ifndef QLOG_NORMALISE_SQL_KEYWORDS_H
#define QLOG_NORMALISE_SQL_KEYWORDS_H

#include "normalise/sql_lexer.h"

enum keyword_flag {
    KEYWORD_RESERVED = 1, /* in capitals everywhere; its quoted form is another name */
    KEYWORD_VERB = 2,     /* can open a statement; in capitals there */
    KEYWORD_OPERAND = 4,  /* is or ends a value, so that a sign after it is an operator */
    KEYWORD_LITERAL = 8,  /* a constant */
    KEYWORD_TYPE = 16,    /* a type's name that can stand before its literal: DATE '2024-01-01' */
    KEYWORD_CALL = 32,    /* written like a function */
    KEYWORD_OPERAND_NEXT = 64 /* an operand follows, so that brackets group */
};

/* Name, spelling, slot, flags. The slot is keyword_slot of the spelling; a unit test tells the
 * right number for a new row. A row whose slot is taken needs another SLOT_MULTIPLIER, and all
 * rows their new numbers. */
#define SQL_KEYWORDS(X)                                                                            \
    X(ABORT, "abort", 1445, KEYWORD_VERB)                                                          \
    X(ABSOLUTE, "absolute", 1801, 0)                                                               \
    X(ALL, "all", 983, KEYWORD_RESERVED)                                                           \
    X(ALTER, "alter", 34, KEYWORD_RESERVED | KEYWORD_VERB)                                         \
    X(ANALYSE, "analyse", 1097, KEYWORD_RESERVED | KEYWORD_VERB)                                   \
    X(ANALYZE, "analyze", 1130, KEYWORD_RESERVED | KEYWORD_VERB)                                   \
    X(AND, "and", 258, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                    \
    X(ANY, "any", 1578, KEYWORD_RESERVED)                                                          \
    X(ARRAY, "array", 509, KEYWORD_RESERVED)                                                       \
    X(AS, "as", 100, KEYWORD_RESERVED)                                                             \
    X(ASC, "asc", 1934, KEYWORD_RESERVED)                                                          \
    X(ASYMMETRIC, "asymmetric", 1377, KEYWORD_RESERVED)                                            \
    X(AUTHORIZATION, "authorization", 783, KEYWORD_RESERVED)                                       \
    X(BACKWARD, "backward", 177, 0)                                                                \
    X(BEGIN, "begin", 1159, KEYWORD_RESERVED | KEYWORD_VERB)                                       \
    X(BETWEEN, "between", 1604, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                           \
    X(BIGINT, "bigint", 475, KEYWORD_TYPE)                                                         \
    X(BINARY, "binary", 438, KEYWORD_RESERVED)                                                     \
    X(BIT, "bit", 1411, KEYWORD_TYPE)                                                              \
    X(BOOL, "bool", 1355, KEYWORD_TYPE)                                                            \
    X(BOOLEAN, "boolean", 756, KEYWORD_TYPE)                                                       \
    X(BOTH, "both", 598, KEYWORD_RESERVED)                                                         \
    X(BY, "by", 737, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                      \
    X(BYTEA, "bytea", 1502, KEYWORD_TYPE)                                                          \
    X(CALL, "call", 309, KEYWORD_VERB)                                                             \
    X(CASE, "case", 752, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                  \
    X(CAST, "cast", 1330, KEYWORD_RESERVED | KEYWORD_CALL)                                         \
    X(CHAR, "char", 1815, KEYWORD_TYPE)                                                            \
    X(CHARACTER, "character", 354, KEYWORD_TYPE)                                                   \
    X(CHECK, "check", 1749, KEYWORD_RESERVED)                                                      \
    X(CHECKPOINT, "checkpoint", 1767, KEYWORD_VERB)                                                \
    X(CIDR, "cidr", 1551, KEYWORD_TYPE)                                                            \
    X(CLOSE, "close", 635, KEYWORD_VERB)                                                           \
    X(CLUSTER, "cluster", 1795, KEYWORD_VERB)                                                      \
    X(COLLATE, "collate", 1018, KEYWORD_RESERVED)                                                  \
    X(COLLATION, "collation", 1576, KEYWORD_RESERVED)                                              \
    X(COLUMN, "column", 1616, KEYWORD_RESERVED)                                                    \
    X(COMMENT, "comment", 838, KEYWORD_VERB)                                                       \
    X(COMMIT, "commit", 557, KEYWORD_RESERVED | KEYWORD_VERB)                                      \
    X(CONCURRENTLY, "concurrently", 22, KEYWORD_RESERVED)                                          \
    X(CONFLICT, "conflict", 1079, KEYWORD_RESERVED)                                                \
    X(CONSTRAINT, "constraint", 203, KEYWORD_RESERVED)                                             \
    X(CONTENT, "content", 1970, 0)                                                                 \
    X(COPY, "copy", 2028, KEYWORD_VERB)                                                            \
    X(CREATE, "create", 173, KEYWORD_RESERVED | KEYWORD_VERB)                                      \
    X(CROSS, "cross", 742, KEYWORD_RESERVED)                                                       \
    X(DATE, "date", 1335, KEYWORD_TYPE)                                                            \
    X(DAY, "day", 528, 0)                                                                          \
    X(DEALLOCATE, "deallocate", 1606, KEYWORD_VERB)                                                \
    X(DECIMAL, "decimal", 1882, KEYWORD_TYPE)                                                      \
    X(DECLARE, "declare", 411, KEYWORD_VERB)                                                       \
    X(DEFAULT, "default", 1564, KEYWORD_RESERVED | KEYWORD_OPERAND)                                \
    X(DEFERRABLE, "deferrable", 1349, KEYWORD_RESERVED)                                            \
    X(DELETE, "delete", 960, KEYWORD_RESERVED | KEYWORD_VERB)                                      \
    X(DESC, "desc", 50, KEYWORD_RESERVED)                                                          \
    X(DISCARD, "discard", 1739, KEYWORD_VERB)                                                      \
    X(DISTINCT, "distinct", 1216, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                         \
    X(DO, "do", 834, KEYWORD_RESERVED | KEYWORD_VERB)                                              \
    X(DOCUMENT, "document", 1944, 0)                                                               \
    X(DOUBLE, "double", 747, KEYWORD_TYPE)                                                         \
    X(DROP, "drop", 1817, KEYWORD_RESERVED | KEYWORD_VERB)                                         \
    X(ELSE, "else", 1599, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                 \
    X(END, "end", 777, KEYWORD_RESERVED | KEYWORD_OPERAND | KEYWORD_VERB)                          \
    X(EXCEPT, "except", 20, KEYWORD_RESERVED)                                                      \
    X(EXECUTE, "execute", 1372, KEYWORD_VERB)                                                      \
    X(EXISTS, "exists", 1052, KEYWORD_RESERVED)                                                    \
    X(EXPLAIN, "explain", 315, KEYWORD_VERB)                                                       \
    X(FALSE, "false", 1126, KEYWORD_RESERVED | KEYWORD_LITERAL)                                    \
    X(FETCH, "fetch", 1011, KEYWORD_RESERVED | KEYWORD_VERB)                                       \
    X(FIRST, "first", 1555, 0)                                                                     \
    X(FLOAT, "float", 1190, KEYWORD_TYPE)                                                          \
    X(FLOAT4, "float4", 262, KEYWORD_TYPE)                                                         \
    X(FLOAT8, "float8", 1450, KEYWORD_TYPE)                                                        \
    X(FOR, "for", 1530, KEYWORD_RESERVED)                                                          \
    X(FOREIGN, "foreign", 990, KEYWORD_RESERVED)                                                   \
    X(FORWARD, "forward", 775, 0)                                                                  \
    X(FREEZE, "freeze", 487, KEYWORD_RESERVED)                                                     \
    X(FROM, "from", 322, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                  \
    X(FULL, "full", 1021, KEYWORD_RESERVED)                                                        \
    X(FUNCTION, "function", 661, KEYWORD_RESERVED)                                                 \
    X(GRANT, "grant", 1720, KEYWORD_RESERVED | KEYWORD_VERB)                                       \
    X(GROUP, "group", 1248, KEYWORD_RESERVED)                                                      \
    X(HAVING, "having", 778, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                              \
    X(HOUR, "hour", 166, 0)                                                                        \
    X(IF, "if", 1747, KEYWORD_RESERVED)                                                            \
    X(ILIKE, "ilike", 845, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                \
    X(IMPORT, "import", 1779, KEYWORD_VERB)                                                        \
    X(IN, "in", 1057, KEYWORD_RESERVED)                                                            \
    X(INDEX, "index", 1818, KEYWORD_RESERVED)                                                      \
    X(INET, "inet", 1302, KEYWORD_TYPE)                                                            \
    X(INITIALLY, "initially", 2001, KEYWORD_RESERVED)                                              \
    X(INNER, "inner", 1253, KEYWORD_RESERVED)                                                      \
    X(INSERT, "insert", 1131, KEYWORD_RESERVED | KEYWORD_VERB)                                     \
    X(INT, "int", 351, KEYWORD_TYPE)                                                               \
    X(INT2, "int2", 229, KEYWORD_TYPE)                                                             \
    X(INT4, "int4", 715, KEYWORD_TYPE)                                                             \
    X(INT8, "int8", 1689, KEYWORD_TYPE)                                                            \
    X(INTEGER, "integer", 814, KEYWORD_TYPE)                                                       \
    X(INTERSECT, "intersect", 398, KEYWORD_RESERVED)                                               \
    X(INTERVAL, "interval", 1169, KEYWORD_TYPE)                                                    \
    X(INTO, "into", 1759, KEYWORD_RESERVED)                                                        \
    X(IS, "is", 1138, KEYWORD_RESERVED)                                                            \
    X(ISNULL, "isnull", 1511, KEYWORD_RESERVED)                                                    \
    X(JOIN, "join", 161, KEYWORD_RESERVED)                                                         \
    X(JSON, "json", 486, KEYWORD_TYPE)                                                             \
    X(JSONB, "jsonb", 1783, KEYWORD_TYPE)                                                          \
    X(LAST, "last", 449, 0)                                                                        \
    X(LATERAL, "lateral", 1948, KEYWORD_RESERVED)                                                  \
    X(LEADING, "leading", 728, KEYWORD_RESERVED)                                                   \
    X(LEFT, "left", 360, KEYWORD_RESERVED)                                                         \
    X(LIKE, "like", 1702, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                 \
    X(LIMIT, "limit", 1731, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                               \
    X(LISTEN, "listen", 1482, KEYWORD_VERB)                                                        \
    X(LOAD, "load", 507, KEYWORD_VERB)                                                             \
    X(LOCAL, "local", 1257, 0)                                                                     \
    X(LOCK, "lock", 45, KEYWORD_VERB)                                                              \
    X(MERGE, "merge", 1487, KEYWORD_RESERVED | KEYWORD_VERB)                                       \
    X(MINUTE, "minute", 437, 0)                                                                    \
    X(MONTH, "month", 427, 0)                                                                      \
    X(MOVE, "move", 1176, KEYWORD_VERB)                                                            \
    X(NATURAL, "natural", 2005, KEYWORD_RESERVED)                                                  \
    X(NEXT, "next", 580, 0)                                                                        \
    X(NOT, "not", 1425, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                   \
    X(NOTHING, "nothing", 488, KEYWORD_RESERVED)                                                   \
    X(NOTIFY, "notify", 1071, KEYWORD_VERB)                                                        \
    X(NOTNULL, "notnull", 815, KEYWORD_RESERVED)                                                   \
    X(NOWAIT, "nowait", 1545, KEYWORD_RESERVED)                                                    \
    X(NULL, "null", 10, KEYWORD_RESERVED | KEYWORD_LITERAL)                                        \
    X(NULLS, "nulls", 1408, KEYWORD_RESERVED)                                                      \
    X(NUMERIC, "numeric", 979, KEYWORD_TYPE)                                                       \
    X(OFFSET, "offset", 1366, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                             \
    X(OID, "oid", 1993, KEYWORD_TYPE)                                                              \
    X(ON, "on", 1835, KEYWORD_RESERVED)                                                            \
    X(ONLY, "only", 1347, KEYWORD_RESERVED)                                                        \
    X(OR, "or", 1490, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                     \
    X(ORDER, "order", 1252, KEYWORD_RESERVED)                                                      \
    X(OUTER, "outer", 1585, KEYWORD_RESERVED)                                                      \
    X(OVER, "over", 903, KEYWORD_RESERVED)                                                         \
    X(OVERLAPS, "overlaps", 16, KEYWORD_RESERVED)                                                  \
    X(PARTITION, "partition", 567, KEYWORD_RESERVED)                                               \
    X(PLACING, "placing", 912, KEYWORD_RESERVED)                                                   \
    X(PRECISION, "precision", 555, KEYWORD_TYPE)                                                   \
    X(PREPARE, "prepare", 1189, KEYWORD_VERB)                                                      \
    X(PRIMARY, "primary", 1341, KEYWORD_RESERVED)                                                  \
    X(PRIOR, "prior", 1984, 0)                                                                     \
    X(PROCEDURE, "procedure", 1781, KEYWORD_RESERVED)                                              \
    X(REAL, "real", 1022, KEYWORD_TYPE)                                                            \
    X(REASSIGN, "reassign", 305, KEYWORD_VERB)                                                     \
    X(RECURSIVE, "recursive", 965, KEYWORD_RESERVED)                                               \
    X(REFERENCES, "references", 192, KEYWORD_RESERVED)                                             \
    X(REFRESH, "refresh", 1483, KEYWORD_VERB)                                                      \
    X(REGCLASS, "regclass", 575, KEYWORD_TYPE)                                                     \
    X(REINDEX, "reindex", 1848, KEYWORD_VERB)                                                      \
    X(RELATIVE, "relative", 508, 0)                                                                \
    X(RELEASE, "release", 1825, KEYWORD_RESERVED | KEYWORD_VERB)                                   \
    X(RESET, "reset", 503, KEYWORD_VERB)                                                           \
    X(RETURNING, "returning", 1486, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                       \
    X(REVOKE, "revoke", 47, KEYWORD_VERB)                                                          \
    X(RIGHT, "right", 572, KEYWORD_RESERVED)                                                       \
    X(ROLLBACK, "rollback", 1117, KEYWORD_RESERVED | KEYWORD_VERB)                                 \
    X(ROW, "row", 1255, 0)                                                                         \
    X(SAVEPOINT, "savepoint", 1306, KEYWORD_RESERVED | KEYWORD_VERB)                               \
    X(SECOND, "second", 2013, 0)                                                                   \
    X(SECURITY, "security", 673, KEYWORD_VERB)                                                     \
    X(SELECT, "select", 1119, KEYWORD_RESERVED | KEYWORD_VERB | KEYWORD_OPERAND_NEXT)              \
    X(SEQUENCE, "sequence", 831, KEYWORD_RESERVED)                                                 \
    X(SESSION, "session", 559, 0)                                                                  \
    X(SESSION_USER, "session_user", 731, KEYWORD_RESERVED | KEYWORD_OPERAND)                       \
    X(SET, "set", 1912, KEYWORD_RESERVED | KEYWORD_VERB)                                           \
    X(SHOW, "show", 183, KEYWORD_VERB)                                                             \
    X(SIMILAR, "similar", 841, KEYWORD_RESERVED)                                                   \
    X(SMALLINT, "smallint", 1305, KEYWORD_TYPE)                                                    \
    X(START, "start", 1005, KEYWORD_VERB)                                                          \
    X(SYMMETRIC, "symmetric", 215, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                        \
    X(SYSTEM_USER, "system_user", 1918, KEYWORD_RESERVED | KEYWORD_OPERAND)                        \
    X(TABLE, "table", 1829, KEYWORD_RESERVED | KEYWORD_VERB)                                       \
    X(TABLESAMPLE, "tablesample", 1965, KEYWORD_RESERVED)                                          \
    X(TEXT, "text", 1358, KEYWORD_TYPE)                                                            \
    X(THEN, "then", 761, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                  \
    X(TIME, "time", 1597, KEYWORD_TYPE)                                                            \
    X(TIMESTAMP, "timestamp", 1809, KEYWORD_TYPE)                                                  \
    X(TIMESTAMPTZ, "timestamptz", 2010, KEYWORD_TYPE)                                              \
    X(TIMETZ, "timetz", 1192, KEYWORD_TYPE)                                                        \
    X(TO, "to", 861, KEYWORD_RESERVED)                                                             \
    X(TRAILING, "trailing", 74, KEYWORD_RESERVED)                                                  \
    X(TRANSACTION, "transaction", 197, 0)                                                          \
    X(TRIGGER, "trigger", 1496, KEYWORD_RESERVED)                                                  \
    X(TRUE, "true", 860, KEYWORD_RESERVED | KEYWORD_LITERAL)                                       \
    X(TRUNCATE, "truncate", 1224, KEYWORD_RESERVED | KEYWORD_VERB)                                 \
    X(UESCAPE, "uescape", 1958, 0)                                                                 \
    X(UNION, "union", 1628, KEYWORD_RESERVED)                                                      \
    X(UNIQUE, "unique", 1214, KEYWORD_RESERVED)                                                    \
    X(UNLISTEN, "unlisten", 1529, KEYWORD_VERB)                                                    \
    X(UPDATE, "update", 1203, KEYWORD_RESERVED | KEYWORD_VERB)                                     \
    X(USER, "user", 404, KEYWORD_RESERVED | KEYWORD_OPERAND)                                       \
    X(USING, "using", 642, KEYWORD_RESERVED)                                                       \
    X(UUID, "uuid", 1709, KEYWORD_TYPE)                                                            \
    X(VACUUM, "vacuum", 538, KEYWORD_VERB)                                                         \
    X(VALUES, "values", 1003, KEYWORD_RESERVED | KEYWORD_VERB)                                     \
    X(VARCHAR, "varchar", 1376, KEYWORD_TYPE)                                                      \
    X(VARIADIC, "variadic", 793, KEYWORD_RESERVED)                                                 \
    X(VARYING, "varying", 1867, KEYWORD_TYPE)                                                      \
    X(VERBOSE, "verbose", 859, KEYWORD_RESERVED)                                                   \
    X(VIEW, "view", 564, KEYWORD_RESERVED)                                                         \
    X(WHEN, "when", 1150, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                 \
    X(WHERE, "where", 1873, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                               \
    X(WINDOW, "window", 1773, KEYWORD_RESERVED)                                                    \
    X(WITH, "with", 766, KEYWORD_RESERVED)                                                         \
    X(WITHOUT, "without", 91, KEYWORD_TYPE)                                                        \
    X(WORK, "work", 73, 0)                                                                         \
    X(XML, "xml", 295, KEYWORD_TYPE)                                                               \
    X(YEAR, "year", 1342, 0)                                                                       \
    X(ZONE, "zone", 1286, KEYWORD_TYPE)

typedef enum keyword {
    KW_NONE,
#define X(name, spelling, slot, flags) KW_##name,
    SQL_KEYWORDS(X)
#undef X
} __attribute__((packed)) keyword;

typedef struct keyword_row {
    char spelling[16]; /* zero-padded */
    char capitals[15];
    uint8_t flags;
} keyword_row;

enum { KEYWORD_SLOT_BITS = 11 };
#define SLOT_MULTIPLIER 0x1035389e6a2526fdu

/* Where a word belongs whose bytes 0 to 7 and 8 to 15, little end first, are these. */
static inline unsigned keyword_slot(uint64_t first, uint64_t second)
{
    return (unsigned)(((first + second) * SLOT_MULTIPLIER) >> (64 - KEYWORD_SLOT_BITS));
}

extern const uint8_t keyword_in_slot[1 << KEYWORD_SLOT_BITS];
extern const keyword_row keyword_rows[];

/* Its row; KW_NONE has one without flags. */
static inline const keyword_row *keyword_about(keyword k)
{
    return &keyword_rows[k];
}

/* The keyword of at most sixteen bytes packed so, lower-cased and zero-padded, or KW_NONE. */
static inline keyword keyword_find(uint64_t first, uint64_t second)
{
    keyword k = (keyword)keyword_in_slot[keyword_slot(first, second)];
    const keyword_row *row = &keyword_rows[k];
    bool equal = sql_load8(row->spelling) == first && sql_load8(row->spelling + 8) == second;
    return equal ? k : KW_NONE;
}

#endif
