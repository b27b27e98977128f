"""Days in place of hours: nothing counts twice or is lost, whenever it is done."""
import datetime
import itertools
import json
import random
import shutil

from program import assert_same, dump

PREFIX = "%m [%p] %u@%d %a "
ZONES = {"UTC": 0, "CET": 1, "+0530": 5.5, "-0800": -8}
DAY = 86400
COUNTED = ("calls", "errors", "time_ms", "databases", "users", "apps", "first_seen", "last_seen", "examples",
           "histogram", "plans", "errors_by_code", "attributes")


def night(r, zone, day, gaps=False):
    """Records of one day, or of a part of it: pairs of statement and duration, errors, temporary files, plain calls."""
    lines = []
    at = datetime.datetime(2020, 1, 1) + datetime.timedelta(days=day, seconds=r.randrange(1000))
    for i in range(r.choice((20, 60, 120))):
        at += datetime.timedelta(seconds=r.randrange(1, 1400), milliseconds=r.randrange(1000))
        moment = at - datetime.timedelta(seconds=r.choice((0, 0, 0, 2)) if gaps else 0)
        pid, user, app = r.randrange(4), f"u{r.randrange(3)}", f"a{r.randrange(3)}"
        head = f"{moment:%Y-%m-%d %H:%M:%S}.{moment.microsecond // 1000:03d} {zone} [{pid}] {user}@d {app} "
        table, ms = r.randrange(9), r.lognormvariate(3, 1)
        kind = r.randrange(10)
        if kind == 0:
            lines.append(head + "ERROR:  relation \"x\" does not exist\n" +
                         head + f"STATEMENT:  SELECT x FROM missing{table}")
        elif kind == 1:
            lines.append(head + f"LOG:  statement: UPDATE t{table} SET a = {i}")
        elif kind == 2:
            lines.append(head + f"LOG:  duration: {ms:.3f} ms")
        elif kind == 3:
            lines.append(head + "LOG:  checkpoint starting: time")
        elif kind == 4:
            size = r.randrange(10**7)
            lines.append(head + f"LOG:  temporary file: path \"base/pgsql_tmp/pgsql_tmp{pid}.1\", size {size}\n" +
                         head + f"STATEMENT:  SELECT c FROM t{table} ORDER BY 1")
        else:
            lines.append(head + f"LOG:  duration: {ms:.3f} ms  statement: SELECT a FROM t{table} WHERE id = {i}"
                                f" /*controller='c{r.randrange(3)}'*/")
    return [line.encode() + b"\n" for line in lines]


def history(seed):
    """Records of several days in one zone."""
    r = random.Random(f"history {seed}")
    zone = r.choice(list(ZONES))
    lines, day = [], 0
    for _ in range(r.randrange(4, 9)):
        lines += night(r, zone, day, gaps=True)
        day += r.choice((1, 1, 1, 2, 5))
    return r, zone, lines


def compact(program, store, days_after, drop_after, expect=(0,)):
    return program.run("compact", "--store", store, "--days-after", f"{days_after}d", "--drop-after", f"{drop_after}d",
                       expect=expect)


def ages(r):
    return r.choice(((1, 0), (2, 0), (3, 0), (1, 3), (2, 4), (4, 2), (0, 3)))


def then_read(program, seed):
    """Compacted between two parts of a log, or only at the end."""
    r, zone, lines = history(seed)
    age = ages(r)
    cut = r.randrange(1, len(lines))
    if r.random() < 0.5:  # a clock that was set back by days
        lines = lines[:cut] + night(random.Random(f"late {seed}"), zone, r.randrange(3)) + lines[cut:]
    program.ingest("whole.db", program.file("whole.log", b"".join(lines)), prefix=PREFIX)
    compact(program, "whole.db", *age)
    path = program.file("x.log", b"".join(lines[:cut]))
    program.ingest("parts.db", path, prefix=PREFIX)
    compact(program, "parts.db", *age)
    program.file("x.log", b"".join(lines))
    program.ingest("parts.db", path, prefix=PREFIX)
    compact(program, "parts.db", *age)
    whole, parts = dump(program, "whole.db"), dump(program, "parts.db")
    if age[1] != 0:
        # What was forgotten and came again has the names that it came with.
        for names in ("aliases", "fold_state"):
            del whole[names], parts[names]
    assert_same(whole, parts, f"zone {zone}, days after {age[0]}, dropped after {age[1]}")
    compact(program, "parts.db", *age)
    program.ingest("parts.db", path, prefix=PREFIX)
    compact(program, "parts.db", *age)
    again = dump(program, "parts.db")
    assert_same(parts, {name: again[name] for name in parts}, "once more")


def totals(program, store):
    """All that a report counts, but what it says of hours."""
    report = json.loads(program.run("report", "--store", store, "--format", "json", "--limit", "0"))
    queries = {q["id"]: {key: q.get(key) for key in COUNTED} for q in report["queries"]}
    for q in queries.values():
        q["examples"] = q["examples"][:1]
    return {"totals": report["totals"], "window": report["window"], "server": report["server"], "queries": queries}


def same_sums(program, seed):
    """Sums, percentiles, slowest executions, by all dimensions, are what they were."""
    r, zone, lines = history(seed)
    cut = r.randrange(1, len(lines))
    program.ingest("s.db", program.file("a.log", b"".join(lines[:cut])), program.file("b.log", b"".join(lines[cut:])),
                   prefix=PREFIX)
    before = totals(program, "s.db")
    rows = program.store("s.db").one("SELECT count(*) FROM digest")
    told = compact(program, "s.db", 1, 0)
    assert before == totals(program, "s.db"), f"zone {zone}"
    left = program.store("s.db").one("SELECT count(*) FROM digest")
    assert left < rows, (rows, left)
    assert told.replace(b",", b"").startswith(f"{left} rows were {rows} of which 0 dropped".encode()), told


def dropped(program, seed):
    """What is left is what a store holds that never read what came before, by days of the log's zone."""
    r, zone, lines = history(seed)
    program.ingest("s.db", program.file("x.log", b"".join(lines)), prefix=PREFIX)
    shutil.copy(program.folder / "s.db", program.folder / "all.db")
    days = r.randrange(1, 6)
    compact(program, "s.db", 0, days)
    latest = program.store("all.db").one("SELECT max(last_at) FROM segments") // 10**6
    shift = int(ZONES[zone] * 3600)
    first = (latest - days * DAY + shift) // DAY * DAY - shift
    for table in ("digest", "measures", "marginals", "examples", "errors", "server_events", "server_facts"):
        kept = f"SELECT * FROM {table}"
        assert program.store("s.db").rows(kept) == program.store("all.db").rows(f"{kept} WHERE hour >= ?", first), table
    orphans = program.store("s.db").one("SELECT count(*) FROM fingerprints WHERE fingerprint NOT IN"
                                        " (SELECT fingerprint FROM digest UNION SELECT fingerprint FROM errors"
                                        " UNION SELECT fingerprint FROM server_facts)")
    waiting = program.store("s.db").one("SELECT sum(length(state)) FROM fold_state")
    assert orphans == 0 or waiting > 10, orphans
    nameless = program.store("s.db").one("SELECT count(*) FROM digest WHERE fingerprint NOT IN"
                                         " (SELECT fingerprint FROM fingerprints)")
    assert nameless == 0, nameless


def merged(program, seed):
    """Merging is commutative, associative and idempotent whatever was compacted."""
    r, zone, lines = history(seed)
    other = night(random.Random(seed), zone, 3)
    names = ["a.db", "b.db", "c.db"]
    for name in names:
        cut = r.choice((len(lines), r.randrange(len(lines) // 2, len(lines))))
        program.ingest(name, program.file(f"{name}.log", b"".join(lines[:cut])), prefix=PREFIX)
        if r.random() < 0.5:
            program.ingest(name, program.file("other.log", b"".join(other)), prefix=PREFIX)
        if r.random() < 0.7:
            compact(program, name, *ages(r))
    results = []
    for i, order in enumerate(itertools.permutations(names)):
        program.run("merge", f"order{i}.db", *order)
        results.append(f"order{i}.db")
    program.run("merge", "ab.db", "a.db", "b.db")
    program.run("merge", "left.db", "ab.db", "c.db")
    program.run("merge", "bc.db", "b.db", "c.db")
    program.run("merge", "right.db", "a.db", "bc.db")
    program.run("merge", "again.db", "a.db", "b.db", "a.db", "c.db", "c.db", "left.db")
    expected = dump(program, "order0.db")
    for name in (*results, "left.db", "right.db", "again.db"):
        assert_same(expected, dump(program, name), name)


def most_left(program, seed):
    """Of two versions that read as far the one that was not compacted is kept, whichever way they are merged."""
    r, _, lines = history(seed)
    program.ingest("whole.db", program.file("x.log", b"".join(lines)), prefix=PREFIX)
    shutil.copy(program.folder / "whole.db", program.folder / "days.db")
    compact(program, "days.db", 1, 0)
    program.run("merge", "x.db", "days.db", "whole.db")
    program.run("merge", "y.db", "whole.db", "days.db")
    assert_same(dump(program, "whole.db"), dump(program, "x.db"), "hours after days")
    assert_same(dump(program, "whole.db"), dump(program, "y.db"), "days after hours")
    # The further one is kept, as it is.
    program.ingest("part.db", program.file("x.log", b"".join(lines[:-1])), prefix=PREFIX)
    program.run("merge", "z.db", "part.db", "days.db")
    assert_same(dump(program, "days.db"), dump(program, "z.db"), "the further one")


def eve(program, seed):
    """What a finding names stays known where it ran before midnight, on a day that is dropped."""
    r = random.Random(f"eve {seed}")
    at = datetime.datetime(2020, 1, 1, 23, 59, 59, 990000)
    lines = []

    def run(milliseconds, text):
        nonlocal at
        at += datetime.timedelta(milliseconds=milliseconds)
        stamp = f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"
        lines.append(f"{stamp} UTC [1] u@d a LOG:  duration: 5.000 ms  statement: {text}\n".encode())
    rounds = r.randrange(20, 90)
    run(0, f"SELECT a FROM parents LIMIT {rounds}")
    run(15, "SELECT a FROM children WHERE parent = 0")
    for i in range(1, rounds):
        run(8, f"SELECT a FROM children WHERE parent = {i}")
    run(40 * 3600 * 1000, "SELECT a FROM others")
    program.ingest("s.db", program.file("x.log", b"".join(lines)), prefix=PREFIX)
    (before,) = json.loads(program.run("report", "--store", "s.db", "--format", "json"))["findings"]
    compact(program, "s.db", 0, 1)
    assert program.store("s.db").one("SELECT sum(calls) FROM digest") == rounds + 1
    (after,) = json.loads(program.run("report", "--store", "s.db", "--format", "json"))["findings"]
    assert before["title"] == after["title"] and before["evidence"] == after["evidence"], after


PROPERTIES = [("compact-eve", eve, 3), ("compact-then-read", then_read, 40), ("compact-same-sums", same_sums, 20),
              ("compact-dropped", dropped, 20), ("compact-merged", merged, 20), ("compact-most-left", most_left, 5)]
