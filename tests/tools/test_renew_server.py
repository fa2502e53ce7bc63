"""An installed PostgreSQL that `anamnesis doctor` calls too old is renewed by a start, as far as Debian has a newer one."""

import pathlib
import re
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
DOCTOR = (TOP / "cli" / "doctor" / "doctor_database.c").read_text(encoding="utf-8")
LEAST = [(int(major), int(number) % 10000) for major, number in re.findall(r"\{(\d+), (\d+)\}",
                                                                           re.search(r"least_versions\[\] = (.*);", DOCTOR)[1])]
TOOLS = ("sh", "dirname", "awk", "sed", "xargs", "tr", "find", "head", "dpkg")


class Machine:
    """What tools/install asks of a machine with this server; `ran` has what it would have run as root."""

    def __init__(self, directory, major, have, offered):
        self.path, self.log = directory / "bin", directory / "ran"
        self.path.mkdir()
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool))
        self.answer("id", "echo 1000")
        self.answer("dpkg-query", f"case \"$*\" in *Version*) printf {have} ;; *) printf 'installed %s\\n' \"$@\" postgresql-{major} ;; esac")
        self.answer("apt-cache", f"echo '  Candidate: {offered}'")
        self.answer("sudo", f"echo \"$*\" >> {self.log}")

    def answer(self, name, script):
        (self.path / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (self.path / name).chmod(0o755)

    def start(self, status=0):
        """What was said. That a server is old lets no start fail."""
        done = subprocess.run([TOP / "tools" / "install", "run"], env={"PATH": str(self.path)}, capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == status, done.stderr
        return done.stderr

    def installed(self):
        lines = self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []
        return [line.split("--no-install-recommends ")[1] for line in lines if " install " in line]


@pytest.mark.parametrize("major, minor", LEAST)
@pytest.mark.parametrize("older", [1, 9])
def test_an_older_one_is_renewed(tmp_path, major, minor, older):
    """Nine less has a digit less, too: versions are numbers."""
    offered = f"{major}.{minor}-0+deb12u1"
    machine = Machine(tmp_path, major, f"{major}.{max(minor - older, 0)}-0+deb12u1", offered)
    assert f"is renewed: {offered}" in machine.start()
    assert machine.installed() == [f"postgresql-{major} postgresql-client-{major}"]


@pytest.mark.parametrize("major, minor", LEAST)
def test_one_that_is_new_enough_is_left_alone(tmp_path, major, minor):
    machine = Machine(tmp_path, major, f"{major}.{minor}-0+deb12u1", f"{major}.{minor + 1}-0+deb12u1")
    assert machine.start() == "" and machine.installed() == []


@pytest.mark.parametrize("offered", [f"{LEAST[0][0]}.1-1", "(none)"])
def test_where_debian_has_none_that_is_said(tmp_path, offered):
    major, minor = LEAST[0]
    machine = Machine(tmp_path, major, f"{major}.1-1", offered)
    said = machine.start()
    assert f"is older than {major}.{minor}" in said and "offers nothing newer yet" in said and machine.installed() == []


def test_a_start_goes_on_when_it_cannot_be_renewed(tmp_path):
    major, minor = LEAST[0]
    machine = Machine(tmp_path, major, f"{major}.1-1", f"{major}.{minor}-1")
    machine.answer("sudo", "case \"$*\" in *' install '*) exit 100 ;; esac")
    assert f"the start goes on with {major}.1-1" in machine.start()


def test_a_start_ends_where_a_package_that_it_needs_cannot_be_installed(tmp_path):
    machine = Machine(tmp_path, LEAST[0][0], "15.1-1", "(none)")
    machine.answer("dpkg-query", "exit 1")
    machine.answer("sudo", "case \"$*\" in *' install '*) exit 100 ;; esac")
    machine.start(status=100)


def test_somebody_without_root_is_told_who_renews_it(tmp_path):
    major, minor = LEAST[0]
    machine = Machine(tmp_path, major, f"{major}.1-1", f"{major}.{minor}-1")
    (machine.path / "sudo").unlink()
    assert "root has to renew it" in machine.start()
