"""Whoever carried a log, it is the same log: syslog daemons, container runtimes, the journal, clouds.

What PostgreSQL gives to syslog it numbers and divides as syslogger code does: a piece for each line,
and pieces of at most 900 bytes of a longer one, broken before a blank where there is any. Lines of
several processes are put between each other, and other programs' lines between those.
"""
import json
import pathlib
import random

from cut import SUMS
from generate import generate, STYLES
from program import assert_same, dump, settle

PIECE = 900
SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
# What the file holds rather than what the log says.
OF_THE_LOG = [sql for sql in SUMS if "FROM segments" not in sql and "FROM skipped" not in sql]
OTHERS = ["CRON[811]: (root) CMD (test -x /usr/sbin/anacron)", "sshd[90]: Accepted publickey for root", "kernel: eth0: up"]


def sums(program, name):
    store = program.store(name)
    try:
        return {sql[:60]: sorted(map(repr, store.rows(sql))) for sql in OF_THE_LOG}
    finally:
        store.close()


def pieces(record):
    out = []
    for line in record.rstrip(b"\n").split(b"\n"):
        while len(line) > PIECE:
            at = line.rfind(b" ", 1, PIECE)
            at = at if at > 0 else PIECE
            out.append(line[:at])
            line = line[at:]
        out.append(line)
    return out


def octal(text):
    return b"".join(b"#%03o" % c if c < 32 else bytes((c,)) for c in text)


def interleave(r, messages):
    """Lines of neighbouring messages between each other, each message's in their order."""
    out, open_messages = [], []
    for pid, lines in messages:
        while len(open_messages) >= 3 or any(pid == other for other, _ in open_messages):
            out += drain(r, open_messages)
        open_messages.append((pid, lines[1:]))
        out.append((pid, lines[0]))
        if r.random() < 0.6:
            out += drain(r, open_messages)
    while open_messages:
        out += drain(r, open_messages)
    return out


def drain(r, open_messages):
    i = r.randrange(len(open_messages))
    pid, rest = open_messages[i]
    if not rest:
        del open_messages[i]
        return []
    n = r.randrange(1, min(len(rest), 12) + 1)  # a server writes its pieces at once: others' few lines stand between
    open_messages[i] = (pid, rest[n:])
    if n == len(rest):
        del open_messages[i]
    return [(pid, line) for line in rest[:n]]


def numbered(log, with_numbers):
    counts = {}
    for record, pid in zip(log.records, log.pids):
        n = counts[pid] = counts.get(pid, 0) + 1
        yield pid, [(b"[%d-%d] " % (n, m) if with_numbers else b"") + text
                    for m, text in enumerate(pieces(record) if with_numbers else record.rstrip(b"\n").split(b"\n"), 1)]


def syslog_lines(r, log, head, numbers=True, encode=octal):
    for pid, line in interleave(r, numbered(log, numbers)):
        yield head(b"postgres", pid) + encode(line)
        if r.random() < 0.05:
            program, text = r.choice(OTHERS).encode().split(b": ", 1)
            name, _, of = program.partition(b"[")
            yield head(name, int(of[:-1] or b"1")) + text


def bsd(r, log, numbers):
    return syslog_lines(r, log, lambda name, pid: b"Oct 24 23:01:02 db1 %s[%d]: " % (name, pid), numbers)


def iso(r, log, numbers):
    return syslog_lines(r, log, lambda name, pid: b"2026-10-24T23:01:02.123456+02:00 db1 %s[%d]: " % (name, pid), numbers)


def rfc5424(r, log, numbers):
    data = r.choice((b"-", b'[origin ip="10.0.0.1" note="a\\]b"]'))
    return syslog_lines(r, log, lambda name, pid: b"<134>1 2026-10-24T23:01:02Z db1 %s %d - %s " % (name, pid, data), numbers)


def logplex(r, log, numbers):
    return syslog_lines(r, log, lambda name, pid: b"2026-10-24T23:01:02+00:00 app[%s.%d]: [DATABASE] " % (name, pid), True,
                        lambda line: line)


def journal(r, log, numbers):
    for pid, line in interleave(r, numbered(log, numbers)):
        yield json.dumps({"__REALTIME_TIMESTAMP": "1792876862000000", "_HOSTNAME": "db1", "_PID": str(pid),
                          "SYSLOG_IDENTIFIER": "postgres", "MESSAGE": line.decode(errors="replace")}).encode()
        if r.random() < 0.05:
            yield b'{"__REALTIME_TIMESTAMP":"1792876862000000","_PID":"1","SYSLOG_IDENTIFIER":"systemd","MESSAGE":"x"}'


def journal_text(r, log, numbers):
    """journalctl indents the further lines of a message."""
    for record, pid in zip(log.records, log.pids):
        head = b"Oct 24 23:01:02 db1 postgres[%d]: " % pid
        for i, line in enumerate(record.rstrip(b"\n").split(b"\n")):
            yield (head if i == 0 else b" " * len(head)) + octal(line)


def log_lines(log):
    return b"".join(log.records).split(b"\n")[:-1]


def docker(r, log, numbers):
    for line in log_lines(log):
        text = line.decode(errors="replace") + "\n"
        while text:
            n = 16384
            part, text = text[:n], text[n:]
            yield json.dumps({"log": part, "stream": "stderr", "time": "2026-10-24T23:01:02.123456789Z"}).encode()


def cri(r, log, numbers):
    for line in log_lines(log):
        while len(line) > 300 and r.random() < 0.9:
            n = r.randrange(1, 300)
            yield b"2026-10-24T23:01:02.123456789Z stderr P " + line[:n]
            line = line[n:]
        yield b"2026-10-24T23:01:02.123456789Z stderr F " + line
        if r.random() < 0.03:
            yield b"2026-10-24T23:01:02.123456789Z stdout F something else"


def stamp(r, log, numbers):
    for line in log_lines(log):
        yield b"2026-10-24T23:01:02.123Z " + line


def google(r, log, numbers):
    for i, record in enumerate(log.records):
        yield json.dumps({"insertId": f"s={i}", "logName": "projects/p/logs/cloudsql.googleapis.com%2Fpostgres.log",
                          "textPayload": record.decode(errors="replace").rstrip("\n"),
                          "timestamp": "2026-10-24T23:01:02.123456Z"}).encode()
        if r.random() < 0.05:
            yield b'{"insertId":"a","logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","protoPayload":{"x":[1,{}]}}'


def google_by_lines(r, log, numbers):
    for i, line in enumerate(log_lines(log)):
        yield json.dumps({"insertId": f"s={i}", "logName": "projects/p/logs/stderr", "jsonPayload": {"message": line.decode(errors="replace")},
                          "timestamp": "2026-10-24T23:01:02.123456Z"}).encode()


def google_array(r, log, numbers):
    """As gcloud logging read --format=json prints entries."""
    yield from json.dumps([json.loads(line) for line in google(r, log, numbers)], indent=2).encode().split(b"\n")


def compose(r, log, numbers):
    for line in log_lines(log):
        yield b"db-1  | " + line


def kubectl_prefix(r, log, numbers):
    for line in log_lines(log):
        yield b"[pod/db-0/server] 2026-10-24T23:01:02.123456789Z " + line


def azure(r, log, numbers):
    for record in log.records:
        yield json.dumps({"category": "PostgreSQLLogs", "time": "2026-10-24T23:01:02.123Z",
                          "properties": {"errorLevel": "LOG", "message": record.decode(errors="replace")}}).encode()


def within(outer, inner):
    """A layer round a layer: what a container wrote, carried by the journal or a cloud."""
    class Wrapped:
        def __init__(self, lines):
            self.records = [line + b"\n" for line in lines]
            self.pids = [1] * len(self.records)
    return lambda r, log, numbers: outer(r, Wrapped(list(inner(r, log, numbers))), False)


CARRIERS = {"bsd": bsd, "iso": iso, "rfc5424": rfc5424, "logplex": logplex, "journal": journal,
            "journal text": journal_text, "docker": docker, "cri": cri, "stamp": stamp, "google": google, "azure": azure,
            "google by lines": google_by_lines, "google array": google_array, "compose": compose, "kubectl": kubectl_prefix,
            "syslog in docker": within(docker, bsd), "docker in journal": within(journal, docker)}


def carried_log(seed):
    r = random.Random(f"wrapped {seed}")
    log = generate(seed, style=r.choice([s for s in STYLES if s not in ("no-time", "csv", "json", "no-session", "epoch", "mongodb")]),
                   records=r.choice((5, 40, 400, 1200)), sessions=r.choice((1, 4, 15)), foreign=False)
    name = r.choice(list(CARRIERS))
    lines = list(CARRIERS[name](r, log, r.random() < 0.6))
    return r, log, name, lines


def same(program, seed):
    """What a carrier put round the lines changes nothing of what the log says."""
    r, log, name, lines = carried_log(seed)
    program.ingest("plain.db", program.file("x.log", log.data), prefix=log.setting)
    program.ingest("carried.db", program.file("y.log", b"\n".join(lines) + b"\n"), prefix=log.setting)
    assert_same(sums(program, "plain.db"), sums(program, "carried.db"), f"{name}, {log.style}")


def growing(program, seed):
    """A carried log that grows by pieces, cut anywhere, ends as if it had been read at once."""
    r, log, name, lines = carried_log(seed)
    data = b"\n".join(lines) + b"\n"
    program.ingest("whole.db", program.file("whole.log", data), prefix=log.setting)
    places = sorted(r.randrange(len(data)) for _ in range(r.choice((1, 2, 5))))
    path = program.folder / "x.log"
    for begin, end in zip([0] + places, places + [len(data)]):
        with open(path, "ab") as out:
            out.write(data[begin:end])
        program.ingest("pieces.db", path, prefix=log.setting, options=("--jobs", r.choice((1, 2))), expect=(0, 3))
    settle(path)
    program.ingest("pieces.db", path, prefix=log.setting)
    assert_same(dump(program, "whole.db"), dump(program, "pieces.db"), f"{name} cut at {places} of {len(data)}")


def accounted(program, seed):
    """Every byte of a carried log is in an event, in another record, skipped or in the tail."""
    r, log, name, lines = carried_log(seed)
    data = b"\n".join(lines) + b"\n"
    for _ in range(3):  # some damage
        at = r.randrange(len(data))
        data = data[:at] + bytes(r.randrange(256) for _ in range(r.choice((0, 1, 30)))) + data[at + r.randrange(200):]
    program.ingest("s.db", program.file("x.log", data), prefix=log.setting, expect=(0, 3))
    store = program.store("s.db")
    for size, parts in store.rows("SELECT bytes, event_bytes + other_bytes + (SELECT coalesce(sum(bytes), 0) FROM skipped k"
                                  " WHERE k.segment = s.segment) FROM segments s"):
        assert size == parts == len(data), f"{name}: {size} bytes, {parts} accounted for, {len(data)} in the file"
    store.close()


class Records:
    def __init__(self, records):
        self.records = records
        self.pids = [4711] * len(records)
        self.data = b"".join(records)


def slow_log(r):
    """As MySQL writes it, with literals that look like heads and statements of many lines."""
    records, at = [], 1792876862
    for _ in range(r.choice((3, 40, 600))):
        at += r.randrange(3)
        statement = r.choice((
            "SELECT * FROM orders WHERE id = %d", "SELECT name,\n       price\n\tFROM items\n WHERE id = %d",
            "INSERT INTO notes VALUES (%d, 'a;\n# b\nc')", "UPDATE items SET price = price + 1 WHERE note = '#011' AND id = %d",
            "SELECT '" + "x" * 895 + "',\n%d")) % r.randrange(1000)
        records.append((
            ("# Time: 2026-10-24T21:%02d:%02d.%06dZ\n" % (at // 60 % 60, at % 60, r.randrange(1000000))
             if not records or r.random() < 0.7 else "") +  # some servers write the same second once
            "# User@Host: app[app] @ web1 [10.0.0.7]  Id: %5d\n"
            "# Query_time: %d.%06d  Lock_time: 0.000004 Rows_sent: %d  Rows_examined: %d\nSET timestamp=%d;\n%s;\n"
            % (r.randrange(40, 45), r.randrange(3), r.randrange(1000000),
               r.randrange(9), r.randrange(999), at, statement)).encode())
    return Records(records)


def lines_of_sample(r, name):
    lines = (SAMPLES / name).read_bytes().splitlines(keepends=True)
    begin = r.randrange(len(lines) // 2)
    return Records(lines[begin:begin + r.choice((20, 100))])


def recognised(program, seed):
    """A carried log of any engine is recognised through its carrier, and read as it is without."""
    r = random.Random(f"recognised {seed}")
    engine, log = r.choice((
        ("mysql", slow_log(r)), ("mongodb", lines_of_sample(r, "mongod.log")),
        ("postgresql", generate(seed, style="default", records=200, sessions=3, foreign=False)),
        # Statements of one line each: a carrier's words could be a prefix of the log's own.
        ("postgresql of lines", Records([b"2026-10-24 23:01:%02d.123 CEST [%d] LOG:  duration: %d.%03d ms  statement: SELECT %d\n"
                                         % (i % 60, 70 + i % 3, i, i, i) for i in range(60)]))))
    name = r.choice([name for name in CARRIERS if name != "logplex"])
    numbers = engine == "postgresql" and r.random() < 0.5
    data = b"\n".join(CARRIERS[name](r, log, numbers)) + b"\n"
    program.ingest("plain.db", program.file("x.log", log.data))
    program.ingest("carried.db", program.file("y.log", data))
    assert_same(sums(program, "plain.db"), sums(program, "carried.db"), f"{name}, {engine}")


PROPERTIES = [("wrapped-same", same, 80), ("wrapped-recognised", recognised, 120), ("wrapped-growing", growing, 60), ("wrapped-accounted", accounted, 40)]
