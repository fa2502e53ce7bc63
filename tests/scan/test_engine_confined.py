"""The engine's processes while they look at a file, and what becomes of files where the kernel or the disk gives less."""

import os
import subprocess
from pathlib import Path

import pytest
from support import hostile, scan_engine
from support.postgres import program

SLOW = hostile.refused()["bomb of many"][0]
NAMESPACES, LANDLOCK = 1, 2
FILTER = "2"
MEGABYTE = 1 << 20
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="mounts a small disk; and a process forbids its own account to look into it")


def without(*calls):
    return program("tests/programs/less_kernel").resolve(), *calls, "--"


def state(pid):
    text = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def limits(pid):
    """name -> soft limit"""
    lines = Path(f"/proc/{pid}/limits").read_text(encoding="utf-8").splitlines()[1:]
    return {line[:26].strip(): line[26:].split()[0] for line in lines}


def one_at_work(engine):
    """The process that looks at a file, once it has entered its filter."""
    engine.ask(SLOW)
    while True:
        for pid in engine.children():
            if state(pid).get("Seccomp") == FILTER:
                return pid


@pytest.fixture
def signatures(tmp_path):
    return scan_engine.signatures(tmp_path / "signatures")


def opened(pid, number):
    """What a descriptor is of; None when the process, which is at work, has closed it meanwhile."""
    try:
        return os.readlink(f"/proc/{pid}/fd/{number}")
    except FileNotFoundError:
        return None


@AS_ROOT
def test_a_process_that_looks_at_a_file_has_nothing_else(signatures, tmp_path):
    with scan_engine.Engine(signatures, tmp_path / "log") as engine:
        pid = one_at_work(engine)
        found = state(pid)
        assert (found["NoNewPrivs"], found["CapEff"], found["CapPrm"]) == ("1", "0" * 16, "0" * 16)
        for kind in ("user", "mnt", "net", "ipc", "uts"):
            assert os.readlink(f"/proc/{pid}/ns/{kind}") != os.readlink(f"/proc/self/ns/{kind}"), kind
        assert os.listdir(f"/proc/{pid}/root") == ["tmp"]
        assert Path(f"/proc/{pid}/net/dev").read_text(encoding="utf-8").count("\n") == 3  # two lines of titles, and lo
        targets = {os.readlink(f"/proc/{pid}/fd/{number}").partition("-")[0] for number in ("0", "1", "2")}
        assert targets == {"/dev/null"}
        others = [name for name in (opened(pid, number) for number in os.listdir(f"/proc/{pid}/fd") if int(number) > 2) if name]
        assert all(name.startswith(("/memfd:", "pipe:", "/tmp/")) for name in others), others
        held = limits(pid)
        assert (held["Max core file size"], held["Max open files"], held["Max cpu time"]) == ("0", "32", "10")
        assert held["Max file size"] == str(256 * MEGABYTE)
        assert int(held["Max address space"]) < 4096 * MEGABYTE
        modes = [line.split()[1] for line in Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()]
        assert not any("w" in mode and "x" in mode for mode in modes)


@pytest.mark.parametrize("calls, held", [(("unshare",), LANDLOCK), (("landlock_create_ruleset",), NAMESPACES)])
def test_one_of_namespaces_and_landlock_is_enough(signatures, tmp_path, calls, held):
    place = tmp_path / "place"
    place.mkdir()
    with scan_engine.Engine(signatures, tmp_path / "log", without(*calls), ANAMNESIS_SCAN_DIRECTORY=str(place)) as engine:
        assert engine.hello.held == held
        assert engine.look(hostile.infected()["zip in zip"]).verdict == "infected"
        assert engine.look(hostile.innocent()["docx"]).verdict == "clean"
        assert os.listdir(place) == []


@pytest.mark.parametrize("calls, place", [(("unshare", "landlock_create_ruleset"), "/tmp"), (("seccomp",), "/tmp"), (("unshare",), "/nowhere")])
def test_without_both_or_a_filter_or_a_directory_it_does_not_start(signatures, tmp_path, calls, place):
    with scan_engine.Engine(signatures, tmp_path / "log", without(*calls), ANAMNESIS_SCAN_DIRECTORY=place) as engine:
        assert engine.hello is None
        assert engine.process.wait(scan_engine.PATIENCE_SECONDS) == 78
    assert '"not-confined"' in (tmp_path / "log").read_text(encoding="utf-8")


@AS_ROOT
def test_on_a_disk_that_is_full_nothing_is_clean(signatures, tmp_path):
    """Namespaces are refused, so that files are unpacked on a disk; libclamav calls clean what it could not unpack there."""
    place = tmp_path / "small"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "small", place], check=True)
    try:
        with scan_engine.Engine(signatures, tmp_path / "log", without("unshare"), ANAMNESIS_SCAN_DIRECTORY=str(place)) as engine:
            assert engine.look(hostile.innocent()["docx"]).verdict == "clean"
            large = hostile.zipped(("a", hostile.noise(1000) + bytes(20 * MEGABYTE) + scan_engine.EICAR))
            found = engine.look(large)
            assert (found.verdict, found.reason) == ("failed", "not-scanned")
            (place / "more").write_bytes(bytes(16 * 1024))
            with open(place / "rest", "wb") as rest:
                with pytest.raises(OSError):
                    rest.write(bytes(8 * MEGABYTE))
                    rest.flush()
            for content in (b"", *hostile.innocent().values(), *hostile.infected().values()):
                found = engine.look(content)
                assert (found.verdict, found.reason) == ("failed", "not-scanned")
            (place / "rest").unlink()
            assert engine.look(hostile.innocent()["docx"]).verdict == "clean"
    finally:
        subprocess.run(["umount", place], check=True)


def test_without_a_directory_for_what_is_unpacked_nothing_is_clean(signatures, tmp_path):
    place = tmp_path / "place"
    place.mkdir()
    with scan_engine.Engine(signatures, tmp_path / "log", without("unshare"), ANAMNESIS_SCAN_DIRECTORY=str(place)) as engine:
        place.rmdir()
        found = engine.look(hostile.innocent()["docx"])
        assert (found.verdict, found.reason, found.end) == ("failed", "not-scanned", None)
        place.mkdir()
        assert engine.look(hostile.innocent()["docx"]).verdict == "clean"
