"""A log compressed, or in an archive, is the log."""
import bz2
import gzip
import io
import lzma
import tarfile
import zipfile

from cut import log_of, sums
from program import assert_same, dump

COMPRESSORS = {"gz": gzip.compress, "bz2": bz2.compress, "xz": lzma.compress}


def tar(mode, members):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def zipped(members):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members:
            archive.writestr(name, data)
    return out.getvalue()


def pack(r, members):
    """An archive of one of the kinds; a single log may be compressed alone as well."""
    kinds = {"tar": lambda: tar("w", members), "tgz": lambda: tar("w:gz", members),
             "txz": lambda: tar("w:xz", members), "zip": lambda: zipped(members)}
    if len(members) == 1:
        kinds |= {name: lambda f=f: f(members[0][1]) for name, f in COMPRESSORS.items()}
    kind = r.choice(sorted(kinds))
    return kind, kinds[kind]()


def growing(program, seed):
    """A file that grows, now plain, now packed, ends as if it had been read at once; and stays so."""
    r, log = log_of(seed)
    data = log.data
    program.ingest("whole.db", program.file("whole.log", data), prefix=log.setting)
    places = sorted(r.randrange(len(data)) for _ in range(r.choice((1, 2, 5)))) + [len(data)]
    for place in places:
        kind, packed = r.choice((("log", data[:place]), pack(r, [("x.log", data[:place])])))
        path = program.file(f"x.{kind}", packed, settled=place == len(data))
        # A piece may be too short to be recognised.
        program.ingest("pieces.db", path, prefix=log.setting, options=("--jobs", r.choice((1, 2))), expect=(0, 3))
    whole = dump(program, "whole.db")
    assert_same(whole, dump(program, "pieces.db"), f"cut at {places}")
    for _ in range(3):
        kind, packed = pack(r, [("again.log", data)])
        program.ingest("pieces.db", program.file(f"again.{kind}", packed), prefix=log.setting)
        assert_same(whole, dump(program, "pieces.db"), f"again as {kind}")
        program.run("ingest", "--store", "pieces.db", "--source", "s", "--min-coverage", "0", "--prefix", log.setting,
                    "-", stdin=packed)
        assert_same(whole, dump(program, "pieces.db"), f"again as {kind} through a pipe")


def rotated(program, seed):
    """Rotations in one archive, in any order and each compressed or not, are as rotations in files."""
    r, log = log_of(seed)
    n = len(log.records)
    if n < 40:
        return
    places = sorted(r.sample(range(10, n - 10), r.choice((1, 2, 6))))
    parts = [b"".join(log.records[begin:end]) for begin, end in zip([0] + places, places + [n])]
    files = [program.file(f"x.log.{i}", part) for i, part in enumerate(parts)]
    program.ingest("files.db", *files, prefix=log.setting, expect=(0, 3))
    members = []
    for i, part in enumerate(parts):
        ending, compress = r.choice([("", bytes)] + list(COMPRESSORS.items()))
        members.append((f"logs/x.log.{i}.{ending}", compress(part)))
    r.shuffle(members)
    kind, packed = pack(r, members)
    program.ingest("archive.db", program.file(f"x.{kind}", packed), prefix=log.setting, expect=(0, 3))
    assert_same(sums(program, "files.db"), sums(program, "archive.db"), f"{kind} of {len(members)} rotations")


def truncated(program, seed):
    """What a truncated archive gives is a beginning of the log, and the whole one goes on there."""
    r, log = log_of(seed)
    program.ingest("whole.db", program.file("whole.log", log.data), prefix=log.setting)
    kind, packed = pack(r, [("x.log", log.data)])
    for _ in range(3):
        cut = program.file("cut", packed[:r.randrange(len(packed))])
        program.ingest("s.db", cut, prefix=log.setting, expect=(0, 3))
    program.ingest("s.db", program.file(f"x.{kind}", packed), prefix=log.setting)
    assert_same(dump(program, "whole.db"), dump(program, "s.db"), f"{kind} of {len(packed)} bytes truncated")


PROPERTIES = [("packed-growing", growing, 40), ("packed-rotated", rotated, 30), ("packed-truncated", truncated, 40)]
