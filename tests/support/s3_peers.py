"""Programs of others that speak as S3: versitygw (Go) and moto (PyPI), each on a port of its own of 127.0.0.1."""

import contextlib
import json
import os
import pathlib
import re
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request

from support import packages
from support.s3_client import KEY, REGION, SECRET

TOP = pathlib.Path(__file__).resolve().parents[2]
PLACE = TOP / "build" / "peers" / "cloud"
VERSITYGW = "github.com/versity/versitygw/cmd/versitygw@v1.8.0"
PATIENCE_SECONDS = 60
TRIES = 5
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:*"], "Resource": "*"}]})
IAM = "AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=any"  # says which service is meant


def versitygw():
    """The program, built when its version has changed."""
    place = PLACE / "versitygw"
    with packages.when_changed(place, VERSITYGW) as changed:
        if changed:
            subprocess.run(["go", "install", "-trimpath", VERSITYGW], check=True, timeout=900, env={**os.environ, "GOBIN": str(place)})
    return place / "versitygw"


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def listens(process, port):
    """Whether it is this one, and not another that was faster, who has the port."""
    held = set()
    with contextlib.suppress(FileNotFoundError):
        for entry in pathlib.Path(f"/proc/{process.pid}/fd").iterdir():
            held.add(os.readlink(entry))
    sockets = [line.split() for line in pathlib.Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]]
    return any(fields[1].endswith(f":{port:04X}") and fields[3] == "0A" and f"socket:[{fields[9]}]" in held for fields in sockets)


def start(words, environment):
    """The process and its port, another one when somebody was faster."""
    for _ in range(TRIES):
        port = free_port()
        process = subprocess.Popen([str(word) for word in words(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **environment})
        deadline = time.monotonic() + PATIENCE_SECONDS
        while process.poll() is None:
            if listens(process, port):
                return process, port
            assert time.monotonic() < deadline, f"{process.args[0]} does not listen"
            time.sleep(0.05)
    raise AssertionError(f"{process.args[0]} ends with {process.returncode}")


class Peer:
    """A running one, with a bucket; the URL of the bucket is `url`."""

    def __init__(self, name, words, **environment):
        """`words` is a function of the port that gives the command."""
        self.process, self.port = start(words, environment)
        self.name, self.origin = name, f"http://127.0.0.1:{self.port}"
        self.url, self.keys = self.origin + "/files", (KEY, SECRET)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=PATIENCE_SECONDS)


def start_versitygw(directory):
    data = pathlib.Path(directory) / "data"
    (data / "files").mkdir(parents=True)
    return Peer("versitygw", lambda port: [versitygw(), "--port", f"127.0.0.1:{port}", "--region", REGION, "--access", KEY, "--secret", SECRET, "posix", data])


def start_moto():
    """
    moto verifies nothing for S3 until it is told after how many requests to begin (text/plain), and then signatures in
    headers alone, of keys that its IAM has given: `keys` are such.
    """
    python = packages.python(TOP / "tests/peers/cloud/requirements.txt", PLACE)
    peer = Peer("moto", lambda port: [python / "moto_server", "-H", "127.0.0.1", "-p", str(port)])
    bucket = f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    assert ask(peer.url, "PUT", bucket.encode())[0] == 200
    for action in ("CreateUser", "PutUserPolicy", "CreateAccessKey"):
        form = {"Action": action, "Version": "2010-05-08", "UserName": "clinic", "PolicyName": "all", "PolicyDocument": POLICY}
        status, answer = ask(peer.origin, "POST", urllib.parse.urlencode(form).encode(), {"Authorization": IAM})
        assert status == 200, answer
    peer.keys = tuple(re.search(f"<{name}>(.*?)</{name}>", answer.decode())[1] for name in ("AccessKeyId", "SecretAccessKey"))
    return peer


def verify_signatures(peer, after="0"):
    assert ask(peer.origin + "/moto-api/reset-auth", "POST", after.encode(), {"Content-Type": "text/plain"})[0] == 200


def ask(url, method="GET", body=None, headers=()):
    """(status, body) of a plain request."""
    request = urllib.request.Request(url, method=method, data=body, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()
