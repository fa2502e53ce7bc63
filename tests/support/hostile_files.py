"""Hostile files of every type that patients may give, as they would declare them, with what must become of each: by kind, name ->
(declared type, bytes, state or reason). PDFs are in support/hostile.py."""

import io
import struct
import subprocess
import tarfile
import warnings
import zipfile
import zlib
from pathlib import Path

from support import hostile, pictures
from support.scan_engine import EICAR

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
JPEG, PNG, WEBP, HEIC, TEXT, MP4, MOV, M4A = ("image/jpeg", "image/png", "image/webp", "image/heic", "text/plain", "video/mp4", "video/quicktime", "audio/mp4")
FILMS = pictures.TOP / "tests/fuzz/seeds/fuzz_media_boxes"
INFECTED = "infected"
GIF = b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\1\0\1\0\0\2\2D\1\0;"
HTML = b"<!DOCTYPE html><html><script>alert(document.cookie)</script></html>"


def png(width, height, data=b"", *chunks, depth=8, colour=2):
    """A PNG whose header says these sides; `chunks` (name, content) stand before its pixels."""
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
            + b"".join(chunk(*one) for one in chunks) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def box(name, content, *, size=None, wide=None):
    """A box of MP4; `size` and `wide` (64 bits) say another length than it has."""
    if wide is not None:
        return struct.pack(">I", 1) + name + struct.pack(">Q", wide) + content
    return struct.pack(">I", 8 + len(content) if size is None else size) + name + content


def nested_boxes(depth):
    content = b""
    for _ in range(depth):
        content = box(b"moov", content)
    return content


def run(*command, data=None):
    return subprocess.run([str(word) for word in command], input=data, capture_output=True, check=True, timeout=60).stdout


def heic(place, box_name=None, offset=0, new=b""):
    """A HEIC, with bytes exchanged `offset` behind the name of a box."""
    path = Path(place) / "plain.heic"
    pictures.write_heic(path)
    data = bytearray(path.read_bytes())
    if box_name:
        at = data.index(box_name) + 4 + offset
        data[at:at + len(new)] = new
    return bytes(data)


def many_scans():
    """A progressive JPEG that says the same scan two hundred times: each goes over all of its pixels."""
    whole = run("cjpeg", "-progressive", data=pictures.ppm())
    first = whole.index(b"\xff\xda")
    last = whole.rindex(b"\xff\xda")
    return whole[:last] + whole[first:last] * 200 + whole[last:]


def archive(kind):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{kind}") as file:
        entry = tarfile.TarInfo("eicar.com")
        entry.size = len(EICAR)
        file.addfile(entry, io.BytesIO(EICAR))
    return out.getvalue()


def renamed(archive_bytes, old, new):
    """A zip whose member has another name in its local header than in the directory."""
    at = archive_bytes.index(old)
    return archive_bytes[:at] + new + archive_bytes[at + len(old):]


def twice():
    """A document with two parts of one name: readers differ in which they take."""
    out = io.BytesIO()
    warnings.filterwarnings("ignore", message="Duplicate name")
    with zipfile.ZipFile(out, "w") as file:
        with zipfile.ZipFile(io.BytesIO(hostile.docx())) as whole:
            for name in whole.namelist():
                file.writestr(name, whole.read(name))
        file.writestr("word/document.xml", EICAR)
    return out.getvalue()


def pictures_of(place):
    plain = run("cjpeg", data=pictures.ppm())

    ppm = Path(place) / "plain.ppm"
    ppm.write_bytes(pictures.ppm())
    run("cwebp", "-quiet", ppm, "-o", Path(place) / "plain.webp")
    webp = (Path(place) / "plain.webp").read_bytes()
    whole = heic(place)
    found = {
        "jpeg with a virus in a comment": (JPEG, plain[:2] + b"\xff\xfe" + struct.pack(">H", len(EICAR) + 2) + EICAR + plain[2:], INFECTED),
        "jpeg with a virus behind its end": (JPEG, plain + EICAR, INFECTED),
        "jpeg and zip": (JPEG, plain + hostile.zipped(("eicar.com", EICAR)), "wrong-type"),
        "jpeg and page": (JPEG, plain[:2] + b"\xff\xfe" + struct.pack(">H", len(HTML) + 2) + HTML + plain[2:], "wrong-type"),
        "jpeg and program behind it": (JPEG, plain + b"MZ" + bytes(58) + struct.pack("<I", 64) + b"PE\0\0" + bytes(200), "wrong-type"),
        "jpeg of two hundred scans": (JPEG, many_scans(), "not-understood"),
        "jpeg of sides that it has not": (JPEG, plain.replace(struct.pack(">HH", pictures.HEIGHT, pictures.WIDTH), struct.pack(">HH", 65500, 65500)),
                                          "too-large-picture"),
        "png as jpeg": (JPEG, png(8, 8, bytes(8 * 25)), "wrong-type"),
        "gif": (JPEG, GIF, "wrong-type"),
        "gif and archive": (PNG, GIF + hostile.zipped(("a.class", b"\xca\xfe\xba\xbe")), "wrong-type"),
        "page as picture": (JPEG, HTML, "wrong-type"),
        "drawing with a script": (PNG, b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "wrong-type"),
        "program as picture": (JPEG, b"MZ" + bytes(200), "wrong-type"),
        "program of Linux as picture": (PNG, Path("/bin/true").read_bytes(), "wrong-type"),
        "png of 400 megapixels": (PNG, png(20000, 20000, bytes(1000000)), "too-large-picture"),
        "png of a side too long": (PNG, png(65535, 1), "too-large-picture"),
        "png of 50 million pixels and a few": (PNG, png(7072, 7072, bytes(1000)), "too-large-picture"),
        "png with no pixels": (PNG, png(100, 100), "damaged"),
        "png with a wrong checksum": (PNG, png(8, 8, bytes(8 * 25))[:-6] + b"\0" * 6, "damaged"),
        "png whose text is a bomb": (PNG, png(8, 8, b"", (b"zTXt", b"Comment\0\0" + zlib.compress(bytes(60 * hostile.MEGABYTE), 9))), "damaged"),
        "webp without its end": (WEBP, webp[:-100], "damaged"),
        "webp as png": (PNG, webp, "wrong-type"),
        "heic with pixels out of the file": (HEIC, heic(place, b"iloc", 12, b"\x7f" * 12), "damaged"),
        "heic of 400 megapixels": (HEIC, heic(place, b"ispe", 4, struct.pack(">II", 20000, 20000)), "too-large-picture"),
        "heic of nonsense": (HEIC, heic(place, b"mdat", 0, b"\xff" * 16), "damaged"),
        "heic as film": (MP4, whole, "wrong-type"),
        "one byte": (JPEG, b"\xff", "wrong-type"),
    }
    for kind, content in ((JPEG, plain), (PNG, png(64, 64, hostile.noise(64 * 193))), (HEIC, whole)):
        found |= {f"{kind}, {quarter} of 4": (kind, content[:len(content) * quarter // 4], "damaged") for quarter in (1, 2, 3)}
    return found


def films(place):
    film, sound, quicktime = ((FILMS / f"{number}.bin").read_bytes() for number in (0, 2, 1))
    start = film[:struct.unpack(">I", film[:4])[0]]
    found = {
        "film with a virus between its boxes": (MP4, film + box(b"free", EICAR), INFECTED),
        "film and zip": (MP4, film + hostile.zipped(("eicar.com", EICAR)), "damaged"),
        "film and page": (MP4, start + box(b"free", HTML) + film[len(start):], "wrong-type"),
        "film of a box without an end": (MP4, start + box(b"moov", b"", wide=1 << 63) + film[len(start):], "damaged"),
        "film of a box of less than its head": (MP4, start + box(b"moov", b"", size=4) + film[len(start):], "damaged"),
        "film of a wide box of nothing": (MP4, start + box(b"moov", b"", wide=0) + film[len(start):], "damaged"),
        "film of boxes in boxes": (MP4, start + nested_boxes(2000), "not-understood"),
        "film of boxes without number": (MP4, film + box(b"free", b"") * 150000, "too-deep"),
        "film without pictures": (MP4, start + box(b"mdat", bytes(100)), "damaged"),
        "sound as film": (MP4, sound, "wrong-type"),
        "film as sound": (M4A, film, "wrong-type"),
        "film as quicktime": (MOV, film, "wrong-type"),
        "film as picture": (HEIC, film, "wrong-type"),
    }
    for kind, content in ((MP4, film), (MOV, quicktime), (M4A, sound)):
        found |= {f"{kind}, {quarter} of 4": (kind, content[:len(content) * quarter // 4], "damaged") for quarter in (1, 2, 3)}
    return found


def documents(_place):
    plain, entries = hostile.docx(), hostile.zipped
    found = {
        "docx with a virus as picture": (DOCX, hostile.docx(("word/media/image1.png", EICAR)), INFECTED),
        "docx in a docx": (DOCX, hostile.docx(("word/embeddings/a.docx", hostile.docx(("word/media/image1.png", EICAR)))), "active-content"),
        "docx with macros": (DOCX, hostile.docx(("word/vbaProject.bin", hostile.compound(("VBA", b"Sub AutoOpen")))), "active-content"),
        "docx with ActiveX": (DOCX, hostile.docx(("word/activeX/activeX1.bin", hostile.noise(500))), "active-content"),
        "docx with an object": (DOCX, hostile.docx(("word/embeddings/oleObject1.bin", hostile.compound(("Contents", EICAR)))), "active-content"),
        "docx with a page": (DOCX, hostile.docx(("word/afchunk.html", HTML)), "active-content"),
        "docx with names that lead out": (DOCX, hostile.docx(("../../../etc/cron.d/a", b"* * * * * root true")), "not-understood"),
        "docx with an archive with a password": (DOCX, hostile.docx(("word/embeddings/a.zip", hostile.encrypted_zip())), "active-content"),
        "docx with a password": (DOCX, hostile.encrypted_docx(), "encrypted"),
        "docx of two documents": (DOCX, twice(), "damaged"),
        "docx that says two names": (DOCX, renamed(plain, b"word/document.xml", b"word/documenu.xml"), "damaged"),
        "docx that is a bomb": (DOCX, hostile.docx(("word/media/image1.png", bytes(100 * hostile.MEGABYTE))), "too-deep"),
        "docx of too many parts": (DOCX, hostile.docx(*[(f"word/media/image{number}.png", b"x") for number in range(1500)]), "too-deep"),
        "docx behind something": (DOCX, hostile.noise(200) + plain, "wrong-type"),
        "docx before something": (DOCX, plain + EICAR, "not-understood"),
        "zip with a virus": (DOCX, entries(("eicar.com", EICAR)), "not-understood"),
        "zip in zip, 11 times": (DOCX, hostile.nested(11), "wrong-type"),
        "zip with a password": (DOCX, hostile.encrypted_zip(), "encrypted"),
        "zip of members that overlap": (DOCX, hostile.overlapping(200), "too-deep"),
        "zip bomb of 300 MB": (DOCX, entries(("zeros", bytes(300 * hostile.MEGABYTE))), "too-deep"),
        "workbook": (DOCX, entries(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")), "wrong-type"),
        "application for a telephone": (DOCX, entries(("AndroidManifest.xml", b"\3\0"), ("classes.dex", b"dex\n035\0")), "not-understood"),
        "old document of Word": (DOCX, hostile.compound(("WordDocument", hostile.noise(5000))), "wrong-type"),
        "rar": (DOCX, bytes.fromhex("526172211a0701003392b5e50a0105060005010180800053") + hostile.noise(200), "wrong-type"),
        "7z": (DOCX, b"7z\xbc\xaf\x27\x1c\0\4" + hostile.noise(200), "wrong-type"),
    }
    return found | {f"docx, {quarter} of 4": (DOCX, plain[:len(plain) * quarter // 4], "damaged") for quarter in (1, 2, 3)}


def texts(_place):
    return {
        "virus": (TEXT, EICAR, INFECTED), "virus with blanks": (TEXT, EICAR + b"\r\n\r\n", INFECTED),
        "page": (TEXT, HTML + EICAR, "wrong-type"), "page behind blanks": (TEXT, b"\xef\xbb\xbf \n\t" + HTML, "wrong-type"),
        "script": (TEXT, b"#!/bin/sh\nrm -rf /\n", "wrong-type"), "rtf": (TEXT, b"{\\rtf1\\ansi{\\object\\objdata 0105}}", "wrong-type"),
        "postscript": (TEXT, b"%!PS-Adobe-3.0\n(/etc/passwd) run\n", "wrong-type"), "pdf": (TEXT, hostile.pdf(b"<< /Type /Catalog >>"), "wrong-type"),
        "zip as text": (TEXT, hostile.nested(2), "wrong-type"), "archive as text": (TEXT, archive(""), "wrong-type"),
        "gz as text": (TEXT, archive("gz"), "wrong-type"), "text of 16 bits": (TEXT, "Grüße".encode("utf-16"), "wrong-type"),
        "text of ISO 8859": (TEXT, "Grüße".encode("latin-1"), "not-understood"), "text with a NUL": (TEXT, b"a\0b", "wrong-type"),
        "text that a terminal runs": (TEXT, b"\x1b]0;x\7\x1b[2J", "wrong-type"), "too long forms of UTF-8": (TEXT, b"\xc0\xaf..\xc0\xaf", "not-understood"),
    }


KINDS = {"pictures": pictures_of, "films": films, "documents": documents, "texts": texts}
