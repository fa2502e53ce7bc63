"""System calls and database round trips a request, counted from outside the program by strace."""

import collections
import http.client
import pathlib
import re
import signal
import ssl
import subprocess
import tempfile
import time
import urllib.parse

Counts = collections.namedtuple("Counts", "calls trips")
CALL = re.compile(r"^(\w+)\((\d+)?")
SENDS = {"sendto", "sendmsg", "write", "writev"}
RECEIVES = {"recvfrom", "recvmsg", "read", "readv"}
# A message of PostgreSQL's extended protocol: Parse, Bind, Execute or Sync, and a length.
QUERY = re.compile(r'^\w+\(\d+, "[PBES]\\0\\0')


def count_trips(lines):
    """Turns from sending to receiving on the connection that carries PostgreSQL's messages."""
    database = {CALL.match(line).group(2) for line in lines
                if CALL.match(line) and CALL.match(line).group(1) in SENDS and QUERY.match(line)}
    sent, trips = set(), 0
    for line in lines:
        call = CALL.match(line)
        if not call or call.group(2) not in database:
            continue
        if call.group(1) in SENDS:
            sent.add(call.group(2))
        elif call.group(1) in RECEIVES and call.group(2) in sent and not re.search(r"= -1 ", line):
            sent.discard(call.group(2))
            trips += 1
    return trips


def connect(url, ca_file):
    """One TLS keep-alive connection."""
    parts = urllib.parse.urlsplit(url)
    return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=30,
                                       context=ssl.create_default_context(cafile=ca_file))


def count(pids, send, requests):
    """Traces these processes while `send()` is called `requests` times, one after the other."""
    with tempfile.TemporaryDirectory() as directory:
        prefix = pathlib.Path(directory) / "trace"
        command = ["strace", "-qq", "-ff", "-o", str(prefix), "-s", "8"]
        for pid in pids:
            command += ["-p", str(pid)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            wait_until_attached(pids)
            for _ in range(requests):
                send()
            time.sleep(0.2)
            strace.send_signal(signal.SIGINT)
            _, errors = strace.communicate(timeout=20)
        calls, trips = 0, 0
        for file in pathlib.Path(directory).iterdir():
            lines = [line for line in file.read_text(errors="replace").splitlines() if CALL.match(line)]
            calls += len(lines)
            trips += count_trips(lines)
    if calls == 0:
        raise RuntimeError(f"strace saw nothing; may it attach to other processes? {errors}")
    return Counts(calls=calls / requests, trips=trips / requests)


def wait_until_attached(pids):
    for _ in range(100):
        tracers = [re.search(r"^TracerPid:\s*(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
                   for pid in pids]
        if all(found and found.group(1) != "0" for found in tracers):
            return
        time.sleep(0.05)
    raise RuntimeError("strace could not attach to the workers (needs root, or the same user with ptrace allowed)")


def of_operation(bench, operation, instance, requests):
    """System calls and trips of so many requests; RuntimeError where strace may not attach."""
    saving, submitting = operation.script == "autosave.lua", operation.script == "submit.lua"
    plan = operation.plan(2 * requests) if submitting else operation.plan()
    entries = [dict(zip(("method", "path", "token", "revision"), entry)) for entry in plan]
    # An auto-save goes on with its own response, a submit is sent once for each, anything else goes through ten.
    different = 1 if saving else len(entries) if submitting else min(len(entries), 10)
    connection = instance.open()
    sent = iter(range(10 ** 9))

    def send():
        entry = entries[next(sent) % different]
        reply = instance.call(entry["method"], entry["path"], first_answer(bench) if saving else None, entry["token"],
                              entry.get("revision"), connection)
        if saving:
            entry["revision"] = reply["revision"]

    try:
        for _ in range(requests):  # every worker has the keys and statements that it needs
            send()
        return count(instance.workers("api"), send, requests)
    finally:
        connection.close()


def first_answer(bench):
    path, options = next(iter(bench.options.items()))
    return {"set": {path: [{"valueCoding": {name: options[0][name] for name in ("system", "code") if name in options[0]}}]}}
