"""A server that goes on writing while its logs are rotated under the reader: each record counts exactly once."""
import datetime
import gzip
import os
import random
import threading
import time

from logs import PREFIX

AN_HOUR = 3600
SECONDS = 6
WAYS = ("rename", "copytruncate", "compress", "dateext", "all")


class Server:
    """Writes records, each with a duration of its own, and rotates in between as logrotate does."""

    def __init__(self, folder, way, seed):
        self.folder, self.way = folder, way
        self.random = random.Random(f"server {seed}")
        self.path = folder / "x.log"
        self.numbers, self.rotations = 0, 0
        self.waiting = []              # statements whose duration is still to come, in whichever log is the one by then
        self.calls, self.sum = 0, 0    # of executions whose duration was written
        self.at = datetime.datetime(2020, 1, 1)
        self.failure = None
        self.thread = threading.Thread(target=self.work)

    def work(self):
        try:
            until = time.time() + SECONDS
            while time.time() < until:
                for _ in range(self.random.randrange(1, 6)):
                    self.write(self.random.randrange(1, 40))
                    time.sleep(self.random.random() * 0.01)
                self.rotate(self.way if self.way != "all" else self.random.choice(WAYS[:-1]))
        except Exception as failure:
            self.failure = failure

    def write(self, n):
        """Records, in pieces that end anywhere, as a writer's buffers do."""
        text = b"".join(self.record() for _ in range(n))
        with self.path.open("ab", buffering=0) as out:
            while text:
                part = text[:self.random.randrange(1, 600)]
                out.write(part)
                text = text[len(part):]
                time.sleep(0.0005)

    def record(self):
        """A statement with its duration, or one of the two that belong together."""
        self.at += datetime.timedelta(milliseconds=self.random.randrange(1, 3000))
        kind = self.random.randrange(4)
        if kind == 0 and self.waiting:
            number = self.waiting.pop(self.random.randrange(len(self.waiting)))
            text = f"duration: {number}.000 ms"
        else:
            self.numbers += 1
            number = self.numbers
            text = f"statement: SELECT a\n\tFROM t WHERE b = {number}"
            if kind == 1 and len(self.waiting) < 50:
                self.waiting.append(number)
            else:
                kind = 2
                text = f"duration: {number}.000 ms  {text}"
        if kind != 1:
            self.calls += 1
            self.sum += number
        return (f"{self.at:%Y-%m-%d %H:%M:%S}.{self.at.microsecond // 1000:03d} UTC [{number}] u@d LOG:  "
                f"{text}\n").encode()

    def rotate(self, way):
        self.rotations += 1
        if way == "dateext":
            self.path.rename(self.folder / f"x.log-{20200101 + self.rotations}")
            return
        self.shift()
        first = self.folder / "x.log.1"
        if way == "copytruncate":
            self.copy(self.path, first.open("wb"))
            os.truncate(self.path, 0)
        else:
            self.path.rename(first)
        if way == "compress":
            self.copy(first, gzip.open(self.folder / "x.log.1.gz", "wb"))
            first.unlink()

    def shift(self):
        """x.log.1.gz becomes x.log.2.gz and so on, the oldest first."""
        for i in range(self.rotations, 0, -1):
            for ending in ("", ".gz"):
                path = self.folder / f"x.log.{i}{ending}"
                if path.exists():
                    path.rename(self.folder / f"x.log.{i + 1}{ending}")

    def copy(self, path, out):
        with path.open("rb") as source, out:
            while part := source.read(2000):
                out.write(part)
                out.flush()
                time.sleep(0.001)


def totals(program):
    store = program.store("s.db")
    try:
        return (store.one("SELECT sum(calls) FROM digest"),
                store.one("SELECT sum(sum) FROM measures WHERE measure = 'query_time'") // 1000)
    finally:
        store.close()


def rotated(program, seed):
    logs = program.folder / "logs"
    logs.mkdir()
    server = Server(logs, WAYS[seed % len(WAYS)], seed)
    server.write(5)
    server.thread.start()
    runs = 0
    while server.thread.is_alive():
        # What is not whole yet, such as a file that is being compressed, is told and read the next time.
        program.run("ingest", "--store", "s.db", "--source", "s", "--prefix", PREFIX, "logs/x.log*", expect=(0, 3))
        runs += 1
        calls, _ = totals(program)
        assert calls <= server.calls, f"{calls} calls of {server.calls}"
    server.thread.join()
    assert server.failure is None, server.failure
    then = time.time() - AN_HOUR
    for path in logs.iterdir():
        os.utime(path, (then, then))
    program.run("ingest", "--store", "s.db", "--source", "s", "--prefix", PREFIX, "logs/x.log*")
    assert runs >= 5 and server.rotations >= 5, (runs, server.rotations)
    expected = (server.calls, server.sum)
    assert totals(program) == expected, \
        f"{totals(program)} of {expected}, {server.way}, {server.rotations} rotations, {runs} runs"
    assert program.store("s.db").one("SELECT sum(orphans) FROM segments") == 0


PROPERTIES = [("rotation", rotated, 10)]
