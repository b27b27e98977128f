"""Seeded logs, hostile but valid, with their exact totals: of PostgreSQL here, of MongoDB in generate_mongodb.py.

A log comes from sessions that run side by side. Every record is what a server writes: as text,
where continued lines begin with a TAB and DETAIL and STATEMENT follow their record, as CSV or as
JSON; durations have three decimals. What the statements hold is as nasty as a server lets through. The totals are added up while the
records are made, by the rules of the report and not by reading the log again:

    a duration with its statement is a call; so is a statement whose bare duration follows in
    its session; a statement whose duration does not come is a call without time; parse and bind
    are costs of a call, not calls; a statement that fails is an error and no call.

Not for other formats, and no judge of fingerprints: a template counts as one query.
"""
import collections
import dataclasses
import datetime
import random

UTC = datetime.timezone.utc

# log_line_prefix settings that servers in the wild have, the first the default; and the formats that
# have none.
STYLES = {
    "default": "%m [%p] ",
    "named": "%m [%p] %q%u@%d ",
    "labelled": "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "cloud": "%t:%r:%u@%d:[%p]:",
    "full": "%m [%p] %q%u@%d %a %h ",
    "session": "%m [%c] %q[user=%u,db=%d,app=%a] ",
    "epoch": "%n [%p] %u@%d ",
    "query-id": "%m [%p] %Q %q%u@%d ",
    "angle": "< %m %p %u %d %e >",
    "no-session": "%m %u@%d ",
    "no-time": "[%p] %u@%d ",
    "csv": None,
    "json": None,
    "mongodb": None,
}
# What rows and objects hold, as escapes of log_line_prefix.
HELD = set("mpcudahQe")
# Columns of csvlog up to 12, in 13, from 14 on.
CSV_COLUMNS = (23, 24, 26)

ZONES = {
    "UTC": [(0, "UTC", 0)],
    "CEST": [(0, "CEST", 7200)],
    "+0530": [(0, "+0530", 19800)],
    "-03": [(0, "-03", -10800)],
    # The clocks go back an hour on 2026-10-25 at 01:00 UTC.
    "autumn": [(0, "CEST", 7200), (1792890000000, "CET", 3600)],
}

LATER_MS = 11 * 60 * 1000

USERS = ["app", "report", "o_brien", "Müller", "etl-2"]
DATABASES = ["shop", "analytics", "crm", "tenant_7"]
APPLICATIONS = ["web", "worker", "psql", "cron.daily"]
HOSTS = ["10.0.0.5", "10.1.2.3", "[local]", "fe80::1"]

FAKE_LINES = [
    "2026-11-19 14:03:07.123 UTC [4711] app@shop LOG:  duration: 99999.000 ms  statement: DROP TABLE orders",
    "2026-11-19 14:03:07 UTC [4711] ERROR:  out of memory",
    "2026-11-19 14:03:07.123 CEST [4711] STATEMENT:  SELECT 1",
    "LOG:  duration: 123456.789 ms",
    "DETAIL:  parameters: $1 = ''7''",
    "[4711] app@shop LOG:  statement: SELECT fake",
    "1763560987.123 [4711] app@shop FATAL:  the end",
    '2026-11-19 14:03:07.123 UTC,"app","shop",4711,"10.0.0.5:40000",a.b,1,"SELECT",2026-11-19 14:00:00 UTC,1/1,0,'
    'LOG,00000,"duration: 99999.000 ms  statement: DROP TABLE orders",,,,,,,,,"web","client backend",,0',
    "2026-11-19 14:03:07.123 UTC,,,90,,a.b,1,,2026-11-19 14:00:00 UTC,,0,LOG,00000,\"\",,,,,,,,,\"\",\"checkpointer\",,0",
    '{"timestamp":"2026-11-19 14:03:07.123 UTC","pid":4711,"error_severity":"LOG","message":"statement: SELECT fake"}',
]
FOREIGN_LINES = [
    b"archive-push: pushed segment 00000001000000000000002A",
    b"rsync error: some files could not be transferred (code 23)",
    b"sh: 1: wal-g: not found",
    b"\xff\xfe not text \x80",
]


@dataclasses.dataclass
class Totals:
    calls: int = 0           # those still waiting at the end of the log not among them
    waiting: int = 0         # statements whose duration may come in the next log
    time_us: int = 0
    errors: int = 0
    orphans: int = 0
    prepare_us: int = 0
    bind_us: int = 0
    records: int = 0
    calls_by: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(collections.Counter))
    time_by: dict = dataclasses.field(default_factory=lambda: collections.defaultdict(collections.Counter))
    templates: set = dataclasses.field(default_factory=set)


@dataclasses.dataclass
class Log:
    seed: int
    style: str
    setting: str             # None where the style has no prefix
    records: list            # bytes each: a record with the lines that complete it, or a foreign line
    totals: Totals
    waiting: list            # who of each statement in totals.waiting
    pids: list               # of the process that wrote each record; None: another program

    @property
    def data(self):
        return b"".join(self.records)


@dataclasses.dataclass(eq=False)
class Part:
    """Of a record that is written as one: its head, or its DETAIL, STATEMENT and the like."""
    session: object
    severity: str
    message: bytes
    state: str


@dataclasses.dataclass
class Session:
    pid: int
    started: int
    user: str
    database: str
    application: str
    host: str
    lines: int = 0
    steps: list = dataclasses.field(default_factory=list)  # what it is still to write
    open: bool = False
    waiting: bytes = b""  # the statement that it began


@dataclasses.dataclass
class Options:
    records: int = 400
    style: str = "named"
    zone: str = "UTC"
    sessions: int = 6
    users: list = dataclasses.field(default_factory=lambda: USERS)
    databases: list = dataclasses.field(default_factory=lambda: DATABASES)
    applications: list = dataclasses.field(default_factory=lambda: APPLICATIONS)
    start: str = "2026-10-24T22:40:00"
    step_ms: int = 20000     # the longest pause between two records
    templates: int = 25
    long_literals: bool = True
    restarts: bool = True
    foreign: bool = True
    plain: bool = False      # statements without anything nasty


def known(name):
    return None if name == "[unknown]" else name


JSON_ESCAPES = {0x22: b'\\"', 0x5c: b"\\\\", 8: b"\\b", 9: b"\\t", 10: b"\\n", 12: b"\\f", 13: b"\\r"}


def json_value(value):
    """As the server writes it: control characters escaped, other bytes as they are."""
    if isinstance(value, int):
        return b"%d" % value
    text = value.encode() if isinstance(value, str) else value
    return b'"' + b"".join(JSON_ESCAPES.get(c) or (b"\\u%04x" % c if c < 32 else bytes((c,))) for c in text) + b'"'


class Writer:
    def __init__(self, seed, options):
        self.rng = random.Random(seed)
        self.o = options
        self.setting = STYLES.get(options.style, options.style)
        self.at = int(datetime.datetime.fromisoformat(options.start).replace(tzinfo=UTC).timestamp() * 1000)
        self.records = []
        self.wrote = []      # pid of each
        self.totals = Totals()
        self.pids = 1000
        self.waits = {}      # session key: (template, who, hour)
        self.hurried = 0     # records that follow without a pause
        self.tabbed = 0
        self.foreign = 0
        self.has = HELD if self.setting is None else {c for c in "mtnpcudahr" if "%" + c in self.setting}
        self.columns = self.rng.choice(CSV_COLUMNS)
        self.timed = bool(self.has & set("mtn"))
        self.keyed = bool(self.has & set("pc"))

    # --- lines ----------------------------------------------------------------

    def zone(self):
        return [z for z in ZONES[self.o.zone] if z[0] <= self.at][-1]

    def hour(self):
        if not self.timed:
            return 0
        offset = 0 if "n" in self.has else self.zone()[2]
        seconds = self.at // 1000
        return seconds - (seconds + offset) % 3600

    def clock(self, milliseconds):
        name, offset = self.zone()[1:]
        local = datetime.datetime.fromtimestamp(self.at // 1000 + offset, UTC)
        fraction = f".{self.at % 1000:03}" if milliseconds else ""
        return f"{local:%Y-%m-%d %H:%M:%S}{fraction} {name}"

    def prefix(self, s, state="00000"):
        server = s.user is None
        out = []
        text = iter(self.setting)
        for c in text:
            if c != "%":
                out.append(c)
                continue
            c = next(text)
            if c == "q":
                if server:
                    break
            elif c == "r":
                out.append("" if server else s.host if s.host == "[local]" else f"{s.host}({40000 + s.pid % 20000})")
            else:
                out.append({"m": lambda: self.clock(True), "t": lambda: self.clock(False),
                            "n": lambda: f"{self.at // 1000}.{self.at % 1000:03}",
                            "p": lambda: str(s.pid), "l": lambda: str(s.lines),
                            "c": lambda: f"{s.started:x}.{s.pid:x}",
                            "u": lambda: s.user or "", "d": lambda: s.database or "",
                            "a": lambda: s.application or "", "h": lambda: s.host or "",
                            "Q": lambda: str(self.query_id()),
                            "e": lambda: state, "%": lambda: "%"}[c]())
        return "".join(out).encode()

    def line(self, s, severity, message, state="00000"):
        s.lines += 1
        self.writing = s.pid
        if isinstance(message, str):
            message = message.encode()
        self.tabbed += message.count(b"\n")
        if self.setting is None:
            return Part(s, severity, message, state)
        return self.prefix(s, state) + severity.encode() + b":  " + message.replace(b"\n", b"\n\t") + b"\n"

    def emit(self, *lines):
        compose = {"csv": self.row, "json": self.object}.get(self.o.style, b"".join)
        self.records.append(compose(lines))
        self.wrote.append(self.writing)
        self.totals.records += 1

    def row(self, parts):
        s, by = parts[0].session, {part.severity: part.message for part in parts[1:]}

        def quoted(text):
            if text is None:
                return b""
            text = text.encode() if isinstance(text, str) else text
            return b'"' + text.replace(b'"', b'""') + b'"'

        port = "" if s.host == "[local]" else f":{40000 + s.pid % 20000}"
        columns = [self.clock(True).encode(), quoted(known(s.user)), quoted(known(s.database)), b"%d" % s.pid,
                   quoted(s.host and s.host + port), b"%x.%x" % (s.started, s.pid), b"%d" % s.lines,
                   quoted(s.user and "SELECT"), self.clock(False).encode(), quoted(s.user and "3/7"), b"0",
                   parts[0].severity.encode(), parts[0].state.encode(), quoted(parts[0].message),
                   quoted(by.get("DETAIL")), quoted(by.get("HINT")), b"", b"", quoted(by.get("CONTEXT")),
                   quoted(by.get("STATEMENT")), b"", b"", quoted(known(s.application) or ""),
                   quoted("client backend"), b"", b"%d" % self.query_id()]
        return b",".join(columns[:self.columns]) + b"\n"

    def object(self, parts):
        s, by = parts[0].session, {part.severity: part.message for part in parts[1:]}
        local = s.host == "[local]"
        members = {"timestamp": self.clock(True), "user": known(s.user), "dbname": known(s.database), "pid": s.pid,
                   "remote_host": s.host, "remote_port": None if local or not s.host else 40000 + s.pid % 20000,
                   "session_id": f"{s.started:x}.{s.pid:x}", "line_num": s.lines, "ps": s.user and "SELECT",
                   "session_start": self.clock(False), "txid": 0, "error_severity": parts[0].severity,
                   "state_code": parts[0].state, "message": parts[0].message, "detail": by.get("DETAIL"),
                   "hint": by.get("HINT"), "context": by.get("CONTEXT"), "statement": by.get("STATEMENT"),
                   "application_name": known(s.application), "backend_type": "client backend",
                   "query_id": self.query_id()}
        written = [b'"%s":%s' % (name.encode(), json_value(value)) for name, value in members.items()
                   if value is not None]
        if self.rng.randrange(10) == 0:  # another version of the server may have another order
            self.rng.shuffle(written)
        return b"{" + b",".join(written) + b"}\n"

    def query_id(self):
        return self.rng.choice((0, -4, 7)) * 1234567891011

    # --- totals ---------------------------------------------------------------

    def who(self, s):
        return (s.database if "d" in self.has else "", s.user if "u" in self.has else "",
                s.application if "a" in self.has else "",
                s.host if self.has & set("hr") else "")

    def call(self, who, hour, us=None):
        t = self.totals
        t.calls += 1
        t.time_us += us or 0
        for key, value in zip(("database", "user", "application", "host", "hour"), (*who, hour)):
            t.calls_by[key][value] += 1
            if us is not None:
                t.time_by[key][value] += us

    def end_wait(self, s):
        if self.keyed and s.pid in self.waits:
            self.call(*self.waits.pop(s.pid))

    def drop_wait(self, s):
        self.waits.pop(s.pid, None)

    def begin_wait(self, s, text):
        self.end_wait(s)
        s.waiting = text
        if self.keyed:
            self.waits[s.pid] = (self.who(s), self.hour())
        else:
            self.call(self.who(s), self.hour())

    # --- statements -----------------------------------------------------------

    def literal(self):
        r = self.rng
        kind = 0 if self.o.plain else r.randrange(14)
        if kind < 4:
            return b"%d" % r.randrange(10 ** r.randrange(1, 12))
        if kind < 6:
            return b"'" + bytes(r.choice(b"abc XYZ019-_./%$?;") for _ in range(r.randrange(12))) + b"'"
        if kind == 6:
            return b"'it''s\nover\nlines'"
        if kind == 7:
            return b"'\n" + r.choice(FAKE_LINES).encode() + b"\n'"
        if kind == 8:
            return b"'\n\n" + b"\n".join(line.encode() for line in r.sample(FAKE_LINES, 3)) + b"'"
        if kind == 9:
            return b"'\xc3\x28 \xff\xfe \xe2\x82'"
        if kind == 10:
            return b"'nul \0\0 inside\r\n'"
        if kind == 11:
            return "'grüße 日本語 \u202e'".encode()
        if kind == 12:
            return b"-" + b"%d.%d" % (r.randrange(1000), r.randrange(1000))
        if self.o.long_literals and r.randrange(60) == 0:
            return b"'" + r.choice((b"x", b"long line\n", FAKE_LINES[0].encode() + b"\n")) * r.randrange(1000, 40000) + b"'"
        return b"'" + b"0123456789" * r.randrange(1, 40) + b"'"

    def statement(self):
        """A template's number and its text with fresh literals."""
        r = self.rng
        n = r.randrange(self.o.templates)
        a, b = self.literal(), self.literal()
        text = [
            b"SELECT * FROM t%d WHERE id = %s" % (n, a),
            b"SELECT a, b\nFROM t%d\nWHERE a = %s\n  AND b < %s\nORDER BY a" % (n, a, b),
            b"INSERT INTO t%d(a, b) VALUES (%s, %s)" % (n, a, b),
            b"UPDATE t%d SET a = %s\n\nWHERE b = %s" % (n, a, b),
            b"\nDELETE FROM t%d\nWHERE a = %s" % (n, a),
        ][n % 5]
        self.totals.templates.add(n)
        return n, self.tagged(text)

    def tagged(self, text):
        """With tags in a comment, now and then, in front or behind."""
        r = self.rng
        tags = r.choice((b"/*action='a%d',controller='c%%20%d'*/" % (r.randrange(9), r.randrange(3)),
                         b"/* controller:c%d,traceparent:%d */" % (r.randrange(3), r.randrange(10 ** 9)),
                         b"/* prose, and no tags: it's said */", b"", b"", b""))
        return tags + b" " + text if r.random() < 0.5 else text + b" " + tags

    def duration(self):
        r = self.rng
        us = r.choice((r.randrange(1000), r.randrange(100000), r.randrange(10 ** 7),
                       r.choice((0, 1, 999, 1000, 3600000001))))
        return us, f"{us // 1000}.{us % 1000:03} ms"

    # --- what sessions do -----------------------------------------------------

    def simple(self, s):
        _, text = self.statement()
        us, ms = self.duration()
        self.end_wait(s)
        self.call(self.who(s), self.hour(), us)
        self.emit(self.line(s, "LOG", f"duration: {ms}  statement: ".encode() + text))

    def started(self, s, word=b"statement: "):
        _, text = self.statement()
        self.begin_wait(s, text)
        lines = [self.line(s, "LOG", word + text)]
        if word != b"statement: ":
            lines.append(self.line(s, "DETAIL", b"parameters: $1 = '" + b"7'"))
        self.emit(*lines)
        s.steps.append(self.rng.choice((self.finished,) * 6 + (self.failed, self.left)))

    def executed(self, s):
        word = self.rng.choice((b"execute <unnamed>: ", b"execute S_1: ", b"execute p/c:1: "))
        # Where there is no time, an execution in pieces has no end.
        self.started(s, word if self.o.style != "no-time" else b"execute S_1: ")

    def finished(self, s):
        us, ms = self.duration()
        if self.keyed and s.pid in self.waits:
            self.call(self.waits.pop(s.pid)[0], self.hour(), us)
        else:
            self.totals.orphans += 1
        self.emit(self.line(s, "LOG", "duration: " + ms))

    def failed(self, s):
        # The statement that fails is the one that the session began, where it began one.
        text = s.waiting if s.pid in self.waits else self.statement()[1]
        self.totals.errors += 1
        self.drop_wait(s)
        lines = [self.line(s, self.rng.choice(("ERROR", "ERROR", "FATAL")),
                           "duplicate key value violates unique constraint \"k\"", "23505"),
                 self.line(s, "DETAIL", "Key (id)=(7) already exists.", "23505"),
                 self.line(s, "HINT", "Look\nat it.", "23505"),
                 self.line(s, "CONTEXT", "PL/pgSQL function f() line 1", "23505"),
                 self.line(s, "STATEMENT", text, "23505")]
        self.emit(*(line for line in lines[:-1] if line is lines[0] or self.rng.random() < 0.5), lines[-1])

    def failed_alone(self, s):
        self.totals.errors += 1
        self.drop_wait(s)
        self.emit(self.line(s, "ERROR", "canceling statement due to user request", "57014"))

    def conflicted(self, s):
        """Fails, and is tried again at once, until it succeeds or is given up."""
        r = self.rng
        _, text = self.statement()
        self.end_wait(s)
        for _ in range(r.randrange(1, 4)):
            self.totals.errors += 1
            self.emit(self.line(s, "ERROR", "could not serialize access due to concurrent update", "40001"),
                      self.line(s, "STATEMENT", text, "40001"))
            self.at += r.randrange(3000)
        if r.random() < 0.5:
            us = r.randrange(100000)
            self.call(self.who(s), self.hour(), us)
            self.emit(self.line(s, "LOG", f"duration: {us // 1000}.{us % 1000:03} ms  statement: ".encode() + text))

    def left(self, s):
        self.end_wait(s)
        self.emit(self.line(s, "LOG", f"disconnection: session time: 0:00:01.5 user={s.user} database={s.database}"))
        s.open = False

    def phases(self, s):
        """Parse, bind and execute, each with its duration."""
        _, text = self.statement()
        name = self.rng.choice((b"<unnamed>", b"S_2", b"a:b"))
        us, ms = self.duration()
        self.totals.prepare_us += us
        self.emit(self.line(s, "LOG", f"duration: {ms}  parse ".encode() + name + b": " + text))
        detail = b"parameters: $1 = " + self.rng.choice((b"'7'", b"NULL", b"'a\n" + FAKE_LINES[0].encode() + b"'"))

        def bind(s):
            us, ms = self.duration()
            self.totals.bind_us += us
            self.emit(self.line(s, "LOG", f"duration: {ms}  bind ".encode() + name + b": " + text),
                      self.line(s, "DETAIL", detail))

        def execute(s):
            us, ms = self.duration()
            self.end_wait(s)
            self.call(self.who(s), self.hour(), us)
            self.emit(self.line(s, "LOG", f"duration: {ms}  execute ".encode() + name + b": " + text),
                      self.line(s, "DETAIL", detail))
        s.steps += [bind, execute]

    # --- what programs do in loops ----------------------------------------------

    def brief(self, s, template, text):
        """A statement of at most 3 ms, complete in its record."""
        us = self.rng.randrange(3000)
        self.totals.templates.add(template)
        self.end_wait(s)
        self.call(self.who(s), self.hour(), us)
        self.emit(self.line(s, "LOG", f"duration: {us // 1000}.{us % 1000:03} ms  statement: ".encode() + text))

    def hurry(self, s, steps):
        """What the session does next, with next to no time between; others' records lie between."""
        s.steps += steps
        self.hurried = max(self.hurried, 2 * len(steps))

    def loop(self, s):
        """A statement, or some that take turns, again and again; in a transaction, or after a query whose rows they are for."""
        r = self.rng
        n, rounds = r.randrange(3), r.choice((2, 3, 7, 20, 90))
        cycle = [(f"child{n + i}", b"SELECT a FROM child%d WHERE id = " % (n + i)) for i in range(r.choice((1, 1, 1, 2, 5)))]
        if r.random() < 0.2:
            cycle = [(f"written{n}", b"INSERT INTO written%d(a) VALUES (" % n)]
        same = r.random() < 0.3

        def one(template, text, i):
            value = b"%d" % (7 if same else i)
            return lambda s: self.brief(s, template, text + value + (b")" if b"(a) V" in text else b""))
        steps = [one(*part, i) for i in range(rounds) for part in cycle]
        if r.random() < 0.5:
            steps.insert(0, lambda s: self.brief(s, f"parent{n}", b"SELECT a FROM parent%d LIMIT %d" % (n, rounds)))
        if r.random() < 0.4:
            steps = [lambda s: self.brief(s, "BEGIN", b"BEGIN"), *steps, lambda s: self.brief(s, "COMMIT", b"COMMIT")]
        self.hurry(s, steps)

    def walk(self, s):
        """From page to page, some of them counted; the first one passes over nothing."""
        r = self.rng
        n, begin, counted = r.randrange(2), r.choice((0, 0, 20, 4000)), r.choice((0, 0.5, 1))
        steps = []

        def page(skip):
            return lambda s: self.brief(s, f"page{n}", b"SELECT a FROM paged%d ORDER BY a LIMIT 20 OFFSET %d" % (n, skip))

        def count(s):
            self.brief(s, f"count{n}", b"SELECT count(*) FROM paged%d" % n)
        for i in range(r.choice((1, 3, 4, 12))):
            pair = [page(begin + 20 * i)] + ([count] if r.random() < counted else [])
            steps += pair if r.random() < 0.7 else pair[::-1]
        self.hurry(s, steps)

    def chatter(self, s):
        self.hurry(s, [lambda s: self.brief(s, "BEGIN", b"BEGIN"), lambda s: self.brief(s, "SELECT 1", b"SELECT 1"),
                       lambda s: self.brief(s, "COMMIT", b"COMMIT")])

    def shared(self, s):
        """Behind a pooler: another client of the same session runs a statement of its own, or a few."""
        other = self.rng.choice(self.o.applications)

        def one(s):
            own, s.application = s.application, other
            self.brief(s, "child0", b"SELECT a FROM child0 WHERE id = %d" % self.rng.randrange(99))
            s.application = own
        self.hurry(s, [one] * self.rng.choice((1, 3)))

    def plan(self, s):
        """A plan, and the statement that it is of: one execution."""
        _, text = self.statement()
        us, ms = self.duration()
        self.end_wait(s)
        self.call(self.who(s), self.hour(), us)
        self.emit(self.line(s, "LOG", f"duration: {us // 2000}.{us // 2 % 1000:03} ms  plan:\nQuery Text: ".encode() + text +
                            b"\nResult  (cost=0.00..0.01 rows=1 width=4)"))
        self.emit(self.line(s, "LOG", f"duration: {ms}  statement: ".encode() + text))

    def lock_wait(self, s):
        """For a lock that another session holds, or a process that is not in the log; had in the end or not."""
        _, text = self.statement()
        holder = self.rng.choice([42] + [other.pid for other in self.sessions if other.pid != s.pid])

        def acquired(s):
            self.emit(self.line(s, "LOG", f"process {s.pid} acquired ShareLock on transaction 7 after 1400.123 ms"),
                      self.line(s, "STATEMENT", text))
        self.emit(self.line(s, "LOG", f"process {s.pid} still waiting for ShareLock on transaction 7 after 1000.123 ms"),
                  self.line(s, "DETAIL", f"Process holding the lock: {holder}. Wait queue: {s.pid}."),
                  self.line(s, "STATEMENT", text))
        if self.rng.random() < 0.7:
            s.steps.append(acquired)

    def temporary(self, s):
        _, text = self.statement()
        self.emit(self.line(s, "LOG", 'temporary file: path "base/pgsql_tmp/pgsql_tmp1.0", size 1048576'),
                  self.line(s, "STATEMENT", text))

    def warning(self, s):
        self.emit(self.line(s, "WARNING", "there is already a transaction in progress"))

    def server(self):
        r = self.rng
        s = Session(pid=90 + r.randrange(5), started=1, user=None, database=None, application=None, host=None)
        self.emit(self.line(s, "LOG", r.choice((
            "checkpoint starting: time",
            "checkpoint complete: wrote 43 buffers (0.3%); 0 WAL file(s) added, 0 removed",
            "automatic vacuum of table \"shop.public.t1\": index scans: 1\npages: 0 removed, 7 remain",
            "automatic analyze of table \"shop.public.t1\"",
            "received SIGHUP, reloading configuration files",
            "parameter \"log_min_duration_statement\" changed to \"%dms\"" % r.randrange(500),
            "parameter \"work_mem\" changed to \"8MB\""))))

    def restart(self, sessions):
        s = Session(pid=99, started=1, user=None, database=None, application=None, host=None)
        for pid in list(self.waits):
            self.call(*self.waits.pop(pid))
        for other in sessions:
            other.steps.clear()
            other.open = False
        self.emit(self.line(s, "LOG", "database system was shut down at 2026-10-25 00:00:00 UTC"))

    def foreign_line(self):
        # Few among the continued lines, since many mean a log whose TABs were lost.
        if self.foreign + 3 <= self.tabbed // 8:
            self.foreign += 1
            self.records.append(self.rng.choice(FOREIGN_LINES) + b"\n")
            self.wrote.append(None)

    def connect(self, s):
        r = self.rng
        self.pids += r.randrange(1, 4)
        s.pid, s.started, s.lines, s.open = self.pids, self.at // 1000, 0, True
        s.steps.clear()
        s.user = r.choice(self.o.users)
        s.database = r.choice(self.o.databases)
        s.application = r.choice(self.o.applications)
        s.host = r.choice(HOSTS)
        unknown = dataclasses.replace(s, user="[unknown]", database="[unknown]", application="[unknown]")
        self.emit(self.line(unknown, "LOG", f"connection received: host={s.host} port=54321"))
        s.lines = 1
        self.emit(self.line(s, "LOG", f"connection authorized: user={s.user} database={s.database}"))

    def pause(self):
        r = self.rng
        self.at += r.choice((0, 1, 3) if self.hurried > 0 else (0, 0, 1, r.randrange(50), r.randrange(self.o.step_ms + 1)))
        self.hurried -= self.hurried > 0

    def next_of(self, sessions):
        """One that is in a hurry most of the time."""
        busy = [s for s in sessions if s.open and s.steps]
        return self.rng.choice(busy if self.hurried > 0 and busy and self.rng.random() < 0.9 else sessions)

    def step(self, sessions):
        r = self.rng
        self.pause()
        chance = r.randrange(100)
        if chance < 3:
            self.server()
        elif chance < 5 and self.o.foreign:
            self.foreign_line()
        elif chance == 5 and self.o.restarts and r.randrange(4) == 0:
            self.restart(sessions)
        else:
            s = self.next_of(sessions)
            if not s.open:
                self.connect(s)
            elif s.steps:
                s.steps.pop(0)(s)
            else:
                r.choice((self.simple,) * 8 + (self.started,) * 5 + (self.executed,) * 2 + (self.phases,) * 3 +
                         (self.loop, self.loop, self.walk, self.chatter, self.shared, self.failed, self.failed_alone, self.left,
                          self.plan, self.lock_wait, self.temporary, self.warning, self.finished, self.conflicted))(s)

    def run(self):
        sessions = self.sessions = [Session(0, 0, "", "", "", "") for _ in range(self.o.sessions)]
        while len(self.records) < self.o.records:
            self.step(sessions)
        # So much later, no execution in pieces goes on.
        self.at += LATER_MS
        self.server()
        waiting = [who for who, _ in self.waits.values()]
        self.totals.waiting = len(waiting)
        return waiting


def generate(seed, **options):
    o = Options(**options)
    writer = Writer
    if o.style == "mongodb":
        from generate_mongodb import MongodbWriter as writer  # which is made of this module's Writer
    w = writer(seed, o)
    waiting = w.run()
    return Log(seed, o.style, w.setting, w.records, w.totals, waiting, w.wrote)
