"""A report of a store narrowed to a selection tells what one of the log itself tells, where it tells at all."""
import datetime
import json
import random

from generate import APPLICATIONS, DATABASES, HOSTS, USERS, generate

# Minutes east of UTC, of zones whose hours begin with those of UTC and of others.
OFFSETS = {"UTC": 0, "CEST": 120, "+0530": 330, "-03": -180}
EXACT = ("calls", "errors", "time_ms", "attributes", "first_seen", "last_seen")
SUMS = ("calls",)


def made(program, seed):
    """A log whose executions are all complete, a store of it, and when it begins and ends, by its own clock."""
    r = random.Random(f"selected {seed}")
    for i in range(100):
        log = generate(seed * 100 + i, style="full", records=2500, step_ms=60000, zone=r.choice(list(OFFSETS)))
        if log.totals.waiting == 0:
            break
    path = program.file("x.log", log.data)
    program.ingest("s.db", path, prefix=log.setting)
    window = program.report(path, prefix=log.setting)["window"]
    first, last = (datetime.datetime.fromisoformat(window[end].replace("Z", "+00:00")) +
                   datetime.timedelta(minutes=OFFSETS[window["timezone"]]) for end in ("from", "to"))
    return r, log, path, (first, last)


def both(program, path, log, options, expect=(0,)):
    direct = program.analyze(path, prefix=log.setting, options=options, expect=expect)
    stored = program.run("report", "--store", "s.db", "--format", "json", "--limit", "0", *options, expect=expect)
    return json.loads(direct), json.loads(stored)


def queries(report, fields):
    """By id, those that were called or failed, with what is compared."""
    return {q["id"]: {field: q[field] for field in fields} for q in report["queries"]}


def assert_told(direct, stored, fields, options):
    ours, theirs = queries(direct, fields), queries(stored, fields)
    assert ours.keys() == theirs.keys(), f"{options}: {sorted(ours.keys() ^ theirs.keys())[:4]}"
    for one, figures in ours.items():
        assert figures == theirs[one], f"{options}: {one}: {figures} of the log, {theirs[one]} of the store"
    assert direct["totals"]["calls"] == stored["totals"]["calls"], options
    assert direct["totals"]["time_ms"] == stored["totals"]["time_ms"], options


def stamp(moment):
    return moment.strftime("%Y-%m-%d %H:%M")


def by_who(program, seed):
    r, log, path, _ = made(program, seed)
    for options in (["--db", r.choice(DATABASES)], ["--user", r.choice(USERS), "--user", r.choice(USERS)],
                    ["--app", r.choice(APPLICATIONS), "--db", r.choice(DATABASES)], ["--engine", "postgresql"],
                    ["--match", "select", "--exclude", "order by"]):
        direct, stored = both(program, path, log, options)
        assert_told(direct, stored, EXACT, options)


def by_hours(program, seed):
    """Whole hours are exact in everything."""
    r, log, path, (first, last) = made(program, seed)
    begin = r.choice((first, last)).replace(minute=0, second=0, microsecond=0)
    end = begin + datetime.timedelta(hours=r.randrange(1, 4))
    options = ["--since", stamp(begin), "--until", stamp(end)]
    direct, stored = both(program, path, log, options)
    assert_told(direct, stored, EXACT, options)
    assert direct["totals"]["errors"] == stored["totals"]["errors"], options


def by_minutes(program, seed):
    """Parts of an hour are exact in calls and time."""
    r, log, path, (first, last) = made(program, seed)
    busy = (last - first).total_seconds() // 60 - 15   # nothing happens towards the end
    begin = first.replace(second=0, microsecond=0) + datetime.timedelta(minutes=r.randrange(0, int(min(30, max(1, busy)))))
    end = begin + datetime.timedelta(minutes=r.randrange(3, 70))
    options = ["--since", stamp(begin), "--until", stamp(end)]
    direct, stored = both(program, path, log, options)
    called = [{**report, "queries": [q for q in report["queries"] if q["calls"] > 0]} for report in (direct, stored)]
    assert_told(*called, SUMS, options)
    for ours, theirs in zip(*(sorted(report["queries"], key=lambda q: q["id"]) for report in called)):
        # Of calls with and without durations the store cannot tell those of no time at all from the others.
        assert (ours["time_ms"]["total"] or 0) == (theirs["time_ms"]["total"] or 0), f"{options}: {ours['id']}"
        for name, measured in theirs["attributes"].items():
            assert measured["n"] <= ours["attributes"].get(name, {"n": 0})["n"], f"{options}: {ours['id']}: {name}"
        if ours["time_ms"]["p95"] != theirs["time_ms"]["p95"]:
            assert any("percentiles" in limit["cannot_show"] for limit in stored["limits"]), f"{options}: not told"


def by_host(program, seed):
    """Calls and time, and nothing that is not known."""
    r, log, path, _ = made(program, seed)
    options = ["--host", r.choice(HOSTS)]
    direct, stored = both(program, path, log, options)
    direct["queries"] = [q for q in direct["queries"] if q["calls"] > 0]
    assert_told(direct, stored, SUMS, options)
    for query in stored["queries"]:
        assert query["time_ms"]["p95"] is None and query["time_ms"]["max"] is None, query["time_ms"]
    assert any("host" in limit["cannot_show"] for limit in stored["limits"])


def groups(report):
    return {g["name"]: {key: g[key] for key in ("calls", "errors", "time_ms", "share")} for g in report["groups"]}


def by_groups(program, seed):
    """Each dimension's groups are the log's, and add up to all of it."""
    r, log, path, (first, _) = made(program, seed)
    end = first.replace(minute=0, second=0, microsecond=0) + datetime.timedelta(hours=1)
    for dimension in ("user", "db", "app", "host", "tag:action", "table"):
        options = ["--group-by", dimension, "--until", stamp(end)]
        direct, stored = both(program, path, log, options)
        assert groups(direct) == groups(stored), f"{options}: {groups(direct)} of the log, {groups(stored)} of the store"
        if dimension != "table":
            assert sum(g["calls"] for g in stored["groups"]) == stored["totals"]["calls"], options
            time = sum(round((g["time_ms"]["total"] or 0) * 1000) for g in stored["groups"])
            assert time == round((stored["totals"]["time_ms"] or 0) * 1000), options


def by_least_time(program, seed):
    """From where a bin of the histograms begins, calls are exact; time is within 1.6 %."""
    r, log, path, _ = made(program, seed)
    least_us = r.choice((1024, 8192, 65536, 1 << 20))
    options = ["--min-time", f"{least_us}us"]
    direct, stored = both(program, path, log, options)
    ours, theirs = queries(direct, ("calls", "errors", "time_ms")), queries(stored, ("calls", "errors", "time_ms"))
    assert ours.keys() == theirs.keys(), options
    for one, figures in ours.items():
        assert (figures["calls"], figures["errors"]) == (theirs[one]["calls"], theirs[one]["errors"]), f"{options} {one}"
        total, near = figures["time_ms"]["total"] or 0, theirs[one]["time_ms"]["total"] or 0
        assert abs(total - near) <= total / 64 + 0.001, f"{options}: {one}: {total} of the log, {near} of the store"


PROPERTIES = [("selected-who", by_who, 10), ("selected-hours", by_hours, 20), ("selected-minutes", by_minutes, 40),
              ("selected-host", by_host, 10), ("selected-groups", by_groups, 10), ("selected-least-time", by_least_time, 20)]
