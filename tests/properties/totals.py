"""The program's totals are the generator's, exactly."""
import random

from generate import STYLES, ZONES, generate

# Logs of these styles say enough by themselves; the others need their setting.
INFERRED = ("default", "named", "labelled", "cloud", "csv", "json", "mongodb")


def expect(what, expected, got):
    assert expected == got, f"{what}: expected {expected}, got {got}"


def by(store, column, value):
    """calls or time (us) by a column of the digest."""
    if value == "calls":
        rows = store.rows(f"SELECT {column}, sum(calls) FROM digest GROUP BY 1 HAVING sum(calls) > 0")
    else:
        rows = store.rows(f"SELECT {column}, sum(sum) FROM measures WHERE measure = 'query_time' GROUP BY 1")
    return {k.decode() if isinstance(k, bytes) else k: v for k, v in rows}


def by_host(store, value):
    return {k.decode(): v for k, v in store.rows(
        f"SELECT value, sum({value}) FROM marginals WHERE key = 'host' GROUP BY 1")}


def check_store(store, log):
    t = log.totals
    expect("calls", t.calls, store.one("SELECT sum(calls) FROM digest"))
    expect("time", t.time_us, store.one("SELECT sum(sum) FROM measures WHERE measure = 'query_time'"))
    expect("prepare time", t.prepare_us, store.one("SELECT sum(sum) FROM measures WHERE measure = 'prepare_time'"))
    expect("bind time", t.bind_us, store.one("SELECT sum(sum) FROM measures WHERE measure = 'bind_time'"))
    expect("errors", t.errors, store.one("SELECT sum(n) FROM errors"))
    expect("orphans", t.orphans, store.one("SELECT sum(orphans) FROM segments"))
    expect("records", t.records, store.one("SELECT sum(events) FROM segments"))
    expect("fingerprints", len(t.templates), store.one("SELECT count(*) FROM fingerprints"))
    for column in ("database", "user", "application", "hour"):
        expect(f"calls by {column}", dict(t.calls_by[column]), by(store, column, "calls"))
        expect(f"time by {column}", dict(t.time_by[column]), by(store, column, "time"))
    kept = {key.decode() for (key,) in store.rows("SELECT DISTINCT key FROM marginals")}
    assert kept <= {"host", "tag:action", "tag:controller"}, f"keys of marginals: {kept}"
    hosts = {k: v for k, v in t.calls_by["host"].items() if k}
    expect("calls by host", hosts, by_host(store, "calls"))


def check_report(report, log):
    t = log.totals
    # The report of a log gives up what waits for another log.
    expect("calls", t.calls + t.waiting, report["totals"]["calls"])
    expect("time", t.time_us, round((report["totals"]["time_ms"] or 0) * 1000))
    expect("errors", t.errors, report["totals"]["errors"])
    expect("calls of all queries", t.calls + t.waiting, sum(q["calls"] for q in report["queries"]))
    expect("time of all queries", t.time_us, 
           sum(round((q["time_ms"]["total"] or 0) * 1000) for q in report["queries"]))


def log_of(seed, style, **more):
    r = random.Random(f"options {seed}")
    zone = r.choice(list(ZONES))
    return generate(seed, style=style, zone=zone, records=r.choice((30, 300, 1500)), sessions=r.choice((1, 3, 20)),
                    step_ms=r.choice((10, 2000, 60000)), **more)


def given(program, seed):
    log = log_of(seed, list(STYLES)[seed % len(STYLES)])
    path = program.file("x.log", log.data)
    program.ingest("s.db", path, prefix=log.setting)
    check_store(program.store("s.db"), log)
    check_report(program.report(path, prefix=log.setting), log)


def inferred(program, seed):
    log = log_of(seed, INFERRED[seed % len(INFERRED)])
    path = program.file("x.log", log.data)
    program.ingest("s.db", path)
    check_store(program.store("s.db"), log)
    check_report(program.report(path), log)


def many_names(program, seed):
    """Beyond the names that a source keeps, calls and time are counted all the same."""
    names = [f"u{i}" for i in range(3000)]
    log = generate(seed, style="labelled", records=20000, sessions=50, users=names, applications=names, plain=True,
                   step_ms=5000)
    path = program.file("x.log", log.data)
    program.ingest("s.db", path, prefix=log.setting)
    store = program.store("s.db")
    expect("calls", log.totals.calls, store.one("SELECT sum(calls) FROM digest"))
    expect("time", log.totals.time_us, store.one("SELECT sum(sum) FROM measures WHERE measure = 'query_time'"))
    expect("calls by database", dict(log.totals.calls_by["database"]), by(store, "database", "calls"))
    users = store.one("SELECT count(DISTINCT user) FROM digest")
    assert users <= 1001, f"{users} users kept"


PROPERTIES = [("totals-given", given, 78), ("totals-inferred", inferred, 48), ("totals-many-names", many_names, 2)]
