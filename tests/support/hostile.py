"""Files that somebody sends who means harm, made here by a seed: none is stored, so no file of ours is taken for an infected one."""

import io
import random
import struct
import zipfile
import zlib

from support.scan_engine import EICAR

SEED = 11
MEGABYTE = 1 << 20
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + bytes([16] * 64) + bytes.fromhex(
    "ffc0000b080008000801011100ffc4001400010000000000000000000000000000000009ffc40014100100000000000000000000000000000000"
    "ffda0008010100003f0054df00ffd9")


def noise(size, seed=SEED):
    return random.Random(seed).randbytes(size)


def zipped(*members, method=zipfile.ZIP_DEFLATED):
    """A zip of (name, content) each."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def nested(depth, content=EICAR):
    for level in range(depth):
        content = zipped((f"{level}.zip" if level else "eicar.com", content))
    return content


def docx(*more):
    """The least that Word opens, and more members."""
    types = ('<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" '
             'ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-'
             'officedocument.wordprocessingml.document.main+xml"/></Types>')
    document = ('<?xml version="1.0"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
                '<w:t>A letter</w:t></w:r></w:p></w:body></w:document>')
    return zipped(("[Content_Types].xml", types.encode()), ("word/document.xml", document.encode()), *more)


def encrypted_zip(content=EICAR, password=b"infected"):
    """PKWARE's traditional encryption (APPNOTE.TXT 6.1)."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def crc(old, byte):
        return (~zlib.crc32(bytes([byte]), ~old & 0xFFFFFFFF)) & 0xFFFFFFFF

    def update(byte):
        keys[0] = crc(keys[0], byte)
        keys[1] = ((keys[1] + (keys[0] & 255)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = crc(keys[2], keys[1] >> 24)

    def encrypt(byte):
        temporary = (keys[2] | 2) & 0xFFFF
        stream = ((temporary * (temporary ^ 1)) >> 8) & 255
        update(byte)
        return byte ^ stream

    for byte in password:
        update(byte)
    check = zlib.crc32(content)
    data = bytes(encrypt(byte) for byte in noise(11) + bytes([check >> 24]) + content)
    name = b"eicar.com"
    entry = struct.pack("<HHHHHIIIHH", 20, 1, 0, 0, 0x21, check, len(data), len(content), len(name), 0)
    local = b"PK\3\4" + entry + name + data
    central = b"PK\1\2" + struct.pack("<H", 20) + entry + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(central), len(local), 0)


def compound(*streams):
    """A compound file ([MS-CFB]) of (name, content) each; contents are filled up to 4,096 bytes, so that there is no mini stream."""
    sector, free, end = 512, 0xFFFFFFFF, 0xFFFFFFFE
    entries, body, fat = [("Root Entry", 5, end, 0)], b"", [0xFFFFFFFD]
    contents = [(name, content.ljust(4096, b"\0")) for name, content in streams]
    directories = (len(contents) + 4) // 4
    fat += [*range(2, 1 + directories), end]
    for name, content in contents:
        first, count = len(fat), -(-len(content) // sector)
        entries.append((name, 2, first, len(content)))
        fat += [*range(first + 1, first + count), end]
        body += content.ljust(count * sector, b"\0")
    assert len(fat) <= 128
    directory = b""
    for number, (name, kind, first, size) in enumerate(entries):
        encoded = name.encode("utf-16-le") + b"\0\0"
        right = number + 1 if 0 < number < len(entries) - 1 else free
        child = 1 if number == 0 and len(entries) > 1 else free
        directory += encoded.ljust(64, b"\0") + struct.pack("<HBBIII16sIQQIQ", len(encoded), kind, 1, free, right, child, b"", 0, 0, 0, first, size)
    directory += (struct.pack("<64xHBBIII16sIQQIQ", 0, 0, 0, free, free, free, b"", 0, 0, 0, 0, 0)) * (-len(entries) % 4)
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<I", 0) + struct.pack("<I", free) * 108
    return header + struct.pack("<128I", *(fat + [free] * (128 - len(fat)))) + directory + body


def encrypted_docx():
    """As Word saves with a password ([MS-OFFCRYPTO] 2.3.4.10, agile): a compound file and no zip."""
    info = struct.pack("<HHI", 4, 4, 0x40) + (
        b'<?xml version="1.0" encoding="UTF-8"?><encryption xmlns="http://schemas.microsoft.com/office/2006/encryption"><keyData saltSize="16" '
        b'blockSize="16" keyBits="256" hashSize="64" cipherAlgorithm="AES" cipherChaining="ChainingModeCBC" hashAlgorithm="SHA512"/></encryption>')
    return compound(("EncryptionInfo", info), ("EncryptedPackage", struct.pack("<Q", 8000) + noise(8000)))


def overlapping(count):
    """A zip whose members are all the same bytes: little to read, much to unpack."""
    content = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = content.compress(bytes(4 * MEGABYTE)) + content.flush()
    check = zlib.crc32(bytes(4 * MEGABYTE))
    local, central = b"", b""
    for number in range(count):
        name = b"%05d" % number
        entry = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, check, len(data), 4 * MEGABYTE, len(name), 0)
        if not local:
            local = b"PK\3\4" + entry + name + data
        central += b"PK\1\2" + struct.pack("<H", 20) + entry + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return local + central + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(central), len(local), 0)


def pdf(*objects):
    """A PDF of these objects, the first of which is the catalogue; with a right table."""
    out, offsets = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


def stream(content, filters=b""):
    return b"<< /Type /EmbeddedFile /Length %d %s>>\nstream\n%s\nendstream" % (len(content), filters, content)


def pdf_with(attached):
    """A PDF of one page with an attachment, which is given as its stream object."""
    return pdf(b"<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >> >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] >>", b"<< /Type /Filespec /F (a) /EF << /F 5 0 R >> >>", attached)


def hexed(content):
    return content.hex().encode() + b">"


def infected():
    """name -> bytes: each holds the EICAR test file, and libclamav can reach it."""
    flate = zlib.compress(EICAR)
    return {
        "plain": EICAR,
        "after text": noise(100) + EICAR,
        "zip": zipped(("eicar.com", EICAR)),
        "zip, stored": zipped(("eicar.com", EICAR), method=zipfile.ZIP_STORED),
        "zip, bzip2": zipped(("eicar.com", EICAR), method=zipfile.ZIP_BZIP2),
        "zip in zip": nested(2),
        "the last of 900": zipped(*[(f"{number}.txt", b"nothing") for number in range(900)], ("eicar.com", EICAR)),
        "docx": docx(("word/media/image1.png", EICAR)),
        "docx, embedded document": docx(("word/embeddings/a.docx", docx(("word/media/image1.png", EICAR)))),
        "compound file": compound(("Contents", EICAR)),
        "pdf, attached": pdf_with(stream(EICAR)),
        "pdf, attached, flate": pdf_with(stream(flate, b"/Filter /FlateDecode ")),
        "pdf, attached, hexadecimal": pdf_with(stream(hexed(EICAR), b"/Filter /ASCIIHexDecode ")),
        "pdf, attached zip": pdf_with(stream(zipped(("eicar.com", EICAR)))),
        "jpeg and zip": JPEG + zipped(("eicar.com", EICAR)),
        "jpeg, after its end": JPEG + EICAR,
        "jpeg, in a comment": JPEG[:2] + b"\xff\xfe" + struct.pack(">H", len(EICAR) + 2) + EICAR + JPEG[2:],
        "pdf and zip": pdf_with(stream(b"nothing")) + zipped(("eicar.com", EICAR)),
        "html with it": b"<html><body>" + EICAR + b"</body></html>",
        "html with it, in a zip": zipped(("a.html", b"<html><body>" + EICAR + b"</body></html>")),
    }


def refused():
    """name -> (bytes, reason): nobody can say what is in them."""
    return {
        "zip in zip, 11 times": (nested(11), "too-deep"),
        "zip in zip, 40 times": (nested(40), "too-deep"),
        "encrypted zip": (encrypted_zip(), "encrypted"),
        "encrypted zip in a docx": (docx(("word/embeddings/a.zip", encrypted_zip())), "encrypted"),
        "encrypted docx": (encrypted_docx(), "encrypted"),
        "encrypted docx in a zip": (zipped(("a.docx", encrypted_docx())), "encrypted"),
        "behind 60 MB": (zipped(("zeros", bytes(60 * MEGABYTE) + EICAR)), "too-deep"),
        "behind 60 MB, said to be small": (zipped(("zeros", bytes(60 * MEGABYTE) + EICAR)).replace(struct.pack("<I", 60 * MEGABYTE + len(EICAR)),
                                                                                               struct.pack("<I", 1000)), "too-deep"),
        "zip without its end": (zipped(("eicar.com", EICAR), ("a.bin", noise(20000)))[:5000], "damaged"),
        "rar": (bytes.fromhex("526172211a0701003392b5e50a0105060005010180800053") + noise(200), "not-understood"),
        "bomb of 300 MB": (zipped(("zeros", bytes(300 * MEGABYTE))), "too-deep"),
        "bomb of many": (zipped(*[(f"{number}", bytes(10 * MEGABYTE)) for number in range(30)]), "too-deep"),
        "too many members": (zipped(*[(f"{number}.txt", b"nothing") for number in range(1500)]), "too-deep"),
    }


def innocent():
    """name -> bytes: nothing is in them, however odd they are."""
    return {"0 bytes": b"", "1 byte": b"\0", "text": "Grüße\n".encode(), "jpeg": JPEG, "docx": docx(), "pdf": pdf_with(stream(b"a letter")),
            "noise": noise(MEGABYTE), "overlapping members": overlapping(200)}


def cut():
    """name -> bytes: each of some whole files at each quarter."""
    whole = {"zip": zipped(("a.bin", noise(20000)), ("eicar.com", EICAR)), "docx": docx(("word/media/image1.png", noise(5000) + EICAR)),
             "compound file": compound(("Contents", EICAR)), "pdf": pdf_with(stream(zlib.compress(noise(1000) + EICAR), b"/Filter /FlateDecode ")),
             "jpeg": JPEG}
    return {f"{name}, {quarter} of 4": content[:len(content) * quarter // 4] for name, content in whole.items() for quarter in (1, 2, 3)}
