"""anamnesis-scan-document as the conductor asks it: what is attached to a PDF is taken out in whatever encoding, pages are drawn upright, and
what harms, hides or takes too long is refused; each in a process that has nothing else."""

import json
import os
import pathlib
import subprocess
import time

import pytest
from scan.conftest import PICTURE
from scan.test_engine_confined import AS_ROOT, FILTER, state, without
from scan.test_picture_metadata import COMPOSITE, FILE, GROUPS, JFIF
from support import hostile, papers, pictures
from support.scan_engine import EICAR

DOCUMENT = pictures.BUILD / "anamnesis-scan-document"
PDF, DRAWN = "application/pdf", "image/x-portable-pixmap"
INFECTED, REFUSED, HEAVY = papers.infected(), papers.refused(), papers.heavy()
TESTFILES = pathlib.Path("/usr/share/clamav-testfiles")


@pytest.fixture
def document(ask, tmp_path):
    """document(WHAT, BYTES...): the words of each reply; parts are in tmp_path/result-N-N."""
    def run(what, *contents, program=(DOCUMENT,)):
        paths = []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"file-{number}")
            paths[-1].write_bytes(content)
        return ask(str(what), PDF, paths, *program, tmp_path)
    return run


@pytest.fixture
def draw(document, tmp_path):
    """draw(BYTES, PAGE): how many pages there are, the sides, and a function that gives the colour of a place, both from 0 to 1."""
    def run(content, page=1):
        (words,) = document(page, content)
        assert words[:3] == ["clean", "-", "answered"] and words[5] == "page", words
        width, height = int(words[6]), int(words[7])
        head, pixels = b"P6\n%d %d\n255\n" % (width, height), (tmp_path / "result-0-0").read_bytes()
        assert pixels.startswith(head) and len(pixels) == len(head) + 3 * width * height

        def colour(x, y):
            at = len(head) + 3 * (int(y * (height - 1)) * width + int(x * (width - 1)))
            return tuple(pixels[at:at + 3])
        return int(words[3]), (width, height), colour
    return run


@pytest.mark.parametrize("name", [name for name in INFECTED if not name.startswith("a ")])
def test_what_is_attached_is_taken_out(document, tmp_path, name):
    (words,) = document("unpack", INFECTED[name])
    assert words[:3] == ["clean", "-", "answered"]
    parts = [path.read_bytes() for path in tmp_path.glob("result-0-*")]
    assert EICAR in parts and len(parts) == words.count("inner")
    assert len(set(parts)) == len(parts), "none twice"


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_taken_apart_or_acts_is_refused_with_its_reason(document, name):
    """[5.2.3] Some need the type table, which comes before, or the engine, which sees what was taken out."""
    content, reasons = REFUSED[name]
    replies = document("unpack", content) + document(1, content)
    assert all(words[2] == "answered" for words in replies)
    found = {words[1] for words in replies if words[0] == "rejected"}
    seen_elsewhere = name.startswith(("an attached", "documents in", "an archive", "a picture", "a page of the web"))
    assert found <= reasons and (found or seen_elsewhere), replies


TELLING = {"address": b"<< /S /URI /URI (https://example.org/) >>", "form": b"<< /S /SubmitForm /F << /FS /URL /F (https://example.org/) >> >>"}
ORDINARY = {"place": b"<< /S /GoTo /D [3 0 R /Fit] >>", "name": b"<< /S /Named /N /NextPage >>", "script": b"<< /S /JavaScript /JS (app.alert\\(1\\)) >>"}


@pytest.mark.parametrize("when", papers.by_itself(b""))
def test_nobody_is_told_that_it_was_opened(document, when):
    for action in TELLING.values():
        assert document("unpack", papers.by_itself(action)[when])[0][:3] == ["rejected", "active-content", "answered"]
    for action in ORDINARY.values():
        assert document("unpack", papers.by_itself(action)[when])[0][:3] == ["clean", "-", "answered"]


@pytest.mark.parametrize("what", papers.when_pressed(b""))
def test_what_somebody_has_to_press_is_let_be(document, what):
    for action in (TELLING | ORDINARY).values():
        assert document("unpack", papers.when_pressed(action)[what])[0][:3] == ["clean", "-", "answered"]


@pytest.mark.parametrize("link", [b"/Next 4 0 R", b"/Next [4 0 R 4 0 R]"])
def test_actions_that_follow_themselves_have_an_end(document, link):
    assert document("unpack", papers.by_itself(b"<< /S /GoTo /D [3 0 R /Fit] %s >>" % link)["opened"])[0][:3] == ["rejected", "too-deep", "answered"]


@pytest.mark.parametrize("name", HEAVY)
def test_what_takes_too_long_or_too_much_is_given_up(document, name):
    words, good = document(1, HEAVY[name], papers.drawn(b""))
    assert words[0] == "clean" or (words[0], words[2]) == ("rejected", "answered"), words
    assert words[1] in ("-", "too-large-picture", "not-understood")
    assert good[:3] == ["clean", "-", "answered"]


def tree(depth, leaves=1):
    """Pages below pages, so deep."""
    nodes = [b"<< /Type /Pages /Kids [%d 0 R] /Count %d %s>>" % (level + 3, leaves, b"/Parent %d 0 R " % (level + 1) if level else b"")
             for level in range(depth)]
    return hostile.pdf(papers.CATALOGUE % b"", *nodes, b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 9 9] >>" % (depth + 1))


DEEP = {"10 pages deep": tree(10), "3,000 pages deep": tree(3000), "60,000 pages deep": tree(60000),
        "200,000 brackets": papers.plain(b"[" * 200000 + b"]" * 200000, catalogue=b"/Own 4 0 R "),
        "100,000 dictionaries": papers.plain(b"<< /A " * 100000 + b"null" + b">>" * 100000, catalogue=b"/Own 4 0 R ")}


@pytest.mark.parametrize("name", DEEP)
def test_depth_is_no_way_out(document, name):
    """Whatever a library does with it: there is an answer, or none, and the program goes on."""
    for what in ("unpack", 1):
        deep, good = document(what, DEEP[name], papers.plain())
        assert deep[0] in ("clean", "rejected", "failed")
        assert good[0] == "clean"


@pytest.mark.parametrize("name", sorted(path.name for path in TESTFILES.glob("*.pdf")))
def test_debians_test_documents_give_what_is_in_them(document, tmp_path, name):
    """The engine finds these already (test_engine.py); here a part is the program that they hold, or it is refused."""
    (words,) = document("unpack", (TESTFILES / name).read_bytes())
    parts = [path.read_bytes() for path in tmp_path.glob("result-0-*")]
    assert words[0] == "rejected" or (TESTFILES / "clam.exe").read_bytes() in parts, words


@pytest.mark.parametrize("cut", range(1, 40))
def test_one_that_is_cut_off_is_refused(document, cut):
    whole = papers.attached(hostile.stream(EICAR))
    assert document("unpack", whole[:len(whole) * cut // 40])[0][:2] == ["rejected", "damaged"]


# Red top left, green top right, blue bottom left, black bottom right.
CORNERS = b"1 0 0 rg 0 50 100 50 re f 0 1 0 rg 100 50 100 50 re f 0 0 1 rg 0 0 100 50 re f 0 g 100 0 100 50 re f"
RED, GREEN, BLUE, BLACK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)
TURNED = {0: (RED, GREEN, BLUE, BLACK), 90: (BLUE, RED, BLACK, GREEN), 180: (BLACK, BLUE, GREEN, RED), 270: (GREEN, BLACK, RED, BLUE)}


@pytest.mark.parametrize("rotate", TURNED)
def test_a_page_comes_out_upright(draw, rotate):
    count, sides, colour = draw(papers.drawn(CORNERS, rotate=rotate))
    assert (count, sides) == (1, (833, 417) if rotate % 180 == 0 else (417, 833))
    assert tuple(colour(x, y) for y in (0.1, 0.9) for x in (0.1, 0.9)) == TURNED[rotate]


@pytest.mark.parametrize(("box", "sides"), [(b"[0 0 595 842]", (1447, 2048)), (b"[0 0 14400 14400]", (2048, 2048)), (b"[0 0 1 14400]", (1, 2048)),
                                            (b"[0 0 200000 1]", (2048, 1)), (b"[100 100 300 200]", (833, 417)), (b"[300 200 100 100]", (833, 417)),
                                            (b"[0 0 0.01 0.01]", (1, 1))])
def test_no_page_is_larger_than_others_may_see(draw, box, sides):
    """[5.2.6]"""
    assert draw(papers.drawn(b"", box=box))[1] == sides


def test_each_page_is_the_one_that_was_asked_for(draw, document):
    content = papers.drawn(b"1 0 0 rg 0 0 200 100 re f", b"0 1 0 rg 0 0 200 100 re f", b"0 0 1 rg 0 0 200 100 re f")
    for page, expected in enumerate((RED, GREEN, BLUE), 1):
        count, _, colour = draw(content, page)
        assert (count, colour(0.5, 0.5)) == (3, expected)
    assert document(4, content)[0][:3] == ["rejected", "damaged", "answered"]


def test_words_are_drawn_though_the_document_brings_no_font(draw):
    _, _, colour = draw(papers.drawn(b"BT /F1 100 Tf 10 10 Td (M) Tj ET"))
    row = [colour(x / 200, 0.5) for x in range(200)]
    assert BLACK in row and (255, 255, 255) in row


@pytest.mark.parametrize("kind", ["base", "unknown"])
def test_no_page_is_shown_without_its_words(document, tmp_path, kind):
    assert document(1, papers.without_font(kind))[0][:3] == ["clean", "-", "answered"]
    assert bytes(3) in (tmp_path / "result-0-0").read_bytes()


def test_of_a_font_whose_letters_are_numbers_no_other_one_is_taken(document):
    assert document("unpack", papers.without_font("japanese"))[0][:3] == ["rejected", "not-understood", "answered"]


@AS_ROOT
def test_on_a_machine_without_fonts_only_documents_that_bring_theirs_are_drawn(document):
    bare = ("/usr/bin/unshare", "--mount", "sh", "-c", 'mount -t tmpfs none /usr/share/fonts && exec "$0" "$1"', DOCUMENT)
    for kind in ("base", "unknown"):
        assert document(1, papers.without_font(kind), program=bare)[0][:3] == ["rejected", "not-understood", "answered"]
    assert document(1, papers.drawn(b"0 0 99 99 re f"), program=bare)[0][:3] == ["rejected", "not-understood", "answered"]
    assert document(1, papers.plain(papers.content(b"0 0 99 99 re f"), on_page=b"/Contents 4 0 R "), program=bare)[0][:3] == ["clean", "-", "answered"]


def test_ten_thousand_pages_are_counted(draw):
    pages = [papers.page() for _ in range(10000)]
    content = hostile.pdf(papers.CATALOGUE % b"", b"<< /Type /Pages /Kids [%s] /Count 10000 >>" % b" ".join(b"%d 0 R" % (3 + n) for n in range(10000)), *pages)
    assert draw(content, 10000)[0] == 10000


def told_of(path):
    done = subprocess.run(["exiftool", "-j", "-G0", "-a", "-u", "-All", "-x", "System:All", path], capture_output=True, text=True, check=True, timeout=60)
    return {tuple(name.split(":")) for name in json.loads(done.stdout)[0] if ":" in name}


def test_what_a_document_says_of_people_is_in_no_picture_of_it(document, ask, tmp_path):
    """[14.2.8] From the file to what others see, through both programs."""
    secret = papers.drawn(CORNERS).replace(b"/Root 1 0 R", b"/Root 1 0 R /Info << /Author (SECRET) /CreationDate (D:20260102030405) >>")
    assert document(1, secret)[0][0] == "clean"
    drawn = tmp_path / "drawn"
    (tmp_path / "result-0-0").rename(drawn)
    (words,) = ask("remake", DRAWN, [drawn], PICTURE, tmp_path)
    assert words == ["clean", "-", "answered", "833", "417", "view", "833", "417", "thumbnail", "320", "160"]
    for number in (0, 1):
        path = tmp_path / f"result-0-{number}"
        for group, name in told_of(path):
            assert group in GROUPS and name in {"File": FILE, "Composite": COMPOSITE, "JFIF": JFIF, "ExifTool": {"ExifToolVersion"}}[group], (group, name)
        assert b"SECRET" not in path.read_bytes()


@pytest.mark.parametrize(("content", "reason"), [
    (b"", "damaged"), (b"P6\n2 1\n255\n12345", "damaged"), (b"P6\n2 1\n255\n1234567", "damaged"), (b"P6 2 1 255\n123456", "damaged"),
    (b"P6\n02 1\n255\n123456", "damaged"), (b"P6\n2 1\n65535\n123456", "damaged"), (b"P5\n2 1\n255\n12", "damaged"), (b"P6\n-2 1\n255\n123456", "damaged"),
    (b"P6\n0 0\n255\n", "damaged"), (b"P6\n20001 1\n255\n", "too-large-picture"), (b"P6\n999999999 999999999\n255\n", "too-large-picture"),
    (b"P6\n#x\n2 1\n255\n123456", "damaged")])
def test_what_is_drawn_is_not_believed(ask, tmp_path, content, reason):
    path = tmp_path / "drawn"
    path.write_bytes(content)
    assert ask("remake", DRAWN, [path], PICTURE, tmp_path) == [["rejected", reason, "answered", "0", "0"]]


def test_of_another_type_nothing_is_said(ask, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(papers.plain())
    for what, media_type in (("unpack", "image/jpeg"), ("1", "text/plain"), ("remake", PDF), ("look", PDF)):
        (words,) = ask(what, media_type, [path], DOCUMENT, tmp_path)
        assert words[:2] == ["failed", "not-scanned"]


def children(pid):
    return [int(word) for word in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def is_at_work(pid):
    """It has entered its filter, and is none of those that try whether that can be done."""
    try:
        return state(pid).get("Seccomp") == FILTER and os.readlink(f"/proc/{pid}/fd/0") == "/dev/null"
    except (FileNotFoundError, ProcessLookupError):
        return False


@AS_ROOT
def test_a_process_that_draws_has_nothing_else(tmp_path):
    """But the fonts, which it may read."""
    path = tmp_path / "heavy.pdf"
    path.write_bytes(HEAVY["forms that double"])
    command = [pictures.PROGRAMS / "scan_ask", "1", PDF, tmp_path / "result", path, "--", DOCUMENT, tmp_path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as asked:
        until, pid = time.monotonic() + 60, None
        while pid is None and time.monotonic() < until:
            pid = next((cell for program in children(asked.pid) for cell in children(program) if is_at_work(cell)), None)
        found = state(pid)
        assert (found["NoNewPrivs"], found["CapEff"], found["CapPrm"]) == ("1", "0" * 16, "0" * 16)
        for kind in ("user", "mnt", "net", "ipc", "uts"):
            assert os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"), kind
        root = pathlib.Path(f"/proc/{pid}/root")
        assert (sorted(os.listdir(root)), os.listdir(root / "usr")) == (["tmp", "usr"], ["share"])
        assert set(os.listdir(root / "usr/share")) <= {"fonts", "poppler"}
        mounts = pathlib.Path(f"/proc/{pid}/mounts").read_text(encoding="utf-8").splitlines()
        assert [line.split()[3].split(",")[0] for line in mounts if line.split()[1].startswith("/usr")] == ["ro"] * (len(mounts) - 1)
        assert pathlib.Path(f"/proc/{pid}/net/dev").read_text(encoding="utf-8").count("\n") == 3
        opened = [os.readlink(f"/proc/{pid}/fd/{number}") for number in os.listdir(f"/proc/{pid}/fd")]
        assert all(name.startswith(("/dev/null", "/memfd:", "pipe:", "/usr/share/fonts/")) for name in opened), opened
        modes = [line.split()[1] for line in pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()]
        assert not any("w" in mode and "x" in mode for mode in modes)
        assert asked.communicate(timeout=120)[0].split()[:3] == ["rejected", "too-large-picture", "answered"]


@pytest.mark.parametrize("call", ["unshare", "landlock_create_ruleset"])
def test_one_of_namespaces_and_landlock_is_enough(document, tmp_path, call):
    content = papers.drawn(b"BT /F1 100 Tf 10 10 Td (M) Tj ET")
    assert document(1, content, program=(*without(call), DOCUMENT))[0][:3] == ["clean", "-", "answered"]
    picture = (tmp_path / "result-0-0").read_bytes()
    assert bytes(3) in picture, "with its words"
    assert document("unpack", INFECTED["base 85"], program=(*without(call), DOCUMENT))[0][:3] == ["clean", "-", "answered"]
