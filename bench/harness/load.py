"""Load on an address, and what it cost: wrk in front, the processor time of the processes behind."""

import collections
import json
import os
import subprocess

import pathlib

LOAD = pathlib.Path(__file__).resolve().parents[1] / "load"
Result = collections.namedtuple("Result", "rate p50 p99 processor requests")


class LoadFailed(RuntimeError):
    """The requests were not answered as a benchmark needs: the figures would mean nothing."""


def processor_seconds(pids):
    """What all threads of these processes have used so far, from the scheduler's own nanosecond counts."""
    total = 0
    for pid in pids:
        for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def processor_with_children(pids):
    """Seconds of these, and of the processes that they have started and waited for."""
    ticks = sum(sum(map(int, pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[11:15])) for pid in pids)
    return ticks / os.sysconf("SC_CLK_TCK")


def write_plan(path, entries):
    """Entries are (method, path, token) or (method, path, token, revision); see load/common.lua."""
    with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        for entry in entries:
            file.write("\t".join(str(part) for part in entry) + "\n")


def run(script, url, plan, *, connections, threads, seconds, pids, arguments=()):
    """One measurement. `pids`: whose processor time counts. Raises LoadFailed when any request was refused."""
    before = processor_seconds(pids)
    command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", str(seconds), "--timeout", "10",
               "-s", str(LOAD / script), url, "--", str(plan), str(threads), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False,
                          env=os.environ | {"BENCH_LOAD": str(LOAD)})
    used = processor_seconds(pids) - before
    if done.returncode != 0 or not done.stdout.strip().endswith("}"):
        raise LoadFailed(f"wrk: {done.stdout}{done.stderr}")
    counts = json.loads(done.stdout.strip().splitlines()[-1])
    if counts["refused"] or counts["failed"] or not counts["requests"]:
        raise LoadFailed(f"{script} on {url}: {counts['requests']} requests, {counts['refused']} refused, "
                         f"{counts['failed']} failed")
    seconds_taken = counts["microseconds"] / 1e6
    return Result(rate=counts["requests"] / seconds_taken, p50=counts["p50"], p99=counts["p99"],
                  processor=used / counts["requests"] * 1e6, requests=counts["requests"])
