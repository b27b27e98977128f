"""A report depends on its log and its options alone: not on the place, the language, the hour, or the number of workers."""
import pathlib

SAMPLES = pathlib.Path(__file__).resolve().parents[2] / "samples"
ELSEWHERE = {"TZ": "America/St_Johns", "LC_ALL": "tr_TR.UTF-8", "LANG": "de_DE.UTF-8", "COLUMNS": "60", "HOME": "/", "NO_COLOR": "1",
             "TERM": "xterm-256color"}
FORMATS = ("txt", "md", "html", "json", "csv")


def everywhere(program, _):
    here = dict(program.environment)
    program.file("key", b"0123456789abcdef")
    samples = [SAMPLES / name for name in ("postgresql.log", "mysql-slow.log", "mongod.log")]
    program.run("ingest", "--store", "s.db", "--source", "s", *samples)

    def written(name, environment, jobs):
        program.environment = here | {"SOURCE_DATE_EPOCH": "1795096987"} | environment
        for form in FORMATS:
            report = f"{name}.{form}"
            program.run("analyze", "--limit", "0", "--since", "2d", "--jobs", jobs, "-o", report, *samples)
            yield f"analyze, {form}", (program.folder / report).read_bytes()
            program.run("report", "--store", "s.db", "--group-by", "user", "--since", "2d", "-o", report)
            yield f"report, {form}", (program.folder / report).read_bytes()
            program.run("report", "--store", "s.db", "--redact-names", "--redact-key", "key", "-o", report)
            yield f"report without names, {form}", (program.folder / report).read_bytes()
        for form in FORMATS[:-1]:
            program.run("diff", "-o", f"{name}.{form}", samples[0], samples[0])
            yield f"diff, {form}", (program.folder / f"{name}.{form}").read_bytes()
    first = dict(written("one", {}, 1))
    assert len(first) == 19 and min(map(len, first.values())) > 500, {what: len(data) for what, data in first.items()}
    for environment, jobs in (({}, 1), (ELSEWHERE, 1), (ELSEWHERE, 8)):
        for what, data in written("two", environment, jobs):
            assert data == first[what], f"{what}: {jobs} jobs, {environment}: not the same bytes"


PROPERTIES = [("same-bytes", everywhere, 1)]
