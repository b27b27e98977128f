# Logs of which the end, a byte in the middle or the checksum is missing.
import gzip, io, random, tarfile, zipfile

log = open("shop.log", "rb").read()
r = random.Random(1)
noise = b"".join(b"2026-11-19 16:%02d:00.000 UTC [101] app@shop web 10.0.0.5 LOG:  duration: 1.000 ms  statement: SELECT '%s'\n"
                 % (i, bytes(r.choices(b"abcdefghijklmnopqrstuvwxyz", k=400))) for i in range(50))
packed = gzip.compress(log + noise)
open("cut.gz", "wb").write(packed[:len(packed) // 2])
open("cut-early.gz", "wb").write(packed[:15])
broken = bytearray(gzip.compress(log))
broken[-8] ^= 1
open("checksum.gz", "wb").write(broken)
with tarfile.open("whole.tar", "w") as out:
    for name in ("a.log", "b.log"):
        info = tarfile.TarInfo(name)
        info.size = len(log)
        out.addfile(info, io.BytesIO(log.replace(b"2026-11-19", b"2026-11-20") if name == "b.log" else log))
whole = open("whole.tar", "rb").read()
open("cut.tar", "wb").write(whole[:512 + 2048 + 512 + 900])
with zipfile.ZipFile("whole.zip", "w", zipfile.ZIP_DEFLATED) as out:
    out.writestr("a.log", log + noise)
whole = open("whole.zip", "rb").read()
open("cut.zip", "wb").write(whole[:len(whole) // 2])
