"""An instance of the program, started and stopped by the Makefile as a person would."""

import http.client
import json
import os
import pathlib
import shutil
import ssl
import subprocess
import sys
import urllib.parse

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tools"), str(TOP / "tests")]

from instancelib.postgres import url_environment  # noqa: E402  (the path is set above)
from instancelib.site import nginx_program  # noqa: E402, F401  (an ordinary user's PATH does not lead to it)
from support import tokens  # noqa: E402


class Instance:
    """One instance: its directory, its demo.json, its database and its workers."""

    def __init__(self, var, port, environment):
        self.var = pathlib.Path(var).resolve()
        self.port = port
        self.environment = os.environ | environment
        self.demo = {}

    def make(self, target):
        done = subprocess.run(["make", "--no-print-directory", target, f"VAR={self.var}", f"PORT={self.port}"],
                              cwd=TOP, env=self.environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"make {target} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def start(self):
        self.make("start")
        self.demo = json.loads((self.var / "demo.json").read_text(encoding="utf-8"))

    def stop(self):
        self.make("stop")

    def remove(self):
        """What an earlier run left, stopped and deleted: a benchmark begins with an empty database."""
        if (self.var / "instance.json").exists():
            self.stop()
            if self.state != self.var and self.state.name.startswith("anamnesis-"):
                shutil.rmtree(self.state)
            shutil.rmtree(self.var)

    @property
    def base_url(self):
        return self.demo["base_url"]

    def open(self):
        """A TLS keep-alive connection that checks the instance's certificate."""
        parts = urllib.parse.urlsplit(self.base_url)
        context = ssl.create_default_context(cafile=self.demo["ca_file"])
        return http.client.HTTPSConnection(parts.hostname, parts.port, timeout=30, context=context)

    def call(self, method, path, body=None, token=None, revision=None, connection=None):
        """One request; the reply as JSON. Anything but 2xx is an error."""
        connection = connection or self.open()
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if revision:
            headers["If-Match"] = f'"{revision}"'
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        reply = connection.getresponse()
        text = reply.read()
        if reply.status >= 300:
            raise RuntimeError(f"{method} {path}: {reply.status} {text.decode(errors='replace')}")
        return json.loads(text) if text else None

    def psql(self, sql, **variables):
        """Runs SQL as the superuser; rows as lists of texts."""
        command = ["psql", "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1"]
        for name, value in variables.items():
            command += ["-v", f"{name}={value}"]
        done = subprocess.run(command, input=sql, capture_output=True, text=True, check=False,
                              env=os.environ | url_environment(self.demo["database_url"]))
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr[-2000:]}")
        return [line.split("\t") for line in done.stdout.splitlines() if line]

    @property
    def state(self):
        """Where the files are: the instance's directory, or what its links lead to (tools/instancelib/layout.py)."""
        return (self.var / "log").resolve().parent

    def new_token(self):
        """A session token's text, as lib/crypto/token.h defines it, and the hash that is stored."""
        keyring = json.loads(self.keyring.read_text(encoding="utf-8"))
        text = tokens.new_token(keyring)
        return text, tokens.token_hash("session", text, keyring)

    @property
    def keyring(self):
        return self.var / "keys" / "keyring.json"

    def workers(self, lane):
        """The process ids of one lane's workers."""
        supervisor = json.loads((self.state / "pids" / "fcgi.json").read_text(encoding="utf-8"))["pid"]
        children = pathlib.Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text().split()
        found = [int(pid) for pid in children
                 if pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[1:3] == [b"worker", lane.encode()]]
        if not found:
            raise RuntimeError(f"the {lane} lane has no workers; is the instance running?")
        return found

    @staticmethod
    def resident_megabytes(pids):
        """The largest resident memory among these processes."""
        sizes = [int(line.split()[1]) for pid in pids
                 for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS:")]
        return max(sizes) / 1024
