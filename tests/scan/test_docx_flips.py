"""A document with a virus in it, whose zip was changed so that readers disagree on what is in it: it never passes type table and engine."""

import random
import struct
import subprocess

import pytest
from support import hostile, pictures, scan_engine

SEED = 20261202
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
LOCAL, END = b"PK\x03\x04", b"PK\x05\x06"
LOCAL_SIZE, END_SIZE, AT_ONCE, FLIPS = 30, 22, 100, 1500


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    place = tmp_path_factory.mktemp("engine")
    with scan_engine.Engine(scan_engine.signatures(place / "signatures"), place / "log") as running:
        yield running


def places(document):
    """Where readers may be led apart: each byte of the local headers, and of the directory with its end."""
    local, start = set(), document.find(LOCAL)
    while start >= 0:
        local |= set(range(start, start + LOCAL_SIZE))
        start = document.find(LOCAL, start + 1)
    end = document.rindex(END)
    directory, = struct.unpack_from("<I", document, end + 16)
    return sorted(local | set(range(directory, end + END_SIZE)))


def with_value(document, at, form, value):
    return document[:at] + struct.pack(form, value) + document[at + struct.calcsize(form):]


def named(document):
    """The fields by which it was found that libclamav and others can be led apart."""
    start, end = document.rindex(LOCAL), document.rindex(END)
    size, = struct.unpack_from("<I", document, start + 18)
    for method in (0, 1, 9, 12, 14, 99, 0xFFFF):
        yield with_value(document, start + 8, "<H", method)
    for other in (0, 1, size - 1, size + 1, 2 * size, 0xFFFFFFFF):
        yield with_value(document, start + 18, "<I", other)
    for flags in (1, 8, 0x40, 0x2000, 0x2049, 0xFFFF):
        yield with_value(document, start + 6, "<H", flags)
    for length in (1, 2, 0xFF, 0xFFFF):
        yield with_value(document, end + 20, "<H", length)
        yield with_value(document, end + 20, "<H", length) + bytes(length)


def flipped(document, chance):
    where = places(document)
    changed = bytearray(document)
    for at in chance.sample(where, chance.choice((1, 1, 1, 2, 3))):
        changed[at] ^= chance.randrange(1, 256)
    return bytes(changed)


def passed_by_types(files, directory):
    """Those that the type table takes for documents."""
    directory.mkdir(exist_ok=True)
    for number, content in enumerate(files):
        (directory / str(number)).write_bytes(content)
    done = subprocess.run([pictures.PROGRAMS / "media_judge", "judge", DOCX, *(directory / str(number) for number in range(len(files)))],
                          capture_output=True, text=True, check=True, timeout=120)
    verdicts = [line.split()[0] for line in done.stdout.splitlines()]
    assert len(verdicts) == len(files)
    return [content for content, verdict in zip(files, verdicts, strict=True) if verdict == "fine"]


def documents():
    """With the virus in a part that documents have."""
    return [hostile.docx(("word/media/image1.png", content)) for content in (hostile.EICAR, hostile.EICAR + bytes(5000))]


def test_the_documents_themselves_are_found_by_the_engine(engine, tmp_path):
    """Otherwise the other tests would show nothing."""
    assert len(passed_by_types(documents(), tmp_path / "files")) == len(documents())
    assert [engine.look(document).verdict for document in documents()] == ["infected"] * len(documents())
    assert engine.look(hostile.docx()).verdict == "clean"


def test_fields_that_lead_readers_apart(engine, tmp_path):
    files = [changed for document in documents() for changed in named(document) if changed != document]
    assert [engine.look(content).verdict for content in passed_by_types(files, tmp_path / "files")].count("clean") == 0
    assert "clean" in {engine.look(content).verdict for content in files}  # so the type table is needed


def test_bytes_that_were_changed_by_chance(engine, tmp_path):
    chance, looked = random.Random(SEED), 0
    for document in documents():
        for _ in range(0, FLIPS, AT_ONCE):
            for content in passed_by_types([flipped(document, chance) for _ in range(AT_ONCE)], tmp_path / "files"):
                assert engine.look(content).verdict != "clean", content.hex()
                looked += 1
    assert looked > 50
