"""anamnesis-scan-engine: what it finds, what it refuses, and that nothing is clean that it could not look into."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from support import hostile, scan_engine

EXPECTED = "Eicar-Test-Signature.UNOFFICIAL"
MISCONFIGURED = 78
TESTFILES = Path("/usr/share/clamav-testfiles")
INFECTED, REFUSED, INNOCENT, CUT = hostile.infected(), hostile.refused(), hostile.innocent(), hostile.cut()


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    place = tmp_path_factory.mktemp("engine")
    with scan_engine.Engine(scan_engine.signatures(place / "signatures"), place / "log") as running:
        yield running


@pytest.mark.parametrize("name", INFECTED)
def test_what_is_in_it_is_found(engine, name):
    found = engine.look(INFECTED[name])
    assert (found.verdict, found.signature, found.end) == ("infected", EXPECTED, "answered")


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_looked_into_is_refused_with_its_reason(engine, name):
    """[5.2.3]"""
    content, reason = REFUSED[name]
    found = engine.look(content)
    assert (found.verdict, found.reason, found.signature) == ("rejected", reason, "")


@pytest.mark.parametrize("name", INNOCENT)
def test_what_is_innocent_is_clean(engine, name):
    assert engine.look(INNOCENT[name])[:4] == ("clean", None, "", "answered")


@pytest.mark.parametrize("name", CUT)
def test_what_is_cut_off_gets_an_answer_and_is_clean_only_without_a_virus_in_it(engine, name):
    """A file that ends early is refused where its kind has a directory at its end; what remains of others is looked at."""
    found = engine.look(CUT[name])
    assert found.end == "answered"
    if name.startswith(("zip", "docx")):
        assert (found.verdict, found.reason) == ("rejected", "damaged")
    assert found.verdict != "clean" or scan_engine.EICAR not in CUT[name]


def test_debians_test_files_are_found_or_refused(tmp_path):
    """The package's files are known by Debian's own signatures; here the one program in all of them is the signature."""
    body = (TESTFILES / "clam.exe").read_bytes()
    files = sorted(TESTFILES.iterdir())
    assert len(files) >= 40
    with scan_engine.Engine(scan_engine.signatures(tmp_path / "signatures", {"Clam-Test-File": body}), tmp_path / "log") as engine:
        found = {path.name: engine.look(path.read_bytes()) for path in files}
    packed = {name for name, one in found.items() if (one.verdict, one.reason) == ("rejected", "active-content")}
    deep = {name for name, one in found.items() if (one.verdict, one.reason) == ("rejected", "too-deep")}
    infected = {name for name, one in found.items() if one.verdict == "infected"}
    assert all(name.endswith(".exe") for name in packed), packed
    assert deep == {"clam_cache_emax.tgz"}
    assert packed | deep | infected == found.keys()
    assert {name for name in found if not name.endswith((".exe", ".tgz"))} <= infected


def refusal(directory, log, **environment):
    """The exit status of an engine that does not start, and the event in its log."""
    with scan_engine.Engine(directory, log, **environment) as engine:
        assert engine.hello is None
        status = engine.process.wait(scan_engine.PATIENCE_SECONDS)
    return status, [word for word in Path(log).read_text(encoding="utf-8").split('"') if word.endswith(("-found", "-read", "-loaded", "-confined"))][-1]


def test_it_starts_with_signatures_alone_that_find_the_canary(tmp_path):
    none, broken, other = tmp_path / "none", tmp_path / "broken", tmp_path / "other"
    for directory in (none, broken, other):
        directory.mkdir()
    (broken / "test.ndb").write_text("this is no signature\n", encoding="ascii")
    (other / "test.ndb").write_text(f"Other:0:*:{b'something else'.hex()}\n", encoding="ascii")
    log = tmp_path / "log"
    assert refusal(tmp_path / "nowhere", log) == (MISCONFIGURED, "signatures-not-read")
    assert refusal(none, log) == (MISCONFIGURED, "signatures-not-read")
    assert refusal(broken, log) == (MISCONFIGURED, "signatures-not-loaded")
    assert refusal(other, log) == (MISCONFIGURED, "canary-not-found")


def test_it_says_what_it_has(tmp_path):
    directory = scan_engine.signatures(tmp_path / "signatures")
    (directory / "a.hdb").write_text("00000000000000000000000000000000:1:A\n", encoding="ascii")
    (directory / "freshclam.dat").write_bytes(b"notes of another program")
    digests = {path.name: subprocess.run(["sha256sum", path], capture_output=True, text=True, check=True).stdout[:16]
               for path in (directory / "a.hdb", directory / "test.ndb")}
    with scan_engine.Engine(directory, tmp_path / "log") as engine:
        assert engine.hello.signatures == f"a.hdb:{digests['a.hdb']},test.ndb:{digests['test.ndb']}"
        assert engine.hello.signatures_at == 0
        assert engine.hello.held != 0


def test_two_run_beside_each_other_and_one_ends_when_it_has_answered(tmp_path):
    first = scan_engine.signatures(tmp_path / "first")
    second = scan_engine.signatures(tmp_path / "second", {"Newer": b"known since today"})
    slow = REFUSED["bomb of many"][0]
    with scan_engine.Engine(first, tmp_path / "log") as old, scan_engine.Engine(second, tmp_path / "log") as new:
        old.ask(slow, number=1)
        old.ask(b"known since today", number=2)
        assert old.answer() == (2, ("clean", None, "", "answered", pytest.approx(0, abs=scan_engine.PATIENCE_SECONDS * 1000)))
        old.process.send_signal(signal.SIGTERM)
        assert new.look(b"known since today").signature == "Newer.UNOFFICIAL"
        number, found = old.answer()
        assert (number, found.reason) == (1, "too-deep")
        assert old.answer() is None
        assert old.process.wait(scan_engine.PATIENCE_SECONDS) == 0


def test_one_whose_time_is_over_is_not_clean(engine):
    found = engine.look(REFUSED["bomb of many"][0], milliseconds=1)
    assert (found.verdict, found.reason, found.end) == ("failed", "not-scanned", "overtime")
    assert engine.look(b"").verdict == "clean"


def test_one_that_is_killed_is_not_clean(tmp_path):
    """Whatever kills it, at any moment of its work."""
    with scan_engine.Engine(scan_engine.signatures(tmp_path / "signatures"), tmp_path / "log") as engine:
        for _ in range(20):
            engine.ask(REFUSED["bomb of many"][0])
            while not (children := engine.children()):
                pass
            os.kill(children[0], signal.SIGKILL)
            found = engine.answer()[1]
            assert (found.verdict, found.reason, found.end) == ("failed", "not-scanned", "killed")
        assert engine.look(b"").verdict == "clean"


def test_it_ends_with_its_conductor_and_what_it_had_in_hand_with_it(tmp_path):
    engine = scan_engine.Engine(scan_engine.signatures(tmp_path / "signatures"), tmp_path / "log")
    with engine:
        engine.ask(REFUSED["bomb of many"][0])
        while not (children := engine.children()):
            pass
    assert engine.process.returncode == 0
    assert not Path(f"/proc/{children[0]}").exists()
