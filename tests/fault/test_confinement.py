"""What the running programs may still do: looked up in the kernel, and a worker that breaks out is replaced."""

import json
import os
import pathlib
import signal
import subprocess

import pytest
from faults.stack import wait_for

MEGABYTE = 1024 * 1024
FILTER = "2"


def state(pid):
    text = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)


def limits(pid):
    """name -> (soft, hard)"""
    lines = pathlib.Path(f"/proc/{pid}/limits").read_text(encoding="utf-8").splitlines()[1:]
    return {line[:26].strip(): tuple(line[26:].split()[:2]) for line in lines}


def confined(stack):
    return [*stack.workers(), stack.instance.jobs.pid()]


def test_every_worker_and_the_background_program_are_confined(whole):
    whole_pool = confined(whole)
    assert len(whole_pool) == whole.size + 1
    for pid in whole_pool:
        found = state(pid)
        assert (found["Seccomp"], found["NoNewPrivs"]) == (FILTER, "1"), pid
        assert int(found["Uid"].split()[1]) != 0 and int(found["CapEff"], 16) == 0
        most = str(int(whole.environment.get("ANAMNESIS_ADDRESS_SPACE_MB", 1024)) * MEGABYTE)
        assert limits(pid)["Max address space"] == (most, most)
        assert limits(pid)["Max core file size"] == ("0", "0")


def test_nobody_of_the_same_user_looks_into_them(whole):
    """PR_SET_DUMPABLE 0: what belongs to such a process is root's in /proc, so no debugger and no core."""
    for pid in confined(whole):
        assert os.stat(f"/proc/{pid}/mem").st_uid == 0
        account = whole.layout.jobs_account if pid == whole.instance.jobs.pid() else whole.layout.program_account
        done = subprocess.run(["cat", f"/proc/{pid}/maps"], capture_output=True, check=False, **account.popen)
        assert done.returncode != 0 and b"ermission denied" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="started by an ordinary user, all programs are that user's")
def test_workers_and_the_background_program_have_nothing_of_each_other(whole):
    """Accounts of their own, and files that only the one reads: whoever takes over a worker cannot sign the audit log."""
    keys, workers, jobs = whole.layout.keys, whole.layout.program_account, whole.layout.jobs_account
    uids = {pid: state(pid)["Uid"].split()[0] for pid in confined(whole)}
    assert uids.pop(whole.instance.jobs.pid()) == str(jobs.entry.pw_uid)
    assert set(uids.values()) == {str(workers.entry.pw_uid)} and workers.entry.pw_uid != jobs.entry.pw_uid
    for account, own, others in ((workers, ("keyring.json", "api.url"), ("keyring-jobs.json", "jobs.url")),
                                 (jobs, ("keyring-jobs.json", "jobs.url"), ("keyring.json", "api.url"))):
        for names, reads in ((own, True), (others + ("owner.url", "superuser.url", "auditor.url"), False)):
            for name in names:
                done = subprocess.run(["cat", keys / name], capture_output=True, check=False, cwd="/", **account.popen)
                assert (done.returncode == 0) == reads, (account.name, name)
    assert set(json.loads((keys / "keyring-jobs.json").read_text(encoding="utf-8"))) == {"seal", "audit"}
    assert "audit" not in json.loads((keys / "keyring.json").read_text(encoding="utf-8"))
    told = {"workers": whole.instance.workers_environment(), "jobs": whole.instance.jobs_environment()}
    assert not any(name.startswith("ANAMNESIS_JOBS_") for name in told["workers"])
    assert not {"ANAMNESIS_DATABASE_URL_FILE", "ANAMNESIS_KEYRING_FILE"} & told["jobs"].keys()


@pytest.mark.skipif(os.getuid() != 0, reason="workers forbid their own account to look into them; root may")
def test_no_memory_of_theirs_is_writable_and_code(whole):
    for pid in confined(whole):
        modes = [line.split()[1] for line in pathlib.Path(f"/proc/{pid}/maps").read_text(encoding="utf-8").splitlines()]
        assert any("x" in mode for mode in modes)
        assert not any("w" in mode and "x" in mode for mode in modes)


@pytest.mark.parametrize("lane", ["api", "auth", "bulk"])
def test_a_worker_that_the_kernel_ends_is_replaced_by_one_that_is_confined(whole, anonymous, lane):
    victim = whole.workers(lane)[0]
    os.kill(victim, signal.SIGSYS)
    wait_for("a whole pool", lambda: victim not in whole.workers() and whole.is_whole())
    died = [line for line in whole.log_lines() if line["event"] == "worker-died" and line["worker"] == victim]
    assert [line["signal"] for line in died] == [signal.SIGSYS]
    wait_for("confinement", lambda: all(state(pid)["Seccomp"] == FILTER for pid in whole.workers()))
    assert anonymous.get("/readyz").status_code == 200
