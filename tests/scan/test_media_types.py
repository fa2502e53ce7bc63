"""Files of every type as programs of others write them: lib/media finds what `file` finds; and what it takes out of films, exiftool does not find."""

import json
import re
import shutil
import subprocess
import zipfile

import pytest
from support import pictures

JUDGE = pictures.PROGRAMS / "media_judge"
FILMS = pictures.TOP / "tests/fuzz/seeds/fuzz_media_boxes"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ALL = ["image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf", DOCX, "video/mp4", "video/quicktime", "audio/mp4",
       "text/plain"]
PPM = pictures.ppm()


def run(*command, data=None):
    return subprocess.run([str(word) for word in command], input=data, capture_output=True, check=True, timeout=60).stdout


def judged(declared, path):
    verdict, found, width, height = run(JUDGE, "judge", declared, path).decode().split()
    return verdict, found, (int(width), int(height))


def write_docx(path):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (("[Content_Types].xml", "<Types/>"), ("_rels/.rels", "<Relationships/>"),
                              ("word/document.xml", "<w:document/>" * 100), ("word/media/image1.png", "PNG")):
            archive.writestr(name, content)


def write_streamed_docx(path):
    """As programs write that cannot go back: sizes stand behind the members."""
    whole = path.with_suffix(".whole")
    write_docx(whole)
    unpacked = path.with_suffix(".d")
    zipfile.ZipFile(whole).extractall(unpacked)
    with open(path, "wb") as out:
        subprocess.run(["zip", "-q", "-r", "-D", "-X", "-", "[Content_Types].xml", "_rels", "word"], stdout=out, cwd=unpacked, check=True, timeout=60)


def write_pdf(path):
    path.write_text("%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n0\n%%EOF\n")


def qpdf(path, *options):
    plain = path.with_suffix(".plain")
    write_pdf(plain)
    subprocess.run(["qpdf", "--warning-exit-0", *options, plain, path], capture_output=True, check=True, timeout=60)


def write_by_cwebp(*options):
    def write(path):
        source = path.with_suffix(".ppm")
        source.write_bytes(PPM)
        run("cwebp", "-quiet", *options, source, "-o", path)
    return write


def write_png(path):
    source, webp = path.with_suffix(".ppm"), path.with_suffix(".webp")
    source.write_bytes(PPM)
    run("cwebp", "-quiet", "-lossless", source, "-o", webp)
    run("dwebp", "-quiet", webp, "-o", path)


def write_animation(path):
    frame = path.with_suffix(".one")
    write_by_cwebp()(frame)
    run("webpmux", "-frame", frame, "+100", "-frame", frame, "+100", "-loop", "1", "-o", path)


SIDES = (pictures.WIDTH, pictures.HEIGHT)
HONEST = {
    "baseline.jpg": ("image/jpeg", SIDES, lambda path: path.write_bytes(run("cjpeg", data=PPM))),
    "progressive.jpg": ("image/jpeg", SIDES, lambda path: path.write_bytes(run("cjpeg", "-progressive", data=PPM))),
    "gray.jpg": ("image/jpeg", SIDES, lambda path: path.write_bytes(run("cjpeg", "-grayscale", "-restart", "1", data=PPM))),
    "plain.png": ("image/png", SIDES, write_png),
    "lossy.webp": ("image/webp", SIDES, write_by_cwebp()),
    "lossless.webp": ("image/webp", SIDES, write_by_cwebp("-lossless")),
    "animated.webp": ("image/webp", SIDES, write_animation),
    "plain.heic": ("image/heic", SIDES, pictures.write_heic),
    "plain.pdf": ("application/pdf", (0, 0), qpdf),
    "streams.pdf": ("application/pdf", (0, 0), lambda path: qpdf(path, "--object-streams=generate")),
    "linear.pdf": ("application/pdf", (0, 0), lambda path: qpdf(path, "--linearize")),
    "plain.docx": (DOCX, (0, 0), write_docx),
    "streamed.docx": (DOCX, (0, 0), write_streamed_docx),
    "film.mp4": ("video/mp4", (640, 480), lambda path: shutil.copy(FILMS / "0.bin", path)),
    "film.mov": ("video/quicktime", (640, 480), lambda path: shutil.copy(FILMS / "1.bin", path)),
    "sound.m4a": ("audio/mp4", (640, 480), lambda path: shutil.copy(FILMS / "2.bin", path)),
    "fragments.mp4": ("video/mp4", (640, 480), lambda path: shutil.copy(FILMS / "3.bin", path)),
    "plain.txt": ("text/plain", (0, 0), lambda path: path.write_text("Grüße\n\tvon mir\r\n", encoding="utf-8")),
}
# What `file` calls otherwise, and rightly so: it does not look at tracks.
ALSO = {"audio/mp4": {"audio/x-m4a"}, "video/mp4": {"video/mp4"}}


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_file_is_what_libmagic_says(name, tmp_path):
    wanted, sides, write = HONEST[name]
    path = tmp_path / name
    write(path)
    assert judged(wanted, path) == ("fine", wanted, sides)
    magic = run("file", "--brief", "--mime-type", path).decode().strip()
    assert magic in {wanted} | ALSO.get(wanted, set())
    for other in ALL:
        if other != wanted:
            verdict, found, _ = judged(other, path)
            assert (verdict, found) == ("wrong-type", wanted)


def test_a_pdf_with_a_password_is_encrypted(tmp_path):
    path = tmp_path / "secret.pdf"
    qpdf(path, "--encrypt", "user", "owner", "256", "--")
    assert judged("application/pdf", path)[0] == "encrypted"
    qpdf(path, "--object-streams=generate", "--encrypt", "", "owner", "256", "--")
    assert judged("application/pdf", path)[0] == "encrypted"


def test_an_archive_with_a_password_is_encrypted(tmp_path):
    path = tmp_path / "secret.docx"
    (tmp_path / "word").mkdir()
    (tmp_path / "word/document.xml").write_text("<w:document/>")
    subprocess.run(["zip", "-q", "-D", "-P", "secret", path, "word/document.xml"], cwd=tmp_path, check=True, timeout=60)
    assert judged(DOCX, path)[0] == "encrypted"


@pytest.mark.parametrize("name", [name for name, (kind, _, _) in HONEST.items() if kind not in (DOCX, "text/plain")])
def test_a_file_with_an_archive_behind_it_is_refused(name, tmp_path):
    """Python's zipfile, a lenient reader, opens each of them."""
    wanted, _, write = HONEST[name]
    path, archive = tmp_path / name, tmp_path / "archive.zip"
    write(path)
    write_docx(archive)
    path.write_bytes(path.read_bytes() + archive.read_bytes())
    assert len(zipfile.ZipFile(path).namelist()) == 4
    assert judged(wanted, path)[0] != "fine"


PLACE = re.compile(r"GPS|Location|Latitude|Longitude|Coordinates|Altitude")
PERSON = re.compile(r"Ada|Example|Tester|Telephone|SN-4711|48\.1|11\.5")
WRITTEN = ["-GPSCoordinates=48.1371 11.5753 520", "-Keys:GPSCoordinates=48.1371 11.5753 520", "-UserData:GPSCoordinates=48.1371 11.5753 520",
           "-XMP:GPSLatitude=48.1371", "-XMP:GPSLongitude=11.5753", "-Keys:Author=Ada Tester", "-ItemList:Artist=Ada Tester",
           "-XMP:Creator=Ada Tester", "-Keys:Make=Telephone", "-Keys:Model=Telephone", "-XMP:SerialNumber=SN-4711",
           "-QuickTime:CreateDate=2026:11:30 12:00:00", "-TrackCreateDate=2026:11:30 12:00:00", "-MediaCreateDate=2026:11:30 12:00:00",
           "-Keys:CreationDate=2026:11:30 12:00:00+01:00"]


def told(path):
    """Everything that exiftool reads, embedded tracks and unknown boxes too, but for what the file system says."""
    tags = json.loads(run("exiftool", "-json", "-G1", "-ee3", "-U", "-a", path))[0]
    return {name: str(value) for name, value in tags.items() if not name.startswith(("System:", "ExifTool:", "SourceFile"))}


@pytest.mark.parametrize("name", ["film.mp4", "film.mov", "sound.m4a"])
def test_exiftool_finds_nobody_and_no_place_in_a_cleaned_film(name, tmp_path):
    wanted, _, write = HONEST[name]
    path, clean = tmp_path / name, tmp_path / ("clean-" + name)
    write(path)
    run("exiftool", "-q", "-overwrite_original", "-m", *WRITTEN, path)
    before = told(path)
    assert any(PLACE.search(tag) for tag in before) and any("2026" in value for value in before.values())
    assert any(PERSON.search(value) for value in before.values())
    assert judged(wanted, path)[0] == "fine"
    clean.write_bytes(run(JUDGE, "clean", path))
    assert clean.stat().st_size == path.stat().st_size
    after = told(clean)
    assert after, "exiftool still reads it as a film"
    for tag, value in after.items():
        assert not PLACE.search(tag) and not PERSON.search(value) and "2026" not in value, (tag, value)
        assert not re.search(r"Date$|Handler(Vendor|Description)|CompressorName|VendorID", tag) or \
            value in ("", "0000:00:00 00:00:00"), (tag, value)
    assert judged(wanted, clean)[0] == "fine"
