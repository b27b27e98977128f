"""Reading the same again changes nothing; a killed run leaves nothing half done."""
import os
import random
import signal
import shutil
import time

from generate import STYLES, generate
from program import Store, assert_same, dump, settle

KILLS = {"bytes": 40, "rows": 10, "files": 40}  # in each check


def same_bytes(program, seed):
    r = random.Random(f"again {seed}")
    log = generate(seed, style=r.choice(list(STYLES)), records=r.choice((40, 500)))
    path = program.file("x.log", log.data)
    program.ingest("s.db", path, prefix=log.setting)
    once = dump(program, "s.db")
    program.ingest("s.db", path, prefix=log.setting)
    assert_same(once, dump(program, "s.db"), "twice")
    program.ingest("s.db", program.file("renamed.log", log.data), prefix=log.setting)
    assert_same(once, dump(program, "s.db"), "under another name")
    os.link(path, program.folder / "link.log")
    program.ingest("s.db", program.folder / "link.log", prefix=log.setting)
    assert_same(once, dump(program, "s.db"), "a hard link")
    os.symlink(path, program.folder / "symlink.log")
    program.ingest("s.db", program.folder / "symlink.log", prefix=log.setting)
    assert_same(once, dump(program, "s.db"), "a symbolic link")
    program.ingest("twice.db", path, path, program.folder / "renamed.log", prefix=log.setting)
    assert_same(once, dump(program, "twice.db"), "listed twice")
    part = program.file("part.log", log.data[:r.randrange(1, len(log.data))])
    program.ingest("s.db", part, prefix=log.setting, expect=(0, 3))
    assert_same(once, dump(program, "s.db"), "a shorter copy")


def big_log(program, r, seed):
    """Logs that take a while: of many bytes, of many rows (several commits), of many files."""
    kind = list(KILLS)[seed % 3]
    if kind == "bytes":
        log = generate(seed, records=4000, sessions=30, step_ms=100)
        return log.setting, [program.file("x.log", log.data * (40_000_000 // len(log.data)))]
    if kind == "rows":
        lines = [b"2026-11-19 %02d:%02d:%02d.000 UTC [%d] u@d LOG:  duration: %d.000 ms  statement: SELECT c%d FROM t%d\n"
                 % (i // 3600 % 24, i // 60 % 60, i % 60, i % 7, i % 100, i % 40000, i % 40000) for i in range(60000)]
        return "%m [%p] %u@%d ", [program.file("x.log", b"".join(lines))]
    log = generate(seed, records=3000, sessions=30, foreign=False, restarts=False)
    step = len(log.records) // 30
    return log.setting, [program.file(f"x.log.{i}", b"".join(log.records[i:i + step]))
                         for i in range(0, len(log.records), step)]


def start_ingest(program, name, setting, files, jobs):
    return program.start("ingest", "--store", name, "--source", "s", "--prefix", setting, "--min-coverage", "0",
                         "--jobs", jobs, *files)


def check_killed(program, name):
    """A copy is opened, so that the program itself finds what the kill left."""
    if not (program.folder / name).exists():
        return
    for ending in ("", "-journal"):
        source = program.folder / (name + ending)
        copy = program.folder / ("copy.db" + ending)
        copy.unlink(missing_ok=True)
        if source.exists():
            shutil.copy(source, copy)
    store = Store(program.folder / "copy.db")
    store.check()
    store.close()


def killed(program, seed):
    r = random.Random(f"killed {seed}")
    setting, files = big_log(program, r, seed)
    began = time.time()
    program.ingest("whole.db", *files, prefix=setting)
    took = time.time() - began
    whole = dump(program, "whole.db")
    kills = run = 0
    enough = list(KILLS.values())[seed % 3]
    while kills < enough:
        run += 1
        name = f"killed{run}.db"
        for attempt in range(enough):
            process = start_ingest(program, name, setting, files, r.choice((1, 2)))
            # Begun anew, a run goes on where the last commit was: late kills come first.
            time.sleep(r.random() * took * (1.0 if attempt < 3 else 0.6))
            finished = process.poll() is not None
            process.kill()
            process.communicate()
            if finished:
                break
            kills += 1
            check_killed(program, name)
        program.ingest(name, *files, prefix=setting)
        assert_same(whole, dump(program, name), f"killed {kills} times, {len(files)} files")
        (program.folder / name).unlink()


def stopped(program, seed):
    """A run that is asked to stop keeps whole records only; run again, it gives what one whole run gives."""
    r = random.Random(f"stopped {seed}")
    setting, files = big_log(program, r, 3 * seed)
    began = time.time()
    program.ingest("whole.db", *files, prefix=setting)
    took = time.time() - began
    for attempt in range(4):
        process = start_ingest(program, "stopped.db", setting, files, r.choice((1, 2)))
        time.sleep(r.random() * took * 0.4)
        process.send_signal(r.choice((signal.SIGINT, signal.SIGTERM)))
        process.communicate()
        # Before the program listens a signal still ends it.
        assert process.returncode in (0, 130, -signal.SIGINT, -signal.SIGTERM), process.returncode
    program.ingest("stopped.db", *files, prefix=setting)
    assert_same(dump(program, "whole.db"), dump(program, "stopped.db"), "stopped in the middle")


def together(program, seed):
    """Two runs at the same time: both succeed, each log counts once."""
    r = random.Random(f"together {seed}")
    setting, files = big_log(program, r, seed)
    program.ingest("whole.db", *files, prefix=setting)
    runs = []
    for _ in range(2):
        runs.append(start_ingest(program, "both.db", setting, files, 1))
        time.sleep(r.random() * 0.05)
    for process in runs:
        _, message = process.communicate(timeout=120)
        assert process.returncode == 0, f"exit {process.returncode}: {message.decode(errors='replace')}"
    assert_same(dump(program, "whole.db"), dump(program, "both.db"), f"two runs, {len(files)} files")


def grown(program, seed):
    """A log that is written to while it is read is read on the next time."""
    r = random.Random(f"grown {seed}")
    log = generate(seed, records=2000)
    data = log.data * 5
    program.ingest("whole.db", program.file("whole.log", data), prefix=log.setting)
    path = program.folder / "x.log"
    path.write_bytes(b"")
    at = 0
    while at < len(data):
        process = start_ingest(program, "s.db", log.setting, [path], 2)
        end = min(len(data), at + r.randrange(1, len(data) // 4))
        with open(path, "ab", buffering=0) as out:
            while at < end:
                at += out.write(data[at:min(end, at + r.randrange(1, 100000))])
        process.communicate(timeout=120)
    settle(path)
    program.ingest("s.db", path, prefix=log.setting)
    assert_same(dump(program, "whole.db"), dump(program, "s.db"), "written to while read")


PROPERTIES = [("again-same-bytes", same_bytes, 30), ("again-killed", killed, 9), ("again-together", together, 9),
              ("again-stopped", stopped, 6), ("again-written-to", grown, 6)]
