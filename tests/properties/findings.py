"""Findings are the same from logs, from stores whatever way they were filled, and for a window of whole hours."""
import datetime
import json
import random

from generate import generate

PREFIX = "%m [%p] %u@%d %a "
# What belongs to a place in a file; the files themselves are cut and named in other ways here.
PLACE = ("example",)
QUIET = datetime.timedelta(minutes=11)  # so long that nothing goes on


class Application:
    """An application's faults, as a log tells them: loops behind lists, repeats, writes row by row, deep pages."""

    def __init__(self, r):
        self.r = r
        self.at = datetime.datetime(2026, 11, 17, 22, 0)
        self.lines = []

    def run(self, pid, ms, text, gap=2):
        self.at += datetime.timedelta(milliseconds=gap + ms)
        stamp = f"{self.at:%Y-%m-%d %H:%M:%S}.{self.at.microsecond // 1000:03}"
        self.lines.append(f"{stamp} UTC [{pid}] u{pid % 3}@d web LOG:  duration: {ms:.3f} ms  statement: {text}\n".encode())

    def log(self, pid, message, *more):
        stamp = f"{self.at:%Y-%m-%d %H:%M:%S}.{self.at.microsecond // 1000:03}"
        for word, text in (("LOG", message), *more):
            self.lines.append(f"{stamp} UTC [{pid}] u{pid % 3}@d web {word}:  {text}\n".encode())

    def wait(self, pid, holder):
        """For a row that another session has changed: in a transaction that goes on, or by what still runs."""
        text = "UPDATE accounts SET seen = now() WHERE id = 5"
        lock = "ShareLock on transaction 7 after"
        runs = self.r.random() < 0.5
        if not runs:
            self.run(holder, 1, "BEGIN", 500)
            self.run(holder, 4, "UPDATE accounts SET total = 3 WHERE id = 5")
        self.at += datetime.timedelta(seconds=1)
        self.log(pid, f"process {pid} still waiting for {lock} 1000.100 ms",
                 ("DETAIL", f"Process holding the lock: {holder}. Wait queue: {pid}."), ("STATEMENT", text))
        self.at += datetime.timedelta(seconds=3)
        if runs:
            self.run(holder, 9000, "ALTER TABLE accounts ADD COLUMN a int", -8900)
        else:
            self.run(holder, 1, "COMMIT")
        self.log(pid, f"process {pid} acquired {lock} 4100.000 ms", ("STATEMENT", text))
        self.run(pid, 4101, text, -4100)

    def request(self):
        r, pid = self.r, self.r.randrange(6)
        kind = r.randrange(7)
        rounds = r.randrange(5, 60)
        if kind == 0:
            trace = f",traceparent='00-{r.getrandbits(128):032x}-{r.getrandbits(64):016x}-01'" if r.random() < 0.5 else ""
            self.run(pid, 4, f"SELECT id FROM orders LIMIT {rounds} /*action='show'{trace}*/", 900)
            for i in range(rounds):
                self.run(pid, r.randrange(2, 6), f"SELECT a FROM lines WHERE order_id = {r.randrange(10**6)} /*action='show'{trace}*/")
        elif kind == 1:
            for i in range(rounds):
                self.run(pid, 3, "SELECT value FROM settings WHERE name = 'theme'", 1 if i else 700)
        elif kind == 2:
            for i in range(rounds):
                self.run(pid, 3, f"INSERT INTO audit(a, b) VALUES ({i}, 'x')", 1 if i else 700)
        elif kind == 3:
            for i in range(r.randrange(1, 12)):
                skip = r.randrange(1, 400) * 50
                self.run(pid, 5 + skip // 100, f"SELECT a, b FROM products ORDER BY a, id LIMIT 50 OFFSET {skip}", 400)
                self.run(pid, 4, "SELECT count(*) FROM products", 1)
        elif kind == 4:
            for i in range(rounds):
                self.run(pid, 2, f"SELECT a FROM users WHERE id = {i}", 1)
                self.run(pid, 2, f"SELECT b FROM teams WHERE user_id = {i}", 1)
        elif kind == 5:
            self.wait(pid + 1, (pid + 1) % 6 + 1)
        else:
            self.run(pid, r.randrange(1, 300), f"SELECT sum(a) FROM facts WHERE b = {r.randrange(99)}", 3000)

    def rest(self):
        """Nothing that was going on goes on behind this."""
        self.at += QUIET
        self.run(99, 1, "SELECT a FROM jobs")


def made(r, hours=5):
    """Lines of some hours; none of the hours begins in the middle of anything."""
    a = Application(r)
    nights = []
    for hour in range(hours):
        begin = len(a.lines)
        end = a.at + datetime.timedelta(minutes=30)
        while a.at < end:
            a.request()
            a.at += datetime.timedelta(seconds=r.randrange(5, 90))
        a.rest()
        nights.append(a.lines[begin:])
        a.at = a.at.replace(minute=0, second=0, microsecond=0) + datetime.timedelta(hours=1)
    return nights


def findings(report):
    return [{k: v for k, v in f.items() if k not in PLACE} for f in report["findings"]]


def of_store(program, name, *options):
    return findings(json.loads(program.run("report", "--store", name, "--format", "json", "--limit", "0", *options)))


def assert_agree(expected, got, what):
    ours, theirs = ({f["id"]: f for f in list_} for list_ in (expected, got))
    assert ours.keys() == theirs.keys(), f"{what}: {sorted(ours.keys() ^ theirs.keys())}"
    for one, finding in ours.items():
        for key, value in finding.items():
            assert value == theirs[one][key], f"{what}: {one}: {key}: {value!r} of the log, {theirs[one][key]!r} here"
    assert [f["id"] for f in expected] == [f["id"] for f in got], f"{what}: in another order"


def of_pieces(program, seed):
    """Of the files at once and of stores filled night by night, by workers, cut anywhere, and merged."""
    r = random.Random(f"findings {seed}")
    nights = made(r)
    data = b"".join(line for night in nights for line in night)
    whole = program.file("whole.log", data)
    expected = findings(program.report(whole, prefix=PREFIX))
    # As of a store: the source has the name that the stores' has.
    program.ingest("whole.db", whole, prefix=PREFIX)
    stored = of_store(program, "whole.db")
    kinds = {f["kind"] for f in stored}
    assert {"n-plus-one", "repeated-query", "row-by-row-writes", "offset-pagination", "lock-wait"} <= kinds, kinds
    waits = next(f for f in stored if f["kind"] == "lock-wait")
    assert {b["state"] for b in waits["evidence"]["blockers"]} == {"running", "in transaction"}, waits["evidence"]
    assert_agree(nameless(expected), nameless(stored), "a store")
    for jobs in (2, 5):
        assert findings(program.report(whole, prefix=PREFIX, options=("--jobs", jobs))) == expected, f"{jobs} jobs"
    paths = []
    for i, night in enumerate(nights):
        paths.append(program.file(f"x.log.{i}", b"".join(night)))
        program.ingest("nights.db", paths[-1], prefix=PREFIX)
        if r.random() < 0.5:
            program.run("compact", "--store", "nights.db", "--days-after", "90d", "--drop-after", "0d")
    assert_agree(stored, of_store(program, "nights.db"), "night by night")
    assert_agree(nameless(expected), nameless(findings(program.report(*r.sample(paths, len(paths)), prefix=PREFIX))), "files")
    growing = program.folder / "growing.log"
    places = sorted(r.randrange(1, len(data)) for _ in range(4))
    for begin, end in zip([0] + places, places + [len(data)]):
        with open(growing, "ab") as out:
            out.write(data[begin:end])
        program.ingest("growing.db", growing, prefix=PREFIX, expect=(0, 3))
    program.ingest("growing.db", program.file("growing.log", data), prefix=PREFIX)
    assert_agree(stored, of_store(program, "growing.db"), f"growing, cut at {places}")
    for i, path in enumerate(paths):
        program.ingest(f"part{i % 2}.db", path, prefix=PREFIX)
    program.run("merge", "merged.db", "part0.db", "part1.db")
    program.run("merge", "other.db", "part1.db", "merged.db", "part0.db")
    assert_agree(stored, of_store(program, "merged.db"), "merged")
    assert_agree(stored, of_store(program, "other.db"), "merged the other way")
    program.run("accept", "--store", "other.db", *(f["id"] for f in stored))
    assert {f["state"] for f in of_store(program, "other.db", "--fail-on", "low")} == {"accepted"}, "all are accepted"


def nameless(of):
    """Ids are of the source as well, which a log read at once has no name for; those that cost the same are in its order."""
    bare = [{k: v for k, v in f.items() if k not in ("id", "source")} for f in of]
    return [{"id": json.dumps([f["kind"], sorted(f["query_ids"])]), **f}
            for f in sorted(bare, key=lambda f: (-(f["cost_ms"] or 0), f["kind"], sorted(f["query_ids"])))]


def of_hours(program, seed):
    """A window of whole hours."""
    r = random.Random(f"hours {seed}")
    data = b"".join(line for night in made(r) for line in night)
    path = program.file("x.log", data)
    program.ingest("s.db", path, prefix=PREFIX)
    begin = r.randrange(0, 4)
    start = datetime.datetime(2026, 11, 17, 22, 0) + datetime.timedelta(hours=begin)
    end = start + datetime.timedelta(hours=r.randrange(1, 4))
    options = ("--since", f"{start:%Y-%m-%d %H:%M}", "--until", f"{end:%Y-%m-%d %H:%M}")
    direct = findings(program.report(path, prefix=PREFIX, options=options))
    assert_agree(nameless(direct), nameless(of_store(program, "s.db", *options)), " ".join(options))


def of_any_log(program, seed):
    """Hostile logs, too: of a store that was filled in pieces the findings of one that was filled at once."""
    r = random.Random(f"any {seed}")
    log = generate(seed, style=r.choice(("full", "csv", "json", "labelled", "mongodb")), records=2500, sessions=4, step_ms=2000,
                   foreign=False)
    gates = ("--gate", "burst-wall=0ms", "--gate", "burst-length=2", "--gate", "offset-depth=1")
    program.ingest("whole.db", program.file("whole.log", log.data), prefix=log.setting)
    n = len(log.records)
    for i, begin in enumerate(range(0, n, n // 5 + 1)):
        program.ingest("files.db", program.file(f"x.log.{i}", b"".join(log.records[begin:begin + n // 5 + 1])), prefix=log.setting)
    whole = of_store(program, "whole.db", *gates)
    assert whole, "nothing found"
    assert_agree(whole, of_store(program, "files.db", *gates), "in pieces")


PROPERTIES = [("findings-pieces", of_pieces, 10), ("findings-hours", of_hours, 15), ("findings-any-log", of_any_log, 20)]
