"""PDFs: those that mean harm, and good ones, made here by hand, so that each byte is known; with qpdf where its own way of writing is the case."""

import pathlib
import subprocess
import tempfile
import zlib

from support.hostile import JPEG, encrypted_zip, hexed, noise, pdf, stream, zipped
from support.scan_engine import EICAR

CATALOGUE = b"<< /Type /Catalog /Pages 2 0 R %s>>"
PAGES = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
FONT = b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> "
MEGABYTE = 1 << 20


def content(text, filters=b""):
    return b"<< /Length %d %s>>\nstream\n%s\nendstream" % (len(text), filters, text)


def page(box=b"[0 0 200 100]", more=b""):
    return b"<< /Type /Page /Parent 2 0 R /MediaBox %s %s>>" % (box, more)


def plain(*more, catalogue=b"", box=b"[0 0 200 100]", on_page=b""):
    """A PDF of one page; the objects that are added have numbers from 4."""
    return pdf(CATALOGUE % catalogue, PAGES, page(box, on_page), *more)


def attached(body, spec=b"/EF << /F 5 0 R >>", *more):
    """A PDF of one page with an attachment, object 5, that its names tell of."""
    return plain(b"<< /Type /Filespec /F (a) %s >>" % spec, body, *more, catalogue=b"/Names << /EmbeddedFiles << /Names [(a) 4 0 R] >> >> ")


def drawn(*texts, box=b"[0 0 200 100]", rotate=0):
    """A PDF with a page for each content stream."""
    count = len(texts)
    kids = b" ".join(b"%d 0 R" % (3 + 2 * number) for number in range(count))
    objects = []
    for number, text in enumerate(texts):
        objects += [page(box, b"/Rotate %d /Contents %d 0 R %s" % (rotate, 4 + 2 * number, FONT)), content(text)]
    return pdf(CATALOGUE % b"", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), *objects)


def by_qpdf(document, *options):
    """As qpdf writes it."""
    with tempfile.TemporaryDirectory() as place:
        before, after = pathlib.Path(place, "before.pdf"), pathlib.Path(place, "after.pdf")
        before.write_bytes(document)
        subprocess.run(["qpdf", *options, before, after], check=True, capture_output=True)
        return after.read_bytes()


def acts(action):
    return plain(catalogue=b"/OpenAction << %s >> " % action)


def ascii85(data):
    """Adobe's, with its end."""
    out = b""
    for at in range(0, len(data), 4):
        some = data[at:at + 4]
        number = int.from_bytes(some.ljust(4, b"\0"), "big")
        digits = bytes(33 + number // 85 ** power % 85 for power in (4, 3, 2, 1, 0))
        out += digits[:len(some) + 1] if len(some) < 4 or digits != b"!!!!!" else b"z"
    return out + b"~>"


def run_length(data):
    return b"".join(bytes([len(data[at:at + 128]) - 1]) + data[at:at + 128] for at in range(0, len(data), 128)) + b"\x80"


def infected():
    """name -> bytes: the EICAR test file is attached to each, one way or another."""
    flate, plainly = zlib.compress(EICAR), stream(EICAR)
    many = b"/EF << /F 5 0 R >>"
    found = {
        "plain": attached(plainly),
        "flate": attached(stream(flate, b"/Filter /FlateDecode ")),
        "hexadecimal": attached(stream(hexed(EICAR), b"/Filter /ASCIIHexDecode ")),
        "hexadecimal twice": attached(stream(hexed(hexed(EICAR)), b"/Filter [/ASCIIHexDecode /ASCIIHexDecode] ")),
        "hexadecimal three times": attached(stream(hexed(hexed(hexed(EICAR))), b"/Filter [/AHx /AHx /AHx] ")),
        "hexadecimal of flate of base 85": attached(stream(hexed(zlib.compress(ascii85(EICAR))),
                                                           b"/Filter [/ASCIIHexDecode /FlateDecode /ASCII85Decode] ")),
        "base 85": attached(stream(ascii85(EICAR), b"/Filter /ASCII85Decode ")),
        "run length": attached(stream(run_length(EICAR), b"/Filter /RunLengthDecode ")),
        "run length, flate, base 85": attached(stream(ascii85(zlib.compress(run_length(EICAR))),
                                                      b"/Filter [/ASCII85Decode /FlateDecode /RunLengthDecode] ")),
        "predicted": attached(stream(zlib.compress(b"".join(b"\0" + EICAR[at:at + 4] for at in range(0, len(EICAR), 4))),
                                     b"/Filter /FlateDecode /DecodeParms << /Predictor 12 /Columns 4 >> ")),
        "names with escapes": attached(stream(hexed(hexed(EICAR)), b"/F#69lter [/ASCIIHe#78Decode /#41SCIIHexDecode] ")
                                       .replace(b"/EmbeddedFile", b"/E#6dbeddedFile"), b"/E#46 << /#46 5 0 R >>"),
        "without a type": attached(content(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] ")),
        "its filter elsewhere": attached(stream(hexed(hexed(EICAR)), b"/Filter 6 0 R "), many, b"[7 0 R 7 0 R]", b"/ASCIIHexDecode"),
        "its length elsewhere": attached(b"<< /Type /EmbeddedFile /Length 6 0 R /Filter [/AHx /AHx] >>\nstream\n%s\nendstream" % hexed(hexed(EICAR)),
                                         many, b"%d" % len(hexed(hexed(EICAR)))),
        "for one system only": attached(stream(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] "), b"/EF << /Unix 5 0 R >>"),
        "two names, the second one's": attached(stream(b"harmless"), b"/EF << /F 5 0 R /UF 6 0 R >>",
                                                stream(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] ")),
        "at a page": plain(b"<< /Type /Annot /Subtype /FileAttachment /Rect [0 0 9 9] /FS << /Type /Filespec /F (a) /EF << /F 5 0 R >> >> >>",
                           stream(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] "), on_page=b"/Annots [4 0 R] "),
        "beside it all": plain(stream(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] "), catalogue=b"/Own << /Data [[[4 0 R]]] >> "),
        "in object streams": by_qpdf(attached(stream(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] ")), "--object-streams=generate",
                                     "--stream-data=preserve"),
        "a document with it": attached(stream(zlib.compress(attached(stream(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] "))), b"/Filter /FlateDecode ")),
        "a document in a document with it": attached(stream(zlib.compress(attached(stream(attached(stream(hexed(hexed(EICAR)),
                                                     b"/Filter [/AHx /AHx] "))))), b"/Filter /FlateDecode ")),
        "a zip with it": attached(stream(hexed(hexed(zipped(("eicar.com", EICAR)))), b"/Filter [/AHx /AHx] ")),
        "behind 50 harmless ones": plain(*[b"<< /Type /Filespec /F (a) /EF << /F %d 0 R >> >>" % (5 + 2 * number) if half == 0 else
                                           stream(b"%d" % number) if number < 49 else stream(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] ")
                                           for number in range(50) for half in (0, 1)],
                                         catalogue=b"/AF [%s] " % b" ".join(b"%d 0 R" % (4 + 2 * number) for number in range(50))),
        "a file that goes with one": attached(stream(b"harmless"), b"/EF << /F 5 0 R >> /RF << /F [(a) 5 0 R (b) 6 0 R] >>",
                                              content(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] ")),
        "a form of another language": plain(content(b"<a/>"), content(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] "),
                                            catalogue=b"/AcroForm << /Fields [] /XFA [(template) 4 0 R (datasets) 5 0 R] >> "),
        "the same in one piece": plain(content(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] "), catalogue=b"/AcroForm << /Fields [] /XFA 4 0 R >> "),
        "a script": plain(content(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] "),
                          catalogue=b"/Names << /JavaScript << /Names [(a) << /S /JavaScript /JS 4 0 R >>] >> >> "),
        "another one's number with another generation": attached(stream(b"harmless"), b"/EF << /F 5 0 R /UF 6 0 R >> /Again 6 1 R",
                                                                 stream(hexed(hexed(EICAR)), b"/Filter [/AHx /AHx] ")),
    }
    return found


def refused():
    """name -> (bytes, reasons that are right)."""
    whole = attached(stream(b"a letter"))
    loop = b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"
    bomb = zlib.compress(bytes(300 * MEGABYTE), 9)
    entry = whole.index(b"xref\n0 ")
    found = {
        "a password": (by_qpdf(attached(stream(EICAR)), "--encrypt", "secret", "owner", "256", "--"), {"encrypted"}),
        "a password of its owner": (by_qpdf(whole, "--encrypt", "", "owner", "128", "--use-aes=y", "--"), {"encrypted"}),
        "an old password": (by_qpdf(whole, "--allow-weak-crypto", "--encrypt", "", "owner", "40", "--"), {"encrypted"}),
        "a password, with escapes": (by_qpdf(whole, "--encrypt", "", "owner", "256", "--").replace(b"/Encrypt ", b"/Encryp#74 "), {"encrypted", "damaged"}),
        "an attached document with a password": (attached(stream(by_qpdf(whole, "--encrypt", "", "x", "256", "--"))), {"encrypted"}),
        "an attached zip with a password": (attached(stream(zlib.compress(encrypted_zip()), b"/Filter /FlateDecode ")), {"encrypted"}),
        "an attached zip as it is": (attached(stream(zipped(("a.txt", b"a letter")))), {"wrong-type"}),
        "starts a program": (acts(b"/S /Launch /F (cmd.exe)"), {"active-content"}),
        "starts a program, with escapes": (acts(b"/#53 /L#61unch /Win << /F (cmd.exe) >>"), {"active-content"}),
        "reaches for another file": (acts(b"/S /GoToR /F (\\\\\\\\192.0.2.1\\\\x) /D [0 /Fit]"), {"active-content"}),
        "reaches for an attached file elsewhere": (acts(b"/S /GoToE /F (\\\\\\\\192.0.2.1\\\\x)"), {"active-content"}),
        "fetches data": (acts(b"/S /ImportData /F (a.fdf)"), {"active-content"}),
        "starts a program from a field": (plain(b"<< /Subtype /Widget /FT /Btn /T (a) /Rect [0 0 9 9] /AA << /U 5 0 R >> >>",
                                                b"<< /S /Launch /F (a) >>", on_page=b"/Annots [4 0 R] "), {"active-content"}),
        "tells an address when it is opened": (acts(b"/S /URI /URI (https://example.org/)"), {"active-content"}),
        "a thread in another file": (acts(b"/S /Thread /F (a.pdf) /D 0"), {"active-content"}),
        "a film": (plain(b"<< /Type /Annot /Subtype /Movie /Movie << /F (a.mov) >> /Rect [0 0 9 9] >>", on_page=b"/Annots [4 0 R] "), {"active-content"}),
        "a screen": (plain(b"<< /Type /Annot /Subtype /Screen /A << /S /Rendition >> /Rect [0 0 9 9] >>", on_page=b"/Annots [4 0 R] "), {"active-content"}),
        "bytes that are elsewhere": (attached(b"<< /Type /EmbeddedFile /F (a) /Length 0 >>\nstream\n\nendstream"), {"active-content"}),
        "a page's bytes that are elsewhere": (plain(b"<< /Length 0 /F << /FS /URL /F (https://example.org/a) >> /FFilter /AHx >>\nstream\n\nendstream",
                                                    on_page=b"/Contents 4 0 R "), {"active-content"}),
        "a page of another document": (plain(content(b"/A Do"), b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Ref << /F (a.pdf) /Page 0 >> " +
                                             content(b"")[3:], on_page=b"/Contents 4 0 R /Resources << /XObject << /A 5 0 R >> >> "),
                                       {"active-content"}),
        "has a player": (plain(b"<< /Type /Annot /Subtype /RichMedia /Rect [0 0 9 9] >>", on_page=b"/Annots [4 0 R] "), {"active-content"}),
        "an attached program": (attached(stream(hexed(hexed(b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0" + noise(200))), b"/Filter [/AHx /AHx] ")),
                                {"active-content"}),
        "draws itself": (plain(catalogue=b"/NeedsRendering true /AcroForm << /Fields [] /XFA [] >> "), {"not-understood"}),
        "a filter of its own": (attached(stream(b"x", b"/Filter /Own ")), {"not-understood"}),
        "51 attachments more than there may be": (plain(*[stream(b"%d" % number) for number in range(103)],
                                                        catalogue=b"/Own [%s] " % b" ".join(b"%d 0 R" % (4 + number) for number in range(103))), {"too-deep"}),
        "documents in documents": (nested(5), {"too-deep"}),
        "a bomb that is attached": (attached(stream(bomb, b"/Filter /FlateDecode ")), {"too-deep", "not-understood", "damaged", "too-large-picture"}),
        "a bomb in a bomb": (attached(stream(zlib.compress(bomb), b"/Filter [/FlateDecode /FlateDecode] ")),
                             {"too-deep", "not-understood", "damaged", "too-large-picture"}),
        "pages that hold themselves": (pdf(CATALOGUE % b"", loop), {"damaged"}),
        "no pages": (pdf(CATALOGUE % b"", b"<< /Type /Pages /Kids [] /Count 0 >>"), {"damaged"}),
        "no catalogue": (pdf(b"<< /Type /Nothing >>"), {"damaged"}),
        "a table that leads to itself": (whole.replace(b"/Root 1 0 R", b"/Root 1 0 R /Prev %d" % entry), {"damaged"}),
        "a table of lies": (whole.replace(b"0000000009 00000 n", b"0000000123 00000 n"), {"damaged"}),
        "an archive behind it": (whole + zipped(("eicar.com", EICAR)), {"wrong-type", "damaged"}),
        "an archive in front": (zipped(("eicar.com", EICAR)) + whole, {"wrong-type"}),
        "a picture in front": (JPEG + whole, {"wrong-type"}),
        "a page of the web within": (whole + b"<html><script>alert(1)</script></html>", {"wrong-type", "damaged"}),
        "0 bytes": (b"%PDF-1.7\n", {"damaged"}),
    }
    for quarter in (1, 2, 3):
        found[f"{quarter} of 4"] = (whole[:len(whole) * quarter // 4], {"damaged"})
    return found


def nested(depth):
    document = attached(stream(b"the innermost"))
    for _ in range(depth):
        document = attached(stream(zlib.compress(document), b"/Filter /FlateDecode "))
    return document


def heavy():
    """name -> bytes: what would take long, or much memory, to draw."""
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 200 100] /Resources << /XObject << /A 5 0 R /B 5 0 R >> >> %s"
    own = content(b"/A Do /B Do")
    doubling = [form.replace(b"5 0 R", b"%d 0 R" % (number + 1)) % content(b"/A Do /B Do")[3:] for number in range(5, 40)]
    picture = (b"<< /Type /XObject /Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode "
               b"/Length %d >>\nstream\n%s\nendstream")
    rows = zlib.compress(bytes(60 * MEGABYTE), 9)
    return {
        "a form that draws itself": plain(own, form % content(b"/A Do /B Do")[3:], on_page=b"/Contents 4 0 R /Resources << /XObject << /A 5 0 R /B 5 0 R >> >> "),
        "forms that double": plain(own, *doubling, content(b"0 0 9 9 re f"), on_page=b"/Contents 4 0 R /Resources << /XObject << /A 5 0 R /B 5 0 R >> >> "),
        "a picture of 60,000 pixels a side": plain(content(b"200 0 0 100 0 0 cm /A Do"), picture % (len(rows), rows),
                                                   on_page=b"/Contents 4 0 R /Resources << /XObject << /A 5 0 R >> >> "),
        "a million lines": drawn(b"0.1 w\n" + b"0 0 m 200 100 l 0 100 m 200 0 l S\n" * 500000),
        "a pattern of tiny tiles": plain(content(b"/Pattern cs /P scn 0 0 200 100 re f"),
                                         b"<< /Type /Pattern /PatternType 1 /PaintType 1 /TilingType 1 /BBox [0 0 1 1] /XStep 0.0001 /YStep 0.0001 "
                                         b"/Resources << >> " + content(b"0 0 1 1 re f")[3:],
                                         on_page=b"/Contents 4 0 R /Resources << /Pattern << /P 5 0 R >> >> "),
        "brackets without end": drawn(b"q " * 1000000 + b"[" * 1000000),
    }


def by_itself(action):
    """name -> bytes: what does this action without anybody asking for it."""
    def on_page(more):
        return plain(action, on_page=more)
    return {
        "opened": plain(action, catalogue=b"/OpenAction 4 0 R "),
        "closed": plain(action, catalogue=b"/AA << /WC 4 0 R >> "),
        "its page opened": on_page(b"/AA << /O 4 0 R >> "),
        "a field seen": on_page(b"/Annots [<< /Type /Annot /Subtype /Widget /FT /Tx /T (a) /Rect [0 0 9 9] /AA << /PV 4 0 R >> >>] "),
        "a link seen": on_page(b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /AA << /PO 4 0 R >> >>] "),
        "second": plain(action, b"<< /S /GoTo /D [3 0 R /Fit] /Next 4 0 R >>", catalogue=b"/OpenAction 5 0 R "),
        "third of some": plain(action, b"<< /S /Named /N /NextPage /Next [<< /S /Named /N /NextPage >> 4 0 R] >>",
                               b"<< /S /GoTo /D [3 0 R /Fit] /Next [5 0 R] >>", catalogue=b"/OpenAction 6 0 R "),
        "its names with escapes": plain(action, catalogue=b"/Open#41ction 4 0 R "),
    }


def when_pressed(action):
    """name -> bytes: what does it when somebody presses for it."""
    return {
        "a link": plain(action, on_page=b"/Annots [<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A 4 0 R >>] "),
        "a button": plain(action, on_page=b"/Annots [<< /Type /Annot /Subtype /Widget /FT /Btn /T (a) /Rect [0 0 9 9] /A 4 0 R >>] "),
        "a bookmark": plain(b"<< /Type /Outlines /First 5 0 R /Last 5 0 R >>", b"<< /Title (a) /Parent 4 0 R /A %s >>" % action,
                            catalogue=b"/Outlines 4 0 R "),
    }


def without_font(kind):
    """A page of words in a font that it does not bring."""
    font = {"base": b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
            "unknown": b"<< /Type /Font /Subtype /TrueType /BaseFont /Nobodys#20Own /Encoding /WinAnsiEncoding >>",
            "japanese": b"<< /Type /Font /Subtype /Type0 /BaseFont /Ryumin-Light /Encoding /UniJIS-UCS2-H /DescendantFonts [<< /Type /Font "
                        b"/Subtype /CIDFontType0 /BaseFont /Ryumin-Light /CIDSystemInfo << /Registry (Adobe) /Ordering (Japan1) /Supplement 4 >> "
                        b"/FontDescriptor << /Type /FontDescriptor /FontName /Ryumin-Light /Flags 4 /FontBBox [0 0 1000 1000] /ItalicAngle 0 "
                        b"/Ascent 800 /Descent 200 /CapHeight 700 /StemV 80 >> >>] >>"}[kind]
    words = b"<65E5672C8A9E>" if kind == "japanese" else b"(M)"
    return plain(content(b"BT /F1 100 Tf 10 10 Td %s Tj ET" % words), on_page=b"/Contents 4 0 R /Resources << /Font << /F1 %s >> >> " % font)
