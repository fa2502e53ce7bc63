"""What the running programs may still do: looked up in the kernel, and a worker that breaks out is replaced."""

import json
import os
import pathlib
import signal
import subprocess

import pytest
from faults.stack import children, wait_for
from instancelib.layout import Account

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
    return [*stack.workers(), stack.instance.jobs.pid(), *stack.stores()]


def account_of(stack, pid):
    layout = stack.layout
    return (layout.jobs_account if pid == stack.instance.jobs.pid() else
            layout.store_account if pid in stack.stores() else layout.program_account)


def test_every_program_that_serves_or_works_is_confined(whole):
    whole_pool = confined(whole)
    assert len(whole_pool) == whole.size + 1 + 2
    for pid in whole_pool:
        found = state(pid)
        assert (found["Seccomp"], found["NoNewPrivs"]) == (FILTER, "1"), pid
        assert int(found["Uid"].split()[1]) != 0 and int(found["CapEff"], 16) == 0
        most = str(int(whole.environment.get("ANAMNESIS_ADDRESS_SPACE_MB", 1024)) * MEGABYTE)
        assert limits(pid)["Max address space"] == (most, most)
        assert limits(pid)["Max core file size"] == ("0", "0")


@pytest.mark.skipif(os.getuid() != 0, reason="what a process was started with is root's to read")
def test_workers_keep_a_requests_blocks_at_hand(whole):
    """The allocator's cache holds what a request frees for the next one: it is asked for before the program starts."""
    assert whole.workers()
    for pid in whole.workers():
        started_with = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        assert b"GLIBC_TUNABLES=glibc.malloc.tcache_count=100" in started_with


def test_nobody_of_the_same_user_looks_into_them(whole):
    """PR_SET_DUMPABLE 0: what belongs to such a process is root's in /proc, so no debugger and no core."""
    for pid in confined(whole):
        assert os.stat(f"/proc/{pid}/mem").st_uid == 0
        done = subprocess.run(["cat", f"/proc/{pid}/maps"], capture_output=True, check=False, **account_of(whole, pid).popen)
        assert done.returncode != 0 and b"ermission denied" in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="started by an ordinary user, all programs are that user's")
def test_programs_have_nothing_of_each_other(whole):
    """Accounts of their own, and files that only the one reads: whoever takes over a worker cannot sign the audit log, and
    whoever takes over the store has neither a database nor a key but one."""
    keys, layout = whole.layout.keys, whole.layout
    workers, jobs, store = layout.program_account, layout.jobs_account, layout.store_account
    for pid in confined(whole):
        assert state(pid)["Uid"].split()[0] == str(account_of(whole, pid).entry.pw_uid)
    assert len({account.entry.pw_uid for account in (workers, jobs, store)}) == 3
    own = {"anamnesis": ("keyring.json", "api.url"), "anamnesis-jobs": ("keyring-jobs.json", "jobs.url"),
           "anamnesis-store": ("keyring-files.json",)}
    secrets = {name for names in own.values() for name in names} | {"owner.url", "superuser.url", "auditor.url"}
    # nginx's workers are in the groups of the sockets.
    for account in (workers, jobs, store, Account("www-data", ["anamnesis", "anamnesis-store"])):
        for name in secrets:
            done = subprocess.run(["cat", keys / name], capture_output=True, check=False, cwd="/", **account.popen)
            assert (done.returncode == 0) == (name in own.get(account.name, ())), (account.name, name)
    kinds = {name: set(json.loads((keys / name).read_text(encoding="utf-8"))) for name in secrets if name.startswith("keyring")}
    assert kinds["keyring-jobs.json"] == {"seal", "audit"} and kinds["keyring-files.json"] == {"files"}
    assert "audit" not in kinds["keyring.json"]
    told = {"workers": whole.instance.workers_environment(), "jobs": whole.instance.jobs_environment(),
            "store": whole.instance.store_environment()}
    assert not any(name.startswith("ANAMNESIS_JOBS_") for name in told["workers"].keys() | told["store"].keys())
    assert not {"ANAMNESIS_DATABASE_URL_FILE", "ANAMNESIS_KEYRING_FILE"} & (told["jobs"].keys() | told["store"].keys())
    assert "ANAMNESIS_FILES_KEYRING_FILE" not in told["workers"].keys() | told["jobs"].keys()


@pytest.mark.skipif(os.getuid() != 0, reason="started by an ordinary user, all programs are that user's")
def test_who_reaches_the_bytes_of_files(whole):
    """Of a part that they know workers and nginx see that it is there, and no byte; they list nothing."""
    incoming = whole.layout.objects / "incoming"
    place = incoming / "00000000-0000-4000-8000-000000000000"
    made = subprocess.run(["sh", "-c", f"umask 0; mkdir -m 771 {place} && umask 027 && echo plain > {place}/1"], cwd="/", check=False,
                          capture_output=True, text=True, **whole.layout.store_account.popen)
    assert made.returncode == 0, made.stderr
    try:
        def does(account, *words):
            return subprocess.run([*map(str, words)], cwd="/", check=False, capture_output=True, **account.popen).returncode == 0
        for account, sees in ((whole.layout.program_account, True), (Account("www-data"), True), (whole.layout.store_account, True)):
            assert does(account, "test", "-e", place / "1") == sees
        for account in (whole.layout.program_account, Account("www-data")):
            for words in (("cat", place / "1"), ("ls", place), ("ls", incoming), ("ls", whole.layout.objects),
                          ("ls", whole.layout.objects / "sealed"), ("touch", place / "2"), ("rm", "-f", place / "1")):
                assert not does(account, *words), (account.name, words)
        assert does(whole.layout.store_account, "cat", place / "1")
    finally:
        (place / "1").unlink(missing_ok=True)
        place.rmdir()


@pytest.mark.skipif(os.getuid() != 0, reason="root alone sees with which root others see")
def test_who_looks_at_files_sees_neither_keys_nor_objects(whole):
    """The engine and its kin have the conductor's account, which reads both; of the machine they have what they need, and no network."""
    if whole.log_lines("scan") and [line for line in whole.log_lines("scan") if line["event"] == "scan-program-not-apart"]:
        pytest.skip("this kernel gives no namespaces to everybody")
    names = {pid: pathlib.Path(f"/proc/{pid}/exe").readlink().name for pid in children(whole.instance.scan.pid())}
    assert sorted(names.values()) == ["anamnesis-scan", "anamnesis-scan-document", "anamnesis-scan-engine", "anamnesis-scan-picture"]
    for pid, name in names.items():
        root = pathlib.Path(f"/proc/{pid}/root")
        seen = {directory: sorted(os.listdir(f"{root}{directory}")) for directory in (whole.layout.keys, whole.layout.objects)}
        apart = name != "anamnesis-scan"
        assert (seen == {whole.layout.keys: [], whole.layout.objects: []}) == apart, name
        assert os.listdir(f"{root}{whole.layout.signatures}")
        assert (os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net")) == apart
        assert int(state(pid)["CapEff"], 16) == int(state(pid)["CapPrm"], 16) == 0


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
