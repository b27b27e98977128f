"""States of findings are a function of the store: of what was logged, in whatever order it came."""
import datetime
import json
import random
import shutil

from program import assert_same, dump

PREFIX = "%m [%p] %u@%d "
FIRST = datetime.datetime(2026, 11, 1)
BACK, MISSES = 7, 2  # windows that a report judges again; those without it that close a finding
LEVEL = 3  # how much slower the slow nights are


class Night:
    def __init__(self, r, day, before):
        self.day = day
        self.logged = r.random() < 0.85
        self.loops = r.random() < 0.5
        self.slow = day > 5 and r.random() < (0.8 if before is not None and before.slow else 0.2)

    def lines(self):
        out = []

        def say(seconds, pid, ms, text):
            at = FIRST + datetime.timedelta(days=self.day, hours=14, seconds=seconds)
            out.append(f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03} UTC [{pid}] app@shop LOG:  "
                       f"duration: {ms:.3f} ms  statement: {text}\n")

        for i in range(20):
            for k in range(1, 6):
                vary = 1 + (i * 7 + self.day * 3) % 11 / 100
                say(i * 60 + k * 9, 7, k * 1000 * vary * (LEVEL if self.slow and k == 2 else 1),
                    f"SELECT * FROM t{k} WHERE id = {i}")
        for i in range(200 if self.loops else 0):
            say(3600 + i * 0.041, 9, 40, f"SELECT name FROM people WHERE id = {i}")
        say(3 * 3600, 8, 1, "SELECT a FROM jobs")  # nothing that was going on goes on behind this
        return "".join(out).encode()


def made(program, r, n=12):
    """Nights, and a file for each of those in which something was logged."""
    nights, files = [], []
    for day in range(n):
        night = Night(r, day, nights[-1] if nights else None)
        nights.append(night)
        if night.logged:
            files.append(program.file(f"night-{day:02}.log", night.lines()))
    return nights, files


def said(program, store, day, *options):
    """What a report of one day says of each finding, and which it calls closed."""
    report = json.loads(program.run("report", "--store", store, "--format", "json", "--since", f"{FIRST + datetime.timedelta(days=day):%Y-%m-%d}",
                                    "--until", f"{FIRST + datetime.timedelta(days=day + 1):%Y-%m-%d}", *options))
    return ({f["id"]: (f["kind"], f["state"], f["first_seen"], f["or_before"], f["accepted"]) for f in report["findings"]},
            {f["id"]: (f["kind"], f["first_seen"], f["last_seen"]) for f in report["closed"]})


def days(nights, r):
    return sorted(r.sample([n.day for n in nights if n.logged], 4))


def order(program, seed):
    """Read at once, night by night in any order, merged, asked before and in between: always the same."""
    r = random.Random(f"states {seed}")
    nights, files = made(program, r)
    program.ingest("whole.db", *files, prefix=PREFIX)
    mixed = r.sample(files, len(files))
    for i, file in enumerate(mixed):
        program.ingest("late.db", file, prefix=PREFIX)
        program.ingest(f"part{i % 3}.db", file, prefix=PREFIX)
        if r.random() < 0.3:
            program.run("report", "--store", "late.db", "--since", "2026-11-01", "--baseline", "7d")
    for s in r.sample(["part0.db", "part1.db", "part2.db"], 3):
        program.run("merge", "merged.db", s)
    before = dump(program, "whole.db")
    for day in days(nights, r):
        for options in ((), ("--baseline", "7d")):
            expected = said(program, "whole.db", day, *options)
            for store in ("late.db", "merged.db", "whole.db"):
                got = said(program, store, day, *options)
                assert got == expected, f"day {day} {options} of {store}: {got}, of the whole {expected}"
    assert_same(before, dump(program, "whole.db"), "after reports")


def as_told(nights, day):
    """What the rules say of the loop in a day's report: (state, first day), ('closed', first day), or nothing."""
    is_open, first, missed = False, None, 0
    for night in nights[max(0, day - BACK):day + 1]:
        if not night.logged:
            continue
        is_open = is_open and missed < MISSES
        if night.loops:
            first = first if is_open else night.day
            is_open, missed = True, 0
        elif is_open:
            missed += 1
    if nights[day].loops:
        return ("new" if first == day else "open"), first
    return ("closed", first) if is_open and missed == MISSES else None


def rules(program, seed):
    """States as a few lines of Python tell them from which nights had the fault."""
    r = random.Random(f"rules {seed}")
    nights, files = made(program, r, 14)
    program.ingest("s.db", *files, prefix=PREFIX)
    for day in (n.day for n in nights if n.logged):
        findings, closed = said(program, "s.db", day)
        got = [(state, first) for kind, state, first, _, _ in findings.values() if kind == "n-plus-one"]
        got += [("closed", first) for kind, first, _ in closed.values() if kind == "n-plus-one"]
        expected = as_told(nights, day)
        want = [] if expected is None else [(expected[0], f"{FIRST + datetime.timedelta(days=expected[1]):%Y-%m-%d}")]
        assert [(s, f[:10]) for s, f in got] == want, f"day {day}: {got}, expected {want}"


def accepted(program, seed):
    """What was accepted, changed and taken back in several stores merges to one thing."""
    r = random.Random(f"accepted {seed}")
    nights, files = made(program, r)
    program.ingest("a.db", *files, prefix=PREFIX)
    ids = sorted({i for n in nights if n.logged for i in said(program, "a.db", n.day, "--baseline", "7d")[0]})
    names = ["a.db", "b.db", "c.db"]
    for name in names[1:]:
        shutil.copy(program.folder / "a.db", program.folder / name)
    for _ in range(12 if ids else 0):
        options = r.choice((["--undo"], ["--note", f"n{r.randrange(3)}"], ["--until", f"2026-11-{r.randrange(13, 28):02}"]))
        program.run("accept", r.choice(ids), "--store", r.choice(names), *options)
        program.run("mark", f"deploy {r.randrange(4)}", "--store", r.choice(names), "--at", f"2026-11-{r.randrange(1, 12):02} 14:00")
    for i, parts in enumerate(((0, 1, 2), (2, 1, 0), (1, 0, 2, 1, 0), (1, 2, 0))):
        program.run("merge", f"m{i}.db", *(names[p] for p in parts))
    program.run("merge", "nested.db", "m1.db", "m3.db", "a.db")
    for name in ("m1.db", "m2.db", "m3.db", "nested.db"):
        assert_same(dump(program, "m0.db"), dump(program, name), name)
    for day in days(nights, r)[:2]:
        assert said(program, "m0.db", day, "--baseline", "7d") == said(program, "nested.db", day, "--baseline", "7d")


PROPERTIES = [("states-order", order, 4), ("states-rules", rules, 4), ("states-accepted", accepted, 4)]
