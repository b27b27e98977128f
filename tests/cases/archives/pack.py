# The log compressed in three ways, and cut into rotations in archives.
import bz2, gzip, io, lzma, tarfile, zipfile

log = open("shop.log", "rb").read()
open("gzip", "wb").write(gzip.compress(log))
open("bzip2", "wb").write(bz2.compress(log))
open("xz.log", "wb").write(lzma.compress(log))

lines = log.splitlines(keepends=True)
members = [("logs/shop.log", b"".join(lines[10:])),
           ("logs/shop.log.1.gz", gzip.compress(b"".join(lines[5:10]))),
           ("logs/shop.log.2", b"".join(lines[:5])),
           ("logs/README", b"not a log\n"),
           ("logs/\x1b[31mempty\n\u0085\u00fc.log", b"")]
for name, mode in (("shop.tar", "w"), ("shop.tgz", "w:gz")):
    with tarfile.open(name, mode) as out:
        folder = tarfile.TarInfo("logs")
        folder.type = tarfile.DIRTYPE
        out.addfile(folder)
        link = tarfile.TarInfo("logs/link")
        link.type, link.linkname = tarfile.SYMTYPE, "shop.log"
        out.addfile(link)
        for path, data in members:
            info = tarfile.TarInfo(path)
            info.size = len(data)
            out.addfile(info, io.BytesIO(data))
with zipfile.ZipFile("shop.zip", "w", zipfile.ZIP_DEFLATED) as out:
    for path, data in members:
        out.writestr(path, data)
with zipfile.ZipFile("readme.zip", "w") as out:
    out.writestr("README", b"not a log\n")
zipfile.ZipFile("empty.zip", "w").close()
