"""No literal of a log is in a report or in a store: a canary sits in each place that may hold one."""
import functools
import itertools
import json

FORMATS = ("text", "md", "html", "json", "csv")
PG_PREFIX = "%m [%p] %u@%d %a %h "


class Canaries:
    """Distinct words, each with where it was put."""

    def __init__(self):
        self.places = {}
        self.numbers = itertools.count(1)

    def __call__(self, place):
        word = f"Zq{next(self.numbers):04}xKanari"
        self.places[word] = place
        return word

    def number(self, place):
        """For where only digits can stand."""
        word = f"7316{next(self.numbers):04}9255"
        self.places[word] = place
        return word


def sql(c, dialect):
    """Statements with a canary wherever the dialect has a literal, or a comment that is kept for no use."""
    def q(place):
        return f"'{c(f'{dialect}: {place}')}'"

    def n(place):
        return c.number(f"{dialect}: {place}")
    texts = [
        f"SELECT a FROM t WHERE b = {q('equality')} AND c LIKE {q('LIKE')} AND d IN ({q('IN')}, {q('IN')}, {n('IN')})",
        f"SELECT {q('select list')} AS x, {n('number')} FROM t WHERE e BETWEEN {q('BETWEEN')} AND {q('BETWEEN')} LIMIT {n('LIMIT')}",
        f"INSERT INTO t(a, b) VALUES ({q('VALUES')}, {n('VALUES')}), ({q('VALUES')}, -{n('negative')})",
        f"UPDATE t SET a = {q('SET')}, b = {n('SET')}.5e3 WHERE c = {q('WHERE')}",
        f"DELETE FROM t WHERE a = {q('DELETE')}",
        f"SELECT /* {c(f'{dialect}: comment')} */ a FROM t -- {c(f'{dialect}: line comment')}\n WHERE b = {q('behind a comment')}",
        f"SELECT a FROM t WHERE b = 1 /*user_id='{c(f'{dialect}: tag')}',password='{c(f'{dialect}: tag')}',"
        f"traceparent='{c(f'{dialect}: trace')}'*/",
        f"SET something.custom = {q('SET setting')}",
        f"SELECT f({q('argument')}, 'it''s {c(f'{dialect}: doubled quote')}') FROM t",
        f"CALL p({q('CALL')}, {n('CALL')})",
        f"SELECT a FROM t WHERE b = {q('cut short')[:-1]}",
        f"SELECT a FROM paged WHERE s = {q('page')} ORDER BY a LIMIT 20 OFFSET 31",
        f"PREPARE x AS SELECT {q('PREPARE')}", f"EXECUTE x({q('EXECUTE')})",
        f"SAVEPOINT s{c(f'{dialect}: savepoint')}", f"EXPLAIN SELECT {q('EXPLAIN')} FROM t",
        f"CREATE USER someone PASSWORD {q('PASSWORD')}", f"ALTER USER someone IDENTIFIED BY {q('IDENTIFIED')}",
        f"not a statement at all {q('no SQL')} {n('no SQL')}",
        f"BEGIN; UPDATE t SET a = {q('second of two')}; COMMIT",
        f"INSERT INTO t VALUES ('O'{c(f'{dialect}: wrong quotes')}', {q('behind wrong quotes')}, 'x')",
        f"SELECT a FROM t WHERE b = 'it's {c(f'{dialect}: wrong quotes')}' AND c = 'that's {c(f'{dialect}: wrong quotes')}'",
        f"SELECT a FROM t WHERE b = 'x' {c(f'{dialect}: odd quotes')}' AND c = 'y'",
        f"SELECT a FROM t WHERE b = '\udcff{c(f'{dialect}: broken UTF-8')}\udcc3' AND c = '\0{c(f'{dialect}: NUL')}'",
        f"CREATE USER someone PASSWORD {c(f'{dialect}: password without quotes')}",
        f"ALTER USER someone IDENTIFIED BY {c(f'{dialect}: password without quotes')}",
        f"CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host {q('server option')}, password {q('server option')})",
    ]
    if dialect == "postgresql":
        texts += [f"SELECT E'a\\'{c('escape string')}', $${c('dollars')}$$, $tag${c('tagged dollars')}$tag$, U&'{c('unicode')}', "
                  f"B'0101', X'{c.number('hexadecimal')}' FROM t",
                  f"SELECT a FROM t WHERE b = {q('cast')}::text AND c = DATE {q('typed')} AND d = ANY (ARRAY[{q('ARRAY')}])",
                  f"SELECT a FROM t WHERE b->>{q('JSON key')} = {q('JSON value')} AND c @> {q('JSON')}",
                  f"SELECT dblink_connect('host=h password={c('dblink')}'), dblink('postgres://u:{c('dblink')}@h/d', {q('dblink')})",
                  f"CREATE USER MAPPING FOR u SERVER s OPTIONS (user {q('mapping')}, password {q('mapping')})",
                  f"CREATE SUBSCRIPTION s CONNECTION 'host=h password={c('subscription')}' PUBLICATION p",
                  f"ALTER SYSTEM SET primary_conninfo = 'password={c('setting')}'", f"SET x.y TO {c('setting without quotes')}",
                  f"SELECT $1{c('glued to a parameter')}", f"SECURITY LABEL ON TABLE t IS {q('label')}",
                  f"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $f$ SELECT '{c('body')}' $f$",
                  f"COPY t FROM STDIN WITH (DELIMITER {q('COPY')})", f"DO $do${c('DO')}$do$",
                  f"NOTIFY channel, {q('NOTIFY')}", f"COMMENT ON TABLE t IS {q('COMMENT')}"]
    else:
        texts += [f"SELECT a FROM t WHERE b = \"{c('double quotes')}\" AND c = 'a\\'{c('backslash')}' AND d = _utf8'{c('charset')}'",
                  f"SELECT a FROM t # {c('hash comment')}\n WHERE b = 0x{c.number('hexadecimal')}",
                  f"SELECT /*!40001 {n('version comment')} */ a FROM t WHERE b = N{q('national')}",
                  f"SET PASSWORD FOR 'u'@'h' = {q('SET PASSWORD')}", f"GRANT ALL ON *.* TO u IDENTIFIED BY {q('GRANT')}",
                  f"CREATE USER u IDENTIFIED WITH p AS {q('hash')}", f"CHANGE MASTER TO MASTER_USER={q('MASTER')}, MASTER_PASSWORD={q('MASTER')}",
                  f"SELECT AES_DECRYPT(a, {q('key')}) FROM t", f"PREPARE x FROM {q('PREPARE FROM')}",
                  f"LOAD DATA INFILE {q('file')} INTO TABLE t", f"SELECT a INTO @v FROM t WHERE b = DATE {q('typed')}"]
    return texts


def bursts(c, dialect):
    """Statements that findings speak of."""
    child = [f"SELECT a FROM child WHERE parent = '{c(f'{dialect}: child')}' LIMIT 1" for _ in range(30)]
    same = [f"SELECT a FROM settings WHERE name = '{c(f'{dialect}: repeated')}'"] * 30
    written = [f"INSERT INTO written(a) VALUES ('{c(f'{dialect}: written')}')" for _ in range(30)]
    pages = [f"SELECT a FROM paged WHERE s = '{c(f'{dialect}: walk')}' AND n > {c.number('walk')} ORDER BY a, b LIMIT 20 OFFSET {20000 + 20 * i}"
             for i in range(30)]
    return child, same, written, pages


def stamps():
    """A session's clock: of records 5 ms apart, and of those after a rest."""
    at = 14 * 3600 * 1000

    def next_one(rest=5):
        nonlocal at
        at += rest
        return f"2026-11-19 {at // 3600000:02}:{at // 60000 % 60:02}:{at // 1000 % 60:02}.{at % 1000:03}"
    return next_one


def pg_records(c):
    """(message, the rest of its parts by name) of each record, and how long before it nothing happened."""
    for text in sql(c, "postgresql"):
        yield 9000, "LOG", f"duration: 12.000 ms  statement: {text}", {}
    for run in bursts(c, "postgresql"):
        for i, text in enumerate(run):
            yield 9000 if i == 0 else 5, "LOG", f"duration: 4.000 ms  statement: {text}", {}
    bind = f"parameters: $1 = '{c('bind value')}', $2 = '{c.number('bind value')}', $3 = NULL"
    for phase in ("parse", "bind", "execute"):
        yield 900, "LOG", f"duration: 3.000 ms  {phase} <unnamed>: SELECT a FROM t WHERE b = $1 AND c = '{c(phase)}'", {"DETAIL": bind}
    plan = (f"Query Text: SELECT a FROM t WHERE b = '{c('plan, query text')}'\n"
            f"Query Parameters: $1 = '{c('plan, parameter')}'\n"
            f"Seq Scan on t  (cost=0.00..35.50 rows=10 width=4) (actual time=0.1..9.0 rows=5 loops=1)\n"
            f"  Filter: (b = '{c('plan, filter')}'::text)\n  Rows Removed by Filter: 2000")
    yield 900, "LOG", f"duration: 9.000 ms  plan:\n{plan}", {}
    tree = json.dumps({"Query Text": f"SELECT a FROM u WHERE b = '{c('JSON plan, text')}'",
                       "Plan": {"Node Type": "Seq Scan", "Relation Name": "u", "Filter": f"(b = '{c('JSON plan, filter')}'::text)"}})
    yield 900, "LOG", f"duration: 9.000 ms  plan:\n{tree}", {}
    yield 900, "ERROR", f"invalid input syntax for type integer: \"{c('error message')}\"", \
        {"DETAIL": f"Key (id)=({c('error detail')}) already exists.", "HINT": f"Perhaps {c('error hint')}",
         "CONTEXT": f"COPY t, line 1, column a: \"{c('error context')}\"\nSQL statement \"SELECT '{c('context statement')}'\"",
         "STATEMENT": f"SELECT a FROM failing WHERE b = '{c('failing statement')}'"}
    for message in ('syntax error at or near "%s"', 'unterminated quoted string at or near "\'%s"', 'malformed array literal: "{%s, ""x""}"',
                    'date/time field value out of range: "%s"', 'invalid input value for enum colour: "%s"',
                    'invalid memory alloc request of a "%s" that holds "quotes" and "%s"', 'could not open file "%s" for reading'):
        yield 900, "ERROR", message.replace("%s", c("quoted in an error")), {}
    yield 900, "ERROR", f"customer {c('raised')} owes {c.number('raised')}", {"CONTEXT": "PL/pgSQL function f() line 3 at RAISE"}
    yield 900, "LOG", "process 7 still waiting for ShareLock on transaction 7 after 1000.123 ms", \
        {"DETAIL": "Process holding the lock: 42. Wait queue: 43.", "STATEMENT": f"UPDATE t SET a = '{c('lock wait')}'"}
    yield 900, "LOG", 'temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 1048576', \
        {"STATEMENT": f"SELECT a FROM t WHERE b = '{c('temporary file')}' ORDER BY 1"}
    yield 900, "ERROR", "deadlock detected", \
        {"DETAIL": f"Process 7 waits for ShareLock on transaction 1; blocked by process 8.\nProcess 7: UPDATE t SET a = '{c('deadlock')}'\n"
                   f"Process 8: UPDATE t SET b = '{c('deadlock')}'", "STATEMENT": f"UPDATE t SET c = '{c('deadlock statement')}'"}
    yield 900, "LOG", f"could not do with {c('server message')}", {}
    yield 900, "FATAL", f"unsupported frontend protocol of \"{c('fatal message')}\"", {}
    yield 900, "WARNING", f"there is {c('warning')}", {}
    yield 900 * 1000, "LOG", "duration: 1.000 ms  statement: SELECT a FROM later", {}


def pg_stderr(c):
    clock = stamps()
    out = []
    for rest, severity, message, parts in pg_records(c):
        head = f"{clock(rest)} UTC [7] app@shop web 10.0.0.5 "
        for name, text in ((severity, message), *parts.items()):
            out.append(f"{head}{name}:  " + text.replace("\n", "\n\t") + "\n")
    return "".join(out)


def pg_csv(c):
    clock = stamps()
    out = []

    def quoted(text):
        return '"' + text.replace('"', '""') + '"' if text else ""
    for rest, severity, message, parts in pg_records(c):
        columns = [f"{clock(rest)} UTC", '"app"', '"shop"', "7", '"10.0.0.5:4000"', "6.7", "1", '"SELECT"', "2026-11-19 13:00:00 UTC", '"3/7"', "0",
                   severity, "22P02" if severity == "ERROR" else "00000", quoted(message), quoted(parts.get("DETAIL")), quoted(parts.get("HINT")),
                   quoted(f"SELECT '{c('csv, internal query')}'") if "HINT" in parts else "", "", quoted(parts.get("CONTEXT")),
                   quoted(parts.get("STATEMENT")), "", "", '"web"', '"client backend"', "", "0"]
        out.append(",".join(columns) + "\n")
    return "".join(out)


def pg_json(c):
    clock = stamps()
    out = []
    for rest, severity, message, parts in pg_records(c):
        members = {"timestamp": f"{clock(rest)} UTC", "user": "app", "dbname": "shop", "pid": 7, "remote_host": "10.0.0.5", "session_id": "6.7",
                   "error_severity": severity, "state_code": "22P02" if severity == "ERROR" else "00000", "message": message,
                   **{name.lower(): text for name, text in parts.items()}, "application_name": "web"}
        if "HINT" in parts:
            members["internal_query"] = f"SELECT '{c('json, internal query')}'"
        out.append(json.dumps(members) + "\n")
    return "".join(out)


def mysql(c):
    clock = stamps()
    out = []

    def record(rest, text, more=""):
        stamp = clock(rest).replace(" ", "T")
        out.append(f"# Time: {stamp}000Z\n# User@Host: app[app] @ web1 [10.0.0.7]  Id:    42\n"
                   f"# Query_time: 0.004000  Lock_time: 0.000002 Rows_sent: 1  Rows_examined: 20100\n{more}"
                   f"use shop;\nSET timestamp=1795096987;\n{text};\n")
    for text in sql(c, "mysql"):
        record(9000, text)
    for run in bursts(c, "mysql"):
        for i, text in enumerate(run):
            record(9000 if i == 0 else 5, text)
    record(900, f"SELECT a FROM t WHERE b = '{c('MariaDB: explained')}'",
           "# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n"
           "# explain: 1\tSIMPLE\tt\tALL\tNULL\tNULL\tNULL\tNULL\t5\t5.00\t100.00\t100.00\tUsing where\n#\n")
    record(900, f"# administrator command: Prepare {c('administrator command')}")
    record(900000, "SELECT a FROM later")
    return "".join(out)


def mysql_general(c):
    clock = stamps()
    out = []
    for text in sql(c, "mysql"):
        stamp = clock(900).replace(" ", "T")
        for command in ("Query", "Prepare", "Execute"):
            out.append(f"{stamp}000Z\t   42 {command}\t{text}\n")
    return "".join(out)


def mysql_table(c):
    """mysql.slow_log as the CSV engine keeps it."""
    clock = stamps()
    out = []
    for text in sql(c, "mysql"):
        quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\0", "")
        out.append(f'"{clock(900)}000","app[app] @ web1 [10.0.0.7]","00:00:00.004000","00:00:00.000002",1,20100,"shop",0,0,1,"{quoted}",42,0\n')
    return "".join(out)


def docker(c):
    """What a container wrote to standard error."""
    return "".join(json.dumps({"log": line + "\n", "stream": "stderr", "time": "2026-11-19T14:00:00.000000000Z"}) + "\n"
                   for line in pg_stderr(c).replace("\udcff", "").replace("\udcc3", "").splitlines())


def syslog(c):
    return "".join(f"<134>Nov 19 14:00:00 db1 postgres[7]: [{i}-1] {line}\n" for i, line in enumerate(pg_stderr(c).split("\n"), 1) if line)


def pgbouncer(c):
    clock = stamps()
    head = "[812] LOG C-0x55d1c0a2b3e0: shop/app@10.1.2.3:53412"
    out = [f"{clock(900)} UTC {head} login attempt: db=shop user=app tls=no\n" for _ in range(40)]
    for what in ("closing because: %s (age=1s)", "pooler error: no such database: %s", "client sent bad password %s", "unsupported startup parameter: %s=1",
                 "auth_query failed: %s", "query: SELECT '%s'"):
        out.append(f"{clock(900)} UTC {head} {what.replace('%s', c('PgBouncer'))}\n")
    out.append(f"{clock(900)} UTC [812] WARNING {c('PgBouncer')}\n")
    return "".join(out)


def mongodb_text(c):
    clock = stamps()
    out = []
    for text in ('{ find: "orders", filter: { a: "%s", b: { $in: [ "%s", 5 ] } }, $db: "shop" }',
                 '{ aggregate: "orders", pipeline: [ { $match: { a: /%s/i } }, { $project: { b: { $concat: [ "$a", "%s" ] } } } ], $db: "shop" }',
                 '{ find: "orders", filter: { a: ObjectId(\'%s\'), b: new Date(1530289263000), c: BinData(0, %s) } }',
                 '{ find: "orders", filter: { a: "%s", b: "it\\"s %s'):
        while "%s" in text:
            text = text.replace("%s", c("mongodb: text"), 1)
        for _ in range(10):
            out.append(f"{clock(900).replace(' ', 'T')}+0000 I COMMAND  [conn42] command shop.orders command: find {text} planSummary: IXSCAN {{ a: 1 }} "
                       f"keysExamined:0 docsExamined:20100 nreturned:1 reslen:3038 locks:{{}} protocol:op_msg 139ms\n")
    for line in (f'{{ a: "{c("mongodb: update")}" }} update: {{ $set: {{ b: "{c("mongodb: update")}" }} }}', f'{{ a: "{c("mongodb: cut")}'):
        out.append(f"{clock(900).replace(' ', 'T')}+0000 I WRITE    [conn42] update shop.orders query: {line} nscanned:5 139ms\n")
    out.append(f"{clock(900).replace(' ', 'T')}+0000 I NETWORK  [conn42] {c('mongodb: message')}\n")
    return "".join(out)


def mongodb(c):
    clock = stamps()
    out = []

    def record(rest, command, message="Slow query", number=51803, component="COMMAND", **more):
        attributes = {"type": "command", "ns": "shop.orders", "command": {**command, "$db": "shop"}, "planSummary": "COLLSCAN", "docsExamined": 20100,
                      "nreturned": 1, **more, "durationMillis": 4}
        out.append(json.dumps({"t": {"$date": clock(rest).replace(" ", "T") + "+00:00"}, "s": "I", "c": component, "id": number, "ctx": "conn42",
                               "msg": message, "attr": attributes}) + "\n")

    def w(place):
        return c(f"mongodb: {place}")
    finds = [
        {"filter": {"a": w("equality"), "b": {"$in": [w("$in"), w("$in")]}, "c": {"$regex": w("regex"), "$options": "i"}}},
        {"filter": {"$or": [{"a": w("$or")}, {"b": {"$gt": {"$date": "2026-11-19T14:00:00Z"}, "$ne": w("$ne")}}]}, "sort": {"a": 1}},
        {"filter": {"a": {"$elemMatch": {"b": w("$elemMatch")}}, "_id": {"$oid": "65a1b2c3d4e5f60718293a4b"}}, "comment": w("comment")},
        {"filter": {"$where": f"this.a == '{w('$where')}'"}, "projection": {"x": w("projection")}, "let": {"v": w("let")}},
        {"filter": {"$expr": {"$eq": ["$a", w("$expr")]}, "$text": {"$search": w("$text")}}, "hint": {"a": 1}, "collation": {"locale": "en"}},
        {"filter": {"$jsonSchema": {"required": ["a"], "description": w("schema")}, "n": {"$numberLong": c.number("mongodb: long")}}},
        {"filter": {"loc": {"$near": {"$geometry": {"type": "Point", "coordinates": [1.5, int(c.number("mongodb: coordinate"))]}}}}},
        {"filter": {"a": {"b": {"c": w("nested")}}, "bin": {"$binary": {"base64": w("binary"), "subType": "00"}}}},
        {"filter": {"$comment": w("$comment"), "a": {"$not": {"$regularExpression": {"pattern": w("pattern"), "options": ""}}}}},
    ]
    for find in finds:
        record(9000, {"find": "orders", **find})
    record(900, {"aggregate": "orders", "cursor": {}, "pipeline": [
        {"$match": {"a": w("$match")}}, {"$addFields": {"b": {"$concat": ["$a", w("$concat")]}, "c": {"$literal": w("$literal")}}},
        {"$group": {"_id": {"$ifNull": ["$a", w("$ifNull")]}, "n": {"$sum": {"$cond": [{"$eq": ["$b", w("$cond")]}, 1, 0]}}}},
        {"$lookup": {"from": "lines", "localField": "_id", "foreignField": "o", "as": "l", "pipeline": [{"$match": {"b": w("$lookup")}}]}},
        {"$bucket": {"groupBy": "$a", "boundaries": [0, int(c.number("mongodb: boundary"))], "default": w("$bucket")}},
        {"$project": {"x": {"$switch": {"branches": [{"case": {"$eq": ["$a", w("case")]}, "then": w("then")}], "default": w("default")}}}}]})
    record(900, {"insert": "orders", "documents": [{"a": w("insert")}], "ordered": True})
    record(900, {"findAndModify": "orders", "query": {"a": w("findAndModify")}, "update": {"$set": {"b": w("$set")}}})
    record(900, {"distinct": "orders", "key": "a", "query": {"b": w("distinct")}})
    record(900, {"count": "orders", "query": {"b": w("count")}})
    record(900, {"q": {"a": w("update")}, "u": {"$set": {"b": w("update")}}, "multi": False, "upsert": False}, type="update")
    record(900, {"q": {"a": w("remove")}, "limit": 1}, type="remove")
    record(900, {"getMore": 7, "collection": "orders"}, originatingCommand={"find": "orders", "filter": {"a": w("getMore")}, "$db": "shop"})
    record(900, {"find": "orders", "filter": {"a": w("failed")}}, ok=0, errName="BadValue", errCode=2, errMsg=f"cannot {w('errMsg')}")
    record(900, {"mapReduce": "orders", "map": f"function() {{ emit('{w('map')}') }}", "reduce": w("reduce"), "query": {"a": w("mapReduce")}})
    record(900, {"unheardOf": w("unknown command"), "with": w("unknown command")})
    record(900, {"find": "orders", "filter": {"a": w("execStats")}}, execStats={"stage": "COLLSCAN", "filter": {"a": {"$eq": w("execStats")}}})
    record(900, {"find": "orders", "filter": {"a": 1}}, remote="10.0.0.5:1", appName="web", storage={"x": w("storage")})
    for texts in (({"parent": w("child")} for _ in range(30)), ({"name": x} for x in [w("repeated")] * 30)):
        for i, condition in enumerate(texts):
            record(9000 if i == 0 else 5, {"find": "orders", "filter": condition, "limit": 1})
    for i in range(30):
        record(900, {"find": "orders", "filter": {"s": w("walk")}, "sort": {"a": 1}, "skip": 20000 + 20 * i, "limit": 20})
    record(900, {}, message=w("message"), number=99999)
    record(900000, {"find": "later", "filter": {}})
    return "".join(out)


# Each with its prefix and how many findings it has to have.
LOGS = {"stderr": (pg_stderr, PG_PREFIX, 4), "csv": (pg_csv, None, 4), "json": (pg_json, None, 4), "mysql": (mysql, None, 4),
        "general": (mysql_general, None, 0), "slow-table": (mysql_table, None, 0), "mongodb": (mongodb, None, 3),
        "mongodb-text": (mongodb_text, None, 0), "docker": (docker, PG_PREFIX, 4), "syslog": (syslog, PG_PREFIX, 0),
        "pgbouncer": (pgbouncer, None, 0)}
# Of these the calls, and the canaries that `events` shows, are few.
SMALL = {"pgbouncer"}


def assert_absent(c, data, where):
    lower = data.lower()
    found = sorted({f"{word} ({place})" for word, place in c.places.items() if word.lower().encode() in lower})
    assert not found, f"{where}: {len(found)} canaries: {', '.join(found[:8])}"


def planted(name, program, _):
    make, prefix, n_findings = LOGS[name]
    c = Canaries()
    log = program.file("x.log", make(c).encode(errors="surrogateescape"))
    given = ("--prefix", prefix) if prefix else ()
    reading = (*given, "--min-coverage", "0")
    outputs = {f"analyze, {form}": program.run("analyze", "--format", form, "--limit", "0", *reading, log) for form in FORMATS}
    report = json.loads(outputs["analyze, json"])
    assert name in SMALL or report["totals"]["calls"] >= 30, report["totals"]
    assert len(report["findings"]) >= n_findings, [f["title"] for f in report["findings"]]
    program.ingest("s.db", log, prefix=prefix)
    for form in FORMATS:
        outputs[f"report, {form}"] = program.run("report", "--store", "s.db", "--format", form, "--limit", "0")
    for query in report["queries"]:
        for form in ("text", "md", "html", "json"):
            outputs[f"show {query['id']}, {form}"] = program.run("show", "--store", "s.db", "--format", form, query["id"])
        outputs[f"show {query['id']} of the log"] = program.run("show", *reading, query["id"], log)
    for dimension in ("user", "app", "table", "tag:action"):
        outputs[f"by {dimension}"] = program.run("analyze", "--group-by", dimension, "--format", "json", *reading, log)
    for table in ("hours", "queries"):
        for form in ("ndjson", "csv"):
            outputs[f"export {table}, {form}"] = program.run("export", "--store", "s.db", "--table", table, "--format", form)
    program.run("merge", "other.db", "s.db")
    program.run("compact", "--store", "other.db", "--days-after", "1d", "--drop-after", "0d")
    # The records themselves do hold them.
    raw = b"".join(program.run("events", *reading, q["id"], log) for q in report["queries"])
    assert name in SMALL or sum(word.encode() in raw for word in c.places) >= 6, "canaries are not seen where they are"
    for where, data in outputs.items():
        assert_absent(c, data, where)
    for store in ("s.db", "other.db"):
        assert_absent(c, (program.folder / store).read_bytes(), store)


PROPERTIES = [(f"privacy-{name}", functools.partial(planted, name), 1) for name in LOGS]
