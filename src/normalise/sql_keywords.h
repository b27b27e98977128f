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
    KEYWORD_OPERAND_NEXT = 64, /* an operand follows, so that brackets group */
    KEYWORD_REWRITTEN = 128    /* may go, or change what is in front */
};

/* Name, spelling, slot, flags. The slot is keyword_slot of the spelling; a unit test tells the
 * right number for a new row. A row whose slot is taken needs another SLOT_MULTIPLIER, and all
 * rows their new numbers. */
#define SQL_KEYWORDS(X)                                                                            \
    X(ABORT, "abort", 1125, KEYWORD_VERB)                                                          \
    X(ABSOLUTE, "absolute", 1456, 0)                                                               \
    X(ADMINISTRATOR, "administrator", 2012, KEYWORD_VERB)                                          \
    X(ALL, "all", 863, KEYWORD_RESERVED)                                                           \
    X(ALTER, "alter", 354, KEYWORD_RESERVED | KEYWORD_VERB)                                        \
    X(ANALYSE, "analyse", 126, KEYWORD_RESERVED | KEYWORD_VERB)                                    \
    X(ANALYZE, "analyze", 827, KEYWORD_RESERVED | KEYWORD_VERB)                                    \
    X(AND, "and", 1494, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                   \
    X(ANY, "any", 1584, KEYWORD_RESERVED)                                                          \
    X(ARRAY, "array", 1645, KEYWORD_RESERVED)                                                      \
    X(AS, "as", 435, KEYWORD_RESERVED | KEYWORD_REWRITTEN)                                         \
    X(ASC, "asc", 1738, KEYWORD_RESERVED)                                                          \
    X(ASYMMETRIC, "asymmetric", 998, KEYWORD_RESERVED)                                             \
    X(AUTHORIZATION, "authorization", 294, KEYWORD_RESERVED)                                       \
    X(BACKWARD, "backward", 1591, 0)                                                               \
    X(BEGIN, "begin", 1088, KEYWORD_RESERVED | KEYWORD_VERB)                                       \
    X(BETWEEN, "between", 587, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                            \
    X(BIGINT, "bigint", 1062, KEYWORD_TYPE)                                                        \
    X(BINARY, "binary", 476, KEYWORD_RESERVED)                                                     \
    X(BIT, "bit", 64, KEYWORD_TYPE)                                                                \
    X(BOOL, "bool", 41, KEYWORD_TYPE)                                                              \
    X(BOOLEAN, "boolean", 1618, KEYWORD_TYPE)                                                      \
    X(BOTH, "both", 1704, KEYWORD_RESERVED)                                                        \
    X(BY, "by", 888, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                      \
    X(BYTEA, "bytea", 1407, KEYWORD_TYPE)                                                          \
    X(CALL, "call", 168, KEYWORD_VERB)                                                             \
    X(CASE, "case", 682, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                  \
    X(CAST, "cast", 231, KEYWORD_RESERVED | KEYWORD_CALL | KEYWORD_REWRITTEN)                      \
    X(CHAR, "char", 1693, KEYWORD_TYPE)                                                            \
    X(CHARACTER, "character", 1008, KEYWORD_TYPE)                                                  \
    X(CHECK, "check", 788, KEYWORD_RESERVED)                                                       \
    X(CHECKPOINT, "checkpoint", 714, KEYWORD_VERB)                                                 \
    X(CIDR, "cidr", 332, KEYWORD_TYPE)                                                             \
    X(CLOSE, "close", 343, KEYWORD_VERB)                                                           \
    X(CLUSTER, "cluster", 541, KEYWORD_VERB)                                                       \
    X(COLLATE, "collate", 373, KEYWORD_RESERVED)                                                   \
    X(COLLATION, "collation", 1109, KEYWORD_RESERVED)                                              \
    X(COLUMN, "column", 135, KEYWORD_RESERVED)                                                     \
    X(COMMENT, "comment", 1588, KEYWORD_VERB)                                                      \
    X(COMMIT, "commit", 232, KEYWORD_RESERVED | KEYWORD_VERB)                                      \
    X(CONCURRENTLY, "concurrently", 778, KEYWORD_RESERVED)                                         \
    X(CONFLICT, "conflict", 1254, KEYWORD_RESERVED)                                                \
    X(CONSTRAINT, "constraint", 557, KEYWORD_RESERVED)                                             \
    X(CONTENT, "content", 621, KEYWORD_REWRITTEN)                                                  \
    X(COPY, "copy", 43, KEYWORD_VERB)                                                              \
    X(CREATE, "create", 757, KEYWORD_RESERVED | KEYWORD_VERB)                                      \
    X(CROSS, "cross", 1857, KEYWORD_RESERVED)                                                      \
    X(DATE, "date", 801, KEYWORD_TYPE)                                                             \
    X(DAY, "day", 191, 0)                                                                          \
    X(DEALLOCATE, "deallocate", 1326, KEYWORD_VERB)                                                \
    X(DECIMAL, "decimal", 931, KEYWORD_TYPE)                                                       \
    X(DECLARE, "declare", 337, KEYWORD_VERB)                                                       \
    X(DEFAULT, "default", 1560, KEYWORD_RESERVED | KEYWORD_OPERAND)                                \
    X(DEFERRABLE, "deferrable", 661, KEYWORD_RESERVED)                                             \
    X(DELETE, "delete", 252, KEYWORD_RESERVED | KEYWORD_VERB)                                      \
    X(DESC, "desc", 1290, KEYWORD_RESERVED)                                                        \
    X(DESCRIBE, "describe", 1834, KEYWORD_VERB)                                                    \
    X(DISCARD, "discard", 1984, KEYWORD_VERB)                                                      \
    X(DISTINCT, "distinct", 1644, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                         \
    X(DO, "do", 1889, KEYWORD_RESERVED | KEYWORD_VERB)                                             \
    X(DOCUMENT, "document", 745, KEYWORD_REWRITTEN)                                                \
    X(DOUBLE, "double", 532, KEYWORD_TYPE)                                                         \
    X(DROP, "drop", 1529, KEYWORD_RESERVED | KEYWORD_VERB)                                         \
    X(ELSE, "else", 1499, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                 \
    X(END, "end", 1175, KEYWORD_RESERVED | KEYWORD_OPERAND | KEYWORD_VERB)                         \
    X(EXCEPT, "except", 701, KEYWORD_RESERVED)                                                     \
    X(EXECUTE, "execute", 178, KEYWORD_VERB)                                                       \
    X(EXISTS, "exists", 331, KEYWORD_RESERVED)                                                     \
    X(EXPLAIN, "explain", 264, KEYWORD_VERB)                                                       \
    X(FALSE, "false", 577, KEYWORD_RESERVED | KEYWORD_LITERAL)                                     \
    X(FETCH, "fetch", 137, KEYWORD_RESERVED | KEYWORD_VERB)                                        \
    X(FIRST, "first", 1780, 0)                                                                     \
    X(FLOAT, "float", 351, KEYWORD_TYPE)                                                           \
    X(FLOAT4, "float4", 1169, KEYWORD_TYPE)                                                        \
    X(FLOAT8, "float8", 1862, KEYWORD_TYPE)                                                        \
    X(FLUSH, "flush", 340, KEYWORD_VERB)                                                           \
    X(FOR, "for", 1927, KEYWORD_RESERVED)                                                          \
    X(FOREIGN, "foreign", 433, KEYWORD_RESERVED)                                                   \
    X(FORWARD, "forward", 875, 0)                                                                  \
    X(FREEZE, "freeze", 2028, KEYWORD_RESERVED)                                                    \
    X(FROM, "from", 1870, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                 \
    X(FULL, "full", 1705, KEYWORD_RESERVED)                                                        \
    X(FUNCTION, "function", 1978, KEYWORD_RESERVED)                                                \
    X(GRANT, "grant", 1991, KEYWORD_RESERVED | KEYWORD_VERB)                                       \
    X(GROUP, "group", 117, KEYWORD_RESERVED)                                                       \
    X(HANDLER, "handler", 1464, KEYWORD_VERB)                                                      \
    X(HAVING, "having", 100, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                              \
    X(HOUR, "hour", 1807, 0)                                                                       \
    X(IF, "if", 691, KEYWORD_RESERVED)                                                             \
    X(ILIKE, "ilike", 2, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                  \
    X(IMPORT, "import", 1057, KEYWORD_VERB)                                                        \
    X(IN, "in", 1402, KEYWORD_RESERVED)                                                            \
    X(INDEX, "index", 929, KEYWORD_RESERVED)                                                       \
    X(INET, "inet", 164, KEYWORD_TYPE)                                                             \
    X(INITIALLY, "initially", 518, KEYWORD_RESERVED)                                               \
    X(INNER, "inner", 746, KEYWORD_RESERVED | KEYWORD_REWRITTEN)                                   \
    X(INSERT, "insert", 1362, KEYWORD_RESERVED | KEYWORD_VERB)                                     \
    X(INT, "int", 1998, KEYWORD_TYPE)                                                              \
    X(INT2, "int2", 1861, KEYWORD_TYPE)                                                            \
    X(INT4, "int4", 1528, KEYWORD_TYPE)                                                            \
    X(INT8, "int8", 861, KEYWORD_TYPE)                                                             \
    X(INTEGER, "integer", 1754, KEYWORD_TYPE)                                                      \
    X(INTERSECT, "intersect", 1472, KEYWORD_RESERVED)                                              \
    X(INTERVAL, "interval", 1285, KEYWORD_TYPE)                                                    \
    X(INTO, "into", 1939, KEYWORD_RESERVED)                                                        \
    X(IS, "is", 1845, KEYWORD_RESERVED)                                                            \
    X(ISNULL, "isnull", 726, KEYWORD_RESERVED)                                                     \
    X(JOIN, "join", 1970, KEYWORD_RESERVED)                                                        \
    X(JSON, "json", 1473, KEYWORD_TYPE)                                                            \
    X(JSONB, "jsonb", 152, KEYWORD_TYPE)                                                           \
    X(KILL, "kill", 241, KEYWORD_VERB)                                                             \
    X(LAST, "last", 1562, 0)                                                                       \
    X(LATERAL, "lateral", 1711, KEYWORD_RESERVED)                                                  \
    X(LEADING, "leading", 1443, KEYWORD_RESERVED)                                                  \
    X(LEFT, "left", 1374, KEYWORD_RESERVED)                                                        \
    X(LIKE, "like", 1128, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                 \
    X(LIMIT, "limit", 1971, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                               \
    X(LISTEN, "listen", 1642, KEYWORD_VERB)                                                        \
    X(LOAD, "load", 1882, KEYWORD_VERB)                                                            \
    X(LOCAL, "local", 989, 0)                                                                      \
    X(LOCK, "lock", 1115, KEYWORD_VERB)                                                            \
    X(MERGE, "merge", 1522, KEYWORD_RESERVED | KEYWORD_VERB)                                       \
    X(MINUTE, "minute", 1720, 0)                                                                   \
    X(MONTH, "month", 535, 0)                                                                      \
    X(MOVE, "move", 1726, KEYWORD_VERB)                                                            \
    X(NATURAL, "natural", 934, KEYWORD_RESERVED)                                                   \
    X(NEXT, "next", 707, 0)                                                                        \
    X(NOT, "not", 1689, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                   \
    X(NOTHING, "nothing", 1197, KEYWORD_RESERVED)                                                  \
    X(NOTIFY, "notify", 1708, KEYWORD_VERB)                                                        \
    X(NOTNULL, "notnull", 1729, KEYWORD_RESERVED)                                                  \
    X(NOWAIT, "nowait", 1300, KEYWORD_RESERVED)                                                    \
    X(NULL, "null", 1067, KEYWORD_RESERVED | KEYWORD_LITERAL)                                      \
    X(NULLS, "nulls", 1815, KEYWORD_RESERVED)                                                      \
    X(NUMERIC, "numeric", 1422, KEYWORD_TYPE)                                                      \
    X(OFFSET, "offset", 775, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                              \
    X(OID, "oid", 1983, KEYWORD_TYPE)                                                              \
    X(ON, "on", 924, KEYWORD_RESERVED)                                                             \
    X(ONLY, "only", 249, KEYWORD_RESERVED)                                                         \
    X(OPTIMIZE, "optimize", 965, KEYWORD_VERB)                                                     \
    X(OR, "or", 1279, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                     \
    X(ORDER, "order", 678, KEYWORD_RESERVED)                                                       \
    X(OUTER, "outer", 38, KEYWORD_RESERVED | KEYWORD_REWRITTEN)                                    \
    X(OVER, "over", 730, KEYWORD_RESERVED)                                                         \
    X(OVERLAPS, "overlaps", 1886, KEYWORD_RESERVED)                                                \
    X(PARTITION, "partition", 1595, KEYWORD_RESERVED)                                              \
    X(PLACING, "placing", 1912, KEYWORD_RESERVED)                                                  \
    X(PRECISION, "precision", 612, KEYWORD_TYPE)                                                   \
    X(PREPARE, "prepare", 268, KEYWORD_VERB)                                                       \
    X(PRIMARY, "primary", 1910, KEYWORD_RESERVED)                                                  \
    X(PRIOR, "prior", 1977, 0)                                                                     \
    X(PROCEDURE, "procedure", 966, KEYWORD_RESERVED)                                               \
    X(REAL, "real", 1232, KEYWORD_TYPE)                                                            \
    X(REASSIGN, "reassign", 1627, KEYWORD_VERB)                                                    \
    X(RECURSIVE, "recursive", 1746, KEYWORD_RESERVED)                                              \
    X(REFERENCES, "references", 872, KEYWORD_RESERVED)                                             \
    X(REFRESH, "refresh", 906, KEYWORD_VERB)                                                       \
    X(REGCLASS, "regclass", 937, KEYWORD_TYPE)                                                     \
    X(REINDEX, "reindex", 1501, KEYWORD_VERB)                                                      \
    X(RELATIVE, "relative", 728, 0)                                                                \
    X(RELEASE, "release", 819, KEYWORD_RESERVED | KEYWORD_VERB)                                    \
    X(RENAME, "rename", 1759, KEYWORD_VERB)                                                        \
    X(REPAIR, "repair", 1424, KEYWORD_VERB)                                                        \
    X(REPLACE, "replace", 1774, KEYWORD_VERB)                                                      \
    X(RESET, "reset", 952, KEYWORD_VERB)                                                           \
    X(RETURNING, "returning", 589, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                        \
    X(REVOKE, "revoke", 297, KEYWORD_VERB)                                                         \
    X(RIGHT, "right", 464, KEYWORD_RESERVED)                                                       \
    X(ROLLBACK, "rollback", 1784, KEYWORD_RESERVED | KEYWORD_VERB)                                 \
    X(ROW, "row", 1968, KEYWORD_REWRITTEN)                                                         \
    X(SAVEPOINT, "savepoint", 95, KEYWORD_RESERVED | KEYWORD_VERB)                                 \
    X(SECOND, "second", 928, 0)                                                                    \
    X(SECURITY, "security", 644, KEYWORD_VERB)                                                     \
    X(SELECT, "select", 1123, KEYWORD_RESERVED | KEYWORD_VERB | KEYWORD_OPERAND_NEXT)              \
    X(SEQUENCE, "sequence", 1398, KEYWORD_RESERVED)                                                \
    X(SESSION, "session", 1859, 0)                                                                 \
    X(SESSION_USER, "session_user", 1981, KEYWORD_RESERVED | KEYWORD_OPERAND)                      \
    X(SET, "set", 403, KEYWORD_RESERVED | KEYWORD_VERB)                                            \
    X(SHOW, "show", 329, KEYWORD_VERB)                                                             \
    X(SIMILAR, "similar", 1620, KEYWORD_RESERVED)                                                  \
    X(SMALLINT, "smallint", 804, KEYWORD_TYPE)                                                     \
    X(START, "start", 547, KEYWORD_VERB)                                                           \
    X(SYMMETRIC, "symmetric", 162, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                        \
    X(SYSTEM_USER, "system_user", 1633, KEYWORD_RESERVED | KEYWORD_OPERAND)                        \
    X(TABLE, "table", 683, KEYWORD_RESERVED | KEYWORD_VERB)                                        \
    X(TABLESAMPLE, "tablesample", 1483, KEYWORD_RESERVED)                                          \
    X(TEXT, "text", 229, KEYWORD_TYPE)                                                             \
    X(THEN, "then", 1803, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                 \
    X(TIME, "time", 890, KEYWORD_TYPE)                                                             \
    X(TIMESTAMP, "timestamp", 25, KEYWORD_TYPE)                                                    \
    X(TIMESTAMPTZ, "timestamptz", 1876, KEYWORD_TYPE)                                              \
    X(TIMETZ, "timetz", 1635, KEYWORD_TYPE)                                                        \
    X(TO, "to", 614, KEYWORD_RESERVED)                                                             \
    X(TRAILING, "trailing", 1132, KEYWORD_RESERVED)                                                \
    X(TRANSACTION, "transaction", 334, 0)                                                          \
    X(TRIGGER, "trigger", 755, KEYWORD_RESERVED)                                                   \
    X(TRUE, "true", 1235, KEYWORD_RESERVED | KEYWORD_LITERAL)                                      \
    X(TRUNCATE, "truncate", 1343, KEYWORD_RESERVED | KEYWORD_VERB)                                 \
    X(UESCAPE, "uescape", 253, KEYWORD_REWRITTEN)                                                  \
    X(UNION, "union", 1821, KEYWORD_RESERVED)                                                      \
    X(UNIQUE, "unique", 1559, KEYWORD_RESERVED)                                                    \
    X(UNLISTEN, "unlisten", 646, KEYWORD_VERB)                                                     \
    X(UPDATE, "update", 994, KEYWORD_RESERVED | KEYWORD_VERB)                                      \
    X(USE, "use", 544, KEYWORD_VERB)                                                               \
    X(USER, "user", 2033, KEYWORD_RESERVED | KEYWORD_OPERAND)                                      \
    X(USING, "using", 1941, KEYWORD_RESERVED)                                                      \
    X(UUID, "uuid", 1245, KEYWORD_TYPE)                                                            \
    X(VACUUM, "vacuum", 1897, KEYWORD_VERB)                                                        \
    X(VALUES, "values", 2000, KEYWORD_RESERVED | KEYWORD_VERB)                                     \
    X(VARCHAR, "varchar", 1217, KEYWORD_TYPE)                                                      \
    X(VARIADIC, "variadic", 502, KEYWORD_RESERVED)                                                 \
    X(VARYING, "varying", 182, KEYWORD_TYPE)                                                       \
    X(VERBOSE, "verbose", 1130, KEYWORD_RESERVED)                                                  \
    X(VIEW, "view", 233, KEYWORD_RESERVED)                                                         \
    X(WHEN, "when", 1564, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                 \
    X(WHERE, "where", 664, KEYWORD_RESERVED | KEYWORD_OPERAND_NEXT)                                \
    X(WINDOW, "window", 1989, KEYWORD_RESERVED)                                                    \
    X(WITH, "with", 1546, KEYWORD_RESERVED)                                                        \
    X(WITHOUT, "without", 1922, KEYWORD_TYPE)                                                      \
    X(WORK, "work", 1181, 0)                                                                       \
    X(XA, "xa", 1101, KEYWORD_VERB)                                                                \
    X(XML, "xml", 1168, KEYWORD_TYPE)                                                              \
    X(YEAR, "year", 1722, 0)                                                                       \
    X(ZONE, "zone", 1144, KEYWORD_TYPE)

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
#define SLOT_MULTIPLIER 0xf60b18eb2d55a88fu

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
