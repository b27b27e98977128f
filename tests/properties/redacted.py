"""With --redact-names no name of a log is in a report: a planted one sits in each place that may hold one."""
import functools
import itertools
import json
import re

import privacy
from privacy import Canaries, FORMATS, PG_PREFIX, stamps

CALLS_OF_BURST = 30


class Names(Canaries):
    """Distinct identifiers, as unquoted SQL has them, each with where it was put."""

    def __init__(self):
        super().__init__()
        self.counter = itertools.count(1)

    def __call__(self, place):
        word = f"zq{next(self.counter):03}planted"
        self.places[word] = place
        return word

    def loud(self, place):
        """For names that keep their case and blanks in quotes."""
        word = f"Zq{next(self.counter):03}Planted"
        self.places[word] = place
        return f"{word} with blank"


def sql(n, dialect):
    quote = "`" if dialect == "mysql" else '"'

    def q(place):
        return quote + n.loud(place) + quote
    table, column, other = n("table"), n("column"), n("joined table")
    texts = [
        f"SELECT {column}, {n('alias of a table')}.{n('column')} AS {n('alias')} FROM {n('schema')}.{table} JOIN {other} ON "
        f"{other}.{n('join column')} = {table}.{column} WHERE {n('condition')} = 1 GROUP BY {n('group')} ORDER BY {n('order')} LIMIT 3",
        f"SELECT {q('quoted column')} FROM {q('quoted table')} AS {q('quoted alias')} WHERE {q('quoted condition')} = 4",
        f"INSERT INTO {n('inserted')}({n('inserted column')}) VALUES (1), (2)",
        f"UPDATE {n('updated')} SET {n('set column')} = 1 WHERE {n('where')} IN (1, 2)",
        f"DELETE FROM {n('deleted')} WHERE {n('where')} = 2",
        f"WITH {n('with')} AS (SELECT 1 FROM {n('with table')}) SELECT {n('routine')}({n('argument')}) FROM {n('last')}",
        f"SELECT {n('cut')}, {n('cut')} FROM {n('cut')} WHERE {n('cut')} = 'abc",
        f"SELECT 1 FROM {table} /*controller='{n('tag')}',action='{n('tag')}'*/",
        f"CREATE INDEX {n('index')} ON {table}({column})", f"DROP TABLE {n('dropped')}",
        f"CREATE TABLE {n('created')} ({n('created column')} integer, CONSTRAINT {n('constraint')} CHECK ({n('checked')} > 3))",
        f"SAVEPOINT {n('savepoint')}", f"GRANT SELECT ON {n('granted')} TO {n('grantee')}", f"CALL {n('procedure')}(1)",
        f"not a statement {n('no SQL')} at all",
    ]
    if dialect == "mysql":
        texts += [f"SELECT @{n('variable')} FROM {n('database')}.{n('table')} USE INDEX ({n('hint')})",
                  f"CREATE USER {n('created user')}@'{n('host')}'", f"USE {n('used')}"]
    else:
        texts += [f"SELECT a::{n('type')} FROM {n('table')} WHERE b @> 'x'", f"DECLARE {n('cursor')} CURSOR FOR SELECT 1 FROM {n('of cursor')}",
                  f"COPY {n('copied')}({n('copied column')}) FROM STDIN", f"LISTEN {n('channel')}", f"SET {n('setting')}.{n('setting')} = 1",
                  f"SELECT ä{n('umlaut')} FROM ö{n('umlaut')}", f"PREPARE {n('prepared')} AS SELECT 1 FROM {n('prepared table')}"]
    return texts


def bursts(n):
    child, parent, written, column, paged, key = (n(place) for place in ("child", "foreign key", "written", "written column", "paged", "page key"))
    yield [f"SELECT x FROM {child} WHERE {parent} = {i} LIMIT 1" for i in range(CALLS_OF_BURST)]
    yield [f"INSERT INTO {written}({column}) VALUES ({i})" for i in range(CALLS_OF_BURST)]
    yield [f"SELECT {key} FROM {paged} ORDER BY {key}, id LIMIT 20 OFFSET {20000 + 20 * i}" for i in range(CALLS_OF_BURST)]


def pg_records(n):
    for text in sql(n, "postgresql"):
        yield 9000, "LOG", f"duration: 12.000 ms  statement: {text}", {}
    for run in bursts(n):
        for i, text in enumerate(run):
            yield 9000 if i == 0 else 5, "LOG", f"duration: 4.000 ms  statement: {text}", {}
    yield 900, "LOG", f"duration: 3.000 ms  execute {n('prepared')}: SELECT 1 FROM {n('executed')} WHERE a = $1", {"DETAIL": "parameters: $1 = '1'"}
    plan = (f"Query Text: SELECT 1 FROM {n('explained')}\n"
            f"Index Scan using {n('plan index')} on {n('plan schema')}.{n('plan table')} {n('plan alias')}  (cost=0.00..35.50 rows=10 width=4)\n"
            f"  Filter: ({n('plan filter')} = 1)")
    yield 900, "LOG", f"duration: 9.000 ms  plan:\n{plan}", {}
    tree = json.dumps({"Query Text": f"SELECT 1 FROM {n('JSON plan')}", "Plan": {"Node Type": "Index Scan", "Relation Name": n("JSON plan"),
                       "Index Name": n("JSON plan index"), "Alias": n("JSON plan alias")}})
    yield 900, "LOG", f"duration: 9.000 ms  plan:\n{tree}", {}
    for message in ('relation "%s" does not exist', 'duplicate key value violates unique constraint "%s"', "permission denied for table %s",
                    'column %s.x does not exist', 'password authentication failed for user "%s"', "%s went wrong in Zq%s"):
        message, failing = message.replace("%s", n("message")), n("failing")
        for _ in range(25): # as many as become a finding
            yield 900, "ERROR", message, {"STATEMENT": f"SELECT 1 FROM {failing}"}
    yield 900, "LOG", f'temporary file: path "base/pgsql_tmp/{n("file")}", size 20485760', {"STATEMENT": f"SELECT 1 FROM {n('spilled')} ORDER BY 1"}
    yield 900, "LOG", f'automatic vacuum of table "{n("database")}.{n("schema")}.{n("vacuumed")}": index scans: 1\n' \
        "pages: 0 removed, 1 remain, 0 skipped due to pins, 0 skipped frozen\n" \
        "system usage: CPU: user: 0.00 s, system: 0.00 s, elapsed: 0.01 s", {}
    yield 900, "LOG", f"connection authorized: user={n('connected')} database={n('connected')} application_name={n('connected')}", {}
    yield 900, "LOG", f"disconnection: session time: 0:00:00.100 user={n('gone')} database={n('gone')} host={n('gone')}", {}
    yield 900 * 1000, "LOG", f"duration: 1.000 ms  statement: SELECT 1 FROM {n('later')}", {}


def pg_stderr(n):
    clock = stamps()
    user, database, application, dump, host = n("user"), n("database"), n("application"), "pg_dump-" + n("dump"), n("host")
    out = []
    for rest, severity, message, parts in pg_records(n):
        head = f"{clock(rest)} UTC [7] {user}@{database} {application if rest < 100000 else dump} {host} "
        for name, text in ((severity, message), *parts.items()):
            out.append(f"{head}{name}:  " + text.replace("\n", "\n\t") + "\n")
    return "".join(out)


def mysql(n):
    clock = stamps()
    out = []
    user, host, database, key = n("user"), n("host"), n("used database"), n("plan key")

    def record(rest, text, more=""):
        stamp = clock(rest).replace(" ", "T")
        out.append(f"# Time: {stamp}000Z\n# User@Host: {user}[{user}] @ {host} [10.0.0.7]  Id:    42\n"
                   f"# Query_time: 0.004000  Lock_time: 0.000002 Rows_sent: 1  Rows_examined: 20100\n{more}"
                   f"use {database};\nSET timestamp=1795096987;\n{text};\n")
    for text in sql(n, "mysql"):
        record(9000, text)
    for run in bursts(n):
        for i, text in enumerate(run):
            record(9000 if i == 0 else 5, text)
    record(900, f"SELECT 1 FROM {n('explained')}",
           "# explain: id\tselect_type\ttable\ttype\tpossible_keys\tkey\tkey_len\tref\trows\tr_rows\tfiltered\tr_filtered\tExtra\n"
           f"# explain: 1\tSIMPLE\t{n('plan table')}\tref\t{key}\t{key}\t4\t{n('plan ref')}\t5\t5.00\t100.00\t100.00\tUsing where\n#\n")
    record(900000, f"SELECT 1 FROM {n('later')}")
    return "".join(out)


def mongodb(n):
    clock = stamps()
    out = []
    namespace = f"{n('database')}.{n('collection')}"
    application, host = n("application"), n("host")

    def record(rest, command, message="Slow query", number=51803, component="COMMAND", **more):
        attributes = {"type": "command", "ns": namespace, "appName": application, "remote": f"{host}:1", "command": command,
                      "planSummary": f"IXSCAN {{ {n('plan field')}: 1 }}", "docsExamined": 20100, "nreturned": 1, **more, "durationMillis": 4}
        out.append(json.dumps({"t": {"$date": clock(rest).replace(" ", "T") + "+00:00"}, "s": "I", "c": component, "id": number, "ctx": "conn42",
                               "msg": message, "attr": attributes}) + "\n")
    collection = namespace.split(".")[1]
    for find in ({"filter": {n("field"): 1, f"{n('path')}.0.{n('path')}": {"$in": [1]}}, "sort": {n("sort"): 1}, "projection": {n("projection"): 1}},
                 {"filter": {"$or": [{n("alternative"): 1}, {"$expr": {"$eq": [f"${n('field path')}", f"$${n('variable')}"]}}]},
                  "let": {n("let"): 1}, "hint": {n("hint"): 1}},
                 {"filter": {n("nested"): {"$elemMatch": {n("element"): {"$gt": 5}}}}, "skip": 3}):
        record(9000, {"find": collection, **find})
    record(900, {"aggregate": collection, "cursor": {}, "pipeline": [
        {"$match": {n("$match"): 1}}, {"$addFields": {n("$addFields"): {"$concat": [f"${n('$concat')}", "x"]}}},
        {"$group": {"_id": f"${n('$group')}", n("$group"): {"$sum": f"${n('$sum')}"}}}, {"$unwind": f"${n('$unwind')}"},
        {"$lookup": {"from": n("$lookup"), "localField": n("$lookup"), "foreignField": n("$lookup"), "as": n("$lookup"),
                     "pipeline": [{"$match": {n("within"): 1}}]}},
        {"$facet": {n("$facet"): [{"$count": n("$count")}]}}, {"$out": n("$out")}]})
    record(900, {"findAndModify": collection, "query": {n("queried"): 1}, "update": {"$set": {n("$set"): 1}, "$unset": {n("$unset"): 1}}})
    record(900, {"distinct": collection, "key": n("distinct"), "query": {}})
    record(900, {"q": {n("update"): 1}, "u": {"$inc": {n("$inc"): 1}}}, type="update")
    record(900, {n("unknown command"): n("unknown command")})
    record(900, {"createIndexes": collection, "indexes": [{"key": {n("indexed"): 1}, "name": n("index")}]})
    child, paged = n("parent"), n("paged")
    for i in range(CALLS_OF_BURST):
        record(9000 if i == 0 else 5, {"find": collection, "filter": {child: i}, "limit": 1})
    for i in range(CALLS_OF_BURST):
        record(900, {"find": collection, "filter": {}, "sort": {paged: 1}, "skip": 20000 + 20 * i, "limit": 20})
    record(900000, {"find": n("later"), "filter": {}})
    return "".join(out)


LOGS = {"stderr": (pg_stderr, PG_PREFIX, 3), "mysql": (mysql, None, 3), "mongodb": (mongodb, None, 2)}


def figures(report):
    """What has to be the same with names and without."""
    return ([(q["calls"], q["time_ms"]) for q in report["queries"]],
            sorted((f["kind"], f["severity"], f["cost_ms"]) for f in report["findings"]), report["totals"])


def hidden(name, program, _):
    make, prefix, n_findings = LOGS[name]
    n = Names()
    # A name of a tool in front vouches for nothing.
    path, source, folder = "pg_dump " + n("file name"), n("source"), n("folder")
    (program.folder / folder).mkdir()
    log = program.file(f"{folder}/{path}.log", make(n).encode()).relative_to(program.folder)
    key = program.file("key", b"0123456789abcdef")
    program.file("other", b"fedcba9876543210")
    keyed = ("--redact-names", "--redact-key", key)
    given = (("--prefix", prefix) if prefix else ()) + ("--min-coverage", "0")
    with_names = program.run("analyze", "--format", "json", "--limit", "0", *given, log)
    unseen = [place for word, place in n.places.items() if word.encode() not in with_names]
    assert len(unseen) * 5 < len(n.places), f"not seen even with names: {unseen}"
    plain = json.loads(with_names)
    outputs = {f"analyze, {form}": program.run("analyze", "--format", form, "--limit", "0", *keyed, *given, log) for form in FORMATS}
    report = json.loads(outputs["analyze, json"])
    assert figures(plain) == figures(report), "hidden names change figures"
    assert len(report["findings"]) >= n_findings, [f["title"] for f in report["findings"]]
    store = f"{n('store')}.db"
    program.run("ingest", "--store", store, "--source", source, *given, log)
    program.run("mark", f"deploy of {n('mark')}", "--store", store, "--at", "2026-11-19 14:00", "--source", source)
    found = json.loads(program.run("report", "--store", store, "--format", "json", "--limit", "0"))["findings"]
    program.run("accept", found[0]["id"], "--store", store, "--note", n("note"))
    before = (program.folder / store).read_bytes()
    user = next((u["name"] for q in plain["queries"] for u in q["users"]), "nobody")
    for form in FORMATS:
        outputs[f"report, {form}"] = program.run("report", "--store", store, "--format", form, "--limit", "0", *keyed)
        outputs[f"window, {form}"] = program.run("report", "--store", store, "--format", form, "--since", "2026-11-19", "--until", "2026-11-20",
                                                 "--baseline", "5d", *keyed)
    for dimension in ("user", "app", "db", "host", "table", "tag:action"):
        outputs[f"by {dimension}"] = program.run("analyze", "--group-by", dimension, "--format", "csv", *keyed, *given, log)
    selection = ("--source", source, "--match", "e", "--since", "2026-11-19", *(("--user", user) if user != "nobody" else ()))
    outputs["selected"] = program.run("report", "--store", store, "--format", "json", *keyed, *selection)
    assert json.loads(outputs["selected"])["totals"]["calls"] > 0
    for form in ("text", "md", "html", "json"):
        outputs[f"diff, {form}"] = program.run("diff", "--format", form, "--limit", "0", *keyed, *given, log, log)
        for q in plain["queries"][:3]:
            outputs[f"show {q['id']}, {form}"] = program.run("show", "--store", store, "--format", form, *keyed, q["id"])
    for where, data in outputs.items():
        privacy.assert_absent(n, data, where)
    assert (program.folder / store).read_bytes() == before, "the store was changed"
    # One key, one pseudonym, in logs and in stores; another key, or none, and nothing is the same.
    def pseudonyms(data):
        return set(re.findall(r"\b(?:table|name|user|database)_[0-9a-f]{10}\b", data.decode()))
    here = pseudonyms(outputs["analyze, json"])
    assert len(here) > 20 and len(here & pseudonyms(outputs["report, json"])) > 20
    for other in (("--redact-key", "other"), ()):
        assert not here & pseudonyms(program.run("analyze", "--format", "json", "--limit", "0", "--redact-names", *other, *given, log))
    # The key leads back: the id that a query has without names finds it.
    ids = {q["id"] for q in plain["queries"]}
    for without in report["queries"]:
        assert without["id"] not in ids
        shown = json.loads(program.run("show", "--store", store, "--format", "json", "--redact-key", key, without["id"]))
        assert shown["queries"][0]["calls"] == without["calls"] and shown["queries"][0]["id"] in ids
    assert shown["queries"][0]["text"] in {q["text"] for q in plain["queries"]}


PROPERTIES = [(f"redacted-{name}", functools.partial(hidden, name), 1) for name in LOGS]
