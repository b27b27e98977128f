"""Memory is bounded by the rows kept, never by the input."""
import gzip
import subprocess
import sys

MIB = 1024 * 1024
PREFIX = "%m [%p] %u@%d "


def line(i, text, pid=None, message=b"duration: %d.%03d ms  statement: ", user=b"u"):
    second = i % 86400
    if b"%d" in message:
        message = message % (i % 50, i % 1000)
    return b"2026-11-19 %02d:%02d:%02d.000 UTC [%d] %s@d LOG:  %s%s\n" % (
        second // 3600, second // 60 % 60, second % 60, i % 50 if pid is None else pid, user, message, text)


def write(path, pieces):
    with open(path, "wb", buffering=MIB) as out:
        for piece in pieces:
            out.write(piece)


def ordinary(path):
    """200 MB, one query."""
    block = b"".join(line(i, b"SELECT id, name, price FROM products WHERE category_id = %d LIMIT 20" % i)
                     for i in range(86400))
    write(path, [block] * (200_000_000 // len(block) + 1))
    return 0, 24


def compressed(path):
    """200 MB in a gzip file of few."""
    block = b"".join(line(i, b"SELECT id, name, price FROM products WHERE category_id = %d LIMIT 20" % i)
                     for i in range(86400))
    with gzip.open(path, "wb", compresslevel=1) as out:
        for _ in range(200_000_000 // len(block) + 1):
            out.write(block)
    return 0, 24


def fingerprints(path):
    """50,000 queries."""
    write(path, (line(i, b"SELECT a%d FROM t%d WHERE b = 1" % (i, i)) for i in range(50000)))
    return 0, 50000


def long_line(path):
    """A line of 100 MB among others."""
    write(path, [line(i, b"SELECT 1") for i in range(1000)] + [line(1000, b"SELECT '" + b"x" * 100_000_000 + b"'")] +
          [line(i, b"SELECT 1") for i in range(1001, 2000)])
    return 16 * MIB, 1      # the limit of a record


def long_statement(path):
    """A statement of 10 MB, of many lines."""
    text = b"INSERT INTO t VALUES" + b",\n\t(1, 'some text')" * 520_000
    write(path, [line(i, b"SELECT 1") for i in range(1000)] + [line(1000, text)] +
          [line(i, b"SELECT 1") for i in range(1001, 2000)])
    return len(text), 2


def csv_row(path):
    """A row of 12 MB of CSV, all of whose text has to be rewritten."""
    head = b'2026-11-19 14:03:07.123 UTC,"u","d",1,"h:1",a.b,1,"SELECT",2026-11-19 14:00:00 UTC,,0,LOG,00000,"duration: 1.000 ms  statement: '
    tail = b'",,,,,,,,,"web","client backend",,0\n'
    text = b"INSERT INTO t VALUES" + b",\n(1, 'some \"\"text\"\"')" * 500_000
    write(path, [head + b"SELECT 1" + tail] * 1000 + [head + text + tail] + [head + b"SELECT 1" + tail] * 999)
    return len(text), 2


def json_object(path):
    """The same as JSON."""
    head = b'{"timestamp":"2026-11-19 14:03:07.123 UTC","pid":1,"error_severity":"LOG","message":"duration: 1.000 ms  statement: '
    text = b"INSERT INTO t VALUES" + b",\\n(1, 'some \\\"text\\\"')" * 500_000
    write(path, [head + b'SELECT 1"}\n'] * 1000 + [head + text + b'"}\n'] + [head + b'SELECT 1"}\n'] * 999)
    return len(text), 2


def sessions(path):
    """300,000 sessions whose statements wait for their durations."""
    write(path, (line(i // 10, b"SELECT 1", pid=i, message=b"statement: ") for i in range(300_000)))
    return 0, 9


def names(path):
    """5,000 users, each with 10 queries."""
    write(path, (line(i // 10, b"SELECT a FROM t%d" % (i % 10), user=b"user%d" % (i // 10 % 5000))
                 for i in range(100_000)))
    return 0, 20000


def tags(path):
    """One query with 100,000 combinations of 2,000 actions, routes and jobs."""
    write(path, (line(i, b"SELECT 1 /*action='a%d',route='r%d',job='j%d'*/" % (i * 7 % 2000, i * 11 % 1999, i * 13 % 1997))
                 for i in range(100_000)))
    return 0, 28


def pages(path):
    """20,000 queries, each with four pages of a result."""
    write(path, (line(i // 20, b"SELECT a FROM t%d ORDER BY a LIMIT 20 OFFSET %d" % (i // 4, 20 + i % 4 * 20), pid=i // 4 % 50)
                 for i in range(80_000)))
    return 0, 20000 * 2     # of the queries, and of their pages


def bursts(path):
    """A loop behind each of 20,000 queries."""
    write(path, (line(i // 200, b"SELECT a FROM parent%d" % (i // 4) if i % 4 == 0 else b"SELECT b FROM child%d WHERE c = %d" % (i // 4 % 9, i),
                      pid=i // 4 % 50, message=b"duration: 0.010 ms  statement: ") for i in range(80_000)))
    return 0, 20000 * 2     # of the parents, and of the bursts behind them


def loops(path):
    """Each of 100,000 sessions in a burst of its own, a few at a time."""
    write(path, (line(i // 2000, b"SELECT b FROM child%d WHERE c = %d" % (i % 9, i), pid=i // 16 * 2 + i % 2,
                      message=b"duration: 0.010 ms  statement: ") for i in range(800_000)))
    return 0, 9 * 100


# A process begins with the peak of the one that it was forked from: this one is small.
MEASURE = """
import os, sys
pid = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ,
                     file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
_, status, usage = os.wait4(pid, 0)
print(usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""


def peak(program, *arguments):
    """Peak resident memory of a run, in bytes."""
    done = subprocess.run([sys.executable, "-I", "-S", "-c", MEASURE, program.path, *map(str, arguments)],
                          cwd=program.folder, env=program.environment, capture_output=True)
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr.decode(errors='replace')}"
    return int(done.stdout) * 1024


def check(make):
    def run(program, _):
        path = program.folder / "x.log"
        record, rows = make(path)
        failures = []
        for jobs in (1, 2, 8):
            allowed = 32 * MIB + 4 * MIB * jobs + record + 1024 * rows
            for command in (("analyze", "--format", "json"), ("ingest", "--store", f"{jobs}.db", "--source", "s")):
                used = peak(program, *command, "--prefix", PREFIX, "--min-coverage", "0", "--jobs", jobs, path)
                if used > allowed:
                    failures.append(f"{command[0]} --jobs {jobs}: {used / MIB:.1f} MiB, allowed {allowed / MIB:.1f} MiB")
        assert not failures, "; ".join(failures)
    return run


PROPERTIES = [(f"budget-{make.__name__.replace('_', '-')}", check(make), 1)
              for make in (ordinary, compressed, fingerprints, long_line, long_statement, csv_row, json_object, sessions, names,
                           tags, pages, bursts, loops)]
