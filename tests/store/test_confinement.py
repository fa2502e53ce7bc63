"""What the running store may still do: looked up in the kernel."""

import os
import pathlib
import subprocess

import pytest
from conftest import BUILD

FILTER = "2"


def state(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def limits(pid):
    lines = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="utf-8").splitlines()[1:]
    return {line[:26].strip(): tuple(line[26:].split()[:2]) for line in lines}


def test_both_processes_are_confined(store):
    assert len(store.workers()) == 2
    for pid in store.workers():
        found = state(pid)
        assert (found["Seccomp"], found["NoNewPrivs"]) == (FILTER, "1")
        assert int(found["CapEff"], 16) == 0 or store.account is None
        assert int(found["Uid"].split()[1]) == (store.account.entry.pw_uid if store.account else os.getuid())
        assert limits(pid)["Max core file size"] == ("0", "0")
        assert limits(pid)["Max address space"] == (str(1 << 30), str(1 << 30))
    assert state(store.process.pid)["NoNewPrivs"] == "1"


def test_nobody_of_the_same_user_looks_into_them(store):
    """PR_SET_DUMPABLE 0: the supervisor has no key, and is closed all the same."""
    for pid in (store.process.pid, *store.workers()):
        assert os.stat(f"/proc/{pid}/mem").st_uid == 0
        if store.account is not None:
            done = subprocess.run(["cat", f"/proc/{pid}/maps"], capture_output=True, check=False, **store.account.popen)
            assert done.returncode != 0


@pytest.mark.skipif(os.getuid() != 0, reason="processes forbid their own account to look into them; root may")
def test_no_memory_of_theirs_is_writable_and_code(store):
    for pid in store.workers():
        modes = [line.split()[1] for line in pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()]
        assert any("x" in mode for mode in modes) and not any("w" in mode and "x" in mode for mode in modes)


@pytest.mark.skipif(os.getuid() != 0, reason="root alone sees what others have open")
def test_they_have_open_what_they_serve_and_nothing_else(store):
    """The socket, the directories, and what they were started with: neither the keyring's file nor anything of the system."""
    for pid in store.workers():
        links = {os.readlink(entry) for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir()}
        kinds = {link.split(":")[0] for link in links}
        paths = {link for link in links if link.startswith("/")}
        assert kinds - paths <= {"socket", "pipe"}
        assert paths <= {"/dev/null", str(store.log_file), str(store.objects), str(store.objects / "incoming"),
                         str(store.objects / "sealed")}


def test_no_library_of_a_database_or_of_decoders_is_in_it():
    said = subprocess.run(["readelf", "-d", BUILD / "anamnesis-store"], capture_output=True, text=True, check=True).stdout
    needed = [line.rsplit("[", 1)[1].split(".so")[0] for line in said.splitlines() if "(NEEDED)" in line]
    assert "libsodium" in needed
    assert not set(needed) & {"libpq", "libcurl", "libclamav", "libjpeg", "libheif", "libfcgi", "libssl", "libcrypto"}
