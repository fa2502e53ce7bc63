"""anamnesis-scan-clamd beside a real clamd with signatures of our own: what it finds and refuses, and when it does not believe it."""

import socket

import pytest
from support import hostile, scan_engine
from support.clamd import MADE_AT, PATIENCE_SECONDS, Clamd

EXPECTED = "Eicar-Test-Signature.UNOFFICIAL"
# Pages are looked at as they are shown alone; the engine looks at them as they are, too (docs/media.md).
INFECTED = {name: content for name, content in hostile.infected().items() if not name.startswith("html")}
INNOCENT = hostile.innocent()


def program(clamd, log, address=None):
    return scan_engine.Engine(clamd.directory, log, program="anamnesis-scan-clamd", ANAMNESIS_CLAMD=str(address or clamd.path))


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    place = tmp_path_factory.mktemp("clamd")
    with Clamd(place) as clamd, program(clamd, place / "log") as made:
        yield made


def test_which_signatures_it_has_and_of_when(running):
    assert running.hello.signatures.startswith("clamd ClamAV ") and running.hello.signatures.endswith("/27800")
    assert running.hello.signatures_at == MADE_AT * 1000000


@pytest.mark.parametrize("name", INFECTED)
def test_what_is_in_it_is_found(running, name):
    found = running.look(INFECTED[name])
    assert (found.verdict, found.signature, found.end) == ("infected", EXPECTED, "answered")


@pytest.mark.parametrize("name", INNOCENT)
def test_what_is_innocent_is_clean(running, name):
    assert running.look(INNOCENT[name])[:4] == ("clean", None, "", "answered")


HOLDERS = {"docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "pdf": "application/pdf"}


@pytest.mark.parametrize("name", HOLDERS)
def test_what_holds_other_files_is_never_clean_by_it(running, name):
    """It does not tell what it cut at a limit: a virus behind 52 million zeros in a DOCX would be clean."""
    content = INNOCENT[name]
    assert running.look(content, content_type=HOLDERS[name])[:4] == ("rejected", "not-understood", "", "answered")
    assert running.look(INFECTED["docx" if name == "docx" else "pdf, attached"], content_type=HOLDERS[name]).signature == EXPECTED


def test_what_the_engine_refuses_is_clean_by_nobody(running):
    refused = {name: content for name, (content, _) in hostile.refused().items()}
    refused["docx"] = hostile.docx(("word/media/image1.png", bytes(52428800) + scan_engine.EICAR))
    for name, content in refused.items():
        assert running.look(content, content_type=HOLDERS["docx"]).verdict in ("infected", "rejected"), name


def test_nothing_and_what_is_large(running):
    assert running.look(b"").verdict == "clean"
    assert running.look(b"words " * 8000000).verdict in ("clean", "rejected")


def test_an_archive_that_nobody_unpacks_is_refused(running):
    found = running.look(b"Rar!\x1a\x07\x01\x00" + b"packed" * 100)
    assert (found.verdict, found.reason) == ("rejected", "not-understood")


def test_by_a_port_of_this_machine(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with Clamd(tmp_path, TCPSocket=port, TCPAddr="127.0.0.1") as clamd:
        with program(clamd, tmp_path / "log", f"127.0.0.1:{port}") as made:
            assert made.look(scan_engine.EICAR).verdict == "infected"


@pytest.mark.parametrize("address", ["", "clamd.ctl", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536", "127.0.0.1:1x",
                                     "192.0.2.1:3310", "localhost:3310", "/" + "x" * 200])
def test_it_asks_nobody_elsewhere(tmp_path, address):
    with scan_engine.Engine(tmp_path, tmp_path / "log", program="anamnesis-scan-clamd", ANAMNESIS_CLAMD=address) as made:
        assert made.hello is None and made.process.wait(PATIENCE_SECONDS) != 0


@pytest.mark.parametrize("settings, said", [({"AlertEncrypted": "no"}, "AlertEncrypted"), ({"AlertExceedsMax": "no"}, "AlertExceedsMax"),
                                            ({"ScanArchive": "no"}, "ScanArchive"), ({"MaxRecursion": "90"}, "AlertExceedsMax")])
def test_one_that_passes_what_it_does_not_look_into_is_not_believed(tmp_path, settings, said):
    with Clamd(tmp_path, **settings) as clamd, program(clamd, tmp_path / "log") as made:
        assert made.hello is None and made.process.wait(PATIENCE_SECONDS) == 1
    assert "clamd-not-trusted" in (tmp_path / "log").read_text() and said in (tmp_path / "log").read_text()


def test_one_that_does_not_tell_its_signatures_or_has_none_for_the_canary(tmp_path):
    for name in ("untold", "others"):
        (tmp_path / name).mkdir()
    with Clamd(tmp_path / "untold", version=None) as clamd, program(clamd, tmp_path / "untold" / "log") as made:
        assert made.hello is None
    others = f"Another:0:*:{b'another one'.hex()}\n"
    with Clamd(tmp_path / "others", others) as clamd, program(clamd, tmp_path / "others" / "log") as made:
        assert made.hello is None
    assert "which signatures" in (tmp_path / "untold" / "log").read_text() and "EICAR" in (tmp_path / "others" / "log").read_text()


def test_one_that_is_gone_is_no_verdict_and_one_that_is_back_is_asked_again(tmp_path):
    with Clamd(tmp_path) as clamd, program(clamd, tmp_path / "log") as made:
        assert made.look(b"words").verdict == "clean"
        clamd.stop()
        gone = made.look(scan_engine.EICAR)
        assert (gone.verdict, gone.reason, gone.end) == ("failed", "not-scanned", None)
        clamd.start()
        assert made.look(scan_engine.EICAR).verdict == "infected"


def test_one_that_comes_back_with_other_signatures_ends_it(tmp_path):
    with Clamd(tmp_path) as clamd, program(clamd, tmp_path / "log") as made:
        clamd.stop()
        assert made.look(b"words").verdict == "failed"
        clamd.version += 1
        clamd.start()
        assert made.look(b"words")[:4] == ("failed", "not-scanned", "", None)  # nothing is said by them under the former name
        assert made.process.wait(PATIENCE_SECONDS) == 0
        with program(clamd, tmp_path / "log") as again:
            assert again.hello.signatures.endswith("/27801") and again.look(scan_engine.EICAR).verdict == "infected"


def test_nothing_is_said_by_other_signatures_within_the_minute_of_a_proof(tmp_path):
    with Clamd(tmp_path) as clamd, program(clamd, tmp_path / "log") as made:
        assert made.look(b"words").verdict == "clean"
        clamd.stop()
        clamd.version += 1
        clamd.start()
        assert made.look(scan_engine.EICAR)[:4] == ("failed", "not-scanned", "", None)
        assert made.process.wait(PATIENCE_SECONDS) == 0


def test_one_that_comes_back_with_other_settings_is_not_believed(tmp_path):
    with Clamd(tmp_path) as clamd, program(clamd, tmp_path / "log") as made:
        clamd.stop()
        assert made.look(b"words").verdict == "failed"
        settings = (tmp_path / "clamd.conf").read_text()
        (tmp_path / "clamd.conf").write_text(settings.replace("AlertExceedsMax yes", "AlertExceedsMax no"))
        clamd.start()
        assert made.look(b"words")[:4] == ("failed", "not-scanned", "", None)
        assert "AlertExceedsMax" in (tmp_path / "log").read_text()
        clamd.stop()
        (tmp_path / "clamd.conf").write_text(settings)
        clamd.start()
        assert made.look(b"words").verdict == "clean"
